"""The relaxation of nested groups: one price per group, from the innermost groups outwards and back.

Within a group the segments of all its cells are bought by falling slope. What lies beyond the group's most is cut off
before the group around it buys; what its least asks for is bought in any case. On the way back the price of a group is
that of the group around it, raised to the slope at which its most is spent and lowered to that at which its least is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.blocks.boxes import segments_of
from mixcurve.budget.blocks.forest import Forest
from mixcurve.budget.blocks.hulls import Boxes, hulls_of
from mixcurve.budget.blocks.nodes import centres, graded, spread
from mixcurve.budget.blocks.relaxed import Segments
from mixcurve.budget.functions import Functions

__all__ = ["nested_prices"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

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
) -> tuple[FloatArray, FloatArray]:
    """Return a price per group (G,) at which the relaxed cells keep every group's limits, and what cells then buy.

    ``asked`` is the price outside the outermost group.
    """
    node = spread(boxes)
    price = amount = np.empty(0)
    for step in range(ROUNDS + 1):
        hulls = hulls_of(functions, boxes, node)
        price = _prices(segments_of(hulls, 0, len(boxes.row)), forest, asked)
        amount, jump = centres(functions, boxes, hulls, price[forest.home])
        node = graded(boxes, amount, jump) if step < ROUNDS else node
    return price, amount


def _prices(segments: Segments, forest: Forest, asked: float) -> FloatArray:
    groups = len(forest.name)
    base = np.bincount(forest.home, segments.base_x, groups)
    flow = _Flow(forest.home[segments.cell], segments.slope, segments.width, base)
    capped, forced = np.full(groups, -np.inf), np.full(groups, np.inf)
    for depth in range(int(forest.depth.max()), -1, -1):
        _leave(flow, forest, depth, capped, forced)
    price = np.empty(groups)
    for g in range(groups - 1, -1, -1):
        around = asked if g == forest.root else price[forest.parent[g]]
        price[g] = min(max(around, capped[g]), max(forced[g], 0.0))
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
        (forced, short & (after >= forest.least[owner])),
    ):
        at = np.flatnonzero(crosses)
        first = at[np.unique(owner[at], return_index=True)[1]]
        out[owner[first]] = slope[first]
    kept = np.minimum(after, forest.most[owner]) - np.maximum(before, forest.least[owner])
    some = kept > 0
    here = np.flatnonzero(forest.depth == depth)
    if depth:
        around = forest.parent[here]
        np.add.at(flow.base, around, np.maximum(flow.base[here], forest.least[here]))
        owner = forest.parent[owner]
    flow.owner = np.concatenate([flow.owner[~mine], owner[some]])
    flow.slope = np.concatenate([flow.slope[~mine], slope[some]])
    flow.width = np.concatenate([flow.width[~mine], kept[some]])
