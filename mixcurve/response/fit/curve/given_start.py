"""The search from a start that a user gave: it may lie far away, so all parameters move together in a trust region.

Variable projection is fast from a start near by. From one far away the amplitude that fits best may be next to nothing,
and the shape then has nothing to go by; with all parameters free the way out stays open. On the 27 sets of NIST StRD
scipy's trust region, with exact Jacobian and columns scaled, is what reaches the certified values from most starts.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.curve.problem import SHAPE, TOP, CurveProblem, with_amplitude
from mixcurve.response.fit.projection import Solution

__all__ = ["trust_region"]

FloatArray = npt.NDArray[np.float64]
ACCURACY = 1e-15
"""Relative change of squares, parameters and slope at which the search ends: no more can be told in float64."""
MOST_EVALUATIONS = 1000
INSIDE = 1e-6
"""Share of its box by which a start is kept from its ends, where the trust region has no room."""


def trust_region(problem: CurveProblem, shape: FloatArray) -> Solution:
    """Return for every campaign of a least-squares problem the solution reached from one start.

    Parameters
    ----------
    problem
        Campaigns whose loss is squares.
    shape
        (k,) shape parameters on the real line; baseline and ``top`` begin at their best for it.

    Notes
    -----
    Source: Branch, Coleman and Li (1999), SIAM Journal on Scientific Computing 21, 1-23.
    """
    everyone = np.arange(len(problem.y))
    # A declared formula may overflow far from the data: that is a step too far, not an error.
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        phi = with_amplitude(problem, np.tile(shape, (len(everyone), 1)), everyone)
        ends = [_from(problem, begin, row) for row, begin in enumerate(phi)]
    phi, objective, evaluations, converged = (np.array(part) for part in zip(*ends, strict=True))
    return Solution(phi[:, SHAPE:], np.exp(phi[:, TOP : TOP + 1]), objective, evaluations, converged)


def _from(problem: CurveProblem, begin: FloatArray, row: int) -> tuple[FloatArray, float, int, bool]:
    """Return φ, sum of squares, evaluations and whether the search of one campaign converged."""
    from scipy.optimize import least_squares

    free, which = problem.free[row], np.array([row])
    low, high = problem.low[row, free], problem.high[row, free]
    room = INSIDE * np.minimum(high - low, 1.0)
    root = np.sqrt(problem.weight[row])

    def whole(part: FloatArray) -> FloatArray:
        phi = np.clip(begin, problem.low[row], problem.high[row])
        phi[free] = part
        return phi[None]

    def residual(part: FloatArray) -> FloatArray:
        return np.asarray(root * (problem.mean(whole(part), which)[0] - problem.y[row]))

    def jacobian(part: FloatArray) -> FloatArray:
        slopes = (root * problem.jacobian(whole(part), which)[1][0, free]).T
        return np.asarray(np.where(np.isfinite(slopes), slopes, 0.0))

    first = np.clip(begin[free], low + room, high - room)
    if not (free.any() and np.isfinite(residual(first)).all()):
        return whole(first)[0], np.inf, 0, False
    found = least_squares(
        residual, first, jacobian, bounds=(low, high), x_scale="jac",
        ftol=ACCURACY, xtol=ACCURACY, gtol=ACCURACY, max_nfev=MOST_EVALUATIONS,
    )  # fmt: skip
    return whole(found.x)[0], 2 * float(found.cost), int(found.nfev), found.status > 0
