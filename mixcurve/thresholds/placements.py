"""Where each person lies among those of the other class: what the area under a ROC curve is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.thresholds.people import WeightKind

__all__ = ["Placements", "covariance_of_means", "placements"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Placements:
    """Where each person lies among those of the other class.

    ``of_positives``: the weighted share of others that each positive scores above, in the order of rows;
    ``of_others``: the share of positives that score above each of the others. Ties count half. The mean of either is
    the area (DeLong, DeLong and Clarke-Pearson 1988, their structural components).
    """

    of_positives: FloatArray
    of_others: FloatArray
    positive_weight: FloatArray
    other_weight: FloatArray

    @property
    def auc(self) -> float:
        """The area under the ROC curve."""
        return float(self.positive_weight @ self.of_positives / self.positive_weight.sum())


def placements(score: FloatArray, positive: npt.NDArray[np.bool_], weight: FloatArray) -> Placements:
    """Return the placements of all people in O(n log n): each class is sorted once, the sorted lists are merged."""
    own, rest = score[positive], score[~positive]
    w1, w0 = weight[positive], weight[~positive]
    by_own, by_rest = np.argsort(own), np.argsort(rest)
    ranked, lower = own[by_own], rest[by_rest]
    left, right = np.searchsorted(lower, ranked, "left"), np.searchsorted(lower, ranked, "right")
    below = np.concatenate([[0.0], np.cumsum(w0[by_rest])])
    share = (below[left] + below[right]) / (2.0 * below[-1])
    # The same merge read from the other side: a positive lies above the others whose place is before its own.
    counted = w1[by_own]
    higher = _above(left, counted, len(rest)) + _above(right, counted, len(rest))
    of_positives, of_others = np.empty(len(own)), np.empty(len(rest))
    of_positives[by_own], of_others[by_rest] = share, higher / (2.0 * counted.sum())
    return Placements(of_positives, of_others, w1, w0)


def _above(place: npt.NDArray[np.intp], weight: FloatArray, rest: int) -> FloatArray:
    """Return, for each of the sorted others, the weight of positives whose place lies after it."""
    at = np.bincount(place, weights=weight, minlength=rest + 1)
    return np.cumsum(at[:0:-1])[::-1]


def covariance_of_means(a: FloatArray, b: FloatArray, weight: FloatArray, kind: WeightKind) -> float:
    """Return the covariance of two weighted means of placements of one class; NaN with fewer than two people."""
    total = float(weight.sum())
    x, y = a - weight @ a / total, b - weight @ b / total
    if kind == "survey":
        rows = int(np.count_nonzero(weight))
        return float((weight**2) @ (x * y)) / total**2 * rows / (rows - 1) if rows > 1 else np.nan
    return float(weight @ (x * y)) / (total * (total - 1.0)) if total > 1.0 else np.nan
