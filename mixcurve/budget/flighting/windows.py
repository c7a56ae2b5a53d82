"""The step of the dynamic programme where the spend of a period has bounds.

V(z) is the largest H(s) over ``decay z + gain least <= s <= decay z + gain most``, with H piecewise linear on knots.
Between the points z at which an end of this window meets a knot, V is the largest of two straight lines and a constant:
convex, and below its chord. V on the knots is then raised by what it exceeds their chords at those points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Windows", "windowed", "windows_of"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class _Points:
    """Points on the knots' line: the cell from knot ``place`` on, and the part of it."""

    place: IndexArray
    part: FloatArray

    def of(self, values: FloatArray) -> FloatArray:
        """Return values at the knots, interpolated."""
        left = values[self.place]
        return np.asarray(left + self.part * (values[self.place + 1] - left))


def points_at(knots: FloatArray, at: FloatArray) -> _Points:
    """Return where values between the first and the last knot lie."""
    place = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    return _Points(place, np.clip((at - knots[place]) / (knots[place + 1] - knots[place]), 0.0, 1.0))


@dataclass(frozen=True, eq=False)
class Windows:
    """The windows of one channel in one period, at the knots first and then at the points where an end meets a knot.

    ``left`` and ``right`` are the ends, ``first`` to ``last`` the knots between them (none where last < first), and
    ``inside`` where the further points lie between knots. ``fixed`` says that V is constant: no state carries over.
    """

    left: _Points
    right: _Points
    first: IndexArray
    last: IndexArray
    level: IndexArray
    inside: _Points
    fixed: bool


def windows_of(knots: FloatArray, decay: float, gain: float, least: float, most: float) -> Windows:
    """Return the windows for spend between ``least`` and ``most`` at today's prices; ``most`` may be infinite."""
    low, high, top = gain * least, gain * most, knots[-1]
    z = knots[:1] if decay == 0 else knots
    extra = np.empty(0)
    if decay > 0:
        # Without bounds the left end meets a knot where the point itself is one.
        meets = [(knots - end) / decay for end in ((low,) if low > 0 else ()) + (high,) if np.isfinite(end)]
        extra = np.concatenate([*meets, extra])
        extra = extra[(extra > 0) & (extra < top)]
    every = np.concatenate([z, extra])
    a, b = np.minimum(decay * every + low, top), np.minimum(decay * every + high, top)
    first = np.searchsorted(knots, a, side="left")
    last = np.searchsorted(knots, b, side="right") - 1
    count = np.maximum(last - first + 1, 1)
    level = np.floor(np.log2(count)).astype(np.intp)
    return Windows(
        points_at(knots, a), points_at(knots, b), first, last, level, points_at(knots, extra), decay == 0
    )


def windowed(held: FloatArray, windows: Windows) -> FloatArray:
    """Return V at the knots, raised so that its interpolation is nowhere below V."""
    best = np.maximum(windows.left.of(held), windows.right.of(held))
    some = windows.last >= windows.first
    first, last, level = windows.first[some], windows.last[some], windows.level[some]
    table = _largest(held, int(level.max(initial=0)))
    within = np.maximum(table[level, first], table[level, last + 1 - (1 << level)])
    best[some] = np.maximum(best[some], within)
    if windows.fixed:
        return np.full(len(held), best[0])
    knots, extra = best[: len(held)], best[len(held) :]
    excess = np.zeros(len(held) - 1)
    np.maximum.at(excess, windows.inside.place, extra - windows.inside.of(knots))
    padded = np.concatenate([[0.0], excess, [0.0]])
    return np.asarray(knots + np.maximum(padded[:-1], padded[1:]))


def _largest(values: FloatArray, levels: int) -> FloatArray:
    """Return the largest of 2^level values from each place on (levels + 1 × K)."""
    table = np.empty((levels + 1, len(values)))
    table[0] = values
    for level in range(1, levels + 1):
        half = 1 << (level - 1)
        table[level] = table[level - 1]
        np.maximum(table[level - 1, :-half], table[level - 1, half:], out=table[level, :-half])
    return table
