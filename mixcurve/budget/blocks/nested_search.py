"""Branch and bound over all cells of nested groups at once, for models of which the groups cannot be taken apart."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.blocks.boxes import segments_of
from mixcurve.budget.blocks.branching import COARSE, halves
from mixcurve.budget.blocks.forest import Forest
from mixcurve.budget.blocks.grown import GrownTree
from mixcurve.budget.blocks.hulls import Boxes, hulls_of
from mixcurve.budget.blocks.nested_node import NestedNode, candidates, crowded, looked_into
from mixcurve.budget.blocks.nodes import graded, settled, spread
from mixcurve.budget.blocks.relaxed import Segments
from mixcurve.budget.functions import Functions
from mixcurve.budget.model import Model
from mixcurve.budget.proof.trees import TreeProof

__all__ = ["NestedSearch"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

ROOT_ROUNDS, ROUNDS = 8, 4
"""Times that nodes are crowded in the whole problem and in a new box."""
NOISE = 1e-13
"""A distance to the majorant below this share of the bound is rounding."""


class NestedSearch:
    """One search: the best plan so far, the tree, and the boxes still open."""

    def __init__(
        self,
        model: Model,
        forest: Forest,
        functions: Functions,
        boxes: Boxes,
        keeps: Callable[[FloatArray], bool],
        tolerance: float,
    ) -> None:
        self.model, self.forest, self.functions, self.boxes = model, forest, functions, boxes
        self.keeps, self.tolerance = keeps, tolerance
        self.plan: FloatArray | None = None
        self.value, self.nodes = -np.inf, 0
        self.tree, self.price = GrownTree(), list[FloatArray]()
        self.open: list[tuple[float, int, NestedNode]] = []
        self.possible: set[int] = set()

    def run(self, starts: Sequence[FloatArray], max_nodes: int) -> None:
        """Search until the best plan is proven within the tolerance, or ``max_nodes`` boxes are solved."""
        for plan in starts:
            self.offer(plan)
        number = self.tree.add(0.0)
        hulls = hulls_of(self.functions, self.boxes, spread(self.boxes))
        self.solve(number, self.boxes, segments_of(hulls, 0, self.model.cells), ROOT_ROUNDS)
        while self.open and self.nodes < max_nodes and -self.open[0][0] > self.goal:
            node = heapq.heappop(self.open)[2]
            if node.jump.any():
                self.branch(node)
            else:
                finer = crowded(self.functions, self.forest, node)
                self.solve(node.number, node.boxes, finer, ROUNDS, node.below)

    @property
    def goal(self) -> float:
        """The value from which a bound proves enough."""
        return self.value + 0.9 * self.tolerance * abs(self.value) if self.plan is not None else -np.inf

    @property
    def bound(self) -> float:
        """The proven bound; minus infinity where no box holds a plan."""
        leaves = [number for number, cell in enumerate(self.tree.cell) if cell < 0]
        return self.tree.largest if self.plan is not None or self.possible.intersection(leaves) else -np.inf

    def offer(self, plan: FloatArray) -> None:
        """Keep a plan if it is allowed and better than the best so far."""
        value = fsum(self.functions.value(self.boxes.row, plan).tolist())
        value -= self.model.money_cost * fsum(self.model.money(plan).tolist())
        if value > self.value and self.keeps(plan):
            self.plan, self.value = plan, value

    def solve(
        self,
        number: int,
        boxes: Boxes,
        segments: Segments,
        rounds: int,
        before: FloatArray | None = None,
    ) -> None:
        """Solve a box, offer its plans, record its bound, and queue it if its plan lies below its majorants."""
        node = self.look(number, boxes, segments, before)
        for _ in range(rounds):
            self.offer(node.amount)
            gap = node.plan.bound - max(self.goal, node.plan.bound - abs(node.plan.bound))
            if not node.plan.feasible or gap <= 0 or node.coarseness <= COARSE * gap:
                break
            node = self.look(number, boxes, crowded(self.functions, self.forest, node), node.below)
        self.nodes += 1
        self.record(node)
        if not node.plan.feasible or node.plan.bound <= self.goal:
            return
        for plan in candidates(self.functions, self.forest, self.model.money_cost, self.boxes, node):
            self.offer(plan)
        if node.below.max() > NOISE * max(abs(node.plan.bound), float(node.plan.worth.max())):
            heapq.heappush(self.open, (-node.plan.bound, self.nodes, node))

    def look(
        self, number: int, boxes: Boxes, segments: Segments, before: FloatArray | None = None
    ) -> NestedNode:
        """Solve the relaxation of a box."""
        cost = self.model.money_cost
        return looked_into(self.functions, self.forest, cost, number, boxes, segments, before)

    def record(self, node: NestedNode) -> None:
        """Write a box's prices and bound into the tree."""
        while len(self.price) < len(self.tree.bound):
            self.price.append(np.zeros(len(self.forest.name)))
        self.price[node.number], self.tree.bound[node.number] = node.plan.price, node.plan.bound
        if node.plan.feasible:
            self.possible.add(node.number)

    def branch(self, node: NestedNode) -> None:
        """Cut a box in two at the cell that lies farthest below its majorant on a jump."""
        j = int(np.argmax(np.where(node.jump, node.below, -1.0)))
        box = node.boxes.at(slice(j, j + 1))
        at = float(node.plan.money[j] - box.setup[0])
        cut, *parts = halves(box, at, float(self.functions.bend(box.row)[0]))
        price = node.plan.price[self.forest.home[j : j + 1]]
        for number, part in zip(self.tree.split(node.number, j, cut), parts, strict=True):
            if part.off[0] or part.on[0]:
                centre = settled(self.functions, part, np.array([at]), price)
                hulls = hulls_of(self.functions, part, graded(part, np.array([at]), centre))
                cells = np.array([j])
                segments = node.segments.replaced(cells, segments_of(hulls, 0, 1))
                self.solve(number, node.boxes.replaced(cells, part), segments, ROUNDS)

    def proof(self) -> TreeProof:
        """Return the tree with the rows' multipliers: the steps of price from each group to the one around it."""
        forest, cost = self.forest, self.model.money_cost
        multiplier = np.zeros((len(self.tree.bound), len(self.model.rows)))
        for number, price in enumerate(self.price):
            step = price - np.append(price[forest.parent[:-1]], cost)
            for g in np.flatnonzero(step).tolist():
                row = forest.most_row[g] if step[g] > 0 else forest.least_row[g]
                multiplier[number, row] += abs(step[g])
        return TreeProof(self.tree.frozen(), multiplier, np.empty((0, 0)))
