"""Effectiveness that varies over time: each channel's contributions times a smooth factor around 1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.model.media import Media
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import Space
from mixcurve.response.bayes.varying.basis import SQUARED_EXPONENTIAL
from mixcurve.response.bayes.varying.smooth import SmoothPrior, period_of_row, smooth_prior
from mixcurve.response.bayes.vectors.rows import DrawVectors

if TYPE_CHECKING:
    from mixcurve.response.bayes.model.model import MixModel

__all__ = ["LARGEST_CHANGE", "VaryingEffect"]

FloatArray = npt.NDArray[np.float64]

LARGEST_CHANGE = 0.5
"""The standard deviation over time of log effectiveness exceeds this with probability 0.05: two standard deviations of
it are a factor of 2.7 either way, which is more than attribution studies report for an unchanged channel."""


@dataclass(frozen=True)
class VaryingEffect:
    """Multiplies a channel's contribution in period t by exp(g(t)), scaled so that their mean stays the channel's size.

    g is a smooth path (`mixcurve.response.bayes.varying.basis`) for each channel; groups share it. What a channel's
    curve says is then its response at average effectiveness: the mean factor, weighted by contribution, is 1.

    Parameters
    ----------
    channels
        Names; None for all.
    lengthscale
        Range in periods that holds nine in ten lengthscales a priori; by default an eighth to a half of the table.
    largest
        What the standard deviation of g exceeds with probability 0.05 a priori. It is exponential, so that no variation
        is the simplest case.
    kernel
        ``"squared exponential"`` or ``"matern 5/2"``.

    Examples
    --------
    >>> VaryingEffect(("tv",), lengthscale=(13, 52)).largest
    0.5
    """

    channels: tuple[str, ...] | None = None
    lengthscale: tuple[float, float] | None = None
    largest: float = LARGEST_CHANGE
    kernel: str = SQUARED_EXPONENTIAL

    @property
    def name(self) -> str:
        """What the part is called."""
        return "varying effect"

    def prior(self, problem: BayesProblem) -> SmoothPrior:
        """Return the prior of the paths."""
        days, _ = period_of_row(problem)
        return smooth_prior("effect", len(days), self.lengthscale, self.largest, self.kernel)

    def varying(self, problem: BayesProblem) -> tuple[str, ...]:
        """Return the channels that vary, in the problem's order."""
        if self.channels is None:
            return problem.channels
        if isinstance(self.channels, str) or not self.channels:
            raise InputError(
                f"channels of VaryingEffect must be a list of names, got {self.channels!r}. None means all channels."
            )
        for channel in self.channels:
            known_name("channel", channel, problem.channels)
        return tuple(c for c in problem.channels if c in self.channels)

    def space(self, problem: BayesProblem, space: Space) -> Space:
        """Return the space with the paths' coordinates."""
        return self.prior(problem).space(space, self.varying(problem))

    def changed(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Media:
        """Return the channels with contributions that vary."""
        problem, cells = model.problem, len(model.problem.cells)
        raw = channels.contributions * self._factor(xp, model, position)
        whole, varied = (_by_cell(xp, problem, v) for v in (channels.contributions, raw))
        scale = whole / xp.floor(varied)
        by_row = scale if cells == len(problem.channels) else xp.gather(scale, problem.cell_of_row)
        return replace(channels, contributions=raw * by_row)

    def _factor(self, xp: Any, model: MixModel, position: Any) -> Any:
        """Return exp(g) of each channel and row (C · n), 1 for a channel that does not vary."""
        _, period = period_of_row(model.problem)
        varying = self.varying(model.problem)
        paths = dict(zip(varying, self.prior(model.problem).paths(xp, model.space, position), strict=True))
        still = np.ones(model.problem.rows)
        parts = [xp.gather(xp.exp(paths[c]), period) if c in paths else still for c in model.problem.channels]
        return xp.concatenate(parts)

    def added(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Any | None:
        """Return None: nothing is added to the response."""
        return None

    def log_density(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Any | None:
        """Return None: the priors are in the coordinates."""
        return None

    def factors(self, model: MixModel, draws: FloatArray) -> FloatArray:
        """Return the factor of each draw, channel and row (draws × C × n); its mean weighted by contribution is 1."""
        xp, problem = DrawVectors(), model.problem
        position = xp.position(draws)
        own, raw = model.channels(xp, position).contributions, self._factor(xp, model, position)
        # Contributions before were own / raw up to one number in each cell, which is this scale's inverse.
        scale = _by_cell(xp, problem, own / raw) / xp.floor(_by_cell(xp, problem, own))
        by_row = raw * xp.gather(scale, problem.cell_of_row)
        return np.asarray(by_row.values.reshape(len(draws), len(problem.channels), problem.rows))

    def variables(self, model: MixModel, draws: FloatArray) -> dict[str, FloatArray]:
        """Return lengthscale in periods (draws × 1) and standard deviation of g (draws × channels), by name."""
        xp = DrawVectors()
        found = self.prior(model.problem).values(xp, model.space, xp.position(draws))
        return {name: value.values for name, value in found.items()}


def _by_cell(xp: Any, problem: BayesProblem, values: Any) -> Any:
    """Return the sum of values by channel and row (C · n) over the rows of each cell (C · G)."""
    cells = len(problem.cells)
    if cells == len(problem.channels):
        return xp.segment_sum(values, cells)
    return xp.scatter(values, problem.cell_of_row, cells)
