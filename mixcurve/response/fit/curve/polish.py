"""The end of a fit: Gauss-Newton on all parameters together, by QR of the exact Jacobian."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.curve.campaigns import CampaignBasis, shape_bounds, unit_on_real_line
from mixcurve.response.fit.projection import Solution

__all__ = ["POLISH_STEPS", "Polished", "polish"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

POLISH_STEPS = 6
"""Gauss-Newton steps that each campaign of a batch may take."""
FINISHED = 1e-10
"""Length of the residual's part along the Jacobian, over the residual's, at which the polish ends."""

ROUNDING = 16 * float(np.finfo(np.float64).eps)
"""How exactly a residual is known, over the length of the response it is the small rest of."""


@dataclass(frozen=True)
class Polished:
    """All parameters (B × p) as baseline (if any), top, θ; residuals (B × n); R of the QR; which were free (B × p)."""

    parameters: FloatArray
    residual: FloatArray
    triangle: FloatArray
    free: npt.NDArray[np.bool_]
    offset: FloatArray


def polish(basis: CampaignBasis, y: FloatArray, solution: Solution, *, steps: int = POLISH_STEPS) -> Polished:
    """Finish every campaign by Gauss-Newton on all parameters together, by QR of the exact Jacobian.

    A step is taken where it lowers the sum of squares, or lowers the gradient where the sum can fall no further in
    float64; parameters at a bound are held.
    """
    low, high = shape_bounds(basis.curve)
    theta, top = solution.theta.copy(), solution.amplitude[:, 0].copy()
    held = (theta <= low) | (theta >= high)
    base = _baseline(basis, y, theta, top)
    state = _full_state(basis, y, base, top, theta, held)
    running, size = np.arange(len(y)), _size(basis, y)
    for _ in range(steps):
        step = np.linalg.solve(state[1][running], state[2][running])[..., 0]
        trial = (
            base[running] + step[:, 0],
            top[running] + step[:, 1],
            np.clip(theta[running] + step[:, 2:], low, high),
        )
        after = _full_state(basis, y, *trial, held[running], running)
        better = _nearer(state, after, running, ROUNDING * size[running]) & (trial[1] >= 0)
        running = running[better]
        if not running.size:
            break
        base[running], top[running], theta[running] = (t[better] for t in trial)
        for old, new in zip(state, after, strict=True):
            old[running] = new[better]
    first = 0 if basis.baseline else 1
    free = np.column_stack([np.ones(len(y), bool), top > 0, ~held & (top > 0)[:, None]])[:, first:]
    parameters = np.column_stack([base, top, theta])[:, first:]
    return Polished(parameters, state[0], state[1][:, first:, first:], free, base)


def _baseline(basis: CampaignBasis, y: FloatArray, theta: FloatArray, top: FloatArray) -> FloatArray:
    if not basis.baseline:
        return np.zeros(len(y))
    value, _ = unit_on_real_line(basis.curve, basis.x, theta)
    square = np.ones_like(value) if basis.root is None else basis.root**2
    return (square * (y - top[:, None] * value)).sum(1) / np.maximum(square.sum(1), 1e-300)


State = tuple[FloatArray, FloatArray, FloatArray]


def _full_state(
    basis: CampaignBasis, y: FloatArray, base: FloatArray, top: FloatArray, theta: FloatArray,
    held: npt.NDArray[np.bool_], which: IntArray | None = None,
) -> State:  # fmt: skip
    """Return residuals, R, and Qᵀ residual of the full Jacobian; held columns become unit rows with nothing to do."""
    rows = np.arange(len(y)) if which is None else which
    value, derivatives = unit_on_real_line(basis.curve, basis.x[rows], theta)
    root = np.ones_like(value) if basis.root is None else basis.root[rows]
    residual = root * (y[rows] - base[:, None] - top[:, None] * value)
    ones = np.full_like(value, float(basis.baseline))
    jacobian = np.stack([ones, value, *(top[:, None] * d for d in derivatives)], axis=-1) * root[..., None]
    fixed = np.column_stack(
        [np.full(len(rows), not basis.baseline), np.zeros(len(rows), bool), held | (top <= 0)[:, None]]
    )
    jacobian = np.where(fixed[:, None, :], 0.0, jacobian)
    size = np.sqrt(np.einsum("bnp,bnp->bp", jacobian, jacobian))
    anchor = np.where(size > 0, 1e-12 * size, 1.0)
    extra = anchor[:, :, None] * np.eye(jacobian.shape[-1])
    q, r = np.linalg.qr(np.concatenate([jacobian, extra], axis=1))
    rotated = q[:, : value.shape[1]].transpose(0, 2, 1) @ residual[..., None]
    return residual, r, rotated


def _size(basis: CampaignBasis, y: FloatArray) -> FloatArray:
    """Return the length of each weighted response (B,)."""
    weighted = y if basis.root is None else basis.root * y
    return np.asarray(np.sqrt(np.einsum("bn,bn->b", weighted, weighted)))


def _nearer(state: State, after: State, running: IntArray, rounding: FloatArray) -> npt.NDArray[np.bool_]:
    before_squares, squares = (np.einsum("bn,bn->b", r, r) for r in (state[0][running], after[0]))
    before_slope, slope = (np.linalg.norm(q[..., 0], axis=1) for q in (state[2][running], after[2]))
    level = squares <= before_squares * (1 + 1e-12) + rounding * np.sqrt(before_squares)
    moving = before_slope > FINISHED * np.sqrt(before_squares)
    return moving & ((squares < before_squares) | (level & (slope < before_slope)))
