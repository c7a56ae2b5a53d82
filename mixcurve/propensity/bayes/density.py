"""The log density of a hierarchy and its slope, in coordinates in which it is easy to sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.bayes.compiled import CompiledDensity
from mixcurve.propensity.bayes.hierarchy import Hierarchy
from mixcurve.propensity.bayes.kernel import kernel, words_of
from mixcurve.propensity.bayes.spread import likely_common, likely_spread
from mixcurve.propensity.newton.solve import solve

__all__ = ["Coordinates", "Density", "density_of", "relearned"]

FloatArray = npt.NDArray[np.float64]

LOW = 0.1
"""The quantile of a spread by which groups are centred."""


@dataclass(frozen=True, eq=False)
class Coordinates:
    """From a position z (…, q + k + G k) to β, log s and θ.

    ``β = mode + L z``. Group deviations are partly centred by what each group's rows say: with δ = β - mode,
    ``θ_g = β + s^(1 - c) (w_g - c δ)`` and ``w_g ~ Normal(c δ, s^c)``; c is 0 where a group says nothing, and near 1
    where its rows settle its coefficient. Source: Papaspiliopoulos, Roberts and Sköld (2007), Statistical Science 22;
    Gorinova, Moore and Hoffman (2020) for the form.

    Parameters
    ----------
    mode
        (q,), of the posterior with all groups alike.
    lower
        (q, q), L: a Cholesky factor of the inverse curvature there.
    centred
        (G, k), c.
    """

    mode: FloatArray
    lower: FloatArray
    centred: FloatArray

    @property
    def size(self) -> int:
        """Length of a position."""
        return len(self.mode) + self.centred.shape[1] + self.centred.size

    def parts(self, position: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return δ (…, q), log s (…, k) and w (…, G, k)."""
        q, k = len(self.mode), self.centred.shape[1]
        w = position[..., q + k :].reshape(*position.shape[:-1], *self.centred.shape)
        return position[..., :q] @ self.lower.T, position[..., q : q + k], w

    def figures(self, position: FloatArray, varying: npt.NDArray[np.intp]) -> FloatArray:
        """Return β, log s and the groups' deviations v = θ - β, one after the other (…, q + k + G k)."""
        delta, log_s, w = self.parts(position)
        away = w - self.centred * delta[..., None, varying]
        v = np.exp(log_s)[..., None, :] ** (1.0 - self.centred) * away
        return np.concatenate([self.mode + delta, log_s, v.reshape(*v.shape[:-2], -1)], axis=-1)


class Density(CompiledDensity):
    """The log density of positions, up to a constant, with its gradient."""

    def __init__(self, problem: Hierarchy, coordinates: Coordinates) -> None:
        self.problem, self.coordinates = problem, coordinates
        h, at = problem, coordinates
        head = np.array([*h.design.shape, h.groups, len(h.varying)])
        numbers = (at.mode, at.lower, at.centred, h.middle, h.width, h.spread, h.weights, h.y, h.design)
        super().__init__(kernel().address, at.size, words_of(head, h.varying, h.cuts, *numbers))


def density_of(problem: Hierarchy) -> Density:
    """Return the density in coordinates about where β is likely, with the spreads that are likely."""
    mode = _mode(problem)
    information = problem.information(mode)
    s = likely_spread(problem, mode, information)
    around, precision = likely_common(problem, mode, information, s)
    return Density(problem, placed(problem, around, np.linalg.inv(precision), s))


def relearned(problem: Hierarchy, beta: FloatArray, log_s: FloatArray) -> Density:
    """Return the density in coordinates made from draws of β (n, q) and of log s (n, k).

    Groups are centred as far as the low end of each spread allows: where s is near 0, centred ones lie in a funnel.
    """
    covariance = np.atleast_2d(np.cov(beta, rowvar=False))
    return Density(
        problem, placed(problem, beta.mean(axis=0), covariance, np.exp(np.quantile(log_s, LOW, axis=0)))
    )


def placed(problem: Hierarchy, middle: FloatArray, covariance: FloatArray, s: FloatArray) -> Coordinates:
    """Return the coordinates for a β of this mean and covariance, and spreads s (k,)."""
    information = problem.information(middle)
    told = np.diagonal(information, axis1=1, axis2=2)[:, problem.varying]
    ratio = told * s**2
    return Coordinates(middle, np.linalg.cholesky(covariance), ratio / (1.0 + ratio))


def _mode(problem: Hierarchy) -> FloatArray:
    """Return the mode of β when s = 0, (q,), by Newton steps with the priors as ridges.

    The solver leaves the intercept free of a penalty. Its prior is weak beside the data, and the mode is only where
    coordinates start.
    """
    found = solve(
        problem.design[:, 1:], problem.y, weights=problem.weights, l2=float(problem.width[1:].min() ** -2.0)
    )
    return np.append(found.intercept, found.coefficients)
