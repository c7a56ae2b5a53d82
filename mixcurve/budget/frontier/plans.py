"""`Plans`: certified plans of one question at many budgets, each solved once."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from math import fsum
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.constraints.question import Question as Prepared
from mixcurve.budget.constraints.question import question_of
from mixcurve.budget.constraints.words import Amounts, Constraints, constraints_from
from mixcurve.budget.problem import Allocation
from mixcurve.budget.solve import allocate
from mixcurve.response.fitted import Fitted

__all__ = ["ON", "Plans", "Point", "Question", "question_from"]

FloatArray = npt.NDArray[np.float64]
State = tuple[str, ...]

NOTHING = 1e-9
"""Share of the budget up to which a channel counts as off."""
AHEAD = 1e-6
"""Relative step of the budget by which the movement of bounds is measured."""
ON = "on"
"""The state of a channel with spend that no bound holds."""


@dataclass(frozen=True, eq=False)
class Question:
    """What stays the same from budget to budget: the curves, and every argument of `allocate` but the budget."""

    fitted: Fitted
    words: Mapping[str, Any]

    def plan(self, budget: float | None, **changes: Any) -> Allocation:
        """Return the certified plan at a budget, with some of the words changed."""
        return allocate(self.fitted, budget, **(dict(self.words) | changes))

    def prepared(self, budget: float) -> Prepared:
        """Return the question as `allocate` prepares it; refused like there if no plan exists."""
        return question_of(self.fitted, budget, "response", self.constraints, self.words.get("current"))

    def changed(self, **changes: Any) -> Question:
        """Return the question with some of its words changed."""
        return Question(self.fitted, dict(self.words) | changes)

    def checked(self, budget: float) -> Question:
        """Return the question without the check of units, after it was made at one budget.

        Other budgets may well be a thousand times off the current plan.
        """
        with suppress(InfeasibleError):
            self.plan(budget)
        return self.changed(check_units=False)

    @property
    def constraints(self) -> Constraints:
        """What is asked of every plan."""
        options = ("constraints", "current", "max_nodes", "level", "tolerance", "objective")
        return constraints_from(
            {k: v for k, v in self.words.items() if k not in options},
            self.words.get("constraints"),
            also=options,
        )

    @property
    def value(self) -> Amounts | None:
        """What a unit of response is worth."""
        return self.constraints.value

    @property
    def current(self) -> float:
        """What the current plan costs, set-up costs included."""
        given = self.words.get("current")
        now = dict(zip(self.fitted.channels, self.fitted.current, strict=True)) if given is None else given
        setup = self.constraints.setup_cost
        return fsum(x + setup.get(c, 0.0) for c, x in now.items() if x > 0)


def question_from(fitted: Fitted, words: Mapping[str, Any], **options: Any) -> Question:
    """Return a question with the words of constraints and the options that are not None."""
    question = Question(fitted, dict(words) | {k: v for k, v in options.items() if v is not None})
    _ = question.constraints  # a misspelt word is refused before anything is solved
    return question


@dataclass(frozen=True, eq=False)
class Point:
    """A certified plan at one budget.

    ``state`` has a word per channel, ``"off"``, ``"on"`` or the bound that holds it, and where bounds follow the budget
    one more: whether it is below the present one. ``slope`` is what the value gains with one more unit of budget: the
    shadow price, and what channels lose or gain whose bound moves with the budget.
    """

    budget: float
    plan: Allocation
    spend: FloatArray
    state: State
    slope: float

    @property
    def value(self) -> float:
        """What the plan brings."""
        return self.plan.value


def _point(question: Question, budget: float) -> Point:
    plan = question.plan(budget)
    spend = np.array([plan.spend[c] for c in plan.channels])
    off = spend <= NOTHING * budget
    state = tuple(
        "off" if nothing else plan.binding[c] or ON for c, nothing in zip(plan.channels, off, strict=True)
    )
    slope = plan.shadow_price
    if plan.held:
        slope += _carried(question, budget, plan, state)
        state += ("below" if budget < fsum(plan.current.values()) else "above",)
    return Point(budget, plan, spend, state, slope)


def _carried(question: Question, budget: float, plan: Allocation, state: State) -> float:
    """Return what one more unit of budget brings by moving the bounds of channels that are held near the present."""
    at = [
        i
        for i, c in enumerate(plan.channels)
        if c in plan.held and state[i] in ("lower bound", "upper bound")
    ]
    if not at or budget <= 0 or plan.objective != "response":
        return 0.0
    ahead = question.prepared(budget * (1.0 + AHEAD)).bounds
    moved = {"lower bound": ahead.lower - plan.budget.lower, "upper bound": ahead.upper - plan.budget.upper}
    gains = ((plan.marginal[plan.channels[i]] - plan.shadow_price) * moved[state[i]][i] for i in at)
    return fsum(gains) / (AHEAD * budget)


@dataclass(eq=False)
class Plans:
    """The points found so far, in the order of their budgets; at most ``most`` are solved beyond those asked for."""

    question: Question
    most: int
    points: list[Point] = field(default_factory=list)
    found: dict[float, Point] = field(default_factory=dict)
    spare: int = 0

    def at(self, budget: float) -> Point:
        """Return the plan at a budget, solving it unless that was done before."""
        if budget not in self.found:
            point = _point(self.question, budget)
            self.found[budget] = point
            insort(self.points, point, key=lambda p: p.budget)
        return self.found[budget]

    def extra(self, budget: float) -> Point:
        """Return the plan at a budget that nobody asked for."""
        self.spare += budget not in self.found
        return self.at(budget)

    @property
    def exhausted(self) -> bool:
        """Whether no more may be solved beyond those asked for."""
        return self.spare >= self.most

    def place(self, point: Point) -> int:
        """Return where a point stands among all."""
        return next(i for i, p in enumerate(self.points) if p is point)
