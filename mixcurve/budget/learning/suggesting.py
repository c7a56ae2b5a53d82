"""Each test of a channel judged: the value of its outcome, its cost, and how much narrower it makes intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.learning.beliefs import Beliefs
from mixcurve.budget.learning.dependence import Related, weights_known
from mixcurve.budget.learning.experiment import (
    OUTCOMES,
    Design,
    Outcomes,
    designs,
    error_covariance,
    outcomes,
)
from mixcurve.budget.learning.optima import Optimiser
from mixcurve.budget.learning.options import TestOptions
from mixcurve.budget.learning.results import SuggestedTest
from mixcurve.budget.learning.telling import Tell
from mixcurve.budget.learning.valuing import Base, value_of
from mixcurve.budget.model import Model
from mixcurve.response.curves.derivatives import unit_marginal

__all__ = ["Judge", "fixed_channels", "shadow_price"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

INSIDE = 1e-9
"""Distance from a bound, relative to the budget, from which a cell counts as inside its bounds."""


def fixed_channels(model: Model) -> BoolArray:
    """Return which channels' spend has no choice (C,)."""
    fixed = (model.upper <= model.lower) & ~model.optional
    return np.asarray(fixed[model.cell])


def responses(model: Model, channel: int, spend: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a channel's response and marginal response in each draw at each spend (k,): (D × k) each."""
    chosen = model.curve[channel]
    top, *shape = (model.draws[:, channel, k, None] for k in range(len(chosen.names)))
    tiers = model.prices.get(model.channels[channel])
    bought, rate = spend, np.ones_like(spend)
    if tiers is not None:
        bought = tiers.volume(spend)
        rate = 1.0 / tiers.price[np.searchsorted(tiers.start, spend, side="right") - 1]
    value, slope = unit_marginal(chosen, np.broadcast_to(bought, (len(model.draws), len(spend))), shape)
    return top * value, top * slope * rate


def shadow_price(model: Model, amount: FloatArray, total: float) -> float:
    """Return the expected response of one more unit of budget: of cells inside their bounds, else of the best that may
    rise.
    """  # noqa: D205
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

    @property
    def outcomes(self) -> int:
        """The number of outcomes of a test, each of which asks for a plan."""
        return OUTCOMES

    def tests(self, channel: int) -> list[Design]:
        """Return the tests of a channel."""
        planned = float(self.optimiser.model.spend(self.base.amount)[channel])
        return designs(channel, planned, planned or float(self.usual[channel]), self.options.levels)

    def judged(self, design: Design, known: Related, tell: Tell) -> SuggestedTest:
        """Return a test with its value, cost and expected shrinkage; its sentence is left empty."""
        model, options = self.optimiser.model, self.options
        assert self.noise is not None
        noise = float(self.noise[design.channel])
        found, response = self._outcomes(design, noise)
        beliefs: Beliefs = weights_known(known, found.weight, found.chance)
        value = value_of(self.optimiser, self.base, beliefs, self.level, tell, outcomes=True)
        levels, mean = np.array(design.levels), response.mean(axis=0)
        time = options.periods * options.share
        lost = time * float(np.mean(mean[0] - mean[1:]))
        money = time * float(np.mean(levels - design.reference))
        at = design.reference or float(self.usual[design.channel])
        marginal, roi = self._shrinkage(design.channel, at, found)
        cost = float(model.worth[design.channel]) * lost + self.price * money
        return SuggestedTest(
            channel=model.channels[design.channel],
            levels=design.levels,
            planned=design.reference,
            periods=options.periods,
            share=options.share,
            noise=noise,
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

    def _outcomes(self, design: Design, noise: float) -> tuple[Outcomes, FloatArray]:
        spend = np.array([design.reference, *design.levels])
        response = responses(self.optimiser.model, design.channel, spend)[0]
        covariance = error_covariance(len(design.levels), noise, self.options.periods, self.options.share)
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
