"""`fit_map`: a calibration map of any method, of all cases or by segment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy.typing as npt

from mixcurve.calibration.labels import LabelledScores, labelled_scores
from mixcurve.calibration.maps.affine import fit_affine, fit_temperature
from mixcurve.calibration.maps.base import CalibrationMap, Segments
from mixcurve.calibration.maps.beta import fit_beta
from mixcurve.calibration.maps.steps import fit_isotonic
from mixcurve.foundations.checks import known_name

__all__ = ["MAPS", "MapMethod", "fit_map"]

MapMethod = Literal["beta", "isotonic", "platt", "temperature"]
MAPS: dict[str, Callable[[LabelledScores, bool], CalibrationMap]] = {
    "beta": fit_beta,
    "isotonic": fit_isotonic,
    "platt": fit_affine,
    "temperature": fit_temperature,
}
"""How each method is fitted: from checked cases, and whether to Platt's targets."""


def fit_map(
    method: MapMethod,
    score: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    segments: Segments | None = None,
    platt_targets: bool = False,
) -> CalibrationMap:
    """Fit a calibration map to scores and what happened.

    Examples
    --------
    >>> import numpy as np
    >>> from mixcurve.sigmoid import expit
    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=5000)
    >>> found = fit_map("platt", 2.0 * z + 1.0, rng.random(5000) < expit(z))
    >>> round(found.slope, 1), round(found.intercept, 1)
    (0.5, -0.5)
    """
    known_name("method", method, MAPS)
    cases = labelled_scores(score, y, weights)
    return MAPS[method](cases, platt_targets)
