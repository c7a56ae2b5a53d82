"""The part of a simulated market that no spend makes: its periods, trend, season, holidays and price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError

__all__ = [
    "PRICE_LEVEL",
    "Demand",
    "Every",
    "Holidays",
    "Season",
    "Trend",
    "holiday_days",
    "made_demand",
    "period_dates",
    "price_series",
    "season_shares",
    "trend_shares",
]

FloatArray = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]
Every = Literal["day", "week", "month"]
Trend = float | Mapping[int, float]
Season = float | Sequence[tuple[float, float]]
Holidays = str | Iterable[str] | Mapping[str, float]

DAYS_IN_YEAR = 365.2425
PEAK_DAY = 340.0
"""Day of the year on which a season that is given by its strength alone is highest: 6 December."""
PRICE_LEVEL = 20.0
"""The usual price in a simulated market, in its currency."""
PRICE_DRIFT, PRICE_MEMORY = 0.03, 0.9
"""Standard deviation, as a share, and memory from period to period of the usual price's slow changes."""
PROMOTION_SHARE, PROMOTION_DEPTH = 0.15, 0.2
"""How many periods are promotions, and the share that a promotion takes off the price."""


@dataclass(frozen=True)
class Demand:
    """Response without spend, for the whole market.

    Parameters
    ----------
    parts
        (periods,) each, by name, in units of response; their sum is the baseline.
    foreseen
        (periods,): trend, season and holidays, which a planner sees coming and may spend with.
    controls
        (periods,) each, by name, as the table shows them.
    effects
        Response per unit of each control.
    """

    parts: dict[str, FloatArray]
    foreseen: FloatArray
    controls: dict[str, FloatArray]
    effects: dict[str, float]


def made_demand(
    dates: Dates,
    every: str,
    *,
    level: float,
    trend: Trend,
    season: Season,
    holidays: Holidays,
    holiday_effect: float,
    price: float | None,
    random: np.random.Generator,
) -> Demand:
    """Return the demand that the arguments of `simulate_market` describe."""
    foreseen = {
        "trend": level * trend_shares(trend, len(dates)),
        "season": level * season_shares(season, dates),
    }
    controls: dict[str, FloatArray] = {}
    effects: dict[str, float] = {}
    days = holiday_days(holidays, dates, every)
    if days.any():
        controls["holidays"], effects["holidays"] = days, level * number("holiday_effect", holiday_effect)
        foreseen["holidays"] = effects["holidays"] * days
    parts = {"level": np.full(len(dates), level)} | foreseen
    if price is not None:
        prices = price_series(len(dates), random)
        controls["price"], effects["price"] = prices, level * number("price", price) / float(prices.mean())
        parts["price"] = effects["price"] * (prices - prices.mean())
    kept = {name: part for name, part in parts.items() if np.any(part)}
    return Demand(kept, np.sum(list(foreseen.values()), axis=0), controls, effects)


def period_dates(start: str, periods: int, every: str) -> Dates:
    """Return the first day of each period.

    Examples
    --------
    >>> period_dates("2024-01-31", 3, "month").astype(str).tolist()
    ['2024-01-01', '2024-02-01', '2024-03-01']
    """
    known_name("period", every, get_args(Every))
    count = int(number("periods", periods, low=2))
    try:
        first = np.datetime64(start, "D")
    except ValueError:
        raise InputError(f"start must be a date like '2023-01-02', got {start!r}.") from None
    if every == "month":
        return (first.astype("datetime64[M]") + np.arange(count)).astype("datetime64[D]")
    return first + np.arange(count) * (7 if every == "week" else 1)


def trend_shares(trend: Trend, periods: int) -> FloatArray:
    """Return the trend per period as a share of the baseline, zero on average.

    A number is the change from the first to the last period; a mapping of period (0, 1, …) to share gives the corners
    of a piecewise linear trend, level before the first and after the last.

    Examples
    --------
    >>> trend_shares(0.2, 2).round(3).tolist(), trend_shares({0: 0.0, 1: 0.3}, 3).round(3).tolist()
    ([-0.1, 0.1], [-0.2, 0.1, 0.1])
    """
    corners = dict(trend) if isinstance(trend, Mapping) else {0: 0.0, periods - 1: number("trend", trend)}
    if not corners:
        raise InputError("trend needs at least one corner, such as {0: 0.0, 100: 0.2}; got an empty mapping.")
    places = sorted(corners)
    line = np.interp(np.arange(periods), places, [number(f"trend[{p}]", corners[p]) for p in places])
    return line - line.mean()


