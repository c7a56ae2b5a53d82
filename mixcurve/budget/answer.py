"""From a plan with its proof to an `Allocation`: what binds, what one more unit brings, intervals, and sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import fsum
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.asked import Asked
from mixcurve.budget.constraints.question import Question
from mixcurve.budget.outcome import draws_of, profit_of, risk_figures
from mixcurve.budget.problem import Allocation, AllocationStatus, Budget, GroupOutcome
from mixcurve.budget.reasons import full_channels, held_by, unspent_reasons

__all__ = ["AT_BOUND", "Found", "allocation", "at_own_bounds"]

FloatArray = npt.NDArray[np.float64]

AT_BOUND = 1e-9
"""Distance, relative to the budget, within which a channel counts as at its bound."""
NEAR_FLOOR = 1e-6
"""Relative distance below a floor that is told."""
UNSPENT = 1e-8
"""Share of the budget above which money counts as left over: searches end this close to it."""
MANIFOLD = 10.0
"""A gap beyond this many times a plan's value is told as the bound itself."""
ROUNDING = 1e-13
"""Share of all that the channels could bring which a bound may exceed a value by for rounding alone."""
TINY = float(np.finfo(np.float64).tiny)
BEYOND = 1e-9
"""Relative excess over the largest spend seen from which a plan counts as beyond it."""


@dataclass(frozen=True, eq=False)
class Found:
    """What a solver found, by channel of the fit (C).

    ``response`` (2 × C) are those of the current plan and of the new one; ``value``, ``current_value`` and ``bound``
    are in the unit of the objective; ``price`` is that of the budget if all of it is spent; ``size`` is what all
    responses and all money are worth at most, against which rounding is measured.
    """

    spend: FloatArray
    response: FloatArray
    marginal: FloatArray
    value: float
    current_value: float
    bound: float
    price: float
    nodes: int
    certificate: Any
    size: float = 0.0
    searches: int = 0


def allocation(question: Question, found: Found, *, tolerance: float, level: float) -> Allocation:
    """Return the allocation that was found, with the current plan beside it."""
    asked, fitted = question.asked, question.fitted
    spend, names = found.spend, asked.channels
    # The formulas hold logarithms off 0 and leave a trace of response there.
    found = replace(found, response=np.where(np.stack([asked.current, spend]) > 0, found.response, 0.0))
    gap = _gap(found)
    status: AllocationStatus = "local" if found.searches else "optimal" if gap <= tolerance else "gap"
    money = asked.money(spend)
    unspent = max(asked.total - fsum(money), 0.0)
    unspent = unspent if unspent > UNSPENT * asked.total else 0.0
    price = 0.0 if unspent else found.price
    reasons = unspent_reasons(question, spend, found.response[1]) if unspent else ()
    value_interval, gain_interval, better = _intervals(question, spend, level)
    own = at_own_bounds(question, spend, found.marginal, price)
    return Allocation(
        channels=names,
        budget=Budget(names, asked.total, question.bounds.lower, question.bounds.upper),
        spend=_by(names, spend),
        response=_by(names, found.response[1]),
        marginal=_by(names, found.marginal),
        value=found.value,
        upper_bound=found.bound,
        gap=gap,
        status=status,
        shadow_price=price,
        binding=dict(zip(names, held_by(question, spend, found.response[1], own), strict=True)),
        unspent=unspent,
        current=_by(names, asked.current),
        current_response=_by(names, found.response[0]),
        current_value=found.current_value,
        value_interval=value_interval,
        gain_interval=gain_interval,
        better_share=better,
        level=level,
        beyond_seen=_beyond(question, spend),
        certificate=found.certificate,
        nodes=found.nodes,
        message=" ".join(_sentences(question, found, gap, status, unspent, reasons)),
        every=fitted.every,
        currency=fitted.currency,
        response_name=fitted.response_name,
        unspent_reasons=reasons,
        **_asked_fields(question, found, money),
    )


def _asked_fields(question: Question, found: Found, money: FloatArray) -> dict[str, Any]:
    """Return the fields that only some questions have."""
    asked, spend = question.asked, found.spend
    paid = np.where(spend > 0, asked.setup, 0.0)
    return {
        "objective": question.goal.text,
        "risk": question.goal.risk,
        "constraints": question.words,
        "money": _by(asked.channels, money),
        "setup_cost": _by(asked.channels, paid),
        "on": tuple(c for c, x in zip(asked.channels, spend, strict=True) if x > 0),
        "held": question.evident.held,
        "capped": question.evident.capped,
        "groups": tuple(_groups(asked, spend, found.response[1])),
        "profit": profit_of(asked, spend, found.response[1]),
        "current_profit": profit_of(asked, asked.current, found.response[0]),
        "risk_figures": risk_figures(question, spend, asked.current),
    }


def _by(names: tuple[str, ...], values: FloatArray) -> dict[str, float]:
    return dict(zip(names, values.tolist(), strict=True))


def _gap(found: Found) -> float:
    excess = found.bound - found.value
    if excess <= max(TINY, ROUNDING * found.size):
        return 0.0
    worthless = abs(found.value) <= ROUNDING * found.size
    return float("inf") if worthless else excess / abs(found.value)


