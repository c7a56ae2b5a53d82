"""What a simulated market is: how each channel is asked for, the table that comes out, and the truth behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.results import Result
from mixcurve.response.carryover import Carryover
from mixcurve.response.curves import Curve
from mixcurve.response.fitted import KnownCurves
from mixcurve.tables.table import SpendTable

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CarryoverChoice", "CurveChoice", "Market", "MarketChannel", "MarketTruth", "scaled_curves"]

FloatArray = npt.NDArray[np.float64]
CurveChoice = str | Curve | tuple[str | Curve, Mapping[str, float]]
"""A curve, or a curve with some or all of its parameters by name, in units of spend and response per period."""
CarryoverChoice = str | Carryover | tuple[str | Carryover, Mapping[str, float]]
"""A carryover kernel, or a kernel with some or all of its parameters by name, in periods."""


@dataclass(frozen=True)
class MarketChannel:
    """What is known of one channel of a market to be simulated; whatever is left out is drawn or the market's.

    Parameters
    ----------
    curve
        ``"hill"``, or ``("hill", {"top": 900, "half": 40_000, "slope": 2.2})`` per period and for the whole market.
        Shape parameters that are not named are drawn from the middle of their typical ranges, relative to twice the
        mean spend.
    carryover
        ``"geometric"``, or ``("geometric", {"decay": 0.6})``.
    mean_spend
        Mean spend per period over all periods, weeks without spend included; drawn from 5,000 to 60,000.
    variation
        Standard deviation of log spend among the periods with spend.
    zero_weeks
        Share of the periods without any spend, at least 0 and below 1. They come in breaks between flights.
    flight_length
        How many periods a flight, and a break, tends to last: 1 makes them independent.
    confounding
        Correlation of log spend with demand (trend, season and holidays), above -1 and below 1.
    contribution
        Mean incremental response as a share of the baseline, from which ``top`` follows. Not beside a ``top``.

    Examples
    --------
    >>> MarketChannel(curve=("hill", {"half": 40_000.0}), zero_weeks=0.5).flight_length
    4.0
    """

    curve: CurveChoice | None = None
    carryover: CarryoverChoice | None = None
    mean_spend: float | None = None
    variation: float | None = None
    zero_weeks: float | None = None
    flight_length: float = 4.0
    confounding: float | None = None
    contribution: float | None = None


@dataclass(frozen=True, eq=False)
class MarketTruth(Result):
    """What made the responses of a simulated market. Arrays by channel are in the order of ``channels``.

    Parameters
    ----------
    channels
        Names, one per channel.
    curves
        The true curves of the whole market, a `Fitted`: ``mc.allocate(market.truth.curves, budget)`` gives the proven
        best plan. ``current`` is the mean spend per period.
    carryover, carryover_parameters
        The kernel of each channel by name, and its parameters by name.
    contributions
        (n_rows × n_channels): incremental response of each channel in each row of the table.
    baseline
        (n_rows,): response without any spend, everything in ``baseline_parts`` summed.
    baseline_parts
        Each part by name: ``"level"``, and as asked ``"trend"``, ``"season"``, ``"holidays"``, ``"price"``.
    control_effects
        Response per unit of each control, for the whole market.
    noise
        (n_rows,): response minus baseline minus contributions.
    inflection, half_saturation
        Spend per period (n_channels,); 0 for a concave curve, infinite without a ceiling.
    roi
        Incremental response over spend, summed over all rows; 0 for a channel that never spends.
    marginal
        Marginal response at the mean spend, on the curve of constant spend.
    optimal_plan
        Spend per period of the best plan for the mean budget, by channel, to within ``plan_step``.
    optimal_value, current_value
        Incremental response per period of that plan and of constant mean spend.
    plan_step
        The grid of the plan, in units of spend: the true optimum differs by at most about one step per channel.
    group_shares
        The share of the market in each group; empty without groups.
    """

    channels: tuple[str, ...]
    curves: KnownCurves
    carryover: tuple[str, ...]
    carryover_parameters: tuple[dict[str, float], ...]
    contributions: FloatArray
    baseline: FloatArray
    baseline_parts: dict[str, FloatArray]
    control_effects: dict[str, float]
    noise: FloatArray
    inflection: FloatArray
    half_saturation: FloatArray
    roi: FloatArray
    marginal: FloatArray
    optimal_plan: dict[str, float]
    optimal_value: float
    current_value: float
    plan_step: float
    group_shares: dict[str, float]

    @property
    def gain(self) -> float:
        """The share by which the optimal plan lifts the response of constant mean spend; 0 without response."""
        return self.optimal_value / self.current_value - 1.0 if self.current_value > 0 else 0.0

    def curve_parameters(self, channel: str) -> dict[str, float]:
        """Return the parameters of a channel's curve by name, for the whole market."""
        place = self.channels.index(known_name("channel", channel, self.channels))
        names = self.curves.curve[place].names
        return dict(zip(names, self.curves.draws[0, place, : len(names)].tolist(), strict=True))

    def curves_of(self, group: str) -> KnownCurves:
        """Return the true curves of one group: those of the market, scaled to the group's share of it."""
        return scaled_curves(self.curves, self.group_shares[known_name("group", group, self.group_shares)])

    @property
    def table(self) -> pd.DataFrame:
        """A pandas frame with a row per channel: the curve and all figures by channel."""
        import pandas as pd

        figures: dict[str, Any] = {
            "curve": [c.name for c in self.curves.curve],
            "carryover": list(self.carryover),
            "mean_spend": self.curves.current,
            "optimal_spend": [self.optimal_plan[c] for c in self.channels],
            "roi": self.roi,
            "marginal": self.marginal,
            "inflection": self.inflection,
            "half_saturation": self.half_saturation,
        }
        return pd.DataFrame(figures, index=pd.Index(self.channels, name="channel"))


@dataclass(frozen=True, eq=False)
class Market(Result):
    """A simulated market: the spend table as an analyst would get it, and the truth that made it."""

    table: SpendTable
    truth: MarketTruth

    def frame(self) -> pd.DataFrame:
        """Return the spend table as a pandas frame."""
        return self.table.frame()


def scaled_curves(curves: KnownCurves, share: float) -> KnownCurves:
    """Return the curves of a part of the market: ``share × f(spend / share)``, where the part holds that share."""
    draws = curves.draws.copy()
    for i, chosen in enumerate(curves.curve):
        powers = np.array([1.0, *(p.spend_power for p in chosen.parameters)])
        draws[:, i, : len(powers)] *= share**powers
    return KnownCurves(
        curves.channels, curves.curve, draws, draws[:0], curves.spend_range * share, curves.current * share,
        None, curves.every, curves.currency, curves.response_name,
    )  # fmt: skip
