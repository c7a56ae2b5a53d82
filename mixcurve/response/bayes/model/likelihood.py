"""How the response scatters about its mean: the part of the density that the data decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.noise.directions import coefficient_scale, coefficients, directions
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import Space
from mixcurve.response.bayes.priors.resolved import ResolvedPriors

__all__ = ["IntegratedGaussian", "Likelihood"]

FloatArray = npt.NDArray[np.float64]


class Likelihood(Protocol):
    """A family of noise. ``name`` tells it in words; the linear part is its own affair."""

    @property
    def name(self) -> str: ...  # noqa: D102

    def space(self, problem: BayesProblem, space: Space) -> Space:
        """Return the space with what this family samples: the noise, and the coefficients if it does not integrate."""
        ...

    def log_density(self, xp: Any, problem: BayesProblem, space: Space, position: Any, media: Any) -> Any:
        """Return the log density of the response (1,) for the channels' sum in each row (n,), over the unit."""
        ...

    def baseline(
        self,
        problem: BayesProblem,
        space: Space,
        draws: FloatArray,
        media: FloatArray,
        rng: np.random.Generator,
    ) -> tuple[FloatArray, FloatArray]:
        """Return coefficients (draws × z) of the linear columns, drawn exactly, and log likelihoods (draws × n).

        Where coefficients are integrated out, a row's log likelihood is its density given all other rows.
        ``media`` (draws × n) is the channels' sum over the unit; coefficients are of ``linear.columns``, and the
        baseline is ``offset + columns @ coefficients``.
        """
        ...

    def replicate(
        self,
        problem: BayesProblem,
        space: Space,
        draws: FloatArray,
        mean: FloatArray,
        rng: np.random.Generator,
    ) -> FloatArray:
        """Return responses (draws × n), over the unit, drawn about their mean (draws × n)."""
        ...


@dataclass(frozen=True, eq=False)
class IntegratedGaussian:
    """Independent normal noise of one variance; the linear part integrated out in closed form.

    Coefficients are β ~ N(0, s² / precision), s the middle of the noise's prior. With s Z Λ^(-1/2) = U D V', the
    response is normal with variance σ² + D² along the directions U and σ² across them: for r = y - media, c = U'r,

    log density = -((|r|² - |c|²) / σ² + Σ_k c_k² / (σ² + D_k²)) / 2 - (n - K) log σ - Σ_k log(σ² + D_k²) / 2 + const.

    The scale s is fixed: were it σ itself, the variance would be estimated as if the linear part took no freedom. Only
    where a trend is declared to move by so much of the noise is it σ.
    """

    priors: ResolvedPriors
    name: str = "gaussian"

    def space(self, problem: BayesProblem, space: Space) -> Space:  # noqa: D102
        return space.with_block("noise")

    def log_density(self, xp: Any, problem: BayesProblem, space: Space, position: Any, media: Any) -> Any:  # noqa: D102
        residual = problem.target - media
        log_noise = self._log_noise(position[space.rows("noise")])
        variance = xp.exp(2.0 * log_noise)
        value = -0.5 * xp.sum(residual**2) / variance
        taken = 0
        for part in directions(problem):
            along = part.along(xp, residual[part.rows])
            own = variance + self._scale(problem, variance) * part.size**2
            value = value + 0.5 * xp.sum(along**2 * (1.0 / variance - 1.0 / own)) - 0.5 * xp.sum(xp.log(own))
            taken += len(part.size)
        return value - float(problem.rows - taken) * log_noise

    def _scale(self, problem: BayesProblem, variance: Any) -> Any:
        """Return s², or the noise's own variance where a trend was declared to move by so much of it."""
        return variance if problem.tied else coefficient_scale(self.priors) ** 2

    def _log_noise(self, u: Any) -> Any:
        return self.priors.noise.middle + self.priors.noise.spread * u

    def baseline(  # noqa: D102
        self,
        problem: BayesProblem,
        space: Space,
        draws: FloatArray,
        media: FloatArray,
        rng: np.random.Generator,
    ) -> tuple[FloatArray, FloatArray]:
        noise = np.exp(self._log_noise(draws[:, space.rows("noise")]))
        rest = problem.target - media
        scale = np.sqrt(self._scale(problem, noise**2))
        precision, left_out, told = np.ones_like(rest), rest.copy(), []
        for part in directions(problem):
            along, size = rest[:, part.rows] @ part.left, scale * part.size
            share = size**2 / (noise**2 + size**2)
            told.append(share * along / size + np.sqrt(1.0 - share) * rng.standard_normal(along.shape))
            # A row given all others has variance σ² / P_ii and misses its mean by (P rest)_i / P_ii, with
            # σ² P⁻¹ the covariance of the response (Rasmussen and Williams 2006, section 5.4.2).
            precision[:, part.rows] -= share @ (part.left**2).T
            left_out[:, part.rows] -= (along * share) @ part.left.T
        deviation = noise / np.sqrt(precision)
        error = left_out / precision / deviation
        drawn = coefficients(problem, np.concatenate(told, axis=1), scale, rng)
        return drawn, -0.5 * error**2 - np.log(deviation * np.sqrt(2.0 * np.pi))

    def replicate(  # noqa: D102
        self,
        problem: BayesProblem,
        space: Space,
        draws: FloatArray,
        mean: FloatArray,
        rng: np.random.Generator,
    ) -> FloatArray:
        noise = np.exp(self._log_noise(draws[:, space.rows("noise")]))
        return mean + noise * rng.standard_normal(mean.shape)
