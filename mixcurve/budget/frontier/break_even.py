"""`break_even`: the budget that earns most, and the one at which all profit is gone.

The first rests on plans that maximise profit, value of the response less money, with their proof. With p(a, b) the
proven bound on the profit of plans that cost between a and b, and p* the profit found, no budget up to b earns more if
p(0, b) <= p*, and none from a on if p(a, ∞) <= p*: bisection finds how far that reaches. The second is where the most
that the best plan may be worth falls below what it costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import fsum
from typing import Literal, Unpack

import numpy as np

from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.constraints.words import Constraints, ConstraintWords, Group
from mixcurve.budget.frontier.bracket import narrowed
from mixcurve.budget.frontier.grid import usual_budget
from mixcurve.budget.frontier.plans import Question, question_from
from mixcurve.budget.frontier.wording import break_even_message
from mixcurve.budget.problem import Allocation
from mixcurve.budget.solve import TOLERANCE
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.response.fitted import Fitted

__all__ = ["BreakEven", "break_even", "found_break_even"]

EVERYTHING = "all channels together"
"""The group that holds every channel, by which a least total is asked for."""
MOST_REACH = 16.0
"""How far beyond its own cost the most profitable plan is proven to be that: a budget this many times as large."""
MOST_GROWTHS = 12
"""16^12 is about 10^14 times the current plan's budget: a curve that still earns there earns without end."""
CLOSE = 1e-4
"""Relative width to which the interval of the most profitable budget is found: profit hardly changes over it."""
CLOSER = 1e-6
"""The same for the break-even budget, where profit falls steeply."""

BreakEvenStatus = Literal["found", "beyond bounds", "no profit"]
"""``beyond bounds``: all that the bounds allow may be spent, and still earns; ``no profit``: every plan loses money."""


@dataclass(frozen=True, eq=False)
class BreakEven(Result):
    """The most profitable budget and the break-even budget, per period and in money.

    Parameters
    ----------
    most_profitable
        What the plan of the largest profit found costs.
    most_profitable_interval
        No budget outside it earns more than ``profit``; this is proven.
    spend
        That plan, by channel.
    profit, profit_bound
        What it earns, and what no plan exceeds.
    break_even
        The budget at which total profit returns to 0, and so the value of the response per unit of money, the average
        ROI, falls to 1. None where the status says so.
    break_even_interval
        At its low end the best plan still earns at least 0, at its high end every plan loses money; both are proven.
    status
        ``"found"``, ``"beyond bounds"`` or ``"no profit"``.
    """

    most_profitable: float
    most_profitable_interval: tuple[float, float]
    spend: dict[str, float]
    profit: float
    profit_bound: float
    break_even: float | None
    break_even_interval: tuple[float, float] | None
    status: BreakEvenStatus
    message: str
    every: str = "week"
    currency: str | None = None
    response_name: str = "response"


def break_even(
    fitted: Fitted,
    *,
    constraints: Constraints | None = None,
    current: Mapping[str, float] | None = None,
    tolerance: float = TOLERANCE,
    max_nodes: int | None = None,
    level: float = 0.9,
    **words: Unpack[ConstraintWords],
) -> BreakEven:
    """Return the most profitable budget, and the budget at which total profit returns to 0.

    Parameters
    ----------
    fitted
        The curves; of several draws the mean response counts.
    constraints, current, tolerance, max_nodes, level
        As for `mixcurve.allocate`.
    **words
        Constraints; ``value``, what a unit of response is worth in money, is needed.

    Raises
    ------
    InputError
        Without ``value``, or where profit grows with the budget without end.

    Examples
    --------
    >>> from mixcurve import response_from
    >>> found = break_even(response_from({"tv": ("power", {"top": 2.0, "exponent": 0.5})}), value=10)
    >>> round(found.most_profitable), round(found.profit), round(found.break_even)  # 20 √x - x
    (100, 100, 400)
    """
    question = question_from(
        fitted, words, constraints=constraints, current=current, tolerance=tolerance, max_nodes=max_nodes,
        level=level,
    )  # fmt: skip
    if question.value is None:
        raise InputError(
            "break_even needs value, what a unit of response is worth in money. For example value=12.5, or 1 if the "
            "response is money."
        )
    return found_break_even(question.checked(usual_budget(question)))


def found_break_even(question: Question) -> BreakEven:
    """Return the two budgets of a question that states the value of response."""
    asked = question.changed(objective="profit")
    plan, reach = _most_profitable(asked)
    best, money = plan.value, fsum(plan.money.values())
    low, high, crossing = 0.0, reach, None
    status: BreakEvenStatus = "no profit"
    if best > 0:
        low = narrowed(lambda b: asked.plan(b).upper_bound - best, 0.0, money, CLOSE)[0]
        high = _last_as_good(asked, best, money)
        crossing = _crossing(question, money, reach)
        status = "found" if crossing else "beyond bounds"
    found = BreakEven(
        most_profitable=money,
        most_profitable_interval=(low, high),
        spend=dict(plan.spend),
        profit=best,
        profit_bound=plan.upper_bound,
        break_even=crossing[0] if crossing else None,
        break_even_interval=crossing,
        status=status,
        message="",
        every=plan.every,
        currency=plan.currency,
        response_name=plan.response_name,
    )
    return replace(found, message=break_even_message(found))


def _most_profitable(asked: Question) -> tuple[Allocation, float]:
    """Return the plan that earns most, and the budget up to which that is proven, far beyond what it costs."""
    budget = MOST_REACH * usual_budget(asked)
    for _ in range(MOST_GROWTHS):
        plan = asked.plan(budget)
        money = fsum(plan.money.values())
        if MOST_REACH * money <= budget or fsum(plan.budget.upper) < budget:
            return plan, budget
        budget *= MOST_REACH
    raise InputError(
        f"Profit still grows at a budget of {budget:,.6g}: no budget earns most on these curves. Give bounds, or check "
        "the value of response."
    )


def _last_as_good(asked: Question, best: float, money: float) -> float:
    """Return the budget beyond which, by proof, no plan earns more than the best, or costs as much at all."""

    def shortfall(budget: float) -> float:
        least = {EVERYTHING: Group(asked.fitted.channels, least=budget)}
        groups = dict(asked.constraints.groups) | least
        try:
            return best - asked.changed(groups=groups).plan(MOST_REACH * budget).upper_bound
        except InfeasibleError:
            return np.inf

    high = 2.0 * money
    while shortfall(high) < 0:
        high *= 2.0
    return narrowed(shortfall, money, high, CLOSE)[1]


def _crossing(question: Question, money: float, reach: float) -> tuple[float, float] | None:
    """Return the last budgets, of those tried, between which profit falls below 0; None if it stays above."""

    def loss(budget: float, *, proven: bool) -> float:
        plan = question.plan(budget)
        assert plan.profit is not None
        income = plan.profit + fsum(plan.money.values())
        return -plan.profit - proven * income * plan.gap

    tried = [money]
    while tried[-1] < reach:
        tried.append(2.0 * tried[-1])
    losing = [loss(b, proven=True) > 0 for b in tried]
    if not losing[-1]:
        return None
    k = max((k for k, loses in enumerate(losing) if not loses), default=0)
    low, high = tried[k], tried[k + 1]
    low, _ = narrowed(lambda b: loss(b, proven=False), low, high, CLOSER)
    return low, narrowed(lambda b: loss(b, proven=True), low, high, CLOSER)[1]
