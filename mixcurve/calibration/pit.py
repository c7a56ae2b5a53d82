r"""Where the truth falls in its predictive distribution: PIT values, their histogram, tests of their uniformity.

The probability integral transform of a case is :math:`u = F(y)`, the predicted probability of at most what happened.
When the predictive distributions are right, PIT values are uniform on [0, 1] (Dawid 1984; Gneiting, Balabdaoui and
Raftery 2007, JRSS B 69, 243-268). Where F jumps, u is drawn evenly within the jump, which keeps this exact (Smith 1985,
Journal of Forecasting 4, 283-291).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.cases import effective_cases
from mixcurve.calibration.report import CalibrationTest
from mixcurve.foundations.checks import finite_array, generator
from mixcurve.foundations.errors import InputError

__all__ = [
    "bin_count",
    "checked_pit",
    "pit_from_cdf",
    "pit_from_draws",
    "pit_from_quantiles",
    "pit_histogram",
    "uniformity_tests",
]

FloatArray = npt.NDArray[np.float64]
Seed = int | np.random.Generator

LEAST_EXPECTED = 5
"""Cases a bin must expect for the chi-square test. Source: Cochran (1952), Annals of Math. Statistics 23, 315-345."""
MOST_BINS = 20
"""Bins of 5%: finer ones show no more at a glance."""


def checked_pit(pit: npt.ArrayLike) -> FloatArray:
    """Return PIT values as an array, or raise naming the first one outside [0, 1]."""
    found = finite_array("pit", pit, ndim=1)
    wrong = (found < 0.0) | (found > 1.0)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise InputError(
            f"pit must lie within [0, 1], got {found[first]:g} at position {first}. "
            "Give the observed values too if these are draws."
        )
    return found


def pit_from_draws(draws: npt.ArrayLike, observed: npt.ArrayLike, *, seed: Seed = 0) -> FloatArray:
    """Return the PIT value of each case from draws of its predictive distribution.

    The rank of the truth among its m draws is even over the m + 1 places when the truth is one more draw; u is drawn
    evenly within its place, and within all places tied with it. Exact for any number of independent draws; thin draws
    of a chain until they are nearly so.

    Parameters
    ----------
    draws
        Shape (cases, draws).
    observed
        What happened, shape (cases,).
    seed
        For the draws within a place.

    Examples
    --------
    >>> pit_from_draws([[1.0, 2.0, 3.0], [5.0, 5.0, 5.0]], [9.0, 5.0]).round(2).tolist()
    [0.99, 0.32]
    """
    y = finite_array("observed", observed, ndim=1)
    sample = finite_array("draws", draws, ndim=2)
    _same_cases("draws", sample, y)
    less = (sample < y[:, None]).sum(axis=1)
    ties = (sample == y[:, None]).sum(axis=1)
    return np.asarray((less + _own_stream(seed).random(len(y)) * (ties + 1.0)) / (sample.shape[1] + 1.0))


def pit_from_quantiles(
    quantiles: npt.ArrayLike, probabilities: npt.ArrayLike, observed: npt.ArrayLike, *, seed: Seed = 0
) -> FloatArray:
    """Return the PIT value of each case from quantiles of its predictive distribution.

    Quantiles say between which two probabilities u lies; it is drawn evenly there, which assumes nothing about the
    shape in between. Judge only levels that the probabilities bound.

    Parameters
    ----------
    quantiles
        Shape (cases, quantiles), not falling along a row.
    probabilities
        Shape (quantiles,), rising, strictly between 0 and 1.
    observed
        What happened, shape (cases,).
    seed
        For the draws.

    Examples
    --------
    >>> pit_from_quantiles([[1.0, 2.0, 3.0]], [0.05, 0.5, 0.95], [2.5]).round(2).tolist()
    [0.92]
    """
    y = finite_array("observed", observed, ndim=1)
    limits = finite_array("quantiles", quantiles, ndim=2)
    at = finite_array("probabilities", probabilities, ndim=1)
    _same_cases("quantiles", limits, y)
    if (np.diff(at, prepend=0.0, append=1.0) <= 0).any() or len(at) != limits.shape[1]:
        raise InputError(
            "probabilities must rise strictly between 0 and 1, one per column of quantiles; "
            f"got {at.tolist()} for {limits.shape[1]} columns."
        )
    falling = (np.diff(limits, axis=1) < 0).any(axis=1)
    if falling.any():
        raise InputError(
            f"quantiles must not fall along a row; they do at position {int(np.argmax(falling))}. Sort them."
        )
    edges = np.concatenate([[0.0], at, [1.0]])
    below = edges[(limits < y[:, None]).sum(axis=1)]
    above = edges[len(edges) - 1 - (limits > y[:, None]).sum(axis=1)]
    return np.asarray(below + _own_stream(seed).random(len(y)) * (above - below))


def pit_from_cdf(at: npt.ArrayLike, before: npt.ArrayLike | None = None, *, seed: Seed = 0) -> FloatArray:
    """Return the PIT value of each case from its predictive distribution function.

    Parameters
    ----------
    at
        F(y), the predicted probability of at most what happened, shape (cases,).
    before
        For counts: the predicted probability of less than what happened, F(y - 1); u is drawn evenly in between. Not
        needed for continuous responses.
    seed
        For the draws.

    Examples
    --------
    >>> pit_from_cdf([0.3, 0.9]).tolist()
    [0.3, 0.9]
    """
    upper = checked_pit(at)
    if before is None:
        return upper
    lower = checked_pit(before)
    if len(lower) != len(upper) or (lower > upper).any():
        raise InputError("before must hold one probability per case, none above that in at.")
    return np.asarray(lower + _own_stream(seed).random(len(upper)) * (upper - lower))


def _own_stream(seed: Seed) -> np.random.Generator:
    """Return a stream of its own: what a caller drew from the same seed must not decide the places within jumps."""
    return generator(seed).spawn(1)[0]


def _same_cases(name: str, rows: FloatArray, observed: FloatArray) -> None:
    if len(rows) != len(observed):
        raise InputError(
            f"{name} must have one row per case, got {len(rows)} rows for {len(observed)} cases."
        )


def bin_count(cases: float) -> int:
    """Return how many bins a PIT histogram has: at least 5 cases expected in each, 2 to 20 bins."""
    return int(np.clip(cases // LEAST_EXPECTED, 2, MOST_BINS))


def pit_histogram(
    pit: FloatArray, weights: FloatArray, bins: int, confidence: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return edges, counts, and the band that holds every count of uniform PIT values with the confidence.

    Counts add up to the effective cases. The band holds each bin's count with ``1 - (1 - confidence) / bins``
    (Bonferroni), so that a single bar outside it means something.
    """
    from scipy.stats import binom

    cases = effective_cases(weights)
    counts, edges = np.histogram(pit, bins=bins, range=(0.0, 1.0), weights=weights)
    tail = (1.0 - confidence) / bins / 2.0
    low, high = (np.full(bins, float(binom.ppf(q, round(cases), 1.0 / bins))) for q in (tail, 1.0 - tail))
    return edges, counts * (cases / weights.sum()), low, high


