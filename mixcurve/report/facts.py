"""The figures that a spend report's sentences are made from: each estimate with its interval, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.plots.data import bend_of
from mixcurve.response.fitted import Fitted, marginal_draws, response_draws

if TYPE_CHECKING:
    from mixcurve.budget.problem import Allocation
    from mixcurve.response.evidence import Finding, Grade

__all__ = [
    "BendState",
    "ChannelFacts",
    "Estimate",
    "PlanFacts",
    "channel_facts",
    "estimate",
    "marginal_step",
    "plan_facts",
]

FloatArray = npt.NDArray[np.float64]
BendState = Literal["shown", "not shown", "none"]
"""``none``: the curve is concave by declaration and has no inflection to look for."""
LEVEL = 0.9
NEAR = 1e-9
"""Distance from a bound, relative to the budget, within which a channel counts as at its bound."""
HELD = 0.005
"""A change below this share of the current budget counts as none."""


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
    """What is said of one channel. Spend and response are per period; marginal response is per unit of spend."""

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

    @property
    def change(self) -> float:
        """Planned minus current spend; 0 without a plan."""
        return 0.0 if self.planned is None else self.planned - self.current

    @property
    def below_seen(self) -> bool:
        """Whether the plan spends less than was ever spent."""
        return self.planned is not None and self.planned < self.seen[0] * (1.0 - HELD)


@dataclass(frozen=True)
class PlanFacts:
    """What is said of the plan as a whole, per period."""

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

    @property
    def change(self) -> float:
        """Planned minus current total spend."""
        return self.total - self.current_total

    @property
    def same_total(self) -> bool:
        """Whether the plan spends what is spent now."""
        return abs(self.change) <= HELD * max(self.current_total, self.total)

    @property
    def keeps(self) -> bool:
        """Whether the plan is the current split."""
        return self.same_total and self.moved <= HELD * max(self.current_total, self.total)


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


def _at(fit: Fitted, spend: FloatArray, level: float = LEVEL) -> tuple[list[Estimate], list[Estimate]]:
    """Return response and marginal response of each channel at a spend per channel."""
    found = []
    for function in (response_draws, marginal_draws):
        values = function(fit, spend).mean(axis=0)
        samples = function(fit, spend, fit.resamples) if len(fit.resamples) else np.empty((0, len(spend)))
        found.append([estimate(float(v), samples[:, i], level) for i, v in enumerate(values)])
    return found[0], found[1]


def channel_facts(fit: Fitted, plan: Allocation | None) -> tuple[ChannelFacts, ...]:
    """Return the facts of every channel, in the order of the fit."""
    current = np.array([plan.current[c] for c in fit.channels]) if plan else np.asarray(fit.current)
    response, marginal = _at(fit, current)
    planned = np.array([plan.spend[c] for c in fit.channels]) if plan and plan.spend else None
    then = _at(fit, planned) if planned is not None else None
    found = []
    for i, name in enumerate(fit.channels):
        bend, limits = bend_of(fit, i, LEVEL)
        concave = fit.curve[i].form == "concave"
        evidence = fit.evidence[i] if fit.evidence is not None else None
        found.append(
            ChannelFacts(
                name=name,
                current=float(current[i]),
                planned=float(planned[i]) if planned is not None else None,
                seen=(float(fit.spend_range[i, 0]), float(fit.spend_range[i, 1])),
                response=response[i],
                marginal=marginal[i],
                plan_response=then[0][i] if then else None,
                plan_marginal=then[1][i] if then else None,
                bend_state="none" if concave else "shown" if bend is not None else "not shown",
                bend=Estimate(bend, *limits) if bend is not None and limits else None,
                grade=evidence.grade if evidence else None,
                findings=evidence.findings if evidence else (),
                binding=plan.binding.get(name, "") if plan else "",
                beyond_seen=bool(plan and name in plan.beyond_seen),
                held=bool(plan and _fixed(plan, name)),
            )
        )
    return tuple(found)


def _fixed(plan: Allocation, channel: str) -> bool:
    """Return whether the bounds leave a channel no choice."""
    i = plan.budget.channels.index(channel)
    return bool(plan.budget.lower[i] >= plan.budget.upper[i] * (1.0 - NEAR))


def _inside(plan: Allocation, channels: tuple[str, ...], spend: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which channels lie between their bounds: those share the shadow price."""
    order = [plan.budget.channels.index(c) for c in channels]
    near = NEAR * max(plan.budget.total, 1e-300)
    return np.asarray((spend > plan.budget.lower[order] + near) & (spend < plan.budget.upper[order] - near))


def _stated(value: float, limits: tuple[float, float] | None, level: float) -> Estimate:
    if limits is None:
        return Estimate(value, level=level, known=False)
    return Estimate(value, limits[0], limits[1], level)


def plan_facts(fit: Fitted, plan: Allocation, *, verified: bool = False) -> PlanFacts:
    """Return the facts of the plan.

    The interval of the shadow price is that of the mean marginal response of the channels between their bounds.
    """
    now, then = (
        np.array([values.get(c, 0.0) for c in fit.channels]) for values in (plan.current, plan.spend)
    )
    free = _inside(plan, fit.channels, then)
    price = Estimate(plan.shadow_price, level=plan.level, known=False)
    if len(fit.resamples) and free.any() and plan.spend:
        price = estimate(
            plan.shadow_price, marginal_draws(fit, then, fit.resamples)[:, free].mean(axis=1), plan.level
        )
    return PlanFacts(
        status=plan.status,
        message=plan.message,
        total=float(then.sum()),
        current_total=float(now.sum()),
        moved=float(np.abs(then - now).sum() - abs(then.sum() - now.sum())) / 2.0,
        current_value=plan.current_value,
        value=_stated(plan.value, plan.value_interval, plan.level),
        gain=_stated(plan.gain, plan.gain_interval, plan.level),
        better_share=plan.better_share,
        upper_bound=plan.upper_bound,
        gap=plan.gap,
        shadow_price=price,
        unspent=plan.unspent,
        level=plan.level,
        verified=verified,
    )


def marginal_step(
    channels: tuple[ChannelFacts, ...], *, response_is_money: bool, money_unit: float = 1.0
) -> float:
    """Return the amount of spend, a power of ten, whose marginal response reads as a number of two digits.

    Money that returns money is read per unit of currency.
    """
    if response_is_money:
        return 1.0 / money_unit
    found = [
        e.value
        for c in channels
        for e in (c.marginal, c.plan_marginal)
        if e is not None and 0 < e.value < np.inf
    ]
    if not found:
        return 1.0 / money_unit
    return float(10.0 ** max(0.0, np.ceil(1.0 - np.log10(np.median(found) * money_unit)))) / money_unit
