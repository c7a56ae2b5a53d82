"""From a flighting problem to the best schedule found, the proven bound, and what proves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.flighting.bounding import Bounding, Fineness, bounding
from mixcurve.budget.flighting.course import Course
from mixcurve.budget.flighting.dual import Lowered, lowered
from mixcurve.budget.flighting.rows import Rows
from mixcurve.budget.flighting.schedules import best_schedule

__all__ = ["Flighted", "solve_flight"]

FloatArray = npt.NDArray[np.float64]

SEARCHED, PROVEN = Fineness(0.02, 24), Fineness(0.008, 200)
"""While prices are looked for, and for the bound that is stated."""
SETTLED = 0.02
"""Share of the tolerance to which the prices are settled."""


@dataclass(frozen=True, eq=False)
class Flighted:
    """The best schedule found (T × C) with its value, and the bound with prices of the rows (R,) and slopes (T × C)."""

    spend: FloatArray
    value: float
    bound: float
    price: FloatArray
    slopes: FloatArray
    evaluations: int


def solve_flight(
    course: Course,
    rows: Rows,
    starts: Sequence[FloatArray],
    *,
    tolerance: float,
    tell: Callable[[int], None] = lambda _: None,
) -> Flighted:
    """Solve; ``starts`` keep all bounds, and the schedule returned is never worse than any of them."""
    coarse = _routes(bounding(course, rows, SEARCHED), _unit_price(course, rows))
    tell(1)
    low = lowered(coarse.evaluate, rows, _unit_price(course, rows), SETTLED * tolerance)
    tell(2)
    spend, value = best_schedule(coarse, low, starts, tolerance)
    tell(3)
    bound, slopes = _proven(coarse, low)
    tell(4)
    return Flighted(spend, value, max(bound, value), low.best.price, slopes, len(low.every))


def _unit_price(course: Course, rows: Rows) -> float:
    """Return what a unit of money brings on average if the most useful channel alone gets all of it, evenly."""
    problem = course.problem
    even = np.minimum(problem.budget / problem.periods, problem.period_upper)
    gain = course.gradient(np.zeros_like(even))[0]
    found = 0.0
    for c in range(even.shape[1]):
        one = np.zeros_like(even)
        one[:, c] = even[:, c]
        spent = float(one.sum())
        worth = course.value(one) - gain + problem.money_cost * spent
        found = max(found, worth / spent if spent > 0 else 0.0)
    return max(found, float(np.finfo(np.float64).tiny))


def _routes(bounds: Bounding, price: float) -> Bounding:
    """Return the bounding with each channel whose kernel is not geometric on the route that is tighter at a price."""
    if bounds.grid.exact.all():
        return bounds
    start = np.zeros(len(bounds.rows.limit))
    start[0] = price
    by_cover = bounding(bounds.course, bounds.rows, SEARCHED, np.ones_like(bounds.by_state))
    cover, spread = by_cover.evaluate(start), bounds.evaluate(start)
    return bounding(bounds.course, bounds.rows, SEARCHED, bounds.by_state | (cover.part < spread.part))


def _proven(coarse: Bounding, low: Lowered) -> tuple[float, FloatArray]:
    """Return the bound on finer knots at the best prices, and the slopes of channels that have them."""
    fine = bounding(coarse.course, coarse.rows, PROVEN, coarse.by_state)
    found, slopes = fine.at(low.best.price)
    return found.bound, slopes
