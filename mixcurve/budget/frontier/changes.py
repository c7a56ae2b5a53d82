"""The plans behind a sensitivity analysis: one assumption changed at a time, and what keeping the plan would cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.constraints.words import Amounts
from mixcurve.budget.frontier.change_words import no_plan, told
from mixcurve.budget.frontier.plans import Question
from mixcurve.budget.problem import Allocation
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.percent import factor
from mixcurve.foundations.results import Result
from mixcurve.response.fitted import Fitted

__all__ = ["Change", "every_change"]

BoolArray = npt.NDArray[np.bool_]

ROUNDING = 1e-9
"""Share of the budget by which spend may miss a bound through rounding alone."""
Kind = Literal["value of response", "budget", "bounds", "curve family"]


@dataclass(frozen=True, eq=False)
class Change(Result):
    """The best plan after one change of what was assumed.

    Parameters
    ----------
    kind, what
        What kind of thing changed, and how, in words.
    spend, money
        The plan by channel, and what it costs; empty and NaN where no plan exists after the change.
    value, profit, gap, status
        As in an allocation; ``profit`` is NaN where no value of response is given.
    moved
        How much spend the plan gives to channels beyond what the plan asked for gives them.
    cost_of_keeping
        What is lost by keeping the plan asked for, in the unit of what is maximised; NaN where it cannot be kept.
    sentence
        The row in words.
    """

    kind: Kind
    what: str
    spend: dict[str, float]
    money: float
    value: float
    profit: float
    moved: float
    cost_of_keeping: float
    gap: float
    status: str
    sentence: str


def every_change(
    question: Question,
    plan: Allocation,
    *,
    margins: Sequence[str],
    budgets: Sequence[str],
    room: Sequence[str],
    around: Sequence[str],
    families: Mapping[str, Fitted],
) -> Iterator[Change]:
    """Yield the plan after each change, in the order of the arguments."""
    if question.value is not None:
        yield from (_margin(question, plan, text) for text in margins)
    yield from (_budget(question, plan, text) for text in budgets)
    yield from _rooms(question, plan, room, around)
    for name, fitted in families.items():
        yield _family(question, plan, name, fitted)


def _times(where: str, text: Any) -> float:
    """Return what a change such as ``"-20%"`` multiplies by, or refuse it."""
    found = factor(text) if isinstance(text, str) else None
    if found is None:
        raise InputError(f"{where}: {text!r} is no change. Write it with its sign, such as '-20%' or '+10%'.")
    return found


def _margin(question: Question, plan: Allocation, text: str) -> Change:
    """Return the most profitable plan within the budget where response is worth more or less."""
    by = _times("margins", text)
    found = question.changed(value=_scaled(question.value, by), objective="profit").plan(plan.budget.total)
    assert plan.profit is not None
    kept = by * (plan.profit + _cost(plan)) - _cost(plan)
    return _change("value of response", f"value of response {text}", plan, found, found.value - kept)


def _scaled(value: Amounts | None, by: float) -> Amounts:
    return {c: by * v for c, v in value.items()} if isinstance(value, Mapping) else by * float(value or 0.0)


def _budget(question: Question, plan: Allocation, text: str) -> Change:
    by = _times("budgets", text)
    found = _if_any(question, plan.budget.total * by)
    fits = found is not None and by >= 1.0
    return _change(
        "budget", f"budget {text}", plan, found, found.value - plan.value if found and fits else np.nan
    )


def _rooms(
    question: Question, plan: Allocation, room: Sequence[str], around: Sequence[str]
) -> Iterator[Change]:
    """Yield the best plans with the room of the bounds changed, and with channels held near their current spend."""
    total = plan.budget.total
    bounded = (plan.budget.lower > 0) | (plan.budget.upper < total * (1.0 - ROUNDING))
    for text in room if bounded.any() else ():
        bounds = _stretched(plan, bounded, _times("room", text))
        found = _if_any(question.changed(bounds=bounds, within=None, locked=()), total)
        yield _change("bounds", f"room of the bounds {text}", plan, found, _lost(plan, found))
    for text in around if any(plan.current.values()) else ():
        found = _if_any(question.changed(within=text), total)
        who = "the other channels" if bounded.any() else "every channel"
        yield _change("bounds", f"{who} within {text}", plan, found, _lost(plan, found))


def _stretched(plan: Allocation, bounded: BoolArray, by: float) -> dict[str, tuple[float, float]]:
    """Return the bounds, each ``by`` times as far from current spend; never below 0."""
    lower, upper = plan.budget.lower, plan.budget.upper
    middle = np.clip([plan.current[c] for c in plan.channels], lower, upper)
    low, high = np.maximum(middle - by * (middle - lower), 0.0), middle + by * (upper - middle)
    pairs = zip(plan.channels, low.tolist(), high.tolist(), bounded.tolist(), strict=True)
    return {c: (least, most) for c, least, most, is_bounded in pairs if is_bounded}


def _lost(plan: Allocation, found: Allocation | None) -> float:
    """Return what keeping the plan loses, NaN where its spend is outside the bounds of the plan found."""
    if found is None:
        return float("nan")
    spend, near = np.array([plan.spend[c] for c in plan.channels]), ROUNDING * plan.budget.total
    kept = np.all((spend >= found.budget.lower - near) & (spend <= found.budget.upper + near))
    return found.value - plan.value if kept else float("nan")


def _family(question: Question, plan: Allocation, name: str, fitted: Fitted) -> Change:
    """Return the best plan on other curves, and what the plan asked for brings on them: its spend as its bounds."""
    if set(fitted.channels) != set(plan.channels):
        told = ", ".join(fitted.channels)
        raise InputError(f"families['{name}'] must be a fit of the same channels, got {told}.")
    other = Question(fitted, dict(question.words) | {"current": plan.current})
    found = _if_any(other, plan.budget.total)
    fixed = {c: (x, x) for c, x in plan.spend.items()}
    kept = _if_any(other.changed(bounds=fixed, within=None, locked=()), plan.budget.total)
    cost = found.value - kept.value if found and kept else np.nan
    return _change("curve family", f"{name} curves", plan, found, cost)


def _if_any(question: Question, budget: float) -> Allocation | None:
    """Return the best plan, or None where there is no plan at all."""
    try:
        return question.plan(budget)
    except InfeasibleError:
        return None


def _cost(plan: Allocation) -> float:
    return fsum(plan.money.values())


def _change(kind: Kind, what: str, plan: Allocation, found: Allocation | None, cost: float) -> Change:
    if found is None:
        nothing = dict.fromkeys(("money", "value", "profit", "moved", "cost_of_keeping", "gap"), float("nan"))
        return Change(kind, what, {}, status="infeasible", sentence=no_plan(what), **nothing)
    return Change(
        kind=kind,
        what=what,
        spend=dict(found.spend),
        money=_cost(found),
        value=found.value,
        profit=float("nan") if found.profit is None else found.profit,
        moved=fsum(max(found.spend[c] - plan.spend[c], 0.0) for c in plan.channels),
        cost_of_keeping=max(float(cost), 0.0),
        gap=found.gap,
        status=found.status,
        sentence=told(kind, what, plan, found, max(float(cost), 0.0)),
    )
