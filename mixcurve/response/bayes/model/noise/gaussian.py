"""Normal noise that carries over from one period to the next; the linear part is integrated out in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack

from mixcurve.response.bayes.model.noise.autoregression import (
    AUTOCORRELATION,
    RHO,
    diagonal,
    inner_rows,
    log_root,
    neighbours,
    precision_times,
    run_on,
)
from mixcurve.response.bayes.model.noise.directions import Directions, coefficients, directions
from mixcurve.response.bayes.model.noise.pencil import Pencil
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import LogitMap, ParameterMap, Space
from mixcurve.response.bayes.priors.resolved import ResolvedPriors
from mixcurve.response.bayes.vectors.rows import DrawVectors

__all__ = ["AutoregressiveGaussian"]

FloatArray = npt.NDArray[np.float64]

MOST_NUMBERS = 4_000_000
"""Numbers (32 MB) in the matrices that are factored at a time when coefficients are drawn."""


@dataclass(frozen=True, eq=False)
class AutoregressiveGaussian:
    """Normal noise e_t = ρ e_(t-1) + new noise of standard deviation σ; "noise" is σ, as in `fit_mix`.

    With coefficients β ~ N(0, σ² / precision), the response less the channels, r, is normal with covariance
    σ² (R + Z Λ⁻¹ Z'). With the directions Z Λ^(-1/2) = U S V' and W = U S (I + S²)^(-1/2), the core
    I - ρ W'T W + ρ² W'(I - E) W (`mixcurve.response.bayes.model.noise.autoregression` for T and E) gives

        log density = -n log σ + ½ G log(1 - ρ²) - ½ log det core - (r'R⁻¹r - q' core⁻¹ q) / (2 σ²),   q = W'R⁻¹r,

    up to a constant, and `Pencil` gives its inverse and determinant for every ρ from one eigendecomposition: nothing
    is factored while sampling, and the linear part adds no coordinate.
    """

    priors: ResolvedPriors
    autocorrelation: LogitMap = RHO
    name: str = "gaussian autoregressive"

    @property
    def maps(self) -> dict[str, ParameterMap]:
        """The map of each block of the noise."""
        return {"noise": self.priors.noise, AUTOCORRELATION: self.autocorrelation}

    def space(self, problem: BayesProblem, space: Space) -> Space:  # noqa: D102
        return space.with_block("noise").with_block(AUTOCORRELATION)

    def log_density(self, xp: Any, problem: BayesProblem, space: Space, position: Any, media: Any) -> Any:  # noqa: D102
        rho = self.autocorrelation(xp, position[space.rows(AUTOCORRELATION)])
        log_noise = self.priors.noise.middle + self.priors.noise.spread * position[space.rows("noise")]
        residual = problem.target - media
        weighed = precision_times(xp, problem, rho, residual)
        parts = directions(problem)
        pencils = [Pencil.of(*_core(problem, part)) for part in parts]
        every = Pencil.joined(pencils)
        images = [
            xp.matvec(one.ends @ _shrunk(part).T, weighed[part.rows])
            for part, one in zip(parts, pencils, strict=True)
        ]
        left = xp.sum(residual * weighed) - every.inverse_form(xp, rho, _quarters(xp, images))
        fixed = float(len(problem.bounds) - 1) * log_root(xp, rho) - 0.5 * every.log_determinant(xp, rho)
        return fixed - 0.5 * left * xp.exp(-2.0 * log_noise) - float(problem.rows) * log_noise

    def baseline(  # noqa: D102
        self,
        problem: BayesProblem,
        space: Space,
        draws: FloatArray,
        media: FloatArray,
        rng: np.random.Generator,
    ) -> tuple[FloatArray, FloatArray]:
        xp = DrawVectors()
        noise, rho = self._noise(space, draws), self._rho(space, draws)
        rest = xp.position(problem.target - media)
        weighed = precision_times(xp, problem, xp.position(rho), rest).values
        parts = [_given_rest(problem, part, rho, weighed / noise, rng) for part in directions(problem)]
        drawn = coefficients(problem, np.concatenate([p[0] for p in parts], axis=1), noise, rng)
        precision, left = diagonal(problem, rho), weighed / noise
        for part, (_, of_precision, of_left) in zip(directions(problem), parts, strict=True):
            precision[:, part.rows] -= of_precision
            left[:, part.rows] -= of_left
        return drawn, -0.5 * left**2 / precision - np.log(noise * np.sqrt(2.0 * np.pi / precision))

    def replicate(  # noqa: D102
        self,
        problem: BayesProblem,
        space: Space,
        draws: FloatArray,
        mean: FloatArray,
        rng: np.random.Generator,
    ) -> FloatArray:
        new = self._noise(space, draws) * rng.standard_normal(mean.shape)
        return mean + run_on(problem, self._rho(space, draws), new)

    def _noise(self, space: Space, draws: FloatArray) -> FloatArray:
        return self.priors.noise(DrawVectors(), DrawVectors().position(draws[:, space.rows("noise")])).values

    def _rho(self, space: Space, draws: FloatArray) -> FloatArray:
        xp = DrawVectors()
        return self.autocorrelation(xp, xp.position(draws[:, space.rows(AUTOCORRELATION)])).values


def _shrunk(part: Directions) -> FloatArray:
    """Return W (m × r)."""
    return part.left * (part.size / np.sqrt(1.0 + part.size**2))


def _core(problem: BayesProblem, part: Directions) -> tuple[FloatArray, FloatArray]:
    """Return W'T W and W'(I - E) W (r × r) of a block of rows."""
    shrunk = _in_place(problem, part)
    into, source = neighbours(problem)
    return shrunk[into].T @ shrunk[source], shrunk.T @ (inner_rows(problem)[:, None] * shrunk)


def _in_place(problem: BayesProblem, part: Directions) -> FloatArray:
    """Return W in the rows of the problem (n × r)."""
    out = np.zeros((problem.rows, len(part.size)))
    out[part.rows] = _shrunk(part)
    return out


def _quarters(xp: Any, images: list[Any]) -> list[Any]:
    """Return the four quarters of the images, each quarter of all parts one after the other."""
    out = []
    for k in range(4):
        cut = [image[k * (image.size // 4) : (k + 1) * (image.size // 4)] for image in images]
        out.append(cut[0] if len(cut) == 1 else xp.concatenate(cut))
    return out


def _given_rest(
    problem: BayesProblem, part: Directions, rho: FloatArray, weighed: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return draws (draws × r) along the directions, over the noise, given R⁻¹ (response - channels) over the noise.

    Then what the linear part takes off diag R⁻¹ and off that vector (draws × m each): a row given all others is normal
    of variance σ² / P_ii, P = (R + Z Λ⁻¹ Z')⁻¹, as in `IntegratedGaussian`. With core = K K', P = R⁻¹ - G'G,
    G = K⁻¹ W'R⁻¹.
    """
    across, inner = _core(problem, part)
    once, squared, crossed = _weighed(problem, part)
    q = weighed[:, part.rows] @ _shrunk(part)
    out, of_precision, of_left = (
        np.empty_like(q),
        np.empty((len(q), len(once))),
        np.empty((len(q), len(once))),
    )
    step = max(1, MOST_NUMBERS // (q.shape[1] * (q.shape[1] + len(once))))
    for start in range(0, len(q), step):
        here, slow = slice(start, start + step), rho[start : start + step, :, None]
        root = np.linalg.cholesky(np.eye(len(across)) - slow * across + slow**2 * inner)
        unroot = np.array([lapack.dtrtri(one, lower=1)[0] for one in root])
        half = unroot @ q[here, :, None]
        out[here] = (unroot.swapaxes(1, 2) @ (half + rng.standard_normal(half.shape)))[..., 0]
        reach = unroot @ (once + slow**2 * squared - slow * crossed).swapaxes(1, 2)
        of_precision[here] = (reach**2).sum(axis=1)
        of_left[here] = (reach * half).sum(axis=1)
    return out / np.sqrt(1.0 + part.size**2), of_precision, of_left


def _weighed(problem: BayesProblem, part: Directions) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return W, (I - E) W and T W (m × r): R⁻¹ W is the first, plus ρ² times the second, less ρ times the third."""
    shrunk = _in_place(problem, part)
    into, source = neighbours(problem)
    beside = np.zeros_like(shrunk)
    np.add.at(beside, into, shrunk[source])
    return shrunk[part.rows], (inner_rows(problem)[:, None] * shrunk)[part.rows], beside[part.rows]
