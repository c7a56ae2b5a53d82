"""Pathfinder: normal approximations along the way from a start to a mode; the best of each way is kept.

Source: Zhang, Carpenter, Gelman and Vehtari (2022), Pathfinder: parallel quasi-Newton variational inference, Journal of
Machine Learning Research 23 (306). The covariance is the inverse Hessian of BFGS from the prior's, held whole: the
dimensions here are few.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize

from mixcurve.response.bayes.sample.whiten import SPREAD, Density, Whitening

__all__ = ["best_on_the_way", "pathfinder"]

FloatArray = npt.NDArray[np.float64]

PATHS = 8
"""The number of ways; the paper uses 4 to 20."""
DRAWS_FOR_BOUND = 10
"""For the evidence bound at each step; the paper uses 5."""
MOST_STEPS = 300
CURVED = 1e-12
"""A step is learned from if its curvature exceeds this share of its gradient's square, as in the paper."""


def pathfinder(density: Density, dimensions: int, rng: np.random.Generator) -> tuple[Whitening, ...]:
    """Return the best normal approximation of each way that has one."""
    starts = SPREAD * rng.standard_normal((PATHS, dimensions))
    found = (best_on_the_way(density, start, rng) for start in starts)
    return tuple(piece for piece in found if piece is not None)


def best_on_the_way(density: Density, start: FloatArray, rng: np.random.Generator) -> Whitening | None:
    """Return the normal approximation of greatest evidence bound, or None if there is none."""
    places = [start]

    def negative(z: FloatArray) -> tuple[float, FloatArray]:
        value, slope = density(z)
        return (-value, -slope) if np.isfinite(value) else (1e300, np.zeros_like(z))

    optimize.minimize(
        negative, start, jac=True, method="L-BFGS-B",
        callback=lambda z: places.append(np.array(z)), options={"maxiter": MOST_STEPS},
    )  # fmt: skip
    best, highest = None, -np.inf
    inverse, last = np.eye(len(start)), negative(start)[1]
    for before, place in pairwise(places):
        slope = negative(place)[1]
        inverse = _learned(inverse, place - before, slope - last)
        last = slope
        piece = _piece(place - inverse @ slope, inverse)
        bound = -np.inf if piece is None else _bound(density, piece, rng)
        if piece is not None and bound > highest:
            best, highest = piece, bound
    return best


def _learned(inverse: FloatArray, step: FloatArray, change: FloatArray) -> FloatArray:
    """Return the inverse Hessian after a step (BFGS)."""
    curvature = float(step @ change)
    if curvature <= CURVED * float(change @ change):
        return inverse
    left = np.eye(len(step)) - np.outer(step, change) / curvature
    return left @ inverse @ left.T + np.outer(step, step) / curvature


def _piece(centre: FloatArray, covariance: FloatArray) -> Whitening | None:
    try:
        return Whitening(centre, linalg.cholesky(covariance, lower=True))
    except (linalg.LinAlgError, ValueError):
        return None


def _bound(density: Density, piece: Whitening, rng: np.random.Generator) -> float:
    """Return the evidence lower bound of a normal approximation, by a few draws."""
    z = rng.standard_normal((DRAWS_FOR_BOUND, len(piece.centre)))
    value = np.array([density(place)[0] for place in piece.centre + z @ piece.root.T])
    bound = float(value.mean() + np.log(np.diag(piece.root)).sum())
    return bound if np.isfinite(bound) else -np.inf
