"""`fit_propensity`: from a table of customers to a model that scores any other table, in one file of plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.maps.base import CalibrationMap
from mixcurve.calibration.maps.fit import MapMethod, fit_map
from mixcurve.foundations.errors import InputError, Problem
from mixcurve.foundations.results import Result
from mixcurve.propensity.drawn_folds import draw_folds
from mixcurve.propensity.features.learn import learn_recipe
from mixcurve.propensity.features.recipe import FeatureRecipe
from mixcurve.propensity.fit import LogisticFit, fit_logistic
from mixcurve.propensity.newton.blocks import spans
from mixcurve.propensity.settings import MAX_STEPS, FitSettings
from mixcurve.sigmoid import expit
from mixcurve.tables.customer_table import CustomerTable

__all__ = ["PropensityModel", "fit_propensity"]

FloatArray = npt.NDArray[np.float64]

ROWS_AT_ONCE = 200_000
"""Customers whose design is made at once when scoring: 200 MB at 125 columns, whatever the length of the table."""


@dataclass(frozen=True, eq=False)
class PropensityModel(Result):
    """What turns a customer's columns into a probability: the recipe of features, the fit, and the calibration.

    It holds no customers, needs no scikit-learn, and saves to JSON (``save``, `load_result`).

    Parameters
    ----------
    recipe
        How columns become features.
    fit
        Intercept and coefficients of the features.
    calibration
        The map from the fit's score to calibrated log-odds, or None.
    folds
        How many folds the calibration was cross-fitted in; 0 without one.
    label_name, classes
        What is predicted, and the two values it had; the probability is that of the second.
    key_name
        The column that names a customer, or None.
    source, sha256
        Where the customers came from, and the digest of that.
    warnings
        What was doubtful about them.
    """

    recipe: FeatureRecipe
    fit: LogisticFit
    calibration: CalibrationMap | None
    folds: int
    label_name: str
    classes: tuple[Any, Any]
    key_name: str | None
    source: str
    sha256: str
    warnings: tuple[Problem, ...]

    def score(self, source: Any) -> FloatArray:
        """Return the log-odds of each customer, (n,), calibrated if the model has a calibration.

        Parameters
        ----------
        source
            A `CustomerTable`, a pandas or polars frame or a pyarrow Table, with the columns of the model in any order.

        Raises
        ------
        InputError
            When a column is not there or holds something of another kind; all of them are named.
        """
        z = self.uncalibrated_score(source)
        if self.calibration is None:
            return z
        # The map was learnt from people as they were sampled, before the correction to the population.
        shift = self.fit.prior_shift
        return self.calibration.score(z - shift) + shift

    def probability(self, source: Any) -> FloatArray:
        """Return the probability of each customer, (n,)."""
        return expit(self.score(source))

    def uncalibrated_score(self, source: Any) -> FloatArray:
        """Return the log-odds of the logistic regression alone, (n,)."""
        frame = source.features if isinstance(source, CustomerTable) else source
        if not hasattr(frame, "iloc"):
            return self.fit.score(self.recipe.design(frame))
        parts = [
            self.fit.score(self.recipe.design(frame.iloc[span])) for span in spans(len(frame), ROWS_AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.empty(0)

    def unfamiliar(self, source: Any) -> tuple[Problem, ...]:
        """Return a warning for each column that holds levels or gaps the model has never seen."""
        return self.recipe.unfamiliar(source)

    @property
    def summary(self) -> str:
        """What the model is, in a few sentences."""
        calibrated = (
            "Not calibrated."
            if self.calibration is None
            else f"{self.calibration.summary} Cross-fitted in {self.folds} folds."
        )
        return f"Propensity of {self.label_name} = {self.classes[1]!r}. {self.fit.summary} {calibrated}"


def fit_propensity(
    customers: CustomerTable,
    *,
    l2: float = 1.0,
    l1: float = 0.0,
    penalty_scale: Literal["total", "per_sample"] = "total",
    firth: bool = False,
    prior: float | None = None,
    calibration: MapMethod | None = None,
    folds: int | npt.ArrayLike = 5,
    rare_share: float = 0.01,
    reference: dict[str, str] | None = None,
    max_steps: int = MAX_STEPS,
    seed: int | np.random.Generator = 0,
) -> PropensityModel:
    """Fit a propensity model to a table of customers.

    Parameters
    ----------
    customers
        From `read_customers`, with a label.
    l2, l1, penalty_scale, firth, prior, max_steps
        As in `PropensityClassifier`. The kind of weights is the table's.
    calibration
        The method of `fit_map`, fitted to scores of customers by models that did not know them; None for none.
    folds
        For that: how many, or (n,) labels of groups that stay together. The recipe of features, which knows no label,
        is that of all rows.
    rare_share, reference
        As in `FeatureEncoder`.
    seed
        For the folds.

    Raises
    ------
    InputError
        When the table has no label, or no column that varies.
    FitError
        Without a penalty, when a column is a combination of others or the classes are separated.

    Examples
    --------
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"visits": rng.poisson(3.0, 300), "plan": rng.choice(["free", "paid"], 300)})
    >>> frame["bought"] = rng.random(300) < expit(0.5 * frame["visits"] - 2.0)
    >>> from mixcurve.tables.customers import read_customers
    >>> model = fit_propensity(read_customers(frame, label="bought"))
    >>> model.probability(pd.DataFrame({"visits": [0, 6], "plan": ["paid", "free"]})).round(1).tolist()
    [0.1, 0.7]
    """
    if customers.label is None:
        raise InputError("customers has no label. Read the table with label='…'.")
    settings = FitSettings(l2, l1, penalty_scale, firth, customers.weight_kind, prior, max_steps)
    recipe = learn_recipe(customers, rare_share=rare_share, reference=reference)
    if not recipe.names:
        raise InputError(
            "customers has no column that varies, so nothing tells them apart. Give more columns."
        )
    design, y, w = recipe.design(customers), np.asarray(customers.label), customers.weights
    fit = fit_logistic(
        design, y, settings=settings, weights=w, names=recipe.names, classes=tuple(customers.classes)
    )
    found, count = None, 0
    if calibration is not None:
        fold = draw_folds(folds, y, w, seed)
        count = int(fold.max()) + 1
        found = fit_map(calibration, _held_out_scores(design, y, w, fold, settings, fit), y, weights=w)
    return PropensityModel(
        recipe=recipe,
        fit=fit,
        calibration=found,
        folds=count,
        label_name=customers.label_name,
        classes=tuple(customers.classes),
        key_name=customers.key_name,
        source=customers.source,
        sha256=customers.sha256,
        warnings=customers.warnings,
    )


def _held_out_scores(
    design: FloatArray,
    y: FloatArray,
    w: FloatArray | None,
    fold: npt.NDArray[np.intp],
    settings: FitSettings,
    fit: LogisticFit,
) -> FloatArray:
    """Return the score of each customer by a model of the other folds, as sampled: before the correction by prior."""
    scores = np.empty(len(y))
    start = np.append(fit.intercept - fit.prior_shift, fit.coefficients)
    for k in range(int(fold.max()) + 1):
        held = fold == k
        others = fit_logistic(
            design[~held],
            y[~held],
            settings=settings,
            weights=None if w is None else w[~held],
            names=fit.feature_names,
            start=start,
        )
        scores[held] = others.score(design[held]) - others.prior_shift
    return scores