def uniformity_tests(pit: FloatArray, weights: FloatArray) -> tuple[CalibrationTest, ...]:
    """Return tests of whether PIT values are uniform, each against another way of being wrong.

    - ``kolmogorov_smirnov``: the largest gap between their distribution and the uniform one; exact without weights.
    - ``chi_square``: counts in equal bins, `bin_count` of them; left out with fewer than 10 cases.
    - ``mean``: z of the mean against 1/2; above 0 the truth lies higher than predicted.
    - ``spread``: z of the mean of (u - 1/2)² against 1/12; above 0 the predictive distributions are too narrow.

    With weights, p-values use the effective cases and are approximate. PIT values of the very data that a model was
    fitted to are more even than chance.
    """
    from scipy.special import chdtrc, ndtr
    from scipy.stats import kstwo

    cases = effective_cases(weights)
    share = weights / weights.sum()
    order = np.argsort(pit, kind="stable")
    reached = np.cumsum(share[order])
    gap = float(max((reached - pit[order]).max(), (pit[order] - reached + share[order]).max()))
    tests = [CalibrationTest("kolmogorov_smirnov", gap, float(kstwo.sf(gap, max(round(cases), 1))))]
    bins = bin_count(cases)
    if cases >= LEAST_EXPECTED * bins:
        binned = np.histogram(pit, bins=bins, range=(0.0, 1.0), weights=share)[0]
        statistic = float(cases * bins * ((binned - 1.0 / bins) ** 2).sum())
        tests.append(CalibrationTest("chi_square", statistic, float(chdtrc(bins - 1, statistic))))
    centred = pit - 0.5
    # Uniform values have variance 1/12; the variance of (u - 1/2)² is 1/80 - 1/144 = 1/180.
    for name, z in (
        ("mean", float(share @ centred) * np.sqrt(12.0 * cases)),
        ("spread", (float(share @ centred**2) - 1.0 / 12.0) * np.sqrt(180.0 * cases)),
    ):
        tests.append(CalibrationTest(name, float(z), float(2.0 * ndtr(-abs(z)))))
    return tuple(tests)
