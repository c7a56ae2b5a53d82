"""The problem that is learnt about: the model over all draws, and how it is solved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.words import Constraints, constraints_from
from mixcurve.budget.model import Model, Row
from mixcurve.budget.problem import stated_budget
from mixcurve.foundations.percent import factors
from mixcurve.response.fitted import Fitted, by_channel

__all__ = ["current_plan", "question"]

FloatArray = npt.NDArray[np.float64]


def current_plan(fitted: Fitted, current: Mapping[str, float] | None) -> FloatArray:
    """Return the current plan (C,): the fit's unless given."""
    if current is None:
        return np.asarray(fitted.current, dtype=np.float64)
    return by_channel("current", current, fitted.channels, 0.0)


def question(
    fitted: Fitted,
    draws: FloatArray,
    budget: float | None,
    constraints: Constraints | None,
    now: FloatArray,
    words: Mapping[str, Any],
) -> Model:
    """Return the model of the problem, with equal weights of the draws."""
    asked = constraints_from(words, constraints)
    total = float(now.sum()) if budget is None else budget
    bounds: dict[str, tuple[float, float]] = {}
    for c, x in zip(fitted.channels, now.tolist(), strict=True):
        if asked.within:
            low, high = factors(asked.within) or (0.0, np.inf)
            bounds[c] = low * x, high * x
    for c, pair in asked.bounds.items():
        bounds[c] = pair  # type: ignore[assignment]
    for c in asked.locked:
        x = float(now[fitted.channels.index(c)])
        bounds[c] = (x, x)
    told = stated_budget(fitted.channels, total, bounds)
    n = len(fitted.channels)
    worth = np.ones(n) if asked.value is None else np.full(n, float(asked.value))  # type: ignore[arg-type]
    return Model(
        channels=tuple(fitted.channels),
        curve=tuple(fitted.curve),
        draws=draws,
        weight=np.full(len(draws), 1 / len(draws)),
        cell=np.arange(n),
        share=np.ones(n),
        worth=worth,
        money_cost=0.0,
        lower=told.lower,
        upper=np.minimum(told.upper, told.lower + told.total - told.lower.sum()),
        optional=np.zeros(n, dtype=bool),
        setup=np.zeros(n),
        rows=(Row("total", "total", np.ones(n), np.zeros(n), np.zeros(n), told.total),),
        prices={},
    )
