"""Proven maxima, over intervals, of a sum of S-curves less a price: from values of the curves alone.

For a curve f that rises and is convex first and concave after, and points a < b < q, the line

    f(b) - s (b - x),    s = min((f(b) - f(a)) / (b - a), (f(q) - f(b)) / (q - b)),

lies above f on [a, b], wherever the inflection z lies. Where f is convex the chord of [a, b] is above it and, s being
at most the chord's slope, the line above the chord. Where z is in [a, b]: right of z, f is concave to q, hence below
the line through (b, f(b)) and (q, f(q)); left of z it is below the chord from a to z, whose two ends are below the
line. Lines add up: with weights of at least 0 the sum F is below ``F(b) - S (b - x)``, S the sum of the weighted s,
and ``F - price x`` below the larger end of a line. Money that buys v(x), concave, has v(b) - v(x) >= v'(b) (b - x),
which multiplies s. A response that counts against the sum is at least what it is at a. Halving the intervals that may
hold more than the best point found ends with the maximum to any precision.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.proof.intervals import FIRST_CUTS, first_intervals
from mixcurve.budget.proof.responses import DrawnResponses

__all__ = ["Peaks", "Tasks", "proven_peaks"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

HALVINGS = 60
"""Rounds of halving at most; an interval that is left then keeps its bound."""
VALUES = 2_000_000
"""Values of curves per array (16 MB), which holds memory down."""
MOST_OPEN = 8 * VALUES
"""Values at which halving ends; reached only where a response counts against the sum, or by a proof made to be slow."""


@dataclass(frozen=True, eq=False)
class Tasks:
    """M maxima wanted: of ``offset + Σ_terms gain F + base F' - price t`` over t in [low, high], and of ``floor``.

    Parameters
    ----------
    group
        The sum of maxima that each belongs to (M,): those of one leaf, side by side.
    low, high, price, offset
        (M,). Where ``high < low`` there is no amount and only ``floor`` counts.
    floor
        What the cell brings when it is off; minus infinity where it may not be (M,).
    owner, channel, gain, base
        The terms (T,): the task of each, rising; its channel; what its mean response counts under the weights of the
        task's group, and under the model's own.
    weight
        Weights of the draws by group (groups × D), or (0 × 0): the model's own.
    """

    group: IndexArray
    low: FloatArray
    high: FloatArray
    price: FloatArray
    offset: FloatArray
    floor: FloatArray
    owner: IndexArray
    channel: IndexArray
    gain: FloatArray
    base: FloatArray
    weight: FloatArray

    def part(self, first: int, end: int) -> Tasks:
        """Return the tasks from ``first`` to before ``end``."""
        of = slice(*np.searchsorted(self.owner, [first, end]))
        whole = slice(first, end)
        return Tasks(
            self.group[whole], self.low[whole], self.high[whole], self.price[whole], self.offset[whole],
            self.floor[whole], self.owner[of] - first, self.channel[of], self.gain[of], self.base[of], self.weight,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Peaks:
    """The proven maximum of each task (M,), and the size of what was added up for it, to which rounding is relative."""

    bound: FloatArray
    size: FloatArray


def proven_peaks(
    responses: DrawnResponses, tasks: Tasks, precision: float, enough: FloatArray | None = None
) -> Peaks:
    """Return a proven maximum of each task, to ``precision`` if it can be had.

    ``enough`` (groups,) is what the maxima of a group may add up to: halving ends for a group that keeps it.
    """
    draws, m = len(responses.model.weight), len(tasks.low)
    terms = max(1.0, len(tasks.owner) / max(m, 1))
    step = max(1, int(VALUES / (terms * draws * (len(FIRST_CUTS) + 1))))
    bound, size = np.empty(m), np.empty(m)
    for first in range(0, m, step):
        part = tasks.part(first, min(first + step, m))
        allowed = None if enough is None else _whole_groups(tasks.group, first, part, enough)
        found = _peaks(responses, part, precision, allowed)
        bound[first : first + step], size[first : first + step] = found.bound, found.size
    return Peaks(bound, size)


def _whole_groups(group: IndexArray, first: int, part: Tasks, enough: FloatArray) -> FloatArray:
    """Return what groups may add up to, minus infinity for those that only partly lie in this part."""
    allowed = enough.copy()
    if first:
        allowed[group[first - 1]] = -np.inf
    end = first + len(part.group)
    if end < len(group):
        allowed[group[end]] = -np.inf
    return allowed


def _peaks(responses: DrawnResponses, tasks: Tasks, precision: float, enough: FloatArray | None) -> Peaks:
    intervals, size = first_intervals(responses, tasks, np.flatnonzero(tasks.high >= tasks.low))
    found = tasks.floor.copy()
    settled = np.full(len(found), np.nan)
    for _ in range(HALVINGS):
        np.maximum.at(found, intervals.task, intervals.points(tasks).max(axis=0))
        above = intervals.above(tasks)
        bound = np.where(np.isnan(settled), found + precision, settled)
        np.maximum.at(bound, intervals.task, above)
        if enough is not None:
            settled = np.where(_kept(tasks, bound, enough), bound, settled)
        open_ = (above > found[intervals.task] + precision) & np.isnan(settled[intervals.task])
        if not open_.any() or open_.sum() * intervals.per_interval > MOST_OPEN:
            break
        intervals = intervals.only(open_).halved(tasks)
    return Peaks(bound, size)


def _kept(tasks: Tasks, bound: FloatArray, enough: FloatArray) -> npt.NDArray[np.bool_]:
    """Return the tasks (M,) of groups whose maxima are proven to add up to no more than is allowed."""
    return (np.bincount(tasks.group, bound, len(enough)) <= enough)[tasks.group]
