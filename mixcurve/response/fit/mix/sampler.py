"""Draws from a density whose shape is roughly known: Hamiltonian Monte Carlo, all chains side by side.

Source: Neal (2011), MCMC using Hamiltonian dynamics, in the Handbook of Markov Chain Monte Carlo, chapter 5.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.mix.threads import THREADS, side_by_side

__all__ = ["Density", "climb", "disagreement", "sample"]

FloatArray = npt.NDArray[np.float64]
Evaluate = Callable[[FloatArray], tuple[FloatArray, FloatArray]]

CLIMB_STEPS, HALVINGS = 12, 8
CLIMBED = 1e-3
"""A climb ends when a step raises the log density by less."""
START_WIDTH = 0.7
"""Chains start from the normal approximation, its standard deviations times this."""
FIRST_STEP = 0.35
"""Leapfrog step in units of the approximation's standard deviations; adapted while warming up."""
STEP_JITTER = 0.3
"""Share by which steps vary from one trajectory to the next, against resonance (Neal 2011, section 5.4.2.2)."""
WANTED_ACCEPTANCE, ADAPTATION = 0.8, 0.3
FAINT = 1e-9
"""Added to the diagonal of a correlation matrix, so that it has a root."""


class Density(Protocol):
    """A log density with gradient, and its approximate curvature."""

    def __call__(self, phi: FloatArray) -> tuple[FloatArray, FloatArray]: ...  # noqa: D102
    def curvature(self, phi: FloatArray) -> FloatArray: ...  # noqa: D102


def climb(density: Density, phi: FloatArray) -> FloatArray:
    """Return a point near the mode: damped Newton steps from φ (d,) with the approximate curvature."""
    value, gradient = density(phi[None])
    for _ in range(CLIMB_STEPS):
        step = np.linalg.solve(density.curvature(phi), gradient[0])
        for trial in phi + step * 0.5 ** np.arange(HALVINGS)[:, None]:
            after, slope = density(trial[None])
            if after[0] > value[0]:
                break
        else:
            return phi
        gain = float(after[0] - value[0])
        phi, value, gradient = trial, after, slope
        if gain < CLIMBED:
            break
    return phi


def sample(
    density: Density,
    phi: FloatArray,
    rng: np.random.Generator,
    *,
    chains: int,
    warm: int,
    keep: int,
    steps: int,
) -> FloatArray:
    """Return draws (keep × chains × d) of Hamiltonian chains that start around φ (d,).

    Half-way through the ``warm`` trajectories the metric is drawn from the chains themselves.
    """
    covariance = np.linalg.inv(density.curvature(phi))
    root = _root(covariance)
    here = phi + START_WIDTH * rng.standard_normal((chains, len(phi))) @ root.T
    size, out = FIRST_STEP, []
    evaluate = _shared(density)
    value, gradient = evaluate(here)
    outside = ~np.isfinite(value)
    here = np.where(outside[:, None], phi, here)
    value, gradient = evaluate(here) if outside.any() else (value, gradient)
    for trajectory in range(warm + keep):
        if trajectory == warm // 2:
            root = _root(0.5 * (covariance + np.cov(here.T)))
        momentum = rng.standard_normal(here.shape)
        jittered = size * rng.uniform(1.0 - STEP_JITTER, 1.0 + STEP_JITTER)
        there, after, slope, final = _leapfrog(evaluate, here, gradient, momentum, root, jittered, steps)
        gain = after - value + 0.5 * ((momentum**2).sum(axis=1) - (final**2).sum(axis=1))
        gain = np.where(np.isnan(gain), -np.inf, gain)
        taken = np.log(rng.random(chains)) < gain
        here = np.where(taken[:, None], there, here)
        gradient = np.where(taken[:, None], slope, gradient)
        value = np.where(taken, after, value)
        if trajectory < warm:
            rate = float(np.exp(np.minimum(gain, 0.0)).mean())
            size *= np.exp(ADAPTATION * (rate - WANTED_ACCEPTANCE))
        else:
            out.append(here)
    return np.stack(out)


def _root(covariance: FloatArray) -> FloatArray:
    size = np.sqrt(np.diag(covariance))
    correlation = 0.5 * (covariance + covariance.T) / np.outer(size, size)
    return size[:, None] * np.linalg.cholesky(correlation + FAINT * np.eye(len(size)))


def _shared(density: Density) -> Evaluate:
    """Return the density, evaluated for two halves of the chains at once."""

    def evaluate(phi: FloatArray) -> tuple[FloatArray, FloatArray]:
        value, gradient = zip(*side_by_side(density, np.array_split(phi, THREADS)), strict=True)
        gradients = np.concatenate(gradient)
        return np.concatenate(value), np.where(np.isfinite(gradients), gradients, 0.0)

    return evaluate


def _leapfrog(
    evaluate: Evaluate, here: FloatArray, gradient: FloatArray, momentum: FloatArray, root: FloatArray, size: float,
    steps: int,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:  # fmt: skip
    """Return where a trajectory ends, the log density and gradient there, and the momentum."""
    value = np.empty(len(here))
    for _ in range(steps):
        momentum = momentum + 0.5 * size * (gradient @ root)
        here = here + size * (momentum @ root.T)
        value, gradient = evaluate(here)
        momentum = momentum + 0.5 * size * (gradient @ root)
    return here, value, gradient, momentum


def disagreement(draws: FloatArray) -> FloatArray:
    """Return the potential scale reduction of each coordinate of draws (keep × chains × d): 1 where all chains agree.

    Source: Gelman and Rubin (1992), Statistical Science 7, 457-472.
    """
    keep = len(draws)
    within = draws.var(axis=0, ddof=1).mean(axis=0)
    between = draws.mean(axis=0).var(axis=0, ddof=1)
    return np.sqrt((keep - 1) / keep + between / np.maximum(within, 1e-300))
