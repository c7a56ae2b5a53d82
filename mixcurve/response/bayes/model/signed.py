"""Controls of known sign: their coefficients are at least 0, so they are sampled and not integrated out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.media import Media
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import LogMap, Space
from mixcurve.response.fit.mix.density import CONTROL_CENTRE, CONTROL_SPREAD

__all__ = ["SIGNED", "SignedControls"]

FloatArray = npt.NDArray[np.float64]

SIGNED = "controls"
"""The block of their coordinates."""
EFFECT = LogMap(np.array([CONTROL_CENTRE]), np.array([CONTROL_SPREAD]))
"""Of a control's effect per standard deviation of it, over the response's unit."""


@dataclass(frozen=True, eq=False)
class SignedControls:
    """Adds Σ_s coefficient_s column_s with log-normal coefficients (a `Part`); ``columns`` is (s × n)."""

    columns: FloatArray
    labels: tuple[str, ...]
    name: str = SIGNED

    def space(self, problem: BayesProblem, space: Space) -> Space:
        """Return the space with a coordinate for each."""
        return space.with_block(SIGNED, self.labels)

    def coefficients(self, xp: Any, space: Space, position: Any) -> Any:
        """Return the coefficients (s,), over the response's unit."""
        deviation = np.maximum(self.columns.std(axis=1), 1e-300)
        return EFFECT(xp, position[space.rows(SIGNED)]) * (1.0 / deviation)

    def changed(self, xp: Any, model: Any, position: Any, channels: Media) -> Media:  # noqa: D102
        return channels

    def added(self, xp: Any, model: Any, position: Any, channels: Media) -> Any:  # noqa: D102
        return xp.matvec(self.columns.T, self.coefficients(xp, model.space, position))

    def log_density(self, xp: Any, model: Any, position: Any, channels: Media) -> None:  # noqa: D102
        return None
