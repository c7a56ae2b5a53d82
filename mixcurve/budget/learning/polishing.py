"""Plans brought to the optimum near them: every cell inside its range gets the same slope, on smooth tables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.budget.learning.gridded import Grid, Mixed

__all__ = ["at", "polished"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

STEPS = 12
"""Newton steps: quadratic convergence needs half of them."""
STEEPEST = 3.0
"""Slopes at nodes count as at most this times the slope between: the cubic then rises (Fritsch and Carlson 1980)."""
REACH = 0.3
"""The largest step, as a share of the amount or of the rest of the range."""


def at(
    grid: Grid, table: Mixed, row: IndexArray, amount: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return value, slope and second derivative at amounts (M × n) of rows (M × n): cubic between nodes (Hermite)."""
    cells = np.broadcast_to(np.arange(len(grid.amount)), amount.shape)
    size = grid.amount.shape[1]
    k = np.stack(
        [np.searchsorted(grid.amount[i], amount[:, i], side="right") - 1 for i in range(amount.shape[1])],
        axis=1,
    )
    k = np.clip(k, 0, size - 2)
    start, end = grid.amount[cells, k], grid.amount[cells, k + 1]
    width = np.where(end > start, end - start, 1.0)
    t = np.where(end > start, (amount - start) / width, 0.0)
    v0, v1, s0, s1 = (
        table.value[row, k],
        table.value[row, k + 1],
        table.slope[row, k],
        table.slope[row, k + 1],
    )
    s1 = np.where(_at_corner(grid, end), table.right[row, k], s1)  # the slope there is that of what follows
    rise = np.where(end > start, v1 - v0, 0.0)
    steepest = STEEPEST * rise / width
    s0, s1 = np.minimum(s0, steepest), np.minimum(s1, steepest)
    a, b = s0 * width - rise, rise - s1 * width
    value = v0 + t * rise + t * (1 - t) * (a * (1 - t) + b * t)
    slope = (rise + (1 - 2 * t) * (a * (1 - t) + b * t) + t * (1 - t) * (b - a)) / width
    second = (-2 * (a * (1 - t) + b * t) + 2 * (1 - 2 * t) * (b - a)) / width**2
    return value, slope, second


def polished(
    grid: Grid, table: Mixed, row: IndexArray, amount: FloatArray, setup: FloatArray, total: float
) -> FloatArray:
    """Return plans (M × n) of at most the total money, none worth less than before but for rounding.

    Cells at an end of their range, and those where the curve is not concave, stay as they are.
    """
    low, high = grid.amount[:, 0], grid.amount[:, -1]
    out = amount.copy()
    for _ in range(STEPS):
        _, slope, second = at(grid, table, row, out)
        spare = total - out.sum(axis=1) - np.where(out > 0, setup, 0.0).sum(axis=1)
        free = (out > low) & (out < high) & (second < 0) & ~_at_corner(grid, out)
        ease = np.where(free, -1.0 / np.where(free, second, -1.0), 0.0)
        whole = ease.sum(axis=1)
        price = np.where(
            whole > 0, ((slope * ease).sum(axis=1) - spare) / np.where(whole > 0, whole, 1.0), 0.0
        )
        step = (slope - np.maximum(price, 0.0)[:, None]) * ease
        reach = REACH * np.maximum(out - low, high - out)
        out = np.clip(
            out + np.clip(step, -reach, reach), np.where(out > 0, low, 0.0), np.where(out > 0, high, 0.0)
        )
    return _within(out, low, setup, total)


def _at_corner(grid: Grid, amount: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which amounts lie where the slope breaks off: there two slopes hold, and often the price between them."""
    return (amount[..., None] == grid.corner).any(axis=-1)


def _within(amount: FloatArray, low: FloatArray, setup: FloatArray, total: float) -> FloatArray:
    """Take what exceeds the total from the cells with the most room, in proportion to it."""
    room = np.where(amount > 0, np.maximum(amount - low, 0.0), 0.0)
    over = amount.sum(axis=1) + np.where(amount > 0, setup, 0.0).sum(axis=1) - total
    whole = room.sum(axis=1)
    share = np.where((over > 0) & (whole > 0), np.minimum(over / np.where(whole > 0, whole, 1.0), 1.0), 0.0)
    return amount - room * share[:, None]
