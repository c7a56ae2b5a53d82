"""Where the posterior of campaigns lies: the campaigns' most plausible curves, and a population that fits them.

The highest place of the joint density says nothing of the spread among campaigns (it lies at one or the other end of
it). So the two are found in turn: curves for a given population, by climbing; then the population that makes their
estimates, each with its error, most plausible (empirical Bayes; Efron and Morris 1975, JASA 70, 311-319).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import optimize

from mixcurve.foundations.errors import FitError
from mixcurve.response.bayes.curve.model import CampaignModel
from mixcurve.response.bayes.curve.quantities import AMONG

__all__ = ["at_least", "by_campaign", "place_of"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Density = Callable[[FloatArray], tuple[float, FloatArray]]

DIFFERENCE = 1e-4
"""Of the central differences of the exact gradient, in prior standard deviations."""
ROUNDS = 4
"""Times that curves and population are found in turn."""
STARTS, SPREAD = 3, 0.5
"""Starts of the first climb: the middle of the prior and points around it, this many standard deviations away."""
MOST_STEPS = 300
FARTHEST = 4.0
"""A shared coordinate is looked for within so many prior standard deviations."""
UNKNOWN = 1e-6
"""A campaign whose data take away a smaller share of a variance has no estimate of its own."""


def place_of(
    model: CampaignModel, density: Density, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return a position (d,) in the bulk of the posterior, and what each campaign's data take of its prior variances.

    The latter are shares (G × q), a column for each block with a coordinate per campaign.

    Raises
    ------
    FitError
        If the density is finite nowhere near the middle of the prior.
    """
    size, count, groups = model.space.dimensions, len(model.shared), len(model.data.names)
    fixed = count - len(model.noise.common)
    own = np.arange(count, size).reshape(-1, groups)
    starts = [np.zeros(size), *(SPREAD * rng.standard_normal((STARTS - 1, size)))]
    for start in starts[1:]:
        start[:fixed] = 0.0
    place = _climbed(density, starts, fixed)
    for _ in range(ROUNDS if model.pooled else 0):
        taken = _taken(density, place, own)
        place[:fixed] = _population(model, place, taken)
        place = _climbed(density, [place], fixed)
    return place, _taken(density, place, own)


def _taken(density: Density, place: FloatArray, own: IntArray) -> FloatArray:
    information = at_least(by_campaign(density, place, own), 1.0)
    return np.clip(1.0 - np.einsum("gii->gi", np.linalg.inv(information)), 0.0, 1.0)


def _climbed(density: Density, starts: list[FloatArray], fixed: int) -> FloatArray:
    """Return the highest place that climbs reach with the first ``fixed`` coordinates held."""

    def down(free: FloatArray, start: FloatArray) -> tuple[float, FloatArray]:
        value, slope = density(np.concatenate([start[:fixed], free]))
        return (-value, -slope[fixed:]) if np.isfinite(value) else (1e300, np.zeros_like(free))

    best, height = starts[0], np.inf
    for start in starts:
        found = optimize.minimize(
            down, start[fixed:], args=(start,), jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS}
        )
        if found.fun < height:
            best, height = np.concatenate([start[:fixed], found.x]), float(found.fun)
    if not height < 1e300:
        raise FitError(
            "The log density is finite nowhere near the middle of the prior. Check priors and data."
        )
    return best


def _population(model: CampaignModel, place: FloatArray, taken: FloatArray) -> FloatArray:
    """Return the population's coordinates that make the campaigns' own estimates most plausible."""
    known, count = model.known, len(model.shared)
    fixed = count - len(model.noise.common)

    def shared(first: FloatArray) -> FloatArray:
        whole = np.concatenate([first, place[fixed:count]])
        return whole if known is None else known.centre + known.root @ whole

    now, at, seen = shared(place[:fixed]), 0, []
    for i, q in enumerate(model.quantities):
        mine = now[at : at + len(q.population)]
        at += len(q.population)
        spread = q.among * np.exp(AMONG * mine[1])
        share = taken[:, i]
        told = share > UNKNOWN
        middle = q.common * mine[0] + (0.0 if q.tilt is None else q.tilt * q.tilt_spread * mine[2])
        deviation = spread * place[model.space.rows(q.name)] / np.where(told, share, 1.0)
        error = spread**2 * (1.0 - share) / np.where(told, share, 1.0)
        seen.append((q, told, middle + deviation, error))

    def implausible(first: FloatArray) -> float:
        value, at, whole = 0.5 * float(first @ first), 0, shared(first)
        for q, told, estimate, error in seen:
            mine = whole[at : at + len(q.population)]
            at += len(q.population)
            middle = q.common * mine[0] + (0.0 if q.tilt is None else q.tilt * q.tilt_spread * mine[2])
            variance = (q.among * np.exp(AMONG * mine[1])) ** 2 + error
            terms = 0.5 * np.log(variance) + 0.5 * (estimate - middle) ** 2 / variance
            value += float(terms[told].sum())
        return value

    bounds = [(-FARTHEST, FARTHEST)] * fixed
    found = optimize.minimize(implausible, place[:fixed], method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x)


def by_campaign(density: Density, place: FloatArray, own: IntArray) -> FloatArray:
    """Return minus the second derivative by each campaign's own coordinates (G × q × q).

    Given what they share, campaigns are independent: one difference serves all of them.
    """
    out = np.empty((own.shape[1], len(own), len(own)))
    for i, mine in enumerate(own):
        step = np.zeros_like(place)
        step[mine] = DIFFERENCE
        slope = (density(place - step)[1] - density(place + step)[1]) / (2.0 * DIFFERENCE)
        out[:, i] = slope[own].T
    return 0.5 * (out + out.transpose(0, 2, 1))


def at_least(curvature: FloatArray, least: float) -> FloatArray:
    """Return symmetric matrices (… × k × k) with no eigenvalue below ``least``."""
    values, vectors = np.linalg.eigh(np.nan_to_num(curvature))
    return np.asarray((vectors * np.maximum(values, least)[..., None, :]) @ np.swapaxes(vectors, -1, -2))
