"""Channels by reach and frequency: people reached respond by how often they were, and the response carries over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.kinds.frequency import FrequencyCurve
from mixcurve.response.bayes.kinds.shaped import Shaped, Size
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import Space
from mixcurve.response.bayes.varying.adding import Adding
from mixcurve.response.bayes.vectors.rows import DrawVector, DrawVectors

if TYPE_CHECKING:
    from mixcurve.response.bayes.model.model import MixModel

__all__ = ["ReachChannel"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReachChannel(Adding):
    """response = top × carryover(reach × unit curve(frequency)).

    Sources: Zhang, Y., Wurm, M., Wakim, A., Li, E. and Liu, Y. (2023), Bayesian hierarchical media mix model
    incorporating reach and frequency data, Google; Jin et al. (2017) for carryover.

    Parameters
    ----------
    name
        The channel.
    reach, frequency
        In each row (n,): reach over its largest value (relative to the size of the row's group where it counts people),
        and frequency over ``shape.unit``. Groups share curve and size.
    shape, size
        Curve of frequency, carryover, and prior of the contribution.
    spend
        (n,), as it came in.
    """

    name: str
    reach: FloatArray
    frequency: FloatArray
    shape: Shaped
    size: Size
    spend: FloatArray
    kind: str = "reach and frequency"

    def space(self, problem: BayesProblem, space: Space) -> Space:
        """Return the space with size, carryover and shape."""
        return self.shape.space(space.with_block(f"{self.name} size"))

    def rows(self, xp: Any, problem: BayesProblem, space: Space, position: Any) -> Any:
        """Return the contribution in each row (n,), over the response's unit."""
        return self._parts(xp, problem, space, position)[1]

    def _parts(self, xp: Any, problem: BayesProblem, space: Space, position: Any) -> tuple[Any, Any]:
        """Return top (1,) and contributions (n,), over the response's unit."""
        per_person = self.shape.curve.unit(
            xp.concatenate([self.frequency]), self.shape.shape(xp, space, position), xp
        )
        column = self.shape.carried(xp, problem, position, space, self.reach * per_person)
        mean = self.size.prior(problem)(xp, position[space.rows(f"{self.name} size")])
        top = mean / xp.floor(xp.sum(column) * (1.0 / problem.rows))
        return top, top * column

    def frequency_curve(self, model: MixModel, draws: FloatArray) -> FrequencyCurve:
        """Return what the draws say of the response per unit of spend by frequency."""
        xp, problem, space = DrawVectors(), model.problem, model.space
        position = xp.position(draws)
        top, own = self._parts(xp, problem, space, position)
        contacts = self.shape.carried(xp, problem, position, space, self.reach * self.frequency)
        whole, paid = (contacts.values * problem.mix.row_unit).sum(axis=1), float(self.spend.sum())
        shape = [
            np.broadcast_to(v.values[:, 0] if isinstance(v, DrawVector) else v, len(draws))
            * self.shape.unit**p.spend_power
            for v, p in zip(self.shape.shape(xp, space, position), self.shape.curve.parameters, strict=True)
        ]
        reached = self.reach > 0
        seen = self.frequency[reached] * self.shape.unit
        return FrequencyCurve(
            self.name, self.shape.curve, np.column_stack(shape), top.values[:, 0] * whole * self.shape.unit / paid,
            (own.values * problem.mix.row_unit).sum(axis=1) / paid,
            float((self.reach * self.frequency).sum() / self.reach.sum()) * self.shape.unit,
            (float(seen.min()), float(seen.max())), problem.mix.table.currency, problem.mix.table.response_name,
        )  # fmt: skip

    def variables(self, model: MixModel, draws: FloatArray) -> dict[str, FloatArray]:
        """Return parameters in their own units, top in units of the response, and the ROI (draws × 1), by name."""
        xp, problem = DrawVectors(), model.problem
        position = xp.position(draws)
        top, _ = self._parts(xp, problem, model.space, position)
        total = self.contribution(problem, model, draws).sum(axis=1, keepdims=True)
        found = self.shape.natural(xp, model.space, position)
        own = {
            f"{self.name} top": top.values * problem.mix.response_unit,
            f"{self.name} roi": total / self.spend.sum(),
        }
        return own | {name: value.values for name, value in found.items()}
