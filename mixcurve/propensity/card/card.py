"""`ScoreCard`: points for each band of each feature, and what a total means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result
from mixcurve.propensity.card.bands import band_of
from mixcurve.propensity.fit import columns_of
from mixcurve.sigmoid import expit
from mixcurve.thresholds.auc import AucComparison

__all__ = ["ScoreCard"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ScoreCard(Result):
    """Whole points for each band of each feature; they are added up, and the total read off a table.

    Parameters
    ----------
    names
        The features.
    edges
        For each feature, the values at which a next band begins.
    bands
        For each feature, what its bands are called.
    points
        For each feature, the points of its bands, at least 0.
    intercept, per_point
        Log-odds of a total: ``intercept + per_point × total``.
    auc
        The areas of the model without bands or rounding (first) and of the card (second).
    """

    names: tuple[str, ...]
    edges: tuple[FloatArray, ...]
    bands: tuple[tuple[str, ...], ...]
    points: tuple[IntArray, ...]
    intercept: float
    per_point: float
    auc: AucComparison

    def total(self, X: Any) -> IntArray:
        """Return the total of each row of a frame, or of an array with the card's columns in order, (n,)."""
        table = np.asarray(columns_of(X, self.names), dtype=np.float64)
        found = np.zeros(len(table), dtype=np.int64)
        for j, (edges, points) in enumerate(zip(self.edges, self.points)):
            found += points[band_of(table[:, j], edges)]
        return found

    def score(self, X: Any) -> FloatArray:
        """Return the log-odds of each row, (n,)."""
        return np.asarray(self.intercept + self.per_point * self.total(X), dtype=np.float64)

    def probability(self, X: Any) -> FloatArray:
        """Return the probability of the second class of each row, (n,)."""
        return expit(self.score(X))

    @property
    def points_to_double(self) -> float:
        """How many points double the odds."""
        return float(np.log(2.0) / self.per_point)

    @property
    def most(self) -> int:
        """The largest total."""
        return sum(int(points.max()) for points in self.points)

    @property
    def table(self) -> Any:
        """A pandas frame: feature, band, points."""
        import pandas as pd

        rows = [
            (name, band, int(point))
            for name, bands, points in zip(self.names, self.bands, self.points)
            for band, point in zip(bands, points)
        ]
        return pd.DataFrame(rows, columns=["feature", "band", "points"])

    @property
    def lookup(self) -> Any:
        """A pandas frame: each total that can occur, and its probability."""
        import pandas as pd

        totals = np.zeros(1, dtype=np.int64)
        for points in self.points:
            totals = np.unique(totals[:, None] + points[None, :])
        return pd.DataFrame(
            {"points": totals, "probability": expit(self.intercept + self.per_point * totals)}
        )

    @property
    def summary(self) -> str:
        """One plain sentence or two."""
        return (
            f"A card of {len(self.names)} features and up to {self.most} points; {self.points_to_double:.1f} points "
            f"double the odds. The model against the card, on the rows of the card: {self.auc.summary}"
        )
