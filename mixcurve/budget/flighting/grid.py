"""Knots of the carryover state, and each channel's response from above on them.

Where the kernel is geometric, w_l = gain decay^l, spend after carryover is a state of one number,

    s_t = decay s_(t-1) + gain v_t.

Any other kernel is held from above by ``gain decay^l >= w_l``, and so is its response, which rises. The knots are 0 and
a geometric sequence in which decay times a knot is a knot, so that a state without spend moves from knot to knot.
Between knots the response is at most the straight line through its values there, raised by what two tangents leave.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from mixcurve.budget.flighting.course import AT_ONCE, Course, MeanCurves
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.curves.derivatives import unit_marginal

__all__ = ["StateGrid", "geometric_cover", "kernel_covers", "state_grid"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

STEP = 0.01
"""Relative distance of neighbouring knots, about: the straight lines then miss by about 1e-5 of the response."""
REACH = 1e-6
"""The first knot above 0, as a share of an even spend: what happens below it does not matter."""
MOST_KNOTS = 4_000
ALIKE = 1e-12
"""Relative difference up to which a kernel counts as geometric."""
EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class StateGrid:
    """K knots of each of C channels.

    Parameters
    ----------
    decay, gain, start
        Of the state (C,); ``start`` is what earlier spend left.
    knots, upper
        (C × K); ``upper`` interpolates to at least the response, without season.
    place, part
        (C × K): decay times a knot lies in the cell from knot ``place`` on, at this part of it.
    exact
        Whether the state is spend after carryover itself, not above it (C,).
    """

    decay: FloatArray
    gain: FloatArray
    start: FloatArray
    knots: FloatArray
    upper: FloatArray
    place: IndexArray
    part: FloatArray
    exact: npt.NDArray[np.bool_]

    def of(self, channels: IndexArray) -> StateGrid:
        """Return the grid of some channels."""
        return StateGrid(*(getattr(self, f.name)[channels] for f in fields(self)))


def geometric_cover(lags: FloatArray) -> tuple[float, float]:
    """Return the decay and the gain of the least geometric kernel with ``gain decay^l >= w_l`` (in sum over the lags).

    Examples
    --------
    >>> geometric_cover(np.array([0.5, 0.25, 0.125]))
    (0.5, 0.5)
    """
    used = np.flatnonzero(lags > 0)
    if len(used) == 0 or used[-1] == 0:
        return 0.0, float(lags[0]) if len(lags) else 0.0
    lag, log = used.astype(np.float64), np.log(lags[used])
    ratios = (log[1:] - log[:-1]) / np.diff(lag)
    if len(ratios) == lag[-1] and np.ptp(ratios) <= ALIKE * max(1.0, float(np.abs(ratios).max())) * lag[-1]:
        return float(lags[1] / lags[0]), float(np.max(lags[used] / (lags[1] / lags[0]) ** lag))
    rates = np.linspace(0.02, 0.999, 400)
    gains = np.exp((log[:, None] - lag[:, None] * np.log(rates)).max(axis=0))
    sums = gains * (1.0 - rates ** len(lags)) / (1.0 - rates)
    best = int(np.argmin(sums))
    return float(rates[best]), float(gains[best])


def kernel_covers(course: Course) -> list[tuple[float, float]]:
    """Return decay and gain of the geometric kernel that stands for each channel's carryover, if it goes first."""
    if not course.problem.carryover_first:
        return [(0.0, 1.0)] * course.kernel.shape[0]
    return [geometric_cover(row) for row in course.problem.lag_weights()]


def state_grid(course: Course, most: FloatArray, scale: FloatArray, step: float = STEP) -> StateGrid:
    """Return the grid.

    Parameters
    ----------
    most
        The largest spend at today's prices over the horizon, by channel (C,).
    scale
        A spend per period at today's prices that is usual for each channel (C,).
    """
    channels = course.kernel.shape[0]
    cover = kernel_covers(course)
    decay, gain = (np.array(part) for part in zip(*cover, strict=True))
    lag = np.arange(course.kernel.shape[1])
    exact = np.abs(gain[:, None] * decay[:, None] ** lag - course.kernel[:, :, 0]) <= ALIKE * gain[:, None]
    start = _start(course.carried, decay)
    top = (start + gain * most) * (1.0 + 4.0 * EPS) + np.finfo(np.float64).tiny
    low = np.minimum(REACH * np.maximum(scale, np.finfo(np.float64).tiny), REACH * top)
    count = int(min(MOST_KNOTS, np.ceil(np.log(top / low).max() / step))) + 2
    ratio = _ratio(decay, np.log(top / low) / (count - 2))
    knots = top[:, None] * ratio[:, None] ** np.arange(count - 1, -1.0, -1.0)
    knots[:, 0] = 0.0
    upper = np.stack([upper_response(course.curves, c, knots[c]) for c in range(channels)])
    place, part = _image(knots, decay, ratio)
    return StateGrid(decay, gain, start, knots, upper, place, part, exact.all(axis=1))


