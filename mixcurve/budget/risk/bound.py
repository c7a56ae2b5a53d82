"""The proven bound of a box: for weights of the draws and multipliers of the rows, one maximum per cell.

With weights w of at least 0 and a constant b so that the objective is at most ``w · y(x) + b`` for every plan, and
multipliers π of at least 0,

    objective(x) <= b + Σ_r π_r limit_r + Σ_i max over the box of [Σ_d w_d y_i^d - Σ_r π_r (what row r takes)],

where y_i^d is what cell i adds in draw d, money paid for. Each maximum is bounded by nodes and by the two lines that
hold the function between them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.risk.tables import Tables

__all__ = ["Box", "Peaks", "peaks", "tops", "usable"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class Box:
    """Amounts ``low`` to ``high`` per cell where it is ``on``, and 0 where it may be ``off`` (all (n,))."""

    low: FloatArray
    high: FloatArray
    on: BoolArray
    off: BoolArray

    def nodes(self, tables: Tables) -> BoolArray:
        """Return which nodes lie in the box (N,)."""
        i, t = tables.cell, tables.amount
        return np.where(tables.on, self.on[i] & (t >= self.low[i]) & (t <= self.high[i]), self.off[i])

    def intervals(self, inside: BoolArray, tables: Tables) -> BoolArray:
        """Return which intervals lie in the box (M,), from which nodes do."""
        return inside[tables.start] & inside[tables.start + 1]


@dataclass(frozen=True, eq=False)
class Peaks:
    """The bound; the best node of each cell (n,); and by how much, and in which interval, a cell's bound lies above."""

    bound: float
    node: IndexArray
    excess: FloatArray
    interval: IndexArray


def usable(model: Model) -> BoolArray:
    """Return which rows may have a multiplier (R,): those whose response counts for the limit, never against it.

    A row that more response breaks would need the response held from below.
    """
    return np.array([bool(np.all(row.response <= 0)) for row in model.rows], dtype=bool)


def peaks(tables: Tables, box: Box, weight: FloatArray, constant: float, multiplier: FloatArray) -> Peaks:
    """Return the bound for weights (D,) of at least 0, a constant, and multipliers (R,) of usable rows."""
    cells = tables.draws.model.cells
    prices = _prices(tables, multiplier)
    inside = box.nodes(tables)
    within = np.flatnonzero(box.intervals(inside, tables))
    a = tables.start[within]
    height = tables.value @ weight + prices.node
    left, right = (
        tables.left[within] @ weight + prices.left[within],
        tables.right[within] @ weight + prices.right[within],
    )
    top = _tops(height[a], height[a + 1], left, right, tables.amount[a + 1] - tables.amount[a])
    node, best = _largest(np.where(inside, height, -np.inf), tables.cell, cells)
    held = np.full(len(tables.start), -np.inf)
    held[within] = top
    interval, above = _largest(held, tables.cell[tables.start], cells)
    highest = np.maximum(best, above)
    bound = constant + prices.free + float(highest.sum())
    return Peaks(
        bound + prices.slack(box, abs(constant) + float(np.abs(highest).sum())),
        node,
        highest - best,
        interval,
    )


def tops(tables: Tables, box: Box, multiplier: FloatArray) -> FloatArray:
    """Return a bound on the total of each draw by itself (D,), for multipliers (R,) of usable rows."""
    prices = _prices(tables, multiplier)
    inside = box.nodes(tables)
    within = np.flatnonzero(box.intervals(inside, tables))
    a = tables.start[within]
    height = np.where(inside[:, None], tables.value + prices.node[:, None], -np.inf)
    left, right = (
        tables.left[within] + prices.left[within, None],
        tables.right[within] + prices.right[within, None],
    )
    top = _tops(height[a], height[a + 1], left, right, (tables.amount[a + 1] - tables.amount[a])[:, None])
    height[a] = np.maximum(height[a], top)
    first = np.flatnonzero(np.diff(tables.cell, prepend=-1))
    highest = np.maximum.reduceat(height, first, axis=0)
    return prices.free + highest.sum(axis=0) + prices.slack(box, float(np.abs(highest).max()) * len(first))


@dataclass(frozen=True, eq=False)
class _Prices:
    """What multipliers take off each node (N,) and off the slopes of each interval (M,), and give freely."""

    node: FloatArray
    left: FloatArray
    right: FloatArray
    free: float
    money: FloatArray
    terms: int

    def slack(self, box: Box, size: float) -> float:
        """Return what rounding may have taken from a bound whose parts are of this size."""
        return (
            (64.0 + self.terms) * EPS * (size + abs(self.free) + float(np.abs(self.money * box.high).sum()))
        )


def _prices(tables: Tables, multiplier: FloatArray) -> _Prices:
    model, cell, on = tables.draws.model, tables.cell, tables.on
    money, count, reply = np.zeros(model.cells), np.zeros(model.cells), np.zeros(len(model.channels))
    free = 0.0
    for pi, row in zip(multiplier.tolist(), model.rows, strict=True):
        money, count, reply, free = (
            money + pi * row.money,
            count + pi * row.on,
            reply - pi * row.response,
            free + pi * row.limit,
        )
    at = tables.cell[tables.start]
    node = tables.mean @ reply - money[cell] * tables.money - np.where(on, count[cell], 0.0)
    left, right = tables.mean_left @ reply - money[at], tables.mean_right @ reply - money[at]
    return _Prices(node, left, right, free, money, tables.draws.size + model.cells)


def _tops(
    first: FloatArray, last: FloatArray, left: FloatArray, right: FloatArray, width: FloatArray
) -> FloatArray:
    """Return the largest value that both lines allow: at an end, or where a rising one meets a falling one."""
    meets = (left > 0) & (right < 0)
    steep = np.where(meets, left - right, 1.0)
    along = np.clip((last - first - right * width) / steep, 0.0, width)
    return np.where(
        meets, np.maximum(last - right * (width - along), np.maximum(first, last)), np.maximum(first, last)
    )


def _largest(height: FloatArray, cell: IndexArray, cells: int) -> tuple[IndexArray, FloatArray]:
    """Return the place and the size of the largest entry of each cell, minus infinity for a cell without any."""
    order = np.lexsort((height, cell))
    last = np.searchsorted(cell[order], np.arange(cells), side="right") - 1
    place = order[np.maximum(last, 0)] if len(order) else np.zeros(cells, dtype=np.intp)
    found = np.array([bool(k >= 0 and cell[order[k]] == i) for i, k in enumerate(last.tolist())], dtype=bool)
    return place, np.where(found, height[place] if len(height) else -np.inf, -np.inf)
