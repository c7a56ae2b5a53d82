"""A level that varies over time: a smooth path added to the baseline."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import Space
from mixcurve.response.bayes.varying.adding import Adding
from mixcurve.response.bayes.varying.basis import SQUARED_EXPONENTIAL
from mixcurve.response.bayes.varying.smooth import SmoothPrior, period_of_row, smooth_prior
from mixcurve.response.bayes.vectors.rows import DrawVectors

if TYPE_CHECKING:
    from mixcurve.response.bayes.model.model import MixModel

__all__ = ["LARGEST_MOVE", "VaryingLevel"]

FloatArray = npt.NDArray[np.float64]

LARGEST_MOVE = 0.5
"""The level's standard deviation over time, over the response's, exceeds this with probability 0.05: beside trend,
season and channels a quarter of the variance is much."""


@dataclass(frozen=True)
class VaryingLevel(Adding):
    """Adds a smooth path f(t) to the response, of mean 0 over the periods; groups by the same share of their size.

    Parameters
    ----------
    lengthscale
        Range in periods that holds nine in ten lengthscales a priori; by default an eighth to a half of the table.
    largest
        What the standard deviation of f, over that of the response, exceeds with probability 0.05 a priori.
    kernel
        ``"squared exponential"`` or ``"matern 5/2"``.

    Examples
    --------
    >>> VaryingLevel(lengthscale=(26, 104)).name
    'varying level'
    """

    lengthscale: tuple[float, float] | None = None
    largest: float = LARGEST_MOVE
    kernel: str = SQUARED_EXPONENTIAL
    name: str = field(default="varying level", init=False)
    kind: str = field(default="level", init=False)

    def prior(self, problem: BayesProblem) -> SmoothPrior:
        """Return the prior of the path."""
        days, _ = period_of_row(problem)
        return smooth_prior("level", len(days), self.lengthscale, self.largest, self.kernel)

    def space(self, problem: BayesProblem, space: Space) -> Space:
        """Return the space with the path's coordinates."""
        return self.prior(problem).space(space, ("",))

    def rows(self, xp: Any, problem: BayesProblem, space: Space, position: Any) -> Any:
        """Return the path in each row (n,), over the response's unit."""
        days, period = period_of_row(problem)
        (path,) = self.prior(problem).paths(xp, space, position)
        return xp.gather(path - xp.sum(path) * (1.0 / len(days)), period)

    def variables(self, model: MixModel, draws: FloatArray) -> dict[str, FloatArray]:
        """Return lengthscale in periods and standard deviation in units of the response (draws × 1), by name."""
        xp = DrawVectors()
        found = self.prior(model.problem).values(xp, model.space, xp.position(draws))
        values = {name: value.values for name, value in found.items()}
        return values | {"level variation": values["level variation"] * model.problem.mix.response_unit}
