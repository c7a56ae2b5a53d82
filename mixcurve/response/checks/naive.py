"""Forecasts that know nothing of spend: the last value, the same period last year, the line through the past.

A model that does not beat them has learnt nothing that helps to look ahead. Their spread follows from their own past
errors (Hyndman and Athanasopoulos 2021, Forecasting: Principles and Practice, 3rd edition, section 5.5).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, known_name
from mixcurve.foundations.errors import InputError
from mixcurve.response.checks.forecast import Forecast
from mixcurve.tables.periods import grid_of

__all__ = ["NAIVE_FORECASTS", "SEASON", "drift", "naive", "seasonal_naive"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Dates = npt.NDArray[np.datetime64]

SEASON: Mapping[str, int] = MappingProxyType({"day": 364, "week": 52, "month": 12, "year": 1})
"""Periods from one to the same of the year before. Days go back 364, so that they fall on the same weekday."""
LAST_YEAR = {"day": "same day last year", "week": "same week last year", "month": "same month last year"}


@dataclass(frozen=True, eq=False)
class _Past:
    """A series by period number, without its gaps; ``ahead`` are the numbers of the periods to forecast."""

    period: IntArray
    response: FloatArray
    ahead: IntArray
    future: Dates

    def at(self, period: IntArray) -> FloatArray:
        """Return the response of each period, NaN where there is none."""
        place = np.clip(np.searchsorted(self.period, period), 0, len(self.period) - 1)
        return np.where(self.period[place] == period, self.response[place], np.nan)

    @property
    def steps(self) -> IntArray:
        """How many periods each forecast lies beyond the last observed."""
        return self.ahead - self.period[-1]


def naive(
    dates: npt.ArrayLike, response: npt.ArrayLike, future: npt.ArrayLike, *, every: str = "week"
) -> Forecast:
    """Forecast the last value observed, with standard deviation σ √h at h periods ahead.

    σ is the root of the mean squared change from one period to the next.

    Parameters
    ----------
    dates, response
        Shape (periods,): the history of one series, in the order of its dates; periods may be missing.
    future
        Shape (rows,): dates to forecast, all after the history.
    every
        ``"day"``, ``"week"``, ``"month"`` or ``"year"``.

    Returns
    -------
    Forecast
        Of each future date; its spread is NaN where the history has no two periods in a row.

    Raises
    ------
    InputError
        If the history is empty or not in order, or a future date is not after it.

    Examples
    --------
    >>> weeks = np.datetime64("2024-01-01") + 7 * np.arange(5)
    >>> ahead = naive(weeks[:3], [4.0, 6.0, 5.0], weeks[3:])
    >>> ahead.mean.tolist(), (ahead.spread**2).round(6).tolist()
    ([5.0, 5.0], [2.5, 5.0])
    """
    past = _past(dates, response, future, every)
    sigma = _spread(past.response - past.at(past.period - 1), 0)
    mean = np.full(len(past.ahead), past.response[-1])
    return _forecast("last value", past, mean, sigma * np.sqrt(past.steps))


def seasonal_naive(
    dates: npt.ArrayLike, response: npt.ArrayLike, future: npt.ArrayLike, *, every: str = "week"
) -> Forecast:
    """Forecast the same period of the last year observed, with standard deviation σ √(k + 1) after k further years.

    Weeks go back 52 periods, months 12, days 364 (52 weeks, to the same weekday); the period is found by its date, so
    a gap in the history shifts nothing. σ is the root of the mean squared change over a year. Yearly rows have no
    season: theirs is the naive forecast.

    Parameters
    ----------
    dates, response, future, every
        As for `naive`.

    Returns
    -------
    Forecast
        Of each future date; mean and spread are NaN where the history does not hold the same period of any year, and
        the spread where it holds no two periods a year apart.

    Raises
    ------
    InputError
        If the history is empty or not in order, or a future date is not after it.

    Examples
    --------
    >>> months = np.datetime64("2023-01") + np.arange(15)
    >>> ahead = seasonal_naive(months[:13], [*range(12), 3.0], months[13:], every="month")
    >>> ahead.name, ahead.mean.tolist(), ahead.spread.tolist()
    ('same month last year', [1.0, 2.0], [3.0, 3.0])
    """
    past = _past(dates, response, future, every)
    season = SEASON[every]
    sigma = _spread(past.response - past.at(past.period - season), 0)
    mean, years = np.full(len(past.ahead), np.nan), np.full(len(past.ahead), np.nan)
    reach = int((past.ahead.max() - past.period[0]) // season)
    for back in range(1, reach + 1):
        found = past.at(past.ahead - back * season)
        new = np.isnan(mean) & np.isfinite(found)
        mean[new], years[new] = found[new], back
    return _forecast(LAST_YEAR.get(every, "last value"), past, mean, sigma * np.sqrt(years))


def drift(
    dates: npt.ArrayLike, response: npt.ArrayLike, future: npt.ArrayLike, *, every: str = "week"
) -> Forecast:
    """Forecast the line through the first and the last value, with standard deviation σ √(h (1 + h / (T - 1))).

    The history spans T periods; σ is the standard deviation of the changes from one period to the next.

    Parameters
    ----------
    dates, response, future, every
        As for `naive`.

    Raises
    ------
    InputError
        If the history has fewer than two periods or is not in order, or a future date is not after it.

    Examples
    --------
    >>> weeks = np.datetime64("2024-01-01") + 7 * np.arange(5)
    >>> drift(weeks[:3], [4.0, 6.0, 5.0], weeks[3:]).mean.tolist()
    [5.5, 6.0]
    """
    past = _past(dates, response, future, every)
    span = int(past.period[-1] - past.period[0])
    if span < 1:
        raise InputError("dates must hold at least two periods for a line, got one. Use naive instead.")
    slope = (past.response[-1] - past.response[0]) / span
    sigma = _spread(past.response - past.at(past.period - 1) - slope, 1)
    h = past.steps
    return _forecast(
        "line through the past", past, past.response[-1] + slope * h, sigma * np.sqrt(h * (1 + h / span))
    )


NAIVE_FORECASTS: Mapping[str, Callable[..., Forecast]] = MappingProxyType(
    {"naive": naive, "seasonal naive": seasonal_naive, "drift": drift}
)


def _past(dates: npt.ArrayLike, response: npt.ArrayLike, future: npt.ArrayLike, every: str) -> _Past:
    known_name("period", every, SEASON)
    days, ahead = _dates("dates", dates), _dates("future", future)
    y = finite_array("response", response, ndim=1)
    if len(y) != len(days):
        raise InputError(f"response must have a value per date, got {len(y)} values and {len(days)} dates.")
    grid = grid_of(days.tolist(), every)
    numbers, later = (np.array([grid.index(day) for day in part.tolist()]) for part in (days, ahead))
    if (np.diff(numbers) <= 0).any():
        first = days[1 + int(np.argmax(np.diff(numbers) <= 0))]
        raise InputError(
            f"dates must ascend, one {every} each, but {first} does not come after the date before it. "
            "Sort the history, and forecast one group at a time."
        )
    if (later <= numbers[-1]).any():
        raise InputError(
            f"future must lie after the history, which ends on {days[-1]}; got {ahead.min()}. "
            "Forecast only periods that the history does not hold."
        )
    return _Past(numbers, y, later, ahead)


def _dates(name: str, value: npt.ArrayLike) -> Dates:
    try:
        days = np.asarray(value, dtype="datetime64[D]")
    except (TypeError, ValueError):
        raise InputError(f"{name} must be dates such as '2024-01-01', got {value!r}.") from None
    if days.ndim != 1 or days.size == 0 or np.isnat(days).any():
        raise InputError(f"{name} must be one row of dates without gaps, got shape {days.shape}.")
    return days


def _spread(errors: FloatArray, parameters: int) -> float:
    """Return the root of the mean squared error, less a degree of freedom per parameter; NaN where there is none."""
    known: Any = errors[np.isfinite(errors)]
    free = len(known) - parameters
    return float(np.sqrt(known @ known / free)) if free > 0 else float("nan")


def _forecast(name: str, past: _Past, mean: FloatArray, spread: FloatArray) -> Forecast:
    return Forecast(name, past.future, mean, spread, np.empty((0, len(mean))))
