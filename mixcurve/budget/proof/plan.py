"""What a plan is worth, and whether it keeps every bound and row of its model, recomputed from the formulas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model, Row
from mixcurve.budget.objectives import BeatCurrent
from mixcurve.budget.proof.responses import DrawnResponses
from mixcurve.budget.proof.risk import Risk, objective_of
from mixcurve.budget.proof.verification import SAME

__all__ = ["PlanWorth", "plan_problems", "totals_of", "worth_of"]

FloatArray = npt.NDArray[np.float64]

SPENT = 1e-12
"""Relative excess of a sum of money over its limit that is rounding."""


@dataclass(frozen=True, eq=False)
class PlanWorth:
    """The objective's value, the size of what was added up for it, and the mean response per channel (C,)."""

    value: float
    size: float
    response: FloatArray


def worth_of(
    responses: DrawnResponses, amount: FloatArray, objective: Risk, current: FloatArray | None = None
) -> PlanWorth:
    """Return what a plan (n,) is worth; ``current`` is the plan to beat, where that is the objective."""
    model = responses.model
    totals, mean, size = totals_of(responses, amount)
    target = None if current is None else totals_of(responses, current)[0]
    value = objective_of(totals, model.weight, objective, target)
    return PlanWorth(value, 1.0 if isinstance(objective, BeatCurrent) else size, mean)


def totals_of(responses: DrawnResponses, amount: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Return a plan's worth in each draw (D,), money paid for, its mean responses (C,), and the size of its terms."""
    model = responses.model
    channel = np.arange(len(model.channels))
    spend = amount[model.cell] * model.share
    drawn = responses.of_volume(channel, responses.volume(channel, spend[:, None]))[:, 0, :]
    gross = model.worth @ drawn
    cost = model.money_cost * fsum(_money(model, amount))
    return gross - cost, drawn @ model.weight, float(model.weight @ np.abs(gross)) + abs(cost)


def _money(model: Model, amount: FloatArray) -> FloatArray:
    return amount + np.where(amount > 0, model.setup, 0.0)


def plan_problems(model: Model, amount: FloatArray, response: FloatArray) -> Iterator[str]:
    """Yield the bounds and rows that a plan (n,) with these mean responses (C,) does not keep."""
    slack = SPENT * np.maximum(model.upper, amount.max(initial=0.0))
    inside = (amount >= model.lower - slack) & (amount <= model.upper + slack)
    for i in np.flatnonzero(~(inside | (model.optional & (amount == 0.0)))).tolist():
        names = "' + '".join(np.array(model.channels)[model.cell == i].tolist())
        held = f"[{model.lower[i]:,.9g}, {model.upper[i]:,.9g}]{' or 0' if model.optional[i] else ''}"
        yield f"the plan spends {amount[i]:,.9g} on '{names}', outside {held}"
    money = _money(model, amount)
    for row in model.rows:
        parts = np.concatenate([row.money * money, row.response * response, row.on * (amount > 0)])
        size = float(np.abs(parts).sum()) + abs(row.limit)
        found = fsum(parts)
        if not found <= row.limit + (SAME if row.response.any() else SPENT) * size:
            yield _broken(row, found)


def _broken(row: Row, found: float) -> str:
    if row.kind == "total":
        return f"the plan spends {found:,.9g}, more than the budget of {row.limit:,.9g}"
    if row.kind == "most":
        return f"the plan spends {found:,.9g} on '{row.name}', more than its most of {row.limit:,.9g}"
    if row.kind == "least":
        return f"the plan spends {-found:,.9g} on '{row.name}', less than its least of {-row.limit:,.9g}"
    if row.kind == "count":
        return f"the plan has {found:g} channels of '{row.name}' on, more than {row.limit:g}"
    if row.kind == "target":
        return f"the plan brings a response of {-found:,.9g}, less than the target of {-row.limit:,.9g}"
    return f"the plan misses the {row.kind.upper()} asked of '{row.name}' by {found - row.limit:,.6g}"
