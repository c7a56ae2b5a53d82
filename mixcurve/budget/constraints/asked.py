"""`Asked`: what the user asks, checked and by channel, before it becomes a `Model`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.amounts import (
    bounds_by_channel,
    per_channel,
    price_tiers,
    tied_channels,
    values_of_response,
)
from mixcurve.budget.constraints.floors import Floor, floors_of, marginal_floors
from mixcurve.budget.constraints.groups import Members, members, whole
from mixcurve.budget.constraints.units import ask_about_units
from mixcurve.budget.constraints.words import Constraints
from mixcurve.budget.model import PriceTiers
from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError
from mixcurve.response.fitted import Fitted

__all__ = ["Asked", "asked_of"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Asked:
    """C channels. Amounts are spend per period; ``total`` and the limits of groups are money, set-up costs included.

    Parameters
    ----------
    total
        The budget.
    current
        The current plan (C).
    lower, upper
        The user's bounds on spend (C), and under ``source`` the word each pair comes from, ``""`` for none.
    least_on, setup
        The least spend where there is any, and the cost of being on (C).
    ties
        Places and shares of channels in proportion.
    groups, most_on
        Limits on money and on how many channels are on.
    value
        What a unit of response is worth by channel (C), or None.
    floors
        On ROI and CPA.
    least_marginal
        The least marginal response of a channel that is on (C), 0 for none.
    prices
        Tiers by channel.
    """

    channels: tuple[str, ...]
    total: float
    current: FloatArray
    lower: FloatArray
    upper: FloatArray
    source: tuple[str, ...]
    least_on: FloatArray
    setup: FloatArray
    ties: tuple[tuple[IndexArray, FloatArray], ...]
    groups: tuple[Members, ...]
    most_on: int | None
    value: FloatArray | None
    floors: tuple[Floor, ...]
    least_marginal: FloatArray
    prices: dict[str, PriceTiers]

    @property
    def simple(self) -> bool:
        """Whether there is nothing but the budget and bounds."""
        return not (
            self.least_on.any()
            or self.setup.any()
            or self.ties
            or self.groups
            or self.most_on is not None
            or self.floors
            or self.least_marginal.any()
            or self.prices
        )

    def money(self, spend: FloatArray) -> FloatArray:
        """Return what spend (C) costs, set-up costs included."""
        return spend + np.where(spend > 0, self.setup, 0.0)


def asked_of(fitted: Fitted, budget: float | None, words: Constraints, current: FloatArray) -> Asked:
    """Return what is asked, or raise an `InputError` that names the first argument that makes no sense.

    ``budget`` None is what the current plan costs.
    """
    names = tuple(fitted.channels)
    setup = per_channel("setup_cost", words.setup_cost, names)
    money = current + np.where(current > 0, setup, 0.0)
    total = _total(budget, float(money.sum()))
    groups = members(words.groups, names, money)
    lower, upper, source = bounds_by_channel(words, names, total, current)
    least_on = per_channel("least_if_on", words.least_if_on, names)
    ask_about_units(words, names, total, current, groups, money)
    value = values_of_response(words.value, names, groups)
    return Asked(
        channels=names,
        total=total,
        current=current,
        lower=lower,
        upper=upper,
        source=source,
        least_on=least_on,
        setup=setup,
        ties=tied_channels(words.tied, names),
        groups=groups,
        most_on=None if words.most_on is None else whole("most_on", words.most_on),
        value=value,
        floors=floors_of(words, names, groups, value),
        least_marginal=marginal_floors(words, names, groups, value),
        prices=price_tiers(words.prices, names),
    )


def _total(budget: float | None, now: float) -> float:
    remedy = "Give the most that may be spent in a period, in the unit of spend."
    if budget is not None:
        return number("budget", budget, low=0.0, remedy=remedy)
    if now <= 0:
        raise InputError(
            f"budget is needed: the current plan, whose cost it would be, spends nothing. {remedy}"
        )
    return now
