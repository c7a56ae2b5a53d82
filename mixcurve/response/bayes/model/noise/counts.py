"""Responses that are counts: baseline and channels add up to the expected count, so contributions stay additive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.noise.count_families import CountFamily, SeenCounts
from mixcurve.response.bayes.model.noise.directions import (
    BASELINE,
    baseline_rows,
    baseline_space,
    coefficient_scale,
    coefficients,
)
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import ParameterMap, Space
from mixcurve.response.bayes.priors.resolved import ResolvedPriors
from mixcurve.response.bayes.vectors.rows import DrawVectors

__all__ = ["Counts"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts of some family in the response's own units; the baseline's coefficients are sampled.

    There is no log link. The expected count of a row is unit · (offset + channels + Z β), made positive smoothly by the
    family: unchanged but for the last digits unless it is below half of the mean response
    (`mixcurve.response.bayes.model.noise.count_families.SOFT`). Counts have no noise parameter, so the pulls on the
    coefficients are in units of the prior median of the other families' noise.

    Parameters
    ----------
    trials
        Of a binomial family, by row (n,).
    """

    priors: ResolvedPriors
    family: CountFamily
    trials: FloatArray | None = None

    @property
    def name(self) -> str:
        """The family's."""
        return self.family.name

    @property
    def maps(self) -> dict[str, ParameterMap]:
        """The map of each block of the noise."""
        return self.family.maps

    def space(self, problem: BayesProblem, space: Space) -> Space:  # noqa: D102
        for block in self.maps:
            space = space.with_block(block)
        return baseline_space(problem, space)

    def log_density(self, xp: Any, problem: BayesProblem, space: Space, position: Any, media: Any) -> Any:  # noqa: D102
        return xp.sum(self._by_row(xp, problem, space, position, media))

    def _by_row(self, xp: Any, problem: BayesProblem, space: Space, position: Any, media: Any) -> Any:
        linear = baseline_rows(xp, problem, space, position, coefficient_scale(self.priors))
        expected = (media + linear + problem.offset) * problem.mix.row_unit
        values = {name: m(xp, position[space.rows(name)]) for name, m in self.maps.items()}
        return self.family.log_probability(xp, self._seen(problem), expected, values)

    def _seen(self, problem: BayesProblem) -> SeenCounts:
        return SeenCounts(problem.mix.table.response, problem.offset * problem.mix.row_unit, self.trials)

    def baseline(  # noqa: D102
        self,
        problem: BayesProblem,
        space: Space,
        draws: FloatArray,
        media: FloatArray,
        rng: np.random.Generator,
    ) -> tuple[FloatArray, FloatArray]:
        xp = DrawVectors()
        drawn = coefficients(problem, draws[:, space.rows(BASELINE)], coefficient_scale(self.priors), rng)
        logs = self._by_row(xp, problem, space, xp.position(draws), xp.position(media))
        return drawn, logs.values

    def replicate(  # noqa: D102
        self,
        problem: BayesProblem,
        space: Space,
        draws: FloatArray,
        mean: FloatArray,
        rng: np.random.Generator,
    ) -> FloatArray:
        xp, unit, seen = DrawVectors(), problem.mix.row_unit, self._seen(problem)
        kept = self.family.mean(xp, seen, xp.position(mean * unit)).values
        values = {
            name: m(xp, xp.position(draws[:, space.rows(name)])).values for name, m in self.maps.items()
        }
        return self.family.draw(seen, kept, values, rng) / unit
