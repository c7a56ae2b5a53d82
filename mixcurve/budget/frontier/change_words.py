"""The sentence of each row of a sensitivity analysis."""

from __future__ import annotations

from math import fsum, isfinite

from mixcurve.budget.frontier.wording import DIGITS, outcome, units_of
from mixcurve.budget.problem import Allocation

__all__ = ["no_plan", "told"]

LITTLE = 1e-4
"""Share of the value below which keeping the plan counts as free: less than curves can tell."""


def no_plan(what: str) -> str:
    """Return that a change leaves no plan."""
    return f"With {what} no plan keeps all constraints."


def told(kind: str, what: str, plan: Allocation, found: Allocation, cost: float) -> str:
    """Return what the best plan is after a change, and what keeping the plan asked for would cost."""
    units = units_of(plan)
    brings = f"the best plan brings {outcome(found.value, found)} {units.a_period}"
    if kind == "value of response":
        money = units.spend(fsum(found.money.values()), DIGITS)
        profit = units.spend(found.profit or 0.0, DIGITS)
        brings = (
            f"the most profitable plan within the budget costs {money} {units.a_period} and earns {profit}"
        )
    elif kind != "curve family":
        brings += _difference(plan, found)
    return f"With {what} {brings}{_keeping(kind, plan, found, cost)}."


def _difference(plan: Allocation, found: Allocation) -> str:
    more = found.value - plan.value
    if abs(more) <= LITTLE * abs(plan.value):
        return ", as much as the plan asked for"
    return f", {outcome(abs(more), plan)} {'more' if more > 0 else 'less'}"


def _keeping(kind: str, plan: Allocation, found: Allocation, cost: float) -> str:
    """Return the cost of keeping the plan, where it may be kept and the sentence does not say it already."""
    if not isfinite(cost) or kind in ("budget", "bounds"):
        return ""
    if cost <= LITTLE * abs(found.value):
        return "; the plan asked for is as good"
    units = units_of(plan)
    written = units.spend(cost, DIGITS) if kind == "value of response" else outcome(cost, found)
    return f"; the plan asked for would bring {written} less"
