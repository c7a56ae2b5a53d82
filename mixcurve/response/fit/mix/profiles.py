"""Profile intervals: how far a figure can move before the fit becomes significantly worse.

For a figure g(θ) and a value v, everything else is fitted again under a spring that pulls g to v. The solution is the
constrained optimum at the value g that it reaches, so the profile is exact there whatever the stiffness of the spring
(Bates and Watts 1988, chapter 6). All values of all figures run as one batch. A side that never becomes significantly
worse stays open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.projection import Basis, Penalty, minimise

__all__ = ["Figure", "Profile", "Start", "coordinate", "profiles", "threshold"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

STIFFNESS = 300.0
"""Curvature of the spring over that of the profile at its minimum."""
STEPS_IN_ERRORS = (0.8, 1.4, 2.0, 3.0, 5.0, 9.0)
"""Where a profile is tried, in standard errors from the estimate, before the box ends it."""
ACROSS = 7
"""Trials spread evenly over a figure's whole box, so that a second basin is met."""
TOGETHER = 96
"""Trials solved side by side: enough to share the work, few enough to stay in the processor's cache."""
LED_ERRORS = 3.0
"""Within this many standard errors a trial's start follows the covariance; beyond, only the figure is moved."""
EDGE = 1e-3
"""How near to its box, on the real line, a figure counts as having reached it."""


@dataclass(frozen=True)
class Figure:
    """A figure to profile, on the real line.

    Parameters
    ----------
    value
        ``value(theta (B × k)) -> (B,)``.
    slope
        ``slope(theta) -> (B × k)``, its derivative.
    low, high
        The figure's own box: a profile that is still below the threshold there is open.
    move
        ``move(theta_hat (k,), values (B,)) -> (B × k)``: starts at which the figure has the given values.
    own
        Positions in θ that the figure is made of: a pull on them is lifted while it is profiled.
    """

    value: Callable[[FloatArray], FloatArray]
    slope: Callable[[FloatArray], FloatArray]
    low: float
    high: float
    move: Callable[[FloatArray, FloatArray], FloatArray]
    own: tuple[int, ...] = ()


@dataclass(frozen=True)
class Profile:
    """Limits on the real line, an open side holding an infinity, and the points (value, sum of squares) behind them."""

    low: float
    high: float
    points: FloatArray


def coordinate(j: int, size: int, low: float, high: float) -> Figure:
    """Return the figure that is the j-th parameter itself."""
    unit = np.eye(size)[j]

    def move(theta: FloatArray, values: FloatArray) -> FloatArray:
        out = np.tile(theta, (len(values), 1))
        out[:, j] = values
        return out

    return Figure(
        lambda theta: theta[:, j], lambda theta: np.tile(unit, (len(theta), 1)), low, high, move, (j,)
    )


def threshold(objective: float, degrees_of_freedom: float, level: float) -> float:
    """Return the objective at which a profile interval of one figure ends: RSS (1 + F / dof)."""
    from scipy.special import fdtri

    return objective * (1.0 + float(fdtri(1, degrees_of_freedom, level)) / degrees_of_freedom)


@dataclass(frozen=True)
class Start:
    """Where profiles start: the estimate (k,), its sum of squares, the variance of θ (k × k), and the pull, if any.

    ``ridge`` is the weight of squared amplitudes and ``ridged`` what it adds at the estimate.
    """

    theta: FloatArray
    objective: float
    variance: FloatArray
    pull: Penalty | None = None
    ridge: float | FloatArray = 0.0
    ridged: float = 0.0


def profiles(
    basis: Basis, target: FloatArray, start: Start, bounds: tuple[FloatArray, FloatArray],
    figures: list[Figure], errors: FloatArray, degrees_of_freedom: float, level: float,
) -> list[Profile]:  # fmt: skip
    """Return the profile interval of every figure.

    Parameters
    ----------
    basis, target, start, bounds
        The problem (target is 1 × n), where it was solved, and its box on the real line.
    figures
        What to profile.
    errors
        A standard error for each figure, for the spacing of the trials.
    degrees_of_freedom, level
        Of the F threshold, taken above the least objective met on the figure's own profile.
    """
    estimates = [float(f.value(start.theta[None])[0]) for f in figures]
    trials = [_trial_values(f, v, float(e)) for f, v, e in zip(figures, estimates, errors, strict=True)]
    first = _solve_all(basis, target, start, bounds, figures, trials, errors)
    points = [
        np.concatenate([p, [[v, _at_estimate(start, f)]]])
        for p, v, f in zip(first, estimates, figures, strict=True)
    ]
    limits = [threshold(float(p[:, 1].min()), degrees_of_freedom, level) for p in points]
    between = [_between(p, limit) for p, limit in zip(points, limits, strict=True)]
    again = _solve_all(basis, target, start, bounds, figures, between, errors)
    joined = [np.concatenate(pair) for pair in zip(points, again, strict=True)]
    return [_closed(p, v, limit) for p, v, limit in zip(joined, estimates, limits, strict=True)]


def _at_estimate(start: Start, figure: Figure) -> float:
    """Return the objective of the figure's profile at the estimate: sum of squares and the pull on all but its own."""
    if start.pull is None:
        return start.objective
    rows, _ = start.pull(start.theta[None], np.zeros(1, dtype=np.intp))
    return start.objective + start.ridged + float((np.delete(rows[0], figure.own) ** 2).sum())


