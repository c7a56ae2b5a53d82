"""`FlightPlan`: when to spend, what it brings, and how much better any schedule could be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.budget.flighting.problem import FlightProblem
from mixcurve.foundations.results import Result

__all__ = ["FlightPlan", "FlightProof", "Pattern"]

FloatArray = npt.NDArray[np.float64]
SAME = 1e-4
"""Share of a value up to which two schedules count as worth the same."""
Pattern = Literal["pulse", "spread", "off"]
"""``"spread"``: spend in at least three quarters of the periods, without a break; ``"off"``: none; else ``"pulse"``."""


@dataclass(frozen=True, eq=False)
class FlightProof(Result):
    """What proves the upper bound, by weak duality: prices of the constraints that join periods or channels.

    Parameters
    ----------
    budget_price, period_price, most_price, least_price
        Of the budget, of the budget of each period (T,), of the most and the least of each channel (C,); at least 0.
    cover
        (C × 2): decay and gain of a geometric kernel that nowhere lies below the channel's; NaN where ``slopes`` serve.
    slopes
        (T × C): prices of spend after carryover, at least 0, for channels without a cover; NaN for the others.
    """

    budget_price: float
    period_price: FloatArray
    most_price: FloatArray
    least_price: FloatArray
    cover: FloatArray
    slopes: FloatArray


@dataclass(frozen=True, eq=False)
class FlightPlan(Result):
    """The best schedule found, the bound that no schedule exceeds, and the even spread beside it.

    With T periods and C channels. ``value`` is the objective over the horizon: the response (times its worth), plus the
    credit for what is left after the horizon, minus spend where the objective is profit. It includes what spend before
    the horizon still brings, ``history_value``.

    Parameters
    ----------
    spend, response
        By period and channel (T × C); the response includes what earlier spend still brings.
    upper_bound, gap
        No schedule within the bounds is worth more than ``upper_bound``; ``gap`` is ``(upper_bound - value) / value``.
    status
        ``"optimal"`` where the gap is within ``tolerance``, else ``"gap"``.
    credit
        The part of the value that is the terminal credit.
    even_spend, even_value, even_bound
        The best even spread, the same spend in every period (C,); its value; and a proven bound on every even spread's.
        Empty and NaN where the bounds allow none.
    even_totals_value
        The value if each channel's total were spread evenly, whatever its bounds per period.
    current_value
        The value of the current plan, scaled to the budget; NaN without one.
    pattern
        By channel: pulse, spread or off.
    verdict
        The answer to "pulse or spread?", with what is proven.
    value_interval, gain_interval, better_share
        Over the resamples, at ``level``: of the value, of the gain over the best even spread, and the share of
        resamples in which there is one; None without resamples. The carryover is that of the estimate throughout.
    evaluations
        How often the bound was evaluated in search of the best prices.
    """

    problem: FlightProblem
    spend: FloatArray
    response: FloatArray
    value: float
    upper_bound: float
    gap: float
    tolerance: float
    status: Literal["optimal", "gap"]
    proof: FlightProof
    credit: float
    history_value: float
    unspent: float
    even_spend: FloatArray
    even_value: float
    even_bound: float
    even_totals_value: float
    current_value: float
    pattern: dict[str, Pattern]
    verdict: str
    message: str
    value_interval: tuple[float, float] | None
    gain_interval: tuple[float, float] | None
    better_share: float | None
    level: float
    evaluations: int
    every: str = "week"
    currency: str | None = None
    response_name: str = "response"

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels' names."""
        return self.problem.channels

    @property
    def gain_over_even(self) -> float:
        """What the schedule adds over the best even spread; NaN where the bounds allow none."""
        return self.value - self.even_value

    @property
    def uneven_pays(self) -> bool:
        """Whether it is proven that no even spread is worth as much, by more than a hundredth of a percent."""
        return self.value > self.even_bound + SAME * abs(self.value)

    @property
    def schedule(self) -> Any:
        """Spend by period (rows, from 1) and channel, as a pandas frame."""
        import pandas as pd

        rows = pd.RangeIndex(1, self.problem.periods + 1, name=self.every)
        return pd.DataFrame(np.array(self.spend), index=rows, columns=list(self.channels))

    @property
    def table(self) -> Any:
        """A pandas frame with a row per channel: spend, periods on, the largest spend of one, response, pattern."""
        import pandas as pd

        periods = self.problem.periods
        even = self.even_spend * periods if len(self.even_spend) else np.full(len(self.channels), np.nan)
        return pd.DataFrame(
            {
                "spend": self.spend.sum(axis=0),
                "even_spend": even,
                "periods_on": (self.spend > 0).sum(axis=0),
                "largest": self.spend.max(axis=0),
                "response": self.response.sum(axis=0),
                "pattern": [self.pattern[c] for c in self.channels],
            },
            index=pd.Index(self.channels, name="channel"),
        )
