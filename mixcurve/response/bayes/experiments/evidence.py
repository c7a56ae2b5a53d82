"""What every experiment in a model has: readings, what the model expects of them, and a normal error."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.media import Media
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import Space

if TYPE_CHECKING:
    from mixcurve.response.bayes.model.model import MixModel

__all__ = ["Evidence", "Reading"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """One number that was measured, on the scale on which its error is normal.

    Parameters
    ----------
    name, kind
        Of the experiment, for reports.
    channel
        Its place in the problem's order.
    value, error
        What was measured, and one standard error.
    log_scale
        Whether both are of the logarithm.
    """

    name: str
    kind: str
    channel: int
    value: float
    error: float
    log_scale: bool


class Evidence(ABC):
    """A part of the model that neither moves the channels nor adds to the response: it only says what is likely."""

    readings: tuple[Reading, ...]
    together: ClassVar[bool] = False
    """Whether all readings come and go as one piece of evidence."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What the part is called."""

    @abstractmethod
    def expected(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Any:
        """Return what the model expects of each reading, on its scale (T,)."""

    @abstractmethod
    def without(self, problem: BayesProblem, name: str) -> Evidence | None:
        """Return the part without one experiment, or None when nothing is left."""

    def space(self, problem: BayesProblem, space: Space) -> Space:
        """Return the space as it is: evidence has no coordinates."""
        return space

    def changed(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Media:
        """Return the channels as they are."""
        return channels

    def added(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Any | None:
        """Return None: nothing is added to the response."""
        return None

    def log_density(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Any | None:
        """Return Σ -(value - expected)² / (2 error²) over the readings (1,)."""
        return -0.5 * xp.sum(self._standardised(xp, model, position, channels) ** 2)

    def each_log_density(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Any:
        """Return what leaving out each reading's experiment takes off the log density (T,)."""
        return -0.5 * self._standardised(xp, model, position, channels) ** 2

    def _standardised(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Any:
        value, error = (np.array([getattr(r, f) for r in self.readings]) for f in ("value", "error"))
        return (value - self.expected(xp, model, position, channels)) / error
