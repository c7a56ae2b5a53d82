"""Every draw's curves on common nodes, from which the curve that a belief expects is a weighted sum of rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.functions import draw_functions
from mixcurve.budget.learning.beliefs import Beliefs
from mixcurve.budget.model import Model

__all__ = ["Grid", "Gridded", "Mixed", "gridded", "mixed"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

NODES, GRADING = 320, 5.0
"""Nodes at shares ``(exp(5 u) - 1) / (exp(5) - 1)`` of a cell's range, u even: dense where curves begin. A curve then
lies below its bound by some 1e-5 of its top, a very steep one by 1e-4."""
FIRST = np.geomspace(1e-16, 1e-4, 25)[:-1]
"""Nodes before these, for curves that begin infinitely steep."""
SHARES = np.concatenate(
    [[0.0], FIRST, np.expm1(GRADING * np.linspace(0.0, 1.0, NODES + 1)[1:]) / np.expm1(GRADING)]
)


@dataclass(frozen=True, eq=False)
class Grid:
    """Nodes of each cell: amounts (n × G), and those where the slope breaks off (n × k, NaN for none)."""

    amount: FloatArray
    corner: FloatArray


@dataclass(frozen=True, eq=False)
class Gridded:
    """A model's channels on the nodes of their cells, in every draw, times their worth.

    ``value`` and ``slope`` are (C × D × G); ``left`` and ``right`` (C × D × G - 1) are the slopes that hold each curve
    from above between neighbouring nodes (see `functions`).
    """

    grid: Grid
    cell: IndexArray
    value: FloatArray
    slope: FloatArray
    left: FloatArray
    right: FloatArray


@dataclass(frozen=True, eq=False)
class Mixed:
    """What some beliefs expect of each cell: for belief b and cell i row ``row[b, i]`` of each table (rows × G)."""

    row: IndexArray
    value: FloatArray
    slope: FloatArray
    left: FloatArray
    right: FloatArray


def gridded(model: Model, total: float) -> Gridded:
    """Return the curves on nodes between each cell's bounds, as far as a budget of ``total`` reaches."""
    draws, channels = model.draws.shape[:2]
    spare = max(total - float(np.where(model.optional, 0.0, model.lower).sum()), 0.0)
    upper = np.maximum(
        np.minimum(model.upper, np.where(model.optional, 0.0, model.lower) + spare), model.lower
    )
    amount = model.lower[:, None] + (upper - model.lower)[:, None] * SHARES
    amount[:, -1] = upper
    corner = _corners(model)
    for cell, row in enumerate(corner):
        for at in row[np.isfinite(row) & (row > model.lower[cell]) & (row < upper[cell])].tolist():
            amount[cell, np.argmin(np.abs(amount[cell, 1:-1] - at)) + 1] = at
    functions = draw_functions(model)
    tables: list[list[FloatArray]] = [[], [], [], []]
    for c in range(channels):
        row = np.arange(draws) * channels + c
        node = np.repeat(amount[model.cell[c]][None], draws, axis=0)
        found = functions.tabulated(row, node)
        slope = functions.slopes(np.repeat(row, len(SHARES)), node.ravel())[1].reshape(node.shape)
        for out, part in zip(tables, (found.value, slope, found.from_left, found.from_right), strict=True):
            out.append(model.worth[c] * part)
    return Gridded(Grid(amount, corner), model.cell, *(np.stack(t) for t in tables))


def _corners(model: Model) -> FloatArray:
    """Return the amounts at which a channel's price rises, by cell (n × k)."""
    found: list[list[float]] = [[] for _ in range(model.cells)]
    for c, name in enumerate(model.channels):
        tiers = model.prices.get(name)
        if tiers is not None:
            found[int(model.cell[c])] += (tiers.start[1:] / model.share[c]).tolist()
    out = np.full((model.cells, max(map(len, found))), np.nan)
    for row, amounts in zip(out, found, strict=True):
        row[: len(amounts)] = amounts
    return out


def mixed(tables: Gridded, beliefs: Beliefs, pick: IndexArray) -> Mixed:
    """Return what beliefs with these rows (b × C) expect of each cell."""
    parts = [tables.value, tables.slope, tables.left, tables.right]
    cells, rows = len(tables.grid.amount), 0
    row = np.empty((len(pick), cells), dtype=np.intp)
    out: list[list[FloatArray]] = [[] for _ in parts]
    for cell in range(cells):
        members = np.flatnonzero(tables.cell == cell)
        kinds, place = np.unique(pick[:, members], axis=0, return_inverse=True)
        row[:, cell] = rows + place.reshape(-1)
        rows += len(kinds)
        weight = [beliefs.rows[c][kinds[:, k]] for k, c in enumerate(members.tolist())]
        for table, part in zip(out, parts, strict=True):
            each = [_mean(w, part[c]) for w, c in zip(weight, members.tolist(), strict=True)]
            table.append(np.sum(each, axis=0))
    return Mixed(row, *(np.concatenate(t) for t in out))


def _mean(weight: FloatArray, table: FloatArray) -> FloatArray:
    """Return ``weight @ table``; certainty of a draw picks its row."""
    sure = np.argmax(weight, axis=1)
    if np.all(np.take_along_axis(weight, sure[:, None], axis=1) == 1.0):
        return table[sure]
    return weight @ table
