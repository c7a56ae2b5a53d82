"""`Audience`: scores of a universe by likeness to seeds, and what they may be taken for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.propensity.fit import LogisticFit
from mixcurve.propensity.lookalike.curve import SizeCurve
from mixcurve.propensity.lookalike.unlabelled import LabelledShare
from mixcurve.sigmoid import expit
from mixcurve.thresholds.auc import AucInterval

__all__ = ["Audience", "How"]

FloatArray = npt.NDArray[np.float64]
How = Literal["case-control", "contaminated", "positive-unlabelled"]


@dataclass(frozen=True, eq=False)
class Audience(Result):
    """A model of who is like the seeds.

    Parameters
    ----------
    how
        What the universe is taken for: people unlike the seeds (``"case-control"``), a mixture with a known share like
        them (``"contaminated"``), or one with an unknown share (``"positive-unlabelled"``).
    fit
        The model; its score ranks people.
    shift
        Added to the model's score to make it the log-odds of a person; NaN if nothing makes it so.
    seeds, universe, controls
        How many people, and how many of the universe the model was fitted to.
    share
        The share of the universe that is like the seeds; NaN where it is not known.
    auc
        Area under the ROC curve, seeds held out against the universe. Hidden seeds in the universe make it smaller.
    curve
        Quality by size of audience.
    labelled
        Elkan and Noto's estimate, or None.
    assumption
        A plain sentence on what the probabilities rest on.
    """

    how: How
    fit: LogisticFit
    shift: float
    seeds: int
    universe: int
    controls: int
    share: float
    auc: AucInterval
    curve: SizeCurve
    assumption: str
    labelled: LabelledShare | None = None

    def score(self, X: Any) -> FloatArray:
        """Return the score of each row, (n,): it ranks people whatever else may be said."""
        return self.fit.score(X)

    def probability(self, X: Any) -> FloatArray:
        """Return the probability that a person of the universe is like the seeds, (n,).

        Raises
        ------
        InputError
            If the assumption behind it does not hold; the scores then only rank.
        """
        if not np.isfinite(self.shift):
            raise InputError(
                f"These scores rank people and are no probabilities. {self.assumption} If the share of the universe "
                "that is like the seeds is known, give how='contaminated' and share."
            )
        return expit(self.fit.score(X) + self.shift)

    @property
    def ranking_only(self) -> bool:
        """Whether the scores rank people and no more."""
        return not np.isfinite(self.shift)

    @property
    def summary(self) -> str:
        """Plain sentences."""
        tenth = int(np.argmin(np.abs(self.curve.share - 0.1)))
        return (
            f"{self.seeds:,} seeds against a universe of {self.universe:,}: AUC {self.auc.auc:.3f} "
            f"({self.auc.low:.3f} to {self.auc.high:.3f} at {100 * self.auc.level:g}%) on people held out. The best "
            f"{self.curve.size[tenth]:,.0f} people hold {self.curve.reached[tenth]:.1%} of people like seeds, "
            f"{self.curve.lift[tenth]:.1f} times as many as chance would. {self.assumption}"
        )
