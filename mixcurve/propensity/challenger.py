"""`challenger`: what the simplicity of the baseline costs against gradient boosting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from mixcurve.calibration.probability import calibration_report
from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.propensity.drawn_folds import draw_folds
from mixcurve.propensity.features.learn import learn_recipe
from mixcurve.propensity.fit import fit_logistic
from mixcurve.propensity.labels import two_classes
from mixcurve.propensity.settings import FitSettings
from mixcurve.propensity.subset.build import people_reached
from mixcurve.propensity.subset.rule import Reached
from mixcurve.propensity.tables import features_of
from mixcurve.sigmoid import cross_entropy, expit, logit
from mixcurve.tables.customer_table import CustomerTable
from mixcurve.thresholds.auc import AucComparison, compare_auc

__all__ = ["ChallengerReport", "PairedLoss", "challenger"]

FloatArray = npt.NDArray[np.float64]
SUREST = 1e-12
"""Probabilities of trees are kept this far from 0 and 1, where they have no log-odds."""


@dataclass(frozen=True, eq=False)
class PairedLoss(Result):
    """The mean loss of both models on people held out, and the difference (challenger less baseline), with interval."""

    name: str
    baseline: float
    challenger: float
    difference: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class ChallengerReport(Result):
    """Logistic regression beside gradient boosting, both on the same people held out.

    Parameters
    ----------
    auc
        The challenger (first) against the baseline (second).
    losses
        Brier score and log loss; lower is better.
    slopes
        Calibration slopes of baseline and challenger; 1 is right.
    reached
        What the baseline reaches less at a capacity, or None.
    rows, folds, level
        People, folds, level of the intervals.
    """

    auc: AucComparison
    losses: tuple[PairedLoss, ...]
    slopes: tuple[float, float]
    reached: Reached | None
    rows: int
    folds: int
    level: float

    @property
    def verdict(self) -> str:
        """Whether the challenger ranks better: "better", "worse" or "not told apart"."""
        if not np.isfinite(self.auc.low):
            return "not told apart"
        return "better" if self.auc.low > 0 else "worse" if self.auc.high < 0 else "not told apart"

    @property
    def summary(self) -> str:
        """Plain sentences: what simplicity costs."""
        told = {
            "better": "Gradient boosting ranks people better, which is what the simplicity of the baseline costs.",
            "worse": "Gradient boosting ranks people worse: simplicity costs nothing here.",
            "not told apart": "The two cannot be told apart: there is no sign that simplicity costs anything.",
        }[self.verdict]
        reached = (
            ""
            if self.reached is None
            else (
                f" At {self.reached.capacity:,} contacts the baseline reaches {self.reached.rule:,.0f} people "
                f"instead of {self.reached.full:,.0f} (difference {self.reached.low:,.0f} to {self.reached.high:,.0f})."
            )
        )
        return f"{told} {self.auc.summary}{reached}"

    @property
    def table(self) -> Any:
        """A pandas frame: each figure of both, their difference and its interval."""
        import pandas as pd

        auc = self.auc
        rows = [("AUC", auc.second.auc, auc.first.auc, auc.difference, auc.low, auc.high)]
        rows += [
            (one.name, one.baseline, one.challenger, one.difference, one.low, one.high) for one in self.losses
        ]
        rows.append(("calibration slope", *self.slopes, self.slopes[1] - self.slopes[0], np.nan, np.nan))
        return pd.DataFrame(rows, columns=["figure", "baseline", "challenger", "difference", "low", "high"])


def challenger(
    X: Any,
    y: npt.ArrayLike | None = None,
    *,
    l2: float = 1.0,
    folds: Any = 5,
    capacity: int | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> ChallengerReport:
    """Return how gradient boosting does beside logistic regression, on the same features and people held out.

    Gradient boosting is scikit-learn's `HistGradientBoostingClassifier` with its defaults and early stopping.

    Parameters
    ----------
    X, y
        A `CustomerTable` with a label and no y, or a table of numbers (n, p) and labels (n,).
    l2
        Ridge of the baseline, in total.
    folds
        How many, or (n,) labels of groups that stay together.
    capacity
        How many of the people can be contacted.
    level
        Of the intervals.
    seed
        Of folds and of boosting.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(1500, 3))
    >>> y = rng.random(1500) < expit(X[:, 0] * X[:, 1] * 2.0)
    >>> challenger(X, y, folds=3).verdict
    'better'
    """
    table, label = _people(X, y)
    fold = draw_folds(folds, label, None, seed)
    number("level", level, low=0.5, high=0.9999)
    ours, theirs = np.empty(len(label)), np.empty(len(label))
    for one in range(int(fold.max()) + 1):
        out = fold == one
        ours[out] = fit_logistic(table[~out], label[~out], settings=FitSettings(l2=l2)).score(table[out])
        theirs[out] = _boosted(table[~out], label[~out], table[out], seed)
    losses = (
        _paired("Brier score", (expit(ours) - label) ** 2, (expit(theirs) - label) ** 2, level),
        _paired("log loss", cross_entropy(label, ours), cross_entropy(label, theirs), level),
    )
    slopes = tuple(float(calibration_report(label, score=z).slope or np.nan) for z in (ours, theirs))
    reached = None if capacity is None else people_reached(theirs, ours, label, None, capacity, level)
    return ChallengerReport(
        compare_auc(theirs, ours, label, level), losses, (slopes[0], slopes[1]), reached, len(label),
        int(fold.max()) + 1, level,
    )  # fmt: skip


def _people(X: Any, y: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    if isinstance(X, CustomerTable):
        if X.label is None or y is not None:
            raise InputError("Give a CustomerTable that has a label, and no y beside it.")
        return learn_recipe(X).design(X), np.asarray(X.label, dtype=np.float64)
    if y is None:
        raise InputError("y is missing: give the label of each row of X.")
    table, _ = features_of(X)
    label, _ = two_classes(y)
    if len(label) != table.shape[0]:
        raise InputError(f"y must be one per row of X, got {len(label)} for {table.shape[0]}.")
    return np.asarray(table.toarray() if hasattr(table, "toarray") else table, dtype=np.float64), label


def _boosted(table: FloatArray, label: FloatArray, out: FloatArray, seed: int) -> FloatArray:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(early_stopping=True, random_state=seed).fit(table, label)
    p = np.clip(model.predict_proba(out)[:, 1], SUREST, 1.0 - SUREST)
    return np.asarray(logit(p), dtype=np.float64)


def _paired(name: str, ours: FloatArray, theirs: FloatArray, level: float) -> PairedLoss:
    """Return the mean difference of two losses of the same people, with a normal interval."""
    apart = theirs - ours
    reach = float(ndtri(0.5 + level / 2.0)) * float(apart.std(ddof=1)) / np.sqrt(len(apart))
    middle = float(apart.mean())
    return PairedLoss(name, float(ours.mean()), float(theirs.mean()), middle, middle - reach, middle + reach)
