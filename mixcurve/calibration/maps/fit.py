"""`fit_map`: a calibration map of any method, of all cases or by segment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy.typing as npt

from mixcurve.calibration.labels import LabelledScores, labelled_scores
from mixcurve.calibration.maps.affine import fit_affine, fit_temperature
from mixcurve.calibration.maps.base import CalibrationMap, Segments
from mixcurve.calibration.maps.beta import fit_beta
from mixcurve.calibration.maps.segmented import LEAST_CASES, fit_segments
from mixcurve.calibration.maps.spline import fit_spline
from mixcurve.calibration.maps.steps import fit_isotonic
from mixcurve.calibration.maps.venn_abers import fit_venn_abers
from mixcurve.foundations.checks import known_name, number

__all__ = ["MAPS", "MapMethod", "fit_map"]

MapMethod = Literal["beta", "isotonic", "platt", "spline", "temperature", "venn-abers"]
MAPS: dict[str, Callable[[LabelledScores, bool], CalibrationMap]] = {
    "beta": fit_beta,
    "isotonic": fit_isotonic,
    "platt": fit_affine,
    "spline": fit_spline,
    "temperature": fit_temperature,
    "venn-abers": fit_venn_abers,
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
    least_cases: float = LEAST_CASES,
) -> CalibrationMap:
    """Return the map from scores to calibrated log-odds that fits what happened.

    Give scores of cases that the model was not fitted to: of cases it knows it is too sure. `calibrate` does so by
    cross-fitting.

    Parameters
    ----------
    method
        ``"platt"``: slope and intercept. ``"beta"``: a slope below and one above, and an intercept. ``"temperature"``:
        one divisor. ``"spline"``: a smooth curve. ``"isotonic"``: steps. ``"venn-abers"``: steps with the width of
        what is not known. The first three need few cases, the others some thousands.
    score
        Scores, shape (cases,): log-odds, not probabilities. Of any size; the margins of a classifier that states no
        probability will do too.
    y
        What happened, 0 or 1, shape (cases,).
    weights
        How much each case counts, shape (cases,).
    segments
        A label per case: each segment with enough cases gets a map of its own.
    platt_targets
        Fit to Platt's targets instead of the labels: (N+ + 1) / (N+ + 2) and 1 / (N- + 2), which draw a map of few
        cases a little towards a half. Labels that a threshold separates are always fitted so. The steps of isotonic
        and Venn-Abers maps keep clear of 0 and 1 by themselves.
    least_cases
        How many effective cases of each class a segment needs.

    Returns
    -------
    CalibrationMap
        ``.score(z)`` gives calibrated log-odds, ``.probability(z)`` probabilities, both rising: where a map rises in
        steps, ``.score`` keeps the order of the scores within a step. A map never falls; scores that rank the wrong
        way give a flat one, and ``note`` says so.

    Raises
    ------
    InputError
        If the method is not known, lengths differ, a value is not finite, a label is not 0 or 1, or one class has no
        weight.

    Examples
    --------
    >>> import numpy as np
    >>> from mixcurve.sigmoid import expit
    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=5000)
    >>> found = fit_map("platt", 2.0 * z + 1.0, rng.random(5000) < expit(z))
    >>> found.summary
    "Calibration map 'platt' from 5,000 cases: log-odds = 0.5235 z − 0.5272."
    >>> found.probability(1.0).round(1).item()
    0.5
    """
    known_name("method of calibration", method, MAPS)
    cases = labelled_scores(score, y, weights)
    if segments is None:
        return MAPS[method](cases, platt_targets)
    least = number("least_cases", least_cases, low=1.0)
    return fit_segments(lambda own: MAPS[method](own, platt_targets), cases, segments, least)
