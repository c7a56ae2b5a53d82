"""Trends: a straight line, a line with changes of slope, or a level that wanders."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.response.design.block import Block
from mixcurve.response.design.description import TRENDS, DesignSpec
from mixcurve.response.design.periods import YEARS_PER_PERIOD, after_periods, period_index, row_dates

__all__ = ["KNOT_RATIO", "LEVEL_RATIO", "LEVEL_STRIDE", "even_knots", "trend_blocks", "trend_of"]

FloatArray = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]

KNOT_RATIO = 1.0
"""A change of slope of one standard deviation of the noise per year is nothing unusual: a pull that three years of
weeks overrule, and that keeps the slope where they say nothing (the place of the prior of Taylor and Letham 2018)."""
LEVEL_RATIO = 0.01
"""Variance of a period's step over that of the noise: a year of weeks moves the level by 0.7 standard deviations of
the noise. A fit may choose another by maximum likelihood (Harvey 1989)."""
LEVEL_STRIDE = {"day": 7, "week": 1, "month": 1, "year": 1}
"""Periods from one step of a local level to the next: daily levels move weekly, which keeps the columns few."""
KNOTS_PER_YEAR = 2
LEAST_SEGMENT = 4
"""Periods between neighbouring knots that are placed evenly: with fewer, a knot follows single rows."""


def even_knots(origin: np.datetime64, end: np.datetime64, every: str, count: int | None = None) -> Dates:
    """Return dates that cut the time from ``origin`` to ``end`` into equal parts, two a year unless ``count`` is given.

    Examples
    --------
    >>> even_knots(np.datetime64("2022-01-01"), np.datetime64("2023-12-01"), "month").astype(str).tolist()
    ['2022-07-01', '2023-01-01', '2023-06-01']
    """
    last = int(period_index(np.array([end]), origin, every)[0])
    if count is None:
        halves = round(KNOTS_PER_YEAR * last * YEARS_PER_PERIOD[every])
        count = max(1, min(halves, last // LEAST_SEGMENT) - 1)
    places = np.round(np.arange(1, count + 1) * last / (count + 1)).astype(np.int64)
    return after_periods(origin, places, every)


def trend_of(
    dates: Dates, every: str, trend: str, knots: Any, knot_ratio: float | None, level_ratio: float | None
) -> dict[str, Any]:
    """Return the fields of a description that its trend needs, checked.

    Raises
    ------
    InputError
        For an unknown trend, an option of another trend, a single date, or a knot outside the dates.
    """
    known_name("trend", trend, TRENDS)
    owned = {"knots": (knots, "piecewise"), "knot_ratio": (knot_ratio, "piecewise")}
    for name, (value, owner) in {**owned, "level_ratio": (level_ratio, "local level")}.items():
        if value is not None and trend != owner:
            raise InputError(f"{name} is for trend='{owner}', but trend is '{trend}'. Leave {name} out.")
    origin, end = dates.min(), dates.max()
    if trend != "none" and origin == end:
        raise InputError(
            f"A trend needs at least two dates, and the table has only {origin}. Use trend='none'."
        )
    if trend == "local level":
        ratio = (
            LEVEL_RATIO if level_ratio is None else number("level_ratio", level_ratio, low=0.0, open_low=True)
        )
        return {"trend": trend, "level_ratio": ratio}
    if trend == "piecewise":
        return {"trend": trend, **_knots(origin, end, every, knots, knot_ratio)}
    return {"trend": trend}


def _knots(
    origin: np.datetime64, end: np.datetime64, every: str, knots: Any, knot_ratio: float | None
) -> dict[str, Any]:
    if knots is None or isinstance(knots, (int, np.integer)):
        most = int(period_index(np.array([end]), origin, every)[0]) - 1
        count = None if knots is None else int(number("knots", knots, low=1, high=max(1, most)))
        places, usual = even_knots(origin, end, every, count), KNOT_RATIO
    else:
        places, usual = np.unique(row_dates("knots", knots)), np.inf
        place = period_index(places, origin, every)
        inside = (place > 0) & (place < period_index(np.array([end]), origin, every))
        if not inside.all():
            raise InputError(
                f"knots must lie after the first and before the last period, {origin} and {end}; "
                f"got {places[~inside][0]}."
            )
    if knot_ratio is None or knot_ratio == np.inf:
        return {"knots": places, "knot_ratio": usual if knot_ratio is None else np.inf}
    return {"knots": places, "knot_ratio": number("knot_ratio", knot_ratio, low=0.0, open_low=True)}


def trend_blocks(spec: DesignSpec, dates: Dates) -> list[Block]:
    """Return the columns of the trend, each with mean 0 over the periods of the fit.

    With t the number of periods since the first and T that of the last:

    - linear: t / T - 1/2;
    - piecewise: the same, and max(0, t - knot) in years for each knot;
    - local level: 1 from each step on, of which the first period has none. Every later date has the last level.
    """
    if spec.trend == "none":
        return []
    time = period_index(dates, spec.origin, spec.every)
    last = period_index(spec.span[1:], spec.origin, spec.every)[0]
    if spec.trend == "local level":
        return [_steps(spec, time, last)]
    line = Block("trend", (time / last - 0.5)[:, None], ("trend",))
    return [line] if spec.trend == "linear" else [line, _hinges(spec, time, last)]


def _hinges(spec: DesignSpec, time: FloatArray, last: float) -> Block:
    knots = period_index(spec.knots, spec.origin, spec.every)
    labels = tuple(f"trend, change of slope on {day}" for day in spec.knots)
    years = YEARS_PER_PERIOD[spec.every]
    grid = np.arange(last + 1)

    def hinge(at: FloatArray) -> FloatArray:
        return np.maximum(0.0, at[:, None] - knots) * years

    values = hinge(time) - hinge(grid).mean(axis=0)
    return Block("trend", values, labels, 1.0 / spec.knot_ratio, moving=True)


def _steps(spec: DesignSpec, time: FloatArray, last: float) -> Block:
    stride = LEVEL_STRIDE[spec.every]
    starts = np.arange(stride, last + 1, stride)
    share = (last + 1 - starts) / (last + 1)
    values = (time[:, None] >= starts) - share
    labels = tuple(f"trend, step {k}" for k in range(1, len(starts) + 1))
    return Block("trend", values, labels, 1.0 / (spec.level_ratio * stride), moving=True)
