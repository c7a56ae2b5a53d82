"""`score_card`: a model of few features as whole points."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import FitError, InputError
from mixcurve.propensity.card.bands import band_of, band_words, cuts
from mixcurve.propensity.card.card import ScoreCard
from mixcurve.propensity.fit import LogisticFit, columns_of, fit_logistic
from mixcurve.propensity.labels import two_classes
from mixcurve.propensity.settings import FitSettings
from mixcurve.thresholds.auc import compare_auc
from mixcurve.thresholds.ties import whole_number

__all__ = ["score_card"]

FloatArray = npt.NDArray[np.float64]
RIDGE = 1.0
"""In total, on the bands: keeps the points of a band with few people near the others."""


def score_card(
    model: Any,
    X: Any,
    y: npt.ArrayLike,
    *,
    bands: int = 5,
    most: int = 100,
    sample_weight: npt.ArrayLike | None = None,
) -> ScoreCard:
    r"""Return a card of whole points for the features of a model.

    Each feature is cut into bands of about as many people, the bands are fitted by a logistic regression with a slight
    ridge, and coefficients are rounded to whole points, the least band of each feature having 0. What a total means is
    fitted to the totals themselves, so that rounding costs ranking only, not calibration.

    Parameters
    ----------
    model
        What `best_subset` gave, a fitted `PropensityClassifier` or its `LogisticFit`: its features are those of the
        card.
    X, y
        What it was fitted to.
    bands
        Bands of a feature at most.
    most
        About the largest total.
    sample_weight
        (n,), frequencies.

    Raises
    ------
    InputError
        If an argument is out of range, or X and y are not those of the model.
    FitError
        If no band tells anything.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> visits = rng.integers(0, 3, 900).astype(float)[:, None]
    >>> y = rng.random(900) < np.array([0.1, 0.3, 0.6])[visits[:, 0].astype(int)]
    >>> card = score_card(fit_logistic(visits, y.astype(float), names=["visits"]), visits, y, most=10)
    >>> card.table["band"].tolist(), card.most
    (['0', '1', '2'], 10)
    """
    fit = _fit_of(model)
    bands, most = whole_number("bands", bands), whole_number("most", most)
    if bands < 2 or most < 2:
        raise InputError(f"bands and most must be at least 2, got {bands} and {most}.")
    table = np.asarray(columns_of(X, fit.feature_names), dtype=np.float64)
    label, _ = two_classes(y)
    weights = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    edges = tuple(cuts(column, bands) for column in table.T)
    effects = _effects(table, label, weights, edges)
    reach = sum(float(e.max() - e.min()) for e in effects)
    if reach <= 0:
        raise FitError("No band of any feature tells anything, so there is nothing to give points for.")
    points = tuple(np.rint((e - e.min()) * most / reach).astype(np.int64) for e in effects)
    total = sum(p[band_of(column, cut)] for p, column, cut in zip(points, table.T, edges))
    line = fit_logistic(
        np.asarray(total, dtype=np.float64)[:, None], label, settings=FitSettings(l2=0.0), weights=weights,
        names=("total points",),
    )  # fmt: skip
    words = tuple(
        band_words(cut, found if len(found := np.unique(column)) <= bands else None)
        for cut, column in zip(edges, table.T)
    )
    auc = compare_auc(fit.score(table), np.asarray(total, dtype=np.float64), label, weights=weights)
    return ScoreCard(
        fit.feature_names, edges, words, points, line.intercept, float(line.coefficients[0]), auc
    )


def _fit_of(model: Any) -> LogisticFit:
    fit = getattr(model, "fit_", getattr(model, "fit", model))
    if not isinstance(fit, LogisticFit):
        raise InputError(
            f"model must be a subset rule, a fitted PropensityClassifier or a LogisticFit, got {type(model).__name__}."
        )
    return fit


def _effects(
    table: FloatArray, label: FloatArray, weights: FloatArray | None, edges: tuple[FloatArray, ...]
) -> list[FloatArray]:
    """Return the log-odds of each band of each feature against its first band."""
    columns, sizes = [], []
    for column, cut in zip(table.T, edges):
        band = band_of(column, cut)
        columns.append((band[:, None] == np.arange(1, len(cut) + 1)).astype(np.float64))
        sizes.append(len(cut))
    design = np.hstack(columns)
    if not design.shape[1]:
        return [np.zeros(1) for _ in sizes]
    names = [f"band {j}" for j in range(design.shape[1])]
    found = fit_logistic(
        design, label, settings=FitSettings(l2=RIDGE), weights=weights, names=names
    ).coefficients
    return [np.append(0.0, part) for part in np.split(found, np.cumsum(sizes)[:-1])]
