"""The quantile of the draws' totals as an objective, and what holds it from above on a box.

The quantile Q is at least t where k draws reach t. On a box where draw d's total lies between l_d and h_d, and for
0 <= w_d <= 1 / (t - l_d),

    [y_d >= t]  <=  1 + w_d (y_d - t)     and     [y_d >= t] = 0 where h_d < t,

so that with n draws left, ``k <= n + Σ w_d (y_d - t)``, or ``t <= (w · y + n - k) / Σ w``. What is linear in y for each
w is concave for the least of them. A bound on Q that is known caps the weights, and a better bound then lifts the caps.

For given weights the bound is sharpened: of the n draws left, n - k may miss t, each by t - l_d at most, so that
``Σ w_d y_d`` is at least ``t Σ w_d`` over those left, less the n - k largest of ``w_d (t - l_d)``, plus ``Σ w_d l_d``
over the others. Where that exceeds the most that ``Σ w_d y_d`` can be, t is not reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from mixcurve.budget.risk.weights import Weights

__all__ = ["QuantileMeasure", "Shortfall", "reached_by"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

HALVINGS = 40
"""Halvings between the quantiles at the ends of a box: to 1e-12 of their distance."""
TINY = float(np.finfo(np.float64).tiny)
ROUNDING = 1e-9
"""Distance, in draws, within which a share of the draws is a whole number of them."""


def reached_by(level: float, draws: int) -> int:
    """Return how many draws are at least a share ``1 - level``, one at least.

    Examples
    --------
    >>> reached_by(0.1, 1000), reached_by(0.1, 7), reached_by(1.0, 7)
    (900, 7, 1)
    """
    return max(ceil((1.0 - level) * draws - ROUNDING), 1)


@dataclass(frozen=True, eq=False)
class Shortfall:
    """The largest t with ``Σ cap_d (t - y_d)^+ <= spare``: what holds the quantile from above on a box.

    ``cap`` (D,) is 0 for draws that are left out or always reach; ``spare`` is how many of those left may fall short,
    negative where too few are left; ``bound`` is known to hold.
    """

    cap: FloatArray
    spare: int
    bound: float
    floor: float
    low: FloatArray
    high: FloatArray
    reach: int

    @property
    def empty(self) -> bool:
        """Whether fewer draws are left than must reach the quantile."""
        return self.spare < 0

    def cut(self, totals: FloatArray) -> tuple[FloatArray, float]:
        """Return the weights that are least at ``totals``, with sum 1, and their constant."""
        some = np.flatnonzero(self.cap > 0)
        if not len(some):
            return np.zeros_like(totals), self.bound
        order = some[np.argsort(totals[some], kind="stable")]
        y, cap = totals[order], self.cap[order]
        total = np.cumsum(cap)
        # What the first m draws fall short of the total of draw m + 1; the last of them may be passed by any t.
        short = np.append(total[:-1] * y[1:] - np.cumsum(cap * y)[:-1], np.inf)
        many = int(np.searchsorted(short, self.spare, side="right" if self.spare > 0 else "left")) + 1
        weight = np.zeros_like(totals)
        weight[order[:many]] = cap[:many] / total[many - 1]
        return weight, self.spare / float(total[many - 1])

    def mended(self, weight: FloatArray) -> tuple[FloatArray, float]:
        """Return the weights without draws that are left out, with sum 1, and the least constant they allow."""
        kept = np.where(self.cap > 0, np.maximum(weight, 0.0), 0.0)
        mass = float(kept.sum())
        if mass <= TINY:
            return np.zeros_like(weight), self.bound
        kept = kept / mass
        used = kept > 0
        return kept, self.spare / float((self.cap[used] / kept[used]).min())

    def sharpened(self, weight: FloatArray, most: float) -> float:
        """Return the least bound that weights prove where ``weight · totals`` is at most ``most``."""
        return proven_quantile(weight, most, self.low, self.high, self.reach)


def proven_quantile(weight: FloatArray, most: float, low: FloatArray, high: FloatArray, reach: int) -> float:
    """Return a t that the quantile does not exceed where ``weight · totals`` is at most ``most``."""
    k = len(low) - reach
    a, b = float(np.partition(low, k)[k]), float(np.partition(high, k)[k])
    for _ in range(HALVINGS):
        t = 0.5 * (a + b)
        left = high > t
        spare = int(left.sum()) - reach
        least = np.inf
        if spare >= 0:
            missed = np.sort(weight[left] * np.maximum(t - low[left], 0.0))[int(left.sum()) - spare :]
            least = float(weight[left].sum()) * t + float(weight[~left] @ low[~left]) - float(missed.sum())
        a, b = (a, t) if least > most else (t, b)
    return b


@dataclass(frozen=True, eq=False)
class QuantileMeasure:
    """The total that at least ``reach`` of the draws reach: the ``reach``-th largest."""

    reach: int
    concave = False
    climbs = 6
    steps = 0.0

    def value(self, totals: FloatArray) -> float:
        """Return the quantile."""
        return float(np.sort(totals)[len(totals) - self.reach])

    def near(self, totals: FloatArray, climb: int) -> Weights:
        """Return the least total among the draws that reach the quantile now: where it rises, so does the quantile."""
        cap = np.zeros_like(totals)
        cap[np.argsort(totals, kind="stable")[len(totals) - self.reach :]] = 1.0
        return Weights(np.zeros_like(totals), cap, 1.0)

    def on(self, low: FloatArray, high: FloatArray, bound: float, goal: float) -> Shortfall:
        """Return what holds the quantile from above on a box."""
        known = min(bound, self.value(high))
        left = high > goal
        gap = known - low
        cap = np.where(left & (gap > 0), 1.0 / np.where(gap > 0, gap, 1.0), 0.0)
        spare = int(left.sum()) - self.reach
        return Shortfall(cap, spare, max(known, goal), goal, low, high, self.reach)

    def proven(self, weight: FloatArray, most: float, low: FloatArray, high: FloatArray) -> float:
        """Return what ``weight · totals <= most`` proves of a box where totals lie between ``low`` and ``high``."""
        return proven_quantile(weight, most, low, high, self.reach)
