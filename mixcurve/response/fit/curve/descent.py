"""Damped Gauss-Newton on many small problems at once: a damping each, box bounds, finished problems leave the batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.amplitudes import TINY, scaled_solve

__all__ = ["Descent", "Evaluate", "descend", "settle"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

FIRST_DAMPING = 1e-3
LEAST_DAMPING, LARGEST_DAMPING = 1e-12, 1e10
EASE, STIFFEN = 0.1, 6.0
"""How the damping changes after a step that was taken and one that was not (Marquardt 1963)."""
LEVEL = 1e-10
"""Relative rise of the objective that counts as none: rounding may be all there is left of it."""


class Evaluate(Protocol):
    """``evaluate(phi (B × p), which (B,))`` returns the objective (B,), half its gradient and half its curvature."""

    def __call__(self, phi: FloatArray, which: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]: ...  # noqa: D102


@dataclass(frozen=True)
class Descent:
    """Where each problem ended: parameters (B × p), objective, curvature (B × p × p), and whether it converged (B,)."""

    phi: FloatArray
    objective: FloatArray
    curvature: FloatArray
    converged: BoolArray
    iterations: IntArray


def descend(
    evaluate: Evaluate,
    phi: FloatArray,
    low: FloatArray,
    high: FloatArray,
    *,
    which: IntArray,
    free: BoolArray,
    enough: FloatArray,
    max_iterations: int = 60,
) -> Descent:
    """Minimise a batch of objectives from given starts by Levenberg-Marquardt.

    Parameters
    ----------
    evaluate
        See `Evaluate`. An objective that is not finite is a step too far.
    phi
        Starts (B × p).
    low, high
        Box (B × p).
    which
        The problem of each start (B,).
    free
        (B × p): False holds a parameter at its start.
    enough
        (B,): a problem has converged when its next step predicts a fall of the objective below this.

    Returns
    -------
    Descent
        Never raises on a problem that will not converge: it carries ``converged`` False.
    """
    phi = np.clip(phi, low, high)
    objective, gradient, curvature = evaluate(phi, which)
    damping = np.full(len(phi), FIRST_DAMPING)
    converged = np.zeros(len(phi), dtype=bool)
    iterations = np.zeros(len(phi), dtype=np.intp)
    running = np.flatnonzero(np.isfinite(objective))
    for _ in range(max_iterations):
        if not running.size:
            break
        step, predicted = _step(running, phi, gradient, curvature, damping, low, high, free)
        converged[running] = predicted <= enough[running]
        going = ~converged[running] & (damping[running] <= LARGEST_DAMPING)
        running, step = running[going], step[going]
        trial = np.clip(phi[running] + step, low[running], high[running])
        after = evaluate(trial, which[running])
        better = after[0] < objective[running]
        taken = running[better]
        phi[taken] = trial[better]
        for old, new in zip((objective, gradient, curvature), after, strict=True):
            old[taken] = new[better]
        damping[running] = np.maximum(damping[running] * np.where(better, EASE, STIFFEN), LEAST_DAMPING)
        iterations[running] += 1
    return Descent(phi, objective, curvature, converged, iterations)


def _step(
    running: IntArray, phi: FloatArray, gradient: FloatArray, curvature: FloatArray, damping: FloatArray,
    low: FloatArray, high: FloatArray, free: BoolArray,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Return the damped step of every running problem, and the fall of the objective that it predicts."""
    now, slope, bend = phi[running], gradient[running], curvature[running]
    outward = ((now <= low[running]) & (slope > 0)) | ((now >= high[running]) & (slope < 0))
    movable = free[running] & ~outward
    diagonal = np.einsum("bii->bi", bend)
    floor = 1e-10 * diagonal.max(axis=1, keepdims=True) + TINY
    extra = damping[running][:, None] * np.maximum(diagonal, floor)
    step = -scaled_solve(bend + np.eye(bend.shape[-1]) * extra[:, None, :], slope, movable)
    return step, -np.einsum("bp,bp->b", step, slope)


def settle(
    evaluate: Evaluate, found: Descent, low: FloatArray, high: FloatArray, *, free: BoolArray, steps: int
) -> Descent:
    """Take full steps while they shrink the gradient: to the last digits, where the objective no longer tells.

    One start per problem; parameters at an end of their box stay there.
    """
    phi, everyone = found.phi.copy(), np.arange(len(found.phi))
    objective, gradient, curvature = evaluate(phi, everyone)
    movable = free & (phi > low) & (phi < high)
    running = np.flatnonzero(np.isfinite(objective))
    for _ in range(steps):
        if not running.size:
            break
        step = -scaled_solve(curvature[running], gradient[running], movable[running])
        trial = np.clip(phi[running] + step, low[running], high[running])
        after = evaluate(trial, running)
        size = np.sqrt(np.maximum(np.einsum("bii->bi", curvature[running]), TINY))
        before, now = (
            np.abs(np.where(movable[running], g / size, 0.0)).max(axis=1)
            for g in (gradient[running], after[1])
        )
        nearer = (now < before) & (after[0] <= objective[running] * (1 + LEVEL))
        running = running[nearer]
        phi[running] = trial[nearer]
        for old, new in zip((objective, gradient, curvature), after, strict=True):
            old[running] = new[nearer]
    return Descent(phi, objective, curvature, found.converged, found.iterations)
