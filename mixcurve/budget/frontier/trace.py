"""`frontier`: the best outcome against the budget, certified, exact between the budgets where channels switch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from math import fsum
from typing import Unpack

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.aims import Risk
from mixcurve.budget.constraints.words import Constraints, ConstraintWords
from mixcurve.budget.frontier.break_even import BreakEven, found_break_even
from mixcurve.budget.frontier.curve import doubt
from mixcurve.budget.frontier.grid import asked_budgets, stated_budgets, usual_budget
from mixcurve.budget.frontier.plans import Plans, question_from
from mixcurve.budget.frontier.result import Frontier
from mixcurve.budget.frontier.rising import ROUNDING, risen
from mixcurve.budget.frontier.switches import locate, switches
from mixcurve.budget.frontier.wording import frontier_message
from mixcurve.budget.solve import RISK_TOLERANCE, TOLERANCE
from mixcurve.foundations.checks import number
from mixcurve.response.fitted import Fitted

__all__ = ["frontier"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

PRECISION = 1e-4
"""Share of the largest budget to which switches are located."""
AIM = 0.25
"""Part of the tolerance that the interpolation's estimated error is held to, as an estimate may be too low."""
MOST_EXTRA = 600
"""Plans solved beyond those asked for; 8 channels need about 70."""
CLOSEST = 1e-9
"""Budgets closer together, as a share of the largest, are not parted any more."""
FAR = 4.0
"""Budgets further apart than this factor are parted at their geometric mean."""


def frontier(
    fitted: Fitted,
    budgets: npt.ArrayLike | None = None,
    *,
    objective: str | Risk | Callable[[FloatArray], float] = "response",
    constraints: Constraints | None = None,
    current: Mapping[str, float] | None = None,
    tolerance: float | None = None,
    precision: float = PRECISION,
    max_nodes: int | None = None,
    level: float = 0.9,
    **words: Unpack[ConstraintWords],
) -> Frontier:
    """Return the best outcome at every budget of a range: value, proven bound, shadow price and plan.

    Each budget asked for is solved with its proof by `mixcurve.allocate`. Further budgets are added until every budget
    at which a channel goes on or off, or a bound begins or ceases to hold it, lies between two certified ones that are
    close, and until the interpolation between two switches is good. A larger budget never brings less: where a plan
    for a smaller budget is better than the one found, it takes its place.

    Parameters
    ----------
    fitted
        The curves; of several draws the mean response counts.
    budgets
        At least two, in money per period. By default from 0, or the least that admits a plan, to twice the current
        plan's, and, where ``value`` is given, beyond the most profitable budget.
    objective, constraints, current, max_nodes, level
        As for `mixcurve.allocate`, as are the words of constraints.
    tolerance
        Relative gap at which a plan counts as proven optimal, 1e-6, and 1e-3 for measures of risk, if None; also the
        error of the interpolation, relative to the largest value.
    precision
        Distance of the two certified budgets around a switch, as a share of the largest budget.
    **words
        Constraints; see `mixcurve.budget.constraints.words.Constraints`. With ``value``, what a unit of response is
        worth in money, the frontier tells the profit, the most profitable budget and the break-even budget.

    Raises
    ------
    InputError
        As `mixcurve.allocate`, and for budgets that are negative, fewer than two, or too small for any plan.

    Examples
    --------
    >>> from mixcurve import response_from
    >>> twins = {name: ("hill", {"top": 100, "half": 50, "slope": 4}) for name in ("tv", "radio")}
    >>> found = frontier(response_from(twins), [0, 50, 100, 150])
    >>> [round(float(v), 1) for v in found.value_at([50, 60, 150])]
    [50.0, 67.5, 167.0]
    >>> [(s.channel, s.change, round(s.budget)) for s in found.switches]
    [('radio', 'on', 0), ('tv', 'on', 97)]
    """
    number("precision", precision, low=0.0, high=1.0, open_low=True)
    close = (TOLERANCE if isinstance(objective, str) else RISK_TOLERANCE) if tolerance is None else tolerance
    question = question_from(
        fitted, words, objective=objective, constraints=constraints, current=current, tolerance=close,
        max_nodes=max_nodes, level=level,
    )  # fmt: skip
    if budgets is not None:
        budgets = stated_budgets(budgets)
    question = question.checked(usual_budget(question) if budgets is None else float(budgets[-1]))
    even = None if question.value is None else found_break_even(question)
    asked = asked_budgets(question, budgets, 0.0 if even is None else even.most_profitable)
    plans = Plans(question, MOST_EXTRA)
    for budget in asked.tolist():
        plans.at(budget)
    width = precision * float(asked[-1])
    left, good = refine(plans, width, AIM * close)
    return _result(plans, asked, width, left, even, good=good)


def refine(plans: Plans, width: float, tolerance: float) -> tuple[float, bool]:
    """Certify further budgets until the interpolation is as good as asked, or as the plans it rests on.

    Returns its largest estimated error, and whether that was reached.
    """
    least = CLOSEST * plans.points[-1].budget
    while True:
        locate(plans, width)
        points = plans.points
        budget, value, slope = (np.array(v) for v in zip(*((p.budget, p.value, p.slope) for p in points)))
        apart = doubt(budget, value, slope, _switching(plans))
        loose = np.array([max(p.plan.upper_bound - p.value, 0.0) for p in points])
        enough = tolerance * np.abs(value).max() + np.maximum(loose[:-1], loose[1:])
        open_ones = np.flatnonzero((apart > enough) & (np.diff(budget) > least))
        if not len(open_ones) or plans.exhausted:
            return float(apart.max()), not len(open_ones)
        for k in open_ones.tolist():
            a, b = budget[k], budget[k + 1]
            plans.extra(float(np.sqrt(a * b)) if b > FAR * a > 0 else float(0.5 * (a + b)))


def _switching(plans: Plans) -> BoolArray:
    """Return whether the state of the plan changes between a point and the next."""
    return np.array([a.state != b.state for a, b in pairwise(plans.points)])


def _result(
    plans: Plans, asked: FloatArray, width: float, left: float, even: BreakEven | None, *, good: bool
) -> Frontier:
    question, points = plans.question, plans.points
    found = risen(points)
    budget = np.array([p.budget for p in points])
    switching = _switching(plans)
    wide = switching & (np.diff(budget) > width * (1.0 + ROUNDING))
    plan, options = points[-1].plan, question.words
    kept = [p.plan for p in found.points]
    intervals = [p.value_interval for p in kept if p.value_interval is not None]
    return Frontier(
        channels=plan.channels,
        budget=budget,
        asked=np.isin(budget, asked),
        value=found.value,
        upper_bound=found.upper_bound,
        gap=found.gap,
        shadow_price=np.array([p.plan.shadow_price for p in points]),
        slope=np.array([p.slope for p in points]),
        spend=found.spend,
        response=found.response,
        money=np.array([fsum(p.money.values()) for p in kept]),
        profit=np.array([p.profit for p in kept if p.profit is not None]),
        interval=np.array(intervals).reshape(-1, 2),
        switch=switching,
        switches=switches(points),
        precision=width,
        doubt=left,
        current=question.current,
        break_even=even,
        complete=good and not wide.any(),
        level=options["level"],
        tolerance=options["tolerance"],
        objective=plan.objective,
        message=frontier_message(found.gap, budget, plan, options["tolerance"], int(wide.sum()), good=good),
        every=plan.every,
        currency=plan.currency,
        response_name=plan.response_name,
    )
