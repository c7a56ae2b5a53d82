"""`Frontier`: outcome, proof, shadow price and plan against budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.budget.frontier.break_even import BreakEven
from mixcurve.budget.frontier.curve import between
from mixcurve.budget.frontier.switches import Switch
from mixcurve.foundations.checks import number, spend_array
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result

__all__ = ["Frontier"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Frontier(Result):
    """The best outcome at every budget, certified at K budgets and interpolated between them. Per period.

    Parameters
    ----------
    channels
        Names (C).
    budget
        The K certified budgets, rising: those asked for, and those that were added to find switches and to make the
        interpolation good.
    asked
        Whether a budget was asked for (K).
    value, upper_bound, gap
        What the best plan found brings, what no plan exceeds, and their relative distance (K). Both rise with the
        budget.
    shadow_price
        What one more unit of budget brings within the bounds as they are (K).
    slope
        What the value gains with one more unit of budget (K): the shadow price, but where bounds move with the budget,
        as those of channels do that weak evidence holds near the present.
    spend, response
        By channel (K × C).
    money
        What the plan costs, set-up costs included (K): less than the budget where some is left unspent.
    profit
        Value of the response less money (K); empty (0) where no ``value`` was given.
    interval
        Of the value over the resamples at ``level`` (K × 2); empty (0 × 2) without resamples.
    switch
        Whether a channel switches between a budget and the next (K - 1).
    switches
        Those changes, by channel.
    precision
        The switches lie between certified budgets no further apart than this, if the search was not cut short.
    doubt
        The largest error of the interpolation between budgets that it is estimated to have, in the unit of the value.
    current
        What the current plan costs.
    break_even
        The most profitable budget and the break-even budget; None where no ``value`` was given.
    complete
        Whether every switch was located to the precision and the interpolation reached the tolerance.
    """

    channels: tuple[str, ...]
    budget: FloatArray
    asked: BoolArray
    value: FloatArray
    upper_bound: FloatArray
    gap: FloatArray
    shadow_price: FloatArray
    slope: FloatArray
    spend: FloatArray
    response: FloatArray
    money: FloatArray
    profit: FloatArray
    interval: FloatArray
    switch: BoolArray
    switches: tuple[Switch, ...]
    precision: float
    doubt: float
    current: float
    break_even: BreakEven | None
    complete: bool
    level: float
    tolerance: float
    objective: str
    message: str
    every: str = "week"
    currency: str | None = None
    response_name: str = "response"

    def value_at(self, budget: npt.ArrayLike) -> FloatArray:
        """Return the value at any budget within the range, in the shape given.

        Interpolated from certified values and slopes (see `mixcurve.budget.frontier.curve`); `bound_at` is
        proven.
        """
        return between(self._within(budget), self.budget, self.value, self.slope, self.switch)

    def profit_at(self, budget: npt.ArrayLike) -> FloatArray:
        """Return the profit at any budget within the range, in the shape given.

        The value there, times what a unit of it is worth, less the money; these two mixed from the budgets beside it.
        """
        if not len(self.profit):
            raise InputError(
                "This frontier knows no profit: make it with value, what a unit of response is worth."
            )
        x, earns = self._within(budget), self.value > 0
        worth = (self.profit + self.money)[earns] / self.value[earns]
        each = np.interp(x, self.budget[earns], worth) if earns.any() else 0.0
        return self.value_at(x) * each - np.interp(x, self.budget, self.money)

    def bound_at(self, budget: npt.ArrayLike) -> FloatArray:
        """Return a proven bound at any budget within the range: that of the next certified budget, as value rises."""
        return self.upper_bound[np.searchsorted(self.budget, self._within(budget), side="left")]

    def spend_at(self, budget: float) -> dict[str, float]:
        """Return a plan for any budget within the range: the certified ones beside it, mixed in proportion.

        Where a channel switches between the two, that of the smaller budget, which leaves some money unspent.
        """
        x = float(self._within(number("budget", budget)))
        k = min(int(np.searchsorted(self.budget, x, side="right")) - 1, len(self.switch) - 1)
        share = (x - self.budget[k]) / (self.budget[k + 1] - self.budget[k])
        share = float(share == 1.0) if self.switch[k] else share
        plan = (1.0 - share) * self.spend[k] + share * self.spend[k + 1]
        return dict(zip(self.channels, plan.tolist(), strict=True))

    def _within(self, budget: npt.ArrayLike) -> FloatArray:
        x = spend_array("budget", budget)
        low, high = self.budget[0], self.budget[-1]
        if np.any((x < low) | (x > high)):
            outside = x[(x < low) | (x > high)][0]
            raise InputError(
                f"budget must lie within the frontier, {low:,.6g} to {high:,.6g}, got {outside:,.6g}. "
                "Make the frontier with budgets that reach it."
            )
        return x

    @property
    def table(self) -> Any:
        """A pandas frame with a row per certified budget: value, bound, gap, shadow price, profit, spend by channel."""
        import pandas as pd

        columns = {
            "budget": self.budget,
            "value": self.value,
            "upper_bound": self.upper_bound,
            "gap": self.gap,
            "shadow_price": self.shadow_price,
            "money": self.money,
        }
        columns |= {"profit": self.profit} if len(self.profit) else {}
        if len(self.interval):
            columns |= {"low": self.interval[:, 0], "high": self.interval[:, 1]}
        columns |= {f"spend {c}": self.spend[:, i] for i, c in enumerate(self.channels)}
        return pd.DataFrame(columns)

    @property
    def switch_table(self) -> Any:
        """A pandas frame with a row per switch: budget, channel, change, and its spend before and after."""
        import pandas as pd

        rows = [(s.budget, s.channel, s.change, s.spend_low, s.spend_high) for s in self.switches]
        return pd.DataFrame(rows, columns=["budget", "channel", "change", "spend_before", "spend_after"])
