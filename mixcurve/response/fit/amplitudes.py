"""The linear part of the engine: non-negative amplitudes and small masked systems, for many problems at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["TINY", "amplitudes", "masked_solve", "scaled_solve"]

FloatArray = npt.NDArray[np.float64]

TINY = 1e-30
"""A column shorter than this is one of zeros; a diagonal is held above it before a division."""


def amplitudes(gram: FloatArray, moment: FloatArray) -> FloatArray:
    """Return the non-negative least-squares amplitudes of many small problems at once.

    Parameters
    ----------
    gram, moment
        Inner products of the columns with one another (B × C × C) and with the target (B × C).

    Notes
    -----
    One column is ``max(moment / gram, 0)``. Several use the active-set method (Lawson and Hanson 1974) on all problems
    side by side, on columns scaled to unit length.
    """
    norm = np.sqrt(np.maximum(np.einsum("bii->bi", gram), 0.0))
    safe = np.where(norm > TINY, norm, 1.0)
    if gram.shape[-1] == 1:
        return np.where(norm > TINY, np.maximum(moment, 0.0) / (safe * safe), 0.0)
    scaled = gram / (safe[:, :, None] * safe[:, None, :])
    target = moment / safe
    active = norm > TINY
    solution = np.zeros_like(target)
    open_rows = np.arange(len(gram))
    for _ in range(3 * gram.shape[-1]):
        trial = masked_solve(scaled[open_rows], target[open_rows], active[open_rows])
        negative = (trial < 0) & active[open_rows]
        solution[open_rows] = np.maximum(trial, 0.0)
        worst = np.argmin(np.where(negative, trial, np.inf), axis=1)
        dropping = negative.any(axis=1)
        slack = target[open_rows] - np.einsum("bij,bj->bi", scaled[open_rows], solution[open_rows])
        wanting = np.where(~active[open_rows] & (norm[open_rows] > TINY), slack, -np.inf)
        best = np.argmax(wanting, axis=1)
        adding = ~dropping & (wanting.max(axis=1) > 1e-10 * np.abs(target[open_rows]).max(axis=1))
        active[open_rows[dropping], worst[dropping]] = False
        active[open_rows[adding], best[adding]] = True
        open_rows = open_rows[dropping | adding]
        if not open_rows.size:
            break
    return solution / safe


def masked_solve(matrix: FloatArray, right: FloatArray, mask: npt.NDArray[np.bool_]) -> FloatArray:
    """Solve only the rows and columns that ``mask`` keeps; the others get 0. A faint ridge keeps it solvable."""
    both = mask[:, :, None] & mask[:, None, :]
    size = matrix.shape[-1]
    identity = np.eye(size)
    kept = np.where(both, matrix, 0.0) + identity * np.where(mask, 1e-13, 1.0)[:, None, :]
    return np.linalg.solve(kept, np.where(mask, right, 0.0)[..., None])[..., 0]


def scaled_solve(matrix: FloatArray, right: FloatArray, mask: npt.NDArray[np.bool_]) -> FloatArray:
    """Solve as `masked_solve` does, with rows and columns brought to unit diagonal first."""
    size = np.sqrt(np.maximum(np.einsum("bii->bi", matrix), TINY))
    scaled = matrix / (size[:, :, None] * size[:, None, :])
    return masked_solve(scaled, right / size, mask) / size
