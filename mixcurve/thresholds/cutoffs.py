"""All cut-offs of a score from one sort: how many positives and others lie above each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, number
from mixcurve.foundations.results import Result
from mixcurve.thresholds.people import labels_of, weights_of

__all__ = ["Cutoffs", "Ranking", "all_cutoffs", "ranking_of"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Ranking:
    """Rows from the highest value to the lowest, in groups of equal ones.

    Parameters
    ----------
    order
        Rows in falling order (n).
    ends
        How many rows the first 0, 1, ... groups hold (m + 1), the first 0.
    value
        The value of each group (m), falling.
    """

    order: IntArray
    ends: IntArray
    value: FloatArray

    def totals(self, amounts: FloatArray) -> FloatArray:
        """Return the sum of amounts per row (n) over the first 0, 1, ... groups (m + 1)."""
        running = np.concatenate([[0.0], np.cumsum(amounts[self.order])])
        return running[self.ends]


def ranking_of(values: FloatArray, score: FloatArray | None = None) -> Ranking:
    """Return rows in falling order of their values, equal values in falling order of the score; one sort."""
    order = np.argsort(values) if score is None else np.lexsort((score, values))
    order = order[::-1]
    ranked = values[order]
    new = ranked[1:] != ranked[:-1]
    if score is not None:
        new |= score[order][1:] != score[order][:-1]
    ends = np.concatenate([[0], np.flatnonzero(new) + 1, [len(values)]])
    return Ranking(order, ends, ranked[ends[1:] - 1])


@dataclass(frozen=True, eq=False)
class Cutoffs(Result):
    """What lies at or above each distinct value of a score: nobody first, everybody last (m + 1).

    Counts are sums of weights.

    Parameters
    ----------
    threshold
        Who scores at least this is above the cut-off; falling, the first infinite.
    true_positives, false_positives
        Positives and others at or above the threshold.
    positives, people
        The totals.
    """

    threshold: FloatArray
    true_positives: FloatArray
    false_positives: FloatArray
    positives: float
    people: float

    @property
    def false_negatives(self) -> FloatArray:
        """Positives below the threshold."""
        return self.positives - self.true_positives

    @property
    def true_negatives(self) -> FloatArray:
        """Others below the threshold."""
        return (self.people - self.positives) - self.false_positives

    @property
    def selected(self) -> FloatArray:
        """People at or above the threshold."""
        return self.true_positives + self.false_positives

    @property
    def base_rate(self) -> float:
        """The share of positives among all people."""
        return self.positives / self.people

    @property
    def share_of_people(self) -> FloatArray:
        """The share of people at or above the threshold."""
        return self.selected / self.people

    @property
    def multiple_of_base_rate(self) -> FloatArray:
        """The threshold over the base rate; meaningful where the score is a probability."""
        return self.threshold / self.base_rate

    @property
    def recall(self) -> FloatArray:
        """The share of positives that lie at or above the threshold."""
        return self.true_positives / self.positives

    @property
    def false_positive_rate(self) -> FloatArray:
        """The share of others that lie at or above the threshold."""
        return self.false_positives / (self.people - self.positives)

    @property
    def precision(self) -> FloatArray:
        """The share of positives among those at or above the threshold; NaN where there is nobody."""
        selected = self.selected
        return np.divide(
            self.true_positives, selected, out=np.full(len(selected), np.nan), where=selected > 0
        )

    @property
    def lift(self) -> FloatArray:
        """Precision over the base rate."""
        return self.precision / self.base_rate

    @property
    def youden(self) -> FloatArray:
        """Recall less the false positive rate (Youden 1950); the largest is the Kolmogorov-Smirnov distance."""
        return self.recall - self.false_positive_rate

    def f_beta(self, beta: float = 1.0) -> FloatArray:
        """Return ``(1 + beta²) precision recall / (beta² precision + recall)``, 0 where there is no true positive."""
        b2 = number("beta", beta, low=0.0, open_low=True) ** 2
        return (1.0 + b2) * self.true_positives / (self.selected + b2 * self.positives)

    @property
    def table(self) -> Any:
        """A pandas frame with a row per cut-off."""
        import pandas as pd

        names = (
            "threshold", "multiple_of_base_rate", "share_of_people", "selected", "true_positives", "false_positives",
            "false_negatives", "true_negatives", "precision", "recall", "false_positive_rate", "lift", "youden",
        )  # fmt: skip
        return pd.DataFrame({name: getattr(self, name) for name in names})


def all_cutoffs(score: npt.ArrayLike, y: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Cutoffs:
    """Return the four counts at every distinct value of a score, from one sort.

    Parameters
    ----------
    score
        (n,), finite: probabilities or log-odds; the higher, the likelier a positive.
    y
        (n,), 0 or 1, both present.
    weights
        (n,), how much each row counts, not negative; all 1 if not given.

    Raises
    ------
    InputError
        If lengths differ, a value is not finite, a label is neither 0 nor 1, or no weight is above 0.

    Examples
    --------
    >>> found = all_cutoffs([0.1, 0.4, 0.4, 0.8], [0, 0, 1, 1])
    >>> found.threshold.tolist(), found.true_positives.tolist(), found.false_positives.tolist()
    ([inf, 0.8, 0.4, 0.1], [0.0, 1.0, 2.0, 2.0], [0.0, 0.0, 1.0, 2.0])
    """
    values = finite_array("score", score, ndim=1)
    label = labels_of(y, len(values))
    weight = weights_of(weights, len(values))
    ranking = ranking_of(values)
    hits, misses = ranking.totals(weight * label), ranking.totals(weight * (1.0 - label))
    threshold = np.concatenate([[np.inf], ranking.value])
    return Cutoffs(threshold, hits, misses, float(hits[-1]), float(hits[-1] + misses[-1]))
