"""How far groups differ, before any draw: the spreads that the data make likeliest, in a quadratic approximation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.propensity.bayes.hierarchy import Hierarchy
from mixcurve.sigmoid import cross_entropy_derivative

__all__ = ["likely_common", "likely_spread"]

FloatArray = npt.NDArray[np.float64]
STEPS = 50
"""Of expectation and maximisation; each costs G inversions of k × k. Exact convergence is not needed."""


def likely_spread(problem: Hierarchy, mode: FloatArray, information: FloatArray) -> FloatArray:
    """Return the spread s of each varying column, (k,), by expectation and maximisation.

    With g_g and I_g the slope and information of group g at the common mode, its deviation is taken as
    ``v_g ~ Normal(V_g g_g, V_g)``, ``V_g = (I_g + diag(s⁻²))⁻¹``; s² is then the sum of the squares over
    ``G + s² / spread²``, which is where the half-normal prior puts its mode.

    Source: Dempster, Laird and Rubin (1977), section 4.5.

    Parameters
    ----------
    problem
        With one group no column varies.
    mode
        (q,), β with all groups alike.
    information
        (G, q, q), see `Hierarchy.information`.
    """
    if problem.groups == 1:
        return np.empty(0)
    k = problem.varying
    slope = _slopes(problem, mode)[:, k]
    told = information[:, k[:, None], k]
    s = problem.spread.copy()
    for _ in range(STEPS):
        covariance = np.linalg.inv(told + np.diag(s**-2.0))
        mean = np.einsum("gij,gj->gi", covariance, slope)
        square = mean**2 + np.diagonal(covariance, axis1=1, axis2=2)
        s = np.sqrt(square.sum(axis=0) / (problem.groups + s**2 / problem.spread**2))
    return s


def likely_common(
    problem: Hierarchy, mode: FloatArray, information: FloatArray, s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the mean (q,) and precision (q, q) of β given the spreads, in the same quadratic approximation.

    Of group g, with S the diagonal of s², the rows say ``(I_g⁻¹ + S)⁻¹`` of β once its deviation is integrated out.
    """
    q = len(mode)
    wide = np.zeros(q)
    wide[problem.varying] = s**2
    left = np.eye(q) + information * wide
    slope, told = _slopes(problem, mode)[..., None], information
    slope, told = np.linalg.solve(left, slope), np.linalg.solve(left, told)
    precision = told.sum(axis=0) + np.diag(problem.width**-2.0)
    towards = slope.sum(axis=0)[:, 0] - (mode - problem.middle) / problem.width**2
    return mode + np.linalg.solve(precision, towards), (precision + precision.T) / 2.0


def _slopes(problem: Hierarchy, beta: FloatArray) -> FloatArray:
    """Return the slope of each group's log likelihood at β, (G, q)."""
    residual = -problem.weights * cross_entropy_derivative(problem.y, problem.design @ beta)
    return np.stack([residual[span] @ problem.design[span] for span in problem.spans])
