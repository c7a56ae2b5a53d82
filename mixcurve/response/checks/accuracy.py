"""How far forecasts lie from what came: WAPE, MASE, bias, RMSE, CRPS as a share, and the coverage of intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.binomial import share_interval
from mixcurve.foundations.checks import finite_array, number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result

__all__ = [
    "AccuracyScore",
    "ForecastCoverage",
    "bias",
    "crps_share",
    "interval_coverage",
    "mase",
    "naive_error",
    "rmse",
    "wape",
]

FloatArray = npt.NDArray[np.float64]
ROUNDING = 1e-12
"""A denominator below this share of the values that it was made of is what rounding left of 0."""
NO_RESPONSE = "All responses are 0, so there is no share of them."


@dataclass(frozen=True, eq=False)
class AccuracyScore(Result):
    """One measure of accuracy; NaN with a ``message`` that says why where it is not defined.

    ``unit`` is ``"share"`` of the response, ``"ratio"`` to a naive forecast, or ``"response"``.
    """

    name: str
    value: float
    unit: Literal["share", "ratio", "response"]
    status: Literal["measured", "not defined"] = "measured"
    message: str = ""


@dataclass(frozen=True, eq=False)
class ForecastCoverage(Result):
    """How many of ``rows`` intervals of a ``level`` held the truth, and the 95% Wilson interval of that share.

    The interval takes the rows as independent; where neighbouring rows miss together it is too narrow.
    """

    hits: int
    rows: int
    level: float
    low: float
    high: float

    @property
    def share(self) -> float:
        """Share of the intervals that held the truth."""
        return self.hits / self.rows


def wape(actual: npt.ArrayLike, forecast: npt.ArrayLike) -> AccuracyScore:
    """Return the weighted absolute percentage error: Σ|forecast - actual| / Σ|actual|.

    Parameters
    ----------
    actual, forecast
        Shape (rows,), in the unit of the response.

    Raises
    ------
    InputError
        If the shapes differ, or a value is not finite.

    References
    ----------
    Kolassa and Schütz (2007), Foresight 6, 40-43, who call it the ratio of MAD to mean.

    Examples
    --------
    >>> wape([100.0, 300.0], [110.0, 280.0]).value
    0.075
    >>> wape([0.0, 0.0], [1.0, 2.0]).status
    'not defined'
    """
    y, f = _pair(actual, forecast)
    return _over("WAPE", float(np.abs(f - y).sum()), float(np.abs(y).sum()), "share", NO_RESPONSE)


def bias(actual: npt.ArrayLike, forecast: npt.ArrayLike) -> AccuracyScore:
    """Return how much too high forecasts are in total, as a share of the response: Σ(forecast - actual) / Σ|actual|.

    Parameters
    ----------
    actual, forecast
        Shape (rows,), in the unit of the response.

    Raises
    ------
    InputError
        If the shapes differ, or a value is not finite.

    Examples
    --------
    >>> bias([100.0, 300.0], [110.0, 280.0]).value
    -0.025
    """
    y, f = _pair(actual, forecast)
    return _over("bias", float((f - y).sum()), float(np.abs(y).sum()), "share", NO_RESPONSE)


def rmse(actual: npt.ArrayLike, forecast: npt.ArrayLike) -> AccuracyScore:
    """Return the root of the mean squared error, in the unit of the response.

    Raises
    ------
    InputError
        If the shapes differ, or a value is not finite.

    Examples
    --------
    >>> rmse([1.0, 1.0], [4.0, 5.0]).value ** 2
    12.5...
    """
    y, f = _pair(actual, forecast)
    return AccuracyScore("RMSE", float(np.sqrt(np.mean((f - y) ** 2))), "response")


def mase(
    actual: npt.ArrayLike, forecast: npt.ArrayLike, history: npt.ArrayLike, *, season: int = 1
) -> AccuracyScore:
    """Return the mean absolute scaled error: the mean of |forecast - actual| over that of |y_t - y_(t - season)|.

    The divisor is taken over the ``history`` before the forecast: below 1, the forecast misses by less than the naive
    forecast (``season=1``) or the value one season ago did there.

    Parameters
    ----------
    actual, forecast
        Shape (rows,), in the unit of the response.
    history
        Shape (periods,): the response that the forecast was made from, in order.
    season
        Periods in a season; 1 for none.

    Raises
    ------
    InputError
        If the shapes differ, a value is not finite, or ``season`` is below 1.

    References
    ----------
    Hyndman and Koehler (2006), International Journal of Forecasting 22, 679-688.

    Examples
    --------
    >>> mase([10.0, 10.0], [11.0, 13.0], history=[5.0, 9.0, 5.0]).value
    0.5
    """
    y, f = _pair(actual, forecast)
    scale = naive_error(history, season=season)
    reason = f"The history of {len(np.atleast_1d(history))} periods shows no change over {season}: there is no scale."
    return _over("MASE", float(np.abs(f - y).mean()), scale, "ratio", reason)


def naive_error(history: npt.ArrayLike, *, season: int = 1) -> float:
    """Return the mean of |y_t - y_(t - season)|, by which `mase` divides; 0 where nothing changes or all is too short.

    Raises
    ------
    InputError
        If a value is not finite, or ``season`` is below 1.

    Examples
    --------
    >>> naive_error([5.0, 9.0, 5.0]), naive_error([5.0, 9.0, 5.0], season=2)
    (4.0, 0.0)
    """
    before, lag = finite_array("history", history, ndim=1), int(number("season", season, low=1))
    steps = np.abs(before[lag:] - before[:-lag])
    error = float(steps.mean()) if len(steps) else 0.0
    return error if error > ROUNDING * float(np.abs(before).max()) else 0.0


def crps_share(actual: npt.ArrayLike, crps: npt.ArrayLike) -> AccuracyScore:
    """Return the mean score as a share of the mean |actual|; for a forecast without spread it equals the WAPE.

    Raises
    ------
    InputError
        If the shapes differ, or a value is not finite.

    Examples
    --------
    >>> from mixcurve.response.checks.crps import crps_of_gaussian
    >>> round(crps_share([10.0, 10.0], crps_of_gaussian([10.0, 10.0], 10.0, 1.0)).value, 4)
    0.0234
    """
    y, scores = _pair(actual, crps, "crps")
    return _over("CRPS", float(scores.sum()), float(np.abs(y).sum()), "share", NO_RESPONSE)


def interval_coverage(
    actual: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, level: float
) -> ForecastCoverage:
    """Return how many intervals hold what came, their limits included.

    Parameters
    ----------
    actual, low, high
        Shape (rows,).
    level
        What the intervals promise, such as 0.9.

    Raises
    ------
    InputError
        If the shapes differ, a value is not finite, a lower limit exceeds its upper, or the level is not within (0, 1).

    Examples
    --------
    >>> found = interval_coverage([1.0, 2.0, 3.0, 4.0], [0.0] * 4, [3.5] * 4, level=0.8)
    >>> found.share, round(found.low, 2), round(found.high, 2)
    (0.75, 0.3, 0.95)
    """
    y, below = _pair(actual, low, "low")
    _, above = _pair(actual, high, "high")
    promised = number("level", level, low=0.0, high=1.0, open_low=True)
    if (below > above).any():
        first = int(np.argmax(below > above))
        raise InputError(f"low must not exceed high; in row {first}, {below[first]:g} > {above[first]:g}.")
    hits = int(((y >= below) & (y <= above)).sum())
    ends = share_interval(hits, len(y))
    return ForecastCoverage(hits, len(y), promised, float(ends[0]), float(ends[1]))


def _pair(
    actual: npt.ArrayLike, other: npt.ArrayLike, name: str = "forecast"
) -> tuple[FloatArray, FloatArray]:
    y, f = finite_array("actual", actual, ndim=1), finite_array(name, other, ndim=1)
    if len(y) != len(f):
        raise InputError(
            f"{name} must have as many rows as actual, got {len(f)} and {len(y)}. Give one value per row."
        )
    return y, f


def _over(
    name: str,
    above: float,
    below: float,
    unit: Literal["share", "ratio"],
    reason: str,
) -> AccuracyScore:
    if below <= 0.0:
        return AccuracyScore(name, float("nan"), unit, "not defined", reason)
    return AccuracyScore(name, above / below, unit)
