"""One box of the search over nested groups: its relaxed plan, looked at cell by cell, and the plans that come of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mixcurve.budget.blocks.boxes import segments_of
from mixcurve.budget.blocks.branching import TOGETHER
from mixcurve.budget.blocks.forest import Forest
from mixcurve.budget.blocks.hulls import Boxes, hulls_of
from mixcurve.budget.blocks.incumbents import FLAT, STUCK, amounts_of
from mixcurve.budget.blocks.nested import NestedPlan, nested_plan
from mixcurve.budget.blocks.nodes import graded, settled
from mixcurve.budget.blocks.polish import Plans, polished
from mixcurve.budget.blocks.relaxed import Segments
from mixcurve.budget.functions import Functions

__all__ = ["NestedNode", "candidates", "crowded", "held_polish", "looked_into"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


def _none() -> FloatArray:
    return np.empty(0)


@dataclass
class NestedNode:
    """A box of all cells: its segments, the relaxed plan, the amounts it buys, and how far they lie below it.

    ``jump`` marks cells whose money lies where no amount comes near the majorant.
    """

    number: int
    boxes: Boxes
    segments: Segments
    plan: NestedPlan
    amount: FloatArray = field(default_factory=_none)
    below: FloatArray = field(default_factory=_none)
    jump: BoolArray = field(default_factory=lambda: np.empty(0, dtype=np.bool_))

    @property
    def coarseness(self) -> float:
        """By how much the plan lies below the majorants, but for the cells on a jump."""
        return float(self.below[~self.jump].sum())


def looked_into(
    functions: Functions,
    forest: Forest,
    asked: float,
    number: int,
    boxes: Boxes,
    segments: Segments,
    before: FloatArray | None = None,
) -> NestedNode:
    """Solve the relaxation of a box and look at its plan; ``before`` is ``below`` before nodes were crowded there."""
    plan = nested_plan(segments, forest, asked)
    node = NestedNode(number, boxes, segments, plan)
    node.amount = amounts_of(boxes, plan.money)
    node.below = plan.worth - functions.value(boxes.row, node.amount)
    node.jump = np.zeros(len(boxes.row), dtype=np.bool_)
    split = np.flatnonzero(plan.part > 0)
    if len(split):
        start = plan.money[split] - plan.part[split]
        apart = boxes.off[split] & ((boxes.low[split] > 0) | (boxes.setup[split] > 0)) & (start <= 0)
        begin = np.maximum(start - boxes.setup[split], 0.0)
        slope = functions.slopes(boxes.row[split], begin)[1]
        node.jump[split] = apart | (slope < FLAT * plan.price[forest.home[split]])
        if before is not None:
            node.jump[split] |= node.below[split] > STUCK * before[split]
    return node


def crowded(functions: Functions, forest: Forest, node: NestedNode) -> Segments:
    """Return the node's segments with nodes crowded around the plan in every cell whose majorant is coarse there."""
    below = np.where(node.jump, 0.0, node.below)
    cells = np.flatnonzero(below >= TOGETHER * below.max())
    boxes, price = node.boxes.at(cells), node.plan.price[forest.home[cells]]
    amount = node.amount[cells]
    hulls = hulls_of(functions, boxes, graded(boxes, settled(functions, boxes, amount, price), amount))
    return node.segments.replaced(cells, segments_of(hulls, 0, len(cells)))


def candidates(
    functions: Functions, forest: Forest, asked: float, root: Boxes, node: NestedNode
) -> list[FloatArray]:
    """Return plans near the relaxed one at a local optimum, each held group's money at its limit; not yet checked."""
    plan = node.plan
    outer = np.append(plan.price[forest.parent[:-1]], asked)
    limit = np.where(plan.price > outer, forest.most, np.where(plan.price < outer, forest.least, np.nan))
    back = plan.money - plan.part
    nearest = np.where(node.jump & (plan.part > 0) & (node.below > 0), back, plan.money)
    tried = [node.amount, amounts_of(node.boxes, nearest)] if node.jump.any() else [node.amount]
    return [*tried, *(held_polish(functions, forest, asked, root, amount, limit) for amount in tried)]


def held_polish(
    functions: Functions,
    forest: Forest,
    asked: float,
    root: Boxes,
    amount: FloatArray,
    limit: FloatArray,
) -> FloatArray:
    """Return a plan at a local optimum in which groups keep the money ``limit`` (G,), where that is not NaN.

    Other groups are held by nothing; the outermost then pays ``asked`` a unit.
    """
    held = np.isfinite(limit)
    held[forest.root] = True
    total, home = limit.copy(), forest.home.copy()
    for g in range(forest.root):
        around = int(forest.parent[g])
        if not held[g]:
            home[home == g] = around
        while not held[around]:
            around = int(forest.parent[around])
        if held[g]:
            total[around] -= limit[g]
    return polished(functions, Plans(root, home, amount, total, np.full(len(total), asked)))
