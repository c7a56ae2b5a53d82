"""Parts of a model that only add to the response."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.media import Media
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import Space
from mixcurve.response.bayes.vectors.rows import DrawVectors

if TYPE_CHECKING:
    from mixcurve.response.bayes.model.model import MixModel

__all__ = ["Adding"]

FloatArray = npt.NDArray[np.float64]


class Adding(ABC):
    """A `Part` that leaves the channels and the log density as they are, and adds a value to each row.

    ``name`` and ``kind`` tell the report what it is.
    """

    name: str
    kind: str

    @abstractmethod
    def space(self, problem: BayesProblem, space: Space) -> Space:
        """Return the space with the coordinates of this part."""

    @abstractmethod
    def rows(self, xp: Any, problem: BayesProblem, space: Space, position: Any) -> Any:
        """Return what is added in each row (n,), over the response's unit, in any vector language."""

    @abstractmethod
    def variables(self, model: MixModel, draws: FloatArray) -> dict[str, FloatArray]:
        """Return the parameters in their own units (draws × 1 each), by name."""

    def changed(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Media:
        """Return the channels as they are."""
        return channels

    def added(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Any | None:
        """Return what is added in each row (n,), over the response's unit."""
        return self.rows(xp, model.problem, model.space, position)

    def log_density(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Any | None:
        """Return None: the priors are in the coordinates."""
        return None

    def contribution(self, problem: BayesProblem, model: MixModel, draws: FloatArray) -> FloatArray:
        """Return what is added in each row, in units of the response (draws × n)."""
        xp = DrawVectors()
        values = self.rows(xp, problem, model.space, xp.position(draws)).values
        return np.broadcast_to(values, (len(draws), problem.rows)) * problem.mix.row_unit
