"""Do residuals of neighbouring periods go together? The autocorrelation function, Ljung-Box, Durbin-Watson.

A fit bends the residuals towards negative autocorrelation, the more so the more parameters it has: with 38 parameters
and 156 weeks the textbook test of Ljung and Box, meant for 5% false alarms, raises 29%. Given the fit's Jacobian, the
functions here use the exact mean and covariance of the autocorrelations instead; without one they are the textbook's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.response.checks.neighbours import moments, moments_of_differences, neighbours
from mixcurve.response.checks.statistic import ResidualTest, span_of

__all__ = ["AutocorrelationFunction", "autocorrelation_function", "durbin_watson", "ljung_box"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AutocorrelationFunction(Result):
    """Autocorrelation at lags 1 … L, and the band that holds each with probability ``level`` if there is none.

    ``covariance`` (L × L) is that of the autocorrelations without any in the noise, around ``expected`` (L).
    """

    values: FloatArray
    expected: FloatArray
    covariance: FloatArray
    level: float

    @property
    def band(self) -> tuple[FloatArray, FloatArray]:
        """Lower and upper edge of the band at each lag, (L,)."""
        from scipy.special import ndtri

        reach = float(ndtri(0.5 + self.level / 2.0)) * np.sqrt(np.diag(self.covariance))
        return self.expected - reach, self.expected + reach

    @property
    def frame(self) -> Any:
        """Autocorrelations and band by lag, as a pandas frame."""
        import pandas as pd

        low, high = self.band
        lags = pd.RangeIndex(1, len(self.values) + 1, name="lag")
        return pd.DataFrame({"autocorrelation": self.values, "low": low, "high": high}, index=lags)


def autocorrelation_function(
    residual: npt.ArrayLike,
    lags: int,
    *,
    jacobian: npt.ArrayLike | None = None,
    period: npt.ArrayLike | None = None,
    groups: Sequence[str] | None = None,
    level: float = 0.95,
) -> AutocorrelationFunction:
    """Return the autocorrelations r_k = Σ e_t e_(t-k) / Σ e_t² of residuals, and what independent noise would show.

    Without a Jacobian the mean is taken off first, and r_k has mean 0 and variance (n - k) / (n (n + 2)). With one, e =
    M noise with M the projection off its columns, and r_k is a ratio of quadratic forms whose mean and covariance
    are exact: E r_k = tr(M A_k) / ν, E r_j r_k = (tr(M A_j) tr(M A_k) + 2 tr(M A_j M A_k)) / (ν (ν + 2)), ν = n - rank.

    Parameters
    ----------
    residual
        Shape (n,), in the order of the periods, or group by group.
    lags
        The largest lag, below n.
    jacobian
        Shape (n, p): derivative of the fitted values with respect to the parameters.
    period
        Shape (n,): whole number of each row's period; 0 … n - 1 if not given. A missing period pairs with none.
    groups
        Group of each row; pairs are formed within groups only.
    level
        Level of the band.

    Raises
    ------
    InputError
        If the shapes do not agree, there is no pair of rows at a lag, or the residuals do not vary.

    References
    ----------
    Ljung and Box (1978), Biometrika 65, 297-303. Durbin and Watson (1950), Biometrika 37, 409-428, for the moments.

    Examples
    --------
    >>> found = autocorrelation_function([1.0, -1.0, 2.0, -2.0], 1)
    >>> found.values.tolist()
    [-0.7]
    """
    e, q = _prepared(residual, jacobian)
    pairs = [neighbours(e, period, groups, k) for k in range(1, _lags(lags, len(e)) + 1)]
    total = float(e @ e)
    values = np.array([e @ p.lag(e) / total for p in pairs])
    expected, covariance = moments(pairs, q, len(e))
    return AutocorrelationFunction(values, expected, covariance, number("level", level, low=0.5, high=0.999))


def ljung_box(
    residual: npt.ArrayLike,
    lags: int,
    *,
    parameters: int = 0,
    jacobian: npt.ArrayLike | None = None,
    period: npt.ArrayLike | None = None,
    groups: Sequence[str] | None = None,
) -> ResidualTest:
    """Test that the autocorrelations at lags 1 … L are those of independent noise.

    Q = n (n + 2) Σ r_k² / (n - k), against chi-square with L - ``parameters`` degrees of freedom. With a Jacobian, Q =
    (r - E r)' V⁻¹ (r - E r) with the exact moments of `autocorrelation_function`; without columns the two are the same.

    Parameters
    ----------
    residual, jacobian, period, groups
        As for `autocorrelation_function`.
    lags
        The largest lag L.
    parameters
        Autoregressive and moving-average parameters that were fitted to the noise, which L loses; not the others.

    Raises
    ------
    InputError
        As `autocorrelation_function`, and if ``parameters`` leaves no degree of freedom.

    References
    ----------
    Ljung and Box (1978), Biometrika 65, 297-303.

    Examples
    --------
    >>> found = ljung_box([1.0, -1.0, 2.0, -2.0], 1)
    >>> round(found.statistic, 2), round(found.p_value, 3)
    (3.92, 0.048)
    """
    from scipy.special import chdtrc

    found = autocorrelation_function(residual, lags, jacobian=jacobian, period=period, groups=groups)
    freedom = lags - int(number("parameters", parameters, low=0))
    if freedom < 1:
        raise InputError(
            f"lags must exceed parameters, got {lags} and {parameters}. Use more lags, or parameters=0."
        )
    away = found.values - found.expected
    statistic = float(away @ np.linalg.solve(found.covariance, away))
    return ResidualTest("Ljung-Box", statistic, float(chdtrc(freedom, statistic)), (float(freedom),))


def durbin_watson(
    residual: npt.ArrayLike,
    *,
    jacobian: npt.ArrayLike | None = None,
    period: npt.ArrayLike | None = None,
    groups: Sequence[str] | None = None,
) -> ResidualTest:
    """Test that neighbouring residuals do not go together: d = Σ (e_t - e_(t-1))² / Σ e_t², about 2 if they do not.

    The p-value counts both sides. d / 4 is taken as a beta variable with the exact mean and variance that d has for
    these columns (a constant without a Jacobian).

    Parameters
    ----------
    residual, jacobian, period, groups
        As for `autocorrelation_function`.

    Raises
    ------
    InputError
        As `autocorrelation_function`.

    References
    ----------
    Durbin and Watson (1950), Biometrika 37, 409-428, for the moments; (1951), Biometrika 38, 159-178, section 4, for
    the beta distribution.

    Examples
    --------
    >>> durbin_watson([1.0, -1.0, 2.0, -2.0]).statistic
    2.9
    """
    from scipy.special import betainc

    e, q = _prepared(residual, jacobian)
    if jacobian is None:
        q = np.full((len(e), 1), len(e) ** -0.5)
    pairs = neighbours(e, period, groups, 1)
    statistic = float(np.sum((e[pairs.later] - e[pairs.earlier]) ** 2) / (e @ e))
    mean, variance = moments_of_differences(pairs, q, len(e))
    m, size = mean / 4.0, mean * (4.0 - mean) / variance - 1.0
    below = float(betainc(m * size, (1.0 - m) * size, statistic / 4.0))
    return ResidualTest("Durbin-Watson", statistic, min(1.0, 2.0 * min(below, 1.0 - below)), ())


def _prepared(residual: npt.ArrayLike, jacobian: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    """Return the residuals and an orthonormal basis of the Jacobian; the mean is taken off where there is none."""
    e = finite_array("residual", residual, ndim=1)
    q = span_of(jacobian, len(e)) if jacobian is not None else np.empty((len(e), 0))
    e = e if jacobian is not None else e - e.mean()
    if len(e) - q.shape[1] < 2 or not e.any():
        raise InputError(
            f"residual must vary and have at least 2 degrees of freedom, got {len(e)} rows. "
            "A perfect fit leaves nothing to check."
        )
    return e, q


def _lags(lags: int, rows: int) -> int:
    return int(number("lags", lags, low=1, high=rows - 1, remedy="Use fewer lags than rows."))
