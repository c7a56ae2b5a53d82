"""One box of a problem's search, and the making of many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mixcurve.budget.blocks.hulls import Boxes, Hulls, hulls_of, stacked
from mixcurve.budget.blocks.nodes import centres, graded, spread
from mixcurve.budget.blocks.relaxed import Relaxed, Segments, joined, relaxed
from mixcurve.budget.functions import Functions

__all__ = ["Asked", "Node", "first_nodes", "segments_of", "solved"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

REFINEMENTS = 1
"""Times that nodes are placed around what the last prices buy, before the search begins."""


@dataclass(frozen=True, eq=False)
class Asked:
    """One problem: ``max Σ F_i - price Σ money_i`` over boxes (n), with money between ``least`` and ``most``."""

    boxes: Boxes
    least: float
    most: float
    price: float


def _none() -> FloatArray:
    return np.empty(0)


@dataclass
class Node:
    """A box of a problem's search with its relaxation: price, bound, money and majorant per cell, the cell split.

    ``number`` is its place in the tree, ``problem`` that of the problem in the batch; ``amount`` and ``below``, how far
    its plan lies below the majorant, are per cell; ``before`` is that before nodes were
    crowded there. ``jump``: the cell split lies where no amount comes near the majorant.
    """

    asked: Asked
    problem: int
    number: int
    boxes: Boxes
    segments: Segments
    feasible: bool = False
    price: float = 0.0
    bound: float = -np.inf
    money: FloatArray = field(default_factory=_none)
    worth: FloatArray = field(default_factory=_none)
    amount: FloatArray = field(default_factory=_none)
    below: FloatArray = field(default_factory=_none)
    before: FloatArray = field(default_factory=_none)
    split: int = -1
    part: float = 0.0
    jump: bool = False
    value: float = -np.inf

    def child(self, number: int, boxes: Boxes, segments: Segments) -> Node:
        """Return a node of the same problem that is not yet solved."""
        return Node(self.asked, self.problem, number, boxes, segments)


def first_nodes(
    functions: Functions, asked: Sequence[Asked], near: Sequence[tuple[FloatArray, FloatArray]] | None = None
) -> list[Node]:
    """Return the whole box of every problem, solved, with nodes placed around what its price buys.

    ``near`` are two amounts per cell to place nodes around, per problem, where they are known.
    """
    sizes = np.array([len(a.boxes.row) for a in asked])
    boxes = stacked([a.boxes for a in asked])
    problem = np.repeat(np.arange(len(asked)), sizes)
    known = near is not None
    node = graded(boxes, *map(np.concatenate, zip(*near, strict=True))) if near else spread(boxes)
    for step in range(1 if known else REFINEMENTS + 1):
        hulls = hulls_of(functions, boxes, node)
        whole, of_segment = _segments(hulls, problem, len(asked))
        found = relaxed(whole, of_segment, problem, *_limits(asked))
        if step < REFINEMENTS and not known:
            node = graded(boxes, *centres(functions, boxes, hulls, found.price[problem]))
    nodes = _cut(asked, whole, of_segment, sizes)
    _filled(nodes, found, sizes)
    return nodes


def solved(nodes: Sequence[Node]) -> None:
    """Solve the relaxation of each node and write it into the node."""
    whole, of_segment, of_cell = joined([node.segments for node in nodes])
    limits = _limits([node.asked for node in nodes])
    _filled(nodes, relaxed(whole, of_segment, of_cell, *limits), np.bincount(of_cell, minlength=len(nodes)))


def _limits(asked: Sequence[Asked]) -> tuple[FloatArray, FloatArray, FloatArray]:
    return (
        np.array([a.least for a in asked]),
        np.array([a.most for a in asked]),
        np.array([a.price for a in asked]),
    )


def _segments(hulls: Hulls, problem: IndexArray, count: int) -> tuple[Segments, IndexArray]:
    """Return all segments, problem by problem and by falling slope; cells are numbered through."""
    cell = np.repeat(np.arange(len(problem)), np.diff(hulls.first))
    some = np.flatnonzero(hulls.width > 0)
    owner = problem[cell[some]]
    order = some[np.lexsort((-hulls.slope[some], owner))]
    at = hulls.first[:-1]
    whole = Segments(hulls.x[at], hulls.v[at], cell[order], hulls.slope[order], hulls.width[order])
    return whole, np.repeat(np.arange(count), np.bincount(owner, minlength=count))


def segments_of(hulls: Hulls, start: int, stop: int) -> Segments:
    """Return the segments of the boxes ``start`` to ``stop - 1`` as those of one problem."""
    a, b = int(hulls.first[start]), int(hulls.first[stop])
    cell = np.repeat(np.arange(stop - start), np.diff(hulls.first[start : stop + 1]))
    some = np.flatnonzero(hulls.width[a:b] > 0)
    order = some[np.argsort(-hulls.slope[a:b][some], kind="stable")]
    at = hulls.first[start:stop]
    return Segments(hulls.x[at], hulls.v[at], cell[order], hulls.slope[a:b][order], hulls.width[a:b][order])


def _cut(asked: Sequence[Asked], whole: Segments, of_segment: IndexArray, sizes: IndexArray) -> list[Node]:
    cells = np.append(0, np.cumsum(sizes)).tolist()
    ends = np.searchsorted(of_segment, np.arange(len(asked) + 1)).tolist()
    nodes = []
    for k, one in enumerate(asked):
        c, s = slice(cells[k], cells[k + 1]), slice(ends[k], ends[k + 1])
        part = Segments(
            whole.base_x[c], whole.base_v[c], whole.cell[s] - cells[k], whole.slope[s], whole.width[s]
        )
        nodes.append(Node(one, k, 0, one.boxes, part))
    return nodes


def _filled(nodes: Sequence[Node], found: Relaxed, sizes: IndexArray) -> None:
    first = np.append(0, np.cumsum(sizes)).tolist()
    lists = [part.tolist() for part in (found.feasible, found.price, found.bound, found.split, found.part)]
    for k, node in enumerate(nodes):
        cells = slice(first[k], first[k + 1])
        node.feasible, node.price, node.bound = lists[0][k], lists[1][k], lists[2][k]
        node.split, node.part = lists[3][k] - first[k] if lists[3][k] >= 0 else -1, lists[4][k]
        node.money, node.worth = found.money[cells], found.worth[cells]
