"""A bound for kernels of any form: each period's response bounded by itself, tied by prices of spend after carryover.

With a price m_t >= 0 on ``a_t = carried_t + Σ_s K_ts v_s``, no schedule of one channel is worth more than

    Σ_t max_a [scale_t F(a) - m_t a]  +  Σ_t m_t carried_t  +  Σ_s max_v [(Σ_t m_t K_ts - cost_s) v].

The best m are the multipliers of the linear programme in which F is replaced by its concave envelope, so this bound
lets a channel be on and off within one period. It is exact where the response is concave at the best schedule's states.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack, kron

__all__ = ["spread_bound", "spread_slopes"]

FloatArray = npt.NDArray[np.float64]


def spread_bound(
    upper: FloatArray,
    knots: FloatArray,
    scale: FloatArray,
    carried: FloatArray,
    kernel: FloatArray,
    cost: FloatArray,
    least: FloatArray,
    most: FloatArray,
    slopes: FloatArray,
) -> float:
    """Return the bound above at prices ``slopes`` (T,); ``upper`` interpolates to at least F on the knots (K,)."""
    inner = (scale[:, None] * upper - slopes[:, None] * knots).max(axis=1)
    gain = slopes @ kernel - cost
    return float(inner.sum() + slopes @ carried + np.maximum(gain * least, gain * most).sum())


def spread_slopes(
    upper: FloatArray,
    knots: FloatArray,
    scale: FloatArray,
    carried: FloatArray,
    kernel: FloatArray,
    cost: FloatArray,
    least: FloatArray,
    most: FloatArray,
    segments: int,
) -> tuple[FloatArray, FloatArray] | None:
    """Return the best prices (T,) and the spend at today's prices (T,) that goes with them, or None if not found.

    About so many straight ``segments`` stand for the concave envelope here; the bound itself uses every knot.
    """
    size, width = _envelope(upper, knots, segments)
    periods, count = len(scale), len(size)
    unit = max(float(most.max()), np.finfo(np.float64).tiny)
    worth = max(float(scale.max() * upper[-1]), np.finfo(np.float64).tiny)
    # Of each period: how much of each straight line is used, in shares; then spend, in units of the largest.
    matrix: Any = hstack([kron(eye_array(periods), width[None] / unit), csr_array(-kernel)])
    gains = -(scale[:, None] * size).ravel() / worth
    goal = np.concatenate([gains, cost * (unit / worth)])
    low = np.concatenate([np.zeros(periods * count), least / unit])
    high = np.concatenate([np.ones(periods * count), most / unit])
    bounds: Any = np.column_stack([low, high])
    done = linprog(goal, A_eq=matrix, b_eq=carried / unit, bounds=bounds, method="highs")
    if done.x is None:
        return None
    slopes = np.maximum(-done.eqlin.marginals * (worth / unit), 0.0)
    return slopes, np.clip(done.x[periods * count :] * unit, least, most)


def _envelope(upper: FloatArray, knots: FloatArray, segments: int) -> tuple[FloatArray, FloatArray]:
    """Return the rise and the width of the straight lines of the concave envelope, steepest first."""
    hull = [0]
    for k in range(1, len(knots)):
        while len(hull) > 1 and _below(knots, upper, hull[-2], hull[-1], k):
            hull.pop()
        hull.append(k)
    step = max(1, -(-len(hull) // segments))
    kept = np.unique([*hull[::step], hull[min(1, len(hull) - 1)], hull[-1]])
    return np.diff(upper[kept]), np.diff(knots[kept])


def _below(x: FloatArray, y: FloatArray, a: int, b: int, c: int) -> bool:
    return bool((y[b] - y[a]) * (x[c] - x[a]) <= (y[c] - y[a]) * (x[b] - x[a]))
