"""Gathers the facts of a report from a fit, a plan and a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.plots.data import bend_of
from mixcurve.report.facts import LEVEL, ChannelFacts, Estimate, PlanFacts, estimate
from mixcurve.report.prices import Prices, prices_of
from mixcurve.response.fitted import Fitted, marginal_draws, response_draws

if TYPE_CHECKING:
    from mixcurve.budget.problem import Allocation
    from mixcurve.tables.table import SpendTable

__all__ = ["channel_facts", "marginal_step", "plan_facts", "present_spend"]

FloatArray = npt.NDArray[np.float64]
NEAR = 1e-9
"""Distance from a bound, relative to the budget, within which a channel counts as at its bound."""
FIRST_SPEND = 1e-3
"""Share of the largest spend seen at which an idle channel's first money is judged: at 0 itself some curves are
infinitely steep."""
LARGEST_STEP = 0.05
"""The next step of spend is at most this share of all spend."""
A_YEAR = {"day": 365, "week": 52, "month": 12, "year": 1}
SAME_MEAN = 1e-9


def _at(
    fit: Fitted, spend: FloatArray, prices: Prices, level: float = LEVEL
) -> tuple[list[Estimate], list[Estimate]]:
    """Return response and marginal response of each channel at a spend per channel."""
    largest = np.asarray(fit.spend_range)[:, 1]
    first = np.maximum(spend, FIRST_SPEND * np.where(np.isfinite(largest), largest, 0.0))
    found = []
    bought, buys = prices.volume(fit.channels, spend), prices.rate(fit.channels, first)
    looked_at = (response_draws, bought, 1.0), (marginal_draws, prices.volume(fit.channels, first), buys)
    for function, at, rate in looked_at:
        values = function(fit, at).mean(axis=0) * rate
        samples = function(fit, at, fit.resamples) * rate if len(fit.resamples) else np.empty((0, len(spend)))
        found.append([estimate(float(v), samples[:, i], level) for i, v in enumerate(values)])
    return found[0], found[1]


def channel_facts(fit: Fitted, plan: Allocation | None) -> tuple[ChannelFacts, ...]:
    """Return the facts of every channel, in the order of the fit."""
    from mixcurve.budget.worth import worth_of_changes

    current = np.array([plan.current[c] for c in fit.channels]) if plan else np.asarray(fit.current)
    prices = prices_of(plan, fit.channels)
    response, marginal = _at(fit, current, prices)
    worth = worth_of_changes(fit, plan) if plan and plan.spend and plan.objective != "custom" else {}
    planned = np.array([plan.spend[c] for c in fit.channels]) if plan and plan.spend else None
    then = _at(fit, planned, prices) if planned is not None else None
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
                worth=worth.get(name),
                worth_share=worth[name] / plan.value if plan and plan.value > 0 and name in worth else None,
                bounds=_bounds(plan, name) if plan else None,
                **_asked_of(plan, name),
            )
        )
    return tuple(found)


def _asked_of(plan: Allocation | None, channel: str) -> dict[str, Any]:
    """Return what was asked of one channel beside its bounds."""
    if plan is None:
        return {}
    ties = plan.constraints.tied if plan.constraints is not None else ()
    return {
        "near": plan.held.get(channel, ""),
        "capped": channel in plan.capped,
        "tied": any(channel in tie for tie in ties),
        "setup_cost": plan.setup_cost.get(channel, 0.0),
        "objective": plan.objective,
    }


def _bounds(plan: Allocation, channel: str) -> tuple[float, float]:
    i = plan.budget.channels.index(channel)
    return float(plan.budget.lower[i]), float(plan.budget.upper[i])


def _fixed(plan: Allocation, channel: str) -> bool:
    """Return whether the bounds leave a channel no choice but what is spent now."""
    low, high = _bounds(plan, channel)
    return low >= high * (1.0 - NEAR) and abs(plan.current[channel] - low) <= NEAR * max(
        plan.budget.total, low
    )


def _inside(plan: Allocation, channels: tuple[str, ...], spend: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which channels lie between their bounds: those share the shadow price."""
    order = [plan.budget.channels.index(c) for c in channels]
    near = NEAR * max(plan.budget.total, 1e-300)
    lower, upper = plan.budget.lower[order], plan.budget.upper[order]
    # An upper bound that is only the budget itself would rise with it.
    upper = np.where(upper < plan.budget.total - near, upper, np.inf)
    return np.asarray((spend > lower + near) & (spend < upper - near))


