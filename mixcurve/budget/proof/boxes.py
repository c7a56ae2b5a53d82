"""The boxes of a proof, derived from its cuts alone: what a leaf holds, and whether the leaves cover every plan.

What a cell may take is an interval of amounts, and 0 where it is allowed beside it. A cut at c leaves the part at
most c and the part at least c; since each part is taken whole, every plan stays in one of the two. A cut below the
cell's lower bound leaves 0 and the interval. An interval from 0 then stands for the amounts above 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.proof.trees import BoxTree

__all__ = ["Boxes", "Leaf", "leaves_of"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]
Span = tuple[float, float, bool]
"""The least and the largest amount, the former above the latter where there is none, and whether 0 is allowed."""


@dataclass(frozen=True, eq=False)
class Leaf:
    """A leaf by its number, and the cells whose span a cut has changed."""

    node: int
    changed: dict[int, Span]


@dataclass(frozen=True, eq=False)
class Boxes:
    """Spans of m cells in L leaves (L × m)."""

    low: FloatArray
    high: FloatArray
    zero: BoolArray

    @classmethod
    def of(cls, model: Model, cells: IndexArray, leaves: list[Leaf]) -> Boxes:
        """Return the spans of ``cells`` in some leaves."""
        place = {int(cell): k for k, cell in enumerate(cells.tolist())}
        many = len(leaves)
        low, high = np.tile(model.lower[cells], (many, 1)), np.tile(model.upper[cells], (many, 1))
        zero = np.tile(model.optional[cells] | (model.lower[cells] <= 0), (many, 1))
        for row, leaf in enumerate(leaves):
            for cell, span in leaf.changed.items():
                k = place[cell]
                low[row, k], high[row, k], zero[row, k] = span
        return cls(low, high, zero)

    def row(self, k: int) -> Boxes:
        """Return leaf k alone (1 × m)."""
        return Boxes(self.low[k : k + 1], self.high[k : k + 1], self.zero[k : k + 1])

    @property
    def on(self) -> BoolArray:
        """Where an amount above 0 is allowed."""
        return (self.high >= self.low) & (self.high > 0)

    @property
    def held(self) -> BoolArray:
        """The leaves (L,) in which every cell may take some amount."""
        return (self.on | self.zero).all(axis=1)


def leaves_of(tree: BoxTree, cells: IndexArray, model: Model, where: str) -> tuple[list[Leaf], str]:
    """Return the leaves of a tree that cuts ``cells``, and what keeps them from covering every plan, or ``""``."""
    cut_here = set(cells.tolist())
    seen: set[int] = set()
    leaves: list[Leaf] = []
    pending: list[tuple[int, dict[int, Span]]] = [(0, {})]
    while pending:
        node, changed = pending.pop()
        if not 0 <= node < len(tree.bound) or node in seen:
            return [], f"box {node} of {where} is missing or used twice: the boxes do not cover every plan"
        seen.add(node)
        cell, cut = int(tree.cell[node]), float(tree.cut[node])
        if cell < 0:
            leaves.append(Leaf(node, changed))
            continue
        if cell not in cut_here or not np.isfinite(cut):
            return [], f"box {node} of {where} is cut at no cell of its own or at no amount"
        below, above = _halves(changed.get(cell) or _whole(model, cell), cut, float(model.lower[cell]))
        pending += [
            (int(tree.high[node]), changed | {cell: above}),
            (int(tree.low[node]), changed | {cell: below}),
        ]
    return leaves, ""


def _halves(span: Span, cut: float, lower: float) -> tuple[Span, Span]:
    """Return both parts of a span; below the cell's lower bound a cut parts off from on."""
    low, high, zero = span
    if cut < lower:
        return (np.inf, -np.inf, zero), (low, high, False)
    return (low, min(high, cut), zero and cut >= 0), (max(low, cut), high, zero and cut <= 0)


def _whole(model: Model, cell: int) -> Span:
    low = float(model.lower[cell])
    return low, float(model.upper[cell]), bool(model.optional[cell]) or low <= 0
