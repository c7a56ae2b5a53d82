"""The prior of the channels' sizes: what planners said of some, the others drawn towards one another; room is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.media import Media, media
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.priors.resolved import ResolvedPriors
from mixcurve.response.fit.mix.density import size_prior

if TYPE_CHECKING:
    from mixcurve.response.bayes.model.model import MixModel

__all__ = ["Sizes"]

FloatArray = npt.NDArray[np.float64]

SOFT = 0.05
"""The channels together may exceed the mean response by about this share of it, at a price that grows from there."""
GRID = 2.0**32
"""Middles are rounded to a grid this fine, so that a change of units changes not a single bit."""
STEP = 1e-4
"""Of the central difference that gives the marginal response, relative to the spend."""


@dataclass(frozen=True, eq=False)
class Sizes:
    """Log mean contributions per row over the unit: ``middle + root u`` for coordinates u, less what ``marginal`` says.

    Parameters
    ----------
    middle, root
        (C,) and (C × C).
    marginal
        (C,): the spend, over its unit, at which the prior is of the marginal response; NaN where it is of the size.
    room
        The mean response over the unit, which the channels share with the baseline; infinite where it is not positive.
    """

    middle: FloatArray
    root: FloatArray
    marginal: FloatArray
    room: float

    @classmethod
    def of(cls, problem: BayesProblem, priors: ResolvedPriors) -> Sizes:
        """Return the prior that the channels' rules make."""
        amount = (problem.mix.table.spend / problem.mix.row_size[:, None]).mean(axis=0)
        pooled = np.array([rule.kind == "pooled" for rule in priors.sizes])
        middle = np.array([rule.middle for rule in priors.sizes])
        covariance = np.diag([rule.spread**2 for rule in priors.sizes])
        if pooled.any():
            drawn = size_prior(amount[pooled], 0)
            middle[pooled] = np.round(drawn.mean * GRID) / GRID
            covariance[np.ix_(pooled, pooled)] = np.linalg.inv(drawn.precision)
        marginal = np.array([rule.spend if rule.kind == "mroi" else np.nan for rule in priors.sizes])
        mean = float(problem.mix.y.mean())
        return cls(middle, np.linalg.cholesky(covariance), marginal, mean if mean > 0 else np.inf)

    def values(self, xp: Any, model: MixModel, position: Any) -> Any:
        """Return the log sizes (C,)."""
        own = self.middle + xp.matvec(self.root, position[model.space.rows("size")])
        if np.isnan(self.marginal).all():
            return own
        return own - self._log_marginal(xp, model, position)

    def _log_marginal(self, xp: Any, model: MixModel, position: Any) -> Any:
        """Return the log marginal response per unit of size where the rule is of that, else 0 (C,)."""
        problem, groups = model.problem, len(model.problem.groups)
        zero = np.zeros(len(self.middle))
        found = media(xp, problem, model.priors, model.space, position, xp.concatenate([zero]))
        parts = []
        for place, family in enumerate(problem.families):
            asked = self.marginal[list(family.channels)]
            spend = np.where(np.isnan(asked), 1.0, asked)
            shape = []
            for p in family.curve.parameters:
                value = found.shape[place, p.name] if p.free else p.fixed
                many = p.free and getattr(value, "size", 0) == groups * len(spend) and groups > 1
                shape.append(xp.segment_sum(value, len(spend)) * (1.0 / groups) if many else value)
            up = family.curve.unit(xp.concatenate([spend * (1.0 + STEP)]), shape, xp)
            down = family.curve.unit(xp.concatenate([spend * (1.0 - STEP)]), shape, xp)
            parts.append(xp.log((up - down) / (2.0 * STEP * spend)) * (~np.isnan(asked)).astype(float))
        slope = parts[0] if len(parts) == 1 else xp.concatenate(parts)
        top = xp.log(xp.segment_sum(found.top, len(zero)) * (1.0 / groups))
        return slope + top * (~np.isnan(self.marginal)).astype(float)

    def log_room(self, xp: Any, problem: BayesProblem, channels: Media) -> Any:
        """Return the log of the share of the mean response that is left to the baseline (1,), at most about 0."""
        if not np.isfinite(self.room):
            return xp.sum(channels.size * 0.0)
        weight = np.bincount(problem.group_of_row) / problem.rows
        mean = xp.sum(xp.exp(channels.size) * np.tile(weight, len(problem.channels)))
        return xp.log(xp.softplus((1.0 - mean * (1.0 / self.room)) * (1.0 / SOFT)) * SOFT)
