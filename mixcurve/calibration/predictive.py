"""Whether predictive distributions are right: coverage of their central intervals, PIT values, uniformity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.binomial import ShareMethod, share_interval
from mixcurve.calibration.cases import case_weights, effective_cases, groups_of, open_unit, stated_levels
from mixcurve.calibration.interval import Misses, coverage_of, interval_score
from mixcurve.calibration.pit import (
    Seed,
    bin_count,
    checked_pit,
    pit_from_draws,
    pit_from_quantiles,
    pit_histogram,
    uniformity_tests,
)
from mixcurve.calibration.report import CalibrationReport
from mixcurve.calibration.words import coverage_sentence
from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError

__all__ = ["pit_of", "predictive_report"]

FloatArray = npt.NDArray[np.float64]

CURVE_LEVELS = np.arange(1, 100) / 100.0
"""Levels of central intervals on the curve of a report: each percent."""


def pit_of(
    predictive: npt.ArrayLike,
    observed: npt.ArrayLike | None,
    probabilities: npt.ArrayLike | None = None,
    seed: Seed = 0,
) -> FloatArray:
    """Return PIT values from what a caller has: themselves, draws with what happened, or quantiles with it."""
    if observed is None:
        if probabilities is not None:
            raise InputError(
                "probabilities were given without observed. Give what happened in each case too."
            )
        return checked_pit(predictive)
    if probabilities is None:
        return pit_from_draws(predictive, observed, seed=seed)
    return pit_from_quantiles(predictive, probabilities, observed, seed=seed)


def predictive_report(
    predictive: npt.ArrayLike,
    observed: npt.ArrayLike | None = None,
    *,
    level: float | Sequence[float] = 0.9,
    probabilities: npt.ArrayLike | None = None,
    groups: Sequence[object] | npt.NDArray | None = None,
    weights: npt.ArrayLike | None = None,
    bins: int | None = None,
    confidence: float = 0.95,
    share_method: ShareMethod = "wilson",
    seed: Seed = 0,
) -> CalibrationReport:
    """Return how predictive distributions compare with what happened.

    A central interval of level c holds the truth when its PIT value u has ``|2u - 1| <= c``.

    Parameters
    ----------
    predictive
        PIT values (cases,), when ``observed`` is not given; `pit_from_cdf` makes them from distribution functions. Else
        draws (cases × draws), or with ``probabilities`` quantiles (cases × quantiles).
    observed
        What happened, shape (cases,).
    level
        Level of the central intervals reported, or several.
    probabilities
        Of the quantiles, rising, strictly between 0 and 1.
    groups, weights, confidence, share_method
        As in `interval_report`.
    bins
        Bins of the PIT histogram; as many as leave 5 cases in each, 2 to 20, if not given.
    seed
        For values drawn within jumps of the predictive distributions; see `mixcurve.calibration.pit`.

    Returns
    -------
    CalibrationReport
        Coverage (mean width and interval score only from draws), the curve at each percent, the histogram, the tests
        of `uniformity_tests`.

    Raises
    ------
    InputError
        If shapes differ, values are not finite, or PIT values lie outside [0, 1].

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> report = predictive_report(rng.normal(size=(200, 400)), rng.normal(scale=1.5, size=200))
    >>> report.summary
    '90% intervals held the truth in 70% of 200 cases (64% to 76% at 95% confidence), less often than stated.'
    >>> report.test("spread").p_value < 1e-6
    True
    """
    pit = pit_of(predictive, observed, probabilities, seed)
    levels, weight, trust = (
        stated_levels(level),
        case_weights(weights, len(pit)),
        open_unit("confidence", confidence),
    )
    draws_given = observed is not None and probabilities is None
    misses = _misses(pit, levels, *((predictive, observed) if draws_given else ()))
    rows = coverage_of(misses, levels, groups_of(groups, weight), weight, trust, share_method)
    cases = effective_cases(weight)
    held = _held_up_to(pit, weight)
    wanted = bin_count(cases) if bins is None else int(number("bins", bins, low=2, high=len(pit) + 1))
    return CalibrationReport(
        "predictive",
        coverage_sentence(rows[0], trust),
        len(pit),
        cases,
        trust,
        rows,
        CURVE_LEVELS,
        held,
        *share_interval(np.minimum(held * cases, cases), cases, trust, share_method),
        *pit_histogram(pit, weight, wanted, trust),
        tests=uniformity_tests(pit, weight),
    )


def _misses(pit: FloatArray, levels: tuple[float, ...], *sample: npt.ArrayLike) -> Misses:
    """Return what happened to the central intervals; sample quantiles give width and score where there are draws."""
    stated = np.array(levels)
    below, above = pit[:, None] < (1.0 - stated) / 2.0, pit[:, None] > (1.0 + stated) / 2.0
    width = score = np.full(below.shape, np.nan)
    if sample:
        draws, y = (np.asarray(a, dtype=np.float64) for a in sample)
        low, high = np.quantile(draws, [(1.0 - stated) / 2.0, (1.0 + stated) / 2.0], axis=1)
        width, score = (high - low).T, interval_score(low.T, high.T, y[:, None], stated)
    return Misses(below, above, np.zeros_like(below), width, score)


def _held_up_to(pit: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the share of cases that the central interval of each percent holds."""
    needed = np.abs(2.0 * pit - 1.0)
    order = np.argsort(needed)
    reached = np.concatenate([[0.0], np.cumsum(weights[order]) / weights.sum()])
    return np.asarray(reached[np.searchsorted(needed[order], CURVE_LEVELS, side="right")])
