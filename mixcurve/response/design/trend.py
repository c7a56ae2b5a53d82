"""Trends: a straight line, a line with changes of slope, or a level that wanders."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.response.design.block import Block
from mixcurve.response.design.description import DesignSpec
from mixcurve.response.design.periods import YEARS_PER_PERIOD, period_index

__all__ = ["KNOT_RATIO", "LEVEL_RATIO", "LEVEL_STRIDE", "even_knots", "trend_blocks"]

FloatArray = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]

KNOT_RATIO = 1.0
"""A change of slope of one standard deviation of the noise per year is nothing unusual: a pull that three years of
weeks overrule, and that keeps the slope where they say nothing (the place of the prior of Taylor and Letham 2018)."""
LEVEL_RATIO = 0.01
"""Variance of a period's step over that of the noise: a year of weeks moves the level by 0.7 standard deviations of
the noise. A fit may choose another by maximum likelihood (Harvey 1989, section 4.2)."""
LEVEL_STRIDE = {"day": 7, "week": 1, "month": 1, "year": 1}
"""Periods from one step of a local level to the next: a level of days moves once a week, which keeps its columns few."""
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
    if every in ("day", "week"):
        return origin + places * (7 if every == "week" else 1)
    unit = "datetime64[M]" if every == "month" else "datetime64[Y]"
    return (origin.astype(unit) + places).astype("datetime64[D]")


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
