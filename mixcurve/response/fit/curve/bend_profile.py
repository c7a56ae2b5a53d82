"""How far a bend could lie where the estimate has none: the profile of an inflection from no bend at all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.curve.figures import NO_BEND, CurveFigure
from mixcurve.response.fit.curve.problem import SHAPE, CurveProblem, with_amplitude
from mixcurve.response.fit.curve.profiles import Limits
from mixcurve.response.fit.curve.springs import Anchor, Trials, constrained_fits

__all__ = ["bent_limits"]

FloatArray = npt.NDArray[np.float64]

TRIALS = 9
"""Inflections tried, evenly over the log of the box."""
NONE = 1e-6
"""How near the log of an inflection lies to its floor when there is none."""


def bent_limits(problem: CurveProblem, anchor: Anchor, figures: list[CurveFigure], limits: Limits) -> Limits:
    """Return the limits with those of the inflection filled in where the estimate has no bend.

    The slope of the figure vanishes there, so nothing can walk away from it. Each trial starts from a curve with a
    typical bend at its own value; the high limit lies beyond the last trial that the data allow, the low side is open.
    """
    place = next((i for i, f in enumerate(figures) if f.name == "inflection"), None)
    if place is None:
        return limits
    concave = np.flatnonzero(limits.estimate[:, place] <= np.log(NO_BEND) + NONE)
    if not concave.size:
        return limits
    figure = figures[place]
    which = anchor.which[concave]
    values = np.linspace(figure.low[which], figure.high[which], TRIALS, axis=1)
    owner = np.repeat(concave, TRIALS)
    step = (values[:, 1] - values[:, 0]).repeat(TRIALS)
    start = _typically_bent(problem, anchor.phi[owner], anchor.which[owner], figure, values.ravel())
    trials = Trials(owner, np.full(len(owner), place), step, values.ravel())
    value, root, _ = constrained_fits(problem, anchor, figures, trials, start)
    high = limits.high.copy()
    high[concave, place] = _last_allowed(value.reshape(-1, TRIALS), root.reshape(-1, TRIALS), values[:, 0])
    low = limits.low.copy()
    low[concave, place] = -np.inf
    points = np.column_stack([owner, trials.figure, value, root])
    return Limits(limits.estimate, low, high, np.concatenate([limits.trace, points]))


def _typically_bent(
    problem: CurveProblem,
    phi: FloatArray,
    which: npt.NDArray[np.intp],
    figure: CurveFigure,
    wanted: FloatArray,
) -> FloatArray:
    """Return φ with typical pure numbers in its shape, and scales of spend that put the inflection at ``wanted``."""
    out = phi.copy()
    free = list(enumerate((p for p in problem.curve.parameters if p.free), start=SHAPE))
    for j, p in free:
        if not p.unit:
            out[:, j] = 0.5 * (p.to_real(p.typical.low) + p.to_real(p.typical.high))
    now = figure.value(out, which)
    for j, p in free:
        if p.unit:
            out[:, j] += p.spend_power * (wanted - now)
    shape = np.clip(out[:, SHAPE:], problem.low[which, SHAPE:], problem.high[which, SHAPE:])
    return with_amplitude(problem, shape, which)


def _last_allowed(value: FloatArray, root: FloatArray, least: FloatArray) -> FloatArray:
    """Return where the root of the rise crosses the threshold beyond the last value allowed, or infinity."""
    order = np.argsort(value, axis=1)
    value, root = np.take_along_axis(value, order, 1), np.take_along_axis(root, order, 1)
    allowed = root < 1.0
    last = np.where(allowed.any(axis=1), TRIALS - 1 - np.argmax(allowed[:, ::-1], axis=1), -1)
    rows, inner = np.arange(len(value)), np.maximum(last, 0)
    outer = np.minimum(inner + 1, TRIALS - 1)
    rise = np.maximum(root[rows, outer] - root[rows, inner], 1e-12)
    share = np.clip((1.0 - root[rows, inner]) / rise, 0.0, 1.0)
    crossing = value[rows, inner] + share * (value[rows, outer] - value[rows, inner])
    return np.where(last < 0, least, np.where(last == TRIALS - 1, np.inf, crossing))
