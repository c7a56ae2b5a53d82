"""Seasons as pairs of sine and cosine over the year and over the week."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError
from mixcurve.response.design.block import Block
from mixcurve.response.design.description import DesignSpec
from mixcurve.response.design.periods import DAYS_PER_WEEK, DAYS_PER_YEAR, middle

__all__ = ["MOST_PAIRS", "MOST_WEEKLY_PAIRS", "fourier", "pairs_of_season", "season_blocks"]

FloatArray = npt.NDArray[np.float64]

MOST_PAIRS = {"day": 182, "week": 25, "month": 5, "year": 0}
"""Pairs that so many periods in a year can tell apart: fewer than half as many (Nyquist)."""
MOST_WEEKLY_PAIRS = 3
"""Three pairs are every pattern that seven days can have."""


def fourier(time: FloatArray, period: float, pairs: int) -> FloatArray:
    """Return sin(2πkt / period) and cos(2πkt / period) for k = 1 … pairs, side by side (n × 2 pairs).

    Examples
    --------
    >>> fourier(np.array([0.0, 1.0]), 4.0, 1).round(6).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    angle = 2 * np.pi * time[:, None] * np.arange(1, pairs + 1) / period
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(len(time), 2 * pairs)


def pairs_of_season(every: str, season: int, weekly_season: int | None) -> dict[str, Any]:
    """Return the pairs of both seasons, checked.

    Raises
    ------
    InputError
        For more pairs than the periods can tell apart, or a weekly season of rows that are not daily.

    Examples
    --------
    >>> pairs_of_season("day", 2, None)
    {'season': 2, 'weekly_season': 3}
    """
    yearly = _count("season", season)
    if every != "year" and yearly > MOST_PAIRS[every]:
        raise InputError(
            f"season must be at most {MOST_PAIRS[every]} when a period is a {every}, got {yearly}. "
            "More pairs of sine and cosine cannot be told apart."
        )
    weekly = _count(
        "weekly_season", MOST_WEEKLY_PAIRS * (every == "day") if weekly_season is None else weekly_season
    )
    if weekly > MOST_WEEKLY_PAIRS or (weekly and every != "day"):
        raise InputError(
            f"weekly_season must be 0 to {MOST_WEEKLY_PAIRS} for daily rows and 0 for others, "
            f"got {weekly} when a period is a {every}."
        )
    return {"season": min(yearly, MOST_PAIRS[every]), "weekly_season": weekly}


def _count(name: str, value: int) -> int:
    count = number(name, value, low=0)
    if count != int(count):
        raise InputError(f"{name} must be a whole number of pairs of sine and cosine, got {value!r}.")
    return int(count)


def season_blocks(spec: DesignSpec, dates: npt.NDArray[np.datetime64]) -> list[Block]:
    """Return the columns of the yearly and the weekly season at the middle of each period."""
    time = middle(dates, spec.every, spec.dated)
    kinds = (("season", DAYS_PER_YEAR, spec.season), ("weekly season", DAYS_PER_WEEK, spec.weekly_season))
    return [
        Block(part, fourier(time, period, pairs), _labels(part, pairs), pooled=spec.pooled_season)
        for part, period, pairs in kinds
        if pairs
    ]


def _labels(part: str, pairs: int) -> tuple[str, ...]:
    return tuple(f"{part}, {wave} {k}" for k in range(1, pairs + 1) for wave in ("sine", "cosine"))
