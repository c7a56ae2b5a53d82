"""The bound of many boxes at once: the price of money at which what is bought costs the budget.

With every curve replaced by its majorant, a price π >= 0 and m the money, the value of any plan of a box is at most

    φ(π) = π total + Σ max over the cell's range of (majorant - π m),

a convex function of π that consists of straight lines. Two of them, left and right of its least, meet at the next
price tried, until φ there is what the lines say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Priced", "priced"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

TRIES = 60
"""Prices tried: a dozen are usual."""
EVERY = 3
"""Every so often the price in the middle is tried, lest one line stay for long."""
ENOUGH = 0.02
"""The part of the tolerance to which φ is brought to its least."""


@dataclass(frozen=True, eq=False)
class Priced:
    """For N boxes: the bound (N,), minus infinity where a box holds no plan, and what is bought left and right of it.

    ``dear`` and ``cheap`` are points (N × n): at a price a little above and below the best one. The former costs at
    most the budget.
    """

    bound: FloatArray
    dear: IndexArray
    cheap: IndexArray


def priced(height: FloatArray, money: FloatArray, total: float, tolerance: FloatArray) -> Priced:
    """Return the bounds of N boxes.

    Parameters
    ----------
    height
        The majorants at P points (N × n × P), minus infinity outside the box.
    money
        Of the points (n × P), rising.
    tolerance
        Absolute, of each box (N,).
    """
    boxes = len(height)
    first = np.argmax(height > -np.inf, axis=2)
    low = _Side(height, money, total, np.zeros(boxes))
    high = _Side(height, money, total, _dearest(height, money, first))
    feasible = high.spare >= -1e-12 * total
    bound = np.where(feasible, np.minimum(low.value, high.value), -np.inf)
    active = np.flatnonzero(feasible & (low.spare < 0))
    for step in range(TRIES):
        if not len(active):
            break
        price, line = _meeting(low, high, active, step)
        found = _Side(height[active], money, total, price)
        bound[active] = np.minimum(bound[active], found.value)
        below = found.spare < 0
        low.take(active[below], found, below)
        high.take(active[~below], found, ~below)
        close = bound[active] - line <= ENOUGH * tolerance[active]
        active = active[~close]
    high.point[~feasible] = first[~feasible]
    dear = np.where((low.spare >= 0)[:, None], low.point, high.point)
    return Priced(bound, dear, low.point)


class _Side:
    """φ at one price per box, the budget left there (the slope of φ), and the points bought."""

    def __init__(self, height: FloatArray, money: FloatArray, total: float, price: FloatArray) -> None:
        gain = height - price[:, None, None] * money
        self.price = price
        self.point = np.argmax(gain, axis=2)
        best = np.take_along_axis(gain, self.point[..., None], 2)[..., 0]
        self.spare = total - money[np.arange(money.shape[0]), self.point].sum(axis=1)
        self.value = best.sum(axis=1) + price * total

    def take(self, place: IndexArray, other: _Side, rows: npt.NDArray[np.bool_]) -> None:
        """Replace some boxes."""
        self.price[place], self.value[place] = other.price[rows], other.value[rows]
        self.spare[place], self.point[place] = other.spare[rows], other.point[rows]


def _dearest(height: FloatArray, money: FloatArray, first: IndexArray) -> FloatArray:
    """Return a price at which every cell buys its cheapest point."""
    start = np.take_along_axis(height, first[..., None], 2)
    width = money - money[np.arange(money.shape[0]), first][..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(width > 0, (height - start) / width, -np.inf)
    return np.maximum(slope.max(axis=(1, 2)), 0.0) * (1.0 + 1e-9)


def _meeting(low: _Side, high: _Side, active: IndexArray, step: int) -> tuple[FloatArray, FloatArray]:
    """Return the price to try next, and the least that φ can be."""
    a, b = low.price[active], high.price[active]
    fa, fb, da, db = low.value[active], high.value[active], low.spare[active], high.spare[active]
    cross = np.clip(a + (fb - fa - db * (b - a)) / (da - db), a, b)
    line = fa + da * (cross - a)
    return (0.5 * (a + b) if step % EVERY == EVERY - 1 else cross), line
