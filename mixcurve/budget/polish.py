"""The last digits of a plan: Newton's method on equal marginal responses, with the spend held at the total."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.budget.channels import Channels
from mixcurve.budget.prices import least_price

__all__ = ["polished", "without_waste"]

FloatArray = npt.NDArray[np.float64]

STEPS = 40
HALVINGS = 8
STILL = 4e-16
"""Largest relative step at which the plan has come to rest."""
NEARLY = 1e-9
"""Relative step below which a step no shorter than the one before is rounding."""
HALF_WAYS = 60
"""Halvings that find where a channel stops responding: to the last digit."""
EPS = float(np.finfo(np.float64).eps)


def polished(channels: Channels, spend: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Return a plan of the same total that is worth at least as much, at a local optimum of the channels inside bounds.

    Channels at a bound stay there. Each step solves ``f''_i dx_i - dλ = λ - f'_i, Σ dx_i = 0``; a step that lowers the
    value is halved, and given up in the end, so the plan is never worse than the one given.
    """
    x, last = spend, np.inf
    for _ in range(STEPS):
        free = np.flatnonzero((x > lower) & (x < upper))
        if len(free) < 2:
            break
        some = channels if len(free) == channels.size else channels.at(free)
        value, slope, second = some.second(x[free])
        step = _newton_step(slope, second)
        size = float(np.max(np.abs(step) / x[free]))
        if size <= STILL or (size >= last and size < NEARLY):
            break
        better = _longest_good(some, x[free], step, (lower[free], upper[free]), float(value.sum()))
        if better is None:
            break
        last, x = size, x.copy()
        x[free] = better
    return x


def _newton_step(slope: FloatArray, second: FloatArray) -> FloatArray:
    """Return the step, 0 where the curvature does not determine one."""
    if not np.all(np.isfinite(second)) or np.any(second == 0):
        return np.zeros_like(slope)
    give = 1.0 / second
    total = float(give.sum())
    if total == 0.0 or not np.isfinite(total):
        return np.zeros_like(slope)
    price = float((slope * give).sum()) / total
    return (price - slope) * give


def _longest_good(
    channels: Channels, x: FloatArray, step: FloatArray, bounds: tuple[FloatArray, FloatArray], value: float
) -> FloatArray | None:
    """Return the plan after the longest halving of the step that keeps the bounds and loses no value, or None."""
    low, high = bounds
    room = np.where(step > 0, high - x, x - low)
    size = np.abs(step)
    length = float(np.min(np.where(size > room, room, 1.0) / np.where(size > room, size, 1.0)))
    for _ in range(HALVINGS):
        moved = np.minimum(np.maximum(x + length * step, low), high)
        if float(channels.value(moved).sum()) >= value * (1.0 - 2.0 * EPS):
            return moved
        length *= 0.5
    return None


def without_waste(channels: Channels, spend: FloatArray, lower: FloatArray, total: float) -> FloatArray:
    """Return the plan without the spend whose response does not reach the last digit of the value.

    Where marginal response is below `least_price`, spend falls to where it is not, or to the lower bound.
    """
    least = least_price(channels, spend, total)
    slack = np.flatnonzero((channels.marginal(spend)[1] < least) & (spend > np.maximum(lower, channels.bend)))
    if not len(slack):
        return spend
    some = channels.at(slack)
    low, high = np.maximum(lower[slack], some.bend), spend[slack]
    for _ in range(HALF_WAYS):
        middle = 0.5 * (low + high)
        pays = some.marginal(middle)[1] >= least
        low, high = np.where(pays, middle, low), np.where(pays, high, middle)
    out = spend.copy()
    out[slack] = high
    return out
