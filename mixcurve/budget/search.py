"""Best-first branch and bound over boxes of spend.

A box whose best relaxed plan puts one channel on the straight part of its envelope is cut in two at that channel, at
that spend or at the inflection if that comes first. Channels of one shape are kept in order (see `chains_of`), so that
exchanging them does not multiply the search. Every box that is put aside keeps its bound: the proven bound is the
largest of all.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mixcurve.budget.channels import Channels
from mixcurve.budget.envelope import boxes_from, tangents
from mixcurve.budget.prices import PriceTable, price_table
from mixcurve.budget.relaxation import Relaxed, relax

__all__ = ["Search", "Tree", "chains_of", "search"]

FloatArray = npt.NDArray[np.float64]

BATCH_CELLS = 256
"""Boxes times channels per batch: below this NumPy's overhead outweighs the arithmetic."""
SHARE_OF_TOLERANCE = 0.9
"""The part of the tolerance that the search uses; the rest covers the last correction of the plan."""


@dataclass
class Tree:
    """The boxes as a binary tree, grown by the search: the certificate's content.

    ``channel[k]`` and ``cut[k]`` say where box k was cut, ``low[k]`` and ``high[k]`` which boxes came of it; -1 marks a
    leaf, whose proof is its ``price[k]`` and ``bound[k]`` (minus infinity where the box admits no plan).
    """

    channel: list[int] = field(default_factory=list)
    cut: list[float] = field(default_factory=list)
    low: list[int] = field(default_factory=list)
    high: list[int] = field(default_factory=list)
    price: list[float] = field(default_factory=list)
    bound: list[float] = field(default_factory=list)

    def add(self, price: float, bound: float) -> int:
        """Add a leaf and return its number."""
        self.channel.append(-1)
        self.cut.append(0.0)
        self.low.append(-1)
        self.high.append(-1)
        self.price.append(price)
        self.bound.append(bound)
        return len(self.bound) - 1

    def split(self, box: int, channel: int, cut: float) -> None:
        """Record where a box was cut; its two parts are the next to be added."""
        self.channel[box], self.cut[box] = channel, cut


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


def chains_of(channels: Channels, lower: FloatArray, upper: FloatArray) -> list[list[int]]:
    """Return chains of channels of one shape in which each dominates the next.

    If two channels share curve and shape parameters, and the first has at least the top and both bounds of the second,
    then some best plan gives the first at least as much: exchanging the two amounts never loses, since the difference
    of the curves rises with spend.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    for i, (curve, row) in enumerate(zip(channels.curve, channels.parameters.tolist(), strict=True)):
        groups.setdefault((curve, *row[1 : len(curve.names)]), []).append(i)
    chains = []
    for members in groups.values():
        ranked = sorted(members, key=lambda i: (-channels.parameters[i, 0], -lower[i], -upper[i], i))
        chain = [ranked[0]]
        for i in ranked[1:]:
            if lower[i] > lower[chain[-1]] or upper[i] > upper[chain[-1]]:
                chains.append(chain)
                chain = []
            chain.append(i)
        chains.append(chain)
    return [chain for chain in chains if len(chain) > 1]


class _Run:
    """The state of one search."""

    def __init__(self, channels: Channels, lower: FloatArray, upper: FloatArray, total: float) -> None:
        self.channels, self.total, self.root = channels, total, (lower, upper)
        self.table: PriceTable = price_table(channels, lower, upper, total)
        self.chains = chains_of(channels, lower, upper)
        self.links = {i: (chain, k) for chain in self.chains for k, i in enumerate(chain)}
        self.tree, self.open, self.nodes = Tree(), list[tuple[float, int, _Box]](), 0
        self.best: tuple[float, FloatArray] = (-np.inf, lower)

    def offer(self, value: float, spend: FloatArray) -> None:
        if value > self.best[0]:
            self.best = (value, spend.copy())

    def solve(self, lower: FloatArray, upper: FloatArray, tangent: FloatArray) -> None:
        """Solve boxes (b, n), add them to the tree in order, and queue those that may hold something better."""
        boxes = boxes_from(self.channels, lower, upper, tangent)
        found: Relaxed = relax(self.channels, self.table, boxes, self.total)
        self.nodes += len(lower)
        best = int(np.argmax(found.value))
        self.offer(float(found.value[best]), found.spend[best])
        for k in range(len(lower)):
            number = self.tree.add(float(found.price[k]), float(found.bound[k]))
            if found.violation[k].max() > 0:
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
        return [p if np.all(p[0] <= p[1]) and p[0].sum() <= self.total else None for p in parts]

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
    run = _Run(channels, lower, upper, total)
    for plan in plans:
        run.offer(float(channels.value(plan).sum()), plan)
    run.solve(lower[None], upper[None], tangents(channels, lower, upper)[None])
    size = max(1, BATCH_CELLS // channels.size)
    while run.open and run.nodes < max_nodes:
        good_enough = run.best[0] + SHARE_OF_TOLERANCE * tolerance * abs(run.best[0])
        if -run.open[0][0] <= good_enough:
            break
        batch: list[_Box] = []
        most = min(size, max(1, (max_nodes - run.nodes) // 2))
        while run.open and len(batch) < most and -run.open[0][0] > good_enough:
            batch.append(heapq.heappop(run.open)[2])
        run.expand(batch)
    leaves = [b for b, low in zip(run.tree.bound, run.tree.low, strict=True) if low < 0]
    return Search(run.best[1], run.best[0], max(leaves), run.tree, run.chains, run.nodes)
