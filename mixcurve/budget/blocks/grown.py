"""`GrownTree`: the tree of boxes while a search adds to it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mixcurve.budget.proof.trees import BoxTree

__all__ = ["GrownTree"]


@dataclass
class GrownTree:
    """Boxes as lists; see `BoxTree`. ``price`` is that of each leaf."""

    cell: list[int] = field(default_factory=list)
    cut: list[float] = field(default_factory=list)
    low: list[int] = field(default_factory=list)
    high: list[int] = field(default_factory=list)
    price: list[float] = field(default_factory=list)
    bound: list[float] = field(default_factory=list)

    def add(self, price: float) -> int:
        """Add a leaf that admits no plan, until something else is written, and return its number."""
        for part in (self.cell, self.low, self.high):
            part.append(-1)
        self.cut.append(0.0)
        self.price.append(price)
        self.bound.append(-np.inf)
        return len(self.bound) - 1

    def split(self, number: int, cell: int, cut: float) -> tuple[int, int]:
        """Cut a leaf in two and return the numbers of its parts."""
        self.cell[number], self.cut[number] = cell, cut
        self.low[number], self.high[number] = self.add(self.price[number]), self.add(self.price[number])
        return self.low[number], self.high[number]

    @property
    def largest(self) -> float:
        """The largest bound of a leaf."""
        return max(b for b, c in zip(self.bound, self.cell, strict=True) if c < 0)

    def frozen(self) -> BoxTree:
        """Return the tree as a result."""
        cell, low, high = (np.array(part, dtype=np.intp) for part in (self.cell, self.low, self.high))
        return BoxTree(cell, np.array(self.cut), low, high, np.array(self.bound))
