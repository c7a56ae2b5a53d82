"""What money buys where a plan was made with prices that rise with spend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from mixcurve.budget.model import PriceTiers
    from mixcurve.budget.problem import Allocation

__all__ = ["Prices", "prices_of"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Prices:
    """Tiers of prices by channel; channels without pay today's price."""

    tiers: Mapping[str, PriceTiers] = field(default_factory=dict)

    def volume(self, channels: Sequence[str], spend: FloatArray) -> FloatArray:
        """Return the spend at today's prices that spend per channel buys."""
        bought = np.array(spend, dtype=np.float64)
        for i, channel in enumerate(channels):
            if channel in self.tiers:
                bought[i] = self.tiers[channel].volume(bought[i : i + 1])[0]
        return bought

    def rate(self, channels: Sequence[str], spend: FloatArray) -> FloatArray:
        """Return how much the next unit of spend buys, per channel: 1 at today's price."""
        buys = np.ones(len(channels))
        for i, channel in enumerate(channels):
            if channel in self.tiers:
                tier = self.tiers[channel]
                buys[i] = (
                    1.0 / tier.price[max(int(np.searchsorted(tier.start, spend[i], side="right")) - 1, 0)]
                )
        return buys


def prices_of(plan: Allocation | None, channels: Sequence[str]) -> Prices:
    """Return the prices that a plan was made with.

    Examples
    --------
    >>> prices_of(None, ["tv"]).volume(["tv"], np.array([5.0])).tolist()
    [5.0]
    """
    from mixcurve.budget.constraints.amounts import price_tiers

    if plan is None or plan.constraints is None or not plan.constraints.prices:
        return Prices()
    return Prices(price_tiers(plan.constraints.prices, channels))
