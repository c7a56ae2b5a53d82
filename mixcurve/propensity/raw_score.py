"""The score of any scikit-learn classifier of two classes, as log-odds or a margin."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.sigmoid import logit

__all__ = ["nearest_to_certain", "prior_shift", "raw_score"]

FloatArray = npt.NDArray[np.float64]


def raw_score(model: Any, X: Any) -> tuple[FloatArray, bool]:
    """Return the score of each row, (n,), and whether it comes from probabilities, which may be 0 or 1.

    ``decision_function`` is asked if there is one: log-odds or a margin, never rounded. Else the log-odds of
    ``predict_proba``, infinite where a probability is 0 or 1. A correction by ``prior`` is taken off.

    Raises
    ------
    InputError
        If the model has neither, or gives more than one score per row.
    """
    if hasattr(model, "decision_function"):
        found, stated = np.asarray(model.decision_function(X), dtype=np.float64), False
    elif hasattr(model, "predict_proba"):
        both = np.asarray(model.predict_proba(X), dtype=np.float64)
        found, stated = np.asarray(logit(both[:, -1])) if both.shape[1] == 2 else both, True
    else:
        raise InputError(
            f"model must have decision_function or predict_proba, but {type(model).__name__} has neither. "
            "Give a classifier that scores."
        )
    if found.ndim != 1:
        raise InputError(
            f"model must give one score per row, got shape {found.shape}. Give one of two classes."
        )
    return found - prior_shift(model), stated


def prior_shift(model: Any) -> float:
    """Return what a correction by ``prior`` added to the log-odds of a `PropensityClassifier`, also in a pipeline."""
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    return float(getattr(getattr(last, "fit_", None), "prior_shift", 0.0))


def nearest_to_certain(score: FloatArray) -> float:
    """Return log-odds to state instead of infinite ones: a probability half as far from 0 or 1 as the nearest one seen.

    A forest of 100 trees states 0 where it means less than 1 in 100.

    Examples
    --------
    >>> from mixcurve.sigmoid import expit
    >>> float(expit(-nearest_to_certain(logit(np.array([0.0, 0.01, 0.5])))).round(4))
    0.005
    """
    sizes = np.abs(score[np.isfinite(score)])
    farthest = float(sizes.max()) if sizes.size else 0.0
    # Half of p has the odds p / (2 - p), that is 1 / (2 e^z + 1).
    return float(np.logaddexp(np.log(2.0) + farthest, 0.0))
