"""From a mixture of nodes to plans worth climbing from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.risk.tables import Tables

__all__ = ["filled", "plans_from"]

FloatArray = npt.NDArray[np.float64]

RISING = (0.5, 0.2, 0.8)
"""A cell counts as on where nodes above its mean, or the least of them, have at least this share."""


def plans_from(model: Model, tables: Tables, share: FloatArray) -> list[FloatArray]:
    """Return plans next to a mixture (N,): each cell at the mean of its upper or of its lower nodes.

    A cell's mixture of an S-curve is of two amounts far apart, of which a plan must choose one.
    """
    cells = model.cells
    total = np.bincount(tables.cell, weights=share, minlength=cells)
    mean = np.bincount(tables.cell, weights=share * tables.amount, minlength=cells) / np.maximum(
        total, 1e-300
    )
    above = tables.amount >= mean[tables.cell]
    high, part = _mean(tables, np.where(above, share, 0.0), cells, mean)
    low, _ = _mean(tables, np.where(above, 0.0, share), cells, mean)
    return [mean, *(np.where(part >= least, high, low) for least in RISING)]


def filled(model: Model, amount: FloatArray) -> FloatArray:
    """Return the plan with all cells that are on, and below their most, scaled up until a row of money is full."""
    free = (amount > 0) & (amount < model.upper)
    part = np.inf
    for row in model.rows:
        scaled = float(row.money[free] @ amount[free])
        if scaled > 0:
            part = min(part, 1.0 + (row.limit - float(row.money @ model.money(amount))) / scaled)
    if not 1.0 < part < np.inf:
        return amount
    return np.where(free, np.minimum(amount * part, model.upper), amount)


def _mean(tables: Tables, share: FloatArray, cells: int, empty: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mean amount of each cell under shares, and the sum of the shares."""
    part = np.bincount(tables.cell, weights=share, minlength=cells)
    amount = np.bincount(tables.cell, weights=share * tables.amount, minlength=cells)
    return np.where(part > 0, amount / np.where(part > 0, part, 1.0), empty), part
