"""Rising functions of one coordinate, straight between knots and smooth at them, fitted to quantiles.

g(z) = offset + Σ_k slope_k R_k(z): R_k rises by the length of the k-th interval between knots, over it, and R_0 and
R_K are straight to the left of the first knot and to the right of the last. With all slopes positive g rises. A
posterior with a narrow middle and a long way on one side (a midpoint beyond all spend) is straightened by one slope.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

__all__ = ["KNOTS", "RAMP", "rise_and_slope", "rises_from", "unrisen"]

FloatArray = npt.NDArray[np.float64]

KNOTS = np.array([-2.0, -1.2, -0.4, 0.4, 1.2, 2.0])
"""In standard deviations: beyond the last of them lie 2.3% of the draws on either side, about as few as a pilot run can
tell a slope from."""
RAMP = 0.3
"""The width over which a slope passes into the next."""
ENDS = 2.6
"""The slopes of the ends are those from the outermost knots to here, where 0.5% of the draws lie beyond."""
HELD = 4.0
"""A slope is drawn towards that of the middle as if so many draws had it."""
LEAST = 0.5
"""The least slope over that of the middle: with flatter ends a chain would stay long where it once is."""
FARTHEST = 8.0
GRID = np.linspace(-FARTHEST, FARTHEST, 1601)
"""Where g is looked up to invert it."""


def rise_and_slope(xp: Any, z: Any, slopes: FloatArray, offset: FloatArray) -> tuple[Any, Any]:
    """Return g(z) (d,) and its slope (d,) in a vector language; ``slopes`` (d × K + 1), ``offset`` (d,)."""
    size, count = len(offset), len(KNOTS)
    jumps = np.diff(slopes, axis=1).ravel()
    far = (xp.gather(z, np.repeat(np.arange(size), count)) - np.tile(KNOTS, size)) * (1.0 / RAMP)
    first = slopes[:, 0]
    value = first * z + xp.segment_sum(xp.softplus(far) * (RAMP * jumps), size) + (offset - first * KNOTS[0])
    return value, xp.segment_sum(xp.expit(far) * jumps, size) + first


def rises_from(values: FloatArray, counted: float) -> tuple[FloatArray, float]:
    """Return slopes (K + 1,) and offset of the function that makes a standard normal one like these values (n,).

    ``counted`` is the number of independent draws that the values are worth.
    """
    places = np.concatenate([[-ENDS], KNOTS, [ENDS]])
    shares = special.ndtr(places)
    slope = np.diff(np.quantile(values, shares)) / np.diff(places)
    middle = max(float(np.median(slope[2:-2])), np.finfo(float).tiny)
    seen = counted * np.diff(shares)
    known = seen / (seen + HELD)
    # Slopes are averaged as logs: one that is five times the middle's is as far from it as one that is a fifth.
    slope = middle * np.maximum(np.maximum(slope / middle, 1e-3) ** known, LEAST)
    return slope, float(np.median(values)) - _risen(np.zeros(1), slope)[0]


def unrisen(values: FloatArray, slopes: FloatArray, offset: float) -> FloatArray:
    """Return z with g(z) = values (n,), at most 8 from 0."""
    return np.interp(values, _risen(GRID, slopes) + offset, GRID)


def _risen(z: FloatArray, slopes: FloatArray) -> FloatArray:
    far = (z[:, None] - KNOTS) / RAMP
    out: FloatArray = slopes[0] * (z - KNOTS[0]) + RAMP * np.logaddexp(0.0, far) @ np.diff(slopes)
    return out
