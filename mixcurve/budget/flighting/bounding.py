"""The proven bound of a flighting at prices of its constraints: a part per channel, by the route that is tighter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.flighting.course import Course
from mixcurve.budget.flighting.dual import Evaluation
from mixcurve.budget.flighting.grid import StateGrid, state_grid
from mixcurve.budget.flighting.rows import Rows
from mixcurve.budget.flighting.spread import spread_bound, spread_slopes
from mixcurve.budget.flighting.sweep import sweep, sweep_path
from mixcurve.budget.flighting.windows import Windows, windows_of

__all__ = ["Bounding", "Fineness", "bounding", "largest_spend", "usual_spend"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

ROUNDING = 1e-12
"""Share of its parts by which a bound is raised for the rounding of its sums."""


@dataclass(frozen=True)
class Fineness:
    """The relative distance of knots, and the straight lines in the search for slopes."""

    step: float
    segments: int


@dataclass(frozen=True, eq=False)
class Bounding:
    """What is needed to bound a problem at prices.

    Parameters
    ----------
    by_state
        Channels bounded by the dynamic programme over one state; the others by the envelope of each period (C,).
    windows
        Bounds of spend for the programme, by its channel and period.
    segments
        Straight lines that stand for an envelope in the search for its slopes.
    """

    course: Course
    rows: Rows
    grid: StateGrid
    by_state: BoolArray
    windows: dict[int, list[Windows]]
    segments: int

    def at(self, price: FloatArray) -> tuple[Evaluation, FloatArray]:
        """Return D at prices of the rows (R,), and the slopes (T × C, NaN by state) that prove the other channels."""
        part, spend, used = self._parts(self.rows.cost(price))
        whole = self.course.constant + float(part.sum()) + float(self.rows.limit @ price)
        size = float(np.abs(part).sum()) + float(np.abs(self.rows.limit) @ price) + abs(self.course.constant)
        return Evaluation(price, whole + ROUNDING * size, part, spend), used

    def schedule_at(self, money: FloatArray) -> FloatArray:
        """Return the best schedules of the channels (T × C) where money costs so much more (T × C)."""
        return self._parts(money)[1]

    def _parts(self, money: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        problem = self.course.problem
        cost = (problem.money_cost + money) * problem.prices - self.course.linear
        part, volume = np.empty(len(self.by_state)), np.zeros_like(cost)
        used = np.full(cost.shape, np.nan)
        least, most = problem.period_lower / problem.prices, problem.period_upper / problem.prices
        chosen = np.flatnonzero(self.by_state)
        if len(chosen):
            some = self.grid.of(chosen)
            found = sweep(some, self.course.scale[:, chosen], cost[:, chosen], self.windows)
            part[chosen] = found.bound
            # A path that kept bounds the programme left out would not attain its bound, nor give a plane below it.
            ends = np.full((len(cost), len(chosen)), np.inf)
            bounded = list(self.windows)
            ends[:, bounded] = most[:, chosen[bounded]]
            volume[:, chosen] = sweep_path(some, found, least[:, chosen], ends)
        for c in np.flatnonzero(~self.by_state).tolist():
            part[c], volume[:, c], used[:, c] = self._spread(c, cost[:, c], least[:, c], most[:, c])
        return part, volume * problem.prices, used

    def evaluate(self, price: FloatArray) -> Evaluation:
        """Return D at prices of the rows."""
        return self.at(price)[0]

    def _spread(
        self, c: int, cost: FloatArray, least: FloatArray, most: FloatArray
    ) -> tuple[float, FloatArray, FloatArray]:
        course, upper, knots = self.course, self.grid.upper[c], self.grid.knots[c]
        given = (upper, knots, course.scale[:, c], course.carried[:, c], course.kernel[c], cost, least, most)
        found = spread_slopes(*given, self.segments)
        slopes, volume = (np.maximum(cost, 0.0), np.zeros(len(cost))) if found is None else found
        return spread_bound(*given, slopes), volume, slopes


def largest_spend(course: Course) -> FloatArray:
    """Return the most that each channel can spend over the horizon, at today's prices (C,)."""
    problem = course.problem
    money = np.minimum(np.minimum(problem.upper, problem.budget), problem.period_upper.sum(axis=0))
    return np.asarray(money / problem.prices.min(axis=0))


def usual_spend(course: Course) -> FloatArray:
    """Return an even spread of the budget over periods and channels, at today's prices (C,)."""
    periods, channels = course.scale.shape
    even = course.problem.budget / (periods * channels) / course.problem.prices.mean(axis=0)
    return np.asarray(even)


def bounding(course: Course, rows: Rows, fineness: Fineness, by_state: BoolArray | None = None) -> Bounding:
    """Return what bounds a problem, so finely; geometric kernels go by state unless said."""
    grid = state_grid(course, largest_spend(course), usual_spend(course), fineness.step)
    chosen = grid.exact if by_state is None else by_state
    made = {i: _windows(course, grid, c) for i, c in enumerate(np.flatnonzero(chosen).tolist())}
    windows = {i: w for i, w in made.items() if w is not None}
    return Bounding(course, rows, grid, chosen, windows, fineness.segments)


def _windows(course: Course, grid: StateGrid, channel: int) -> list[Windows] | None:
    """Return a channel's windows, or None where its bounds per period say no more than the joint rows."""
    problem = course.problem
    low, high = problem.period_lower[:, channel], problem.period_upper[:, channel]
    cap = np.minimum(np.minimum(problem.period_budgets, problem.budget), problem.upper[channel])
    if not np.any(low > 0) and np.all(high >= cap):
        return None
    made: dict[tuple[float, float], Windows] = {}
    out = []
    for t in range(len(low)):
        price = problem.prices[t, channel]
        key = (low[t] / price, high[t] / price)
        if key not in made:
            made[key] = windows_of(grid.knots[channel], grid.decay[channel], grid.gain[channel], *key)
        out.append(made[key])
    return out
