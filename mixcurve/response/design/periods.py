"""Rows in time: what a date stands for, its place among the periods, and its middle."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError

__all__ = [
    "DATED",
    "DAY",
    "DAYS_PER_WEEK",
    "DAYS_PER_YEAR",
    "YEARS_PER_PERIOD",
    "Dated",
    "after_periods",
    "middle",
    "period_bounds",
    "period_index",
    "row_dates",
]

FloatArray = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]
Dated = Literal["first day", "last day"]
DATED: tuple[Dated, ...] = ("first day", "last day")
"""Whether the date of a week is its first day or its last; the dates of months and years name them by any day."""

DAYS_PER_WEEK = 7
DAYS_PER_YEAR = 365.25
"""Mean length of a year of the Julian calendar, which the Gregorian one keeps from 1901 to 2099."""
YEARS_PER_PERIOD = {
    "day": 1 / DAYS_PER_YEAR, "week": DAYS_PER_WEEK / DAYS_PER_YEAR, "month": 1 / 12, "year": 1.0,
}  # fmt: skip
DAY = np.timedelta64(1, "D")
_CALENDAR = {
    "month": ("datetime64[M]", np.timedelta64(1, "M")),
    "year": ("datetime64[Y]", np.timedelta64(1, "Y")),
}
_EPOCH = np.datetime64("2000-01-01", "D")


def as_day(value: Any) -> np.datetime64:
    """Return a date, a date with a time, or ISO text as a day: the one on the calendar where it was written.

    Raises
    ------
    TypeError, ValueError
        If it is none of these.

    Examples
    --------
    >>> as_day("2024-06-01"), as_day(dt.datetime.fromisoformat("2024-06-01T00:00+01:00"))
    (np.datetime64('2024-06-01'), np.datetime64('2024-06-01'))
    """
    if isinstance(value, dt.datetime):
        value = value.date()  # NumPy would go to Greenwich first, where it may be the day before
    if not isinstance(value, (dt.date, np.datetime64, str)):
        raise TypeError(f"no date: {value!r}")
    return np.datetime64(value, "D")


def row_dates(name: str, values: Any) -> Dates:
    """Return ``values`` as days (n,), or raise naming the argument and the first value that is no date.

    Examples
    --------
    >>> row_dates("dates", ["2024-02-29"])
    array(['2024-02-29'], dtype='datetime64[D]')
    """
    try:
        if isinstance(values, np.ndarray) and values.dtype.kind == "M":
            found = values.astype("datetime64[D]")
        else:
            found = np.array([as_day(value) for value in values], dtype="datetime64[D]")
    except (TypeError, ValueError):
        raise InputError(f"{name} must be a list of dates like '2024-01-31', got {_shown(values)}.") from None
    if found.ndim != 1 or not len(found):
        raise InputError(f"{name} must be a list of at least one date, got shape {found.shape}.")
    if np.isnat(found).any():
        first = int(np.flatnonzero(np.isnat(found))[0])
        raise InputError(f"{name} has no date at position {first}. Give a date for every row.")
    return found


def _shown(values: Any) -> str:
    text = repr(values)
    return text if len(text) < 80 else text[:77] + "..."


def period_bounds(dates: Dates, every: str, dated: Dated = "first day") -> tuple[Dates, Dates]:
    """Return the first day of each period and the day after its last, (n,) each.

    Months and years are those of the calendar.

    Examples
    --------
    >>> first, after = period_bounds(np.array(["2024-02-29"], dtype="datetime64[D]"), "month")
    >>> str(first[0]), str(after[0])
    ('2024-02-01', '2024-03-01')
    """
    if every == "day":
        return dates, dates + DAY
    if every == "week":
        first = dates if dated == "first day" else dates - (DAYS_PER_WEEK - 1) * DAY
        return first, first + DAYS_PER_WEEK * DAY
    unit, one = _CALENDAR[every]
    whole = dates.astype(unit)
    return whole.astype("datetime64[D]"), (whole + one).astype("datetime64[D]")


def period_index(dates: Dates, origin: np.datetime64, every: str) -> FloatArray:
    """Return how many periods after that of ``origin`` each date lies (n,); weeks may have parts.

    Examples
    --------
    >>> dates = np.array(["2023-12-31", "2024-02-29", "2024-03-31"], dtype="datetime64[D]")
    >>> period_index(dates, np.datetime64("2024-01-31"), "month").tolist()
    [-1.0, 1.0, 2.0]
    """
    if every in ("day", "week"):
        return (dates - origin).astype(np.float64) / (DAYS_PER_WEEK if every == "week" else 1)
    unit, _ = _CALENDAR[every]
    return (dates.astype(unit) - origin.astype(unit)).astype(np.float64)


def after_periods(origin: np.datetime64, count: npt.NDArray[np.int64], every: str) -> Dates:
    """Return the date so many whole periods after ``origin``: of months and years, the first day.

    Examples
    --------
    >>> after_periods(np.datetime64("2024-01-31"), np.array([0, 1]), "month").astype(str).tolist()
    ['2024-01-01', '2024-02-01']
    """
    if every in ("day", "week"):
        return origin + count * (DAYS_PER_WEEK if every == "week" else 1) * DAY
    unit, one = _CALENDAR[every]
    return (origin.astype(unit) + count * one).astype("datetime64[D]")


def middle(dates: Dates, every: str, dated: Dated = "first day") -> FloatArray:
    """Return the middle of each period in days since 1 January 2000, (n,).

    Examples
    --------
    >>> middle(np.array(["2000-01-03"], dtype="datetime64[D]"), "week").tolist()
    [5.5]
    """
    first, after = period_bounds(dates, every, dated)
    return ((first - _EPOCH).astype(np.float64) + (after - _EPOCH).astype(np.float64)) / 2
