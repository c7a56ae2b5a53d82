"""From the best plans under beliefs to what the beliefs are worth: estimate, proven limits, and sampling error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from mixcurve.budget.learning.beliefs import Beliefs, nothing_known
from mixcurve.budget.learning.optima import Optima, Optimiser, expected
from mixcurve.budget.learning.results import InformationValue
from mixcurve.budget.learning.telling import Tell

__all__ = ["Base", "base_plan", "value_of"]

FloatArray = npt.NDArray[np.float64]

ROUNDING = 1e-12
"""A gain below this share of the plan's value is rounding."""


@dataclass(frozen=True, eq=False)
class Base:
    """The plan that is best for the mean over all draws: amounts (n,), expected value, and what no plan exceeds."""

    amount: FloatArray
    value: float
    bound: float


def base_plan(optimiser: Optimiser) -> Base:
    """Return the plan that would be chosen without knowing more."""
    draws, channels = optimiser.model.draws.shape[:2]
    found = optimiser.best(nothing_known(draws, channels))
    return Base(found.amount[0], float(found.value[0]), max(float(found.bound[0]), float(found.value[0])))


def value_of(
    optimiser: Optimiser, base: Base, beliefs: Beliefs, level: float, tell: Tell, *, outcomes: bool = False
) -> InformationValue:
    """Return what it is worth to choose the plan after learning which of the beliefs holds.

    Each belief's gain is that of its best plan over the base plan, both under the belief, so that what they share
    cancels and no gain is negative. ``outcomes`` says that the beliefs are a sample of their own, beside the draws.
    """
    optima = optimiser.best(beliefs, tell)
    model = optimiser.model
    before = expected(model, beliefs, np.tile(model.spend(base.amount), (len(beliefs), 1)))
    gain, most = _gains(optima, before)
    estimate = float(beliefs.chance @ gain)
    spread = float(beliefs.chance @ (gain - estimate) ** 2)
    error = np.sqrt(spread * (1.0 / len(model.draws) + (1.0 / len(beliefs) if outcomes else 0.0)))
    proven_low = max(estimate - (base.bound - base.value), 0.0)
    proven_high = float(beliefs.chance @ most)
    reach = float(ndtri(0.5 + 0.5 * level) * error)
    return InformationValue(
        estimate=estimate,
        standard_error=float(error),
        proven_low=proven_low,
        proven_high=proven_high,
        low=max(proven_low - reach, 0.0),
        high=proven_high + reach,
        level=level,
    )


def _gains(optima: Optima, before: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the gain of each belief's best plan, and the most that any plan could gain."""
    gain = optima.value - before
    gain = np.where(gain > ROUNDING * np.abs(before), gain, 0.0)
    return gain, np.maximum(optima.bound - before, gain)
