"""One channel's best schedule under prices, as a dynamic programme over the carryover state; all channels side by side.

With c_t the price of a unit of state in period t, the objective is a sum of ``R_t(s_t) = scale_t F(s_t) - (c_t - decay
c_(t+1)) s_t``, and V_t(s_(t-1)) = max [R_t(s_t) + V_(t+1)(s_t)] over ``s_t >= decay s_(t-1)``. R_t and V_(t+1) are
piecewise linear on the knots, from above. The largest value from a point on is then convex between knots (a constant or
a falling line, whichever is more), hence below its chord there, and decay moves knots onto knots: V_t is again
piecewise linear, from above.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.flighting.grid import StateGrid
from mixcurve.budget.flighting.windows import Windows, windowed

__all__ = ["Sweep", "sweep", "sweep_path"]

FloatArray = npt.NDArray[np.float64]
"""Shape (T × C) unless said otherwise."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """``bound`` (C,) on each channel's objective, and ``held`` (T × C × K), R_t + V_(t+1) on the knots."""

    bound: FloatArray
    held: FloatArray


def sweep(
    grid: StateGrid, scale: FloatArray, cost: FloatArray, windows: dict[int, list[Windows]] | None = None
) -> Sweep:
    """Return an upper bound on each channel's best objective at prices, proven.

    Parameters
    ----------
    scale
        What multiplies the response (T × C).
    cost
        The price of a unit of spend at today's prices, in units of the objective (T × C); may be negative.
    windows
        Bounds on the spend of a period, by channel and period; spend of at least 0 where not given.
    """
    periods, channels = cost.shape
    some = windows or {}
    unit = cost / np.where(grid.gain > 0, grid.gain, 1.0)
    after = np.concatenate([unit[1:], np.zeros((1, channels))])
    net = unit - grid.decay * after
    held = scale[:, :, None] * grid.upper - net[:, :, None] * grid.knots
    free = np.array([c for c in range(channels) if c not in some], dtype=np.intp)
    ahead = np.zeros(grid.knots.shape)
    for t in range(periods - 1, -1, -1):
        held[t] += ahead
        ahead[free] = _best_from(held[t, free], grid.place[free], grid.part[free])
        for c, plan in some.items():
            ahead[c] = windowed(held[t, c], plan[t])
    first = np.array([_between(grid, c, ahead[c], grid.start[c]) for c in range(channels)])
    return Sweep(first + unit[0] * grid.decay * grid.start, held)


def _best_from(held: FloatArray, place: npt.NDArray[np.intp], part: FloatArray) -> FloatArray:
    """Return the largest value from decay times each knot on (C × K)."""
    best = np.maximum.accumulate(held[:, ::-1], axis=1)[:, ::-1]
    left = np.take_along_axis(best, place, axis=1)
    right = np.take_along_axis(best, np.minimum(place + 1, best.shape[1] - 1), axis=1)
    return np.where(part > 0, left + part * (right - left), left)


def _between(grid: StateGrid, channel: int, values: FloatArray, state: float) -> float:
    """Return values at the knots interpolated at a state."""
    return float(np.interp(state, grid.knots[channel], values))


def sweep_path(grid: StateGrid, found: Sweep, least: FloatArray, most: FloatArray) -> FloatArray:
    """Return the spend at today's prices (T × C) that a sweep found best; ``least`` and ``most`` bound it (T × C)."""
    periods, channels, _ = found.held.shape
    out = np.zeros((periods, channels))
    for c in range(channels):
        knots, state = grid.knots[c], float(grid.start[c])
        for t in range(periods):
            a = min(grid.decay[c] * state + grid.gain[c] * least[t, c], knots[-1])
            b = min(grid.decay[c] * state + grid.gain[c] * most[t, c], knots[-1])
            held = found.held[t, c]
            first, last = np.searchsorted(knots, a, side="left"), np.searchsorted(knots, b, side="right")
            chosen, best = a, np.interp(a, knots, held)
            if last > first:
                k = first + int(np.argmax(held[first:last]))
                chosen, best = (float(knots[k]), held[k]) if held[k] > best else (chosen, best)
            if np.interp(b, knots, held) > best:
                chosen = b
            out[t, c] = max((chosen - grid.decay[c] * state) / grid.gain[c], 0.0)
            state = chosen
    return out
