"""`SubsetRule`: a model of few features beside that of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result
from mixcurve.propensity.fit import LogisticFit
from mixcurve.thresholds.auc import AucComparison

__all__ = ["Reached", "SubsetRule"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Reached(Result):
    """People of the second class reached by contacting the ``capacity`` highest scores, of ``rows`` people.

    ``full`` and ``rule`` are counts; ``lost`` their difference with its interval at ``level``: only people whom one of
    the two reaches and the other does not make it uncertain.
    """

    capacity: int
    rows: int
    full: float
    rule: float
    lost: float
    low: float
    high: float
    level: float

    @property
    def summary(self) -> str:
        """One plain sentence."""
        sign, word = (1.0, "fewer") if self.lost >= 0 else (-1.0, "more")
        low, high = sorted((sign * self.low, sign * self.high))
        return (
            f"At {self.capacity:,} contacts of {self.rows:,} people the rule reaches {self.rule:,.0f} instead of "
            f"{self.full:,.0f}, {abs(self.lost):,.0f} {word} ({low:,.0f} to {high:,.0f} at {100 * self.level:g}%)."
        )


@dataclass(frozen=True, eq=False)
class SubsetRule(Result):
    """The model of k features that a screen of all subsets and exact refits of the best chose.

    Parameters
    ----------
    names
        (k,), the features chosen.
    fit
        Their model, fitted to all rows.
    full
        The model of all features.
    subsets
        How many subsets were looked at, by quadratic approximation.
    candidates, log_likelihoods
        The subsets that were refitted exactly, as names, the best first, and their log-likelihoods.
    auc
        The areas of the full model (first) and of the rule (second), and their paired difference.
    folds
        In how many folds the areas were found, the choice of features made anew without each; 0: on the rows of the
        fit, which flatters both.
    reached
        What the loss means at a capacity, or None.
    """

    names: tuple[str, ...]
    fit: LogisticFit
    full: LogisticFit
    subsets: int
    candidates: tuple[tuple[str, ...], ...]
    log_likelihoods: FloatArray
    auc: AucComparison
    folds: int
    reached: Reached | None = None

    def score(self, X: Any) -> FloatArray:
        """Return the log-odds of each row of a frame that has the columns of the rule, (n,)."""
        return self.fit.score(X)

    def probability(self, X: Any) -> FloatArray:
        """Return the probability of the second class, (n,)."""
        return self.fit.probability(X)

    @property
    def summary(self) -> str:
        """Plain sentences: the rule, its loss, and how it was found."""
        where = f"out of {self.folds} folds" if self.folds else "on the rows of the fit"
        found = (
            f"Best {len(self.names)} of {len(self.full.feature_names)} features: {', '.join(self.names)}. "
            f"All features against these, {where}: {self.auc.summary}"
        )
        how = (
            f"Found among {self.subsets:,} subsets by quadratic approximation, the best {len(self.candidates)} of them "
            "refitted exactly: a screen, not a proof that no other subset is better."
        )
        return " ".join([found, *([self.reached.summary] if self.reached else []), how])

    @property
    def table(self) -> Any:
        """A pandas frame of the subsets that were refitted: features, log-likelihood, and the loss to the best."""
        import pandas as pd

        named = [", ".join(one) for one in self.candidates]
        below = self.log_likelihoods.max() - self.log_likelihoods
        return pd.DataFrame(
            {"features": named, "log-likelihood": self.log_likelihoods, "below the best": below}
        )
