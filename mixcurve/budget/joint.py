"""Problems beyond the plain class: a `Model`, solved with the proof that fits it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mixcurve.budget.answer import Found
from mixcurve.budget.constraints.aims import Risk
from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.constraints.question import Question
from mixcurve.budget.functions import channel_functions
from mixcurve.budget.model import Model
from mixcurve.budget.objectives import BeatCurrent, CVaR, MeanMinusRisk
from mixcurve.budget.outcome import Outcomes, draws_of
from mixcurve.budget.proof.certificate import ModelCertificate
from mixcurve.budget.shadow import shadow_price
from mixcurve.budget.solution import Solution
from mixcurve.budget.solver import solve_model
from mixcurve.foundations.errors import MixcurveError

__all__ = ["JOINT_NODES", "solve_joint", "tail_weights"]

FloatArray = npt.NDArray[np.float64]
JOINT_NODES = 1_000
"""Boxes solved unless told otherwise: tens of milliseconds each where constraints are not only nested groups."""
DUST = 1e-12
"""Share of the budget below which an amount counts as none."""


def solve_joint(question: Question, model: Model, *, tolerance: float, max_nodes: int | None) -> Found:
    """Return the best plan of the model.

    Raises
    ------
    InfeasibleError
        If it is proven that the rows leave no plan.
    """
    outcomes, risk = Outcomes(question, model), question.goal.risk
    starts = _starts(outcomes)
    if risk is None:
        solution = solve_model(model, tolerance=tolerance, max_nodes=max_nodes or JOINT_NODES, starts=starts)
    else:
        from mixcurve.budget.risk.solve import solve_risk

        now = _current(outcomes)
        solution = solve_risk(
            model, risk, current=now, tolerance=tolerance, max_nodes=max_nodes, starts=starts
        )
    if not np.all(np.isfinite(solution.amount)):
        _refuse(question, solution)
    return _found(outcomes, solution if risk is not None else _tidied(outcomes, solution))


def _starts(outcomes: Outcomes) -> list[FloatArray]:
    """Return the current plan, scaled to the budget where it overspends, if it keeps all constraints."""
    asked = outcomes.question.asked
    spent, paid = float(asked.current.sum()), float(asked.money(asked.current).sum())
    plan = asked.current
    if paid > asked.total and spent > 0:
        plan = plan * (max(asked.total - (paid - spent), 0.0) / spent)
    amount = outcomes.amount(plan)
    return [] if amount is None else [amount]


def _tidied(outcomes: Outcomes, solution: Solution) -> Solution:
    """Return the solution without amounts that are only rounding, where the plan keeps its rows without them."""
    model = outcomes.model
    dust = (
        (solution.amount > 0) & (solution.amount <= DUST * outcomes.question.asked.total) & (model.lower <= 0)
    )
    amount = np.where(dust, 0.0, solution.amount)
    if not dust.any() or not outcomes.keeps(amount):
        return solution
    return replace(solution, amount=amount, value=outcomes.value(outcomes.spend(amount)))


def _refuse(question: Question, solution: Solution) -> None:
    floors = tuple(floor.words for floor in question.asked.floors)
    if solution.bound > -np.inf:
        raise MixcurveError(
            f"No plan was found in {solution.nodes:,} boxes, and none is ruled out. Raise max_nodes, or ease "
            f"{' or '.join(floors) or 'the constraints'}."
        )
    rest = () if question.system is None else tuple(w for w in question.system.words if w not in floors)
    raise InfeasibleError(
        f"No plan exists: {', '.join(floors) or 'the constraints'} cannot be kept with the other constraints; this is "
        "proven. Ease one of them.",
        (*floors, *rest),
        smallest=False,
    )


def _found(outcomes: Outcomes, solution: Solution) -> Found:
    question, model, place = outcomes.question, outcomes.model, outcomes.place
    spend, now = outcomes.spend(solution.amount), question.asked.current
    before, (response, slope) = outcomes.responses(now)[0], outcomes.responses(spend)
    mine = np.empty((2, len(place)))
    mine[:, place] = response, slope
    gain = _gains(outcomes, spend, mine[1])
    price = float("nan") if gain is None else shadow_price(model, solution.amount, mine[0], mine[1], gain)
    risk = question.goal.risk
    certificate: ModelCertificate | None = ModelCertificate(model, solution, risk)
    if isinstance(risk, BeatCurrent):
        certificate = _against_current(outcomes, solution, risk)
    return Found(
        spend=spend,
        response=np.stack([before, response]),
        marginal=slope,
        value=solution.value,
        current_value=outcomes.value(now) if risk is None else _measured(question, risk, now),
        bound=solution.bound,
        size=_size(outcomes),
        price=price,
        nodes=solution.nodes,
        certificate=certificate,
    )


def _current(outcomes: Outcomes) -> FloatArray:
    """Return the current plan in the order of the model's channels (C)."""
    now = np.empty(len(outcomes.model.channels))
    now[outcomes.place] = outcomes.question.asked.current
    return now


