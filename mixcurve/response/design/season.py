"""Seasons as pairs of sine and cosine over the year and over the week."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.response.design.block import Block
from mixcurve.response.design.description import DesignSpec
from mixcurve.response.design.periods import DAYS_PER_WEEK, DAYS_PER_YEAR, middle

__all__ = ["MOST_PAIRS", "MOST_WEEKLY_PAIRS", "fourier", "season_blocks"]

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
