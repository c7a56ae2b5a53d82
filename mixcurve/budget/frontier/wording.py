"""The sentences of this room, with money and units as the fit names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.budget.problem import Allocation
from mixcurve.foundations.numbers import Numbers, Units

if TYPE_CHECKING:
    from mixcurve.budget.frontier.break_even import BreakEven
    from mixcurve.budget.frontier.least import BudgetFor

__all__ = [
    "break_even_message",
    "budget_message",
    "frontier_message",
    "outcome",
    "percent",
    "unattainable_message",
    "units_of",
]

FloatArray = npt.NDArray[np.float64]
LEAST_SHARE = 1e-6
"""A smaller gap is written as this one."""
DIGITS = 4
"""Significant digits of money and response in these sentences."""


def units_of(result: Any) -> Units:
    """Return how the amounts of a result with currency, period and response are written."""
    return Units(Numbers("en-GB", result.currency), result.every, result.response_name)


def percent(share: float) -> str:
    """Return a gap in percent, such as ``0.12%``, and ``0.0001%`` for every smaller one.

    Examples
    --------
    >>> percent(0.00123), percent(3e-8)
    ('0.12%', '0.0001%')
    """
    return "0.0001%" if share < LEAST_SHARE else f"{100 * share:.2g}%"


def outcome(value: float, plan: Allocation) -> str:
    """Return a value of a plan with its unit: response by its name, worth as money."""
    units = units_of(plan)
    if plan.objective == "response":
        return units.response(value, DIGITS, named=True)
    return units.spend(value, DIGITS)


def frontier_message(
    gap: FloatArray, budget: FloatArray, plan: Allocation, tolerance: float, wide: int, *, good: bool
) -> str:
    """Return what the frontier proves, and where it is not as good as was asked."""
    units = units_of(plan)
    worst = int(np.argmax(gap))
    span = units.numbers.span(units.spend(budget[0]), units.spend(budget[-1]))
    text = (
        f"At {len(budget)} budgets of {span} {units.a_period} it is proven that no plan within these constraints "
        f"beats the one found by {percent(float(gap[worst]))} or more on these curves."
    )
    if gap[worst] > tolerance:
        text += f" The largest gap is at {units.spend(budget[worst])}. Raise max_nodes to close it."
    if wide:
        text += f" The search ended before {wide} of the switches were located as closely as asked."
    if not good:
        text += " Between budgets the value is interpolated less exactly than asked. Ask for more budgets."
    return text


def break_even_message(found: BreakEven) -> str:
    """Return the most profitable budget and the break-even budget as sentences."""
    units = units_of(found)
    if found.status == "no profit":
        return (
            "Every plan costs more than its response is worth: the most profitable budget is the least one."
        )

    def money(value: float) -> str:
        return units.spend(value, DIGITS)

    low, high = found.most_profitable_interval
    text = (
        f"The most profitable budget is {money(found.most_profitable)} {units.a_period}: it earns "
        f"{money(found.profit)} {units.a_period} after its cost, and it is proven that no budget below {money(low)} "
        f"or above {money(high)} earns more. "
    )
    if found.break_even is None:
        return text + "No budget within these constraints is so large that its total profit returns to 0."
    return text + (
        f"Total profit returns to 0 at the break-even budget of {money(found.break_even)} {units.a_period}."
    )


def budget_message(found: BudgetFor) -> str:
    """Return the least budget, or the interval that holds it, as sentences."""
    units = units_of(found)
    target, budget = outcome(found.target, found.plan), units.spend(found.budget, DIGITS)
    if found.status == "optimal":
        text = f"{budget} {units.a_period} is the least budget that reaches {target} on these curves; this is proven."
    else:
        text = (
            f"{budget} {units.a_period} reaches {target} on these curves. It is proven that less "
            f"than {units.spend(found.least, DIGITS)} does not. Raise max_nodes to close the gap."
        )
    if found.probability is not None:
        share = units.numbers.share(found.probability)
        text += f" The plan reaches it in {share} of the draws of the curves."
    return text


def unattainable_message(target: float, plan: Allocation) -> str:
    """Return the refusal of a response that no budget reaches."""
    units, total = units_of(plan), plan.budget.total
    spent = units.spend(total - plan.unspent, DIGITS)
    return (
        f"response must be at most what these curves bring within these constraints, {outcome(plan.value, plan)} "
        f"{units.a_period} at a budget of {spent}, got {outcome(target, plan)}. It is proven that no budget up to "
        f"{units.spend(total, DIGITS)} brings more than {outcome(plan.upper_bound, plan)}. Ask for less, or widen the "
        "constraints."
    )
