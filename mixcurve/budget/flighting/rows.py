"""The constraints that join periods or channels, as rows ``A x <= limit``, and schedules that keep them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack

from mixcurve.budget.flighting.problem import FlightProblem

__all__ = ["Rows", "nearest_schedule", "rows_of"]

FloatArray = npt.NDArray[np.float64]

ROOM = 1e-12
"""Share by which a repaired schedule is drawn back from what rounding lets it exceed."""


@dataclass(frozen=True, eq=False)
class Rows:
    """R rows over T × C spends: ``weight`` (R × T × C), ``limit`` (R,), the first of them the budget.

    ``kind`` names each: ``"budget"``, ``"period"``, ``"most"`` or ``"least"``, and ``place`` its period or channel.
    """

    weight: FloatArray
    limit: FloatArray
    kind: tuple[str, ...]
    place: tuple[int, ...]

    @property
    def flat(self) -> FloatArray:
        """The weights as (R × T C)."""
        return self.weight.reshape(len(self.limit), -1)

    def cost(self, price: FloatArray) -> FloatArray:
        """Return what a unit of money costs in each period and channel (T × C) at prices of the rows (R,)."""
        return np.tensordot(price, self.weight, axes=1)

    def excess(self, spend: FloatArray) -> FloatArray:
        """Return how far a schedule goes beyond each limit (R,)."""
        return self.flat @ spend.ravel() - self.limit


def rows_of(problem: FlightProblem) -> Rows:
    """Return the rows of a problem that spend within its other bounds could break."""
    shape = problem.season.shape
    found: list[tuple[str, int, FloatArray, float]] = [("budget", 0, np.ones(shape), problem.budget)]
    for t in np.flatnonzero(problem.period_budgets < problem.period_upper.sum(axis=1)).tolist():
        found.append(("period", t, _only(shape, (t, slice(None))), float(problem.period_budgets[t])))
    for c in range(shape[1]):
        mine = _only(shape, (slice(None), c))
        if problem.upper[c] < min(problem.budget, problem.period_upper[:, c].sum()):
            found.append(("most", c, mine, float(problem.upper[c])))
        if problem.lower[c] > problem.period_lower[:, c].sum():
            found.append(("least", c, -mine, -float(problem.lower[c])))
    kind, place, weight, limit = zip(*found, strict=True)
    return Rows(np.stack(weight), np.array(limit), kind, place)


def _only(shape: tuple[int, ...], where: tuple[int | slice, int | slice]) -> FloatArray:
    out = np.zeros(shape)
    out[where] = 1.0
    return out


def nearest_schedule(problem: FlightProblem, rows: Rows, wish: FloatArray) -> FloatArray | None:
    """Return a schedule within all bounds that moves the least money from a wish (T × C), or None if there is none."""
    low, high = problem.period_lower.ravel(), problem.period_upper.ravel()
    within = np.clip(wish.ravel(), low, high)
    if not np.any(rows.flat @ within > rows.limit):
        return within.reshape(wish.shape)
    n = len(within)
    size = max(problem.budget, np.finfo(np.float64).tiny)
    matrix = csr_array(rows.flat)
    # x = within + more - less, so that rows of sums stay sparse.
    both: Any = hstack([matrix, -matrix])
    room = np.concatenate([high - within, within - low]) / size
    bounds: Any = np.column_stack([np.zeros(2 * n), room])
    limit = (rows.limit - matrix @ within) / size
    done = linprog(np.ones(2 * n), A_ub=both, b_ub=limit, bounds=bounds, method="highs")
    if done.x is None:
        return None
    moved = np.clip(within + size * (done.x[:n] - done.x[n:]), low, high)
    return _drawn_back(problem, rows, moved.reshape(wish.shape))


def _drawn_back(problem: FlightProblem, rows: Rows, spend: FloatArray) -> FloatArray:
    """Return the schedule without the last digits by which a solver's tolerance broke an upper limit."""
    out = spend
    for _ in range(4):
        over = rows.excess(out) > 0
        upper = [r for r in np.flatnonzero(over).tolist() if rows.kind[r] != "least"]
        if not upper:
            break
        for r in upper:
            mine = rows.weight[r] > 0
            room = np.where(mine, out - problem.period_lower, 0.0)
            total = float(room.sum())
            if total > 0:
                share = min((rows.excess(out)[r] + ROOM * rows.limit[r]) / total, 1.0)
                out = out - max(share, 0.0) * room
    return np.maximum(out, problem.period_lower)
