"""Student-t noise, which forgives a few weeks that are far off; with autocorrelation if asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.noise.autoregression import (
    AUTOCORRELATION,
    RHO,
    first_rows,
    innovations,
    log_root,
    run_on,
)
from mixcurve.response.bayes.model.noise.directions import (
    BASELINE,
    baseline_rows,
    baseline_space,
    coefficient_scale,
    coefficients,
)
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import LogitMap, ParameterMap, Space
from mixcurve.response.bayes.priors.resolved import ResolvedPriors
from mixcurve.response.bayes.vectors.rows import DrawVectors

__all__ = ["FREEDOM", "TAILS", "StudentT", "student_log_density"]

FloatArray = npt.NDArray[np.float64]

FREEDOM = "degrees of freedom"
"""The block of ν."""
TAILS = LogitMap(np.array([-2.77]), np.array([0.96]), np.array([1.0]), np.array([200.0]))
"""Of the degrees of freedom: nine in ten between 3.5 and 47, as under the Gamma(2, 0.1) of Juárez and Steel (2010,
Journal of Business & Economic Statistics 28, 52-66). At 1 the mean ceases to exist; 200 is normal for all purposes."""


def student_log_density(xp: Any, error: Any, freedom: Any) -> Any:
    """Return the log density of each error over its scale (n,) under ν degrees of freedom (1,), in any vector language.

    log Γ((ν + 1) / 2) - log Γ(ν / 2) - ½ log(ν π) - ½ (ν + 1) log(1 + error² / ν).
    """
    half = 0.5 * freedom
    height = xp.log_gamma(half + 0.5) - xp.log_gamma(half) - 0.5 * xp.log(freedom * np.pi)
    return height - (half + 0.5) * xp.log1p(error**2 / freedom)


@dataclass(frozen=True, eq=False)
class StudentT:
    """Student-t noise of scale σ ("noise") and ν degrees of freedom; the baseline's coefficients are sampled.

    With ``autoregressive`` what is new in each period is so distributed, and (1 - ρ²)^½ times the noise in a group's
    first row. The priors of the coefficients are those of the normal families, in units of the noise's prior median.
    A row's log likelihood with ``autoregressive`` is its density given the rows before it.
    """

    priors: ResolvedPriors
    autoregressive: bool = False
    tails: LogitMap = TAILS
    autocorrelation: LogitMap = RHO

    @property
    def name(self) -> str:
        """In words."""
        return "student-t autoregressive" if self.autoregressive else "student-t"

    @property
    def maps(self) -> dict[str, ParameterMap]:
        """The map of each block of the noise."""
        own: dict[str, ParameterMap] = {"noise": self.priors.noise, FREEDOM: self.tails}
        return {**own, AUTOCORRELATION: self.autocorrelation} if self.autoregressive else own

    def space(self, problem: BayesProblem, space: Space) -> Space:  # noqa: D102
        for block in self.maps:
            space = space.with_block(block)
        return baseline_space(problem, space)

    def log_density(self, xp: Any, problem: BayesProblem, space: Space, position: Any, media: Any) -> Any:  # noqa: D102
        linear = baseline_rows(xp, problem, space, position, coefficient_scale(self.priors))
        return xp.sum(self._by_row(xp, problem, space, position, problem.target - media - linear))

    def _by_row(self, xp: Any, problem: BayesProblem, space: Space, position: Any, error: Any) -> Any:
        log_noise = self.priors.noise.middle + self.priors.noise.spread * position[space.rows("noise")]
        freedom = self.tails(xp, position[space.rows(FREEDOM)])
        first = 0.0
        if self.autoregressive:
            rho = self.autocorrelation(xp, position[space.rows(AUTOCORRELATION)])
            error = innovations(xp, problem, rho, error)
            first = log_root(xp, rho) * first_rows(problem)
        return student_log_density(xp, error * xp.exp(-1.0 * log_noise), freedom) - log_noise + first

    def baseline(  # noqa: D102
        self,
        problem: BayesProblem,
        space: Space,
        draws: FloatArray,
        media: FloatArray,
        rng: np.random.Generator,
    ) -> tuple[FloatArray, FloatArray]:
        xp = DrawVectors()
        scale = coefficient_scale(self.priors)
        drawn = coefficients(problem, draws[:, space.rows(BASELINE)], scale, rng)
        linear = baseline_rows(xp, problem, space, xp.position(draws), scale).values
        error = xp.position(problem.target - media - linear)
        return drawn, self._by_row(xp, problem, space, xp.position(draws), error).values

    def replicate(  # noqa: D102
        self,
        problem: BayesProblem,
        space: Space,
        draws: FloatArray,
        mean: FloatArray,
        rng: np.random.Generator,
    ) -> FloatArray:
        xp = DrawVectors()
        value = {name: m(xp, xp.position(draws[:, space.rows(name)])).values for name, m in self.maps.items()}
        new = value["noise"] * rng.standard_t(value[FREEDOM], mean.shape)
        return mean + (run_on(problem, value[AUTOCORRELATION], new) if self.autoregressive else new)
