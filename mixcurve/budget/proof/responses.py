"""`DrawnResponses`: the response of channels for money, in every draw, from the curves' formulas and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from mixcurve.budget.maxima import Responses, form_problems
from mixcurve.budget.model import Model
from mixcurve.response.curves import Curve

__all__ = ["DrawnResponses"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

AT_ZERO = 1e-12
"""Response at spend 0, relative to that at the upper bound, that counts as the rounding of 0."""
FORM_ROWS = 4_000
"""Curves whose form is checked side by side, which holds memory down."""


@dataclass(frozen=True, eq=False)
class DrawnResponses:
    """The responses of a model's C channels in its D draws, for lists of T channels, named by number."""

    model: Model

    @cached_property
    def _parameters(self) -> FloatArray:
        """(C × parameters × D), so that the draws of a parameter lie side by side."""
        return np.ascontiguousarray(self.model.draws.transpose(1, 2, 0))

    @cached_property
    def _kind(self) -> IndexArray:
        number = {curve: k for k, curve in enumerate(self._kinds)}
        return np.array([number[curve] for curve in self.model.curve], dtype=np.intp)

    @cached_property
    def _kinds(self) -> list[Curve]:
        return list(dict.fromkeys(self.model.curve))

    @cached_property
    def _tiers(self) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
        """Return the starts (C × K) and prices of the tiers, and which channels have any."""
        prices = self.model.prices
        longest = max((len(tier.start) for tier in prices.values()), default=1)
        start = np.full((len(self.model.channels), longest), np.inf)
        price = np.ones_like(start)
        start[:, 0] = 0.0
        tiered = np.zeros(len(start), dtype=np.bool_)
        for c, name in enumerate(self.model.channels):
            if name in prices:
                k = len(prices[name].start)
                start[c, :k], price[c, :k] = prices[name].start, prices[name].price
                tiered[c] = True
        return start, price, tiered

    def volume(self, channel: IndexArray, money: FloatArray) -> FloatArray:
        """Return the spend at today's prices (T × k) that money (T × k) buys on each channel (T,)."""
        start, price, tiered = self._tiers
        some = np.flatnonzero(tiered[channel])
        if not len(some):
            return money
        out = money.copy()
        first = start[channel[some]]
        last = np.concatenate([first[:, 1:], np.full((len(some), 1), np.inf)], axis=1)
        x = money[some][:, :, None]
        with np.errstate(invalid="ignore"):
            part = np.minimum(x, last[:, None, :]) - np.minimum(first[:, None, :], x)
        # Tiers that a channel does not have begin at infinity and hold nothing.
        part = np.where(np.isfinite(first)[:, None, :], part, 0.0)
        out[some] = (part / price[channel[some]][:, None, :]).sum(axis=2)
        return out

    def volume_slope(self, channel: IndexArray, money: FloatArray) -> FloatArray:
        """Return the slope of the volume just below each amount of money (T,): 1 over the price paid last."""
        start, price, _ = self._tiers
        paid = np.maximum((start[channel] < money[:, None]).sum(axis=1) - 1, 0)
        return 1.0 / price[channel, paid]

    def of_volume(self, channel: IndexArray, volume: FloatArray) -> FloatArray:
        """Return the response (T × k × D) of each channel (T,) at each volume (T × k)."""
        out = np.empty((*volume.shape, self.model.draws.shape[0]))
        kind = self._kind[channel]
        for number, curve in enumerate(self._kinds):
            chosen = np.flatnonzero(kind == number)
            used = self._parameters[channel[chosen], : len(curve.names)][:, :, None, :]
            top, *shape = (used[:, p] for p in range(used.shape[1]))
            with np.errstate(over="ignore", under="ignore"):
                out[chosen] = top * curve.unit(volume[chosen][:, :, None], shape)
        return out

    def means(self, spend: FloatArray, weight: FloatArray) -> FloatArray:
        """Return the mean response of every channel (C,) for money ``spend`` (C,), the draws weighted by (D,)."""
        every = np.arange(len(spend))
        return self.of_volume(every, self.volume(every, spend[:, None]))[:, 0, :] @ weight

    def problems(self) -> Iterator[str]:
        """Yield the channels that in some draw do not rise from 0, convex first and concave after."""
        model = self.model
        every = np.arange(len(model.channels))
        most = model.upper[model.cell] * model.share
        reach = 0.5 * self.volume(every, 2.0 * most[:, None])[:, 0]
        per_pass = max(1, FORM_ROWS // len(every))
        told: set[str] = set()
        with np.errstate(all="ignore"):
            for first in range(0, len(model.draws), per_pass):
                part = model.draws[first : first + per_pass]
                k = len(part)
                responses = Responses(model.curve * k, part.reshape(-1, part.shape[2]))
                rows = np.arange(k * len(every))
                starts, ends = (responses.at(rows, x) for x in (np.zeros(len(rows)), np.tile(reach, k)))
                size = np.maximum(np.abs(ends), np.abs(part.reshape(-1, part.shape[2])[:, 0]))
                for i in np.flatnonzero(~(np.abs(starts) <= AT_ZERO * size)).tolist():
                    told.add(f"the response of '{model.channels[i % len(every)]}' is not 0 at spend 0")
                told.update(form_problems(responses, model.channels * k, np.tile(reach, k)))
        yield from sorted(told)
