"""What given spend brings under a question: responses, money, the objective, and the same for each draw."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.asked import Asked
from mixcurve.budget.constraints.question import Question
from mixcurve.budget.functions import Functions, channel_functions
from mixcurve.budget.model import Model
from mixcurve.budget.problem import RiskFigures
from mixcurve.budget.rows import rows_used
from mixcurve.response.fitted import Fitted, response_draws

__all__ = ["Outcomes", "draws_of", "profit_of", "risk_figures"]

FloatArray = npt.NDArray[np.float64]
WORST = 0.1
"""The share of the draws whose mean is told beside every plan made from several."""
ROUNDING = 1e-12
"""Relative excess over a row's limit that is the rounding of its sum."""
KEEPING = 1e-9
"""Relative excess over a limit within which a given plan counts as keeping it."""


@dataclass(frozen=True)
class Outcomes:
    """Outcomes of spend (C) in the order of the fit's channels, for a question that has a model."""

    question: Question
    model: Model

    @cached_property
    def place(self) -> npt.NDArray[np.intp]:
        """Where each channel of the fit stands in the model (C)."""
        at = {name: k for k, name in enumerate(self.model.channels)}
        return np.array([at[name] for name in self.question.asked.channels], dtype=np.intp)

    @cached_property
    def _functions(self) -> Functions:
        count = len(self.model.channels)
        return channel_functions(replace(self.model, cell=np.arange(count), share=np.ones(count)))

    def spend(self, amount: FloatArray) -> FloatArray:
        """Return spend (C) at amounts per cell (n)."""
        return self.model.spend(amount)[self.place]

    def responses(self, spend: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the mean response and the marginal response of each channel (C)."""
        return self._functions.slopes(self.place, spend)

    def value(self, spend: FloatArray) -> float:
        """Return the objective of the model at spend (C)."""
        worth = self.model.worth[self.place]
        gained = fsum(worth * self.responses(spend)[0])
        return gained - self.model.money_cost * fsum(self.question.asked.money(spend))

    def amount(self, spend: FloatArray) -> FloatArray | None:
        """Return the amounts per cell (n) of a plan, or None if it breaks a tie, a bound or a row."""
        mine = np.empty_like(spend)
        mine[self.place] = spend
        model = self.model
        amount = np.bincount(model.cell, weights=mine, minlength=model.cells)
        size = KEEPING * max(float(amount.sum()), 1e-300)
        if np.any(np.abs(model.spend(amount) - mine) > size):
            return None
        inside = (amount >= model.lower - size) & (amount <= model.upper + size)
        if not np.all(inside | (model.optional & (amount == 0))):
            return None
        amount = np.where(amount > 0, np.minimum(np.maximum(amount, model.lower), model.upper), amount)
        return amount if self.keeps(amount) else None

    def keeps(self, amount: FloatArray) -> bool:
        """Return whether a plan keeps every row, to the rounding of sums."""
        response = np.empty(len(self.model.channels))
        response[self.place] = self.responses(self.spend(amount))[0]
        used, size = rows_used(self.model, amount, response)
        limit = np.array([row.limit for row in self.model.rows])
        return bool(np.all(used <= limit + ROUNDING * size))


def draws_of(question: Question, spend: FloatArray, draws: FloatArray) -> FloatArray:
    """Return the objective (draws × k) of plans (k × C) for each draw of the parameters."""
    asked, aim = question.asked, question.goal.aim
    bought = spend.copy()
    for name, tiers in asked.prices.items():
        i = asked.channels.index(name)
        bought[:, i] = tiers.volume(spend[:, i])
    gained = response_draws(question.fitted, bought, draws) @ aim.worth
    return gained - aim.money_cost * np.array([asked.money(plan).sum() for plan in spend])


def risk_figures(question: Question, spend: FloatArray, current: FloatArray) -> RiskFigures | None:
    """Return what the draws say of a plan (C), None for one draw."""
    fitted: Fitted = question.fitted
    if len(fitted.draws) < 2:
        return None
    plan, now = draws_of(question, np.stack([spend, current]), np.asarray(fitted.draws)).T
    return RiskFigures(
        mean=float(plan.mean()),
        worst_tenth=_worst_mean(plan, WORST),
        better_share=float(np.mean(plan > now)),
        draws=len(plan),
    )


def _worst_mean(values: FloatArray, tail: float) -> float:
    """Return the mean over the worst share of the values; the last one counts in part."""
    ordered = np.sort(values)
    count = tail * len(ordered)
    weight = np.clip(count - np.arange(ceil(count)), 0.0, 1.0)
    return float(ordered[: len(weight)] @ weight / count)


def profit_of(asked: Asked, spend: FloatArray, response: FloatArray) -> float | None:
    """Return the value of the responses (C) less money, None where no value is given."""
    return None if asked.value is None else fsum(asked.value * response) - fsum(asked.money(spend))
