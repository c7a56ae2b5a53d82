"""Objectives of the user's own: several local searches, the best of which is kept. Nothing is proven."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.budget.answer import Found
from mixcurve.budget.constraints.question import Question
from mixcurve.budget.functions import channel_functions
from mixcurve.budget.model import Model
from mixcurve.budget.outcome import Outcomes
from mixcurve.budget.solver import solve_model
from mixcurve.foundations.errors import InputError, MixcurveError

__all__ = ["solve_local"]

FloatArray = npt.NDArray[np.float64]
Custom = Callable[[FloatArray], float]

SEED = 0
"""Of the random starts, so that the same question has the same answer."""
RANDOM_STARTS = 12
"""Random plans that are climbed from, beside the current plan and the best one for the response."""
NODES = 200
"""Boxes solved for each start that the certified solver makes: it need not be proven."""
ROUGH = 1e-3
"""The gap at which it is content."""
STEPS = 200
"""Steps of one local search at most."""
PRECISION = 1e-10
"""Relative change of the objective at which a local search ends."""


def solve_local(question: Question, model: Model, objective: Custom) -> Found:
    """Return the best plan of several local searches (SLSQP) for any objective of spend (C).

    Each search keeps the cells on that its start has on, where being on costs or counts.
    """
    outcomes = Outcomes(question, model)
    asked = _checked(objective, len(question.asked.channels))
    best, amount = -np.inf, None
    starts = _starts(outcomes)
    for start in starts:
        for found in (start, _climbed(outcomes, asked, start)):
            if _inside(model, found) and outcomes.keeps(found):
                value = asked(outcomes.spend(found))
                if value > best:
                    best, amount = value, found
    if amount is None:
        raise MixcurveError(
            "No plan that keeps all constraints was found from any start. Ease the constraints."
        )
    spend, now = outcomes.spend(amount), question.asked.current
    response, slope = outcomes.responses(spend)
    return Found(
        spend=spend,
        response=np.stack([outcomes.responses(now)[0], response]),
        marginal=slope,
        value=best,
        current_value=asked(now),
        bound=float("inf"),
        price=float("nan"),
        nodes=0,
        certificate=None,
        searches=len(starts),
    )


def _checked(objective: Custom, channels: int) -> Custom:
    def value(spend: FloatArray) -> float:
        found: Any = objective(spend.copy())
        try:
            out = float(found)
        except (TypeError, ValueError):
            out = float("nan")
        if np.isnan(out) or out == np.inf:
            raise InputError(
                f"The objective must return a finite number for spend of {channels} channels, got {found!r} at "
                f"{np.round(spend, 6).tolist()}."
            )
        return out

    return value


def _inside(model: Model, amount: FloatArray) -> bool:
    within = (amount >= model.lower) & (amount <= model.upper)
    return bool(np.all(within | (model.optional & (amount == 0))))


def _starts(outcomes: Outcomes) -> list[FloatArray]:
    """Return the current plan, the best one for the response, and plans that are best for random worths."""
    model, rng = outcomes.model, np.random.default_rng(SEED)
    now = outcomes.amount(outcomes.question.asked.current)
    starts = [] if now is None else [now]
    plans = []
    for k in range(RANDOM_STARTS + 1):
        worth = model.worth * (1.0 if k == 0 else rng.exponential(size=len(model.worth)))
        found = solve_model(replace(model, worth=worth), tolerance=ROUGH, max_nodes=NODES)
        if np.all(np.isfinite(found.amount)):
            plans.append(found.amount)
    mixed = [0.5 * (a + plans[0]) for a in plans[1:]]
    return [*starts, *plans, *(m for m in mixed if _inside(model, m) and outcomes.keeps(m))]


def _climbed(outcomes: Outcomes, objective: Custom, start: FloatArray) -> FloatArray:
    """Return the end of a local search from a plan, in units of the budget so that steps are of size one."""
    from scipy.optimize import minimize

    model = outcomes.model
    counted = any(row.kind == "count" for row in model.rows)
    off = (start == 0) & (model.optional | (model.setup > 0) | counted)
    low, high = np.where(off, 0.0, model.lower), np.where(off, 0.0, model.upper)
    unit = max(float(start.sum()), float(np.min([r.limit for r in model.rows if r.kind == "total"])), 1e-300)
    size = max(abs(objective(outcomes.spend(start))), 1e-300)

    def loss(x: FloatArray) -> float:
        return -objective(outcomes.spend(np.clip(x * unit, low, high))) / size

    def room(x: FloatArray) -> FloatArray:
        return _room(outcomes, np.clip(x * unit, low, high), start > 0)

    between: Any = np.stack([low, high], axis=1) / unit
    rows: Any = {"type": "ineq", "fun": room}
    options: Any = {"maxiter": STEPS, "ftol": PRECISION}
    found = minimize(loss, start / unit, method="SLSQP", bounds=between, constraints=rows, options=options)
    return _pulled(outcomes, start, np.clip(found.x * unit, low, high))


def _room(outcomes: Outcomes, amount: FloatArray, on: npt.NDArray[np.bool_]) -> FloatArray:
    """Return by how much each row is kept, relative to its size."""
    model = outcomes.model
    money = amount + np.where(on, model.setup, 0.0)
    response = channel_functions(model).value(np.arange(len(model.channels)), amount[model.cell])
    out = []
    for row in model.rows:
        used = float(row.money @ money + row.response @ response + row.on @ on)
        out.append((row.limit - used) / max(abs(row.limit), float(np.abs(row.money) @ money), 1e-300))
    return np.array(out)


def _pulled(outcomes: Outcomes, start: FloatArray, end: FloatArray) -> FloatArray:
    """Return the end, or the furthest point on the way to it from the start that keeps every row."""
    if outcomes.keeps(end) or not outcomes.keeps(start):
        return end
    good, bad = 0.0, 1.0
    for _ in range(60):
        middle = 0.5 * (good + bad)
        good, bad = (middle, bad) if outcomes.keeps(start + middle * (end - start)) else (good, middle)
    return start + good * (end - start)