def _stated(value: float, limits: tuple[float, float] | None, level: float) -> Estimate:
    if limits is None:
        return Estimate(value, level=level, known=False)
    return Estimate(value, limits[0], limits[1], level)


def plan_facts(
    fit: Fitted, plan: Allocation, *, verified: bool = False, present: str = "present spend"
) -> PlanFacts:
    """Return the facts of the plan; ``present`` says what current spend is.

    The interval of the shadow price is that of the mean marginal response of the channels between their bounds.
    """
    now, then = (
        np.array([values.get(c, 0.0) for c in fit.channels]) for values in (plan.current, plan.spend)
    )
    setup = _setup(plan, fit.channels, now, then)
    money_now, money_then = now + setup[0], then + setup[1]
    total, current_total = float(money_then.sum()), float(money_now.sum())
    return PlanFacts(
        status=plan.status,
        message=plan.message,
        total=total,
        current_total=current_total,
        moved=float(np.abs(money_then - money_now).sum() - abs(total - current_total)) / 2.0,
        current_value=plan.current_value,
        value=_stated(plan.value, plan.value_interval, plan.level),
        gain=_stated(plan.gain, plan.gain_interval, plan.level),
        better_share=plan.better_share,
        upper_bound=plan.upper_bound,
        gap=plan.gap,
        shadow_price=_price(fit, plan, then),
        unspent=plan.unspent,
        level=plan.level,
        verified=verified,
        only=fit.channels[0] if len(fit.channels) == 1 else "",
        present=present,
        objective=plan.objective,
        response=None if plan.objective == "response" else _brings(fit, plan, then, fit.channels),
        setup=(float(setup[0].sum()), float(setup[1].sum())),
        groups=plan.groups,
        group_response=tuple(_brings(fit, plan, then, group.channels) for group in plan.groups),
        on=len(plan.on),
        constraints=plan.constraints,
    )


def _setup(plan: Allocation, channels: tuple[str, ...], now: FloatArray, then: FloatArray) -> FloatArray:
    """Return the set-up costs of the current plan and of this one (2 x C)."""
    asked = plan.constraints.setup_cost if plan.constraints is not None else {}
    cost = np.array([asked.get(c, 0.0) for c in channels], dtype=np.float64)
    return np.stack([np.where(spend > 0, cost, 0.0) for spend in (now, then)])


def _price(fit: Fitted, plan: Allocation, then: FloatArray) -> Estimate:
    """Return what one more unit of budget brings, with the interval of what the channels free to move bring."""
    kept_together = _joined(plan)
    free = _inside(plan, fit.channels, then) & [
        not plan.binding.get(c) and c not in kept_together for c in fit.channels
    ]
    rate = _rate(plan)
    if not (len(fit.resamples) and free.any() and plan.spend and rate) or plan.unspent:
        return Estimate(plan.shadow_price, level=plan.level, known=False)
    sample = marginal_draws(fit, then, fit.resamples)[:, free].mean(axis=1)
    return estimate(plan.shadow_price, rate[0] * sample - rate[1], plan.level)


def _rate(plan: Allocation) -> tuple[float, float] | None:
    """Return what a unit of response counts and what a unit of money costs, None where channels differ in it."""
    if plan.objective == "response":
        return 1.0, 0.0
    value = plan.constraints.value if plan.constraints is not None else None
    return (float(value), 1.0) if plan.objective == "profit" and isinstance(value, int | float) else None


