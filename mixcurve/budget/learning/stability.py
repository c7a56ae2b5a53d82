"""`plan_stability`: how far a plan depends on which of the plausible curves are the true ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.question import Question
from mixcurve.budget.constraints.words import Constraints, ConstraintWords
from mixcurve.budget.learning.beliefs import everything_known
from mixcurve.budget.learning.drawing import family_draws
from mixcurve.budget.learning.families import CURRENT, THIS, Families, family_fits, payoff
from mixcurve.budget.learning.optima import Optima, Optimiser, expected
from mixcurve.budget.learning.question import asked_question, model_of, thinned_question
from mixcurve.budget.learning.sentences import stability_message, written_units
from mixcurve.budget.learning.stability_result import FamilyPayoff, Stability
from mixcurve.budget.learning.telling import Progress, telling
from mixcurve.budget.learning.valuing import base_plan
from mixcurve.budget.problem import Allocation
from mixcurve.foundations.checks import number
from mixcurve.response.fitted import Fitted

__all__ = ["plan_stability"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

TOLERANCE = 1e-6
"""Relative gap of each draw's plan."""
CHANGED = 1e-3
"""Share of the budget from which a difference in spend counts: plans within the tolerance differ by less."""


def plan_stability(
    fitted: Fitted,
    plan: Allocation | float | None = None,
    *,
    families: Families | None = None,
    table: Any = None,
    constraints: Constraints | None = None,
    current: Mapping[str, float] | None = None,
    most_draws: int | None = None,
    tolerance: float = TOLERANCE,
    level: float = 0.9,
    seed: int = 0,
    progress: Progress | bool | None = None,
    **words: Unpack[ConstraintWords],
) -> Stability:
    """Return how the best plan changes from draw to draw, and with the family of the curves.

    For every draw of the curves the best plan is found and proven anew, as if that draw were the truth.

    Parameters
    ----------
    fitted
        Curves with several draws, or with resamples.
    plan
        A plan of `allocate`, or a budget, whose best plan for the mean over the draws is then judged; None is what the
        current plan costs.
    families
        Other fits by family, ``{"hill": fit, "logistic": other}``; a comparison of curves for each channel; or names
        of curves, which are fitted to ``table``.
    table
        From `read_spend`, for families given by name.
    constraints, words
        As in `allocate`. Without any, those of a plan of `allocate` hold.
    current, most_draws, tolerance, level, seed, progress
        As in `next_test`.

    Raises
    ------
    InputError
        For curves without draws or resamples, families that do not have the channels of the plan, and constraints that
        leave no plan.

    Notes
    -----
    The plan of least regret is that whose largest loss over the families is smallest (Savage 1951).

    Examples
    --------
    >>> from mixcurve import response_from
    >>> known = response_from(
    ...     {
    ...         "tv": ("michaelis_menten", {"top": [50, 150], "half": 10}),
    ...         "radio": ("michaelis_menten", {"top": 100, "half": 10}),
    ...     },
    ...     current={"tv": 10, "radio": 10},
    ... )
    >>> plan_stability(known, 20).gains["tv"]
    0.5
    """
    number("level", level, low=0.0, high=1.0, open_low=True)
    number("tolerance", tolerance, low=0.0, open_low=True)
    asked = _asked_of(plan, constraints, current, words)
    question = asked.thinned(fitted, most_draws, seed)
    model, now = model_of(question), question.asked.current
    order = [model.channels.index(c) for c in fitted.channels]
    optimiser = Optimiser(model, tolerance)
    if isinstance(plan, Allocation):
        spend = np.array([plan.spend[c] for c in fitted.channels])
    else:
        spend = model.spend(base_plan(optimiser).amount)[order]
    everything = everything_known(*model.draws.shape[:2])
    with telling(progress) as tell:
        tell.begin("best plan of each draw", len(everything))
        optima = optimiser.best(everything, tell)
    same = np.tile(spend[np.argsort(order)], (len(everything), 1))
    each = _Each(
        spend=model.spend(optima.amount)[:, order], optima=optima, value=expected(model, everything, same)
    )
    payoffs = None
    if families is not None:
        fits = family_fits(fitted, families, table)
        models = {
            name: model_of(asked.of(fit, family_draws(fit, len(model.draws), seed)))
            for name, fit in fits.items()
        }
        payoffs = payoff(models, fitted.channels, {THIS: spend, CURRENT: now}, tolerance)
    found = _stability(fitted, now, spend, each, optimiser.total, level, payoffs)
    evident = question.evident
    found = replace(found, held=evident.held, capped=evident.capped)
    return replace(found, message=stability_message(found, written_units(fitted, question.goal.plain)))


