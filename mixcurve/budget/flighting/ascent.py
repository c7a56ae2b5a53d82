"""The last digits of a schedule: Newton's method inside the bounds, never leaving them and never losing value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from mixcurve.budget.flighting.course import Course
from mixcurve.budget.flighting.rows import Rows

__all__ = ["polished_schedule"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

STEPS = 60
HALVINGS = 14
STILL = 1e-13
"""Relative gain of a step below which the schedule has come to rest."""
TIGHT = 1e-11
"""Share of its limit within which a row counts as met, and share of the budget within which spend is at a bound."""
TINY = float(np.finfo(np.float64).tiny)
FLATTEST = 1e-6
"""Least curvature of a Newton step, as a share of the largest: flatter directions would make steps without end."""
RELEASES = 6
"""Rounds in which bounds that a step would break are held again."""


@dataclass(frozen=True, eq=False)
class _Point:
    """A schedule with its value and derivatives, flat (n = T C, channel by channel)."""

    spend: FloatArray
    value: float
    slope: FloatArray
    hessian: FloatArray


def polished_schedule(
    course: Course, rows: Rows, start: FloatArray, steps: int = STEPS
) -> tuple[FloatArray, FloatArray]:
    """Return a schedule that is worth no less than ``start``, which keeps all bounds, and prices of the rows there.

    Each step solves the quadratic model of the objective with the met rows held, its curvature made negative by taking
    the size of each channel's eigenvalues, and goes as far as bounds and rows allow; what lowers the value is halved.
    """
    problem = course.problem
    low, high = (_flat(b) for b in (problem.period_lower, problem.period_upper))
    weight = np.stack([_flat(w) for w in rows.weight])
    near = TIGHT * max(problem.budget, np.finfo(np.float64).tiny)
    x, shape = _flat(start), start.shape
    price = np.zeros(len(rows.limit))
    for _ in range(steps):
        value, slope, hessian = course.second(_square(x, shape))
        point = _Point(x, value, _flat(slope), np.nan_to_num(hessian, posinf=0.0, neginf=0.0))
        met = weight @ x >= rows.limit - TIGHT * np.abs(rows.limit)
        step, price = _step(point, weight, met, (x <= low + near, x >= high - near))
        longest = _longest(x, step, low, high, weight, rows.limit)
        better = _improved(course, point, step, longest, (low, high), shape)
        if better is None:
            break
        gained = better[1] - value
        x = better[0]
        if gained <= STILL * abs(value):
            break
    return _square(x, shape), price


def _flat(values: FloatArray) -> FloatArray:
    return np.ascontiguousarray(values.T).ravel()


def _square(values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    return np.ascontiguousarray(values.reshape(shape[1], shape[0]).T)


def _step(
    point: _Point, weight: FloatArray, met: BoolArray, at: tuple[BoolArray, BoolArray]
) -> tuple[FloatArray, FloatArray]:
    """Return the Newton step and the prices of all rows; bounds are released where their price asks for it."""
    held = at[0] | at[1]
    active = met.copy()
    price = _prices(point.slope, weight, active, ~held)
    net = point.slope - price @ weight
    held &= ~((at[0] & (net > 0)) | (at[1] & (net < 0)))
    step = np.zeros(len(held))
    for _ in range(RELEASES):
        step, found = _newton(point, weight[active], ~held)
        price = np.zeros(len(weight))
        price[active] = found
        out = ~held & ((at[0] & (step < 0)) | (at[1] & (step > 0)))
        if np.any(found < 0):
            # A row with a negative price is better left: the worst first.
            active[np.flatnonzero(active)[int(np.argmin(found))]] = False
        elif not out.any():
            break
        held |= out
    step[(at[0] & (step < 0)) | (at[1] & (step > 0))] = 0.0
    return step, price


def _prices(slope: FloatArray, weight: FloatArray, active: BoolArray, free: BoolArray) -> FloatArray:
    """Return prices of the met rows that explain the slopes of free spends best, at least 0."""
    out = np.zeros(len(weight))
    if active.any() and free.any():
        out[active] = np.linalg.lstsq(weight[active][:, free].T, slope[free], rcond=None)[0]
    return np.maximum(out, 0.0)


def _newton(point: _Point, weight: FloatArray, free: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return the step over the free spends that holds the rows, and the price of each row."""
    right = np.vstack([point.slope, weight])
    out = np.zeros_like(right)
    blocks = free.reshape(len(point.hessian), -1)
    for c in np.flatnonzero(blocks.any(axis=1)).tolist():
        mine = np.flatnonzero(blocks[c])
        place = c * blocks.shape[1] + mine
        out[:, place] = _solved(point.hessian[c][np.ix_(mine, mine)], right[:, place])
    by_slope, by_row = out[0], out[1:]
    if not len(weight):
        return by_slope, np.zeros(0)
    price = np.linalg.lstsq(weight @ by_row.T, weight @ by_slope, rcond=None)[0]
    return by_slope - price @ by_row, price


def _solved(hessian: FloatArray, right: FloatArray) -> FloatArray:
    """Return each row of ``right`` times the inverse of -H, with H made negative definite where it is not."""
    try:
        factor = cho_factor(-hessian, check_finite=False)
        if np.diag(factor[0]).min() ** 2 > FLATTEST * np.abs(np.diag(hessian)).max():
            return np.asarray(cho_solve(factor, right.T, check_finite=False).T)
    except np.linalg.LinAlgError:
        pass
    values, vectors = np.linalg.eigh(hessian)
    size = np.maximum(np.abs(values), max(FLATTEST * float(np.abs(values).max()), TINY))
    return np.asarray(((right @ vectors) / size) @ vectors.T)


def _longest(
    x: FloatArray, step: FloatArray, low: FloatArray, high: FloatArray, weight: FloatArray, limit: FloatArray
) -> float:
    """Return how far a step may go, up to its whole length, before it breaks a bound or a row."""
    room = np.concatenate([np.where(step > 0, high - x, x - low), limit - weight @ x])
    speed = np.concatenate([np.abs(step), weight @ step])
    # Of rows that are met and held, rounding may leave a speed of no meaning.
    speed[len(x) :][np.abs(speed[len(x) :]) <= 1e-12 * np.abs(step).sum()] = 0.0
    going = speed > 0
    with np.errstate(over="ignore"):
        return float(min(1.0, np.min(np.maximum(room[going], 0.0) / speed[going], initial=1.0)))


def _improved(
    course: Course,
    point: _Point,
    step: FloatArray,
    longest: float,
    bounds: tuple[FloatArray, FloatArray],
    shape: tuple[int, ...],
) -> tuple[FloatArray, float] | None:
    length = longest
    for _ in range(HALVINGS):
        moved = np.clip(point.spend + length * step, *bounds)
        value = course.value(_square(moved, shape))
        if value > point.value:
            return moved, value
        length *= 0.5
    return None
