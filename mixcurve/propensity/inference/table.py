"""`InferenceTable`: coefficients with what may be said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.propensity.inference.errors import Errors

__all__ = ["Basis", "InferenceTable", "Intervals"]

FloatArray = npt.NDArray[np.float64]
Intervals = Literal["wald", "profile"]
Basis = Literal["as fitted", "unpenalised refit", "Firth refit"]


@dataclass(frozen=True, eq=False)
class InferenceTable(Result):
    """Coefficients of a logistic regression with errors, intervals and effects; the intercept first.

    Parameters
    ----------
    names
        (p + 1,), ``"intercept"`` and the features.
    coefficient, standard_error
        (p + 1,), log-odds per unit of the feature as given. NaN for a column that a refit left out since it is a
        combination of others.
    low, high
        (p + 1,), interval of the coefficient at ``level``. An infinite end is a side that the data leave open.
    statistic, p_value
        (p + 1,). Wald intervals: coefficient over its error, against the normal distribution. Profile intervals: the
        likelihood-ratio statistic, against chi-square with one degree of freedom. NaN where there is no test.
    effect, effect_low, effect_high
        (p + 1,), average effect on the probability in percentage points, with its interval by the delta method: per
        unit of the feature, or for a feature of 0 and 1 from 0 to 1. NaN for the intercept.
    per_deviation
        (p + 1,), coefficient times the feature's standard deviation, for ranking; NaN for the intercept.
    variance_inflation
        (p + 1,), ``1 / (1 - R²)`` of the feature on the others; NaN for the intercept and constant features.
    fitted
        (p + 1,), the coefficients of the model that was given; they differ from ``coefficient`` after a refit.
    level, errors, intervals, basis
        Level of all intervals; the kind of errors; the kind of intervals; the fit that they are of.
    rows, positives
        What they rest on.
    notes
        Plain sentences on what limits them.
    """

    names: tuple[str, ...]
    coefficient: FloatArray
    standard_error: FloatArray
    low: FloatArray
    high: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    effect: FloatArray
    effect_low: FloatArray
    effect_high: FloatArray
    per_deviation: FloatArray
    variance_inflation: FloatArray
    fitted: FloatArray
    level: float
    errors: Errors
    intervals: Intervals
    basis: Basis
    rows: int
    positives: float
    notes: tuple[str, ...] = ()

    @property
    def odds_ratio(self) -> FloatArray:
        """``exp(coefficient)``, (p + 1,)."""
        return np.exp(self.coefficient)

    @property
    def odds_ratio_interval(self) -> tuple[FloatArray, FloatArray]:
        """The interval of the odds ratio, at the same level."""
        return np.exp(self.low), np.exp(self.high)

    @property
    def ranking(self) -> tuple[str, ...]:
        """The features by the size of their coefficient per standard deviation, the largest first."""
        size = np.abs(self.per_deviation[1:])
        return tuple(self.names[1 + j] for j in np.argsort(-np.nan_to_num(size, nan=-1.0), kind="stable"))

    def of(self, name: str) -> dict[str, float]:
        """Return all figures of one feature by name."""
        if name not in self.names:
            raise InputError(f"The table has no feature '{name}'. It has: {', '.join(self.names)}.")
        return {str(k): float(v) for k, v in self.table.set_index("feature").loc[name].items()}

    @property
    def summary(self) -> str:
        """Plain sentences: what the table rests on and what limits it."""
        kind = {"model": "the model's", "robust": "robust", "clustered": "clustered"}[self.errors]
        way = {"wald": "Wald", "profile": "profile-likelihood"}[self.intervals]
        told = (
            f"{self.rows:,} rows, {self.positives:,.6g} of the second class; {kind} standard errors, {way} intervals "
            f"at {self.level:.4g}, {self.basis}."
        )
        return " ".join([told, *self.notes])

    @property
    def table(self) -> Any:
        """A pandas frame with one row per coefficient; effects are percentage points."""
        import pandas as pd

        ratio_low, ratio_high = self.odds_ratio_interval
        return pd.DataFrame(
            {
                "feature": self.names, "coefficient": self.coefficient, "standard error": self.standard_error,
                "low": self.low, "high": self.high, "statistic": self.statistic, "p": self.p_value,
                "odds ratio": self.odds_ratio, "odds ratio low": ratio_low, "odds ratio high": ratio_high,
                "effect": self.effect, "effect low": self.effect_low, "effect high": self.effect_high,
                "per standard deviation": self.per_deviation, "variance inflation": self.variance_inflation,
                "as fitted": self.fitted,
            }
        )  # fmt: skip
