"""Treatments that are no media: a linear effect of a control, counted from a reference level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import Space
from mixcurve.response.bayes.varying.adding import Adding
from mixcurve.response.bayes.varying.smooth import TowardsZero
from mixcurve.response.bayes.vectors.rows import DrawVectors

if TYPE_CHECKING:
    from mixcurve.response.bayes.model.model import MixModel

__all__ = ["COEFFICIENT", "TreatmentEffect"]

FloatArray = npt.NDArray[np.float64]

COEFFICIENT = 1.0
"""Standard deviation of a treatment's coefficient a priori, in standard deviations of the response per standard
deviation of the control: a control that alone made all of the response has 1."""
LARGEST_COEFFICIENT = 2.0 * COEFFICIENT
"""What a coefficient of known sign exceeds with probability 0.05."""


@dataclass(frozen=True, eq=False)
class TreatmentEffect(Adding):
    """contribution = coefficient × (control - reference), by the same share of its size in each group.

    Parameters
    ----------
    name
        The control.
    scaled
        (n,): (control - reference) over the control's standard deviation.
    scale
        That standard deviation.
    reference
        The level that counts as no treatment, in the control's unit.
    sign
        ``"free"``, ``"positive"`` or ``"negative"``.
    """

    name: str
    scaled: FloatArray
    scale: float
    reference: float
    sign: str = "free"
    kind: str = "treatment"

    def space(self, problem: BayesProblem, space: Space) -> Space:
        """Return the space with the coefficient."""
        return space.with_block(f"{self.name} coefficient")

    def rows(self, xp: Any, problem: BayesProblem, space: Space, position: Any) -> Any:
        """Return the contribution in each row (n,), over the response's unit."""
        return self._coefficient(xp, space, position) * self.scaled

    def _coefficient(self, xp: Any, space: Space, position: Any) -> Any:
        u = position[space.rows(f"{self.name} coefficient")]
        if self.sign == "free":
            return COEFFICIENT * u
        size = TowardsZero(LARGEST_COEFFICIENT)(xp, u)
        return size if self.sign == "positive" else -1.0 * size

    def variables(self, model: MixModel, draws: FloatArray) -> dict[str, FloatArray]:
        """Return the coefficient in response of a group of mean size per unit of the control (draws × 1), by name."""
        xp = DrawVectors()
        values = self._coefficient(xp, model.space, xp.position(draws)).values
        return {f"{self.name} coefficient": values * (model.problem.mix.response_unit / self.scale)}
