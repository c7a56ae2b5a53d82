"""The relaxation of nested groups: one price per group, from the innermost groups outwards and back.

Within a group the segments of all its cells are bought by falling slope. What lies beyond the group's most is cut off
before the group around it buys; what its least asks for is bought in any case. On the way back the price of a group is
that of the group around it, raised to the slope at which its most is spent and lowered to that at which its least is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.blocks.boxes import segments_of
from mixcurve.budget.blocks.forest import Forest
from mixcurve.budget.blocks.hulls import Boxes, hulls_of
from mixcurve.budget.blocks.nodes import centres, graded, spread
from mixcurve.budget.blocks.relaxed import Segments
from mixcurve.budget.functions import Functions

__all__ = ["NestedPlan", "nested_plan", "nested_prices"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

FITS = 1e-12
"""Relative distance by which money may miss a limit: the rounding of a sum."""
SLACK = 1e-13
"""Rounding allowed for in a bound, relative to the sizes of its terms."""
IMPOSSIBLE = 1e9
"""The price, over the steepest slope, of a group whose least amounts exceed its most: the bound then shows it."""
ROUNDS = 2
"""Times that nodes are crowded around what the last prices buy: the prices are then near enough to begin with."""


@dataclass
class _Flow:
    """The segments that are still to be bought, and what is bought in any case, while groups are left outwards."""

    owner: IndexArray
    slope: FloatArray
    width: FloatArray
    base: FloatArray


def nested_prices(
    functions: Functions, boxes: Boxes, forest: Forest, asked: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return a price per group (G,) at which the relaxed cells keep every group's limits, what they buy, and jumps.

    ``asked`` is the price outside the outermost group. A jump is where a cell's first segment ends; see `centres`.
    """
    node = spread(boxes)
    price = amount = jump = np.empty(0)
    for step in range(ROUNDS + 1):
        hulls = hulls_of(functions, boxes, node)
        price = _prices(segments_of(hulls, 0, len(boxes.row)), forest, asked)
        amount, jump = centres(functions, boxes, hulls, price[forest.home])
        node = graded(boxes, amount, jump) if step < ROUNDS else node
    return price, amount, jump


@dataclass(frozen=True, eq=False)
class NestedPlan:
    """The relaxed plan of nested groups: a price per group, the proven bound, and by cell what is bought.

    ``part`` is how much of a segment a cell's money holds, 0 where it ends with a segment; ``worth`` the majorant.
    """

    price: FloatArray
    bound: float
    money: FloatArray
    worth: FloatArray
    part: FloatArray
    feasible: bool


def nested_plan(segments: Segments, forest: Forest, asked: float) -> NestedPlan:
    """Solve the relaxation on segments by falling slope."""
    price = _prices(segments, forest, asked)
    here = price[forest.home]
    cell = segments.cell
    gain = np.maximum(segments.slope - here[cell], 0.0) @ segments.width
    terms = [fsum(segments.base_v), -float(here @ segments.base_x), float(gain)]
    step = price - np.append(price[forest.parent[:-1]], asked)
    held = np.flatnonzero(step)
    limit = np.where(step > 0, forest.most, forest.least)
    terms += (step[held] * limit[held]).tolist()
    bought = np.where(segments.slope > here[cell], segments.width, 0.0)
    part = np.zeros(len(segments.base_x))
    feasible = _filled(segments, forest, price, limit, held, bought, part)
    money = segments.base_x + np.bincount(cell, bought, len(part))
    worth = segments.base_v + np.bincount(cell, bought * segments.slope, len(part))
    size = sum(abs(t) for t in terms) + float(np.abs(segments.slope) @ segments.width)
    return NestedPlan(price, fsum(terms) + SLACK * size, money, worth, part, feasible)


def _filled(
    segments: Segments,
    forest: Forest,
    price: FloatArray,
    limit: FloatArray,
    held: IndexArray,
    bought: FloatArray,
    part: FloatArray,
) -> bool:
    """Buy, in place, of the segments at each held group's price what its limit leaves; return whether that can be."""
    for g in held.tolist():  # the groups within come first
        inside = forest.inside(g)
        spent = float(segments.base_x[inside].sum()) + float(bought[inside[segments.cell]].sum())
        lacking = float(limit[g]) - spent
        if lacking <= 0:
            if lacking < -FITS * abs(float(limit[g])):
                return False
            continue
        here = inside & (price[forest.home] == price[g])
        for k in np.flatnonzero(here[segments.cell] & (segments.slope == price[g]) & (bought == 0)).tolist():
            bought[k] = min(lacking, segments.width[k])
            if bought[k] < segments.width[k]:
                part[segments.cell[k]] = bought[k]
            lacking -= bought[k]
            if lacking <= 0:
                break
        if lacking > FITS * abs(float(limit[g])):
            return False
    return True


def _prices(segments: Segments, forest: Forest, asked: float) -> FloatArray:
    groups = len(forest.name)
    base = np.bincount(forest.home, segments.base_x, groups)
    flow = _Flow(forest.home[segments.cell], segments.slope, segments.width, base)
    capped, forced = np.full(groups, -np.inf), np.full(groups, np.inf)
    for depth in range(int(forest.depth.max()), -1, -1):
        _leave(flow, forest, depth, capped, forced)
    steep = float(segments.slope[0]) if len(segments.slope) else 0.0
    beyond = IMPOSSIBLE * max(steep, asked, 1e-300)
    capped[flow.base > forest.most * (1.0 + FITS)] = beyond
    forced = np.where(forced == -np.inf, -beyond, forced)
    price = np.empty(groups)
    for g in range(groups - 1, -1, -1):
        around = asked if g == forest.root else price[forest.parent[g]]
        price[g] = min(max(around, capped[g]), forced[g])
    return price


def _leave(flow: _Flow, forest: Forest, depth: int, capped: FloatArray, forced: FloatArray) -> None:
    """Cut the segments of the groups at this depth to their limits, and hand the rest to the groups around them."""
    groups = len(forest.name)
    mine = forest.depth[flow.owner] == depth
    owner, slope, width = flow.owner[mine], flow.slope[mine], flow.width[mine]
    order = np.lexsort((-slope, owner))
    owner, slope, width = owner[order], slope[order], width[order]
    ends = np.searchsorted(owner, np.arange(groups))
    spent = np.cumsum(width)
    after = flow.base[owner] + spent - np.append(0.0, spent)[ends][owner]
    before = after - width
    short = flow.base[owner] < forest.least[owner]
    for out, crosses in (
        (capped, after > forest.most[owner]),
        (forced, short & (after >= forest.least[owner] * (1.0 - FITS))),
    ):
        at = np.flatnonzero(crosses)
        first = at[np.unique(owner[at], return_index=True)[1]]
        out[owner[first]] = slope[first]
    kept = np.minimum(after, forest.most[owner]) - np.maximum(before, forest.least[owner])
    some = kept > 0
    here = np.flatnonzero(forest.depth == depth)
    short = flow.base[here] + np.bincount(owner, width, groups)[here] < forest.least[here] * (1.0 - FITS)
    forced[here[short]] = -np.inf
    if depth:
        around = forest.parent[here]
        np.add.at(flow.base, around, np.maximum(flow.base[here], forest.least[here]))
        owner = forest.parent[owner]
    flow.owner = np.concatenate([flow.owner[~mine], owner[some]])
    flow.slope = np.concatenate([flow.slope[~mine], slope[some]])
    flow.width = np.concatenate([flow.width[~mine], kept[some]])
