"""The relaxation on a batch of boxes: a shadow price, the plan it buys, and a proven bound.

For any price λ >= 0 and any plan x in the box that spends at most B,

    Σ f_i(x_i) <= λ B + Σ_i max over [l_i, u_i] of (f_i(x) - λ x),

so the price may be approximate while the bound is not. Each maximum is that of the lower end and of the concave
branch, where the tangent at the point found bounds what a better point could add.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mixcurve.budget.channels import TINY, Channels
from mixcurve.budget.envelope import Boxes
from mixcurve.budget.prices import LEAST_SHARE, PriceTable

__all__ = ["Relaxed", "relax"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

EPS = float(np.finfo(np.float64).eps)
MODEL_STEPS = 12
"""Halvings of the price bracket on the table before exact steps begin."""
EXACT_STEPS = 8
"""Exact Newton steps at most; three are usual."""
CLOSE = 1e-9
"""Relative error of the marginal responses at which the steps end; it enters the bound squared."""
OVERSPEND = 1e-9
"""Relative overspend that the last correction removes; a plan beyond it is not counted."""
BRACKET = 1e-6
"""Relative half-width of the bracket that shows where the concave maximum lies."""
FLATTEST = 1e-12
"""Least elasticity of marginal response, in absolute value, that a step divides by."""
ROUNDS = 30
"""Further searches, on the curves near the point found, where the table misled; one or two are usual."""
LOCAL_STEPS = 60
"""Halvings of the price bracket in these searches."""
SETTLED = 1e-7
"""Relative distance of the money spent to the total at which the search for the price has settled."""
LONGEST_STEP = 5.0
"""Longest step of log spend, so that a flat stretch cannot throw a channel out of its range."""
SAME_PRICE = 1e-9
"""Channels whose switch-on prices agree to this relative error share the money at that price."""


@dataclass(frozen=True, eq=False)
class Relaxed:
    """For b boxes: price (b), proven bound (b), plan (b, n), its value (b), and how far it lies below its envelope."""

    price: FloatArray
    bound: FloatArray
    spend: FloatArray
    value: FloatArray
    violation: FloatArray


class Prices(Protocol):
    """What each channel buys, (b, n), at log prices (b,)."""

    def spend(self, log_price: FloatArray) -> FloatArray: ...


@dataclass(frozen=True, eq=False)
class _Local:
    """The concave branch near a point: log spend is linear in log price. Exact at the point, and for power curves."""

    point: FloatArray
    log_slope: FloatArray
    steep: FloatArray
    boxes: Boxes
    total: float

    def spend(self, log_price: FloatArray) -> FloatArray:
        """Return the concave maximiser: an end of the branch if the slope there says so, else the point beyond."""
        price = np.exp(log_price)[:, None]
        inside = np.where(self.boxes.upper_slope >= price, self.boxes.upper, self.moved(log_price))
        return np.where(self.boxes.branch_slope <= price, self.boxes.branch, inside)

    def moved(self, log_price: FloatArray) -> FloatArray:
        """Return the next point to look at: Newton's, or half of the way to an end of the branch that it passes.

        Never quite 0, from which logs could not leave.
        """
        branch, upper = self.boxes.branch, self.boxes.upper
        step = np.clip((log_price[:, None] - self.log_slope) / self.steep, -LONGEST_STEP, LONGEST_STEP)
        raw = self.point * np.exp(step)
        raw = np.where(raw >= upper, np.sqrt(self.point * upper), raw)
        raw = np.where(raw <= branch, np.sqrt(self.point * branch), raw)
        least = np.maximum(branch, np.minimum(LEAST_SHARE * self.total, upper))
        return np.minimum(np.maximum(raw, least), upper)

    def error(self, log_price: FloatArray) -> FloatArray:
        """Return by how much, at most, a marginal response differs from the price at the point, in logs."""
        price = np.exp(log_price)[:, None]
        inner = (self.boxes.upper_slope < price) & (price < self.boxes.branch_slope)
        return np.where(inner, np.abs(self.log_slope - log_price[:, None]), 0.0).max(axis=1)


def _local(channels: Channels, boxes: Boxes, x: FloatArray, total: float) -> _Local:
    _, slope, second = channels.second(x)
    steep = x * second / np.maximum(slope, TINY)
    steep = np.where(np.isfinite(steep), np.minimum(steep, -FLATTEST), -1.0)
    return _Local(x, _log(slope), steep, boxes, total)


def relax(channels: Channels, table: PriceTable, boxes: Boxes, total: float) -> Relaxed:
    """Solve the relaxation on every box; each must admit a plan within the total."""
    ends = (float(table.log_price[-1]), float(table.log_price[0]))
    everything = boxes.upper.sum(axis=1) <= total
    on, low, high = _pattern(table, boxes, total, ends)
    log_price = _rough_price(table, boxes, on, low, high, total, MODEL_STEPS)
    local, log_price = _exact(channels, table, boxes, on, (low, log_price, high), total)
    for _ in range(ROUNDS):
        best, price = local.spend(log_price), np.exp(log_price)
        spend = _plan(boxes, on, best, price, total)
        settled = np.abs(spend.sum(axis=1) - total) <= SETTLED * total
        if np.all((settled & (local.error(log_price) <= CLOSE)) | everything):
            break
        on, low, high = _pattern(local, boxes, total, ends)
        log_price = _rough_price(local, boxes, on, low, high, total, LOCAL_STEPS)
        local = _local(channels, boxes, local.moved(log_price), total)
    idle = log_price <= ends[0]
    spend = np.where(idle[:, None], _bought(boxes, on, best), _levelled(boxes, on, spend, total))
    price[everything] = 0.0
    best[everything] = spend[everything] = boxes.upper[everything]
    bound = _bound(channels, boxes, price, best, total)
    response = channels.value(spend)
    within = spend.sum(axis=1) <= total * (1.0 + OVERSPEND)
    value = np.where(within, response.sum(axis=1), -np.inf)
    return Relaxed(price, bound, spend, value, _violation(boxes, spend, response))


def _bought(boxes: Boxes, on: BoolArray, spend: FloatArray) -> FloatArray:
    return np.where(on, np.minimum(np.maximum(spend, boxes.touch), boxes.upper), boxes.lower)


def _pattern(
    table: Prices, boxes: Boxes, total: float, ends: tuple[float, float]
) -> tuple[BoolArray, FloatArray, FloatArray]:
    """Return which channels are on, and between which log prices that holds: bisection over the switch-on prices."""
    order = -np.sort(-boxes.switch, axis=1)
    b, n = order.shape
    rows = np.arange(b)
    few, many = np.zeros(b, dtype=np.intp), np.full(b, n)
    while np.any(few < many):
        middle = (few + many + 1) >> 1
        at = order[rows, middle - 1]
        on = boxes.switch >= at[:, None]
        fits = _bought(boxes, on, table.spend(_log(at))).sum(axis=1) <= total
        few, many = np.where(fits, middle, few), np.where(fits, many, middle - 1)
    last = np.where(few > 0, order[rows, few - 1], np.inf)
    following = np.where(few < n, order[rows, np.minimum(few, n - 1)], 0.0)
    low = np.minimum(np.maximum(_log(following), ends[0]), ends[1])
    high = np.maximum(np.minimum(_log(last), ends[1]), low)
    return (boxes.switch >= last[:, None]) & (few > 0)[:, None], low, high


def _log(price: FloatArray) -> FloatArray:
    return np.log(np.maximum(price, TINY))


def _rough_price(
    table: Prices, boxes: Boxes, on: BoolArray, low: FloatArray, high: FloatArray, total: float, steps: int
) -> FloatArray:
    a, b = low.copy(), high.copy()
    for _ in range(steps):
        middle = 0.5 * (a + b)
        fits = _bought(boxes, on, table.spend(middle)).sum(axis=1) <= total
        a, b = np.where(fits, a, middle), np.where(fits, middle, b)
    return b if steps == LOCAL_STEPS else 0.5 * (a + b)


def _exact(
    channels: Channels,
    table: Prices,
    boxes: Boxes,
    on: BoolArray,
    prices: tuple[FloatArray, FloatArray, FloatArray],
    total: float,
) -> tuple[_Local, FloatArray]:
    """Return the concave branch near the price that spends the total, and that log price, by Newton in logs."""
    low, z, high = prices
    x = np.clip(table.spend(z), boxes.branch, boxes.upper)
    for _ in range(EXACT_STEPS):
        local = _local(channels, boxes, x, total)
        here = local.spend(z)
        rest = total - _bought(boxes, on, here).sum(axis=1)
        inner = on & (here > boxes.touch) & (here < boxes.upper)
        gain = np.where(inner, here / local.steep, 0.0).sum(axis=1)
        jump = np.where(rest > 0, low, np.where(rest < 0, high, z))
        z = np.where(gain < 0, z + rest / np.where(gain < 0, gain, -1.0), jump)
        z = np.minimum(np.maximum(z, low), high)
        x = local.moved(z)
        if np.all(local.error(z) <= CLOSE):
            break
    return local, z


def _bound(channels: Channels, boxes: Boxes, price: FloatArray, x: FloatArray, total: float) -> FloatArray:
    """Return the proven bound: the Lagrangian at the price, rounded up."""
    lam = price[:, None]
    first = boxes.branch
    left, right = np.maximum(x * (1.0 - BRACKET), first), np.minimum(x * (1.0 + BRACKET), boxes.upper)
    values, slopes = channels.marginal(np.stack([left, x, right]))
    tilt = slopes[1] - lam
    from_right = np.where(slopes[2] <= lam, right, boxes.upper) - x
    from_left = x - np.where(slopes[0] >= lam, left, first)
    concave = values[1] - lam * x + np.maximum(tilt * from_right, -tilt * from_left)
    ends = np.maximum(boxes.at_lower - lam * boxes.lower, boxes.at_upper - lam * boxes.upper)
    best = np.maximum(ends, np.where(channels.bend >= boxes.upper, -np.inf, concave))
    size = price * total + (boxes.at_upper + lam * boxes.upper).sum(axis=1)
    return price * total + best.sum(axis=1) + (64.0 + channels.size) * EPS * size


def _plan(boxes: Boxes, on: BoolArray, best: FloatArray, price: FloatArray, total: float) -> FloatArray:
    """Return a plan within the total: what the price buys, and the rest on the channels that switch at that price."""
    x = _bought(boxes, on, best)
    lam = price[:, None]
    tied = np.abs(boxes.switch - lam) <= SAME_PRICE * lam
    rest = total - x.sum(axis=1)
    room = np.where(tied & ~on, boxes.touch - boxes.lower, 0.0)
    x = x + _poured(room, np.maximum(rest, 0.0))
    spare = np.where(tied & on, np.maximum(x - boxes.lower, 0.0), 0.0)
    over = np.maximum(x.sum(axis=1) - total, 0.0)
    return x - _poured(spare[:, ::-1], np.where(over > SAME_PRICE * total, over, 0.0))[:, ::-1]


def _poured(room: FloatArray, amount: FloatArray) -> FloatArray:
    """Fill the rooms from the first on, as far as the amount goes."""
    before = np.cumsum(room, axis=1) - room
    return np.minimum(np.maximum(amount[:, None] - before, 0.0), room)


def _levelled(boxes: Boxes, on: BoolArray, x: FloatArray, total: float) -> FloatArray:
    """Spread the last small difference to the total over the channels that have room on their concave branch."""
    for _ in range(2):
        rest = total - x.sum(axis=1)
        room = np.where(on, np.where(rest[:, None] > 0, boxes.upper - x, x - boxes.touch), 0.0)
        room = np.where((x > boxes.touch) & (x < boxes.upper), np.minimum(room, x), 0.0)
        have = room.sum(axis=1)
        share = np.clip(np.where(have > 0, rest / np.where(have > 0, have, 1.0), 0.0), -1.0, 1.0)
        x = x + share[:, None] * room
    return x


def _violation(boxes: Boxes, spend: FloatArray, response: FloatArray) -> FloatArray:
    straight = (spend > boxes.lower) & (spend < boxes.touch)
    slope = np.where(straight, boxes.switch, 0.0)
    return np.where(straight, boxes.at_lower + slope * (spend - boxes.lower) - response, 0.0)
