"""Each test of a channel judged: the value of its outcome, its cost, and how much narrower it makes intervals."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixcurve.budget.learning.dependence import Related, weights_known
from mixcurve.budget.learning.experiment import (
    Design,
    Outcomes,
    designs,
    error_covariance,
    outcomes,
)
from mixcurve.budget.learning.optima import Optimiser, responses
from mixcurve.budget.learning.options import TestOptions
from mixcurve.budget.learning.results import InformationValue, SuggestedTest
from mixcurve.budget.learning.telling import Tell
from mixcurve.budget.learning.valuing import Base, screened, value_of
from mixcurve.budget.model import Model

__all__ = ["Judge", "fixed_channels", "shadow_price"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

INSIDE = 1e-9
"""Distance from a bound, relative to the budget, from which a cell counts as inside its bounds."""


def fixed_channels(model: Model) -> BoolArray:
    """Return which channels' spend has no choice (C,)."""
    fixed = (model.upper <= model.lower) & ~model.optional
    return np.asarray(fixed[model.cell])


def shadow_price(model: Model, amount: FloatArray, total: float) -> float:
    """Return what one more unit of budget brings: in cells inside their bounds, else in the best that may rise."""
    marginal = np.zeros(model.cells)
    spend = model.spend(amount)
    for c in range(len(model.channels)):
        rate = float(responses(model, c, spend[c : c + 1])[1].mean())
        marginal[model.cell[c]] += model.share[c] * model.worth[c] * rate
    near = INSIDE * max(total, 1e-300)
    rising = amount < model.upper - near
    inside = rising & (amount > model.lower + near)
    if inside.any():
        return float(marginal[inside].mean())
    return float(marginal[rising].max()) if rising.any() else 0.0


@dataclass(frozen=True, eq=False)
class Judge:
    """Judges tests of the channels of one problem; arrays are in the order of its model's channels."""

    optimiser: Optimiser
    base: Base
    options: TestOptions
    price: float
    usual: FloatArray
    seen: FloatArray
    noise: FloatArray | None
    level: float
    seed: int

    def tests(self, channel: int) -> list[Design]:
        """Return the tests of a channel."""
        planned = float(self.optimiser.model.spend(self.base.amount)[channel])
        return designs(channel, planned, planned or float(self.usual[channel]), self.options.levels)

    def screened(self, design: Design, known: Related, plans: FloatArray, most: float) -> SuggestedTest:
        """Return a test as it is with the best of some plans (P × n) after each outcome; its sentence is left empty.

        No more than ``most`` can be gained.
        """
        found, response = self._outcomes(design)
        beliefs = weights_known(known, found.weight, found.chance)
        value = screened(self.optimiser.model, self.base, beliefs, plans, most, self.level)
        return self._told(design, found, response, value)

    def proven(self, design: Design, known: Related, test: SuggestedTest, tell: Tell) -> SuggestedTest:
        """Return a test with the best of all plans after each outcome."""
        found = self._outcomes(design)[0]
        beliefs = weights_known(known, found.weight, found.chance)
        value = value_of(self.optimiser, self.base, beliefs, self.level, tell).value
        better = replace(value, estimate=max(value.estimate, test.value.estimate))
        return replace(test, value=better, net=test.horizon * better.estimate - test.cost)

    def _told(
        self, design: Design, found: Outcomes, response: FloatArray, value: InformationValue
    ) -> SuggestedTest:
        model, options = self.optimiser.model, self.options
        assert self.noise is not None
        levels, mean = np.array(design.levels), response.mean(axis=0)
        time = options.periods * options.share
        lost = time * float(np.mean(mean[0] - mean[1:]))
        money = time * float(np.mean(levels - design.reference))
        at = design.reference or float(self.usual[design.channel])
        marginal, roi = self._shrinkage(design.channel, at, found)
        cost = max(float(model.worth[design.channel]) * lost + self.price * money, 0.0)
        return SuggestedTest(
            channel=model.channels[design.channel],
            levels=design.levels,
            planned=design.reference,
            periods=options.periods,
            share=options.share,
            noise=float(self.noise[design.channel]),
            value=value,
            horizon=options.horizon,
            response_lost=lost,
            extra_money=money,
            cost=cost,
            net=options.horizon * value.estimate - cost,
            at_spend=at,
            marginal_shrinkage=marginal,
            roi_shrinkage=roi,
            effective_draws=found.effective,
            beyond_seen=bool(levels.max() > self.seen[design.channel]),
            sentence="",
        )

    def _outcomes(self, design: Design) -> tuple[Outcomes, FloatArray]:
        """Return the outcomes, and the response at the planned spend and at each level in each draw (D × (1 + L))."""
        assert self.noise is not None
        options, noise = self.options, float(self.noise[design.channel])
        spend = np.array([design.reference, *design.levels])
        response = responses(self.optimiser.model, design.channel, spend)[0]
        covariance = error_covariance(len(design.levels), noise, options.periods, options.share)
        return outcomes(response[:, 1:] - response[:, :1], covariance, self.seed), response

    def _shrinkage(self, channel: int, at: float, found: Outcomes) -> tuple[float, float]:
        """Return the expected width of the intervals of marginal response and of response after, over that now."""
        response, marginal = responses(self.optimiser.model, channel, np.array([at]))
        return tuple(shrinkage(part[:, 0], found, self.level) for part in (marginal, response))  # type: ignore[return-value]


def shrinkage(values: FloatArray, found: Outcomes, level: float) -> float:
    """Return the expected width of the interval of a figure after the test over its width now; 1 if that is 0.

    Parameters
    ----------
    values
        The figure in each draw (D,).
    """
    now = float(_widths(values, np.full((1, len(values)), 1.0 / len(values)), level)[0])
    return float(found.chance @ _widths(values, found.weight, level)) / now if now > 0 else 1.0


def _widths(values: FloatArray, weight: FloatArray, level: float) -> FloatArray:
    """Return the width of the weighted interval at ``level`` for each row of weights (K × D), ends interpolated."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    ends = np.empty((2, len(weight)))
    for k, row in enumerate(weight):
        middle = np.cumsum(row[order]) - 0.5 * row[order]
        ends[:, k] = np.interp([0.5 - 0.5 * level, 0.5 + 0.5 * level], middle, ordered)
    return ends[1] - ends[0]
