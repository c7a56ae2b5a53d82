"""`budget_for`: the least budget that reaches a response, between a proven bound and a plan that reaches it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, Unpack

import numpy as np

from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.constraints.words import Constraints, ConstraintWords
from mixcurve.budget.frontier.bracket import narrowed
from mixcurve.budget.frontier.grid import least_feasible, usual_budget
from mixcurve.budget.frontier.plans import Plans, Point, question_from
from mixcurve.budget.frontier.wording import budget_message, unattainable_message
from mixcurve.budget.problem import Allocation
from mixcurve.budget.solve import TOLERANCE
from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.response.fitted import Fitted, response_draws

__all__ = ["BudgetFor", "budget_for"]

SHARE_OF_TOLERANCE = 0.1
"""Part of the tolerance that each plan is solved to, so that its gap hardly widens the interval."""
GROWTH = 4.0
"""Factor by which budgets grow until one reaches the response."""
MOST_GROWTHS = 26
"""4^26 is about 10^15 times the current plan's budget, the resolution of a budget in double precision."""


@dataclass(frozen=True, eq=False)
class BudgetFor(Result):
    """The least budget that reaches a response, per period.

    Parameters
    ----------
    target
        The response asked for.
    least
        Every smaller budget falls short of it; this is proven.
    budget
        A budget whose plan reaches it.
    plan
        That plan, with its proof.
    short
        The best plan at ``least``, with the proof that it falls short; None where no smaller budget admits any plan.
    probability
        The share of the draws, or of the resamples of a fit with one, in which the plan reaches the response; None
        without.
    status
        ``"optimal"`` where the two budgets agree within the tolerance, else ``"gap"``.
    """

    target: float
    least: float
    budget: float
    plan: Allocation
    short: Allocation | None
    probability: float | None
    status: Literal["optimal", "gap"]
    tolerance: float
    message: str
    every: str = "week"
    currency: str | None = None
    response_name: str = "response"

    @property
    def gap(self) -> float:
        """How far the two budgets lie apart, relative to that of the plan."""
        return (self.budget - self.least) / self.budget if self.budget > 0 else 0.0


def budget_for(
    fitted: Fitted,
    response: float,
    *,
    constraints: Constraints | None = None,
    current: Mapping[str, float] | None = None,
    tolerance: float = TOLERANCE,
    max_nodes: int | None = None,
    level: float = 0.9,
    **words: Unpack[ConstraintWords],
) -> BudgetFor:
    """Return the least budget that reaches a response, with a plan that does and the proof that less does not.

    Certified plans at a few budgets close in on it: a budget whose proven bound falls short is too small, one whose
    plan reaches the response is enough.

    Parameters
    ----------
    fitted
        The curves; of several draws the mean response counts.
    response
        Incremental response per period to be reached. Where ``value`` differs between channels it is a value of
        response, in money, as that is what plans are compared by.
    constraints, current, max_nodes, level
        As for `mixcurve.allocate`, as are the words of constraints.
    tolerance
        Relative distance of the two budgets at which the status is ``"optimal"``.

    Raises
    ------
    InputError
        As `mixcurve.allocate`, and if no budget reaches the response: the message names the largest that is reached.

    Examples
    --------
    >>> from mixcurve import response_from
    >>> found = budget_for(response_from({"tv": ("power", {"top": 2.0, "exponent": 0.5})}), 40)
    >>> round(found.budget, 3), found.status  # 2 √400
    (400.0, 'optimal')
    """
    target = number("response", response, low=0.0, remedy="Give the response per period to be reached.")
    number("tolerance", tolerance, low=0.0, open_low=True)
    asked = question_from(
        fitted, words, constraints=constraints, current=current, tolerance=SHARE_OF_TOLERANCE * tolerance,
        max_nodes=max_nodes, level=level,
    )  # fmt: skip
    plans = Plans(asked.checked(usual_budget(asked)), most=0)
    high = _reaching(plans, target)
    least = least_feasible(plans.question, high.budget)
    if plans.at(least).value >= target:
        return _answer(plans, plans.at(least), least, target, tolerance)
    share = SHARE_OF_TOLERANCE * tolerance
    _, enough = narrowed(lambda b: plans.at(b).value - target, least, high.budget, share)
    return _answer(plans, plans.at(enough), _falling_short(plans, target, share), target, tolerance)


def _reaching(plans: Plans, target: float) -> Point:
    """Return a plan that reaches the response, at a budget that grows until one does."""
    budget, last = usual_budget(plans.question), None
    for _ in range(MOST_GROWTHS):
        try:
            last = plans.at(budget)
        except InfeasibleError:
            if last is not None:
                break
        else:
            if last.value >= target:
                return last
            if last.plan.unspent > 0:
                break
        budget *= GROWTH
    if last is None:
        last = plans.at(budget)  # says why there is no plan
    raise InputError(unattainable_message(target, last.plan))


def _falling_short(plans: Plans, target: float, share: float) -> float:
    """Return the largest budget found whose bound falls short, or the least that admits a plan."""
    bounds = [(p.budget, p.plan.upper_bound) for p in plans.points]
    low = max((b for b, bound in bounds if bound < target), default=plans.points[0].budget)
    high = min(b for b, bound in bounds if bound >= target)
    if not low < high:
        return high
    return narrowed(lambda b: plans.at(b).plan.upper_bound - target, low, high, share)[0]


def _answer(plans: Plans, enough: Point, least: float, target: float, tolerance: float) -> BudgetFor:
    plan, budget, below = enough.plan, enough.budget, plans.at(least).plan
    closed = budget - least <= tolerance * budget
    found = BudgetFor(
        target=target,
        least=least,
        budget=budget,
        plan=plan,
        short=below if below.upper_bound < target else None,
        probability=_probability(plans.question.fitted, plan, target),
        status="optimal" if closed else "gap",
        tolerance=tolerance,
        message="",
        every=plan.every,
        currency=plan.currency,
        response_name=plan.response_name,
    )
    return replace(found, message=budget_message(found))


def _probability(fitted: Fitted, plan: Allocation, target: float) -> float | None:
    """Return the share of draws, or of resamples, in which the plan's response reaches the target."""
    draws = fitted.draws if len(fitted.draws) > 1 else fitted.resamples
    if not len(draws):
        return None
    spend = np.array([plan.spend[c] for c in plan.channels])
    return float(np.mean(response_draws(fitted, spend, draws).sum(axis=-1) >= target))
