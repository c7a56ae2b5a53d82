"""Where a density reaches farther than its curvature at the mode says: places along the profile of each coordinate."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import optimize

from mixcurve.response.bayes.sample.whiten import Density, Whitening

__all__ = ["long_tails"]

FloatArray = npt.NDArray[np.float64]

FIRST_LOOK, STEP, MOST_LOOKS = 2.5, 1.6, 3
"""Looks are at so many standard deviations, then so many times as far, if the density has hardly fallen there."""
FALLEN = 2.0
"""A log density this much below the mode's ends the looking: farther out there is little left."""
FARTHEST = 4.0
"""In prior standard deviations."""
LONGER = 0.6
"""A tail is long where the profile has fallen by less than this share of what a normal distribution's would."""
MOST_STEPS = 25
"""Of each climb: it starts near its end, and need not be exact."""


def long_tails(density: Density, normal: Whitening) -> tuple[FloatArray, ...]:
    """Return the places (d,) where a long tail was found: of each coordinate, upwards and downwards, at most one.

    Along the profile of a coordinate (all others at their best) a normal distribution's log density falls by half the
    square of the distance in standard deviations. ``normal`` is the normal approximation at the mode.
    """
    covariance = normal.root @ normal.root.T
    top = density(normal.centre)[0]
    found = []
    for j in range(len(normal.centre)):
        for side in (1.0, -1.0):
            place, distance, fallen = _looked(density, normal.centre, covariance[:, j], j, side, top)
            if fallen < LONGER * 0.5 * distance**2:
                found.append(place)
    return tuple(found)


def _looked(
    density: Density, centre: FloatArray, covariance: FloatArray, j: int, side: float, top: float
) -> tuple[FloatArray, float, float]:
    """Return the place, its distance in standard deviations, and how far the log density has fallen."""
    deviation = np.sqrt(covariance[j])
    distance = FIRST_LOOK
    place = centre + side * distance * covariance / deviation
    fallen = np.inf
    for _ in range(MOST_LOOKS):
        place[j] = centre[j] + side * distance * deviation
        place, value = _best(density, place, j)
        fallen = top - value
        if fallen >= FALLEN or distance * deviation >= FARTHEST:
            break
        distance *= STEP
    return place, abs(place[j] - centre[j]) / deviation, fallen


def _best(density: Density, place: FloatArray, j: int) -> tuple[FloatArray, float]:
    """Return the best place with coordinate j as it is, and its log density."""
    others = np.delete(np.arange(len(place)), j)
    whole = place.copy()

    def negative(rest: FloatArray) -> tuple[float, FloatArray]:
        whole[others] = rest
        value, slope = density(whole)
        return (-value, -slope[others]) if np.isfinite(value) else (1e300, np.zeros(len(others)))

    solved = optimize.minimize(
        negative, place[others], jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS}
    )
    out = place.copy()
    out[others] = solved.x
    return out, -float(solved.fun)
