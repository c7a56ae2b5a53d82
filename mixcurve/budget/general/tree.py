"""`Grown`: the boxes a search leaves behind, as they are cut, for its proof."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mixcurve.budget.proof.trees import BoxTree, TreeProof

__all__ = ["Grown"]

FloatArray = npt.NDArray[np.float64]

CLAIMED = 0.5
"""How much of its distance below the best plan a leaf claims."""


@dataclass
class Grown:
    """The tree of `TreeProof`, node by node; -1 in ``cell`` marks a leaf."""

    cell: list[int] = field(default_factory=list)
    cut: list[float] = field(default_factory=list)
    low: list[int] = field(default_factory=list)
    high: list[int] = field(default_factory=list)
    bound: list[float] = field(default_factory=list)
    multiplier: list[FloatArray] = field(default_factory=list)

    def leaf(self, bound: float, multiplier: FloatArray) -> int:
        """Add a leaf and return its number."""
        self.cell.append(-1)
        self.cut.append(0.0)
        self.low.append(-1)
        self.high.append(-1)
        self.bound.append(bound)
        self.multiplier.append(multiplier)
        return len(self.cell) - 1

    def split(self, node: int, cell: int, cut: float, low: int, high: int) -> None:
        """Cut a leaf into two that are there."""
        self.cell[node], self.cut[node], self.low[node], self.high[node] = cell, cut, low, high

    @property
    def largest(self) -> float:
        """The largest bound of a leaf."""
        return max(b for b, cell in zip(self.bound, self.cell, strict=True) if cell < 0)

    def proof(self, worth: float) -> TreeProof:
        """Return the tree as a proof of the bound on plans, the best of which is worth ``worth``.

        Leaves below it claim less than was found: the prices of boxes without any plan are so large that a check in
        floating point could not confirm the last digits, which nothing depends on.
        """
        numbers = (np.array(part, dtype=np.intp) for part in (self.cell, self.low, self.high))
        cell, low, high = numbers
        bound = np.array(self.bound)
        if np.isfinite(worth):
            bound = np.where(bound < worth, worth - CLAIMED * (worth - bound), bound)
        tree = BoxTree(cell, np.array(self.cut), low, high, bound)
        return TreeProof(tree, np.array(self.multiplier).reshape(len(cell), -1), np.empty((0, 0)))
