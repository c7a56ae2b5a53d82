"""Public holidays: how many days of them each period has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import nearest_name
from mixcurve.foundations.errors import InputError, Problem
from mixcurve.response.design.block import Block
from mixcurve.response.design.description import DesignSpec
from mixcurve.response.design.periods import DAY, Dated, period_bounds

__all__ = ["HOLIDAY_RATIO", "days_within", "holiday_blocks", "named_holidays", "public_holidays", "returning"]

Dates = npt.NDArray[np.datetime64]
IntArray = npt.NDArray[np.intp]

HOLIDAY_RATIO = 4.0
"""Variance of the effect of a single holiday's day over that of the noise. An effect of two standard deviations of the
noise is nothing unusual, and three years that have it keep 12/13 of what they show."""
LEAST_YEARS = 2
"""A holiday of one year cannot be told from whatever else happened on its day."""


def public_holidays(country: str, first: np.datetime64, after: np.datetime64) -> dict[str, Dates]:
    """Return the days of each public holiday from ``first`` until before ``after``, in ascending order.

    Parameters
    ----------
    country
        ISO 3166 code, such as ``"GB"``, or with a part of the country, such as ``"DE-BY"``.
    first, after
        First day, and the day after the last.

    Raises
    ------
    InputError
        If the ``holidays`` package is absent, or does not know the country, its part, or these years.

    Examples
    --------
    >>> found = public_holidays("GB", np.datetime64("2023-12-01"), np.datetime64("2024-01-01"))
    >>> {name: [str(day) for day in days] for name, days in found.items()}
    {'Christmas Day': ['2023-12-25'], 'Boxing Day': ['2023-12-26']}
    """
    years = range(int(str(first)[:4]), int(str(after - DAY)[:4]) + 1)
    calendar = _calendar(country, years)
    found: dict[str, list[np.datetime64]] = {}
    for date in sorted(calendar):
        day = np.datetime64(date, "D")
        if first <= day < after:
            for name in calendar.get_list(date):
                found.setdefault(name, []).append(day)
    return {name: np.array(days, dtype="datetime64[D]") for name, days in found.items()}


def _calendar(country: str, years: range) -> Any:
    try:
        import holidays
    except ImportError:
        raise InputError(
            f"The public holidays of '{country}' come from the package 'holidays', which is not installed. "
            "Install mixcurve[holidays], or give the days themselves as events."
        ) from None
    code, _, part = str(country).partition("-")
    known = holidays.list_supported_countries()
    if code not in known:
        guess = code.upper() if code.upper() in known else nearest_name(code, known)
        hint = f" Did you mean '{guess}'?" if guess else ""
        raise InputError(f"holidays must be a country code such as 'GB' or 'DE-BY', got {country!r}.{hint}")
    try:
        calendar = holidays.country_holidays(code, subdiv=part or None, years=years)
    except NotImplementedError:
        raise InputError(
            f"holidays has no part '{part}' of '{code}'. Known parts: {', '.join(known[code]) or 'none'}."
        ) from None
    if years[0] < calendar.start_year or years[-1] > calendar.end_year:
        raise InputError(
            f"The holidays of '{country}' are known from {calendar.start_year} to {calendar.end_year}; "
            f"the dates reach from {years[0]} to {years[-1]}. Leave holidays out, or shorten the dates."
        )
    return calendar


def returning(found: Mapping[str, Dates]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the holidays of at least two years, and of the others.

    Examples
    --------
    >>> returning({"Coronation": np.array(["2023-05-08"], dtype="datetime64[D]")})
    ((), ('Coronation',))
    """
    years = {name: len(np.unique(days.astype("datetime64[Y]"))) for name, days in found.items()}
    kept = tuple(name for name, count in years.items() if count >= LEAST_YEARS)
    return kept, tuple(name for name in years if name not in kept)


def named_holidays(
    country: str | None, each: bool, dates: Dates, every: str, dated: Dated
) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """Return the holidays that have a column each in the rows of a fit (none unless ``each``), and a note on the rest.

    Raises
    ------
    InputError
        If no holiday falls on these rows, or as many on every one.
    """
    if country is None:
        if each:
            raise InputError("single_holidays needs a country, such as holidays='GB'.")
        return (), ()
    first, after = period_bounds(dates, every, dated)
    found = public_holidays(country, first.min(), after.max())
    counts = days_within(_all_days(found.values()), first, after)
    if np.ptp(counts) == 0:
        raise InputError(
            f"Every row has the same number of public holidays of '{country}' ({counts[0]}), so their effect cannot be "
            "told from the baseline. Leave holidays out."
        )
    if not each:
        return (), ()
    names, once = returning(found)
    if not names:
        raise InputError(
            f"No public holiday of '{country}' returns in a second year of these dates. "
            "Use one column for all: single_holidays=False."
        )
    if not once:
        return names, ()
    what = f"these holidays fall in one year only and have no column: {', '.join(once)}"
    remedy = "Give them as events if they matter"
    return names, (Problem(what, remedy, source="holidays", severity="note", code="single-holiday"),)


def _all_days(days: Collection[Dates]) -> Dates:
    """Return the different days of all holidays, ascending."""
    return np.unique(np.concatenate([np.empty(0, dtype="datetime64[D]"), *days]))


def days_within(days: Dates, first: Dates, after: Dates) -> IntArray:
    """Return how many of the ascending ``days`` each period has, from ``first`` until before ``after`` (n,).

    Examples
    --------
    >>> days = np.array(["2023-12-25", "2023-12-26"], dtype="datetime64[D]")
    >>> weeks = np.array(["2023-12-18", "2023-12-25"], dtype="datetime64[D]")
    >>> days_within(days, weeks, weeks + np.timedelta64(7, "D")).tolist()
    [0, 2]
    """
    return np.searchsorted(days, after) - np.searchsorted(days, first)


def holiday_blocks(spec: DesignSpec, dates: Dates) -> list[Block]:
    """Return one column for all public holidays, or one for each that the description names."""
    if spec.holidays is None:
        return []
    first, after = period_bounds(dates, spec.every, spec.dated)
    found = public_holidays(spec.holidays, first.min(), after.max())
    if not spec.holiday_names:
        counts = days_within(_all_days(found.values()), first, after)
        return [Block("holidays", counts[:, None].astype(float), ("holidays",), pooled=spec.pooled_season)]
    none = np.empty(0, dtype="datetime64[D]")
    counts = np.stack(
        [days_within(found.get(name, none), first, after) for name in spec.holiday_names], axis=1
    )
    labels = tuple(f"holidays, {name}" for name in spec.holiday_names)
    return [Block("holidays", counts.astype(float), labels, 1.0 / HOLIDAY_RATIO, pooled=spec.pooled_season)]
