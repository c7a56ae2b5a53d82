"""Linear algebra of one Newton step: solve with the curvature, and name columns that say the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import LinAlgError, cho_factor, cho_solve, solve_triangular

from mixcurve.foundations.errors import FitError
from mixcurve.propensity.newton.blocks import column_name

__all__ = ["dependent_columns", "independent_columns", "inverse_of", "log_determinant", "refuse_collinear"]

FloatArray = npt.NDArray[np.float64]

SAME = 1e-11
"""A column is taken as a combination of others when they leave this share of its variance or less: float64 holds
16 digits, a column shifted by a million keeps 10 of its own, and squares of what is left come out of the noise here."""
NAMED_SHARE = 1e-6
"""A column belongs to a combination if its part, in standard deviations, is larger than this."""
MOST_NAMED = 6


def _scaled(curvature: FloatArray) -> tuple[npt.NDArray[np.intp], FloatArray, FloatArray]:
    """Return the columns with curvature, their roots, and their curvature scaled to ones on its diagonal."""
    active = np.flatnonzero(np.diag(curvature) > 0)
    root = np.sqrt(np.diag(curvature)[active])
    return active, root, curvature[np.ix_(active, active)] / np.outer(root, root)


def inverse_of(curvature: FloatArray) -> FloatArray | None:
    """Return the inverse of a symmetric positive matrix, zeros for rows without curvature; None if not positive."""
    active, root, unit = _scaled(curvature)
    inverse = np.zeros_like(curvature)
    try:
        factor = cho_factor(unit, lower=True)
    except LinAlgError:
        return None
    inverse[np.ix_(active, active)] = cho_solve(factor, np.eye(len(active))) / np.outer(root, root)
    return (inverse + inverse.T) / 2


def log_determinant(curvature: FloatArray) -> float:
    """Return the logarithm of the determinant over the columns with curvature; minus infinity if it is singular."""
    _, root, unit = _scaled(curvature)
    sign, value = np.linalg.slogdet(unit)
    return float(value + 2 * np.log(root).sum()) if sign > 0 else -np.inf


def refuse_collinear(curvature: FloatArray, rows: int, names: Any = None) -> None:
    """Raise a `FitError` that names a column which is a combination of others, and those others.

    ``curvature`` is that of the standardised columns with the intercept first, without any penalty.
    """
    active, _, unit = _scaled(curvature)
    column, parts = _first_dependent(unit)
    if column is None:
        return
    name = column_name(names, active[column] - 1)
    few = f" There are only {rows} rows for {len(unit)} coefficients." if rows <= len(unit) else ""
    involved = [int(j) for j in np.argsort(-np.abs(parts)) if abs(parts[j]) > NAMED_SHARE]
    told = [("the intercept" if active[j] == 0 else column_name(names, active[j] - 1)) for j in involved]
    others = ", ".join(told[:MOST_NAMED]) + (
        f" and {len(told) - MOST_NAMED} more" if told[MOST_NAMED:] else ""
    )
    raise FitError(
        f"Column {name} is a combination of {others}, so that their coefficients cannot be told apart.{few} "
        "Leave it out, or give l2 above 0."
    )


def independent_columns(curvature: FloatArray) -> list[int]:
    """Return the columns with curvature that are no combination of those before them."""
    without = dependent_columns(curvature)
    return [int(j) for j in _scaled(curvature)[0] if int(j) not in without]


def dependent_columns(curvature: FloatArray) -> dict[int, list[int]]:
    """Return each column that those before it make up, and these, the largest part first."""
    active, _, unit = _scaled(curvature)
    kept, found = list(range(len(active))), dict[int, list[int]]()
    while True:
        column, parts = _first_dependent(unit[np.ix_(kept, kept)])
        if column is None:
            return found
        made_of = [kept[int(j)] for j in np.argsort(-np.abs(parts)) if abs(parts[j]) > NAMED_SHARE]
        found[int(active[kept[column]])] = [int(active[j]) for j in made_of]
        del kept[column]


def _first_dependent(unit: FloatArray) -> tuple[int | None, FloatArray]:
    """Return the first column that those before it make up, and their parts in it."""
    factor = np.zeros_like(unit)
    for j in range(len(unit)):
        row = solve_triangular(factor[:j, :j], unit[:j, j], lower=True) if j else np.empty(0)
        left = unit[j, j] - row @ row
        if left <= SAME:
            return j, solve_triangular(factor[:j, :j].T, row, lower=False)
        factor[j, :j], factor[j, j] = row, np.sqrt(left)
    return None, np.empty(0)
