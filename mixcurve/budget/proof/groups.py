"""The groups of a `BlockProof` as the model itself limits them, outermost first, and whether they cover every plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.proof.boxes import Boxes, Leaf, leaves_of
from mixcurve.budget.proof.limits import cell_money, money_limits
from mixcurve.budget.proof.trees import BlockProof

__all__ = ["Group", "groups_of"]

IndexArray = npt.NDArray[np.intp]

EDGE = 1e-12
"""Relative difference of a group's money from what the model allows that is the rounding of a sum."""


@dataclass(frozen=True, eq=False)
class Group:
    """A group of a proof: its leaves, the money that it may hold, and the groups within."""

    proof: BlockProof
    leaves: list[Leaf]
    least: float
    most: float
    within: list[Group]

    def all(self) -> Iterator[Group]:
        """Yield the groups within, innermost first, and this one last."""
        for inner in self.within:
            yield from inner.all()
        yield self

    @property
    def cells(self) -> IndexArray:
        """All cells, those of the groups within too."""
        return np.concatenate([group.proof.cells for group in self.all()])

    def may_hold(self, model: Model, box: Boxes) -> bool:
        """Return whether a box (1 × own cells) and the groups within can hold money between the least and the most."""
        if not box.held.all():
            return False
        least, most = cell_money(model, self.proof.cells, box)
        least = fsum([least, *(inner.least for inner in self.within)])
        most = fsum([most, *(inner.most for inner in self.within)])
        return least <= self.most and most >= self.least


def groups_of(model: Model, proof: BlockProof) -> tuple[Group | None, list[str]]:
    """Return the outermost group of a proof, None where its boxes do not cover every plan, and why they do not."""
    problems: list[str] = []
    root = _group(model, proof, problems)
    if not np.array_equal(np.sort(root.cells), np.arange(model.cells)):
        problems.append(
            "the groups of the proof do not hold every cell exactly once: the boxes do not cover every plan"
        )
    return (None if problems else root), problems


def _group(model: Model, proof: BlockProof, problems: list[str]) -> Group:
    where = f"the proof of '{proof.name}'"
    leaves, problem = leaves_of(proof.tree, proof.cells, model, where)
    problems += [problem] if problem else []
    within = [_group(model, inner, problems) for inner in proof.within]
    root = Boxes.of(model, proof.cells, [Leaf(0, {})])
    own_least, own_most = cell_money(model, proof.cells, root)
    inner_cells = [inner.cells for inner in within]
    least, most = money_limits(model, np.concatenate([proof.cells, *inner_cells]))
    least = max(least, fsum([own_least, *(inner.least for inner in within)]))
    most = min(most, fsum([own_most, *(inner.most for inner in within)]))
    if not (proof.least <= least + EDGE * abs(least) and proof.most >= most - EDGE * abs(most)):
        held = f"[{proof.least:,.9g}, {proof.most:,.9g}]"
        problems.append(
            f"{where} leaves out plans: it holds money in {held}, the model allows [{least:,.9g}, {most:,.9g}]"
        )
    # The wider of the two, which at most rounding sets apart where the proof claims less.
    return Group(proof, leaves, min(least, proof.least), max(most, proof.most), within)
