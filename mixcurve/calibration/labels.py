"""Labels with what was stated of them: checked, cases of no weight left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.cases import case_weights, effective_cases
from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.errors import InputError

__all__ = ["LabelledScores", "labelled_scores", "labels"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class LabelledScores:
    """Scores and labels (0 or 1) of cases with weight, each (n,); weights add up to the effective cases."""

    score: FloatArray
    label: FloatArray
    weight: FloatArray
    counted: BoolArray
    """Which of the cases given have weight, (cases,)."""

    @property
    def effective(self) -> float:
        """How many equally weighted cases say as much."""
        return float(self.weight.sum())

    @property
    def positives(self) -> float:
        """How many of the effective cases are positive."""
        return float(self.weight @ self.label)

    @property
    def separated(self) -> bool:
        """Whether scores differ and no positive case has a lower one than a negative case."""
        positive = self.label == 1
        least, most = self.score[positive].min(), self.score[~positive].max()
        return bool(least >= most and self.score.max() > self.score.min())

    def of(self, member: BoolArray) -> LabelledScores:
        """Return the cases where ``member`` (n,) is true."""
        weight = self.weight[member]
        scale = effective_cases(weight) / weight.sum()
        return LabelledScores(self.score[member], self.label[member], weight * scale, member)


def labels(y: npt.ArrayLike) -> FloatArray:
    """Return labels as 0 and 1, or raise naming the first that is neither."""
    found = finite_array("y", y, ndim=1)
    strange = (found != 0) & (found != 1)
    if strange.any():
        first = int(np.argmax(strange))
        raise InputError(
            f"y must hold 0 and 1 only (False and True count as such), got {found[first]:g} at position {first}. "
            "Write the class whose probability is stated as 1, the other as 0."
        )
    return found


def labelled_scores(
    score: npt.ArrayLike, y: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> LabelledScores:
    """Return checked scores, labels and weights of the cases that have weight; both classes must be among them."""
    z, label = finite_array("score", score, ndim=1), labels(y)
    if len(z) != len(label):
        raise InputError(
            f"score must have one value per label, got {len(z)} scores for {len(label)} labels. "
            "Give both for the same cases in the same order."
        )
    weight = case_weights(weights, len(z))
    counted = weight > 0
    z, label, weight = z[counted], label[counted], weight[counted]
    if label.min() == label.max():
        raise InputError(
            f"y must hold both classes among cases with weight, got {label[0]:g} only. "
            "Give cases of both, or more of them."
        )
    return LabelledScores(z, label, weight * (effective_cases(weight) / weight.sum()), counted)
