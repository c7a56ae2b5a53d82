"""Which rows draw the fit towards them, and which lie far from it? Leverage, Cook's distance, outliers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.response.checks.statistic import span_of

__all__ = ["Influence", "influence", "leverage_of", "outlier_p_values"]

FloatArray = npt.NDArray[np.float64]
FULL = 1e-9
"""A row whose leverage is nearer to 1 than this sets a parameter on its own: its residual is 0 and says nothing."""


@dataclass(frozen=True, eq=False)
class Influence(Result):
    """Per row (n,): leverage, standardised and externally studentised residual, Cook's distance.

    A row of leverage 1 has NaN in all but the leverage. ``degrees_of_freedom`` is that of the studentised residuals.
    """

    leverage: FloatArray
    standardised: FloatArray
    studentised: FloatArray
    cooks_distance: FloatArray
    degrees_of_freedom: int


def leverage_of(jacobian: npt.ArrayLike) -> FloatArray:
    """Return the leverage of each row: the diagonal of the projection onto the Jacobian's columns, in [0, 1].

    The rows' squared lengths in an orthonormal basis of the columns; no inverse is formed.

    Parameters
    ----------
    jacobian
        Shape (n, p): derivative of the fitted values with respect to the parameters. Dependent columns count once.

    Raises
    ------
    InputError
        If there are not more rows than independent columns.

    References
    ----------
    Hoaglin and Welsch (1978), The American Statistician 32, 17-22.

    Examples
    --------
    >>> leverage_of([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]).round(3).tolist()
    [0.833, 0.333, 0.833]
    """
    rows = np.shape(jacobian)[0] if np.ndim(jacobian) else 0
    return np.asarray(np.clip(np.sum(span_of(jacobian, rows) ** 2, axis=1), 0.0, 1.0))


def influence(residual: npt.ArrayLike, leverage: npt.ArrayLike, parameters: int) -> Influence:
    """Return the influence of each row on a fit.

    With s² = e'e / (n - p): standardised r = e / (s √(1 - h)), Cook's distance r² h / ((1 - h) p), externally
    studentised t = r √((n - p - 1) / (n - p - r²)), which has Student's t distribution with n - p - 1 degrees of
    freedom.

    Parameters
    ----------
    residual, leverage
        Shape (n,).
    parameters
        How many the fit has, p.

    Raises
    ------
    InputError
        If the shapes differ, n - p is below 2, a leverage is outside [0, 1], or all residuals are 0.

    References
    ----------
    Cook (1977), Technometrics 19, 15-18. Cook and Weisberg (1982), Residuals and Influence in Regression, chapter 2.

    Examples
    --------
    >>> found = influence([1.0, -2.0, 1.0, 0.0], [0.7, 0.3, 0.3, 0.7], 2)
    >>> found.cooks_distance.round(3).tolist()
    [1.296, 0.408, 0.102, 0.0]
    """
    e, h = finite_array("residual", residual, ndim=1), finite_array("leverage", leverage, ndim=1)
    p = int(number("parameters", parameters, low=1))
    free = len(e) - p
    if len(h) != len(e) or free < 2 or not e.any():
        raise InputError(
            f"residual must vary, have a leverage each and 2 rows more than parameters; "
            f"got {len(e)} residuals, {len(h)} leverages and {p} parameters."
        )
    if (h < 0).any() or (h > 1).any():
        raise InputError(f"leverage must be in [0, 1], got {h.min():g} to {h.max():g}. Use leverage_of.")
    room = np.where(h < 1.0 - FULL, 1.0 - h, np.nan)
    standardised = e / np.sqrt(e @ e / free * room)
    # An exact r² = n - p is a row without which the fit is perfect: its t is infinite, not an error.
    left = np.maximum(free - standardised**2, 0.0)
    with np.errstate(divide="ignore"):
        studentised = standardised * np.sqrt((free - 1.0) / left)
    return Influence(h, standardised, studentised, standardised**2 * h / (room * p), free - 1)


def outlier_p_values(studentised: npt.ArrayLike, degrees_of_freedom: int) -> FloatArray:
    """Return for each row the Bonferroni p-value of being an outlier: n times the two-sided p-value of its t.

    That the smallest is below 0.05 happens in at most 5% of series without an outlier. NaN stays NaN.

    Parameters
    ----------
    studentised
        Shape (n,), externally studentised residuals.
    degrees_of_freedom
        Of their t distribution.

    References
    ----------
    Beckman and Cook (1983), Technometrics 25, 119-149. Fox (2016), Applied Regression Analysis, 3rd ed., section 11.3.

    Examples
    --------
    >>> outlier_p_values([0.5, -4.0], 50).round(5).tolist()
    [1.0, 0.00042]
    """
    from scipy.special import stdtr

    t = np.asarray(studentised, dtype=np.float64)
    rows = int(np.isfinite(t).sum() + np.isinf(t).sum())
    return np.asarray(np.minimum(1.0, rows * 2.0 * stdtr(degrees_of_freedom, -np.abs(t))))