def at_own_bounds(question: Question, spend: FloatArray, marginal: FloatArray, price: float) -> list[str]:
    """Return which bound holds each channel; spend of 0 without a lower bound, or all the budget, is held by none."""
    lower, upper, total = question.bounds.lower, question.bounds.upper, question.asked.total
    near = AT_BOUND * max(total, 1e-300)
    low = (spend <= lower + near) & (lower > 0)
    high = (spend >= upper - near) & (upper < total - near)
    both = low & high
    low, high = low & ~(both & (marginal > price)), high & ~(both & (marginal <= price))
    return list(np.where(low, "lower bound", np.where(high, "upper bound", "")).tolist())


def _intervals(
    question: Question, spend: FloatArray, level: float
) -> tuple[tuple[float, float] | None, tuple[float, float] | None, float | None]:
    resamples = np.asarray(question.fitted.resamples)
    if not len(resamples):
        return None, None, None
    values = draws_of(question, np.stack([spend, question.asked.current]), resamples)
    gain = values[:, 0] - values[:, 1]
    ends = [0.5 - 0.5 * level, 0.5 + 0.5 * level]
    value_ends, gain_ends = np.quantile(values[:, 0], ends), np.quantile(gain, ends)
    return (
        (float(value_ends[0]), float(value_ends[1])),
        (float(gain_ends[0]), float(gain_ends[1])),
        float(np.mean(gain > 0)),
    )


def _beyond(question: Question, spend: FloatArray) -> tuple[str, ...]:
    most = np.asarray(question.fitted.spend_range)[:, 1]
    return tuple(np.array(question.asked.channels)[spend > most * (1.0 + BEYOND)].tolist())


def _groups(asked: Asked, spend: FloatArray, response: FloatArray) -> Iterator[GroupOutcome]:
    money, now = asked.money(spend), asked.money(asked.current)
    for group in asked.groups:
        mine = group.channels
        cost, gained = float(money[mine].sum()), float(response[mine].sum())
        worth = None if asked.value is None else float(asked.value[mine] @ response[mine])
        edges = ((group.most, "most"), (group.least, "least"))
        at = [word for limit, word in edges if 0 < limit < np.inf and abs(cost - limit) <= 1e-7 * limit]
        yield GroupOutcome(
            name=group.name,
            channels=tuple(asked.channels[i] for i in mine.tolist()),
            money=cost,
            current_money=float(now[mine].sum()),
            least=group.least,
            most=group.most,
            response=gained,
            roi=None if worth is None or cost <= 0 else worth / cost,
            cpa=cost / gained if gained > 0 else float("inf") if cost > 0 else 0.0,
            binding=at[0] if at else "",
        )


def _sentences(
    question: Question,
    found: Found,
    gap: float,
    status: AllocationStatus,
    unspent: float,
    reasons: tuple[str, ...],
) -> Iterator[str]:
    asked = question.asked
    yield _proof(found, gap, status)
    if question.goal.custom is None and question.goal.text != "response":
        yield f"What is maximised is the {question.goal.text}."
    if unspent:
        yield f"{unspent:,.6g} of the budget of {asked.total:,.6g} is unspent, since {_why(question, found, reasons)}."
    if question.evident.held:
        yield f"Held near current spend, for lack of evidence: {', '.join(question.evident.held)}."
    yield from question.bounds.notes
    short = (found.spend > 0) & (found.marginal < asked.least_marginal * (1.0 - NEAR_FLOOR))
    if short.any():
        below = ", ".join(np.array(asked.channels)[short].tolist())
        yield (
            f"The marginal response of {below} is below its floor: amounts that keep the floor lie on both sides of "
            "the plan, since a mean of curves can rise again."
        )
    now = fsum(asked.money(asked.current))
    if now > asked.total * (1.0 + AT_BOUND):
        yield f"The current plan spends {now:,.6g}, more than the budget of {asked.total:,.6g}."


def _proof(found: Found, gap: float, status: AllocationStatus) -> str:
    if status == "local":
        return (
            f"This is the best of {found.searches} local searches for an objective of your own. Nothing is proven: "
            "a better plan may exist."
        )
    share = "0.0001%" if gap < 1e-6 else f"{100 * gap:.2g}%"
    if gap > MANIFOLD:
        return (
            f"The search stopped after {found.nodes:,} boxes. A better plan may exist, but it is proven that none is "
            f"worth more than {found.bound:,.6g} on these curves. Raise max_nodes to close the gap."
        )
    if status == "gap":
        return (
            f"The search stopped after {found.nodes:,} boxes. A better plan may exist, but it is proven that none "
            f"brings more than {share} more on these curves. Raise max_nodes to close the gap."
        )
    return f"No other plan within these bounds brings more than {share} more on these curves; this is proven."


def _why(question: Question, found: Found, reasons: tuple[str, ...]) -> str:
    if bool(np.all(full_channels(question, found.spend))):
        return f"every channel is at its upper bound ({'; '.join(reasons)})"
    return "; ".join(reasons)
