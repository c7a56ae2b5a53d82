"""Branch and bound on many one-constraint problems side by side.

In every round each problem that is not yet proven takes its box of the largest bound and either cuts it in two at the
cell whose plan lies on a jump of its majorant, or, where the majorant is only too coarse, places more nodes. All new
boxes of a round are solved together. Every box left aside keeps its bound.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from mixcurve.budget.blocks.boxes import Asked, Node, first_nodes, solved
from mixcurve.budget.blocks.branching import next_nodes, settle
from mixcurve.budget.blocks.grown import GrownTree
from mixcurve.budget.blocks.incumbents import Incumbent, improved, looked_at, offered_plan
from mixcurve.budget.blocks.relaxed import Segments, joined, relaxed
from mixcurve.budget.functions import Functions
from mixcurve.budget.proof.trees import BoxTree

__all__ = ["Found", "leaf_bounds", "repriced", "searched"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

ROOT_ROUNDS, ROUNDS = 8, 3
"""Times that nodes are crowded at once in the whole problem and in a new box."""
NOISE = 1e-13
"""A distance to the majorant below this share of the bound is rounding."""


@dataclass(frozen=True, eq=False)
class Found:
    """The best plan of a problem (None where there is none), its value, the proven bound, and the tree.

    ``leaves`` are the leaves that may hold a plan, by number, with their segments; ``lost`` those that hold none.
    """

    amount: FloatArray | None
    value: float
    bound: float
    tree: BoxTree
    price: FloatArray
    nodes: int
    leaves: tuple[tuple[int, Segments], ...] = ()
    lost: tuple[tuple[int, Segments], ...] = ()


@dataclass
class _Run:
    """The search of one problem."""

    tolerance: float
    best: Incumbent
    tree: GrownTree = field(default_factory=GrownTree)
    open: list[tuple[float, int, int, Node]] = field(default_factory=list)
    segments: dict[int, Segments] = field(default_factory=dict)
    lost: list[tuple[int, Segments]] = field(default_factory=list)
    nodes: int = 0

    def goal(self, node: Node) -> float:
        """Return the value from which a bound proves enough."""
        best = max(self.best.value, node.value if node.feasible else -np.inf)
        return best + self.tolerance if np.isfinite(best) else float(node.bound - abs(node.bound))

    def found(self) -> Found:
        """Return what the search found."""
        best, tree = self.best, self.tree
        leaves = tuple((k, part) for k, part in self.segments.items() if tree.cell[k] < 0)
        price, lost = np.array(tree.price), tuple(self.lost)
        return Found(best.amount, best.value, tree.largest, tree.frozen(), price, self.nodes, leaves, lost)

    def keep(self, node: Node) -> None:
        """Record what was found of a node; queue it if its plan lies below its majorant."""
        self.nodes += 1
        bound = node.bound if node.feasible else -np.inf
        self.tree.price[node.number], self.tree.bound[node.number] = node.price, bound
        if not node.feasible:
            self.lost.append((node.number, node.segments))
            return
        self.segments[node.number] = node.segments
        if node.below.max(initial=0.0) > NOISE * max(abs(bound), float(node.worth.max())):
            heapq.heappush(self.open, (-bound, node.number, self.nodes, node))

    def unfinished(self, most: int) -> bool:
        return bool(self.open) and self.nodes < most and -self.open[0][0] > self.best.value + self.tolerance


def leaf_bounds(asked: Asked, found: Found, price: FloatArray) -> tuple[IndexArray, FloatArray, FloatArray]:
    """Return the leaves that may hold a plan (L), and their bounds and prices for each price asked (L × J).

    Every leaf is proven anew; nothing is searched.
    """
    number = np.array([k for k, _ in found.leaves], dtype=np.intp)
    parts, many = [segments for _, segments in found.leaves] * len(price), len(number) * len(price)
    whole, of_segment, of_cell = joined(parts)
    limits = (np.full(many, asked.least), np.full(many, asked.most), np.repeat(price, len(number)))
    anew = relaxed(whole, of_segment, of_cell, *limits)
    shape = (len(price), len(number))
    return number, anew.bound.reshape(shape).T, anew.price.reshape(shape).T


def repriced(asked: Asked, found: Found, price: float) -> Found:
    """Return what was found with every leaf's bound proven anew for another price asked; nothing is searched."""
    if found.amount is None or not found.leaves:
        return found
    number, anew, own = leaf_bounds(asked, found, np.array([price]))
    bound, prices = found.tree.bound.copy(), found.price.copy()
    bound[number], prices[number] = anew[:, 0], own[:, 0]
    spent = float((found.amount + np.where(found.amount > 0, asked.boxes.setup, 0.0)).sum())
    leaf = found.tree.cell < 0
    return replace(
        found,
        value=found.value + (asked.price - price) * spent,
        bound=float(bound[leaf].max()),
        tree=replace(found.tree, bound=bound),
        price=prices,
    )


def searched(
    functions: Functions,
    asked: Sequence[Asked],
    tolerance: FloatArray,
    *,
    max_nodes: int,
    offered: Sequence[FloatArray | None] | None = None,
    near: Sequence[tuple[FloatArray, FloatArray]] | None = None,
) -> list[Found]:
    """Solve every problem to its absolute tolerance (b,), or to ``max_nodes`` boxes; bounds hold wherever it stops.

    ``offered`` are plans to start from, amounts per cell, or None; for ``near`` see `first_nodes`.
    """
    plans = offered or [None] * len(asked)
    runs = [
        _Run(float(t), offered_plan(functions, a, plan))
        for a, t, plan in zip(asked, tolerance, plans, strict=True)
    ]
    nodes = first_nodes(functions, asked, near)
    for run, node in zip(runs, nodes, strict=True):
        node.number = run.tree.add(0.0)
    rounds = ROOT_ROUNDS
    while nodes:
        looked_at(functions, nodes)
        goal = np.array([runs[node.problem].goal(node) for node in nodes])
        settle(functions, nodes, goal, rounds=rounds)
        rounds = ROUNDS
        for node, found in zip(nodes, improved(functions, [r.best for r in runs], nodes), strict=True):
            run = runs[node.problem]
            run.best = max(run.best, found, key=lambda plan: plan.value)
            run.keep(node)
        open_ = [run for run in runs if run.unfinished(max_nodes)]
        nodes = next_nodes(functions, [(heapq.heappop(run.open)[3], run.tree) for run in open_])
        if nodes:
            solved(nodes)
    return [r.found() for r in runs]
