"""Branch and bound for an objective of the draws' totals.

Each box is relaxed twice: each cell's amount to mixtures of nodes, and the objective to cuts that hold it from above.
Cuts are added where the best mixture is worth less than they say. A box that may still hold a better plan is cut at
the cell whose mixture is furthest from a real amount. Every leaf keeps its bound and what proves it.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from math import floor

import numpy as np
import numpy.typing as npt

from mixcurve.budget.risk.ascent import ascended, excess_of
from mixcurve.budget.risk.bound import Box, peaks, tops
from mixcurve.budget.risk.draws import Draws
from mixcurve.budget.risk.growth import Growing, corners, halves, whole
from mixcurve.budget.risk.measures import Concave, Measure
from mixcurve.budget.risk.relaxation import Node, Relaxation
from mixcurve.budget.risk.rounding import filled, plans_from

__all__ = ["Search", "search"]

FloatArray = npt.NDArray[np.float64]

SHARE_OF_TOLERANCE = 0.9
"""The part of the tolerance that the search uses."""
SMALL = 1e-3
"""Values below this share of the objective's size are held to a tolerance of the size, not of themselves."""
ROUGH, FINE = 0.03, 1e-4
"""Parts of the tolerance to which plans are climbed on the way, and the best one in the end."""
KEPT = 1e-9
"""Share in the mixture of cuts from which on a cut is handed to the parts of a box."""
KEEPING = 1e-12
"""Relative excess over a row's limit within which a plan keeps it: the rounding of a sum."""
ROOM = 2e-7
"""Room that is left to the bounds of single draws, in sizes of the largest, for a verifier that is less precise."""
AGAIN = 0.05
"""Part of a bound's distance to the goal by which it must have fallen for caps that follow from it to be lifted."""
MULTIPLES = (1.0, 0.5, 0.75, 1.4, 2.0)
"""Multiples of the multipliers at which single draws are bounded, for their shadow prices differ; a box that is a part
takes the first."""
MOST_AGAIN = 8, 2
"""How often they are lifted, for the whole problem and for a part."""
ALMOST = 1e-9
"""Part of a step of a count that rounding may leave."""


@dataclass(frozen=True, eq=False)
class Search:
    """The best plan (None if none was found) and its value, the bound and its tree, and how many boxes were solved."""

    amount: FloatArray | None
    value: float
    bound: float
    tree: Growing
    nodes: int


