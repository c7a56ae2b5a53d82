"""Prices of the constraints that make the proven bound least: cutting planes within a trust region.

For prices y >= 0 of the rows ``A x <= limit``, no schedule is worth more than ``D(y) = constant + limit y + Σ_c Φ_c``,
with Φ_c the most that channel c's objective can be when its money costs ``A^T y`` more (weak duality). D is convex;
each evaluation gives a plane below Φ_c, from the schedule that attains it. Any y proves a bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from mixcurve.budget.flighting.rows import Rows

__all__ = ["Evaluation", "Lowered", "lowered"]

FloatArray = npt.NDArray[np.float64]

ROUNDS = 80
"""Evaluations at most; one row needs about 8, a row per period about 50."""
SERIOUS = 0.1
"""Share of the promised decrease that moves the centre of the trust region."""
WIDENED, FARTHEST, EDGE = 3.0, 100.0, 1e-9
"""What the region grows by where its edge stops a step, up to so many times the unit price; and what counts as edge."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """D at ``price`` (R,): ``bound``, its parts by channel (C,), and the schedules that attain them (T × C)."""

    price: FloatArray
    bound: float
    part: FloatArray
    spend: FloatArray


@dataclass(frozen=True, eq=False)
class Lowered:
    """The best evaluation, all of them, and the weights (evaluations × C) that mix them into a schedule in the rows."""

    best: Evaluation
    every: tuple[Evaluation, ...]
    mix: FloatArray


def lowered(
    evaluate: Callable[[FloatArray], Evaluation], rows: Rows, unit: float, tolerance: float
) -> Lowered:
    """Return prices at which the bound is least, to ``tolerance`` of its value, from the price ``unit`` of the budget.

    Parameters
    ----------
    unit
        A price of money of the right size: the first trust region reaches from 0 to twice it.
    """
    start = np.zeros(len(rows.limit))
    start[0] = unit
    found = [evaluate(start)]
    centre, reach = found[0], unit
    mix = np.ones((1, len(centre.part)))
    for _ in range(ROUNDS):
        price, least, mix = _model(found, rows, centre, reach, unit)
        promised = centre.bound - least
        at_edge = bool(np.any(np.abs(price - centre.price) >= reach * (1.0 - EDGE)))
        if promised <= tolerance * abs(centre.bound):
            if not at_edge or reach >= FARTHEST * unit:
                break
            # Nothing more within the region, whose edge may be what stops it.
            reach *= WIDENED
            continue
        new = evaluate(price)
        found.append(new)
        rise = new.bound - centre.bound
        if rise <= -SERIOUS * promised:
            centre, reach = new, reach * (WIDENED if at_edge else 1.0)
        else:
            centre = min(centre, new, key=lambda one: one.bound)
            reach *= 0.5 if rise > promised else 1.0
    return Lowered(centre, tuple(found), np.vstack([mix, np.zeros((len(found) - len(mix), mix.shape[1]))]))


def _model(
    found: list[Evaluation], rows: Rows, centre: Evaluation, reach: float, unit: float
) -> tuple[FloatArray, float, FloatArray]:
    """Return the prices that the planes promise most from, D there by the planes, and the planes' weights."""
    channels, count, size = len(centre.part), len(found), max(abs(centre.bound), np.finfo(np.float64).tiny)
    used = np.stack([np.einsum("rtc,tc->cr", rows.weight, one.spend) for one in found])
    part = np.stack([one.part + used[k] @ one.price for k, one in enumerate(found)])
    # part_kc - used_kc y <= θ_c, in units of ``unit`` and ``size``.
    matrix = np.zeros((count, channels, len(rows.limit) + channels))
    matrix[:, :, : len(rows.limit)] = -used * (unit / size)
    matrix[:, np.arange(channels), len(rows.limit) + np.arange(channels)] = -1.0
    low = np.maximum(centre.price - reach, 0.0) / unit
    high = (centre.price + reach) / unit
    free = np.full(channels, np.inf)
    bounds: Any = np.column_stack([np.concatenate([low, -free]), np.concatenate([high, free])])
    cost = np.concatenate([rows.limit * (unit / size), np.ones(channels)])
    flat = matrix.reshape(-1, matrix.shape[-1])
    done = linprog(cost, A_ub=flat, b_ub=-part.ravel() / size, bounds=bounds, method="highs")
    if done.x is None or done.fun is None:
        return centre.price, centre.bound, np.zeros((count, channels))
    rest = centre.bound - float(rows.limit @ centre.price + centre.part.sum())
    weight = -done.ineqlin.marginals.reshape(count, channels)
    return done.x[: len(rows.limit)] * unit, float(done.fun) * size + rest, np.maximum(weight, 0.0)
