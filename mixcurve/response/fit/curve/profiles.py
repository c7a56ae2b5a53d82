"""Profile intervals of any figure of many curves at once.

From the estimate each side walks outward until the deviance has risen by the threshold, then closes in: the signed root
of the rise is nearly a straight line in the figure, so few steps are needed. A side that reaches the end of its box, or
can go no further, stays open.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.curve.figures import CurveFigure
from mixcurve.response.fit.curve.problem import CurveProblem
from mixcurve.response.fit.curve.springs import Anchor, Trials, constrained_fits

__all__ = ["Limits", "profile_limits"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

FIRST_REACH, LARGEST_REACH = 0.3, 1.5
"""First step on a figure's own scale where no standard error is known, and the largest first step."""
LEAST_REACH = 1e-6
STRETCH = (1.25, 3.0)
"""By how much the distance from the estimate grows while the threshold has not been met: at least, at most."""
MET = 0.01
"""Relative error of the root of the rise at which a limit counts as met; a straight line takes the rest."""
LONGEST_STEP, SHORTER = 3.0, 0.25
"""Longest step of any parameter of φ that the covariance may lead to; how a step that went astray is shortened."""
DOUBTFUL, MOST_RELEASED = 0.6, 2
"""Root at a point meant to meet the threshold below which the point beyond is doubted, and how often it may be."""
ROUNDS = 18
STUCK = 0.05
"""A step that covers less than this share of what was asked for has met the end of what the parameters allow."""
EDGE = 1e-3
"""How near to the end of its box a figure counts as having reached it."""


@dataclass(frozen=True, eq=False)
class Limits:
    """Limits on the figure's own scale (A × F), an open side holding an infinity; ``estimate`` (A × F).

    ``trace`` lists (anchor, figure, value, root of the rise over the threshold's) of every point met, (points × 4).
    """

    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    trace: FloatArray


@dataclass
class _Sides:
    """Every side of every figure: the last point inside the threshold, the first outside, and where each stands."""

    anchor: IntArray
    figure: IntArray
    sign: FloatArray
    centre: FloatArray
    edge: FloatArray
    reach: FloatArray
    value: FloatArray  # of the inner point
    root: FloatArray
    phi: FloatArray
    back_value: FloatArray  # of the inner point before
    back_phi: FloatArray
    outer_value: FloatArray = field(default_factory=lambda: np.empty(0))
    outer_root: FloatArray = field(default_factory=lambda: np.empty(0))
    outer_phi: FloatArray = field(default_factory=lambda: np.empty(0))
    is_open: BoolArray = field(default_factory=lambda: np.empty(0, dtype=bool))
    released: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.intp))


def profile_limits(problem: CurveProblem, anchor: Anchor, figures: list[CurveFigure]) -> Limits:
    """Return the profile limits of every figure from every anchor.

    Parameters
    ----------
    problem
        The campaigns.
    anchor
        Estimates to start from, the threshold of each.
    figures
        What to profile.
    """
    count = len(anchor.phi)
    estimate = np.stack([f.value(anchor.phi, anchor.which) for f in figures], axis=1)
    sides, led = _begin(problem, anchor, figures, estimate)
    trace = [np.column_stack([sides.anchor, sides.figure, sides.centre, sides.root])]
    wanted, start = np.clip(sides.centre + sides.sign * sides.reach, *_ordered(sides)), led
    active = np.flatnonzero(~sides.is_open)
    for _ in range(ROUNDS):
        if not active.size:
            break
        mine = Trials(sides.anchor[active], sides.figure[active], sides.reach[active], wanted[active])
        value, root, phi = constrained_fits(problem, anchor, figures, mine, start[active])
        trace.append(np.column_stack([sides.anchor[active], sides.figure[active], value, root]))
        active = _advance(sides, active, wanted[active], value, root, phi)
        wanted[active], start[active] = _next(sides, active)
    ends = _ends(sides).reshape(count, len(figures), 2)
    return Limits(estimate, ends[..., 0], ends[..., 1], np.concatenate(trace))


def _begin(
    problem: CurveProblem, anchor: Anchor, figures: list[CurveFigure], estimate: FloatArray
) -> tuple[_Sides, FloatArray]:
    """Return both sides of every figure at the estimate, and starts led along by the covariance."""
    count, size = len(anchor.phi), anchor.phi.shape[1]
    slopes = np.stack([f.slope(anchor.phi, anchor.which) for f in figures], axis=1)
    spread = np.einsum("apq,afq->afp", anchor.covariance, slopes)
    variance = np.einsum("afp,afp->af", spread, slopes)
    known = np.isfinite(variance) & (variance > 0)
    # The threshold's own number of standard errors: the rise is that of the squares, the covariance that of the noise.
    errors = np.sqrt(np.where(known, variance, 0.0))
    reach = np.where(known, np.clip(errors, LEAST_REACH, LARGEST_REACH), FIRST_REACH)
    shape = (count, len(figures), 2)
    flat = lambda values: np.broadcast_to(values, shape).reshape(-1)  # noqa: E731
    sign = flat(np.array([-1.0, 1.0]))
    low = np.stack([f.low[anchor.which] for f in figures], axis=1)
    high = np.stack([f.high[anchor.which] for f in figures], axis=1)
    centre = flat(np.clip(estimate, low, high)[..., None])
    phi = np.repeat(anchor.phi, 2 * len(figures), axis=0)
    led = np.where(known[..., None], spread / np.where(known, variance, 1.0)[..., None], 0.0)
    step = np.repeat(led.reshape(-1, size), 2, axis=0) * (sign * flat(reach[..., None]))[:, None]
    # Along a ridge the covariance may lead far out of what it describes.
    step /= np.maximum(np.abs(step).max(axis=1, keepdims=True) / LONGEST_STEP, 1.0)
    rows = len(sign)
    least = flat(np.arange(count)[:, None, None])
    # A further basin starts above the best fit, by less than the threshold.
    rise = np.maximum(problem(anchor.phi, anchor.which)[0] - anchor.least, 0.0) / anchor.rise
    root = np.repeat(np.sqrt(rise), 2 * len(figures))
    edge = np.where(sign < 0, flat(low[..., None]), flat(high[..., None]))
    sides = _Sides(
        least.astype(np.intp), flat(np.arange(len(figures))[:, None]).astype(np.intp), sign.copy(), centre.copy(), edge,
        flat(reach[..., None]).copy(), centre.copy(), root, phi.copy(), centre.copy(), phi.copy(),
        np.full(rows, np.nan), np.full(rows, np.nan), phi.copy(), np.zeros(rows, dtype=bool),
        np.zeros(rows, dtype=np.intp),
    )  # fmt: skip
    # A figure that does not move with any parameter here (no bend to speak of) has no profile from this anchor.
    sides.is_open = (np.abs(edge - centre) < EDGE) | flat(~known[..., None])
    return sides, phi + step


