"""Which draws of the curves are used, and fits that hold some of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import generator, number
from mixcurve.foundations.errors import InputError
from mixcurve.response.curves import Curve
from mixcurve.response.fitted import Fitted, KnownCurves

__all__ = ["FEWER_DRAWS", "MOST_DRAWS", "SCENARIOS", "chosen_draws", "family_draws", "with_draws"]

FloatArray = npt.NDArray[np.float64]

MOST_DRAWS = 500
"""Draws used unless told otherwise: their mean errs by a twentieth of their standard deviation, in seconds."""
SCENARIOS = 20
"""Up to so many distinct curves are taken as scenarios: no posterior is described by so few draws."""
FEWER_DRAWS = 60
"""Draws used where groups, floors or counts make a search of its own of every belief: some tenths of a second each."""


def chosen_draws(fitted: Fitted, most: int, seed: int) -> FloatArray:
    """Return the posterior draws if there are several, else the resamples (D × C × P); at most so many, by the seed.

    Raises
    ------
    InputError
        If the fit has neither: then nothing is uncertain, and nothing can be learnt.
    """
    count = int(number("most_draws", most, low=SCENARIOS + 1))
    draws = np.asarray(fitted.draws if len(fitted.draws) > 1 else fitted.resamples, dtype=np.float64)
    if len(draws) < 2:
        raise InputError(
            "These curves have one draw and no resamples, so nothing says how uncertain they are. Fit with "
            "resamples=200, sample the posterior, or give arrays of draws to response_from."
        )
    return _thinned(draws, count, seed)


def family_draws(fitted: Fitted, most: int, seed: int) -> FloatArray:
    """Return the draws whose mean response a budget maximises: the posterior's, or the one estimate."""
    return _thinned(np.asarray(fitted.draws, dtype=np.float64), most, seed)


def _thinned(draws: FloatArray, count: int, seed: int) -> FloatArray:
    if len(draws) <= count:
        return draws
    return draws[np.sort(generator(seed).choice(len(draws), count, replace=False))]


def with_draws(fitted: Fitted, draws: FloatArray, curve: tuple[Curve, ...]) -> KnownCurves:
    """Return a fit's channels with other curves and draws."""
    return KnownCurves(
        channels=tuple(fitted.channels),
        curve=curve,
        draws=draws,
        resamples=draws if len(draws) > 1 else draws[:0],
        spend_range=np.asarray(fitted.spend_range),
        current=np.asarray(fitted.current),
        evidence=fitted.evidence,
        every=fitted.every,
        currency=fitted.currency,
        response_name=fitted.response_name,
    )
