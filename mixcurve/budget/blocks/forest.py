"""`Forest`: the rows of a model as nested groups with a least and a most of money, if that is what they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model, Row

__all__ = ["Forest", "forest_of"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

MONEY_ROWS = ("total", "most", "least")


@dataclass(frozen=True, eq=False)
class Forest:
    """Nested groups of cells, children before their parents, the outermost last: it holds every cell.

    Parameters
    ----------
    name
        Of each group (G).
    parent, depth
        The group around each (G,), -1 for the outermost, and how many are around it.
    least, most
        The money of each group (G,).
    most_row, least_row
        The rows of the model that say so (G,), -1 for none.
    home
        The innermost group of each cell (n,).
    """

    name: tuple[str, ...]
    parent: IndexArray
    depth: IndexArray
    least: FloatArray
    most: FloatArray
    most_row: IndexArray
    least_row: IndexArray
    home: IndexArray

    @property
    def root(self) -> int:
        """The number of the outermost group."""
        return len(self.name) - 1

    def inside(self, g: int) -> BoolArray:
        """Return which cells lie in a group (n,)."""
        inner = np.zeros(len(self.name), dtype=np.bool_)
        inner[g] = True
        for k in range(g - 1, -1, -1):
            inner[k] |= inner[self.parent[k]]
        return inner[self.home]

    def sums(self, by_cell: FloatArray) -> FloatArray:
        """Return the sum over each group's cells (G,)."""
        out = np.bincount(self.home, by_cell, len(self.name))
        for g in range(self.root):
            out[self.parent[g]] += out[g]
        return out


@dataclass
class _Group:
    """A group while the rows are read."""

    name: str
    cells: IndexArray
    least: float = 0.0
    most: float = np.inf
    least_row: int = -1
    most_row: int = -1

    def read(self, number: int, row: Row) -> None:
        """Take a row's limit where it is tighter than what is known."""
        if row.kind == "least":
            if -row.limit > self.least:
                self.least, self.least_row = -row.limit, number
        elif row.limit < self.most:
            self.most, self.most_row = row.limit, number


def forest_of(model: Model) -> Forest | None:
    """Return the model's rows as nested groups, or None if they say more than that or the groups overlap."""
    found: dict[bytes, _Group] = {}
    for number, row in enumerate(model.rows):
        if row.kind not in MONEY_ROWS or np.any(row.response) or np.any(row.on):
            return None
        cells = np.flatnonzero(row.money)
        if not len(cells) or np.any(row.money[cells] != (-1.0 if row.kind == "least" else 1.0)):
            return None
        found.setdefault(cells.tobytes(), _Group(row.name, cells)).read(number, row)
    everything = np.arange(model.cells)
    found.setdefault(everything.tobytes(), _Group("total", everything))
    return _nested(sorted(found.values(), key=lambda group: len(group.cells)), model.cells)


def _nested(groups: list[_Group], cells: int) -> Forest | None:
    """Return the groups, smallest first, as a forest, or None where two overlap without one holding the other."""
    outer, home = np.full(cells, -1, dtype=np.intp), np.full(cells, -1, dtype=np.intp)
    parent = np.full(len(groups), -1, dtype=np.intp)
    for g, group in enumerate(groups):
        members = group.cells
        inside = np.unique(outer[members])
        inside = inside[inside >= 0]
        held = np.count_nonzero(outer[members] >= 0)
        if held != sum(len(groups[i].cells) for i in inside.tolist()):
            return None
        parent[inside] = g
        home[members] = np.where(home[members] < 0, g, home[members])
        outer[members] = g
    depth = np.zeros(len(groups), dtype=np.intp)
    for g in range(len(groups) - 2, -1, -1):
        depth[g] = depth[parent[g]] + 1
    return Forest(
        tuple(g.name for g in groups),
        parent,
        depth,
        np.array([g.least for g in groups]),
        np.array([g.most for g in groups]),
        np.array([g.most_row for g in groups], dtype=np.intp),
        np.array([g.least_row for g in groups], dtype=np.intp),
        home,
    )
