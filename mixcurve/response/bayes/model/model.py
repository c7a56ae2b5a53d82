"""The whole model: priors, channels, likelihood and other evidence, as one log density of the position."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.likelihood import Likelihood
from mixcurve.response.bayes.model.media import Media, media, media_space
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.sizes import Sizes
from mixcurve.response.bayes.model.space import Space
from mixcurve.response.bayes.priors.resolved import ResolvedPriors
from mixcurve.response.bayes.sample.warp import warped
from mixcurve.response.bayes.vectors.tape import Program, Recorder

__all__ = ["MixModel", "Part"]

FloatArray = npt.NDArray[np.float64]
Coordinates = Callable[[Any, Any], tuple[Any, Any]]
"""Of a vector language and z: the position, and the log of the volume (1,) that a volume of z takes there."""


class Part(Protocol):
    """Something more that the model knows or does: an experiment, a varying effect, a channel of another kind.

    A part may add coordinates, change what the channels do, and add to the log density.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    def space(self, problem: BayesProblem, space: Space) -> Space:
        """Return the space with the coordinates of this part."""
        ...

    def changed(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Media:
        """Return what the channels do with this part; the same if it changes nothing."""
        ...

    def added(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Any | None:
        """Return what this part adds to the response in each row (n,), over the unit, or None."""
        ...

    def log_density(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Any | None:
        """Return what this part adds to the log density (1,), or None."""
        ...


@dataclass(frozen=True, eq=False)
class MixModel:
    """A model that can be sampled.

    The log density at position u is -|u|² / 2 (every coordinate is standard normal under its prior), plus the log of
    what the sizes leave to the baseline (`Sizes`), plus the likelihood and the parts.
    """

    problem: BayesProblem
    priors: ResolvedPriors
    likelihood: Likelihood
    parts: tuple[Part, ...] = ()

    @cached_property
    def space(self) -> Space:
        """The coordinates."""
        space = self.likelihood.space(self.problem, media_space(self.problem, Space()))
        for part in self.parts:
            space = part.space(self.problem, space)
        return space

    @cached_property
    def sizes(self) -> Sizes:
        """The prior of the channels' sizes."""
        return Sizes.of(self.problem, self.priors)

    def channels(self, xp: Any, position: Any) -> Media:
        """Return what the channels do at a position, in any vector language."""
        size = self.sizes.values(xp, self, position)
        found = media(xp, self.problem, self.priors, self.space, position, size)
        for part in self.parts:
            found = part.changed(xp, self, position, found)
        return found

    def summed(self, xp: Any, position: Any, channels: Media) -> Any:
        """Return what channels and parts bring in each row (n,), over the unit."""
        rows, count = self.problem.rows, len(self.problem.channels)
        total = xp.scatter(channels.contributions, np.tile(np.arange(rows), count), rows)
        for part in self.parts:
            more = part.added(xp, self, position, channels)
            total = total if more is None else total + more
        return total

    def log_density(self, xp: Any, position: Any) -> Any:
        """Return the log density (1,) of a position, up to a constant, in any vector language."""
        channels = self.channels(xp, position)
        media_sum = self.summed(xp, position, channels)
        value = self.log_prior(xp, position, channels)
        value = value + self.likelihood.log_density(xp, self.problem, self.space, position, media_sum)
        for part in self.parts:
            more = part.log_density(xp, self, position, channels)
            value = value if more is None else value + more
        return value

    def log_prior(self, xp: Any, position: Any, channels: Media) -> Any:
        """Return the log prior (1,) up to a constant."""
        return -0.5 * xp.sum(position**2) + self.sizes.log_room(xp, self.problem, channels)

    def program(self) -> Program:
        """Return the density of z as a tape: the position is ``centre + root z``, both named matrices."""
        recorder, size = Recorder(), self.space.dimensions
        z = recorder.position(size)
        position = recorder.matvec(np.eye(size), z, "root") + recorder.matvec(
            np.zeros((size, 1)), 1.0, "centre"
        )
        return recorder.program(self.log_density(recorder, position))

    def program_of(self, coordinates: Coordinates) -> Program:
        """Return the density of z as a tape, z in any coordinates."""
        recorder = Recorder()
        position, log_slope = coordinates(recorder, recorder.position(self.space.dimensions))
        return recorder.program(self.log_density(recorder, position) + log_slope)

    def straightened_program(self) -> Program:
        """Return the density of z as a tape, in the coordinates of `mixcurve.response.bayes.sample.warp`."""
        recorder, size = Recorder(), self.space.dimensions
        position, log_slope = warped(recorder, recorder.position(size), size)
        return recorder.program(self.log_density(recorder, position) + log_slope)

    def prior_draws(self, count: int, rng: np.random.Generator) -> FloatArray:
        """Return positions (count × dimensions) drawn from the prior, without the parts' evidence."""
        from mixcurve.response.bayes.priors.sizes_drawn import prior_positions

        return prior_positions(self, count, rng)
