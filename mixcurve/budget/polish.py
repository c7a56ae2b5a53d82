"""The last digits of a plan: Newton's method on equal marginal responses, with the spend held at the total."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.budget.channels import Channels

__all__ = ["polished"]

FloatArray = npt.NDArray[np.float64]

STEPS = 40
HALVINGS = 8
STILL = 4e-16
"""Relative step at which the plan has come to rest."""
EPS = float(np.finfo(np.float64).eps)


def polished(channels: Channels, spend: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Return a plan of the same total that is worth at least as much, at a local optimum of the channels inside bounds.

    Channels at a bound stay there. Each step solves ``f''_i dx_i - dλ = λ - f'_i, Σ dx_i = 0``; a step that lowers the
    value is halved, and given up in the end, so the plan is never worse than the one given.
    """
    free = np.flatnonzero((spend > lower) & (spend < upper))
    if len(free) < 2:
        return spend
    some = channels if len(free) == channels.size else channels.at(free)
    x, low, high = spend[free], lower[free], upper[free]
    last = np.inf
    for _ in range(STEPS):
        value, slope, second = some.second(x)
        step = _newton_step(slope, second)
        if step is None:
            break
        size = float(np.max(np.abs(step) / x))
        if size >= last and size < 1e-9:
            break
        last = size
        better = _longest_good(some, x, step, low, high, float(value.sum()))
        if better is None:
            break
        x = better
        if size <= STILL:
            break
    out = spend.copy()
    out[free] = x
    return out


def _newton_step(slope: FloatArray, second: FloatArray) -> FloatArray | None:
    if not np.all(np.isfinite(second)) or np.any(second == 0):
        return None
    give = 1.0 / second
    total = give.sum()
    if total == 0 or not np.isfinite(total):
        return None
    price = (slope * give).sum() / total
    step = (price - slope) * give
    return step - step.mean() if not np.isclose(step.sum(), 0.0, atol=1e-12 * np.abs(step).sum()) else step


def _longest_good(
    channels: Channels, x: FloatArray, step: FloatArray, low: FloatArray, high: FloatArray, value: float
) -> FloatArray | None:
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(step > 0, (high - x) / step, np.where(step < 0, (low - x) / step, np.inf))
    length = min(1.0, float(room.min()))
    for _ in range(HALVINGS):
        moved = np.minimum(np.maximum(x + length * step, low), high)
        if float(channels.value(moved).sum()) >= value * (1.0 - 2.0 * EPS):
            return moved
        length *= 0.5
    return None
