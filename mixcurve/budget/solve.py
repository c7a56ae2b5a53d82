"""`allocate`: the best plan for one total budget, with the proof of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Unpack

import numpy as np
import numpy.typing as npt

from mixcurve.budget.answer import allocation
from mixcurve.budget.constraints.aims import Risk
from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.constraints.question import Question, question_of
from mixcurve.budget.constraints.words import Constraints, ConstraintWords, constraints_from
from mixcurve.budget.joint import JOINT_NODES, solve_joint
from mixcurve.budget.local import solve_local
from mixcurve.budget.plain import solve_plain
from mixcurve.budget.problem import Allocation
from mixcurve.foundations.checks import number
from mixcurve.response.fitted import Fitted

__all__ = ["TOLERANCE", "allocate"]

FloatArray = npt.NDArray[np.float64]

TOLERANCE = 1e-6
"""Relative gap at which a plan counts as proven optimal."""
RISK_TOLERANCE = 1e-3
"""The same for measures of risk, far below what a thousand draws can tell of a tail."""
MOST_NODES, FEWEST_NODES = 4_000, 50
"""Boxes the search solves unless told otherwise; usual problems need fewer than 20."""
CHANNEL_NODES = 2_000_000
"""Boxes times channels at which it stops by itself: some seconds."""
GAVE_WAY = (
    "The bounds that the evidence asks for left no plan that keeps every floor, so they were left out: channels may "
    "move further than the data support."
)
ARGUMENTS = ("budget", "objective", "constraints", "current", "tolerance", "max_nodes", "level")
"""What a misspelt keyword may have meant beside the words of constraints."""


def allocate(
    fitted: Fitted,
    budget: float | None = None,
    *,
    objective: str | Risk | Callable[[FloatArray], float] = "response",
    constraints: Constraints | None = None,
    current: Mapping[str, float] | None = None,
    tolerance: float | None = None,
    max_nodes: int | None = None,
    level: float = 0.9,
    **words: Unpack[ConstraintWords],
) -> Allocation:
    """Return the best plan that keeps a budget and all constraints, and the proof that no plan does better.

    Maximises ``Σ f_i(x_i)`` subject to ``Σ x_i <= budget`` and the constraints, where each ``f_i`` is convex first and
    concave after, or concave, or a mean of such curves over several draws. All of the budget is spent unless a cap
    holds or the objective no longer rises in its last digit; then ``unspent_reasons`` and ``message`` say so.

    Parameters
    ----------
    fitted
        The curves. With several draws of their parameters the mean response over the draws counts.
    budget
        The most money per period, in the unit of spend, set-up costs included; that of the current plan if None.
    objective
        ``"response"``; ``"profit"``, the value of the response less the money; `CVaR`, `Quantile`, `MeanMinusRisk` or
        `BeatCurrent` over the draws (the resamples of a point fit); or a function of spend (C,) to be maximised, for
        which local searches are all there is: the status is then ``"local"`` and the bound infinite.
    constraints
        Constraints stated before, beside which ``words`` are given or changed.
    current
        Spend per period of the present plan, by channel (0 where not given); ``fitted.current`` if None. The plan
        returned is never worse than this one where it keeps the constraints; if it overspends it is scaled to the
        budget.
    tolerance
        Relative gap at which the search ends with the status ``"optimal"``; 1e-6 if None, and 1e-3 for risk.
    max_nodes
        The search ends with the status ``"gap"`` when it has solved this many boxes; its bound is valid all the same.
        By default 4,000, or 1,000 where constraints join channels, fewer with more than 500 channels; 400 for CVaR and
        mean less risk, 100 for quantiles and the share of draws that beat the current plan.
    level
        Level of the intervals, which come from ``fitted.resamples``.
    **words
        Any of `Constraints`: ``bounds``, ``within``, ``locked``, ``groups``, ``least_if_on``, ``setup_cost``, ``tied``,
        ``most_on``, ``roi``, ``cpa``, ``mroi``, ``value``, ``prices``, ``hold_weak``, ``beyond_seen``, ``check_units``.

    Raises
    ------
    InputError
        If an argument makes no sense, is misspelt or about a thousand times off, or names what is not there.
    InfeasibleError
        If no plan keeps all constraints; it names the smallest set of them in conflict.

    References
    ----------
    Udell, M. and Boyd, S. (2013), "Maximizing a sum of sigmoids".

    Examples
    --------
    >>> from mixcurve import response_from
    >>> twins = {name: ("hill", {"top": 100, "half": 50, "slope": 4}) for name in ("tv", "radio")}
    >>> plan = allocate(response_from(twins), 60)
    >>> (
    ...     sorted(plan.spend.values()),
    ...     round(plan.value, 1),
    ...     plan.status,
    ... )  # all on one of the two, not half on each
    ([0.0, 60.0], 67.5, 'optimal')
    >>> sorted(allocate(response_from(twins), 60, objective="profit", value=0.5, most_on=1).on)
    []
    """
    kept = constraints_from(words, constraints, also=ARGUMENTS)
    if tolerance is not None:
        number("tolerance", tolerance, low=0.0, open_low=True)
    if max_nodes is not None:
        number("max_nodes", max_nodes, low=1)
    number("level", level, low=0.0, high=1.0, open_low=True)
    question = question_of(fitted, budget, objective, kept, current)
    try:
        return _answered(question, tolerance, max_nodes, level)
    except InfeasibleError:
        if not (question.evident.held or question.evident.capped):
            raise
    # The user's own constraints come before what the evidence asks for.
    freed = replace(kept, hold_weak=False, beyond_seen=True)
    question = question_of(fitted, budget, objective, freed, current)
    bounds = replace(question.bounds, notes=(GAVE_WAY,))
    return _answered(replace(question, words=kept, bounds=bounds), tolerance, max_nodes, level)


def _answered(question: Question, tolerance: float | None, max_nodes: int | None, level: float) -> Allocation:
    close = (
        (RISK_TOLERANCE if question.goal.kind == "risk" else TOLERANCE) if tolerance is None else tolerance
    )
    most = _most_nodes(max_nodes, question)
    if question.model is None:
        found = solve_plain(question, tolerance=close, max_nodes=most or MOST_NODES)
    elif question.goal.custom is not None:
        found = solve_local(question, question.model, question.goal.custom)
    else:
        found = solve_joint(question, question.model, tolerance=close, max_nodes=most)
    return allocation(question, found, tolerance=close, level=level)


def _most_nodes(asked: int | None, question: Question) -> int | None:
    """Return at how many boxes a search ends, None where measures of risk have figures of their own."""
    if asked is not None:
        return int(asked)
    if question.goal.kind == "risk":
        return None
    most = MOST_NODES if question.model is None else JOINT_NODES
    return min(most, max(FEWEST_NODES, CHANNEL_NODES // len(question.asked.channels)))
