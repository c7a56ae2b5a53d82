"""`LogisticFit`: what a fitted logistic regression is, in plain numbers; `fit_logistic`: how it is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.propensity.diverging import refuse_separation
from mixcurve.propensity.newton.blocks import block_rows, dense_block, spans
from mixcurve.propensity.newton.solve import Solution, solve
from mixcurve.propensity.settings import FitSettings, used_weights
from mixcurve.propensity.tables import refuse_repeated
from mixcurve.sigmoid import expit, logit

__all__ = ["LogisticFit", "columns_of", "fit_logistic"]

FloatArray = npt.NDArray[np.float64]
MANY_NAMES = 12


@dataclass(frozen=True, eq=False)
class LogisticFit(Result):
    """A fitted logistic regression: ``log-odds = intercept + Σ coefficient × feature (+ offset)``.

    Parameters
    ----------
    feature_names
        (p,), in the order of the coefficients.
    intercept, coefficients
        Log-odds, and log-odds per unit of each feature as given (not scaled), (p,).
    centre, scale
        (p,), mean and standard deviation of each feature, by which it was centred and scaled for the penalty. A scale
        of 0 marks a constant feature; its coefficient is 0.
    classes
        The two values of the label; the probability is that of the second.
    rows
        How many rows were fitted, those of weight 0 left out.
    weight_sum, positives
        The sum of the weights used, of all rows and of those of the second class. Survey weights are used with a mean
        of 1.
    weight_kind
        ``"frequency"`` (a row stands for so many people) or ``"survey"`` (it stands for people not sampled).
    l2, l1, penalty_scale, firth
        The penalty, see `PropensityClassifier`.
    prior
        The share of positives in the population that the intercept was corrected to, or None.
    log_likelihood, null_log_likelihood
        Of the sample, without penalty and before the correction, in nats; the second with no feature.
    iterations, step_in_standard_errors, converged
        Newton steps, how far the last one moved any coefficient in its own standard errors, and whether that is short
        enough.
    covariance
        (p + 1, p + 1), intercept first, on the scale of the features as given: the inverse of the information, with the
        ridge if there is one. Under a penalty it is that of the penalised objective and makes no intervals.
    """

    feature_names: tuple[str, ...]
    intercept: float
    coefficients: FloatArray
    centre: FloatArray
    scale: FloatArray
    classes: tuple[Any, Any]
    rows: int
    weight_sum: float
    positives: float
    weight_kind: Literal["frequency", "survey"]
    l2: float
    l1: float
    penalty_scale: Literal["total", "per_sample"]
    firth: bool
    prior: float | None
    log_likelihood: float
    null_log_likelihood: float
    iterations: int
    step_in_standard_errors: float
    converged: bool
    covariance: FloatArray = field(repr=False)

    def score(self, X: Any, offset: npt.ArrayLike | None = None) -> FloatArray:
        """Return the log-odds of each row, (n,).

        Parameters
        ----------
        X
            (n, p), an array with the columns in the order of ``feature_names``, or a frame that has these columns in
            any order, others beside them or not.
        offset
            (n,), added to the log-odds; 0 by default.
        """
        table = columns_of(X, self.feature_names)
        z = np.empty(table.shape[0])
        for span in spans(table.shape[0], block_rows(max(table.shape[1], 1))):
            block = np.asarray(dense_block(table, span), dtype=np.float64)
            z[span] = block @ self.coefficients + self.intercept
        return z if offset is None else z + np.asarray(offset, dtype=np.float64)

    def probability(self, X: Any, offset: npt.ArrayLike | None = None) -> FloatArray:
        """Return the probability of the second class, (n,)."""
        return expit(self.score(X, offset))

    @property
    def prior_shift(self) -> float:
        """What the correction to ``prior`` added to the intercept of the sample, in log-odds."""
        return _prior_shift(self.prior, self.positives / self.weight_sum)

    @property
    def penalty(self) -> str:
        """The penalty in words."""
        if self.firth:
            return "Firth's penalty"
        parts = [f"{name} = {value:g}" for name, value in (("l2", self.l2), ("l1", self.l1)) if value]
        where = {"total": "in total", "per_sample": "per person"}[self.penalty_scale]
        return f"penalty {' and '.join(parts)} {where} on scaled features" if parts else "no penalty"

    @property
    def summary(self) -> str:
        """One sentence."""
        state = "" if self.converged else " It did not converge."
        corrected = (
            "" if self.prior is None else f", intercept corrected to {self.prior:.4g} in the population"
        )
        return (
            f"Logistic regression of {self.classes[1]!r} on {len(self.feature_names)} features: {self.rows:,} rows, "
            f"{self.positives / self.weight_sum:.4g} positive, {self.penalty}{corrected}, log-likelihood "
            f"{self.log_likelihood:.6g} ({self.null_log_likelihood:.6g} without features).{state}"
        )

    @property
    def table(self) -> Any:
        """A pandas frame: feature, coefficient, and coefficient per standard deviation, intercept first."""
        import pandas as pd

        values = np.concatenate([[self.intercept], self.coefficients])
        scaled = np.concatenate([[np.nan], self.coefficients * self.scale])
        names = ["intercept", *self.feature_names]
        return pd.DataFrame({"feature": names, "coefficient": values, "per standard deviation": scaled})


def columns_of(X: Any, names: Sequence[str]) -> Any:
    """Return the columns that a fit knows, in its order, or raise naming what is missing."""
    if not hasattr(X, "columns"):
        table = X if hasattr(X, "toarray") else np.asarray(X)
        if table.ndim != 2 or table.shape[1] != len(names):
            raise InputError(f"X must have {len(names)} columns, got shape {table.shape}.")
        return table
    missing = [name for name in names if name not in X.columns]
    if missing:
        told = ", ".join(missing[:MANY_NAMES]) + (" and others" if missing[MANY_NAMES:] else "")
        raise InputError(f"X lacks the column(s) {told}. Give a table with the columns of the fit.")
    return np.asarray(X[list(names)])


def fit_logistic(
    X: Any,
    y: FloatArray,
    *,
    settings: FitSettings | None = None,
    weights: FloatArray | None = None,
    offset: FloatArray | None = None,
    names: Sequence[str] | None = None,
    classes: tuple[Any, Any] = (0, 1),
    start: FloatArray | None = None,
) -> LogisticFit:
    """Fit a logistic regression to clean arrays.

    Parameters
    ----------
    X
        (n, p), NumPy array of floats or SciPy CSR array; only read.
    y
        (n,), 0 or 1; both must occur.
    settings
        Penalty, kind of weights, prior; `PropensityClassifier` says what each means. No penalty by default.
    weights, offset
        (n,), or None.
    names
        (p,), names of the columns.
    classes
        What 0 and 1 stand for.
    start
        (p + 1,), intercept and coefficients to start from.

    Raises
    ------
    InputError
        With one class only, or weights that are negative or all zero.
    FitError
        Without a penalty, when a column is a combination of others or the classes are separated.

    Examples
    --------
    >>> fit = fit_logistic(np.array([[0.0], [0.0], [1.0], [1.0], [1.0]]), np.array([0.0, 1, 1, 1, 0]))
    >>> fit.summary.split(", log-likelihood")[0]
    'Logistic regression of 1 on 1 features: 5 rows, 0.6 positive, no penalty'
    """
    settings = settings or FitSettings(l2=0.0)
    known = tuple(names) if names is not None else tuple(f"x{j}" for j in range(X.shape[1]))
    refuse_repeated(known)
    w = used_weights(weights, len(y), settings.weight_kind)
    total = float(len(y) if w is None else w.sum())
    positives = float(y.sum() if w is None else w @ y)
    if not 0 < positives < total:
        only = classes[1] if positives else classes[0]
        raise InputError(
            f"y must have both classes among rows of positive weight, got one class only ({only!r}). "
            "Give rows of people who did and of people who did not."
        )
    found = _solved(X, y, w, offset, settings, total, known, start)
    return LogisticFit(
        feature_names=known,
        intercept=found.intercept + _prior_shift(settings.prior, positives / total),
        coefficients=found.coefficients,
        centre=found.centre,
        scale=found.scale,
        classes=classes,
        rows=len(y) if w is None else int(np.count_nonzero(w)),
        weight_sum=total,
        positives=positives,
        weight_kind=settings.weight_kind,
        l2=settings.l2,
        l1=settings.l1,
        penalty_scale=settings.penalty_scale,
        firth=settings.firth,
        prior=settings.prior,
        log_likelihood=found.log_likelihood,
        null_log_likelihood=found.null_log_likelihood,
        iterations=found.iterations,
        step_in_standard_errors=found.step_in_standard_errors,
        converged=found.status == "converged",
        covariance=found.covariance,
    )


def _prior_shift(prior: float | None, share: float) -> float:
    """Return what is added to the intercept of a sample drawn by class (King and Zeng 2001, equation 7)."""
    return 0.0 if prior is None else float(logit(prior) - logit(share))


def _solved(
    X: Any,
    y: FloatArray,
    w: FloatArray | None,
    offset: FloatArray | None,
    settings: FitSettings,
    total: float,
    names: tuple[str, ...],
    start: FloatArray | None,
) -> Solution:
    """Return the solution; a fit that runs away is asked whether the classes are separated."""
    size = 1.0 if settings.penalty_scale == "total" else total
    same: dict[str, Any] = {"l2": settings.l2 * size, "l1": settings.l1 * size, "firth": settings.firth}
    same |= {"weights": w, "offset": offset, "max_steps": settings.max_steps, "names": names}
    found = solve(X, y, start=start, **same)
    if found.status == "diverging":
        refuse_separation(X, y, w, names)
        found = solve(X, y, start=np.append(found.intercept, found.coefficients), guard=False, **same)
    return found
