"""Interpolation of the outcome between certified budgets, from values and shadow prices.

As long as no channel switches, the best plan moves smoothly with the budget B and the shadow price is the slope of the
outcome V. A cubic with the values and the slopes at both ends (Hermite) then errs with the fourth power of the
distance. It is taken for log V against log B where both are positive, which makes it exact for powers. Where channels
switch from one plan to another, V is the larger of two smooth outcomes, and so of their tangents. The result never
leaves the values at the two ends, as V rises.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["between", "doubt"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

STEEP = 10.0
"""Slope at budget 0, over the mean slope to the next budget, beyond which the outcome starts as a power below 1."""

MOST_POWER = 10.0
"""Elasticity up to which the outcome is taken for a power of the budget; beyond, it leaves 0 at a larger budget."""
MOST_SCALE = 1.0
"""Largest factor from the error over two intervals to that of one of them: beyond, they differ too much to say."""


def between(
    x: FloatArray, budget: FloatArray, value: FloatArray, slope: FloatArray, switch: BoolArray
) -> FloatArray:
    """Return the outcome at ``x`` within the budgets.

    Parameters
    ----------
    x
        Budgets between the first and the last certified one.
    budget, value, slope
        Certified (K,), budgets rising.
    switch
        Whether a channel switches between a budget and the next (K - 1,).
    """
    left = np.clip(np.searchsorted(budget, x, side="right") - 1, 0, len(budget) - 2)
    ends = _ends(budget, value, slope, left)
    low, high = value[left], value[left + 1]
    # Only a rise of the slope tells two plans that cross from one plan whose channel meets a bound.
    crossing = switch[left] & (slope[left + 1] > slope[left])
    found = np.where(crossing, _tangents(x, *ends), _in_logs(x, *ends))
    return np.clip(found, low, np.maximum(low, high))


def doubt(budget: FloatArray, value: FloatArray, slope: FloatArray, switch: BoolArray) -> FloatArray:
    """Return the estimated error of the interpolation midway to the next budget (K - 1,), 0 where a channel switches.

    The larger of two estimates, as each may vanish by chance. One is the distance to a cubic in log B alone, whose
    error has the same order and another factor. The other leaves out the budget at either end, where no channel
    switches there, looks how far the cubic over both intervals misses it, and scales that by the fourth power of the
    distances.
    """
    left = np.arange(len(budget) - 1)
    ends = _ends(budget, value, slope, left)
    middle = 0.5 * (budget[:-1] + budget[1:])
    apart = np.abs(_in_logs(middle, *ends) - _in_log_budget(middle, *ends))
    if _steep(*(end[0] for end in ends)):
        apart[0] = _doubt_of_power(budget, value, slope)
    for side, scaled in zip(
        (slice(1, None), slice(None, -1)), _without(budget, value, slope, switch), strict=True
    ):
        apart[side] = np.maximum(apart[side], scaled)
    return np.where(switch, 0.0, apart)


def _without(
    budget: FloatArray, value: FloatArray, slope: FloatArray, switch: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Return the error of the intervals after and before each inner budget, from the cubic that leaves it out."""
    a, b, c = budget[:-2], budget[1:-1], budget[2:]
    over = _in_logs(b, a, c, value[:-2], value[2:], slope[:-2], slope[2:])
    miss = np.where(switch[:-1] | switch[1:], 0.0, np.abs(over - value[1:-1]))
    with np.errstate(divide="ignore"):
        after, before = (0.25 * (c - b) / (b - a)) ** 2, (0.25 * (b - a) / (c - b)) ** 2
    return miss * np.minimum(after, MOST_SCALE), miss * np.minimum(before, MOST_SCALE)


def _doubt_of_power(budget: FloatArray, value: FloatArray, slope: FloatArray) -> float:
    """Return how much a power law from 0 would change if its exponent moved on as it does to the next budget."""
    power = slope[1:3] * budget[1:3] / value[1:3]
    change = power[0] - power[-1] if len(power) > 1 else power[0]
    return float(value[1] * 0.5 ** power[0] * abs(np.expm1(-change * np.log(2.0))))


Ends = tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]


def _ends(budget: FloatArray, value: FloatArray, slope: FloatArray, left: npt.NDArray[np.intp]) -> Ends:
    right = left + 1
    return budget[left], budget[right], value[left], value[right], slope[left], slope[right]


def _hermite(
    x: FloatArray,
    a: FloatArray,
    b: FloatArray,
    va: FloatArray,
    vb: FloatArray,
    sa: FloatArray,
    sb: FloatArray,
) -> FloatArray:
    width = b - a
    t = (x - a) / width
    rest = 1.0 - t
    ends = va * (1.0 + 2.0 * t) * rest**2 + vb * t**2 * (3.0 - 2.0 * t)
    return ends + width * t * rest * (sa * rest - sb * t)


def _tangents(
    x: FloatArray,
    a: FloatArray,
    b: FloatArray,
    va: FloatArray,
    vb: FloatArray,
    sa: FloatArray,
    sb: FloatArray,
) -> FloatArray:
    return np.maximum(va + sa * (x - a), vb - sb * (b - x))


def _steep(
    a: FloatArray, b: FloatArray, va: FloatArray, vb: FloatArray, sa: FloatArray, sb: FloatArray
) -> BoolArray:
    """Whether the outcome leaves (0, 0) so steeply that it is a power of the budget rather than a cubic."""
    return (a == 0) & (va == 0) & (vb > 0) & ~(sa * b <= STEEP * vb)


def _power(x: FloatArray, b: FloatArray, vb: FloatArray, sb: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(vb > 0, vb * (x / b) ** (sb * b / np.where(vb > 0, vb, 1.0)), 0.0)


def _in_logs(
    x: FloatArray,
    a: FloatArray,
    b: FloatArray,
    va: FloatArray,
    vb: FloatArray,
    sa: FloatArray,
    sb: FloatArray,
) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        plain = _hermite(x, a, b, va, vb, sa, sb)
        logs = _hermite(np.log(x), np.log(a), np.log(b), np.log(va), np.log(vb), sa * a / va, sb * b / vb)
        power_like = (a > 0) & (va > 0) & (np.maximum(sa * a / va, sb * b / vb) <= MOST_POWER)
        both = np.where(power_like, np.exp(logs), plain)
    found = np.where(_steep(a, b, va, vb, sa, sb), _power(x, b, vb, sb), both)
    return np.where(np.isfinite(found), found, va + (vb - va) * (x - a) / (b - a))


def _in_log_budget(
    x: FloatArray,
    a: FloatArray,
    b: FloatArray,
    va: FloatArray,
    vb: FloatArray,
    sa: FloatArray,
    sb: FloatArray,
) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        curved = _hermite(np.log(x), np.log(a), np.log(b), va, vb, sa * a, sb * b)
    found = np.where(a > 0, curved, np.where(va == 0, _power(x, b, vb, sb), np.nan))
    return np.where(np.isfinite(found), found, va + (vb - va) * (x - a) / (b - a))
