"""From the best plans under beliefs to what the beliefs are worth: estimate, proven limits, and sampling error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from mixcurve.budget.learning.beliefs import Beliefs, nothing_known
from mixcurve.budget.learning.optima import Optima, Optimiser, responses
from mixcurve.budget.learning.results import InformationValue
from mixcurve.budget.learning.telling import Tell
from mixcurve.budget.model import Model

__all__ = ["Base", "Valued", "base_plan", "screened", "value_of"]

FloatArray = npt.NDArray[np.float64]

ROUNDING = 1e-12
"""A gain below this share of the plan's value is rounding."""


@dataclass(frozen=True, eq=False)
class Base:
    """The plan that is best for the mean over all draws: amounts (n,), expected value, and what no plan exceeds."""

    amount: FloatArray
    value: float
    bound: float


@dataclass(frozen=True, eq=False)
class Valued:
    """What the beliefs are worth, and the best plan under each (B × n)."""

    value: InformationValue
    plans: FloatArray


def base_plan(optimiser: Optimiser) -> Base:
    """Return the plan that would be chosen without knowing more."""
    draws, channels = optimiser.model.draws.shape[:2]
    found = optimiser.best(nothing_known(draws, channels))
    return Base(found.amount[0], float(found.value[0]), max(float(found.bound[0]), float(found.value[0])))


def value_of(optimiser: Optimiser, base: Base, beliefs: Beliefs, level: float, tell: Tell) -> Valued:
    """Return what it is worth to choose the plan after learning which of the beliefs holds.

    Each belief's gain is that of its best plan over the base plan, both under the belief, so that what they share
    cancels and no gain is negative.
    """
    optima = optimiser.best(beliefs, tell)
    gain, most = _gains(optima, _before(optimiser.model, base, beliefs))
    value = _stated(optimiser.model, base, beliefs, gain, float(beliefs.chance @ most), level)
    return Valued(value, optima.amount)


def screened(
    model: Model, base: Base, beliefs: Beliefs, plans: FloatArray, most: float, level: float
) -> InformationValue:
    """Return the same with the best of some plans (P × n) in place of the best of all: at least that much is gained.

    ``most`` is proven to be no less than the value.
    """
    spend = model.spend(plans)
    parts = [_bought(model, c, spend[:, c]) for c in range(len(model.channels))]
    value = sum(
        (row @ part)[beliefs.pick[:, c]]
        for c, (row, part) in enumerate(zip(beliefs.rows, parts, strict=True))
    )
    before = _before(model, base, beliefs)
    gain = np.maximum(np.max(value, axis=1) - before, 0.0)
    gain = np.where(gain > ROUNDING * np.abs(before), gain, 0.0)
    return _stated(model, base, beliefs, gain, most, level)


def _bought(model: Model, channel: int, spend: FloatArray) -> FloatArray:
    """Return what a channel's response at each spend (P,) counts in each draw (D × P)."""
    return model.worth[channel] * responses(model, channel, spend)[0]


def _before(model: Model, base: Base, beliefs: Beliefs) -> FloatArray:
    """Return what each belief expects of the base plan (B,)."""
    spend = model.spend(base.amount)
    each = [_bought(model, c, spend[c : c + 1])[:, 0] for c in range(len(model.channels))]
    return np.asarray(beliefs.mean(np.stack(each, axis=1)).sum(axis=1))


def _stated(
    model: Model, base: Base, beliefs: Beliefs, gain: FloatArray, most: float, level: float
) -> InformationValue:
    estimate = float(beliefs.chance @ gain)
    spread = float(beliefs.chance @ (gain - estimate) ** 2)
    error = float(np.sqrt(spread * (1.0 / len(model.draws) + beliefs.sampling)))
    low, high = max(estimate - (base.bound - base.value), 0.0), max(most, estimate)
    reach = float(ndtri(0.5 + 0.5 * level)) * error
    return InformationValue(estimate, error, low, high, max(low - reach, 0.0), high + reach, level)


def _gains(optima: Optima, before: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the gain of each belief's best plan, and the most that any plan could gain."""
    gain = optima.value - before
    gain = np.where(gain > ROUNDING * np.abs(before), gain, 0.0)
    return gain, np.maximum(optima.bound - before, gain)
