"""From the relaxed plans of boxes to plans that exist: rounded, brought to a local optimum, and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.blocks.boxes import Asked, Node
from mixcurve.budget.blocks.hulls import Boxes, stacked
from mixcurve.budget.blocks.polish import Plans, polished
from mixcurve.budget.functions import Functions

__all__ = ["FLAT", "STUCK", "Incumbent", "amounts_of", "improved", "looked_at", "offered_plan"]

FloatArray = npt.NDArray[np.float64]

FLAT = 1.0 - 1e-7
"""Where a curve begins a segment at this share of the segment's slope or more, it is concave there: no jump."""
STUCK = 0.5
"""Where more nodes leave a plan this share or more of its distance to the majorant, it lies on a jump."""
ROUNDING = 1e-12
"""Relative distance by which money may miss its limits: the rounding of a sum."""
NEARLY = 1e-2
"""A plan is brought to its local optimum if it is no worse than the best by more than this share of it."""


@dataclass(frozen=True, eq=False)
class Incumbent:
    """A plan, amounts per cell (None: there is none), and its value in the problem, at the price asked."""

    amount: FloatArray | None
    value: float


NOTHING = Incumbent(None, -np.inf)


def amounts_of(boxes: Boxes, money: FloatArray) -> FloatArray:
    """Return what a relaxed plan's money buys of each box: nothing where it lies between off and on."""
    dropped = boxes.off & (~boxes.on | (money < (boxes.low + boxes.setup) * (1.0 - ROUNDING)))
    inside = np.clip(money - boxes.setup, boxes.low, np.maximum(boxes.high, boxes.low))
    return np.where(dropped | (boxes.off & (money <= 0)), 0.0, inside)


def looked_at(functions: Functions, nodes: Sequence[Node]) -> None:
    """Write into each node the amounts of its plan, and how far each cell lies below its majorant there."""
    boxes = stacked([node.boxes for node in nodes])
    money = np.concatenate([node.money for node in nodes])
    amount = amounts_of(boxes, money)
    value = functions.value(boxes.row, amount)
    below = np.concatenate([node.worth for node in nodes]) - value
    first = np.append(0, np.cumsum([len(node.money) for node in nodes])).tolist()
    for k, node in enumerate(nodes):
        cells = slice(first[k], first[k + 1])
        node.amount, node.below = amount[cells], below[cells]
        spent = float((node.amount + np.where(node.amount > 0, node.boxes.setup, 0.0)).sum())
        node.value = float(value[cells].sum()) - node.asked.price * spent
    for node, jump in zip(nodes, _jumps(functions, nodes), strict=True):
        node.jump = jump


def _jumps(functions: Functions, nodes: Sequence[Node]) -> list[bool]:
    """Return per node whether its split cell lies on a jump: the curve begins the segment flatter than the segment."""
    split = [max(node.split, 0) for node in nodes]
    begins = np.array([_segment_start(node, j) for node, j in zip(nodes, split, strict=True)])
    rows = np.array([node.boxes.row[j] for node, j in zip(nodes, split, strict=True)])
    slope = functions.slopes(rows, np.maximum(begins, 0.0))[1]
    price = np.array([node.price for node in nodes])
    stuck = [
        bool(len(n.before)) and n.below[j] > STUCK * n.before[j] for n, j in zip(nodes, split, strict=True)
    ]
    found = (begins < 0) | (slope < FLAT * price) | np.array(stuck)
    return [bool(f) and node.split >= 0 for f, node in zip(found, nodes, strict=True)]


def _segment_start(node: Node, j: int) -> float:
    """Return the amount at which the segment begins that cell j's plan lies on; -1 where that is to be off."""
    begin = float(node.money[j]) - (node.part if j == node.split else 0.0)
    apart = node.boxes.off[j] and (node.boxes.low[j] > 0 or node.boxes.setup[j] > 0)
    return -1.0 if apart and begin <= 0 else begin - float(node.boxes.setup[j])


def improved(functions: Functions, best: Sequence[Incumbent], nodes: Sequence[Node]) -> list[Incumbent]:
    """Return a plan per node, at a local optimum, or none where that could not beat the best of its problem."""
    chosen: dict[int, Node] = {}
    for node in nodes:
        if node.feasible and (node.problem not in chosen or node.value > chosen[node.problem].value):
            chosen[node.problem] = node
    tried = [
        n for n in chosen.values() if n.value >= best[n.problem].value - NEARLY * abs(best[n.problem].value)
    ]
    out = {id(node): NOTHING for node in nodes}
    if tried:
        for node, amount in zip(tried, _polished(functions, tried), strict=True):
            plans = [offered_plan(functions, node.asked, plan) for plan in (node.amount, amount)]
            out[id(node)] = max(plans, key=lambda plan: plan.value)
    return [out[id(node)] for node in nodes]


def _polished(functions: Functions, nodes: Sequence[Node]) -> list[FloatArray]:
    sizes = [len(node.money) for node in nodes]
    # The whole problem's boxes, so that a plan may leave the part that it was found in.
    whole = stacked([node.asked.boxes for node in nodes])
    total = [
        n.asked.most if n.price > n.asked.price else n.asked.least if n.price < n.asked.price else np.nan
        for n in nodes
    ]
    plans = Plans(
        whole,
        np.repeat(np.arange(len(nodes)), sizes),
        np.concatenate([node.amount for node in nodes]),
        np.array(total),
        np.array([node.asked.price for node in nodes]),
    )
    return np.split(polished(functions, plans), np.cumsum(sizes)[:-1])


def offered_plan(functions: Functions, asked: Asked, amount: FloatArray | None) -> Incumbent:
    """Return the plan with its value, or none if it leaves a box or the limits of the money."""
    if amount is None:
        return NOTHING
    boxes = asked.boxes
    slack = ROUNDING * np.maximum(boxes.high, 0.0)
    kept = (amount >= boxes.low - slack) & (amount <= boxes.high + slack)
    spent = float((amount + np.where(amount > 0, boxes.setup, 0.0)).sum())
    if not np.all(kept | (boxes.off & (amount == 0))):
        return NOTHING
    if not asked.least * (1.0 - ROUNDING) <= spent <= asked.most * (1.0 + ROUNDING):
        return NOTHING
    return Incumbent(amount, float(functions.value(boxes.row, amount).sum()) - asked.price * spent)
