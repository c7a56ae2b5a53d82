"""How the response scatters about its mean: the part of the density that the data decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

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

    With coefficients β ~ N(0, σ² / precision), the response is normal with covariance σ² (I + Z Λ⁻¹ Z'), whose root is
    the projection M of `mixcurve.response.fit.mix.linear`: log density = -n log σ - |M (y - media)|² / (2 σ²) + const.
    """

    priors: ResolvedPriors
    name: str = "gaussian"

    def space(self, problem: BayesProblem, space: Space) -> Space:  # noqa: D102
        return space.with_block("noise")

    def log_density(self, xp: Any, problem: BayesProblem, space: Space, position: Any, media: Any) -> Any:  # noqa: D102
        residual = problem.target - media
        left = residual - _linear_share(xp, problem, residual)
        log_noise = self._log_noise(position[space.rows("noise")])
        return -0.5 * xp.sum(left**2) * xp.exp(-2.0 * log_noise) - float(problem.rows) * log_noise

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
        linear, noise = problem.linear, np.exp(self._log_noise(draws[:, space.rows("noise")]))
        rest = problem.target - media
        root = linear.coefficient_root()
        centre = rest @ root[:, : problem.rows].T
        coefficients = centre + noise * (rng.standard_normal((len(draws), root.shape[1])) @ root.T)
        precision, left = _left_out(problem, rest)
        log_likelihood = -0.5 * left**2 / (noise**2 * precision) - np.log(
            noise * np.sqrt(2.0 * np.pi / precision)
        )
        return coefficients, log_likelihood

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


def _left_out(problem: BayesProblem, rest: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return diag(P) (n,) and P rest (draws × n), with σ² P⁻¹ the covariance once the coefficients are integrated out.

    A row given all others and the sampled parameters is normal with variance σ² / P_ii, and misses its mean by
    (P rest)_i / P_ii: what leaving it out asks for (Rasmussen and Williams 2006, section 5.4.2).
    """
    diagonal, product = np.ones(problem.rows), rest.copy()
    for rows, directions, share in _directions(problem):
        taken = 1.0 - (1.0 - share) ** 2
        diagonal[rows] -= (directions**2) @ taken
        product[:, rows] -= ((rest[:, rows] @ directions) * taken) @ directions.T
    return diagonal, product


def _linear_share(xp: Any, problem: BayesProblem, residual: Any) -> Any:
    """Return what the linear part takes of a residual (n,), group by group where no column crosses groups."""
    parts = _directions(problem)
    taken = [
        xp.matvec(directions * share, xp.matvec(directions.T, residual[rows]))
        for rows, directions, share in parts
    ]
    return taken[0] if len(taken) == 1 else xp.concatenate(taken)


def _directions(problem: BayesProblem) -> list[tuple[slice, FloatArray, FloatArray]]:
    """Return rows, orthonormal directions (rows × r) and shares (r,) of each block that can be taken by itself."""
    linear = problem.linear
    blocks = linear.blocks
    used = np.array(
        [[np.any(linear.columns[b, j] != 0) for b in blocks] for j in range(linear.columns.shape[1])]
    )
    apart = len(blocks) > 1 and bool((used.sum(axis=1) <= 1).all())
    out = []
    for g, rows in enumerate(blocks if apart else (slice(0, problem.rows),)):
        mine = used[:, g] if apart else np.ones(linear.columns.shape[1], dtype=bool)
        scaled = linear.columns[rows][:, mine] / np.sqrt(linear.precision[mine])
        left, size, _ = np.linalg.svd(scaled, full_matrices=False)
        out.append((rows, left, 1.0 - 1.0 / np.sqrt(1.0 + size**2)))
    return out