def _trial_values(figure: Figure, estimate: float, error: float) -> FloatArray:
    """Return values in steps of standard errors to both sides, and a few evenly over the figure's whole box."""
    error = error if np.isfinite(error) and error > 0 else 0.1
    centre = min(max(estimate, figure.low), figure.high)
    steps = min(error, 1.0) * np.array(STEPS_IN_ERRORS)
    values = np.concatenate([centre - steps, centre + steps, np.linspace(figure.low, figure.high, ACROSS)])
    return np.unique(values[(values >= figure.low) & (values <= figure.high)])


def _solve_all(
    basis: Basis, target: FloatArray, start: Start, bounds: tuple[FloatArray, FloatArray],
    figures: list[Figure], trials: list[FloatArray], errors: FloatArray,
) -> list[FloatArray]:  # fmt: skip
    """Return for each figure the rows (value reached, sum of squares) of its trials, solved a good many at a time."""
    error = np.minimum(np.where(np.isfinite(errors) & (errors > 0), errors, 0.1), 1.0)
    stiffness = np.sqrt(STIFFNESS * start.objective / target.shape[1]) / error
    owner = np.repeat(np.arange(len(figures)), [len(t) for t in trials])
    wanted = np.concatenate([np.empty(0), *trials])
    begin = np.concatenate(
        [
            np.empty((0, len(start.theta))),
            *(_led(f, start, t) for f, t in zip(figures, trials, strict=True) if len(t)),
        ]
    )
    reached = np.empty((len(wanted), 2))
    for first in range(0, len(wanted), TOGETHER):
        rows = slice(first, first + TOGETHER)
        springs = _Springs(figures, owner[rows], wanted[rows], stiffness[owner[rows]], start.pull)
        everywhere = np.broadcast_to(target, (len(wanted[rows]), target.shape[1]))
        found = minimise(
            basis, everywhere, begin[rows], *bounds,
            penalty=springs, ridge=start.ridge, tolerance=1e-4, max_iterations=25, newton_after=99,
        )  # fmt: skip
        value, _ = springs.figure(found.theta, np.arange(len(found.theta)))
        held = springs.stiffness * (value - springs.wanted)
        reached[rows] = np.column_stack([value, found.objective - held**2])
    return [reached[owner == i] for i in range(len(figures))]


def _led(figure: Figure, start: Start, values: FloatArray) -> FloatArray:
    """Return starts for the trials: the figure moved to its value, the rest led along by the covariance."""
    moved = figure.move(start.theta, values)
    slope = figure.slope(start.theta[None])[0]
    spread = start.variance @ slope
    size = float(slope @ spread)
    near = np.abs(values - figure.value(start.theta[None])[0])
    if size <= 0:
        return moved
    led = start.theta + np.outer(values - figure.value(start.theta[None])[0], spread / size)
    return np.where((near < LED_ERRORS * np.sqrt(size))[:, None], led, moved)


@dataclass(frozen=True)
class _Springs:
    """The springs that hold figures at their values, a row each, and the pull on every parameter not a figure's own."""

    figures: list[Figure]
    owner: IntArray
    wanted: FloatArray
    stiffness: FloatArray
    pull: Penalty | None

    def figure(self, theta: FloatArray, which: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return each row's figure and its derivative."""
        value, slope = np.empty(len(theta)), np.empty_like(theta)
        for i in np.unique(self.owner[which]):
            mine = self.owner[which] == i
            value[mine] = self.figures[i].value(theta[mine])
            slope[mine] = self.figures[i].slope(theta[mine])
        return value, slope

    def __call__(self, theta: FloatArray, which: IntArray) -> tuple[FloatArray, FloatArray]:
        value, slope = self.figure(theta, which)
        stiffness = self.stiffness[which]
        held, slope = stiffness * (value - self.wanted[which]), stiffness[:, None] * slope
        if self.pull is None:
            return held[:, None], slope[:, None, :]
        rows, slopes = self.pull(theta, which)
        lifted = np.ones_like(rows)
        for i in np.unique(self.owner[which]):
            lifted[np.ix_(self.owner[which] == i, list(self.figures[i].own))] = 0.0
        rows, slopes = rows * lifted, slopes * lifted[:, :, None]
        return np.column_stack([held, rows]), np.concatenate([slope[:, None, :], slopes], axis=1)


def _between(points: FloatArray, limit: float) -> FloatArray:
    """Return where a straight line in the root of the objective crosses the limit, between neighbouring points."""
    ordered = points[np.argsort(points[:, 0])]
    value, height = ordered[:, 0], np.sqrt(np.maximum(ordered[:, 1], 0.0)) - np.sqrt(limit)
    crossing = np.flatnonzero(height[1:] * height[:-1] < 0)
    share = height[crossing] / (height[crossing] - height[crossing + 1])
    return value[crossing] + share * (value[crossing + 1] - value[crossing])


def _closed(points: FloatArray, estimate: float, limit: float) -> Profile:
    """Return the outermost limits on both sides, so that a second basin within the threshold is covered as well."""
    ordered = points[np.argsort(points[:, 0])]
    value, height = ordered[:, 0], ordered[:, 1]
    inside = np.flatnonzero(height <= limit)
    first, last = (int(inside[0]), int(inside[-1])) if inside.size else (0, len(value) - 1)
    low = -np.inf if first == 0 else _crossing(value, height, first, first - 1, limit)
    high = np.inf if last == len(value) - 1 else _crossing(value, height, last, last + 1, limit)
    return Profile(min(low, estimate), max(high, estimate), ordered)


def _crossing(value: FloatArray, height: FloatArray, inner: int, outer: int, limit: float) -> float:
    """Return where the root of the sum of squares reaches that of the limit, on a straight line between two points."""
    a, b = np.sqrt(max(height[inner], 0.0)), np.sqrt(height[outer])
    return float(value[inner] + (np.sqrt(limit) - a) / (b - a) * (value[outer] - value[inner]))
