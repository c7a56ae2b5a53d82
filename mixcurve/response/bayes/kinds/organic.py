"""Organic channels: media without spend, with a curve and carryover, and no ROI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.kinds.shaped import Shaped, Size
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import Space
from mixcurve.response.bayes.varying.adding import Adding
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.fit.mix.basis import ORDERS

if TYPE_CHECKING:
    from mixcurve.response.bayes.model.model import MixModel

__all__ = ["OrganicChannel"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OrganicChannel(Adding):
    """response = top × unit curve of the carried amount, with a prior on the contribution as for a paid channel.

    Parameters
    ----------
    name
        The control.
    amount
        In each row (n,), over the size of the row's group and over ``shape.unit``. Groups share curve and size.
    shape, size
        Curve, carryover and prior of the contribution.
    order
        Whether the carryover goes before the curve, as for the paid channels.
    """

    name: str
    amount: FloatArray
    shape: Shaped
    size: Size
    order: str = ORDERS[0]
    kind: str = "organic"

    def space(self, problem: BayesProblem, space: Space) -> Space:
        """Return the space with size, carryover and shape."""
        return self.shape.space(space.with_block(f"{self.name} size"))

    def rows(self, xp: Any, problem: BayesProblem, space: Space, position: Any) -> Any:
        """Return the contribution in each row (n,), over the response's unit."""
        return self._parts(xp, problem, space, position)[1]

    def _parts(self, xp: Any, problem: BayesProblem, space: Space, position: Any) -> tuple[Any, Any]:
        """Return top (1,) and contributions (n,), over the response's unit."""
        values = self.shape.shape(xp, space, position)
        if self.order == ORDERS[0]:
            carried = self.shape.carried(xp, problem, position, space, self.amount)
            column = self.shape.curve.unit(carried, values, xp)
        else:
            unit = self.shape.curve.unit(xp.concatenate([self.amount]), values, xp)
            column = self.shape.carried(xp, problem, position, space, unit)
        mean = self.size.prior(problem)(xp, position[space.rows(f"{self.name} size")])
        top = mean / xp.floor(xp.sum(column) * (1.0 / problem.rows))
        return top, top * column

    def variables(self, model: MixModel, draws: FloatArray) -> dict[str, FloatArray]:
        """Return parameters in their own units and top in units of the response (draws × 1), by name."""
        xp, problem = DrawVectors(), model.problem
        position = xp.position(draws)
        top, _ = self._parts(xp, problem, model.space, position)
        found = self.shape.natural(xp, model.space, position)
        return {f"{self.name} top": top.values * problem.mix.response_unit} | {
            name: value.values for name, value in found.items()
        }
