"""The best even spread: the same spend in every period, and a proven bound on what any even spread brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize, minimize_scalar

from mixcurve.budget.flighting.course import Course

__all__ = ["EvenSpread", "best_even"]

FloatArray = npt.NDArray[np.float64]

STEPS = 600
"""Steps of spend at which even spreads are compared."""
FINE = 8
"""Cells per step for the bound, where the curves have one draw."""
AT_ONCE = 4_000_000
"""Values of curves up to which the finer cells are used."""
PRECISION = 1e-14
"""Relative change of the value at which the local search for an even spread ends."""
ROUNDING = 1e-9
"""Share of the largest spend that a plan's spend is drawn back by at most, so that sums stay within limits."""


@dataclass(frozen=True, eq=False)
class EvenSpread:
    """``spend`` per period (C,), its ``value`` over the horizon, and ``bound``, which no even spread exceeds."""

    spend: FloatArray
    value: float
    bound: float


def best_even(course: Course) -> EvenSpread | None:
    """Return the best even spread within the bounds, or None where they allow none."""
    problem = course.problem
    periods = problem.periods
    low = np.maximum(problem.period_lower.max(axis=0), problem.lower / periods)
    high = np.minimum(problem.period_upper.min(axis=0), problem.upper / periods)
    total = min(problem.budget / periods, float(problem.period_budgets.min()))
    left = total - low.sum()
    if np.any(low > high) or left < 0:
        return None
    room = np.minimum(high - low, left)
    value, bound = _tables(course, low, room)
    chosen = _on_grid(value, low, room, left)
    chosen = _polished(course, chosen, (low, np.minimum(high, low + left)), total)
    most = _bound(course, bound, low, room, total)
    found = course.value(np.tile(chosen, (periods, 1)))
    return EvenSpread(chosen, found, max(most, found))


def _tables(course: Course, low: FloatArray, room: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return each channel's objective, money aside, at ``low + room k / cells``: coarse (C × STEPS + 1), and fine."""
    periods, channels = course.scale.shape
    size = STEPS * periods * channels * len(course.curves.draws)
    fine = FINE if size * FINE <= AT_ONCE else 1
    share = np.linspace(0.0, 1.0, STEPS * fine + 1)
    rows = []
    for c in range(channels):
        spend = low[c] + room[c] * share
        unit = course.kernel[c] @ (1.0 / course.problem.prices[:, c])
        state = course.carried[:, c] + spend[:, None] * unit
        counted = course.curves.value(c, state) @ course.scale[:, c]
        rows.append(counted + spend * float((course.linear[:, c] / course.problem.prices[:, c]).sum()))
    table = np.stack(rows)
    return table[:, ::fine], table


def _on_grid(value: FloatArray, low: FloatArray, room: FloatArray, left: float) -> FloatArray:
    """Return the best plan whose spend above ``low`` is in steps of ``left / STEPS``: a dynamic programme."""
    if left <= 0:
        return low
    amounts = left * np.arange(STEPS + 1) / STEPS
    best, choices = np.zeros(STEPS + 1), []
    index = np.arange(STEPS + 1)[:, None] - np.arange(STEPS + 1)
    for c in range(len(low)):
        at = np.linspace(0.0, 1.0, STEPS + 1) * room[c]
        gain = np.interp(amounts, at, value[c]) if room[c] > 0 else np.full(STEPS + 1, value[c, 0])
        gain = np.where(amounts <= room[c] * (1.0 + ROUNDING), gain, -np.inf)
        sums = np.where(index >= 0, best[np.maximum(index, 0)] + gain, -np.inf)
        choices.append(np.argmax(sums, axis=1))
        best = sums.max(axis=1)
    out, k = low.copy(), int(np.argmax(best))
    for c in range(len(low) - 1, -1, -1):
        j = int(choices[c][k])
        out[c] += min(amounts[j], room[c])
        k -= j
    return out


def _polished(
    course: Course, start: FloatArray, bounds: tuple[FloatArray, FloatArray], total: float
) -> FloatArray:
    """Return a local optimum near ``start``, never worse."""
    periods = course.problem.periods
    size = max(total, np.finfo(np.float64).tiny)
    worth = max(abs(course.value(np.tile(start, (periods, 1)))), np.finfo(np.float64).tiny)

    def loss(share: FloatArray) -> tuple[float, FloatArray]:
        value, slope = course.gradient(np.tile(np.maximum(share, 0.0) * size, (periods, 1)))
        return -value / worth, -slope.sum(axis=0) * (size / worth)

    limit: Any = {"type": "ineq", "fun": lambda s: 1.0 - s.sum(), "jac": lambda s: -np.ones_like(s)}
    between: Any = np.stack(bounds, axis=1) / size
    options: Any = {"ftol": PRECISION, "maxiter": 200}
    found = minimize(
        loss, start / size, jac=True, method="SLSQP", bounds=between, constraints=limit, options=options
    )
    spend = np.clip(found.x * size, *bounds)
    over = spend.sum() - total
    if over > 0:
        room = spend - bounds[0]
        spend = spend - room * min(1.0, over / max(float(room.sum()), np.finfo(np.float64).tiny))
    spend = np.where((spend <= ROUNDING * total) & (bounds[0] <= 0), 0.0, spend)
    before, after = (course.value(np.tile(s, (periods, 1))) for s in (start, spend))
    return spend if after >= before else start


def _bound(course: Course, table: FloatArray, low: FloatArray, room: FloatArray, total: float) -> float:
    """Return the Lagrangian bound on even spreads: a cell of spend brings what its upper end does, at its lower's cost.

    The objective, money aside, rises with spend as long as credits are not negative, which they are not.
    """
    cells = table.shape[1] - 1
    spend = low[:, None] + room[:, None] * (np.arange(cells) / cells)
    periods, cost = course.problem.periods, course.problem.money_cost

    def dual(price: float) -> float:
        best = (table[:, 1:] - (price + cost * periods) * spend).max(axis=1)
        return price * total + float(best.sum())

    steepest = float((table[:, -1] - table[:, 0]).max()) / max(total, np.finfo(np.float64).tiny)
    top = max(steepest * cells, np.finfo(np.float64).tiny)
    found = minimize_scalar(
        lambda z: dual(float(np.exp(z))), bounds=(np.log(top) - 35.0, np.log(top)), method="bounded"
    )
    return min(dual(0.0), dual(float(np.exp(found.x))), float(table[:, -1].sum())) + course.constant
