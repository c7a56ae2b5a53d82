"""The Lagrangian of a box at prices on the rows, bounded from above by the table, cell by cell.

At prices π >= 0 a cell is worth at most the maximum of

    h(t) = Σ_c (worth_c - Σ_r π_r response_rc) F_c(t) - (money_cost + Σ_r π_r money_r) (t + setup) - Σ_r π_r on_r,

or of h(0) without the set-up terms. Between two nodes h lies below two lines, one through each; where they cross is the
bound. It falls with the square of the distance of the nodes, and nodes are added where it is largest.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.general.rows import Terms
from mixcurve.budget.general.table import Box, Table

__all__ = ["Lagrangian", "lagrangian", "sharpened"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

ROUNDS = 12
"""Rounds of new nodes for one set of prices; four are usual."""
PER_CELL = 3
"""Intervals of one cell that get a new node in one round."""
EDGE = 0.02
"""The least distance of a new node from the ends of its interval, as a share of it."""
ROUNDING = 1e-14
"""Relative rounding error of a sum of cells, added to every bound."""


@dataclass(frozen=True, eq=False)
class Prices:
    """What the prices on rows make of the cells: ``weight`` (n × P) per response, ``rate`` and ``fee`` (n)."""

    weight: FloatArray
    rate: FloatArray
    fee: FloatArray


@dataclass(frozen=True, eq=False)
class Lagrangian:
    """What cells are worth at prices ``multiplier`` (R): at every node, at most between nodes, at most in all.

    ``node`` (N) is minus infinity outside of the box, ``above`` (N) bounds the interval from node k to k + 1 and the
    node itself. ``point`` (n) is the best that was met in a cell, ``most`` (n) the proven maximum, ``off`` (n) what
    being off is worth.
    """

    multiplier: FloatArray
    prices: Prices
    node: FloatArray
    above: FloatArray
    point: FloatArray
    most: FloatArray
    off: FloatArray
    bound: float


def prices_of(terms: Terms, multiplier: FloatArray, objective: float = 1.0) -> Prices:
    """Return the prices; ``objective`` 0 leaves worth and cost of money out."""
    model = terms.model
    by_channel = objective * model.worth - multiplier @ terms.response
    weight = np.where(terms.member >= 0, by_channel[terms.member], 0.0)
    rate = objective * model.money_cost + multiplier @ terms.money
    return Prices(weight, rate, rate * model.setup + multiplier @ terms.on)


def lagrangian(table: Table, box: Box, multiplier: FloatArray, objective: float = 1.0) -> Lagrangian:
    """Return the Lagrangian of a box at prices (R), each at least 0."""
    terms = table.terms
    prices = prices_of(terms, multiplier, objective)
    owner, amount = table.owner, table.amount
    inside = box.on[owner] & (amount >= box.lower[owner]) & (amount <= box.upper[owner])
    weight, rate = prices.weight[owner], prices.rate[owner]
    h = (weight * table.value).sum(axis=1) - rate * amount - prices.fee[owner]
    left, right = ((weight * part).sum(axis=1)[:-1] - rate[:-1] for part in (table.left, table.right))
    node = np.where(inside, h, -np.inf)
    above = node.copy()
    both = inside[:-1] & inside[1:] & ~table.last[:-1]
    width = np.where(both, amount[1:] - amount[:-1], 0.0)
    rising = both & (left > 0)
    crossing = rising & (right < 0)
    with np.errstate(invalid="ignore", over="ignore"):
        run = np.where(
            crossing, (h[1:] - h[:-1] - right * width) / np.where(crossing, left - right, 1.0), 0.0
        )
        top = np.where(crossing, h[:-1] + left * np.clip(run, 0.0, width), np.maximum(h[1:], h[:-1]))
    above[:-1] = np.where(both, np.maximum(np.maximum(top, h[:-1]), h[1:]), node[:-1])
    off = np.where(box.off, (prices.weight * table.zero).sum(axis=1), -np.inf)
    point = np.maximum(np.maximum.reduceat(node, table.first), off)
    most = np.maximum(np.maximum.reduceat(above, table.first), off)
    parts = multiplier * terms.limit
    noise = ROUNDING * (float(np.abs(parts).sum()) + float(np.abs(most).sum()))
    bound = fsum(parts.tolist()) + fsum(most.tolist()) + noise
    return Lagrangian(multiplier, prices, node, above, point, most, off, bound)


def sharpened(
    table: Table, box: Box, multiplier: FloatArray, precision: float, objective: float = 1.0
) -> Lagrangian:
    """Return the Lagrangian, with nodes added until each cell's bound is within ``precision`` of a point."""
    found = lagrangian(table, box, multiplier, objective)
    for turn in range(ROUNDS):
        k = _open_intervals(table, found, precision)
        if not len(k):
            break
        owner, a, b = table.owner[k], table.amount[k], table.amount[k + 1]
        weight = found.prices.weight[owner]
        left = (weight * table.left[k]).sum(axis=1) - found.prices.rate[owner]
        right = (weight * table.right[k]).sum(axis=1) - found.prices.rate[owner]
        # Where slopes fall evenly the maximum is at the first of these, and the other is safe anywhere.
        share = left / np.maximum(left - right, np.finfo(np.float64).tiny)
        share = np.clip(share, EDGE, 1.0 - EDGE) if turn % 3 < 2 else np.full(len(k), 0.5)
        table.add(owner, a + (b - a) * share)
        found = lagrangian(table, box, multiplier, objective)
    return found


def _open_intervals(table: Table, found: Lagrangian, precision: float) -> IndexArray:
    """Return the intervals that may hold more than the best point of their cell, the first few of each cell."""
    excess = found.above - found.point[table.owner]
    excess[table.last] = -np.inf
    excess[~np.isfinite(found.node) | ~np.isfinite(np.append(found.node[1:], -np.inf))] = -np.inf
    k = np.flatnonzero(excess > precision)
    k = k[np.lexsort((-excess[k], table.owner[k]))]
    start = np.append(True, table.owner[k][1:] != table.owner[k][:-1]) if len(k) else np.empty(0, dtype=bool)
    rank = np.arange(len(k)) - np.maximum.accumulate(np.where(start, np.arange(len(k)), 0))
    return k[rank < PER_CELL]
