"""The relaxed problem on nodes: a linear programme over mixtures of each cell's nodes.

    maximise η  subject to  η <= b_k + Σ_j θ_j (w_k · y_j - money_j)  for every cut k,  the rows,  Σ_j in cell θ_j = 1.

Each cut holds the objective from above. The multipliers of the cuts mix their weights into one, those of the rows are
prices: with them the bound of `peaks` is about the value of the programme. Rows may be broken at a high price, so the
programme always has a solution; where the box admits no plan the bound then falls far below every plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.risk.bound import usable
from mixcurve.budget.risk.programme import programme
from mixcurve.budget.risk.tables import Tables

__all__ = ["Mixture", "Rows", "mixture", "rows_of"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

BREAKING = 1e3
"""What breaking a row by its whole scale costs, in sizes of the objective: far above any shadow price of a plan."""


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows on nodes: what each node takes of each usable row (R × N), the limits (R,), and a scale (R,)."""

    takes: FloatArray
    limit: FloatArray
    scale: FloatArray
    used: BoolArray


@dataclass(frozen=True, eq=False)
class Mixture:
    """The share of each node (N,), the multipliers of cuts (K,) and of the model's rows (R,), and the value."""

    share: FloatArray
    cuts: FloatArray
    multiplier: FloatArray
    value: float


def rows_of(model: Model, tables: Tables) -> Rows:
    """Return the rows of a model on the nodes."""
    cell, money, on = tables.cell, tables.money, tables.on.astype(np.float64)
    takes = [r.money[cell] * money + r.on[cell] * on + tables.mean @ r.response for r in model.rows]
    matrix = np.stack(takes) if takes else np.zeros((0, len(cell)))
    limit = np.array([r.limit for r in model.rows])
    scale = np.maximum(np.abs(limit), np.abs(matrix).max(axis=1, initial=0.0)) if takes else limit
    return Rows(matrix, limit, np.maximum(scale, np.finfo(np.float64).tiny), usable(model))


def mixture(
    tables: Tables, inside: BoolArray, heights: FloatArray, offset: FloatArray, rows: Rows, size: float
) -> Mixture:
    """Return the best mixture of the nodes inside a box.

    Parameters
    ----------
    inside
        Which nodes are in the box (N,); at least one of every cell.
    heights, offset
        The cuts: w_k · y_j - money_j per node (K × N), and b_k (K,).
    size
        The objective's size, by which the programme is scaled.
    """
    at = np.flatnonzero(inside)
    used = np.flatnonzero(rows.used)
    k, m, r = len(heights), len(at), len(used)
    scale = rows.scale[used]
    upper = np.zeros((k + r, m + 1 + r))
    upper[:k, :m] = -heights[:, at] / size
    upper[:k, m] = 1.0
    upper[k:, :m] = rows.takes[np.ix_(used, at)] / scale[:, None]
    upper[k:, m + 1 :] = -np.eye(r)
    limit = np.concatenate([offset / size, rows.limit[used] / scale])
    cells = int(tables.cell[-1]) + 1
    equal = np.zeros((cells, m + 1 + r))
    equal[tables.cell[at], np.arange(m)] = 1.0
    cost = np.concatenate([np.zeros(m), [-1.0], np.full(r, BREAKING)])
    bounds = np.zeros((m + 1 + r, 2))
    bounds[:, 1] = np.inf
    bounds[m] = -np.inf, np.inf
    found = programme(cost, (upper, limit), (equal, np.ones(cells)), bounds)
    if found is None:
        return _nothing(len(inside), k, len(rows.limit))
    share = np.zeros(len(inside))
    share[at] = np.maximum(found.x[:m], 0.0)
    multiplier = np.zeros(len(rows.limit))
    multiplier[used] = found.price[k:] * size / scale
    weight = found.price[:k] / max(float(found.price[:k].sum()), np.finfo(np.float64).tiny)
    return Mixture(share, weight, multiplier, -found.cost * size)


def _nothing(nodes: int, cuts: int, rows: int) -> Mixture:
    """Return what is used where the programme failed in its arithmetic: all cuts alike, no prices; still a bound."""
    return Mixture(np.zeros(nodes), np.full(cuts, 1.0 / cuts), np.zeros(rows), np.inf)
