"""The figures that a spend report's sentences are made from: each estimate with its interval, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from mixcurve.budget.constraints.words import Constraints
    from mixcurve.budget.problem import GroupOutcome
    from mixcurve.response.evidence import Finding, Grade

__all__ = [
    "BendState",
    "ChannelFacts",
    "Estimate",
    "PlanFacts",
    "estimate",
    "has_limits",
]

FloatArray = npt.NDArray[np.float64]
BendState = Literal["shown", "not shown", "none"]
"""``none``: the curve is concave by declaration and has no inflection to look for."""
LEVEL = 0.9
HELD = 0.005
"""A change below this share of the current budget counts as none."""
LITTLE = 0.01
"""A change that is worth less than this share of what the plan brings matters little."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval; a limit of None is one that the data do not give.

    ``known`` is False where no interval could be computed at all.
    """

    value: float
    low: float | None = None
    high: float | None = None
    level: float = LEVEL
    known: bool = True


@dataclass(frozen=True)
class ChannelFacts:
    """What is said of one channel. Spend and response are per period; marginal response is per unit of spend.

    ``worth`` is the response lost if this channel alone stayed at its current spend and the rest were planned anew,
    ``worth_share`` that as a share of what the plan brings; None where it was not computed or cannot stay.
    ``bounds`` are those that the plan kept to. ``near`` is why the channel stays near current spend, ``capped``
    whether it may have no more than the largest spend seen, ``tied`` whether it keeps a proportion to others,
    ``setup_cost`` what the plan pays for it beside its spend. ``objective`` is what ``worth`` counts.
    """

    name: str
    current: float
    planned: float | None
    seen: tuple[float, float]
    response: Estimate
    marginal: Estimate
    plan_response: Estimate | None
    plan_marginal: Estimate | None
    bend_state: BendState
    bend: Estimate | None
    grade: Grade | None
    findings: tuple[Finding, ...]
    binding: str
    beyond_seen: bool
    held: bool = False
    worth: float | None = None
    worth_share: float | None = None
    bounds: tuple[float, float] | None = None
    near: str = ""
    capped: bool = False
    tied: bool = False
    setup_cost: float = 0.0
    objective: str = "response"

    @property
    def change(self) -> float:
        """Planned minus current spend; 0 without a plan."""
        return 0.0 if self.planned is None else self.planned - self.current

    @property
    def moves(self) -> bool:
        """Whether the plan changes this channel's spend by more than a trifle of its own."""
        return abs(self.change) > HELD * max(self.current, self.planned or 0.0)

    @property
    def matters_little(self) -> bool:
        """Whether the plan changes this channel although keeping it would cost next to nothing."""
        return self.moves and self.worth_share is not None and self.worth_share < LITTLE

    @property
    def gives_up(self) -> bool:
        """Whether the plan takes spend away on the steep side of an S-curve: below the bend it is all or nothing."""
        if self.bend is None or self.planned is None or self.held or not self.moves:
            return False
        short = self.bend.high is None or self.current <= self.bend.high
        return short and self.change < 0 and self.planned < self.bend.value

    def has(self, code: str) -> bool:
        """Return whether the evidence has a finding with this code."""
        return any(f.code == code for f in self.findings)

    @property
    def below_seen(self) -> bool:
        """Whether the plan spends less than was ever spent."""
        return self.planned is not None and self.planned < self.seen[0] * (1.0 - HELD)


@dataclass(frozen=True)
class PlanFacts:
    """What is said of the plan as a whole, per period.

    ``total`` is what the plan costs, set-up costs included, ``unspent`` what it leaves of the budget. ``only`` is the
    name of the channel where there is but one. ``present`` says what current spend is. ``objective`` is what is
    maximised, which ``value``, ``gain``, ``upper_bound`` and ``shadow_price`` count; ``response`` is the response of
    the plan where that is something else. ``setup`` are the set-up costs of the current plan and of this one,
    ``groups`` what it does with each group and ``group_response`` what that brings, ``on`` how many channels have
    spend, and ``constraints`` what was asked.
    """

    status: str
    message: str
    total: float
    current_total: float
    moved: float
    current_value: float
    value: Estimate
    gain: Estimate
    better_share: float | None
    upper_bound: float
    gap: float
    shadow_price: Estimate
    unspent: float
    level: float
    verified: bool = False
    only: str = ""
    present: str = "present spend"
    objective: str = "response"
    response: Estimate | None = None
    setup: tuple[float, float] = (0.0, 0.0)
    groups: tuple[GroupOutcome, ...] = ()
    group_response: tuple[Estimate, ...] = ()
    on: int = 0
    constraints: Constraints | None = None

    @property
    def has_limits(self) -> bool:
        """Whether more was asked of the plan than its budget and bounds."""
        return self.constraints is not None and has_limits(self.constraints)

    @property
    def brings(self) -> Estimate:
        """The response of the plan, whatever was maximised."""
        return self.response or self.value

    @property
    def budget(self) -> float:
        """What may be spent."""
        return self.total + self.unspent

    @property
    def change(self) -> float:
        """Planned minus current total spend."""
        return self.total - self.current_total

    @property
    def same_total(self) -> bool:
        """Whether the plan spends what is spent now."""
        return abs(self.change) <= HELD * max(self.current_total, self.total)

    @property
    def saves(self) -> bool:
        """Whether the plan spends less than is spent now, so that it need not bring more."""
        return self.change < 0 and not self.same_total and self.unspent == 0

    @property
    def keeps(self) -> bool:
        """Whether the plan is the current split."""
        return self.same_total and self.moved <= HELD * max(self.current_total, self.total)


def has_limits(asked: Constraints) -> bool:
    """Return whether constraints hold more than bounds."""
    limits = (asked.most_on, asked.roi, asked.cpa, asked.mroi)
    some = asked.groups or asked.least_if_on or asked.setup_cost or asked.tied
    return bool(some) or any(limit is not None for limit in limits)


def estimate(value: float, sample: FloatArray, level: float = LEVEL) -> Estimate:
    """Return a figure with the central interval of its resamples.

    Examples
    --------
    >>> estimate(2.0, np.array([]))
    Estimate(value=2.0, low=None, high=None, level=0.9, known=False)
    """
    if not len(sample):
        return Estimate(value, level=level, known=False)
    low, high = np.quantile(sample, [0.5 - level / 2, 0.5 + level / 2])
    return Estimate(
        value, float(low) if np.isfinite(low) else None, float(high) if np.isfinite(high) else None, level
    )
