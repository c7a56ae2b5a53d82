"""Do residuals spread more in some periods than in others? The tests of Breusch and Pagan, and of White."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.errors import InputError
from mixcurve.response.checks.statistic import ResidualTest, span_of

__all__ = ["breusch_pagan", "white_on_fitted"]


def breusch_pagan(residual: npt.ArrayLike, columns: npt.ArrayLike) -> ResidualTest:
    """Test that squared residuals do not depend on columns such as the fitted response or time.

    n R² of the regression of e² on a constant and the columns, against chi-square with their rank: Koenker's
    studentised form, which does not lean on Gaussian noise.

    Parameters
    ----------
    residual
        Shape (n,).
    columns
        Shape (n, k).

    Raises
    ------
    InputError
        If the shapes do not agree, no column varies, or all squared residuals are the same.

    References
    ----------
    Breusch and Pagan (1979), Econometrica 47, 1287-1294. Koenker (1981), Journal of Econometrics 17, 107-112.

    Examples
    --------
    >>> found = breusch_pagan([0.1, -0.2, 0.9, -1.2], [[1.0], [2.0], [3.0], [4.0]])
    >>> round(found.statistic, 2), found.degrees_of_freedom
    (3.63, (1.0,))
    """
    return _score("Breusch-Pagan", residual, finite_array("columns", columns, ndim=2))


def white_on_fitted(residual: npt.ArrayLike, fitted: npt.ArrayLike) -> ResidualTest:
    """Test that squared residuals depend on neither the fitted response nor its square.

    n R² of the regression of e² on a constant, f and f², against chi-square with 2 degrees of freedom (1 where f takes
    two values).

    Parameters
    ----------
    residual, fitted
        Shape (n,).

    Raises
    ------
    InputError
        If the shapes do not agree, the fitted response does not vary, or all squared residuals are the same.

    References
    ----------
    White (1980), Econometrica 48, 817-838; with the fitted response in place of all regressors and their products,
    Wooldridge (2013), Introductory Econometrics, 5th edition, section 8.3.

    Examples
    --------
    >>> white_on_fitted([0.1, -0.2, 0.9, -1.2, 0.1], [1.0, 2.0, 3.0, 4.0, 5.0]).degrees_of_freedom
    (2.0,)
    """
    f = finite_array("fitted", fitted, ndim=1)
    centred = (f - f.mean()) / (np.abs(f - f.mean()).max() or 1.0)
    return _score("White", residual, np.column_stack([centred, centred**2]))


def _score(name: str, residual: npt.ArrayLike, columns: npt.NDArray[np.float64]) -> ResidualTest:
    from scipy.special import chdtrc

    e = finite_array("residual", residual, ndim=1)
    largest = np.abs(e).max() or 1.0
    square = (e / largest) ** 2
    if len(columns) != len(e):
        raise InputError(
            f"The columns must have a row for each of the {len(e)} residuals, got {len(columns)}."
        )
    # A constant column is left with rounding errors when its mean is taken off; they must not count as a column.
    varies = np.ptp(columns, axis=0) > 1e-12 * np.abs(columns).max(axis=0)
    centred = columns[:, varies] - columns[:, varies].mean(axis=0)
    spread = square - square.mean()
    if not varies.any() or np.ptp(square) <= 1e-12:
        what = "no column varies" if not varies.any() else "all residuals are of one size"
        raise InputError(f"The spread of the residuals cannot be tested: {what}. Leave this test out.")
    q = span_of(centred, len(e))
    statistic = len(e) * float(np.sum((q.T @ spread) ** 2) / (spread @ spread))
    return ResidualTest(name, statistic, float(chdtrc(q.shape[1], statistic)), (float(q.shape[1]),))
