"""Where to place nodes: widely at first, then densely around the amount that a price buys."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.budget.blocks.hulls import Boxes, Hulls
from mixcurve.budget.functions import Functions

__all__ = ["centres", "graded", "settled", "spread"]

FloatArray = npt.NDArray[np.float64]

WIDE = np.unique(np.concatenate([[0.0], np.geomspace(1e-8, 1.0, 44), np.linspace(0.0, 1.0, 11)]))
"""The first nodes, as shares of a box: every scale down to a hundred-millionth of it, and its whole length."""
CORE = np.unique(np.concatenate([[0.0], np.geomspace(1e-6, 1.0, 14), np.linspace(0.0, 1.0, 7)]))
"""The wide nodes that stay when others are placed around a centre."""
STEPS = 0.2 ** np.arange(8)
"""Distances of the dense nodes from a centre, as shares of the room on that side: each a fifth of the one before."""
FEW_STEPS = STEPS[:5]
"""The same around further centres, which matter less."""
ROOM = 0.3
"""The farthest dense node, as a share of the centre's amount or of its distance to an end, whichever is larger."""
NEAR = (0.7, 1.4)
"""How far, relative to an amount, the one that the price buys is looked for."""
NEWTON = 5
"""Newton steps to the amount whose slope is the price."""


def spread(boxes: Boxes) -> FloatArray:
    """Return the first nodes of each box (k, G)."""
    return _between(boxes, WIDE)


def _between(boxes: Boxes, cuts: FloatArray) -> FloatArray:
    high = np.maximum(boxes.high, boxes.low)
    node = boxes.low[:, None] + (high - boxes.low)[:, None] * cuts
    node[:, -1] = high
    return node


def graded(boxes: Boxes, *centre: FloatArray) -> FloatArray:
    """Return nodes of each box that crowd around each centre (k,), an amount inside the box or outside it."""
    parts = [_between(boxes, CORE)]
    high = np.maximum(boxes.high, boxes.low)
    for steps, middle in zip((STEPS, *[FEW_STEPS] * len(centre)), centre, strict=False):
        c = np.clip(middle, boxes.low, high)
        reach = ROOM * np.maximum(c, 1e-12 * high)
        down, up = np.minimum(reach, c - boxes.low), np.minimum(reach, high - c)
        parts += [c[:, None], c[:, None] - down[:, None] * steps, c[:, None] + up[:, None] * steps]
    node = np.sort(np.concatenate(parts, axis=1), axis=1)
    return np.clip(node, boxes.low[:, None], high[:, None])


def settled(functions: Functions, boxes: Boxes, amount: FloatArray, price: FloatArray) -> FloatArray:
    """Return amounts (k,) moved to where the slope is the price, if that is near and the function concave there."""
    low, high = np.maximum(boxes.low, NEAR[0] * amount), np.minimum(boxes.high, NEAR[1] * amount)
    inner = np.flatnonzero((amount > low) & (amount < high))
    if not len(inner):
        return amount
    rows, x, lo, hi = boxes.row[inner], amount[inner], low[inner], high[inner]
    for _ in range(NEWTON):
        _, slope, second = functions.curvature(rows, x)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            step = np.where(second < 0, (slope - price[inner]) / second, 0.0)
        x = np.clip(np.where(np.isfinite(step), x - step, x), lo, hi)
    out = amount.copy()
    out[inner] = x
    return out


def centres(
    functions: Functions, boxes: Boxes, hulls: Hulls, price: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the amount that each box buys at its price (k,), and where its first segment ends: its jump, if any."""
    _, bought = hulls.at_price(price)
    amount = settled(
        functions, boxes, np.maximum(bought - np.where(bought > 0, boxes.setup, 0.0), 0.0), price
    )
    first = hulls.first[:-1]
    end = np.where(hulls.width[first] > 0, hulls.x[first] + hulls.width[first], 0.0)
    return amount, np.maximum(end - boxes.setup, 0.0)
