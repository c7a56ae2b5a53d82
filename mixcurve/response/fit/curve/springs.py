"""Fits with a figure held at a value: the points that profiles are made of.

For a figure g and a value v everything else is fitted again under a spring that pulls g to v; the solution is the
constrained optimum at the value that g reaches, whatever the stiffness of the spring (Bates and Watts 1988, chapter 6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.curve.descent import descend
from mixcurve.response.fit.curve.figures import CurveFigure
from mixcurve.response.fit.curve.problem import CurveProblem

__all__ = ["Anchor", "Trials", "constrained_fits"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

STIFFNESS = 300.0
"""Curvature of the spring over that of the profile."""
TOGETHER = 768
"""Trials solved side by side: enough to share the work, few enough to stay in the processor's cache."""
ACCURACY = 1e-3
"""A constrained fit has converged when its next step predicts a fall below this share of the threshold's rise."""
MOST_ITERATIONS = 40
IMPOSSIBLE = 1e6
"""Root of the rise of a trial whose deviance is not finite."""


@dataclass(frozen=True, eq=False)
class Anchor:
    """Where profiles start: the estimates φ (A × p), their covariance (A × p × p), and each one's campaign (A,).

    ``least`` (A,) is the least deviance known of the campaign and ``rise`` (A,) by how much it may rise.
    """

    phi: FloatArray
    covariance: FloatArray
    which: IntArray
    least: FloatArray
    rise: FloatArray


@dataclass(frozen=True, eq=False)
class Trials:
    """Values to hold figures at: the anchor and the figure of each trial, the figure's reach, and the value (T,)."""

    anchor: IntArray
    figure: IntArray
    reach: FloatArray
    wanted: FloatArray


def constrained_fits(
    problem: CurveProblem, anchor: Anchor, figures: list[CurveFigure], trials: Trials, start: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the values reached, the root of the rise over the threshold's (T,), and φ (T × p).

    ``reach`` is a distance over which the deviance rises by about the threshold: it sets the stiffness of the spring.
    """
    value, root, phi = np.empty(len(start)), np.empty(len(start)), np.empty_like(start)
    for first in range(0, len(start), TOGETHER):
        rows = slice(first, first + TOGETHER)
        owner, wanted = trials.anchor[rows], trials.wanted[rows]
        which, alone = anchor.which[owner], np.arange(len(owner))
        stiffness = np.sqrt(STIFFNESS * anchor.rise[owner]) / trials.reach[rows]
        spring = _Springs(problem, figures, trials.figure[rows], which, wanted, stiffness)
        found = descend(
            spring, start[rows], problem.low[which], problem.high[which], which=alone,
            free=problem.free[which], enough=ACCURACY * anchor.rise[owner], max_iterations=MOST_ITERATIONS,
        )  # fmt: skip
        reached = spring.figure(found.phi, alone)
        rest = found.objective - (stiffness * (reached - wanted)) ** 2
        value[rows], phi[rows] = reached, found.phi
        root[rows] = np.sqrt(np.maximum(rest - anchor.least[owner], 0.0) / anchor.rise[owner])
    return value, np.where(np.isfinite(root), root, IMPOSSIBLE), phi


@dataclass(frozen=True, eq=False)
class _Springs:
    """The objective of each trial: the campaign's deviance, and a spring that holds its figure at the value wanted."""

    problem: CurveProblem
    figures: list[CurveFigure]
    owner: IntArray
    campaign: IntArray
    wanted: FloatArray
    stiffness: FloatArray

    def figure(self, phi: FloatArray, which: IntArray) -> FloatArray:
        value = np.empty(len(phi))
        for i in np.unique(self.owner[which]):
            mine = self.owner[which] == i
            value[mine] = self.figures[i].value(phi[mine], self.campaign[which[mine]])
        return value

    def __call__(self, phi: FloatArray, which: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        objective, gradient, curvature = self.problem(phi, self.campaign[which])
        slope = np.empty_like(phi)
        for i in np.unique(self.owner[which]):
            mine = self.owner[which] == i
            slope[mine] = self.figures[i].slope(phi[mine], self.campaign[which[mine]])
        k = self.stiffness[which]
        held = k * (self.figure(phi, which) - self.wanted[which])
        pull = k[:, None] * slope
        return (
            objective + held**2,
            gradient + held[:, None] * pull,
            curvature + pull[:, :, None] * pull[:, None, :],
        )
