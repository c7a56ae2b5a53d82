"""Best-first branch and bound over boxes of spend.

A box whose best relaxed plan puts one channel on the straight part of its envelope is cut in two at that channel, at
that spend or at the inflection if that comes first. Channels of one shape are kept in order (see `chains_of`), so that
exchanging them does not multiply the search. Every box that is put aside keeps its bound: the proven bound is the
largest of all.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.cells import refined
from mixcurve.budget.channels import Channels
from mixcurve.budget.envelope import boxes_from, tangents
from mixcurve.budget.prices import PriceTable, price_table
from mixcurve.budget.relaxation import Relaxed, relax
from mixcurve.budget.tree import Tree, chains_of

__all__ = ["Search", "search"]

FloatArray = npt.NDArray[np.float64]

BATCH_CELLS = 256
"""Boxes times channels per batch: below this NumPy's overhead outweighs the arithmetic."""
NODES_BEFORE_CELLS = 200
"""Boxes after which a dynamic programme over cells is tried: channels so alike would keep the search going."""
NOISE = 1e-13
"""A distance to the envelope below this share of the bound is rounding."""
SHARE_OF_TOLERANCE = 0.9
"""The part of the tolerance that the search uses; the rest covers the last correction of the plan."""


@dataclass(frozen=True, eq=False)
class Search:
    """What the search found: the best plan, its value, the proven bound and its tree, and how many boxes it solved."""

    spend: FloatArray
    value: float
    bound: float
    tree: Tree
    chains: list[list[int]]
    nodes: int


@dataclass
class _Box:
    number: int
    lower: FloatArray
    upper: FloatArray
    tangent: FloatArray
    spend: FloatArray
    violation: FloatArray


class _Run:
    """The state of one search."""

    def __init__(
        self, channels: Channels, lower: FloatArray, upper: FloatArray, total: float, tolerance: float
    ) -> None:
        self.channels, self.total, self.root, self.tolerance = channels, total, (lower, upper), tolerance
        self.table: PriceTable = price_table(channels, lower, upper, total)
        self.chains = chains_of(channels, lower, upper)
        self.links = {i: (chain, k) for chain in self.chains for k, i in enumerate(chain)}
        self.tree, self.open, self.nodes = Tree(), list[tuple[float, int, _Box]](), 0
        self.best: tuple[float, FloatArray] = (-np.inf, lower)

    def offer(self, value: float, spend: FloatArray) -> None:
        if value > self.best[0]:
            self.best = (value, spend.copy())

    @property
    def goal(self) -> float:
        """The bound from which the best plan counts as proven."""
        return self.best[0] + SHARE_OF_TOLERANCE * self.tolerance * abs(self.best[0])

    @property
    def unfinished(self) -> bool:
        """Whether some open box may hold a plan worth more than the goal."""
        return bool(self.open) and -self.open[0][0] > self.goal

    def advance(self, max_nodes: int) -> None:
        """Cut boxes, those of the largest bound first, until the best plan is proven or the nodes are used up."""
        size = max(1, BATCH_CELLS // self.channels.size)
        while self.unfinished and self.nodes < max_nodes:
            batch: list[_Box] = []
            most = min(size, max(1, (max_nodes - self.nodes) // 2))
            while self.unfinished and len(batch) < most:
                batch.append(heapq.heappop(self.open)[2])
            self.expand(batch)

    def solve(self, lower: FloatArray, upper: FloatArray, tangent: FloatArray) -> None:
        """Solve boxes (b, n), add them to the tree in order, and queue those that may hold something better."""
        boxes = boxes_from(self.channels, lower, upper, tangent)
        found: Relaxed = relax(self.channels, self.table, boxes, self.total)
        self.nodes += len(lower)
        best = int(np.argmax(found.value))
        self.offer(float(found.value[best]), found.spend[best])
        for k in range(len(lower)):
            number = self.tree.add(float(found.price[k]), float(found.bound[k]))
            if found.violation[k].max() > NOISE * abs(found.bound[k]):
                box = _Box(number, lower[k], upper[k], tangent[k], found.spend[k], found.violation[k])
                heapq.heappush(self.open, (-float(found.bound[k]), number, box))

    def cut(self, box: _Box) -> list[tuple[FloatArray, FloatArray] | None]:
        """Return the two parts of a box, None for one that admits no plan."""
        j = int(np.argmax(box.violation))
        at = float(box.spend[j])
        bend = float(self.channels.bend[j])
        at = bend if box.lower[j] < bend < at else at
        self.tree.split(box.number, j, at)
        lower, upper = box.lower.copy(), box.upper.copy()
        chain, k = self.links.get(j, ([j], 0))
        after, before = chain[k:], chain[: k + 1]
        upper[after] = np.minimum(upper[after], at)
        lower[before] = np.maximum(lower[before], at)
        parts = [(box.lower, upper), (lower, box.upper)]
        return [p if np.all(p[0] <= p[1]) and fsum(p[0]) <= self.total else None for p in parts]

    def expand(self, batch: list[_Box]) -> None:
        """Cut the boxes, solve their parts together, and hang them into the tree."""
        solved, parents = [], []
        for box in batch:
            for side, part in zip((self.tree.low, self.tree.high), self.cut(box), strict=True):
                if part is None:
                    side[box.number] = self.tree.add(0.0, -np.inf)
                else:
                    solved.append((*part, box))
                    parents.append((side, box.number))
        if not solved:
            return
        first = len(self.tree.bound)
        lower, upper = np.stack([s[0] for s in solved]), np.stack([s[1] for s in solved])
        tangent = np.stack([self.touched(s[0], s[2]) for s in solved])
        self.solve(lower, upper, tangent)
        for k, (side, number) in enumerate(parents):
            side[number] = first + k

    def touched(self, lower: FloatArray, parent: _Box) -> FloatArray:
        """Return the tangent points of a part: new ones only where the lower bound moved."""
        moved = np.flatnonzero(lower != parent.lower)
        if not len(moved):
            return parent.tangent
        tangent = parent.tangent.copy()
        tangent[moved] = tangents(self.channels.at(moved), lower[moved], self.root[1][moved])
        return tangent


def search(
    channels: Channels,
    lower: FloatArray,
    upper: FloatArray,
    total: float,
    plans: list[FloatArray],
    *,
    tolerance: float,
    max_nodes: int,
) -> Search:
    """Return the best plan within bounds (n) and total, with a proven bound on every plan's value.

    Parameters
    ----------
    plans
        Feasible plans to start from.
    tolerance
        The search ends when the bound is within this relative distance of the value.
    max_nodes
        The search ends when this many boxes were solved; the bound holds wherever it ends.
    """
    run = _Run(channels, lower, upper, total, tolerance)
    for plan in plans:
        run.offer(float(channels.value(plan).sum()), plan)
    run.solve(lower[None], upper[None], tangents(channels, lower, upper)[None])
    run.advance(min(max_nodes, NODES_BEFORE_CELLS))
    tree = run.tree
    if max_nodes > NODES_BEFORE_CELLS and run.unfinished:
        by_cells, plan = refined(channels, (lower, upper), total, run.best[1], SHARE_OF_TOLERANCE * tolerance)
        run.offer(float(channels.value(plan).sum()), plan)
        if by_cells is None or by_cells.bound > run.goal:
            run.advance(max_nodes)
        if by_cells is not None and by_cells.bound < tree.largest:
            tree = Tree()
            tree.add(by_cells.price, by_cells.bound, by_cells.steps)
    return Search(run.best[1], run.best[0], tree.largest, tree, run.chains, run.nodes)
