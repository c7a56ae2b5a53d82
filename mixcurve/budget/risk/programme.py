"""A linear programme, solved by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

__all__ = ["Solved", "programme"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Solved:
    """Where the cost is least, the cost, and by how much it falls for each inequality per unit of its limit."""

    x: FloatArray
    cost: float
    price: FloatArray


def programme(
    cost: FloatArray,
    upper: tuple[FloatArray, FloatArray],
    equal: tuple[FloatArray, FloatArray] | None,
    bounds: FloatArray,
) -> Solved | None:
    """Return the solution of ``min cost · x``, ``A x <= b``, ``E x = e`` within bounds (v × 2), None if HiGHS fails.

    ``upper`` is (A, b), ``equal`` is (E, e). Rows are held to 1e-10, below what a plan may break a row by.
    """
    matrix, right = (None, None) if equal is None else equal
    found = linprog(
        cost,
        upper[0],
        upper[1],
        matrix,
        right,
        bounds.tolist(),
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-9},
    )
    if found.x is None or found.fun is None:
        return None
    return Solved(
        np.asarray(found.x), float(found.fun), np.maximum(-np.asarray(found.ineqlin.marginals), 0.0)
    )
