"""How much money a group may hold, and whether a box admits a plan, by a model's own rows."""

from __future__ import annotations

from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model, Row
from mixcurve.budget.proof.boxes import Boxes, Leaf
from mixcurve.budget.proof.responses import DrawnResponses

__all__ = ["admits_no_plan", "cell_money", "money_limits"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

EPS = float(np.finfo(np.float64).eps)


def money_limits(model: Model, cells: IndexArray) -> tuple[float, float]:
    """Return the least and the most money that ``cells`` hold together in any plan, by bounds and single rows.

    A row ``Σ m_i money_i + ... <= limit`` with no negative coefficient and m_i >= m > 0 on the cells leaves them at
    most ``limit / m``. One with m_i >= -m on the cells, m_i >= 0 on all others, and no negative coefficient besides,
    asks for at least ``-limit / m``.
    """
    least, most = cell_money(model, cells, Boxes.of(model, cells, [Leaf(0, {})]))
    others = np.ones(model.cells, dtype=np.bool_)
    others[cells] = False
    for row in model.rows:
        if not (np.all(row.money[others] >= 0) and np.all(row.response >= 0) and np.all(row.on >= 0)):
            continue
        smallest = float(row.money[cells].min(initial=np.inf))
        if 0 < smallest < np.inf:
            most = min(most, row.limit / smallest)
        elif smallest < 0:
            least = max(least, row.limit / smallest)
    return least, most


def cell_money(model: Model, cells: IndexArray, box: Boxes) -> tuple[float, float]:
    """Return the least and the most money that ``cells`` may take together in a box (1 × cells) that holds a plan."""
    on, zero, setup = box.on[0], box.zero[0], model.setup[cells]
    least = np.where(zero | ~on, 0.0, box.low[0] + setup)
    return fsum(least), fsum(np.where(on, box.high[0] + setup, 0.0))


def admits_no_plan(responses: DrawnResponses, box: Boxes) -> bool:
    """Return whether a box (1 × n) has a row that none of its plans meets: the least of its left side is too much."""
    model = responses.model
    if not box.held.all():
        return True
    return any(_least(responses, row, box) > row.limit for row in model.rows)


def _least(responses: DrawnResponses, row: Row, box: Boxes) -> float:
    """Return a lower bound of a row's left side over the box; exact where coefficients are 0, 1 or -1 on money."""
    model = responses.model
    low, high = np.maximum(box.low[0], 0.0), box.high[0]
    parts = [np.minimum(row.money * low, row.money * high), row.money * model.setup, row.on]
    rounding = 0.0
    if row.response.any():
        ends = (
            responses.means(x[model.cell] * model.share, model.weight) for x in (low, np.maximum(high, low))
        )
        at_low, at_high = ends
        least = np.where(row.response > 0, row.response * at_low, row.response * at_high)
        parts.append(np.bincount(model.cell, least, model.cells))
        rounding += 1e3 * EPS * float(np.abs(row.response * at_high).sum())
    if not np.all(np.isin(row.money, (-1.0, 0.0, 1.0))):
        rounding += 4.0 * EPS * float(np.abs(row.money * (high + model.setup)).sum())
    when_on = sum(parts)
    on, zero = box.on[0], box.zero[0]
    off_is_least = zero & (~on | (when_on > 0))
    chosen = [np.where(off_is_least, 0.0, part) for part in parts]
    return fsum(np.concatenate(chosen)) - rounding
