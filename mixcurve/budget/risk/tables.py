"""`Tables`: every draw's response on nodes of each cell, and two slopes that hold it from above between them.

Values and slopes are those of single draws (see `mixcurve.budget.functions`), so that for any weights of at least 0 the
weighted response and the slopes that hold it are products of these tables with the weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.risk.draws import Draws

__all__ = ["Tables", "first_nodes", "refined", "tables_of"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

FIRST_NODES = 33
"""Nodes of a cell to begin with; they are refined where the bound asks for it."""
MOST_ENTRIES = 12_000_000
"""Most numbers in one table (nodes × draws): 100 MB; there are three."""
FEWEST_NODES = 5
GRADED = 2.0
"""Nodes lie at lower + (upper - lower) (j / J)^2: response changes most where spend is small."""


@dataclass(frozen=True, eq=False)
class Tables:
    """N nodes and M intervals, in order of cells and amounts; the first node of a cell may be "off".

    Parameters
    ----------
    draws
        What was tabulated.
    cell, amount, on
        Of each node (N,): its cell, amount and whether the cell is on there.
    value
        What each node adds to the objective in each draw (N × D): worth of the response, less the charge for money.
    mean
        Mean response per node and channel (N × C), not worth, 0 for channels of other cells.
    start
        The node at the left of each interval (M,); the next node is at its right.
    left, right
        The slopes that hold it, per interval and draw (M × D).
    mean_left, mean_right
        The same of the mean response (M × C).
    """

    draws: Draws
    cell: IndexArray
    amount: FloatArray
    on: BoolArray
    value: FloatArray
    mean: FloatArray
    start: IndexArray
    left: FloatArray
    right: FloatArray
    mean_left: FloatArray
    mean_right: FloatArray

    @property
    def money(self) -> FloatArray:
        """Money per node (N,), with the set-up cost where the cell is on."""
        return self.amount + np.where(self.on, self.draws.model.setup[self.cell], 0.0)


def first_nodes(model: Model, draws: int) -> list[FloatArray]:
    """Return nodes from the lower to the upper bound of each cell."""
    many = int(np.clip(MOST_ENTRIES // max(draws * model.cells, 1), FEWEST_NODES, FIRST_NODES))
    nodes = []
    for i, (low, high) in enumerate(zip(model.lower.tolist(), model.upper.tolist(), strict=True)):
        grid = low + (high - low) * np.linspace(0.0, 1.0, many) ** GRADED
        grid[-1] = high
        knots = [
            model.prices[name].start / model.share[c]
            for c, name in enumerate(model.channels)
            if model.cell[c] == i and name in model.prices
        ]
        extra = np.concatenate(knots) if knots else np.empty(0)
        nodes.append(np.unique(np.concatenate([grid, extra[(extra > low) & (extra < high)]])))
    return nodes


def tables_of(draws: Draws, nodes: list[FloatArray]) -> Tables:
    """Return the tables on the nodes that are given per cell (rising, between the cell's bounds)."""
    return _joined([_stretch(draws, i, at, whole=True) for i, at in enumerate(nodes)])


def _joined(parts: list[Tables]) -> Tables:
    """Return one table from tables of consecutive stretches."""
    first = np.cumsum([0, *(len(p.amount) for p in parts)])
    start = np.concatenate([p.start + k for p, k in zip(parts, first[:-1], strict=True)])
    names = ("cell", "amount", "on", "value", "mean", "left", "right", "mean_left", "mean_right")
    joined = {name: np.concatenate([getattr(p, name) for p in parts]) for name in names}
    return Tables(parts[0].draws, start=start, **joined)


def _stretch(draws: Draws, i: int, nodes: FloatArray, *, whole: bool) -> Tables:
    """Return the table of one cell on the nodes, with its node "off" if it may be off and this is the whole cell."""
    model = draws.model
    value, left, right = (np.zeros((len(nodes) - k, draws.size)) for k in (0, 1, 1))
    mean, mean_left, mean_right = (np.zeros((len(nodes) - k, len(model.channels))) for k in (0, 1, 1))
    for c in np.flatnonzero(model.cell == i).tolist():
        found = draws.tabulated(c, nodes)
        parts = found.value, found.from_left, found.from_right
        for table, by_channel, part in zip(
            (value, left, right), (mean, mean_left, mean_right), parts, strict=True
        ):
            table += model.worth[c] * part.T
            by_channel[:, c] = model.weight @ part
    value -= model.money_cost * (nodes + model.setup[i])[:, None]
    left -= model.money_cost
    right -= model.money_cost
    amount, on, start = nodes, np.ones(len(nodes), dtype=bool), np.arange(len(nodes) - 1)
    if whole and (model.optional[i] or nodes[0] == 0.0):
        amount, on, start = np.concatenate([[0.0], nodes]), np.concatenate([[False], on]), start + 1
        value, mean = (np.concatenate([np.zeros_like(a[:1]), a]) for a in (value, mean))
    cell = np.full(len(amount), i)
    return Tables(draws, cell, amount, on, value, mean, start, left, right, mean_left, mean_right)


def refined(tables: Tables, intervals: IndexArray, parts: int) -> Tables:
    """Return the tables with the intervals (indices) cut into equal parts; only the new nodes are evaluated."""
    nodes, slopes = [], []
    for k in intervals.tolist():
        a = int(tables.start[k])
        new = np.linspace(tables.amount[a], tables.amount[a + 1], parts + 1)
        piece = _stretch(tables.draws, int(tables.cell[a]), new, whole=False)
        nodes.append((a + 1, piece))
        slopes.append((k, piece))
    inner = {
        name: _spliced(getattr(tables, name), [(a, getattr(p, name)[1:-1]) for a, p in nodes], drop=0)
        for name in ("cell", "amount", "on", "value", "mean")
    }
    outer = {
        name: _spliced(getattr(tables, name), [(k, getattr(p, name)) for k, p in slopes], drop=1)
        for name in ("left", "right", "mean_left", "mean_right")
    }
    joins = (inner["cell"][1:] == inner["cell"][:-1]) & inner["on"][:-1]
    return Tables(tables.draws, start=np.flatnonzero(joins), **inner, **outer)


def _spliced(array: npt.NDArray, pieces: list[tuple[int, npt.NDArray]], *, drop: int) -> npt.NDArray:
    """Return the rows with each piece put in before the row of its number, ``drop`` rows of the old left out there."""
    out, done = [], 0
    for at, piece in pieces:
        out += [array[done:at], piece]
        done = at + drop
    return np.concatenate([*out, array[done:]])
