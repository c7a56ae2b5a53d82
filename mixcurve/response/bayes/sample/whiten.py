"""Coordinates in which the posterior is nearly a standard normal one: from its mode and the curvature there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize

from mixcurve.response.bayes.vectors.tape import Program

if TYPE_CHECKING:
    from mixcurve.response.bayes.model.model import MixModel

__all__ = ["Whitening", "curvature", "laplace", "modes"]

FloatArray = npt.NDArray[np.float64]
Density = Callable[[FloatArray], tuple[float, FloatArray]]

STARTS, SPREAD = 8, 0.7
"""Starts of the climb: the middle of the prior and points around it, this many prior standard deviations away."""
MOST_STEPS = 500
DIFFERENCE = 1e-4
"""Of the central differences of the exact gradient, in prior standard deviations."""
LEAST_CURVATURE = 0.3
"""A direction is never taken to be wider than this allows: the prior alone has curvature 1."""
NO_DENSITY = 1e300
"""Stands for minus the log density where there is none."""
SAME_MODE = 0.01
"""Modes are one where they lie this near, in prior standard deviations."""


@dataclass(frozen=True, eq=False)
class Whitening:
    """position = centre + root z."""

    centre: FloatArray
    root: FloatArray

    def __call__(self, z: FloatArray) -> FloatArray:
        """Return positions (… × d) for z (… × d)."""
        return z @ self.root.T + self.centre

    def program(self, model: MixModel) -> Program:
        """Return the model's density of z."""
        return model.program().with_matrices(centre=self.centre[:, None], root=self.root)


def modes(
    density: Density, dimensions: int, rng: np.random.Generator
) -> tuple[tuple[FloatArray, float], ...]:
    """Return the different modes found and their log densities, the highest first."""
    starts = [np.zeros(dimensions), *(SPREAD * rng.standard_normal((STARTS - 1, dimensions)))]
    found: list[tuple[FloatArray, float]] = []
    for start in starts:
        solved: Any = optimize.minimize(  # type: ignore[call-overload]
            lambda z: _negative(density, z),
            start,
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": MOST_STEPS},
        )
        if solved.fun < NO_DENSITY:
            found.append((solved.x, -float(solved.fun)))
    found.sort(key=lambda pair: -pair[1])
    different: list[tuple[FloatArray, float]] = []
    for place, value in found:
        if all(np.abs(place - other).max() > SAME_MODE for other, _ in different):
            different.append((place, value))
    return tuple(different)


def _negative(density: Density, z: Any) -> tuple[float, Any]:
    value, slope = density(z)
    if not np.isfinite(value):
        return NO_DENSITY, np.zeros_like(z)
    return -value, -slope


def curvature(density: Density, place: FloatArray) -> FloatArray:
    """Return minus the second derivative at a place (d × d), by central differences of the exact gradient."""
    out = np.empty((len(place), len(place)))
    for j in range(len(place)):
        up, down = place.copy(), place.copy()
        up[j] += DIFFERENCE
        down[j] -= DIFFERENCE
        out[j] = (density(down)[1] - density(up)[1]) / (2.0 * DIFFERENCE)
    return 0.5 * (out + out.T)


def laplace(density: Density, place: FloatArray) -> Whitening:
    """Return the coordinates of the normal approximation at a mode."""
    values, vectors = linalg.eigh(np.nan_to_num(curvature(density, place)))
    return Whitening(place, vectors / np.sqrt(np.maximum(values, LEAST_CURVATURE)))
