"""Recalibration: from intervals or predictive distributions and what happened, the level to ask for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.binomial import share_interval
from mixcurve.calibration.cases import case_weights, effective_cases, groups_of, open_unit, stated_levels
from mixcurve.calibration.interval import checked_intervals
from mixcurve.calibration.isotonic import isotonic_fit
from mixcurve.calibration.levels import EDGE, LevelMap, MapOf
from mixcurve.calibration.pit import Seed, checked_pit
from mixcurve.calibration.predictive import pit_of
from mixcurve.foundations.checks import generator, known_name, number
from mixcurve.foundations.errors import InputError

__all__ = ["cross_recalibrated", "recalibrate_intervals", "recalibrate_predictive"]

FloatArray = npt.NDArray[np.float64]
MAPS: tuple[MapOf, ...] = ("intervals", "quantiles")

MOST_KNOTS = 1000
"""Knots that a map keeps: between them it errs by under 0.001, less than chance leaves with up to 200,000 cases."""


def recalibrate_intervals(
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    truth: npt.ArrayLike,
    level: Sequence[float],
    *,
    weights: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> LevelMap:
    """Return the map of stated to real levels from intervals at several levels and the truths they were to hold.

    The share held is fitted as a non-decreasing function of the level by pooling adjacent violators: intervals at
    different levels need not be nested, so the raw shares may fall. Beyond the levels given, the map says nothing.

    Parameters
    ----------
    low, high
        Shape (cases, levels), infinite where a side is open.
    truth
        Shape (cases,).
    level
        The level that each column states; at least two.
    weights
        How much each case counts, shape (cases,).
    confidence
        Level of the map's own intervals (Wilson).

    References
    ----------
    Kuleshov, Fenner and Ermon (2018), ICML 35, 2796-2804.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.normal(scale=1.5, size=400)
    >>> half = np.tile([0.674, 1.282, 1.645, 1.960, 2.576], (400, 1))
    >>> levels = recalibrate_intervals(-half, half, truth, [0.5, 0.8, 0.9, 0.95, 0.99])
    >>> levels.summary
    'For intervals of a real 90%, ask for 98.1% (97.1% to 98.9% at 95% confidence, from 400 cases).'
    """
    stated = stated_levels(level)
    if len(stated) < 2:
        raise InputError(f"level must name at least two levels, got {level!r}. One level makes no map.")
    lower, upper, y = checked_intervals(low, high, truth, len(stated))
    weight, trust = case_weights(weights, len(y)), open_unit("confidence", confidence)
    held = ((lower <= y) & (y <= upper)).astype(np.float64)
    fit = isotonic_fit(np.tile(stated, len(y)), held.ravel(), np.repeat(weight, len(stated)))
    return _with_band("intervals", fit.x, fit.fitted, weight, trust)


def recalibrate_predictive(
    predictive: npt.ArrayLike,
    observed: npt.ArrayLike | None = None,
    *,
    of: MapOf = "intervals",
    probabilities: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    seed: Seed = 0,
) -> LevelMap:
    """Return the map of stated to real levels from PIT values, or from draws or quantiles with what happened.

    The k-th smallest of n stated levels that just held the truth really holds k / (n + 1) of new cases, exactly so on
    average over samples of independent cases, whatever the distribution. These shares rise already, so pooling
    adjacent violators would leave them as they are. Levels beyond n / (n + 1) are not shown by n cases: a real 95%
    needs 19 of them.

    Parameters
    ----------
    predictive, observed, probabilities, seed
        As in `predictive_report`.
    of
        ``"intervals"`` maps levels of central intervals, which can widen or narrow them. ``"quantiles"`` maps the
        probability of each quantile, as in Kuleshov et al., and so corrects a bias too: for a real 90% interval ask
        for the quantiles ``recalibrated([0.05, 0.95])``.
    weights
        How much each case counts, shape (cases,).
    confidence
        Level of the map's own intervals (Wilson).

    References
    ----------
    Kuleshov, Fenner and Ermon (2018), ICML 35, 2796-2804. For k / (n + 1): Wilks (1941), Annals of Mathematical
    Statistics 12, 91-96.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> levels = recalibrate_predictive(rng.normal(size=(500, 400)), rng.normal(scale=1.5, size=500))
    >>> levels.summary
    'For intervals of a real 90%, ask for 98.7% (98.1% to 99.2% at 95% confidence, from 500 cases).'
    """
    known_name("map", of, MAPS)
    pit = pit_of(predictive, observed, probabilities, seed)
    weight, trust = case_weights(weights, len(pit)), open_unit("confidence", confidence)
    counted = weight > 0
    asked, held = _shares_held(pit[counted], weight[counted], of)
    if len(asked) > MOST_KNOTS:
        kept = np.linspace(0, len(asked) - 1, MOST_KNOTS).round().astype(np.intp)
        asked, held = asked[kept], held[kept]
    return _with_band(of, asked, held, weight[counted], trust)


def _shares_held(pit: FloatArray, weights: FloatArray, of: MapOf) -> tuple[FloatArray, FloatArray]:
    """Return each stated level that just holds a case, rising, and the share of new cases that it holds."""
    stated = np.abs(2.0 * pit - 1.0) if of == "intervals" else pit
    order = np.argsort(stated)
    effective = effective_cases(weights)
    reached = np.cumsum(weights[order]) / weights.sum() * (effective / (effective + 1.0))
    ordered = stated[order]
    last_of_ties = np.concatenate([np.diff(ordered) > 0, [True]])
    asked, held = ordered[last_of_ties], reached[last_of_ties]
    if of == "intervals" and asked[0] > 0.0:
        # A central interval of level 0 is a point, which holds nothing.
        asked, held = np.concatenate([[0.0], asked]), np.concatenate([[0.0], held])
    return asked, held


def _with_band(
    of: MapOf, asked: FloatArray, held: FloatArray, weights: FloatArray, confidence: float
) -> LevelMap:
    cases = effective_cases(weights)
    share = np.minimum(held, 1.0)  # rounding
    low, high = share_interval(share * cases, cases, confidence)
    return LevelMap(of, asked, share, low, high, len(weights), cases, confidence)


def cross_recalibrated(
    pit: npt.ArrayLike,
    *,
    groups: Sequence[object] | npt.NDArray | None = None,
    folds: int = 5,
    of: MapOf = "quantiles",
    seed: Seed = 0,
) -> FloatArray:
    """Return recalibrated PIT values, each by a map made without its own fold: an honest check of recalibration.

    Hand them to `predictive_report`. With ``groups``, such as markets, each group is left out in turn, so that the
    check also shows whether a map carries over to a market it has not seen.

    Parameters
    ----------
    pit
        PIT values, shape (cases,).
    groups
        A label per case; random folds if not given.
    folds
        Number of random folds, 2 to the number of cases.
    of
        What the maps are of; see `recalibrate_predictive`. Under ``"intervals"`` a value keeps its side of 1/2.
    seed
        For the random folds.

    Examples
    --------
    >>> from mixcurve.calibration.predictive import predictive_report
    >>> rng = np.random.default_rng(2)
    >>> pit = rng.beta(0.5, 0.5, size=400)
    >>> predictive_report(cross_recalibrated(pit)).coverage[0].verdict
    'as stated'
    """
    values, unit = checked_pit(pit), np.ones(np.size(pit))
    known_name("map", of, MAPS)
    members = list(groups_of(groups, unit).values())[1:]
    if groups is None:
        count = int(number("folds", folds, low=2, high=len(values)))
        fold = generator(seed).permutation(len(values)) % count
        members = [fold == k for k in range(count)]
    if len(members) < 2:
        raise InputError("groups must name at least two groups. One group leaves nothing to make a map from.")
    out = np.empty_like(values)
    for own in members:
        asked, held = _shares_held(values[~own], unit[~own], of)
        stated = np.abs(2.0 * values[own] - 1.0) if of == "intervals" else values[own]
        real = np.interp(stated, [-EDGE, *asked, 1.0 + EDGE], [0.0, *held, 1.0])
        out[own] = real if of == "quantiles" else 0.5 + np.sign(values[own] - 0.5) * real / 2.0
    return out
