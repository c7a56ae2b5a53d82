"""Are residuals Gaussian? The test of Anderson and Darling."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.errors import InputError
from mixcurve.response.checks.statistic import ResidualTest

__all__ = ["anderson_darling", "normal_quantiles"]

FloatArray = npt.NDArray[np.float64]

P_VALUE = (
    (0.2, True, (-13.436, 101.14, -223.73)),
    (0.34, True, (-8.318, 42.796, -59.938)),
    (0.6, False, (0.9177, -4.279, -1.38)),
    (np.inf, False, (1.2937, -5.709, 0.0186)),
)
"""Up to which A* a quadratic gives log p, or (True) log (1 - p). D'Agostino and Stephens (1986), table 4.9."""
LARGEST = 10.0
"""The quadratics were fitted below this; beyond it p is that of this A*, 3e-24."""
LEAST_ROWS = 8
"""Fewer values than this are beyond the table."""


def anderson_darling(values: npt.ArrayLike) -> ResidualTest:
    """Test that values come from a Gaussian of unknown mean and spread.

    A² = -n - Σ (2i - 1) (log Φ(z_i) + log Φ(-z_(n+1-i))) / n with z sorted and standardised; the p-value is that of
    A* = A² (1 + 0.75 / n + 2.25 / n²). It weighs the tails, where outliers and skew show.

    Parameters
    ----------
    values
        Shape (n,), n of at least 8.

    Returns
    -------
    ResidualTest
        ``statistic`` is A*.

    Raises
    ------
    InputError
        If there are fewer than 8 values, or they do not vary.

    References
    ----------
    Anderson and Darling (1954), JASA 49, 765-769. Stephens (1974), JASA 69, 730-737. D'Agostino and Stephens (1986),
    Goodness-of-Fit Techniques, section 4.8.5.

    Examples
    --------
    >>> from scipy.special import ndtri
    >>> anderson_darling(ndtri((np.arange(50) + 0.5) / 50)).p_value > 0.99
    True
    """
    from scipy.special import log_ndtr

    x = np.sort(finite_array("values", values, ndim=1))
    n, spread = len(x), float(np.std(x, ddof=1)) if len(x) > 1 else 0.0
    if n < LEAST_ROWS or spread <= 1e-12 * np.abs(x).max():
        raise InputError(f"values must be at least {LEAST_ROWS} and vary, got {n} with spread {spread:g}.")
    z = (x - x.mean()) / spread
    weight = (2.0 * np.arange(1, n + 1) - 1.0) / n
    squared = -n - float(weight @ (log_ndtr(z) + log_ndtr(-z[::-1])))
    statistic = squared * (1.0 + 0.75 / n + 2.25 / n**2)
    return ResidualTest("Anderson-Darling", statistic, _p_value(statistic))


def _p_value(statistic: float) -> float:
    a = min(statistic, LARGEST)
    complement, (c0, c1, c2) = next((c, q) for limit, c, q in P_VALUE if a < limit)
    p = float(np.exp(c0 + c1 * a + c2 * a**2))
    return min(max(1.0 - p if complement else p, 0.0), 1.0)


def normal_quantiles(n: int) -> FloatArray:
    """Return where n sorted standard Gaussian values lie in the middle: Φ⁻¹((i - 3/8) / (n + 1/4)).

    References
    ----------
    Blom (1958), Statistical Estimates and Transformed Beta-Variables.

    Examples
    --------
    >>> normal_quantiles(3).round(3).tolist()
    [-0.869, 0.0, 0.869]
    """
    from scipy.special import ndtri

    return np.asarray(ndtri((np.arange(1, n + 1) - 0.375) / (n + 0.25)))