class _Run:
    """The state of one search."""

    def __init__(self, draws: Draws, measure: Measure, size: float, tolerance: float) -> None:
        self.draws, self.measure, self.size, self.tolerance = draws, measure, size, tolerance
        self.relaxation = Relaxation(draws, size)
        self.tree, self.open, self.nodes = Growing(), list[tuple[float, int, Node]](), 0
        self.value = -np.inf
        self.amount: FloatArray | None = None
        self.seen: set[bytes] = set()
        self.root = whole(draws.model)

    @property
    def step(self) -> float:
        """The distance between bound and value that is asked for."""
        value = abs(self.value) if np.isfinite(self.value) else self.size
        return max(
            SHARE_OF_TOLERANCE * self.tolerance * max(value, SMALL * self.size),
            (1.0 - ALMOST) * self.measure.steps,
        )

    @property
    def goal(self) -> float:
        """The bound from which the best plan counts as proven."""
        return self.value + self.step

    @property
    def bound(self) -> float:
        """The proven bound; a count is at most the largest that a whole number of steps allows."""
        found, step = self.tree.largest, self.measure.steps
        return found if step == 0 else max(floor(found / step + ALMOST) * step, self.value)

    def offer(self, amount: FloatArray) -> bool:
        """Consider a plan; whether it is the best so far."""
        if excess_of(self.draws, amount) > KEEPING:
            return False
        value = self.measure.value(self.draws.totals(amount))
        if value <= self.value:
            return False
        self.value, self.amount = value, amount
        return True

    def climb(self, amount: FloatArray, still: float) -> None:
        """Consider the best plans near one, to a promised gain of ``still`` sizes of the objective."""
        here: FloatArray | None = amount
        for number in range(self.measure.climbs):
            near = self.measure.near(self.draws.totals(amount), number)
            target = self.value if self.measure.concave else -np.inf
            here = ascended(self.draws, near, amount, self.size, still=still, target=target)
            if here is None or (not self.offer(here) and number > 0):
                return
            amount = here

    def improve(self, node: Node) -> None:
        """Consider plans next to the mixture of a box; from each pattern of cells once, and from what is better."""
        if node.mixture is None:
            return
        for amount in plans_from(self.draws.model, self.relaxation.tables, node.mixture.share):
            pattern = (amount > 0).tobytes()
            if self.offer(amount) or pattern not in self.seen:
                self.seen.add(pattern)
                self.climb(amount, ROUGH * self.tolerance)

    def concave(self, box: Box, bound: float, multiplier: FloatArray) -> Concave:
        """Return what holds the objective from above on a box where ``bound`` is known to hold.

        Where that depends on the most that each draw may bring, it is bounded at some multiples of the multipliers.
        """
        if self.measure.concave:
            return self.measure.on(np.empty(0), np.empty(0), bound, self.goal)
        low, high = self.draws.between(*corners(self.draws.model, box))
        for part in MULTIPLES[: None if box is self.root else 1] if multiplier.any() else ():
            high = np.minimum(high, tops(self.relaxation.tables, box, part * multiplier))
        return self.measure.on(low, high, bound, self.goal)

    def solve(self, box: Box, parent: Node | None, cuts: list[FloatArray]) -> Node:
        """Bound a box and hang it into the tree as a leaf."""
        self.nodes += 1
        model, bound = self.draws.model, np.inf if parent is None else parent.bound
        multiplier = np.zeros(len(model.rows)) if parent is None else parent.multiplier
        concave = self.concave(box, bound, multiplier)
        numbers = [self.relaxation.cuts.add(*concave.mended(w)) for w in cuts]
        node = Node(box, bound, cuts[0] if parent is None else parent.weight, multiplier, concave, numbers)
        self.relaxation.solve(node, self.goal, self.step)
        for _ in range(0 if self.measure.concave else MOST_AGAIN[box is not self.root]):
            if node.bound <= self.goal or bound - node.bound <= AGAIN * (node.bound - self.goal):
                break
            bound = node.bound
            node.concave = self.concave(box, bound, node.multiplier)
            kept = self.used(node)
            node.cuts = [self.relaxation.cuts.add(*node.concave.mended(w)) for w in kept]
            self.relaxation.solve(node, self.goal, self.step)
        if not self.measure.concave:
            self.settle(node, parent)
        node.number = self.tree.add(node.bound, node.multiplier, node.weight)
        if node.bound > self.goal:
            self.improve(node)
            node.cell, node.cut = self.relaxation.where_to_cut(node, wide=not self.measure.concave)
            if node.cell >= 0:
                heapq.heappush(self.open, (-node.bound, node.number, node))
        return node

    def settle(self, node: Node, parent: Node | None) -> None:
        """Let the bound of a box rest on nothing but its own weights and multipliers, or else those of its parent."""
        low, most = self.draws.between(*corners(self.draws.model, node.box))
        proofs = [
            (node.weight, node.multiplier),
            *([] if parent is None else [(parent.weight, parent.multiplier)]),
        ]
        known, node.bound = node.bound, np.inf
        for weight, multiplier in proofs:
            total = peaks(self.relaxation.tables, node.box, weight, 0.0, multiplier).bound
            bound, high = self.measure.proven(weight, total, low, most), most
            for part in MULTIPLES:
                if bound <= max(self.goal, known * (1.0 + KEEPING)):
                    break
                alone = tops(self.relaxation.tables, node.box, part * multiplier)
                high = np.minimum(high, alone + ROOM * float(np.abs(most).max()))
                bound = self.measure.proven(weight, total, low, high)
            if bound < node.bound:
                node.bound, node.weight, node.multiplier = bound, weight, multiplier
            if parent is None or node.bound <= parent.bound:
                return

    def used(self, node: Node) -> list[FloatArray]:
        """Return the weights of the cuts that matter to a box, and of those that were added last."""
        shares = np.empty(0) if node.mixture is None else node.mixture.cuts
        kept = [k for k, part in zip(node.cuts, shares, strict=False) if part > KEPT] + node.cuts[
            len(shares) :
        ]
        return list(self.relaxation.cuts.weights(kept))

    def expand(self, node: Node) -> None:
        """Cut a box in two and solve both parts."""
        cuts = self.used(node)
        low, high = (self.solve(box, node, cuts) for box in halves(node.box, node.cell, node.cut))
        self.tree.split(node.number, node.cell, node.cut, (low.number, high.number))


def search(
    draws: Draws,
    measure: Measure,
    starts: list[FloatArray],
    *,
    size: float,
    tolerance: float,
    max_nodes: int,
) -> Search:
    """Return the best plan, with a proven bound on the objective of every plan.

    Parameters
    ----------
    draws, measure
        What is maximised: ``measure`` of the draws' totals.
    starts
        Plans to climb from, at least one; they need not keep the rows.
    size
        Of the objective, by which arithmetic is scaled and small values are judged.
    tolerance
        The search ends when the bound is within this relative distance of the value.
    max_nodes
        The search ends when this many boxes were solved; the bound holds wherever it ends.
    """
    run = _Run(draws, measure, size, tolerance)
    for amount in starts:
        run.offer(amount)
        run.climb(amount, ROUGH * tolerance)
    first = run.concave(run.root, np.inf, np.zeros(len(draws.model.rows))).cut(draws.totals(starts[0]))[0]
    run.solve(run.root, None, [first])
    while run.open and -run.open[0][0] > run.goal and run.nodes + 2 <= max_nodes:
        run.expand(heapq.heappop(run.open)[2])
    if run.amount is not None:
        run.climb(run.amount, FINE * tolerance)
        run.offer(filled(draws.model, run.amount))
    return Search(run.amount, run.value, run.bound, run.tree, run.nodes)