def _against_current(outcomes: Outcomes, solution: Solution, risk: BeatCurrent) -> ModelCertificate | None:
    """Return the certificate; None where tied channels are not in proportion now, which it could not say."""
    model, now = outcomes.model, _current(outcomes)
    cells = np.bincount(model.cell, now, model.cells)
    same = np.allclose(model.spend(cells), now, rtol=1e-9, atol=0.0)
    return ModelCertificate(model, solution, risk, cells) if same else None


def _size(outcomes: Outcomes) -> float:
    """Return what the channels could bring at most, and all their money; 1 for a share of the draws."""
    model = outcomes.model
    if isinstance(outcomes.question.goal.risk, BeatCurrent):
        return 1.0
    most = np.minimum(outcomes.spend(model.upper), outcomes.question.asked.total)
    worth = model.worth[outcomes.place]
    return float(worth @ outcomes.responses(most)[0]) + model.money_cost * outcomes.question.asked.total


def _gains(outcomes: Outcomes, spend: FloatArray, slope: FloatArray) -> FloatArray | None:
    """Return what one more unit of spend on each channel adds to the objective, in the order of the model."""
    model, risk = outcomes.model, outcomes.question.goal.risk
    if risk is None:
        return model.worth * slope
    weight = tail_weights(outcomes.question, risk, spend)
    if weight is None:
        return None
    count = len(model.channels)
    alone = replace(model, cell=np.arange(count), share=np.ones(count))
    mine = np.empty(count)
    mine[outcomes.place] = spend
    return model.worth * channel_functions(alone, weight).slopes(np.arange(count), mine)[1]


def tail_weights(question: Question, risk: Risk, spend: FloatArray) -> FloatArray | None:
    """Return the weights of the draws with which a measure of risk is a mean near a plan; None if there are none."""
    if not isinstance(risk, CVaR | MeanMinusRisk):
        return None
    draws = np.asarray(question.fitted.draws)
    values = draws_of(question, spend[None, :], draws)[:, 0]
    count = risk.tail * len(values)
    weight = np.empty(len(values))
    weight[np.argsort(values, kind="stable")] = np.clip(count - np.arange(len(values)), 0.0, 1.0) / count
    if isinstance(risk, MeanMinusRisk):
        weight = (1.0 - risk.aversion) / len(values) + risk.aversion * weight
    return weight


def _measured(question: Question, risk: Risk, spend: FloatArray) -> float:
    """Return a measure of risk at a plan (C)."""
    values = draws_of(question, spend[None, :], np.asarray(question.fitted.draws))[:, 0]
    weight = tail_weights(question, risk, spend)
    if weight is not None:
        return float(weight @ values)
    level = getattr(risk, "level", None)
    if level is None:
        return 0.0
    # The largest value that a share of 1 - level of the draws reaches.
    return (
        float(np.sort(values)[int(np.floor(level * len(values) + 1e-9))])
        if level < 1
        else float(values.max())
    )