def _joined(plan: Allocation) -> set[str]:
    """Return the channels whose marginal response need not be the shadow price: tied ones, and those with tiers."""
    if plan.constraints is None:
        return set()
    return {c for tie in plan.constraints.tied for c in tie} | set(plan.constraints.prices)


def _brings(fit: Fitted, plan: Allocation, then: FloatArray, channels: Sequence[str]) -> Estimate:
    """Return the response of some channels of a plan."""
    value = sum(plan.response[c] for c in channels)
    if not len(fit.resamples):
        return Estimate(value, level=plan.level, known=False)
    mine = [fit.channels.index(c) for c in channels]
    sample = response_draws(fit, prices_of(plan, fit.channels).volume(fit.channels, then), fit.resamples)
    return estimate(value, sample[:, mine].sum(axis=1), plan.level)


def marginal_step(
    channels: tuple[ChannelFacts, ...], *, response_is_money: bool, money_unit: float = 1.0
) -> float:
    """Return the amount of spend, a power of ten, whose marginal response reads as a number of two digits.

    Money that returns money is read per unit of currency. No step is above 5% of all spend, so that it is a next step
    in tables whose unit is large.

    Examples
    --------
    >>> marginal_step((), response_is_money=True)
    1.0
    """
    total = sum(max(c.current, c.planned or 0.0) for c in channels)
    total = total if total > 0 else sum(c.seen[1] for c in channels if np.isfinite(c.seen[1]))
    most = 10.0 ** np.floor(np.log10(LARGEST_STEP * total * money_unit)) if total > 0 else np.inf
    return float(min(_readable(channels, money_unit) if not response_is_money else 1.0, most)) / money_unit


def _readable(channels: tuple[ChannelFacts, ...], money_unit: float) -> float:
    """Return the amount of currency, at least 1, whose median marginal response has two digits."""
    found = [
        e.value
        for c in channels
        for e in (c.marginal, c.plan_marginal)
        if e is not None and 0 < e.value < np.inf
    ]
    if not found:
        return 1.0
    return float(10.0 ** max(0.0, np.ceil(1.0 - np.log10(np.median(found) / money_unit))))


def present_spend(table: SpendTable, fit: Fitted, current: FloatArray) -> str:
    """Return what current spend is: the mean of which periods, or that it was given.

    Examples
    --------
    >>> from mixcurve import SpendTable, response_from
    >>> table = SpendTable(
    ...     dates=np.array(["2024-01-01", "2024-01-08", "2024-01-15"], dtype="datetime64[D]"),
    ...     spend=np.array([[30.0], [20.0], [10.0]]),
    ...     response=np.array([7.0, 5.0, 4.0]),
    ...     controls=np.empty((3, 0)),
    ...     channels=("tv",),
    ... )
    >>> known = response_from({"tv": ("hill", {"top": 9, "half": 40, "slope": 2})}, current={"tv": 15.0})
    >>> present_spend(table, known, known.current)
    'the mean of the last 2 weeks'
    """
    given = f"present spend per {fit.every} as given"
    if table.group_names or any(c not in table.channels for c in fit.channels):
        return given
    spend = np.column_stack([table.spend_of(c) for c in fit.channels])[np.argsort(table.dates, kind="stable")]
    means = np.cumsum(spend[::-1], axis=0) / np.arange(1, len(spend) + 1)[:, None]
    alike = np.isclose(means, current, rtol=SAME_MEAN, atol=SAME_MEAN * float(spend.max(initial=0.0)))
    found = (np.flatnonzero(alike.all(axis=1)) + 1).tolist()
    if not found:
        return given
    usual = [A_YEAR[fit.every], len(spend)]
    count = next((n for n in usual if n in found), found[0])
    if count == len(spend):
        return f"the mean of all {count} {fit.every}s"
    return f"the mean of the last {count} {fit.every}s" if count > 1 else f"that of the last {fit.every}"
