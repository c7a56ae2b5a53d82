"""What a round of the search does with the box it takes: cut it in two, or crowd nodes where its majorant is coarse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.blocks.boxes import Node, segments_of, solved
from mixcurve.budget.blocks.grown import GrownTree
from mixcurve.budget.blocks.hulls import Boxes, hulls_of, stacked
from mixcurve.budget.blocks.incumbents import looked_at
from mixcurve.budget.blocks.nodes import graded, settled
from mixcurve.budget.functions import Functions

__all__ = ["COARSE", "TOGETHER", "halves", "next_nodes", "settle"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

COARSE = 0.05
"""The share of a box's distance to its goal that coarse majorants may make up."""
TOGETHER = 0.01
"""Cells that lie below their majorant by this share of the largest such distance get new nodes together."""


@dataclass(frozen=True, eq=False)
class _Change:
    """A new node: the cells of its parent that get new majorants, on these boxes.

    Nodes are crowded at ``amount`` and at what the parent's price buys near it.
    """

    parent: Node
    number: int
    cells: IndexArray
    boxes: Boxes
    amount: FloatArray


def settle(functions: Functions, nodes: Sequence[Node], goal: FloatArray, *, rounds: int) -> None:
    """Crowd nodes, in place, until what a box's majorants lack is small beside what separates it from its goal.

    ``goal`` (b,) is the value from which a bound is of no more interest.
    """
    pending = [(node, g) for node, g in zip(nodes, goal.tolist(), strict=True) if node.feasible]
    for _ in range(rounds):
        pending = [(n, g) for n, g in pending if n.bound > g and _coarseness(n) > COARSE * (n.bound - g)]
        if not pending:
            return
        changes = [_refined(node) for node, _ in pending]
        for (node, _), finer in zip(pending, _made(functions, changes), strict=True):
            node.segments, node.before = finer.segments, node.below
        solved([node for node, _ in pending])
        looked_at(functions, [node for node, _ in pending])


def next_nodes(functions: Functions, picked: Sequence[tuple[Node, GrownTree]]) -> list[Node]:
    """Return the nodes that come of the picked ones, not yet solved."""
    if not picked:
        return []
    worst = [int(np.argmax(node.below)) for node, _ in picked]
    rows = np.array([node.boxes.row[j] for (node, _), j in zip(picked, worst, strict=True)])
    bend = functions.bend(rows).tolist()
    changes: list[_Change] = []
    for k, ((node, tree), j) in enumerate(zip(picked, worst, strict=True)):
        cut = j == node.split and node.jump
        changes += _branched(node, tree, j, bend[k]) if cut else [_refined(node)]
    return _made(functions, changes)


def _coarseness(node: Node) -> float:
    """Return by how much the plan lies below the majorants, but for the cell on a jump."""
    lacking = float(node.below.sum())
    return lacking - float(node.below[node.split]) if node.jump else lacking


def _made(functions: Functions, changes: Sequence[_Change]) -> list[Node]:
    if not changes:
        return []
    boxes = stacked([c.boxes for c in changes])
    amount = np.concatenate([c.amount for c in changes])
    price = np.repeat([c.parent.price for c in changes], [len(c.cells) for c in changes])
    hulls = hulls_of(functions, boxes, graded(boxes, settled(functions, boxes, amount, price), amount))
    nodes, place = [], 0
    for c in changes:
        by = segments_of(hulls, place, place + len(c.cells))
        whole = c.parent.boxes.replaced(c.cells, c.boxes)
        child = c.parent.child(c.number, whole, c.parent.segments.replaced(c.cells, by))
        child.before = c.parent.below if c.number == c.parent.number else child.before
        nodes.append(child)
        place += len(c.cells)
    return nodes


def _refined(node: Node) -> _Change:
    below = node.below
    if node.jump:
        below = below.copy()
        below[node.split] = 0.0
    cells = np.flatnonzero(below >= TOGETHER * below.max())
    return _Change(node, node.number, cells, node.boxes.at(cells), node.amount[cells])


def halves(box: Boxes, at: float, bend: float) -> tuple[float, Boxes, Boxes]:
    """Return where to cut one box whose relaxed amount is ``at``, and its two parts."""
    low, high = float(box.low[0]), float(box.high[0])
    cut = bend if low < bend < at else at
    if cut <= low:  # on the way from off to on
        cut = 0.5 * low if low > 0 else 0.5 * high
    below = Boxes(box.row, box.off, box.low, np.minimum(box.high, cut), box.setup)
    above = Boxes(box.row, np.zeros(1, dtype=np.bool_), np.maximum(box.low, cut), box.high, box.setup)
    return cut, below, above


def _branched(node: Node, tree: GrownTree, j: int, bend: float) -> list[_Change]:
    """Cut a node at cell j's plan, or at its inflection if that comes first; or between off and on."""
    box = node.boxes.at(slice(j, j + 1))
    at = float(node.money[j] - box.setup[0])
    cut, below, above = halves(box, at, bend)
    numbers = tree.split(node.number, j, cut)
    return [
        _Change(node, number, np.array([j]), part, np.array([at]))
        for number, part in zip(numbers, (below, above), strict=True)
        if part.off[0] or part.on[0]
    ]
