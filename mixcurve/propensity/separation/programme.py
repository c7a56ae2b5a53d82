"""The linear programmes behind `find_separation`, on as few rows as decide them.

With rows z_i (the one of the intercept first) and s_i = ±1 for the class, a direction b separates if ``s_i z_i b >= 0``
for every row and not all are zero. Only a few rows bind, so each programme starts with none and takes up those that
its solution breaks, until it breaks no row: then it is the solution of the whole programme.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import FitError
from mixcurve.propensity.newton.blocks import Standardised

__all__ = ["Signed"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

TOLERANCE = 1e-7
"""Of margins of standardised rows: what the simplex method promises."""
TAKEN_UP = 200
"""Rows taken up at once, those broken most first."""
MOST_ROUNDS = 1_000


@dataclass(frozen=True)
class Signed:
    """Standardised rows with the sign of their class.

    Parameters
    ----------
    design
        The features behind a column of ones.
    sign
        (n,), +1 or -1; 0 for rows that do not count.
    """

    design: Standardised
    sign: FloatArray

    def margins(self, direction: FloatArray) -> FloatArray:
        """Return ``s_i z_i b`` of every row, (n,)."""
        out = np.empty(self.design.rows)
        for span, block in self.design.blocks():
            out[span] = self.sign[span] * (block @ direction)
        return out

    def total(self) -> FloatArray:
        """Return ``Σ s_i z_i``, (p + 1,)."""
        out = np.zeros(self.design.columns)
        for span, block in self.design.blocks():
            out += self.sign[span] @ block
        return out

    def rows(self, which: IntArray) -> FloatArray:
        """Return some signed rows, (k, p + 1)."""
        part = Standardised(self.design.X[which], self.design.centre, self.design.scale)
        found = np.concatenate([block.copy() for _, block in part.blocks()])
        return found * self.sign[which, None]

    def farthest(self, columns: Sequence[int]) -> tuple[FloatArray, float]:
        """Return the direction within a box that makes the sum of margins largest, none below 0, and that sum."""
        total = self.total()[columns]
        found = self._solve(columns, lambda rows: _programme(-total, rows, 0.0))
        return found, float(total @ found[columns])

    def widest(self, columns: Sequence[int]) -> float:
        """Return the largest margin that all rows can have in a direction within a box; 0 if none is above 0."""
        found: list[float] = [0.0]

        def solved(rows: FloatArray) -> FloatArray:
            # One variable more: the margin itself, which every row must reach.
            with_margin = np.hstack([rows, -np.ones((len(rows), 1))])
            answer = _programme(np.append(np.zeros(len(columns)), -1.0), with_margin, 0.0)
            found[0] = float(answer[-1])
            return answer[:-1]

        self._solve(columns, solved, lambda: found[0])
        return found[0]

    def sparsest(self, columns: Sequence[int]) -> FloatArray:
        """Return the separating direction of least absolute sum over features, for a mean margin of 1."""
        total = self.total()[columns] / np.count_nonzero(self.sign)
        cost = np.tile((np.asarray(columns) > 0).astype(float), 2)

        def solved(rows: FloatArray) -> FloatArray:
            both = np.hstack([rows, -rows])
            answer = _programme(cost, both, 0.0, equal=np.append(total, -total), bounds=(0.0, None))
            return answer[: len(columns)] - answer[len(columns) :]

        return self._solve(columns, solved)

    def _solve(
        self,
        columns: Sequence[int],
        solved: Callable[[FloatArray], FloatArray],
        margin: Callable[[], float] = lambda: 0.0,
    ) -> FloatArray:
        """Return the solution over all rows, (p + 1,), zeros outside the columns, by taking up the rows it breaks."""
        taken = np.flatnonzero(self.sign)[:0]
        direction = np.zeros(self.design.columns)
        for _ in range(MOST_ROUNDS):
            direction[list(columns)] = solved(
                self.rows(taken)[:, columns] if len(taken) else np.empty((0, len(columns)))
            )
            found = self.margins(direction) - margin()
            found[(self.sign == 0)] = 0.0
            found[taken] = 0.0
            broken = np.flatnonzero(found < -TOLERANCE)
            if not len(broken):
                return direction
            worst = broken[np.argsort(found[broken])[:TAKEN_UP]]
            taken = np.concatenate([taken, worst])
        raise FitError(
            "Whether the classes are separated could not be decided: the linear programme did not end."
        )


def _programme(
    cost: FloatArray,
    rows: FloatArray,
    floor: float,
    equal: FloatArray | None = None,
    bounds: Any = (-1.0, 1.0),
) -> FloatArray:
    """Return the variables that minimise the cost, with every row's product at least ``floor``."""
    from scipy.optimize import linprog

    more: dict[str, Any] = {} if equal is None else {"A_eq": equal[None, :], "b_eq": [1.0]}
    some: dict[str, Any] = {"A_ub": -rows, "b_ub": np.full(len(rows), -floor)} if len(rows) else {}
    found: Any = linprog(cost, bounds=bounds, method="highs", **some, **more)
    if found.x is None:
        raise FitError(f"Whether the classes are separated could not be decided: {found.message}")
    return np.asarray(found.x, dtype=np.float64)
