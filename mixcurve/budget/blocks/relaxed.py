"""The relaxation of many one-constraint problems side by side: majorants, one price per problem, a proven bound.

A problem asks for ``max Σ F_i - p Σ money_i`` with ``least <= Σ money_i <= most``. With the F_i replaced by their
majorants, the straight segments are bought in the order of their slopes, until the next slope is below p or ``most`` is
spent; ``least`` is bought in any case. The slope at which buying ends is the price π, and by weak duality

    Σ max (F_i - π money_i) + max(π - p, 0) most - max(p - π, 0) least

bounds every plan of the problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Relaxed", "Segments", "joined", "relaxed"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

SLACK = 1e-13
"""Rounding allowed for in a bound, relative to the sizes of its terms."""
FITS = 1e-12
"""Relative excess of the least money over the most that counts as rounding."""


@dataclass(frozen=True, eq=False)
class Segments:
    """The majorants of one problem's n cells: where each begins, and all segments by falling slope."""

    base_x: FloatArray
    base_v: FloatArray
    cell: IndexArray
    slope: FloatArray
    width: FloatArray

    def replaced(self, cells: IndexArray, by: Segments) -> Segments:
        """Return the segments with those of some cells replaced; ``by`` numbers them by their place in ``cells``."""
        base_x, base_v = self.base_x.copy(), self.base_v.copy()
        base_x[cells], base_v[cells] = by.base_x, by.base_v
        changed = np.zeros(len(base_x), dtype=np.bool_)
        changed[cells] = True
        kept = ~changed[self.cell]
        slope = np.concatenate([self.slope[kept], by.slope])
        order = np.argsort(-slope, kind="stable")
        cell = np.concatenate([self.cell[kept], cells[by.cell]])[order]
        width = np.concatenate([self.width[kept], by.width])[order]
        return Segments(base_x, base_v, cell, slope[order], width)


@dataclass(frozen=True, eq=False)
class Relaxed:
    """For b problems: whether any plan exists, price (b), bound (b), and by problem the plan's money per cell.

    ``money`` and the majorants' values there, ``worth``, are flat, problem by problem. ``split`` is the cell (flat)
    whose money lies inside a segment, -1 where none does, and ``part`` how much of that segment it holds.
    """

    feasible: BoolArray
    price: FloatArray
    bound: FloatArray
    money: FloatArray
    worth: FloatArray
    split: IndexArray
    part: FloatArray


def joined(parts: Sequence[Segments]) -> tuple[Segments, IndexArray, IndexArray]:
    """Return all problems' segments in one, with the problem of each segment and of each cell."""
    sizes = np.array([len(p.base_x) for p in parts])
    first = np.cumsum(sizes) - sizes
    cell = np.concatenate([p.cell + f for p, f in zip(parts, first.tolist(), strict=True)])
    owner = np.repeat(np.arange(len(parts)), sizes)
    whole = Segments(
        np.concatenate([p.base_x for p in parts]),
        np.concatenate([p.base_v for p in parts]),
        cell,
        np.concatenate([p.slope for p in parts]),
        np.concatenate([p.width for p in parts]),
    )
    return whole, owner[cell], owner


def relaxed(
    whole: Segments,
    of_segment: IndexArray,
    of_cell: IndexArray,
    least: FloatArray,
    most: FloatArray,
    asked: FloatArray,
) -> Relaxed:
    """Solve b problems whose segments lie one after the other; ``asked`` is p (b,)."""
    b = len(least)
    base = np.bincount(of_cell, whole.base_x, b)
    worth = np.bincount(of_cell, whole.base_v, b)
    ends = np.searchsorted(of_segment, np.arange(b + 1))
    spent = np.cumsum(whole.width)
    before = np.append(0.0, spent)[ends[:-1]]
    after = base[of_segment] + (spent - before[of_segment])
    everything = base + np.bincount(of_segment, whole.width, b)
    feasible = (base <= most * (1.0 + FITS)) & (everything >= least * (1.0 - FITS))
    wanted = np.bincount(of_segment, whole.slope > asked[of_segment], b).astype(np.intp)
    fit_most = np.bincount(of_segment, after <= most[of_segment], b).astype(np.intp)
    fit_least = np.bincount(of_segment, after < least[of_segment], b).astype(np.intp)
    last = ends[1:] - ends[:-1]
    capped, forced = wanted > fit_most, wanted < np.minimum(fit_least + (least > base), last)
    count = np.where(capped, fit_most, np.where(forced, np.minimum(fit_least, last), wanted))
    target = np.where(capped, most, least)
    at = np.minimum(ends[:-1] + count, max(len(after) - 1, 0))
    cut = (capped | forced) & (count < last)
    price = np.where(cut, whole.slope[at], asked) if len(after) else asked.copy()
    part = np.where(cut, target - (after[at] - whole.width[at]), 0.0) if len(after) else np.zeros(b)
    money, value, split = _plan(whole, of_segment, ends, count, at, part)
    gain = np.maximum(whole.slope - price[of_segment], 0.0) * whole.width
    bound = worth - price * base + np.bincount(of_segment, gain, b)
    up, down = np.maximum(price - asked, 0.0), np.maximum(asked - price, 0.0)
    with np.errstate(invalid="ignore"):
        bound = bound + np.where(up > 0, up * most, 0.0) - np.where(down > 0, down * least, 0.0)
    steep = np.bincount(of_segment, np.abs(whole.slope) * whole.width, b)
    bound = bound + SLACK * (np.abs(worth) + np.abs(price) * everything + steep)
    return Relaxed(feasible, price, np.where(feasible, bound, -np.inf), money, value, split, part)


def _plan(
    whole: Segments,
    of_segment: IndexArray,
    ends: IndexArray,
    count: IndexArray,
    at: IndexArray,
    part: FloatArray,
) -> tuple[FloatArray, FloatArray, IndexArray]:
    """Return money and majorant per cell when each problem buys ``count`` segments and ``part`` of the next."""
    n = len(whole.base_x)
    place = np.arange(len(whole.slope)) - ends[of_segment]
    bought = np.where(place < count[of_segment], whole.width, 0.0)
    split = np.full(len(count), -1, dtype=np.intp)
    some = np.flatnonzero(part > 0)
    bought[at[some]] = np.minimum(part[some], whole.width[at[some]])
    inside = part[some] < whole.width[at[some]]
    split[some[inside]] = whole.cell[at[some][inside]]
    money = whole.base_x + np.bincount(whole.cell, bought, n)
    return money, whole.base_v + np.bincount(whole.cell, bought * whole.slope, n), split
