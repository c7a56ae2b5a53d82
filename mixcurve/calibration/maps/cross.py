"""Scores calibrated by maps that did not see them: an honest check of a calibration."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.cases import case_weights
from mixcurve.calibration.labels import labels
from mixcurve.calibration.maps.base import Segments, scores_of
from mixcurve.calibration.maps.fit import MapMethod, fit_map
from mixcurve.calibration.maps.segmented import LEAST_CASES
from mixcurve.foundations.checks import generator, number
from mixcurve.foundations.errors import InputError

__all__ = ["cross_fitted_score"]

FloatArray = npt.NDArray[np.float64]


def cross_fitted_score(
    method: MapMethod,
    score: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    folds: int | npt.ArrayLike = 5,
    weights: npt.ArrayLike | None = None,
    segments: Segments | None = None,
    platt_targets: bool = False,
    least_cases: float = LEAST_CASES,
    seed: int | np.random.Generator = 0,
) -> FloatArray:
    """Return calibrated log-odds, (cases,), each by a map fitted without its own fold.

    Hand them to `calibration_report` for an honest check.

    Parameters
    ----------
    method, score, y, weights, segments, platt_targets, least_cases
        As in `fit_map`.
    folds
        How many random folds, or a label per case: cases of one label are left out together.
    seed
        For random folds.

    Raises
    ------
    InputError
        As `fit_map` does; and if there are fewer than two folds.

    Examples
    --------
    >>> from mixcurve.calibration.probability import calibration_report
    >>> from mixcurve.sigmoid import expit
    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=3000)
    >>> y = rng.random(3000) < expit(z)
    >>> calibration_report(y, score=cross_fitted_score("platt", 3.0 * z, y)).summary
    'Probabilities mean what they say: ...'
    """
    z, label = scores_of(score), labels(y)
    weight = case_weights(weights, len(label))
    fold = _folds(folds, label, seed)
    options: dict[str, Any] = {"platt_targets": platt_targets, "least_cases": least_cases}
    groups = None if segments is None else np.asarray(segments, dtype=object)
    out = np.empty(len(z))
    for k in np.unique(fold):
        own = fold == k
        others, mine = (None, None) if groups is None else (groups[~own], groups[own])
        found = fit_map(method, z[~own], label[~own], weights=weight[~own], segments=others, **options)
        out[own] = found.score(z[own], mine)
    return out


def _folds(folds: int | npt.ArrayLike, label: FloatArray, seed: int | np.random.Generator) -> npt.NDArray:
    """Return the fold of each case: random within each class, or the labels given as numbers."""
    if np.ndim(folds) == 0:
        count = int(number("folds", folds, low=2, high=len(label)))
        drawn = generator(seed).permutation(len(label))
        fold = np.empty(len(label), dtype=np.intp)
        # Dealt out in turn, one class after the other, so that folds have like shares of both.
        fold[drawn[np.argsort(label[drawn], kind="stable")]] = np.arange(len(label)) % count
        return fold
    names = np.asarray(folds)
    fold = np.unique(names.astype(str), return_inverse=True)[1]
    if names.shape != label.shape or fold.max() == 0:
        raise InputError(
            "folds must be a whole number of 2 or more, or a label per case, at least two different ones; "
            f"got shape {names.shape}, {fold.max() + 1 if fold.size else 0} different."
        )
    return fold
