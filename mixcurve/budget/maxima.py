"""Proven maxima of ``f(x) - λ x`` over intervals, from values of the curves alone: no derivative, no inflection.

For a curve that rises and is convex first and concave after, on a cell [a, b] with the point q = b + (b - a) beyond it,
g = f - λ x is at most

    max(g(a), g(b), R(a)),   R the line through (b, g(b)) and (q, g(q)),

wherever the inflection lies: on the convex part g is below the larger of its ends, and on the concave part, which
then reaches to q, below the line R, whose larger end is R(a) or g(b). It is also at most ``f(b) - λ a``. Halving the
cells that may hold more than the best point found ends with the maximum to any precision, since R(a) - g(b) falls with
the square of the width near a smooth maximum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.curves import Curve

__all__ = ["Responses", "form_problems"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

FIRST_CUTS = np.concatenate([[0.0], np.geomspace(1e-6, 1.0, 19)])
"""The first cells of an interval, as shares of its width: fine near its lower end, where small channels bend."""
HALVINGS = 60
"""Rounds of halving at most; a cell that is left then keeps its bound."""
FORM_POINTS = 240
"""Points at which the declared form of each curve is checked."""
ROUNDING = 1e-12
"""Relative rounding error that a value of a curve is allowed in that check."""


@dataclass(frozen=True, eq=False)
class Responses:
    """The response of channels, by number, from the curves' formulas."""

    curve: tuple[Curve, ...]
    parameters: FloatArray

    def at(self, channel: IndexArray, spend: FloatArray) -> FloatArray:
        """Return the response of each channel at each spend (both of one shape (m,))."""
        out = np.empty(spend.shape)
        kinds = list(dict.fromkeys(self.curve))
        kind = np.array([kinds.index(c) for c in self.curve])[channel]
        for number, curve in enumerate(kinds):
            chosen = kind == number
            top, *shape = self.parameters[channel[chosen], : len(curve.names)].T
            with np.errstate(over="ignore", under="ignore"):
                out[chosen] = top * curve.unit(spend[chosen], shape)
        return out

    def maxima(
        self, channel: IndexArray, low: FloatArray, high: FloatArray, price: FloatArray, precision: float
    ) -> FloatArray:
        """Return an upper bound on the maximum of f - price x on [low, high], to ``precision`` if it can be had."""
        return _maxima(self, channel, low, high, price, precision)


@dataclass
class _Cells:
    """Cells [a, b] of the intervals ``task``, with f at both ends and at q = b + (b - a)."""

    task: IndexArray
    a: FloatArray
    b: FloatArray
    fa: FloatArray
    fb: FloatArray
    fq: FloatArray

    def best(self, price: FloatArray) -> FloatArray:
        """Return the proven bound of each cell."""
        lam = price[self.task]
        ga, gb, width = self.fa - lam * self.a, self.fb - lam * self.b, self.b - self.a
        gq = self.fq - lam * (self.b + width)
        line = gb + (gb - gq)
        return np.minimum(np.maximum(np.maximum(ga, gb), line), self.fb - lam * self.a)

    def point(self, price: FloatArray) -> FloatArray:
        """Return the larger of g at the two ends."""
        lam = price[self.task]
        return np.maximum(self.fa - lam * self.a, self.fb - lam * self.b)

    def only(self, kept: npt.NDArray[np.bool_]) -> _Cells:
        return _Cells(
            self.task[kept], self.a[kept], self.b[kept], self.fa[kept], self.fb[kept], self.fq[kept]
        )


def _first_cells(responses: Responses, channel: IndexArray, low: FloatArray, high: FloatArray) -> _Cells:
    m, k = len(low), len(FIRST_CUTS)
    x = low[:, None] + (high - low)[:, None] * FIRST_CUTS
    x[:, -1] = high
    x = np.concatenate([x, 2.0 * x[:, 1:] - x[:, :-1]], axis=1)
    f = responses.at(np.repeat(channel, x.shape[1]), x.ravel()).reshape(x.shape)
    task = np.repeat(np.arange(m), k - 1)
    return _Cells(
        task,
        x[:, : k - 1].ravel(),
        x[:, 1:k].ravel(),
        f[:, : k - 1].ravel(),
        f[:, 1:k].ravel(),
        f[:, k:].ravel(),
    )


def _maxima(
    responses: Responses,
    channel: IndexArray,
    low: FloatArray,
    high: FloatArray,
    price: FloatArray,
    precision: float,
) -> FloatArray:
    cells = _first_cells(responses, channel, low, high)
    found = np.full(len(low), -np.inf)
    np.maximum.at(found, cells.task, cells.point(price))
    proven = found.copy()
    for _ in range(HALVINGS):
        open_ = (cells.best(price) > found[cells.task] + precision) & (cells.b > cells.a)
        cells = cells.only(open_)
        if not len(cells.task):
            return found + precision
        cells = _halved(responses, channel, cells)
        np.maximum.at(found, cells.task, cells.point(price))
    proven = found + precision
    np.maximum.at(proven, cells.task, cells.best(price))
    return proven


def _halved(responses: Responses, channel: IndexArray, cells: _Cells) -> _Cells:
    middle = 0.5 * (cells.a + cells.b)
    beyond = cells.b + (cells.b - middle)
    both = responses.at(np.concatenate([channel[cells.task]] * 2), np.concatenate([middle, beyond]))
    fm, fq = np.split(both, 2)
    return _Cells(
        np.concatenate([cells.task, cells.task]),
        np.concatenate([cells.a, middle]),
        np.concatenate([middle, cells.b]),
        np.concatenate([cells.fa, fm]),
        np.concatenate([fm, cells.fb]),
        np.concatenate([cells.fb, fq]),
    )


def form_problems(responses: Responses, names: tuple[str, ...], upper: FloatArray) -> Iterator[str]:
    """Yield the channels whose curve falls, or is not convex first and concave after, at points to twice ``upper``."""
    share = np.concatenate([[0.0], np.geomspace(1e-4, 2.0, FORM_POINTS - 1)])
    n = len(names)
    x = upper[:, None] * share
    f = responses.at(np.repeat(np.arange(n), FORM_POINTS), x.ravel()).reshape(n, FORM_POINTS)
    rounding = ROUNDING * np.abs(f).max(axis=1, keepdims=True)
    for i in np.flatnonzero(
        np.any(np.diff(f, axis=1) < -rounding, axis=1) | ~np.all(np.isfinite(f), axis=1)
    ).tolist():
        yield f"the response of '{names[i]}' falls, or is no number, somewhere between 0 and {2 * upper[i]:,.6g}"
    width = np.maximum(np.diff(x, axis=1), np.finfo(np.float64).tiny)
    slope = np.diff(f, axis=1) / width
    noise = 2.0 * rounding / width
    # After the slope has fallen by more than its rounding it may not rise again.
    least = np.minimum.accumulate(slope + noise, axis=1)
    peak = np.argmax(slope - noise, axis=1)[:, None]
    later = np.arange(slope.shape[1]) > peak
    rises_later = later & (
        slope - noise > np.minimum.accumulate(np.where(later, slope + noise, np.inf), axis=1)
    )
    most = np.maximum.accumulate(slope - noise, axis=1)
    falls_early = ~later & (slope + noise < most)
    wrong = np.any(rises_later | falls_early, axis=1) & np.isfinite(least).all(axis=1)
    for i in np.flatnonzero(wrong).tolist():
        yield f"the curve of '{names[i]}' is not convex first and concave after"
