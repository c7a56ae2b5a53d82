"""`Question`: a budget problem from the user's words to the form in which it is solved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.aims import Goal, goal_of
from mixcurve.budget.constraints.asked import Asked, asked_of
from mixcurve.budget.constraints.evidence import Evident, evident_bounds
from mixcurve.budget.constraints.limits import Limit, System
from mixcurve.budget.constraints.normal import Aim, normal_model, refuse_falling
from mixcurve.budget.constraints.possible import Settled, settled, settled_simple
from mixcurve.budget.constraints.stated import (
    floor_ranges,
    largest_spend,
    mean_curves,
    response_hulls,
    stated_system,
)
from mixcurve.budget.constraints.words import Constraints, ConstraintWords, constraints_from
from mixcurve.budget.model import Model
from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError
from mixcurve.response.fitted import Fitted, KnownCurves, by_channel

__all__ = ["Question", "least_budget_model", "question_of"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of a solver.

    Parameters
    ----------
    fitted
        The curves; for a measure of risk on a point fit, its resamples stand as the draws.
    words, asked
        What the user wrote, and the same by channel.
    goal
        What is maximised.
    evident
        The bounds that the evidence asks for, which may have given way in ``bounds``.
    bounds
        The bounds on spend to keep, and sentences on those that gave way.
    model
        The problem in its one form, or None where there is nothing but one curve per channel, a budget and bounds.
    system
        The constraints as limits, None where there are only bounds.
    """

    fitted: Fitted
    words: Constraints
    asked: Asked
    goal: Goal
    evident: Evident
    bounds: Settled
    model: Model | None
    system: System | None


def question_of(
    fitted: Fitted, budget: float | None, objective: Any, words: Constraints, current: Any
) -> Question:
    """Return the question, or raise an `InputError` that says what is wrong with it.

    Raises
    ------
    InputError
        For arguments that make no sense.
    InfeasibleError
        If no plan keeps what the user asks.
    """
    now = current_plan(fitted, current)
    asked = asked_of(fitted, budget, words, now)
    goal = goal_of(objective, asked.value, len(fitted.channels))
    fitted = _with_draws(fitted, goal)
    evident = evident_bounds(fitted, asked, words)
    system = None
    if asked.simple:
        bounds = settled_simple(asked, evident)
        asked = replace(asked, total=max(asked.total, float(np.sum(bounds.lower))))
    else:
        floored = bool(asked.floors) or bool(asked.least_marginal.any())
        curves = mean_curves(fitted, asked, _weights(fitted)) if floored else []
        ranges = floor_ranges(asked, curves)
        system = stated_system(asked, ranges, curves)
        bounds = settled(asked, evident, system)
    plain = asked.simple and len(fitted.draws) == 1 and goal.kind == "response" and goal.plain
    model = None
    if not plain:
        refuse_falling(fitted)
        model = normal_model(
            fitted, asked, bounds, {} if system is None else ranges, goal.aim, _weights(fitted)
        )
    return Question(fitted, words, asked, goal, evident, bounds, model, system)


def current_plan(fitted: Fitted, current: Any) -> FloatArray:
    """Return the plan to compare with, by channel (C)."""
    if current is None:
        return np.asarray(fitted.current, dtype=np.float64)
    return by_channel("current", current, fitted.channels, 0.0)


def _weights(fitted: Fitted) -> FloatArray:
    return np.full(len(fitted.draws), 1.0 / len(fitted.draws))


def _with_draws(fitted: Fitted, goal: Goal) -> Fitted:
    """Return curves with the draws that a measure of risk needs."""
    if goal.kind != "risk" or len(fitted.draws) > 1:
        return fitted
    if len(fitted.resamples) < 2:
        raise InputError(
            f"objective {goal.text} needs several draws of the curves' parameters, got one and no resamples. "
            "Pass a posterior, a fit with resamples, or curves with arrays of parameters."
        )
    return KnownCurves(
        tuple(fitted.channels),
        tuple(fitted.curve),
        np.asarray(fitted.resamples),
        np.asarray(fitted.resamples),
        np.asarray(fitted.spend_range),
        np.asarray(fitted.current),
        fitted.evidence,
        fitted.every,
        fitted.currency,
        fitted.response_name,
    )


def least_budget_model(
    fitted: Fitted,
    response: float,
    *,
    most: float,
    current: Any = None,
    constraints: Constraints | None = None,
    **words: Unpack[ConstraintWords],
) -> Model:
    """Return the model whose best plan reaches a response with the least money; its value is minus that money.

    Parameters
    ----------
    fitted
        The curves.
    response
        Total response per period to be reached, the mean over the draws.
    most
        A budget that no plan exceeds, such as one that is known to reach the response.
    current, constraints, **words
        As `allocate` takes them.

    Raises
    ------
    InputError
        For arguments that make no sense.
    InfeasibleError
        If no plan reaches the response with that budget, as far as concave hulls of the curves show.
    """
    target = number("response", response, low=0.0)
    asked = asked_of(fitted, most, constraints_from(words, constraints), current_plan(fitted, current))
    refuse_falling(fitted)
    kept = constraints_from(words, constraints)
    weight = _weights(fitted)
    curves = mean_curves(fitted, asked, weight)
    ranges = floor_ranges(asked, curves)
    system = stated_system(asked, ranges, curves)
    everyone = np.arange(len(asked.channels))
    reach = Limit(f"response of {target:,.6g}", response=(everyone, np.ones(len(everyone))), least=target)
    hulls = response_hulls(curves, largest_spend(asked))
    system = replace(system, limits=(*system.limits, reach), hulls=hulls)
    bounds = settled(asked, evident_bounds(fitted, asked, kept), system)
    aim = Aim(np.zeros(len(everyone)), 1.0, target)
    return normal_model(fitted, asked, bounds, ranges, aim, weight)
