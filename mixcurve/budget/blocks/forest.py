"""`Forest`: the rows of a model as nested groups with a least and a most of money, if that is what they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model

__all__ = ["Forest", "forest_of"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

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
    home
        The innermost group of each cell (n,).
    """

    name: tuple[str, ...]
    parent: IndexArray
    depth: IndexArray
    least: FloatArray
    most: FloatArray
    home: IndexArray

    @property
    def root(self) -> int:
        """The number of the outermost group."""
        return len(self.name) - 1

    def sums(self, by_cell: FloatArray) -> FloatArray:
        """Return the sum over each group's cells (G,)."""
        out = np.bincount(self.home, by_cell, len(self.name))
        for g in range(self.root):
            out[self.parent[g]] += out[g]
        return out


def forest_of(model: Model) -> Forest | None:
    """Return the model's rows as nested groups, or None if they say more than that or the groups overlap."""
    found: dict[bytes, tuple[str, IndexArray, float, float]] = {}
    for row in model.rows:
        sign = -1.0 if row.kind == "least" else 1.0
        if row.kind not in MONEY_ROWS or np.any(row.response) or np.any(row.on):
            return None
        cells = np.flatnonzero(row.money)
        if not len(cells) or np.any(row.money[cells] != sign):
            return None
        name, _, least, most = found.get(cells.tobytes(), (row.name, cells, 0.0, np.inf))
        least, most = (max(least, -row.limit), most) if sign < 0 else (least, min(most, row.limit))
        found[cells.tobytes()] = (name, cells, least, most)
    everything = np.arange(model.cells)
    found.setdefault(everything.tobytes(), ("total", everything, 0.0, np.inf))
    return _nested(sorted(found.values(), key=lambda group: len(group[1])), model.cells)


def _nested(groups: list[tuple[str, IndexArray, float, float]], cells: int) -> Forest | None:
    """Return the groups, smallest first, as a forest, or None where two overlap without one holding the other."""
    outer, home = np.full(cells, -1, dtype=np.intp), np.full(cells, -1, dtype=np.intp)
    parent, size = np.full(len(groups), -1, dtype=np.intp), [len(g[1]) for g in groups]
    for g, (_, members, _, _) in enumerate(groups):
        inside = np.unique(outer[members])
        inside = inside[inside >= 0]
        within = sum(size[i] for i in inside.tolist())
        if np.count_nonzero(outer[members] >= 0) != within:
            return None
        parent[inside] = g
        home[members] = np.where(home[members] < 0, g, home[members])
        outer[members] = g
    depth = np.zeros(len(groups), dtype=np.intp)
    for g in range(len(groups) - 2, -1, -1):
        depth[g] = depth[parent[g]] + 1
    limits = np.array([g[2:] for g in groups], dtype=np.float64)
    return Forest(tuple(g[0] for g in groups), parent, depth, limits[:, 0], limits[:, 1], home)
