"""Concave envelopes of the channels on a box of spend, and where their straight parts end.

On [l, u] a curve that is convex up to its inflection z and concave after it has the envelope: a straight line from
(l, f(l)) to the touching point w, then the curve. w is the tangent point, or u if that comes first (then the line is
the chord), or l where the curve is concave from l on (Udell and Boyd 2013, "Maximizing a sum of sigmoids").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.channels import TINY, Channels

__all__ = ["Boxes", "boxes_from", "tangents"]

FloatArray = npt.NDArray[np.float64]

TANGENT_STEPS = 60
"""Safeguarded Newton steps for a tangent point; about five are used, bisection alone needs fifty."""
START = 1.4
"""First guess of a tangent point, over the inflection: for Hill it is between 1.3 and 2."""
TANGENT_TOLERANCE = 1e-7
"""Relative last step to a tangent point, by then far closer; its effect on the slope is of second order."""


@dataclass(frozen=True, eq=False)
class Boxes:
    """Boxes of spend (b, n) with the envelopes on them.

    ``branch`` is where the concave branch begins, ``branch_slope`` the marginal response there, the largest of the
    branch, ``upper_slope`` that at u, the smallest. ``touch`` is w, ``switch`` the slope of the straight part (infinite
    where there is none): the price below which the channel is switched on. ``at_lower`` is the response at l.
    """

    lower: FloatArray
    upper: FloatArray
    branch: FloatArray
    branch_slope: FloatArray
    upper_slope: FloatArray
    touch: FloatArray
    switch: FloatArray
    at_lower: FloatArray
    at_upper: FloatArray


def boxes_from(channels: Channels, lower: FloatArray, upper: FloatArray, tangent: FloatArray) -> Boxes:
    """Return the envelopes, given the tangent point from each lower bound (not yet cut off at the upper bound)."""
    touch = np.where(channels.bend >= upper, upper, np.minimum(np.maximum(tangent, lower), upper))
    at_lower, at_touch, at_upper = channels.value(np.stack([lower, touch, upper]))
    width = touch - lower
    straight = width > 0
    switch = np.where(straight, (at_touch - at_lower) / np.where(straight, width, 1.0), np.inf)
    branch = np.maximum(lower, np.minimum(channels.bend, upper))
    branch_slope, upper_slope = channels.marginal(np.stack([branch, upper]))[1]
    return Boxes(lower, upper, branch, branch_slope, upper_slope, touch, switch, at_lower, at_upper)


def tangents(channels: Channels, lower: FloatArray, reach: FloatArray) -> FloatArray:
    """Return where the tangent through (lower, f(lower)) touches, per channel; at most ``reach``.

    It is ``lower`` itself at or beyond the inflection. Newton's method in log t on the log of
    ``f'(t)(t - l) / (f(t) - f(l))``, which is 0 there and nearly straight for the usual curves, kept in a bracket.
    """
    searched = np.flatnonzero((lower < channels.bend) & (channels.bend < reach))
    out = np.where(lower >= channels.bend, lower, reach)
    if not len(searched):
        return out
    some = channels if len(searched) == channels.size else channels.at(searched)
    start = lower[searched]
    base = some.value(start)
    low, high = some.bend.copy(), reach[searched].copy()
    t = np.minimum(START * low, 0.5 * (low + high))
    for _ in range(TANGENT_STEPS):
        value, slope, second = some.second(t)
        width, rise, slope = t - start, np.maximum(value - base, TINY), np.maximum(slope, TINY)
        excess = np.log(slope * width / rise)
        low, high = np.where(excess > 0, t, low), np.where(excess > 0, high, t)
        turn = t * (second / slope + 1.0 / width - slope / rise)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            step = t * np.exp(np.clip(-excess / turn, -1.0, 1.0))
        moved = np.where((step >= low) & (step <= high), step, 0.5 * (low + high))
        still = np.abs(moved - t) <= TANGENT_TOLERANCE * t
        t = moved
        if np.all(still):
            break
    # Newton creeps up to the end of the range where the tangent point lies beyond it.
    out[searched] = np.where(reach[searched] - t <= 2.0 * TANGENT_TOLERANCE * t, reach[searched], t)
    return out
