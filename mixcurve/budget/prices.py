"""`PriceTable`: roughly how much each channel buys at a shadow price, on its concave branch; one look-up per price.

It only steers the search towards the price that spends the budget. Nothing that is proven rests on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.channels import TINY, Channels

__all__ = ["LEAST_SHARE", "PriceTable", "least_price", "price_table"]

FloatArray = npt.NDArray[np.float64]

LEAST_SHARE = 1e-12
"""The least spend in the table, as a share of a channel's upper bound: below it a channel counts as unfunded."""
CELLS = 600_000
"""About how many cells the table may have, so that ten thousand channels stay cheap."""
FEWEST, MOST = 48, 160
"""Prices in the table: enough for an interpolation within a percent, which two Newton steps make exact."""
CROWDING = 6.0
"""How strongly prices crowd around the root's own price: steps grow to some hundredfold, as the sinh of this."""


@dataclass(frozen=True, eq=False)
class PriceTable:
    """``log_spend[k, i]``: log spend of channel i at the price ``exp(log_price[k])``; prices fall with k."""

    log_price: FloatArray
    log_spend: FloatArray

    def spend(self, log_price: FloatArray) -> FloatArray:
        """Return spend (b, n) at log prices (b,), held at the ends of the table."""
        last = len(self.log_price) - 2
        k = np.minimum(np.maximum(np.searchsorted(-self.log_price, -log_price) - 1, 0), last)
        high, low = self.log_price[k], self.log_price[k + 1]
        share = np.minimum(np.maximum((high - log_price) / (high - low), 0.0), 1.0)[:, None]
        return np.exp(self.log_spend[k] * (1.0 - share) + self.log_spend[k + 1] * share)


def price_table(channels: Channels, lower: FloatArray, upper: FloatArray, total: float) -> PriceTable:
    """Return the table for spend between the bounds, with prices crowded around the one that spends ``total``."""
    count = int(np.clip(CELLS // max(channels.size, 1), FEWEST, MOST))
    floor = np.maximum(np.maximum(channels.bend, lower), LEAST_SHARE * upper)
    floor = np.maximum(np.minimum(floor, upper), LEAST_SHARE * max(total, TINY))
    share = np.linspace(0.0, 1.0, count)[:, None]
    log_floor, log_top = np.log(floor), np.log(np.maximum(upper, floor))
    log_spend = log_floor + (log_top - log_floor) * share
    slopes = np.log(np.maximum(channels.marginal(np.exp(log_spend))[1], TINY))
    slopes = np.minimum.accumulate(slopes, axis=0)
    least = np.log(least_price(channels, upper, total))
    high = max(float(slopes.max()), least) + 1.0
    coarse = np.linspace(high, least, FEWEST)
    spent = np.exp(_spend_at(coarse, slopes, log_spend)).sum(axis=1)
    centre = coarse[min(int(np.searchsorted(spent, total)), FEWEST - 1)]
    prices = _crowded(coarse[0], centre, coarse[-1], count)
    return PriceTable(prices, _spend_at(prices, slopes, log_spend))


def least_price(channels: Channels, upper: FloatArray, total: float) -> float:
    """Return the price below which money counts as without response: all of it moves no digit of the value."""
    most = float(channels.value(upper).sum())
    return max(float(np.finfo(np.float64).eps) * most / max(total, TINY), TINY)


def _crowded(high: float, centre: float, low: float, count: int) -> FloatArray:
    t = np.linspace(-1.0, 1.0, count)
    bent = np.sinh(CROWDING * t) / np.sinh(CROWDING)
    prices = np.where(t < 0, centre - (high - centre) * bent, centre - (centre - low) * bent)
    # Distinct even where the centre is an end of the range.
    return prices - np.arange(count) * 1e-9 * (high - low)


def _spend_at(log_price: FloatArray, slopes: FloatArray, log_spend: FloatArray) -> FloatArray:
    """Invert each column of ``slopes`` (falling) at each price, linearly in logs."""
    count = len(slopes)
    out = np.empty((len(log_price), slopes.shape[1]))
    if slopes.shape[1] <= 64:
        for i in range(slopes.shape[1]):
            out[:, i] = np.interp(-log_price, -slopes[:, i], log_spend[:, i])
        return out
    low = np.zeros(out.shape, dtype=np.intp)
    high = np.full(out.shape, count - 1)
    for _ in range(int(np.ceil(np.log2(count)))):
        middle = (low + high) >> 1
        steeper = np.take_along_axis(slopes, middle, 0) > log_price[:, None]
        low, high = np.where(steeper, middle, low), np.where(steeper, high, middle)
    a, b = np.take_along_axis(slopes, low, 0), np.take_along_axis(slopes, high, 0)
    share = np.clip((a - log_price[:, None]) / np.maximum(a - b, LEAST_SHARE), 0.0, 1.0)
    x, y = np.take_along_axis(log_spend, low, 0), np.take_along_axis(log_spend, high, 0)
    return x + (y - x) * share