def _start(carried: FloatArray, decay: FloatArray) -> FloatArray:
    """Return the least state before the first period from which decay alone covers what is carried in."""
    power = decay ** np.arange(1.0, len(carried) + 1.0)[:, None]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        need = np.where(carried > 0, carried / power, 0.0)
    return np.asarray(need.max(axis=0))


def _ratio(decay: FloatArray, step: FloatArray) -> FloatArray:
    """Return the ratio of a knot to the next: a root of decay near ``exp(-step)``."""
    rate = -np.log(np.maximum(decay, np.finfo(np.float64).tiny))
    return np.where(decay > 0, np.exp(-rate / np.maximum(np.round(rate / step), 1.0)), np.exp(-step))


def _image(knots: FloatArray, decay: FloatArray, ratio: FloatArray) -> tuple[IndexArray, FloatArray]:
    """Return the cell that holds decay times each knot, and where in it."""
    place = np.zeros(knots.shape, dtype=np.intp)
    part = np.zeros(knots.shape)
    for c, (row, d) in enumerate(zip(knots, decay, strict=True)):
        if d > 0:
            shift = int(np.round(np.log(d) / np.log(ratio[c])))
            index = np.arange(len(row)) - shift
            place[c] = np.maximum(index, 0)
            first = index < 1
            place[c, first] = 0
            part[c, first] = np.minimum(d * row[first] / row[1], 1.0)
    return place, part


def upper_response(curves: MeanCurves, channel: int, knots: FloatArray) -> FloatArray:
    """Return values at the knots (K,) whose interpolation is nowhere below the mean response."""
    curve, values = curves.curve[channel], curves.parameters(channel)
    total, raised = np.zeros(len(knots)), np.zeros(len(knots) - 1)
    step = max(1, AT_ONCE // len(knots))
    for start in range(0, len(values), step):
        rows = values[start : start + step]
        top, *shape = rows.T[:, :, None]
        response, slope = (top * part for part in unit_marginal(curve, knots, shape))
        bend = shape_of.inflection(curve, rows)[:, None]
        with np.errstate(invalid="ignore"):
            inner = np.where(np.isfinite(bend), bend, 0.0)
            steepest = np.where(bend < np.inf, top * unit_marginal(curve, inner, shape)[1], np.inf)
        total += response.sum(axis=0)
        raised += _above_chord(knots, response, slope, bend, steepest).sum(axis=0)
    padded = np.concatenate([[0.0], raised, [0.0]])
    above = np.maximum(padded[:-1], padded[1:])
    return (total + above) / len(values) * (1.0 + 16.0 * EPS)


def _above_chord(
    knots: FloatArray, response: FloatArray, slope: FloatArray, bend: FloatArray, steepest: FloatArray
) -> FloatArray:
    """Return how far curves, convex up to ``bend`` and concave after, may rise above their chord (draws × cells)."""
    a, b = knots[:-1], knots[1:]
    width = b - a
    chord = np.diff(response, axis=1) / np.maximum(width, np.finfo(np.float64).tiny)
    left = np.where(a >= bend, slope[:, :-1], steepest)
    # At spend 0 a formula's own derivative may be held finite.
    left[:, 0] = np.where(bend[:, 0] > 0, steepest[:, 0], np.inf)
    right = np.where(a >= bend, slope[:, 1:], np.minimum(slope[:, 1:], chord))
    over, under = left - chord, chord - right
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        peak = np.where(np.isfinite(over), over / (over + under), 1.0) * under * width
    bent = (b > bend) & (over > 0) & (under > 0)
    return np.where(bent, peak, 0.0)
