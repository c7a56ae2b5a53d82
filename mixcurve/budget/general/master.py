"""The master programme: the best mixture of known points of the cells that keeps the rows, and the rows' prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linprog

from mixcurve.budget.general.lagrange import Lagrangian
from mixcurve.budget.general.rows import Terms
from mixcurve.budget.general.table import Box, Table

__all__ = ["Columns", "Mixture", "columns_of", "mixed", "nearest_mixed"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

PRECISION = 1e-10
"""Of the programme's rows and prices, relative: the finest that HiGHS takes."""
OPTIONS: Any = {
    "presolve": False,
    "primal_feasibility_tolerance": PRECISION,
    "dual_feasibility_tolerance": PRECISION,
}
SUPPORT = 1e-9
"""Weight from which a point counts as part of a mixture."""
BEST = 10
"""Nodes of each cell, those worth most at the prices, that enter a programme."""


@dataclass(frozen=True, eq=False)
class Columns:
    """M points of cells: ``owner``, ``amount``, ``on`` and the responses ``value`` (M × P)."""

    owner: IndexArray
    amount: FloatArray
    on: BoolArray
    value: FloatArray

    def __add__(self, other: Columns) -> Columns:
        mine, theirs = vars(self).values(), vars(other).values()
        return Columns(*(np.concatenate([a, b]) for a, b in zip(mine, theirs, strict=True)))

    def at(self, kept: BoolArray) -> Columns:
        """Return some of the points."""
        return Columns(self.owner[kept], self.amount[kept], self.on[kept], self.value[kept])


@dataclass(frozen=True, eq=False)
class Mixture:
    """Points with weights that add up to 1 in each cell, the prices of the rows (R) and the value.

    ``short`` is by how much the rows must be exceeded, in their scales: 0 where they can be kept.
    """

    columns: Columns
    weight: FloatArray
    multiplier: FloatArray
    value: float
    short: float = 0.0

    def amount(self, cells: int) -> FloatArray:
        """Return the mean amount of each cell (n,)."""
        return np.bincount(self.columns.owner, self.weight * self.columns.amount, minlength=cells)

    def share_off(self, cells: int) -> FloatArray:
        """Return the weight of being off in each cell (n,)."""
        return np.bincount(self.columns.owner, self.weight * ~self.columns.on, minlength=cells)


def columns_of(table: Table, box: Box, found: Lagrangian, *, everything: bool = False) -> Columns:
    """Return the nodes worth most at the prices, the ends of the box, and the points where cells are off."""
    inside = np.isfinite(found.node)
    if everything:
        k = np.flatnonzero(inside)
    else:
        order = np.lexsort((-found.node, table.owner))
        rank = np.empty(len(order), dtype=np.intp)
        rank[order] = np.arange(len(order)) - np.repeat(
            table.first, np.diff(np.append(table.first, len(order)))
        )
        end = (table.amount == box.lower[table.owner]) | (table.amount == box.upper[table.owner])
        k = np.flatnonzero(inside & ((rank < BEST) | end))
    off = np.flatnonzero(box.off)
    nodes = Columns(table.owner[k], table.amount[k], np.ones(len(k), dtype=bool), table.value[k])
    return nodes + Columns(off, np.zeros(len(off)), np.zeros(len(off), dtype=bool), table.zero[off])


def _rows_of(terms: Terms, columns: Columns) -> tuple[FloatArray, FloatArray]:
    """Return what each point is worth (M,) and what it uses of each row (R × M)."""
    model, owner = terms.model, columns.owner
    member = terms.member[owner]
    known = member >= 0
    money = columns.amount + np.where(columns.on, model.setup[owner], 0.0)
    worth = (np.where(known, model.worth[member], 0.0) * columns.value).sum(axis=1) - model.money_cost * money
    used = terms.money[:, owner] * money + terms.on[:, owner] * columns.on
    used += (np.where(known, terms.response[:, member], 0.0) * columns.value).sum(axis=2)
    return worth, used


def _solved(
    cost: FloatArray, used: FloatArray, limit: FloatArray, owner: IndexArray, cells: int
) -> tuple[FloatArray, FloatArray, float] | None:
    """Return weights, prices and value of the programme; None where the rows cannot be kept, or HiGHS gives up."""
    count, size = len(owner), used.shape[0]
    extra = len(cost) - count
    sums = sparse.csc_array(
        (np.ones(count), owner, np.append(np.arange(count + 1), np.full(extra, count))),
        (cells, count + extra),
    )
    rows: dict[str, Any] = {"A_eq": sums, "b_eq": np.ones(cells)}
    if size:
        rows |= {"A_ub": sparse.csc_array(used), "b_ub": limit}
    found = linprog(-cost, method="highs-ds", options=OPTIONS, **rows)
    if found.status != 0 or found.fun is None:
        return None
    prices = np.maximum(-np.asarray(found.ineqlin.marginals), 0.0) if size else np.zeros(0)
    return np.asarray(found.x), prices, -float(found.fun)


def _scales(used: FloatArray, limit: FloatArray) -> FloatArray:
    most = np.abs(used).max(axis=1, initial=0.0) if used.size else np.zeros(len(limit))
    size = np.maximum(most, np.abs(limit))
    return np.where(size > 0, size, 1.0)


def mixed(terms: Terms, columns: Columns) -> Mixture | None:
    """Return the best mixture; None where no mixture keeps the rows."""
    worth, used = _rows_of(terms, columns)
    scale, unit = _scales(used, terms.limit), float(np.abs(worth).max(initial=0.0)) or 1.0
    found = _solved(
        worth / unit, used / scale[:, None], terms.limit / scale, columns.owner, terms.model.cells
    )
    if found is None:
        return None
    weight, price, value = found
    kept = weight > SUPPORT
    return Mixture(columns.at(kept), weight[kept], price * unit / scale, value * unit)


def nearest_mixed(terms: Terms, columns: Columns) -> Mixture | None:
    """Return the mixture that exceeds the rows least, each in its own scale, with the prices that prove it."""
    worth, used = _rows_of(terms, columns)
    scale = _scales(used, terms.limit)
    rows = np.hstack([used / scale[:, None], -np.eye(len(scale))])
    cost = np.append(np.zeros(len(worth)), -np.ones(len(scale)))
    found = _solved(cost, rows, terms.limit / scale, columns.owner, terms.model.cells)
    if found is None:
        return None
    weight, price, value = found
    mine = weight[: len(worth)]
    kept = mine > SUPPORT
    return Mixture(columns.at(kept), mine[kept], price / scale, value, short=-value)
