"""The engine: batched variable projection.

Many separable least-squares problems are solved at once. Problem b has a target y_b (n values) and columns G_b(θ_b)
(C × n) with non-negative amplitudes a_b:  minimise |y_b - Σ_c a_c G_c(θ)|² + |penalty(θ)|².  The amplitudes are solved
in closed form for any θ, so only θ is searched (Golub and Pereyra 1973), by Levenberg-Marquardt with Kaufman's Jacobian
(1975), a damping of its own for each problem, box bounds, and finished problems leaving the batch. Anything linear and
unrestricted (baseline, trend, season, controls) is projected out before it gets here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.amplitudes import TINY, amplitudes, scaled_solve

__all__ = ["Basis", "Penalty", "Solution", "best_of", "minimise", "settle"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

FIRST_DAMPING = 1e-2
LEAST_DAMPING, LARGEST_DAMPING = 1e-12, 1e12
EASE, STIFFEN = 0.2, 5.0
"""How the damping changes after a step that was taken and one that was not (Marquardt 1963)."""
DIFFERENCE = 1e-6
"""Step of the differenced gradient, on the real line of the parameters."""
DIFFERENCED = 64
"""Problems up to which the differences of several parameters are evaluated side by side."""


class Basis(Protocol):
    """The columns and their derivatives for a batch of problems.

    ``basis(theta (B × k), which (B,)) -> columns (B × C × n), derivatives (B × k × n)``; derivative j belongs to
    column ``owner[j]``. ``which`` tells the problem of each row.
    """

    @property
    def owner(self) -> IntArray: ...  # noqa: D102

    def __call__(self, theta: FloatArray, which: IntArray) -> tuple[FloatArray, FloatArray]: ...  # noqa: D102


class Penalty(Protocol):
    """Extra rows: ``penalty(theta (B × k), which) -> rows (B × m), their derivatives (B × m × k)``."""

    def __call__(self, theta: FloatArray, which: IntArray) -> tuple[FloatArray, FloatArray]: ...  # noqa: D102


@dataclass(frozen=True)
class Solution:
    """θ (B × k), amplitudes (B × C), the objective (B,), iterations (B,), and whether each problem converged (B,)."""

    theta: FloatArray
    amplitude: FloatArray
    objective: FloatArray
    iterations: IntArray
    converged: npt.NDArray[np.bool_]


@dataclass
class _State:
    """Where each running problem stands: θ, amplitudes, objective, gradient and curvature in θ."""

    theta: FloatArray
    amplitude: FloatArray
    objective: FloatArray
    gradient: FloatArray
    curvature: FloatArray

    def take(self, rows: Any) -> _State:
        return _State(*(getattr(self, f)[rows] for f in self.__dataclass_fields__))

    def put(self, rows: Any, other: _State) -> None:
        for f in self.__dataclass_fields__:
            getattr(self, f)[rows] = getattr(other, f)


def _evaluate(
    basis: Basis,
    target: FloatArray,
    penalty: Penalty | None,
    theta: FloatArray,
    which: IntArray,
    ridge: float | FloatArray = 0.0,
) -> _State:
    columns, derivatives = basis(theta, which)
    y = target[which]
    gram = columns @ columns.transpose(0, 2, 1) + ridge * np.eye(columns.shape[1])
    amplitude = amplitudes(gram, (columns @ y[:, :, None])[..., 0])
    residual = y - (amplitude[:, None, :] @ columns)[:, 0]
    weighted = derivatives * amplitude[:, basis.owner, None]
    gradient = -(weighted @ residual[:, :, None])[..., 0]
    objective = np.einsum("bn,bn->b", residual, residual) + (ridge * amplitude**2).sum(axis=1)
    # Kaufman: the part of each derivative inside the span of the active columns is taken up by the amplitudes.
    cross = columns @ weighted.transpose(0, 2, 1)
    active = amplitude > 0
    both = active[:, :, None] & active[:, None, :]
    identity = np.eye(gram.shape[-1])
    scale = np.einsum("bii->bi", gram)[:, None, :] * 1e-13
    kept = np.where(both, gram, 0.0) + identity * np.where(active[:, None, :], scale, 1.0)
    cross = np.where(active[:, :, None], cross, 0.0)
    inner = cross / kept if gram.shape[-1] == 1 else np.linalg.solve(kept, cross)
    curvature = weighted @ weighted.transpose(0, 2, 1) - cross.transpose(0, 2, 1) @ inner
    if penalty is not None:
        rows, slopes = penalty(theta, which)
        objective = objective + np.einsum("bm,bm->b", rows, rows)
        gradient = gradient + np.einsum("bm,bmk->bk", rows, slopes)
        curvature = curvature + slopes.transpose(0, 2, 1) @ slopes
    return _State(theta, amplitude, objective, gradient, curvature)


def _differenced_curvature(
    basis: Basis, target: FloatArray, penalty: Penalty | None, state: _State, which: IntArray,
    ridge: float | FloatArray,
) -> FloatArray:  # fmt: skip
    """Return the Hessian of half the objective by differences of its gradient; where it bends down, Gauss-Newton's."""
    size = state.theta.shape[1]
    hessian = np.empty_like(state.curvature)
    together = max(1, DIFFERENCED // max(len(which), 1))
    for first in range(0, size, together):
        moved = np.arange(first, min(first + together, size))
        shifted = state.theta + DIFFERENCE * np.eye(size)[moved][:, None, :]
        rows = np.tile(which, len(moved))
        there = _evaluate(basis, target, penalty, shifted.reshape(-1, size), rows, ridge).gradient
        hessian[:, moved] = ((there.reshape(len(moved), -1, size) - state.gradient) / DIFFERENCE).transpose(
            1, 0, 2
        )
    hessian = 0.5 * (hessian + hessian.transpose(0, 2, 1))
    spectrum = np.linalg.eigvalsh(hessian)
    upward = spectrum[:, 0] > 1e-8 * spectrum[:, -1]
    return np.where(upward[:, None, None], hessian, state.curvature)


def _step(state: _State, damping: FloatArray, movable: npt.NDArray[np.bool_]) -> FloatArray:
    diagonal = np.einsum("bii->bi", state.curvature)
    floor = 1e-10 * diagonal.max(axis=1, keepdims=True) + TINY
    identity = np.eye(diagonal.shape[1])
    matrix = (
        state.curvature
        + identity * (damping[:, None] * np.maximum(diagonal, floor) + 1e-14 * floor)[:, None, :]
    )
    return -scaled_solve(matrix, state.gradient, movable)


def minimise(
    basis: Basis,
    target: FloatArray,
    theta: FloatArray,
    low: FloatArray,
    high: FloatArray,
    *,
    which: IntArray | None = None,
    free: npt.NDArray[np.bool_] | None = None,
    penalty: Penalty | None = None,
    ridge: float | FloatArray = 0.0,
    tolerance: float = 1e-11,
    max_iterations: int = 100,
    newton_after: int = 12,
) -> Solution:
    """Solve a batch of separable least-squares problems from given starts.

    Parameters
    ----------
    basis
        Columns and derivatives; see `Basis`.
    target
        (problems × n), with anything linear and unrestricted projected out, as in the basis.
    theta
        Starts (B × k), on the real line (log for positive parameters).
    low, high
        Bounds (B × k) or (k,).
    which
        The problem of each start (B,); one start per problem if not given.
    free
        (B × k): False holds a parameter at its start.
    penalty
        Extra rows in θ; see `Penalty`.
    ridge
        Weight of ``Σ a²`` in the objective, for amplitudes that the data hardly determine; one for all, or (C,).
    tolerance
        A problem has converged when the step predicts a relative fall of the objective below this.
    newton_after
        From this iteration on the curvature comes from differences of the exact gradient: with noisy data and steep
        curves Gauss-Newton converges slowly, Newton does not.

    Returns
    -------
    Solution
        Never raises on a problem that will not converge: it carries ``converged`` False.
    """
    which = np.arange(len(theta)) if which is None else which
    low, high = np.broadcast_to(low, theta.shape), np.broadcast_to(high, theta.shape)
    allowed = np.ones(theta.shape, dtype=bool) if free is None else free
    state = _evaluate(basis, target, penalty, np.clip(theta, low, high), which, ridge)
    zero = 1e-28 * np.einsum("bn,bn->b", target, target)[which]
    damping = np.full(len(theta), FIRST_DAMPING)
    iterations = np.zeros(len(theta), dtype=np.intp)
    converged = np.full(len(theta), theta.shape[1] == 0)  # without a shape to search, the amplitudes are all
    running = np.flatnonzero(~converged)
    for iteration in range(max_iterations if running.size else 0):
        now = state.take(running)
        if iteration >= newton_after:
            now.curvature = _differenced_curvature(basis, target, penalty, now, which[running], ridge)
        at_low, at_high = now.theta <= low[running], now.theta >= high[running]
        outward = (at_low & (now.gradient > 0)) | (at_high & (now.gradient < 0))
        movable = allowed[running] & ~outward
        step = _step(now, damping[running], movable)
        predicted = -np.einsum("bk,bk->b", step, now.gradient)
        done = predicted <= tolerance * now.objective + zero[running]
        stuck = damping[running] > LARGEST_DAMPING
        converged[running[done]] = True
        going = ~(done | stuck)
        running, step, now = running[going], step[going], now.take(going)
        if not running.size:
            break
        trial_theta = np.clip(now.theta + step, low[running], high[running])
        trial = _evaluate(basis, target, penalty, trial_theta, which[running], ridge)
        better = trial.objective < now.objective
        state.put(running[better], trial.take(better))
        change = np.where(better, EASE, STIFFEN)
        damping[running] = np.maximum(damping[running] * change, LEAST_DAMPING)
        iterations[running] += 1
    return Solution(state.theta, state.amplitude, state.objective, iterations, converged)


def settle(
    basis: Basis, target: FloatArray, found: Solution, low: FloatArray, high: FloatArray,
    *, penalty: Penalty | None = None, ridge: float | FloatArray = 0.0, steps: int = 5,
) -> Solution:  # fmt: skip
    """Take full Newton steps while they shrink the gradient: to the last digits, where the objective no longer tells.

    Makes the solution independent of the start and of the order of channels. Parameters at a bound stay there.
    """
    which = np.arange(len(found.theta))
    state = _evaluate(basis, target, penalty, found.theta, which, ridge)
    movable = (state.theta > low) & (state.theta < high)
    for _ in range(steps):
        state.curvature = _differenced_curvature(basis, target, penalty, state, which, ridge)
        step = -scaled_solve(state.curvature, state.gradient, movable)
        trial = _evaluate(basis, target, penalty, np.clip(state.theta + step, low, high), which, ridge)
        size, after = (
            np.abs(np.where(movable, s.gradient, 0.0)).max(axis=1, initial=0.0) for s in (state, trial)
        )
        nearer = (after < size) & (trial.objective <= state.objective * (1 + 1e-12))
        if not nearer.any():
            break
        state.put(nearer, trial.take(nearer))
    return Solution(state.theta, state.amplitude, state.objective, found.iterations, found.converged)


def best_of(solution: Solution, which: IntArray, problems: int) -> IntArray:
    """Return for each problem the row of its best start."""
    order = np.lexsort((solution.objective, which))
    first = np.searchsorted(which[order], np.arange(problems))
    return order[first]
