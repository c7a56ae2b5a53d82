"""`calibration_report`: whether probabilities mean what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.binomial import share_interval
from mixcurve.calibration.cases import groups_of, open_unit
from mixcurve.calibration.maps.base import Segments
from mixcurve.calibration.pit import Seed
from mixcurve.calibration.proper import brier_parts, calibration_error, log_loss_parts, spiegelhalter
from mixcurve.calibration.reliability import Resampled, points_of, reliability, resampled
from mixcurve.calibration.report import CalibrationReport, CalibrationTest, SegmentCalibration
from mixcurve.calibration.slope import Estimate, in_the_large, slope_and_intercept
from mixcurve.calibration.stated import Stated, stated_cases
from mixcurve.calibration.words import probability_sentence
from mixcurve.foundations.checks import generator, number

__all__ = ["calibration_report"]

FloatArray = npt.NDArray[np.float64]
RESAMPLES = 500
"""Draws of labels: the limits of a 90% band then err by about a tenth of its half-width."""
LEAST_RESAMPLES = 20
"""With fewer draws than this a 90% band has no case beyond either limit."""
BINS = 40
"""Bars of the histogram of stated probabilities."""
ROUND = 20.0
"""The histogram begins and ends at twentieths, at 5%, 10% and so on."""


def calibration_report(
    y: npt.ArrayLike,
    p: npt.ArrayLike | None = None,
    *,
    score: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    segments: Segments | None = None,
    level: float = 0.9,
    resamples: int = RESAMPLES,
    seed: Seed = 0,
) -> CalibrationReport:
    """Return whether probabilities mean what they say, such as that of cases stated at 30%, 30% come true.

    Judge probabilities on cases that the model was not fitted to.

    Parameters
    ----------
    y
        What happened, 0 or 1, shape (cases,).
    p
        The probabilities stated, shape (cases,), within 0 and 1.
    score
        Log-odds instead of probabilities, shape (cases,); they tell apart what rounds to a probability of 1.
    weights
        How much each case counts, shape (cases,).
    segments
        A label per case; each segment is judged by itself too.
    level
        Level of the band and of every interval.
    resamples
        Draws of labels from the stated probabilities that the band and the test of miscalibration rest on.
    seed
        For these draws.

    Returns
    -------
    CalibrationReport
        Of kind ``"probabilities"``. Lead with ``summary``, ``curve`` and the Brier score's miscalibration among
        ``scores``; the calibration error comes second, for it depends on its bins.

    Raises
    ------
    InputError
        If both or neither of p and score are given, lengths differ, a value is out of its range, or one class has no
        weight.

    References
    ----------
    Dimitriadis, Gneiting and Jordan (2021), PNAS 118, e2016191118, for the curve, the band and the parts of scores.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> p = rng.beta(2.0, 5.0, size=4000)
    >>> report = calibration_report(rng.random(4000) < p, p)
    >>> report.summary
    'Probabilities mean what they say: ...'
    >>> report = calibration_report(rng.random(4000) < p, p**2)
    >>> report.summary
    'Probabilities are too extreme and too low on average: 10.8% stated on average, 28.8% came true, slope 0.66 (0.60 to
    0.71 at 90% confidence), in 4,000 cases.'
    """
    trust, draws = open_unit("level", level), int(number("resamples", resamples, low=LEAST_RESAMPLES))
    cases = stated_cases(y, p, score, weights)
    curve, band = reliability(cases), resampled(cases, trust, draws, generator(seed))
    at, (edges, counts) = points_of(curve, band), _histogram(cases)
    (slope, intercept), large = slope_and_intercept(cases), in_the_large(cases)
    report = CalibrationReport(
        "probabilities",
        "",
        len(cases.label),
        cases.effective,
        trust,
        (),
        at,
        np.interp(at, curve.corner, curve.height),
        np.interp(at, band.stated, band.low),
        np.interp(at, band.stated, band.high),
        edges,
        counts,
        tests=_tests(cases, band, slope, large),
        slope=slope.value,
        intercept=intercept.value,
        scores=brier_parts(cases, curve) | log_loss_parts(cases, curve) | calibration_error(cases),
        estimates=_estimates(cases, trust, slope, intercept, large),
        segments=() if segments is None else _segments(cases, segments, np.size(y), trust),
    )
    return replace(report, summary=probability_sentence(report))


def _tests(cases: Stated, band: Resampled, slope: Estimate, large: Estimate) -> tuple[CalibrationTest, ...]:
    return (
        spiegelhalter(cases),
        CalibrationTest("slope", (slope.value - 1.0) / slope.error, slope.p_value(1.0)),
        CalibrationTest("in the large", large.value / large.error, large.p_value(0.0)),
        CalibrationTest("miscalibration", band.miscalibration, band.p_value),
    )


def _estimates(
    cases: Stated, level: float, slope: Estimate, intercept: Estimate, large: Estimate
) -> dict[str, tuple[float, float, float]]:
    observed = (cases.base_rate, *_share_interval(cases, level))
    straight = {"slope": slope, "intercept": intercept, "in the large": large}
    return {name: one.interval(level) for name, one in straight.items()} | {
        "observed": observed,
        "observed over stated": _over(observed, cases.mean_stated),
    }


def _over(observed: tuple[float, float, float], stated: float) -> tuple[float, float, float]:
    value, low, high = (one / stated if stated > 0.0 else np.inf for one in observed)
    return value, low, high


def _share_interval(cases: Stated, level: float) -> tuple[float, float]:
    hits = min(float(cases.weight @ cases.label), cases.effective)
    low, high = share_interval(hits, cases.effective, level)
    return float(low), float(high)


def _histogram(cases: Stated) -> tuple[FloatArray, FloatArray]:
    """Return edges and counts of the stated probabilities, from one round number to another."""
    low = np.floor(ROUND * cases.probability[0]) / ROUND
    high = max(np.ceil(ROUND * cases.probability[-1]) / ROUND, low + 1.0 / ROUND)
    edges = np.linspace(min(low, 1.0 - 1.0 / ROUND), min(high, 1.0), BINS + 1)
    return edges, np.histogram(cases.probability, edges, weights=cases.weight)[0]


def _segments(cases: Stated, segments: Segments, given: int, level: float) -> tuple[SegmentCalibration, ...]:
    weight = np.zeros(given)
    weight[cases.place] = cases.weight
    members = list(groups_of(segments, weight).items())[1:]
    return tuple(_segment(name, cases.of(member), level) for name, member in members)


def _segment(name: str, cases: Stated, level: float) -> SegmentCalibration:
    two = bool(cases.label.min() < cases.label.max())
    slope = slope_and_intercept(cases)[0] if two else Estimate(np.nan, np.nan)
    return SegmentCalibration(
        name,
        len(cases.label),
        cases.effective,
        cases.mean_stated,
        cases.base_rate,
        *_share_interval(cases, level),
        *slope.interval(level),
        float(cases.weight @ (cases.probability - cases.label) ** 2 / cases.effective),
    )
