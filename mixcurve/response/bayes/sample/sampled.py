"""What a sampler returns, whichever it was."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result

__all__ = ["Sampled"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sampled(Result):
    """Draws of the position, and how they were made.

    Parameters
    ----------
    positions
        (chains × draws × dimensions), in the coordinates of `Space`: standard normal under the prior.
    sampler
        ``"nutpie"``, ``"pymc"``, ``"numpyro"``, ``"laplace"`` or ``"pathfinder"``.
    statistics
        By name (chains × draws): ``"diverging"``, ``"energy"``, ``"n_steps"``, ``"step_size"``, ``"lp"``,
        ``"energy change"``, where known.
    pareto_k
        Of the importance weights of a quick mode, else NaN.
    seconds
        Of ``"compile"``, ``"adapt"`` and ``"sample"``.
    interrupted
        Whether the run was stopped before all draws were made.
    """

    positions: FloatArray
    sampler: str
    seed: int
    statistics: dict[str, FloatArray] = field(default_factory=dict)
    pareto_k: float = float("nan")
    seconds: dict[str, float] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def flat(self) -> FloatArray:
        """All chains one after the other (chains · draws × dimensions)."""
        return self.positions.reshape(-1, self.positions.shape[-1])
