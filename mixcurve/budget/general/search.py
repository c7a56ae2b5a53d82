"""Best-first branch and bound over boxes, for any rows.

A box that may hold something better than the goal is first shorn of the amounts that its own prices rule out, then cut
where its mixture is furthest from a real plan. What is shorn or put aside keeps its bound: the proven bound is the
largest of all leaves, wherever the search ends.
"""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt

from mixcurve.budget.general.branch import cuts_of
from mixcurve.budget.general.dive import DEPTH, MIXED, dived
from mixcurve.budget.general.polish import polished
from mixcurve.budget.general.relax import Aim, Relaxed, relaxed
from mixcurve.budget.general.rows import Terms
from mixcurve.budget.general.shear import shorn
from mixcurve.budget.general.table import Box, first_table, whole_box
from mixcurve.budget.general.tree import Grown

__all__ = ["Search"]

FloatArray = npt.NDArray[np.float64]

SHARE_OF_TOLERANCE = 0.9
"""The part of the tolerance that the search uses; the rest covers rounding where the proof is checked."""
FIRST_DIVES = 3
"""Boxes from which plans are always looked for; then where their number doubles, or while there is no plan."""
NOISE = 1e-13
"""Share of the objective's span that is rounding: a gap as small is closed."""


class Search:
    """The state of one search: the best plan, its worth, and the boxes still open."""

    def __init__(self, terms: Terms, tolerance: float) -> None:
        self.terms, self.tolerance = terms, tolerance
        self.table, self.tree = first_table(terms), Grown()
        self.open: list[tuple[float, int, Relaxed]] = []
        self.nodes = 0
        self.plan: FloatArray | None = None
        self.worth = -np.inf
        self.lowest, self.span = _reach(terms)

    def offer(self, plan: FloatArray) -> None:
        """Take a plan that keeps the rows if it is the best so far."""
        standing = self.terms.standing(plan)
        if standing.worth > self.worth and standing.keeps and self.terms.inside(plan):
            self.plan, self.worth = plan.copy(), standing.worth

    @property
    def aim(self) -> Aim:
        """The goal, from which the best plan counts as proven; without a plan, what any plan is worth at least."""
        if self.plan is None:
            return Aim(self.lowest, self.tolerance * self.span, self.span)
        precision = self.tolerance * abs(self.worth) + NOISE * self.span
        return Aim(self.worth + SHARE_OF_TOLERANCE * precision, precision, self.span)

    @property
    def bound(self) -> float:
        """What no plan exceeds."""
        return max(self.tree.largest, self.worth)

    def run(self, starts: list[FloatArray], max_nodes: int) -> None:
        """Search until the best plan is proven or as many boxes were solved."""
        zero = np.zeros(len(self.terms.limit))
        self.start(starts)
        self.tree.leaf(np.inf, zero)
        self.solve(whole_box(self.terms), 0, zero)
        if self.plan is None:
            model = self.terms.model
            self.start([np.where(model.optional, 0.0, model.lower)])
        while self.open and self.nodes < max_nodes:
            bound, node, box = heapq.heappop(self.open)
            if -bound <= self.aim.goal:
                break
            self.expand(node, box, max_nodes)

    def start(self, plans: list[FloatArray]) -> None:
        """Take plans, as they are and polished, if they keep the rows."""
        for given in plans:
            for plan in (given, polished(self.terms, given, np.zeros(len(self.terms.limit)))):
                if plan is not None:
                    self.offer(plan)

    def solve(self, box: Box, node: int, multiplier: FloatArray) -> None:
        """Bound a box, look for plans in it, and queue it if it may hold something better."""
        known = self.plan is not None
        found = relaxed(self.table, box, multiplier, self.aim, first=self.nodes == 0)
        self.nodes += 1
        deep = not known or self.nodes <= FIRST_DIVES or self.nodes & (self.nodes - 1) == 0
        self.dive(found, DEPTH if deep else 0)
        if self.plan is not None and not known:
            # The goal was not known before; now it says how near the bound must be brought.
            found = relaxed(self.table, box, found.found.multiplier, self.aim)
            self.dive(found, 0)
        if found.bound < self.tree.bound[node]:
            self.tree.bound[node], self.tree.multiplier[node] = found.bound, found.found.multiplier
        if self.tree.bound[node] > self.aim.goal:
            heapq.heappush(self.open, (-self.tree.bound[node], node, found))

    def dive(self, found: Relaxed, depth: int) -> None:
        """Look for a plan in a box."""
        plan = dived(self.table, found, self.aim, depth=depth)
        if plan is not None:
            self.offer(plan)

    def expand(self, node: int, state: Relaxed, max_nodes: int) -> None:
        """Cut a box and solve its parts."""
        box, node = shorn(self.table, self.tree, state, node, self.aim.goal)
        if box is None:
            return
        place = self._where(box, state)
        if place is None:
            return
        cell, cut = place[0], self.table.cut(*place)
        bound, multiplier = self.tree.bound[node], self.tree.multiplier[node]
        parts = [box.part(cell, cut, high=high) for high in (False, True)]
        leaves = [self.tree.leaf(bound if part is not None else -np.inf, multiplier) for part in parts]
        self.tree.split(node, cell, cut, leaves[0], leaves[1])
        for part, leaf in zip(parts, leaves, strict=True):
            if part is not None and self.nodes < max_nodes:
                self.solve(part, leaf, multiplier)

    def _where(self, box: Box, state: Relaxed) -> tuple[int, float] | None:
        """Return the cell to cut, and where: the widest where nothing is mixed; None where no cut would help."""
        if state.mixture is not None:
            cuts = cuts_of(self.table, box, state.mixture, state.found)
            wide = box.on & ((box.upper > box.lower) | box.off)
            cell = int(np.argmax(np.where(wide, cuts.distance, -1.0)))
            if np.any(cuts.stuck) and cuts.distance[cell] < MIXED * self.aim.precision:
                return None
            if cuts.distance[cell] > 0:
                return cell, float(cuts.cut[cell])
        width = np.where(box.on, box.upper - box.lower, 0.0) / np.maximum(self.terms.model.upper, 1e-300)
        cell = int(np.argmax(width))
        return cell, 0.5 * float(box.lower[cell] + box.upper[cell])


def _reach(terms: Terms) -> tuple[float, float]:
    """Return what every plan is worth at least, and how far apart plans may be."""
    model = terms.model
    low = float(model.worth @ terms.responses(np.where(model.optional, 0.0, model.lower)))
    cost = model.money_cost * float((model.upper + model.setup).sum())
    high = float(model.worth @ terms.responses(model.upper))
    span = max(high - low + abs(cost), np.finfo(np.float64).tiny)
    return low - abs(cost) - span, span
