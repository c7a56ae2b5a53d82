"""The step under an absolute penalty: coordinate descent on the quadratic that Newton's method would minimise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.linalg import LinAlgError, cho_factor, cho_solve

__all__ = ["absolute_minimum", "absolute_step"]

FloatArray = npt.NDArray[np.float64]
MOST_SWEEPS = 1_000
SETTLED = 1e-12
"""Sweeps end when none moves a coefficient by more than this many of its conditional standard errors."""
TRY_EXACT = 5
"""Sweeps between attempts to solve exactly for the coefficients that are not 0."""


def absolute_step(
    theta: FloatArray, gradient: FloatArray, curvature: FloatArray, l1: float
) -> tuple[FloatArray, FloatArray, float]:
    """Return the step to the minimum of the quadratic model plus ``l1 Σ |b|``, errors, and the slope along it.

    The errors are conditional standard errors, ``1 / √curvature`` of each coefficient by itself: those of all together
    do not exist when there are more columns than rows. The slope counts the fall of the absolute penalty (Lee, Sun and
    Saunders 2014).
    """
    linear = gradient - curvature @ theta
    found = absolute_minimum(theta, linear, curvature, l1)
    step = found - theta
    diagonal = np.diag(curvature)
    errors = np.where(diagonal > 0, 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0)), 1.0)
    fall = float(gradient @ step) + l1 * float(np.abs(found[1:]).sum() - np.abs(theta[1:]).sum())
    return step, errors, fall


def absolute_minimum(start: FloatArray, linear: FloatArray, curvature: FloatArray, l1: float) -> FloatArray:
    """Return the ``x`` that minimises ``½ xᵀ C x + linearᵀ x + l1 Σ_{j>0} |x_j|``.

    Sweeps find which coefficients are not 0 and their signs; the linear system of these gives the rest exactly.
    """
    x = start.copy()
    diagonal = np.diag(curvature)
    columns = np.flatnonzero(diagonal > 0)
    limits = np.full(len(x), l1)
    limits[0] = 0.0
    slope = curvature @ x + linear
    for sweep in range(MOST_SWEEPS):
        moved = 0.0
        for j in columns:
            aim = diagonal[j] * x[j] - slope[j]
            after = np.sign(aim) * max(abs(aim) - limits[j], 0.0) / diagonal[j]
            if after != x[j]:
                slope += (after - x[j]) * curvature[j]
                moved = max(moved, abs(after - x[j]) * np.sqrt(diagonal[j]))
                x[j] = after
        if moved <= SETTLED:
            break
        if sweep % TRY_EXACT == TRY_EXACT - 1:
            exact = _exact(x, linear, curvature, limits)
            if exact is not None:
                return exact
    return x


def _exact(x: FloatArray, linear: FloatArray, curvature: FloatArray, limits: FloatArray) -> FloatArray | None:
    """Return the minimum if the coefficients that are not 0, and their signs, are those of ``x``; else None."""
    kept = np.flatnonzero((x != 0) | ((limits == 0) & (np.diag(curvature) > 0)))
    signs = np.sign(x[kept])
    try:
        factor = cho_factor(curvature[np.ix_(kept, kept)])
    except LinAlgError:
        return None
    values = cho_solve(factor, -linear[kept] - limits[kept] * signs)
    found = np.zeros_like(x)
    found[kept] = values
    slope = np.abs(curvature @ found + linear)
    outside = np.ones(len(x), dtype=bool)
    outside[kept] = False
    same = (limits[kept] == 0) | (np.sign(values) == signs)
    return found if same.all() and (slope[outside] <= limits[outside] * (1 + SETTLED)).all() else None
