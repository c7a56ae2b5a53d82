"""Schedules within all bounds, from what attains the bound: mixed, repaired, polished, then improved by channel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.flighting.ascent import polished_schedule
from mixcurve.budget.flighting.bounding import Bounding
from mixcurve.budget.flighting.course import Course
from mixcurve.budget.flighting.dual import Lowered
from mixcurve.budget.flighting.grid import StateGrid
from mixcurve.budget.flighting.rows import Rows, nearest_schedule
from mixcurve.budget.flighting.sweep import sweep, sweep_path
from mixcurve.budget.flighting.windows import windows_of

__all__ = ["best_schedule"]

FloatArray = npt.NDArray[np.float64]

CLOSE = 0.02
"""Share of the tolerance within which no further start is tried."""
QUICK = 20
"""Newton steps that tell starts apart; the best of them is polished to the end."""
WORTH_POLISHING = 0.9999
"""A plain start (even, current) is polished where it brings at least this share of the best schedule."""
SHAKES, SHAKEN = 16, 0.5
"""Further starts where the gap is still open: best schedules at prices of money moved at random, and how far (log)."""
SEED = 20_240_607
"""Of these starts, so that the same problem has the same answer."""
PASSES = 4
"""Rounds over the channels, each given its best schedule beside those of the others."""
PRICES = 12
"""Prices of money tried for a channel in such a round: halvings of an interval."""
SLACK = 1e-9
"""Share of a limit by which sums of spend may exceed it: rounding."""


@dataclass
class _Best:
    """The best schedule so far, and the bound it is measured by."""

    course: Course
    rows: Rows
    bound: float
    spend: FloatArray
    value: float

    def offer(self, spend: FloatArray, steps: int) -> None:
        polished, _ = polished_schedule(self.course, self.rows, spend, steps)
        value = self.course.value(polished)
        if value > self.value:
            self.spend, self.value = polished, value

    def gap(self) -> float:
        return (self.bound - self.value) / max(abs(self.value), np.finfo(np.float64).tiny)


def best_schedule(
    bounds: Bounding, low: Lowered, starts: Sequence[FloatArray], tolerance: float
) -> tuple[FloatArray, float]:
    """Return the best schedule found (T × C) and its value; no start, all of which keep the bounds, is better."""
    course, rows = bounds.course, bounds.rows
    first = max(starts, key=course.value)
    best = _Best(course, rows, low.best.bound, first, course.value(first))
    for wish in _wishes(low):
        schedule = nearest_schedule(course.problem, rows, wish)
        if schedule is not None:
            best.offer(schedule, QUICK)
        if best.gap() <= CLOSE * tolerance:
            break
    for start in starts:
        if course.value(start) >= WORTH_POLISHING * best.value:
            best.offer(start, QUICK)
    for wish in _shaken(bounds, low):
        if best.gap() <= tolerance:
            break
        schedule = nearest_schedule(course.problem, rows, wish)
        if schedule is not None:
            best.offer(schedule, QUICK)
    for _ in range(PASSES):
        if best.gap() <= tolerance:
            break
        before = best.value
        _by_channel(bounds, best, float(low.best.price[0]))
        if best.value <= before:
            break
    spend, _ = polished_schedule(course, rows, best.spend)
    return (spend, course.value(spend)) if course.value(spend) >= best.value else (best.spend, best.value)


def _wishes(low: Lowered) -> Iterator[FloatArray]:
    """Yield schedules near what the bound mixes: one after the other in time, the heaviest, the latest, the mean."""
    every = np.stack([one.spend for one in low.every])
    channels = np.arange(every.shape[2])
    order = np.argsort(-low.mix, axis=0)
    heavy = every[order[0], :, channels].T
    second = every[order[min(1, len(order) - 1)], :, channels].T
    share = low.mix[order[0], channels]
    both = share + (low.mix[order[1], channels] if len(order) > 1 else 0.0)
    turn = np.round(len(heavy) * share / np.maximum(both, np.finfo(np.float64).tiny))
    period = np.arange(len(heavy))[:, None]
    yield np.where(period < turn, heavy, second)
    yield np.where(period < len(heavy) - turn, second, heavy)
    yield heavy
    yield low.best.spend
    yield np.einsum("kc,ktc->tc", low.mix, every)


def _shaken(bounds: Bounding, low: Lowered) -> Iterator[FloatArray]:
    """Yield best schedules at the best prices times random factors, by channel and by period."""
    rng = np.random.default_rng(SEED)
    periods, channels = low.best.spend.shape
    cost = bounds.rows.cost(low.best.price)
    for _ in range(SHAKES):
        factor = SHAKEN * (rng.normal(size=channels) + rng.normal(size=(periods, 1))) * rng.uniform()
        yield bounds.schedule_at(cost * np.exp(factor))


def _by_channel(bounds: Bounding, best: _Best, price: float) -> None:
    """Give each channel its best schedule in what the others leave, at the best price of money for it."""
    course, rows = bounds.course, bounds.rows
    problem = course.problem
    for c in np.flatnonzero(bounds.grid.exact & bounds.by_state).tolist():
        others = best.spend.sum(axis=1) - best.spend[:, c]
        most = np.clip(
            problem.period_budgets - others, problem.period_lower[:, c], problem.period_upper[:, c]
        )
        left = min(problem.upper[c], problem.budget - others.sum())
        one = bounds.grid.of(np.array([c]))
        for spend in _channel_schedules(course, one, c, most, left, price):
            trial = best.spend.copy()
            trial[:, c] = spend
            value = course.value(trial)
            if value > best.value and np.all(rows.excess(trial) <= SLACK * np.abs(rows.limit)):
                best.spend, best.value = trial, value
    kept = nearest_schedule(problem, rows, best.spend)
    if kept is not None:
        best.value = min(best.value, course.value(kept))
        best.spend = kept
        best.offer(kept, QUICK)


def _channel_schedules(
    course: Course, grid: StateGrid, c: int, most: FloatArray, left: float, price: float
) -> Iterator[FloatArray]:
    """Yield a channel's best schedules (T,) of at most ``left`` money, at prices that close in on spending it."""
    problem = course.problem
    unit, least = problem.prices[:, c], problem.period_lower[:, c]
    made = {
        key: windows_of(grid.knots[0], grid.decay[0], grid.gain[0], *key)
        for key in zip((least / unit).tolist(), (most / unit).tolist())
    }
    windows = {0: [made[key] for key in zip((least / unit).tolist(), (most / unit).tolist())]}
    low, high, tried = 0.0, 4.0 * price, price
    for _ in range(PRICES):
        cost = ((problem.money_cost + tried) * unit - course.linear[:, c])[:, None]
        found = sweep(grid, course.scale[:, c : c + 1], cost, windows)
        spend = sweep_path(grid, found, (least / unit)[:, None], (most / unit)[:, None])[:, 0] * unit
        if spend.sum() > left:
            low = tried
        else:
            high = tried
            yield spend
        tried = 0.5 * (low + high)
