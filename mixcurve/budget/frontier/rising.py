"""Values and bounds that rise with the budget, by proof: a plan for a smaller budget is one for a larger budget too.

So a value may be lifted to that of the best plan for a smaller budget, and a bound lowered to that for a larger one.
Both need the bounds of the larger budget to hold the plans of the smaller one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.frontier.plans import Point

__all__ = ["ROUNDING", "Risen", "risen"]

FloatArray = npt.NDArray[np.float64]
ROUNDING = 1e-12
"""Share of the budget by which bounds may differ through rounding alone."""


@dataclass(frozen=True, eq=False)
class Risen:
    """Value, bound and gap (K), spend and response (K × C), and the point whose plan each budget has (K)."""

    value: FloatArray
    upper_bound: FloatArray
    gap: FloatArray
    spend: FloatArray
    response: FloatArray
    points: tuple[Point, ...]


def risen(points: Sequence[Point]) -> Risen:
    """Return what the points prove together, in the order of their budgets."""
    kept = [points[0]]
    for point in points[1:]:
        before = kept[-1]
        kept.append(before if before.value > point.value and _holds(before, point) else point)
    bound = np.array([p.plan.upper_bound for p in points])
    for k in range(len(points) - 2, -1, -1):
        if bound[k + 1] < bound[k] and _wider(points[k], points[k + 1]):
            bound[k] = bound[k + 1]
    value = np.array([p.value for p in kept])
    bound = np.maximum(bound, value)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.where(bound > value, (bound - value) / np.abs(value), 0.0)
    response = np.array([[p.plan.response[c] for c in p.plan.channels] for p in kept])
    return Risen(value, bound, gap, np.array([p.spend for p in kept]), response, tuple(kept))


def _holds(plan: Point, at: Point) -> bool:
    """Whether a plan keeps the bounds that hold at a larger budget."""
    near = ROUNDING * at.budget
    budget = at.plan.budget
    return bool(np.all((plan.spend >= budget.lower - near) & (plan.spend <= budget.upper + near)))


def _wider(small: Point, large: Point) -> bool:
    """Whether the bounds at the larger budget hold every plan of the smaller one."""
    near = ROUNDING * large.budget
    a, b = small.plan.budget, large.plan.budget
    return bool(np.all((b.lower <= a.lower + near) & (b.upper >= np.minimum(a.upper, small.budget) - near)))