def _ordered(sides: _Sides) -> tuple[FloatArray, FloatArray]:
    return np.minimum(sides.edge, sides.centre), np.maximum(sides.edge, sides.centre)


def _advance(
    sides: _Sides, active: IntArray, wanted: FloatArray, value: FloatArray, root: FloatArray, phi: FloatArray
) -> IntArray:
    """Take in the points reached, and return the sides that are still to be closed."""
    inside = root < 1.0
    asked = np.abs(wanted - sides.value[active])
    moved = (value - sides.value[active]) * sides.sign[active]
    bracketed = np.isfinite(sides.outer_value[active])
    astray = moved < -STUCK * asked
    ended = inside & ((np.abs(value - sides.edge[active]) < EDGE) | ((moved < STUCK * asked) & ~bracketed))
    # A trial that ends on the other side of where it began says nothing: a shorter step is tried from there.
    lost = active[astray]
    sides.reach[lost] *= SHORTER
    ended = np.where(astray, sides.reach[active] < LEAST_REACH, ended)
    forward = inside & (moved > 0)
    rows = active[forward]
    sides.back_value[rows], sides.back_phi[rows] = sides.value[rows], sides.phi[rows]
    sides.value[rows], sides.root[rows], sides.phi[rows] = value[forward], root[forward], phi[forward]
    # Between two points of one branch the root is near 1. Where it is not, the outer point was stuck in a worse fit.
    doubtful = inside & bracketed & (root < DOUBTFUL) & (sides.released[active] < MOST_RELEASED)
    rows = active[doubtful]
    sides.outer_value[rows], sides.released[rows] = np.nan, sides.released[rows] + 1
    beyond = ~inside & ~astray
    rows = active[beyond]
    sides.outer_value[rows], sides.outer_root[rows] = value[beyond], root[beyond]
    sides.outer_phi[rows] = phi[beyond]
    sides.is_open[active[ended]] = True
    close = (np.abs(root - 1.0) < MET) & ~astray
    width = np.abs(sides.outer_value[active] - sides.value[active])
    done = ended | (close & np.isfinite(sides.outer_value[active])) | (width < MET * sides.reach[active])
    return active[~done]


def _next(sides: _Sides, active: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return where to try next, and the φ to start from: further out, or between the inner and the outer point."""
    centre, value, root = sides.centre[active], sides.value[active], sides.root[active]
    outer, outer_root = sides.outer_value[active], sides.outer_root[active]
    bracketed = np.isfinite(outer)
    stretch = np.clip(1.05 / np.maximum(root, 1e-3), *STRETCH)
    further = (
        centre + np.maximum(np.abs(value - centre), 0.5 * sides.reach[active]) * stretch * sides.sign[active]
    )
    low, high = np.minimum(sides.edge, sides.centre)[active], np.maximum(sides.edge, sides.centre)[active]
    further = np.clip(further, low, high)
    share = np.clip((1.0 - root) / np.maximum(outer_root - root, 1e-12), 0.02, 0.98)
    between = value + share * (outer - value)
    gone = value - sides.back_value[active]
    pace = np.where(np.abs(gone) > 1e-12, (further - value) / np.where(np.abs(gone) > 1e-12, gone, 1.0), 0.0)
    ahead = sides.phi[active] + np.clip(pace, 0.0, 3.0)[:, None] * (
        sides.phi[active] - sides.back_phi[active]
    )
    mixed = sides.phi[active] + share[:, None] * (sides.outer_phi[active] - sides.phi[active])
    return np.where(bracketed, between, further), np.where(bracketed[:, None], mixed, ahead)


def _ends(sides: _Sides) -> FloatArray:
    """Return the limit of every side: where a straight line in the root of the rise meets the threshold."""
    closed = np.isfinite(sides.outer_value) & ~sides.is_open
    share = (1.0 - sides.root) / np.where(closed, np.maximum(sides.outer_root - sides.root, 1e-12), 1.0)
    met = sides.value + np.clip(share, 0.0, 1.0) * (sides.outer_value - sides.value)
    met = np.where(sides.sign < 0, np.minimum(met, sides.centre), np.maximum(met, sides.centre))
    return np.where(closed, met, sides.sign * np.inf)
