"""`Growing`: a tree of boxes while it grows, and the `TreeProof` that it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.proof.trees import BoxTree, TreeProof
from mixcurve.budget.risk.bound import Box

__all__ = ["Growing", "corners", "halves", "whole"]

FloatArray = npt.NDArray[np.float64]

ABSENT = -1
SWITCH = -1.0
"""A cut below every lower bound: it parts off from on."""


def whole(model: Model) -> Box:
    """Return the box of all plans."""
    off = np.asarray(model.optional) | (model.lower == 0)
    return Box(np.array(model.lower), np.array(model.upper), np.ones(model.cells, dtype=bool), off)


def halves(box: Box, cell: int, cut: float) -> tuple[Box, Box]:
    """Return the two parts of a box; a cut of `SWITCH` parts off from on."""
    off = np.array(box.off)
    off[cell] = False
    if cut == SWITCH:
        on = np.array(box.on)
        on[cell] = False
        return Box(box.low, box.high, on, box.off), Box(box.low, box.high, box.on, off)
    low, high = np.array(box.low), np.array(box.high)
    low[cell], high[cell] = cut, cut
    return Box(box.low, high, box.on, box.off), Box(low, box.high, box.on, off)


def corners(model: Model, box: Box) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most that each cell of a box may get (n,), as far as rows of money alone tell."""
    low = np.where(box.off, 0.0, box.low)
    high = np.where(box.on, box.high, 0.0)
    for row in model.rows:
        if (
            np.all(row.money >= 0)
            and np.all(row.response >= 0)
            and np.all(row.on >= 0)
            and np.any(row.money > 0)
        ):
            taken = row.money * model.money(low)
            rest = row.limit - float(taken.sum()) + taken
            most = np.where(row.money > 0, rest / np.where(row.money > 0, row.money, 1.0), np.inf)
            high = np.minimum(high, np.maximum(most, low))
    return low, high


@dataclass(eq=False)
class Growing:
    """Nodes as rows of lists; a leaf has cell -1, its bound, and the multipliers and weights that prove it."""

    cell: list[int] = field(default_factory=list)
    cut: list[float] = field(default_factory=list)
    low: list[int] = field(default_factory=list)
    high: list[int] = field(default_factory=list)
    bound: list[float] = field(default_factory=list)
    multiplier: list[FloatArray] = field(default_factory=list)
    weight: list[FloatArray] = field(default_factory=list)

    def add(self, bound: float, multiplier: FloatArray, weight: FloatArray) -> int:
        """Add a leaf and return its number."""
        self.cell.append(ABSENT)
        self.cut.append(0.0)
        self.low.append(ABSENT)
        self.high.append(ABSENT)
        self.bound.append(bound)
        self.multiplier.append(multiplier)
        self.weight.append(weight)
        return len(self.cell) - 1

    def split(self, number: int, cell: int, cut: float, parts: tuple[int, int]) -> None:
        """Make a leaf an inner node."""
        self.cell[number], self.cut[number] = cell, cut
        self.low[number], self.high[number] = parts
        self.multiplier[number] = np.zeros_like(self.multiplier[number])
        self.weight[number] = np.zeros_like(self.weight[number])

    @property
    def largest(self) -> float:
        """The largest bound of a leaf: what no plan exceeds."""
        return max(b for b, c in zip(self.bound, self.cell, strict=True) if c == ABSENT)

    def proof(self) -> TreeProof:
        """Return the tree as a result."""
        numbers = (np.array(column, dtype=np.intp) for column in (self.cell, self.low, self.high))
        cell, low, high = numbers
        tree = BoxTree(cell, np.array(self.cut), low, high, np.array(self.bound))
        return TreeProof(tree, np.stack(self.multiplier), np.stack(self.weight))
