"""`Growing`: a tree of boxes while it grows, and the `TreeProof` that it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.proof.trees import BoxTree, TreeProof
from mixcurve.budget.risk.bound import Box

__all__ = ["Growing", "halves", "whole"]

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
    low, high, on, off = (np.array(a) for a in (box.high, box.low, box.on, box.off))
    if cut == SWITCH:
        on[cell], off[cell] = False, False
        return Box(box.low, box.high, on, box.off), Box(box.low, box.high, box.on, off)
    low[cell], high[cell], off[cell] = cut, cut, False
    return Box(box.low, low, box.on, box.off), Box(high, box.high, box.on, off)


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
        for column, entry in (
            (self.cell, ABSENT),
            (self.cut, 0.0),
            (self.low, ABSENT),
            (self.high, ABSENT),
            (self.bound, bound),
            (self.multiplier, multiplier),
            (self.weight, weight),
        ):
            column.append(entry)  # type: ignore[attr-defined]
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
