"""What a test of residuals returns, and the space that a fit's parameters span."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result

__all__ = ["ResidualTest", "span_of"]

FloatArray = npt.NDArray[np.float64]
RANK = 1e-10
"""A direction counts as a parameter's own if its singular value is above this share of the largest, columns scaled."""


@dataclass(frozen=True, eq=False)
class ResidualTest(Result):
    """A test's statistic, its p-value under independent Gaussian noise of one spread, and its degrees of freedom."""

    name: str
    statistic: float
    p_value: float
    degrees_of_freedom: tuple[float, ...] = ()


def span_of(jacobian: npt.ArrayLike, rows: int) -> FloatArray:
    """Return orthonormal columns (rows × rank) that span those of the Jacobian; columns of zeros count for nothing.

    Raises
    ------
    InputError
        If the Jacobian has not one row per residual, or not more rows than independent columns.

    Examples
    --------
    >>> span_of([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]], 3).shape
    (3, 1)
    """
    columns = finite_array("jacobian", jacobian, ndim=2)
    if len(columns) != rows:
        raise InputError(f"jacobian must have a row for each of the {rows} residuals, got {len(columns)}.")
    length = np.linalg.norm(columns, axis=0)
    scaled = columns[:, length > 0] / length[length > 0]
    if not scaled.shape[1]:
        return np.empty((rows, 0))
    u, size, _ = np.linalg.svd(scaled, full_matrices=False)
    rank = int((size > RANK * size[0]).sum())
    if rank >= rows:
        raise InputError(
            f"{rows} rows leave nothing to check after {rank} parameters. Use more periods or a smaller model."
        )
    return np.asarray(u[:, :rank])