def season_shares(season: Season, dates: Dates) -> FloatArray:
    """Return the season per period as a share of the baseline.

    A number is the height of one yearly wave that peaks in early December; a sequence gives the (cosine, sine)
    coefficients of the yearly wave, the half-yearly wave and so on, with time counted from 1 January.
    """
    days = (dates - dates.astype("datetime64[Y]")).astype(np.float64)
    if isinstance(season, (int, float)):
        return number("season", season) * np.cos(2 * np.pi * (days - PEAK_DAY) / DAYS_IN_YEAR)
    angle = 2 * np.pi * days / DAYS_IN_YEAR
    waves = np.array(
        [[number("season", part) for part in pair] for pair in season], dtype=np.float64
    ).reshape(-1, 2)
    turns = np.arange(1, len(waves) + 1)[:, None] * angle
    return waves[:, 0] @ np.cos(turns) + waves[:, 1] @ np.sin(turns)


def holiday_days(holidays: Holidays, dates: Dates, every: str) -> FloatArray:
    """Return the number of holidays in each period, each counted with its weight.

    Parameters
    ----------
    holidays
        A country such as ``"GB"`` (public holidays from the ``holidays`` package), dates such as
        ``["2023-11-24", "2024-11-29"]``, or dates with weights ``{"2023-11-24": 2.0}``.
    dates
        The first day of each period.
    every
        The length of a period.

    Examples
    --------
    >>> holiday_days(
    ...     {"2023-12-25": 2.0, "2023-12-26": 1.0}, period_dates("2023-12-18", 2, "week"), "week"
    ... ).tolist()
    [0.0, 3.0]
    """
    end = period_dates(str(dates[0]), len(dates) + 1, every)[-1]
    weighted = _country_holidays(holidays, dates[0], end) if isinstance(holidays, str) else holidays
    weights = dict(weighted) if isinstance(weighted, Mapping) else dict.fromkeys(weighted, 1.0)
    counts = np.zeros(len(dates))
    for name, weight in weights.items():
        try:
            day = np.datetime64(name, "D")
        except ValueError:
            raise InputError(f"holidays must be dates like '2023-12-25', got {name!r}.") from None
        if dates[0] <= day < end:
            counts[np.searchsorted(dates, day, side="right") - 1] += number(f"holidays['{name}']", weight)
    return counts


def _country_holidays(country: str, first: np.datetime64, end: np.datetime64) -> dict[str, float]:
    try:
        import holidays as calendar
    except ImportError:
        raise InputError(
            f"The public holidays of '{country}' come from the package 'holidays', which is not installed. "
            "Install it, or give the dates themselves."
        ) from None
    years = range(int(str(first)[:4]), int(str(end)[:4]) + 1)
    try:
        days = calendar.country_holidays(country, years=years)
    except NotImplementedError:
        raise InputError(
            f"holidays must be a country code such as 'GB' or 'DE', or dates; got {country!r}."
        ) from None
    return {str(day): 1.0 for day in sorted(days)}


def price_series(periods: int, random: np.random.Generator) -> FloatArray:
    """Return a price per period: a usual price that drifts slowly, cut in promotion periods, to whole cents."""
    shocks = random.standard_normal(periods) * PRICE_DRIFT * np.sqrt(1 - PRICE_MEMORY**2)
    drift = np.zeros(periods)
    for t in range(1, periods):
        drift[t] = PRICE_MEMORY * drift[t - 1] + shocks[t]
    promoted = random.random(periods) < PROMOTION_SHARE
    return np.round(PRICE_LEVEL * (1 + drift) * np.where(promoted, 1 - PROMOTION_DEPTH, 1.0), 2)
