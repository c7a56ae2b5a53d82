"""How quality falls as an audience grows: seeds held out that each size of audience reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.binomial import share_interval
from mixcurve.foundations.results import Result

__all__ = ["SHARES", "SizeCurve", "size_curve"]

FloatArray = npt.NDArray[np.float64]

SHARES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 1.0)
"""Sizes of audience that are shown, as shares of the universe."""


@dataclass(frozen=True, eq=False)
class SizeCurve(Result):
    """Quality by size of audience, the highest scores first.

    Parameters
    ----------
    share, size
        (m,), of the universe, and people.
    threshold
        (m,), the score from which on people are taken.
    reached, reached_low, reached_high
        (m,), the share of seeds held out with a score that high, and its interval.
    level
        Of the intervals.
    """

    share: FloatArray
    size: FloatArray
    threshold: FloatArray
    reached: FloatArray
    reached_low: FloatArray
    reached_high: FloatArray
    level: float

    @property
    def lift(self) -> FloatArray:
        """How many times as often as in the universe people like seeds are found, (m,)."""
        return self.reached / self.share

    @property
    def table(self) -> Any:
        """A pandas frame, one row per size."""
        import pandas as pd

        return pd.DataFrame(
            {
                "share of universe": self.share, "people": self.size, "score from": self.threshold,
                "seeds reached": self.reached, "low": self.reached_low, "high": self.reached_high, "lift": self.lift,
                "lift low": self.reached_low / self.share, "lift high": self.reached_high / self.share,
            }
        )  # fmt: skip


def size_curve(seeds: FloatArray, universe: FloatArray, people: int, level: float) -> SizeCurve:
    """Return the curve from scores of seeds held out and of a sample of the universe of so many people."""
    ordered = np.sort(universe)[::-1]
    size = np.array([max(1, round(share * len(ordered))) for share in SHARES])
    threshold = ordered[size - 1]
    threshold[-1] = min(threshold[-1], seeds.min())
    hits = (seeds[:, None] >= threshold).sum(axis=0)
    low, high = share_interval(hits, len(seeds), level)
    share = size / len(ordered)
    return SizeCurve(
        share, np.rint(share * people), threshold, hits / len(seeds), np.asarray(low), np.asarray(high), level
    )
