"""The shadow price of a budget where other constraints hold too: the best small move with one more unit of money."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.rows import rows_used

__all__ = ["active_rows", "shadow_price"]

FloatArray = npt.NDArray[np.float64]

ACTIVE = 1e-7
"""Relative distance of a row to its limit up to which it counts as binding."""
AT_BOUND = 1e-9
"""Distance to a bound, relative to the budget, within which a cell counts as at it."""


def active_rows(model: Model, amount: FloatArray, response: FloatArray) -> list[int]:
    """Return the places of rows that hold with equality at a plan, the total budget left out."""
    used, size = rows_used(model, amount, response)
    limit = np.array([row.limit for row in model.rows])
    close = used >= limit - ACTIVE * size
    return [k for k in np.flatnonzero(close).tolist() if model.rows[k].kind != "total"]


def shadow_price(
    model: Model, amount: FloatArray, response: FloatArray, slope: FloatArray, gain: FloatArray
) -> float:
    """Return what one more unit of budget adds to the objective, to first order.

    Parameters
    ----------
    model, amount
        The problem and the plan (n).
    response, slope
        Mean response and marginal response of each channel (C), which rows read.
    gain
        What one more unit of spend on each channel adds to the objective (C), money not subtracted.
    """
    from scipy.optimize import linprog

    total = next((row.limit for row in model.rows if row.kind == "total"), 0.0)
    near = AT_BOUND * max(total, 1e-300)
    cost = np.zeros(model.cells)
    np.add.at(cost, model.cell, gain * model.share)
    cost -= model.money_cost
    active = [model.rows[k] for k in active_rows(model, amount, response)]
    pushed = np.zeros((len(active), model.cells))
    for line, row in zip(pushed, active, strict=True):
        line += row.money
        np.add.at(line, model.cell, row.response * slope * model.share)
    counted = any(row.kind == "count" for row in active)
    off = (amount <= near) & (model.optional | (model.setup > 0) | counted)
    # An upper bound that is only the budget itself would rise with it.
    full = (amount >= model.upper - near) & (model.upper + model.setup < total - near)
    up = np.where(off | full, 0.0, 1.0)
    down = np.where(off | (amount <= model.lower + near), 0.0, -1.0)
    moves: Any = np.stack([down, up], axis=1)
    rows = np.vstack([pushed, np.ones((1, model.cells))])
    limits = np.concatenate([np.zeros(len(active)), [1.0]])
    found = linprog(-cost, A_ub=rows, b_ub=limits, bounds=moves, method="highs")
    # Moves that spend nothing more are worth their own rounding only; they are what the rest is measured against.
    limits[-1] = 0.0
    still = linprog(-cost, A_ub=rows, b_ub=limits, bounds=moves, method="highs")
    if found.x is None or still.x is None:
        return float("nan")
    return max(float(cost @ (found.x - still.x)), 0.0)
