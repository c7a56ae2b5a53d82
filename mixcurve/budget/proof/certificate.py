"""`ModelCertificate`: a budget problem, its best plan and the proof, whole in one result that a file can hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.objectives import BeatCurrent, CVaR, MeanMinusRisk, Quantile
from mixcurve.budget.solution import Solution
from mixcurve.foundations.results import Result

__all__ = ["ModelCertificate"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ModelCertificate(Result):
    """Why no plan of a model beats ``solution.bound``: all that `mixcurve.verify` needs, curves and draws included.

    Parameters
    ----------
    model
        The problem.
    solution
        The plan, its value, the bound and the proof.
    objective
        None where the model's own objective is maximised, over the mean of the draws; else the risk objective that
        takes the place of that mean.
    current
        Amounts of the current plan (n,), where the objective is to beat it.
    """

    model: Model
    solution: Solution
    objective: CVaR | MeanMinusRisk | Quantile | BeatCurrent | None = None
    current: FloatArray | None = None

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels, in the order of the model."""
        return self.model.channels

    @property
    def spend(self) -> dict[str, float]:
        """The plan's spend by channel, without set-up costs."""
        return dict(zip(self.channels, self.model.spend(self.solution.amount).tolist(), strict=True))

    @property
    def value(self) -> float:
        """The plan's claimed value."""
        return self.solution.value

    @property
    def upper_bound(self) -> float:
        """What no plan exceeds, as claimed."""
        return self.solution.bound
