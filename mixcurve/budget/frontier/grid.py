"""The budgets at which a frontier is certified unless the user names some, and the least that admits a plan."""

from __future__ import annotations

from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.frontier.plans import Question
from mixcurve.foundations.checks import spend_array
from mixcurve.foundations.errors import InputError
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.fitted import Fitted

__all__ = ["asked_budgets", "least_feasible", "stated_budgets", "usual_budget"]

FloatArray = npt.NDArray[np.float64]

COUNT = 41
"""Evenly spaced budgets: steps of a twentieth of the current plan's."""
REACH = 2.0
"""The largest of them, over what the current plan spends."""
PAST = 1.25
"""How far the grid goes beyond the most profitable budget."""
HALVINGS = 20
"""Halvings that find the least feasible budget: to 1e-6 of the range, as exact as the check itself."""
LESS = 1e-4
"""A natural least budget, such as the sum of the lower bounds, is the least if this much less admits no plan."""


def usual_budget(question: Question) -> float:
    """Return what the current plan spends, or the spend at which the curves bend where there is no current plan."""
    return question.current or 2.0 * _spend_scale(question.fitted)


def _spend_scale(fitted: Fitted) -> float:
    draws = np.asarray(fitted.draws, dtype=np.float64)
    scale = [
        np.median(shape_of.spend_scale(curve, list(draws[:, i, 1 : len(curve.names)].T)))
        for i, curve in enumerate(fitted.curve)
    ]
    return fsum(scale)


def asked_budgets(question: Question, budgets: npt.ArrayLike | None, further: float = 0.0) -> FloatArray:
    """Return the budgets asked for, sorted; an even grid with the current plan's budget where none are named.

    Parameters
    ----------
    question
        Already checked at one budget.
    budgets
        As the user gave them.
    further
        A budget that the even grid must pass.

    Raises
    ------
    InputError
        For budgets that are negative, no numbers, or fewer than two.
    """
    if budgets is None:
        top = max(REACH * usual_budget(question), PAST * further)
        least = least_feasible(question, top)
        now = question.current
        return np.unique(np.append(np.linspace(least, max(top, least), COUNT), [now] * (least <= now <= top)))
    return stated_budgets(budgets)


def stated_budgets(budgets: npt.ArrayLike) -> FloatArray:
    """Return the budgets a user gave, sorted, each once."""
    found = np.unique(spend_array("budgets", budgets, ndim=1))
    if len(found) < 2:
        raise InputError(
            f"budgets needs at least two different amounts, got {found.tolist()}. For one budget use allocate."
        )
    return found


def least_feasible(question: Question, most: float) -> float:
    """Return the least budget that admits a plan: 0, the sum of the lower bounds, or what groups and floors ask.

    Found by whether any plan exists, without solving for the best. ``most`` must admit one; if not, the error says why.
    """
    asked = question.prepared(most).asked
    natural = {0.0, fsum(asked.lower), max((g.least for g in asked.groups), default=0.0)}
    for budget in sorted(natural):
        if _admits(question, budget) and (budget == 0.0 or not _admits(question, budget * (1.0 - LESS))):
            return budget
    low, high = 0.0, most
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if _admits(question, middle) else (middle, high)
    return high


def _admits(question: Question, budget: float) -> bool:
    try:
        question.prepared(budget)
    except InfeasibleError:
        return False
    return True