@dataclass(frozen=True, eq=False)
class _Asked:
    """The problem, but for the curves."""

    constraints: Constraints | None
    current: Mapping[str, float] | None
    budget: float | None
    words: Mapping[str, Any]

    def thinned(self, fitted: Fitted, most_draws: int | None, seed: int) -> Question:
        return thinned_question(
            fitted, most_draws, seed, self.budget, self.constraints, self.current, self.words
        )

    def of(self, fitted: Fitted, draws: FloatArray) -> Question:
        return asked_question(fitted, draws, self.budget, self.constraints, self.current, self.words)


@dataclass(frozen=True, eq=False)
class _Each:
    """For every draw its best plan (D × C), how that is proven, and what the plan judged brings in it (D,)."""

    spend: FloatArray
    optima: Optima
    value: FloatArray


def _asked_of(
    plan: Allocation | float | None,
    constraints: Constraints | None,
    current: Mapping[str, float] | None,
    words: Mapping[str, Any],
) -> _Asked:
    """Return what is asked: of a plan its budget, and its constraints where none are given."""
    if not isinstance(plan, Allocation):
        return _Asked(constraints, current, plan, words)
    if words or constraints is not None:
        return _Asked(constraints, current, plan.budget.total, words)
    if plan.constraints is not None:
        return _Asked(plan.constraints, current, plan.budget.total, {})
    bounds = zip(plan.budget.lower.tolist(), plan.budget.upper.tolist(), strict=True)
    by_name = dict(zip(plan.budget.channels, bounds, strict=True))
    return _Asked(None, current, plan.budget.total, {"bounds": by_name})


def _stability(
    fitted: Fitted,
    now: FloatArray,
    spend: FloatArray,
    each: _Each,
    budget: float,
    level: float,
    families: FamilyPayoff | None,
) -> Stability:
    names, near = fitted.channels, CHANGED * budget
    best = each.spend

    def shares(which: BoolArray) -> dict[str, float]:
        return dict(zip(names, which.mean(axis=0).tolist(), strict=True))

    ends = np.quantile(best, [0.5 - 0.5 * level, 0.5, 0.5 + 0.5 * level], axis=0)
    loss = np.maximum(each.optima.value - each.value, 0.0)
    slack = np.maximum(each.optima.bound - each.optima.value, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = np.where(slack > 0, slack / each.optima.value, 0.0)
    return Stability(
        channels=tuple(names),
        budget=budget,
        spend=dict(zip(names, spend.tolist(), strict=True)),
        current=dict(zip(names, now.tolist(), strict=True)),
        gains=shares(best > now + near),
        loses=shares(best < now - near),
        above_plan=shares(best > spend + near),
        below_plan=shares(best < spend - near),
        on=shares(best > 0),
        best_spend={c: tuple(ends[:, i].tolist()) for i, c in enumerate(names)},
        value=float(each.value.mean()),
        loss=float(loss.mean()),
        loss_high=float(np.quantile(loss, level)),
        gap=float(gaps.max()),
        draws=len(best),
        level=level,
        families=families,
        message="",
        every=fitted.every,
        currency=fitted.currency,
        response_name=fitted.response_name,
    )
