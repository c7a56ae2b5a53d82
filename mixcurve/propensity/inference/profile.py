"""Profile likelihood: where the likelihood, maximised over all other coefficients, has fallen by a stated amount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import FitError
from mixcurve.propensity.newton.curvature import inverse_of
from mixcurve.propensity.newton.penalty import Penalty, State, state_at
from mixcurve.propensity.newton.sums import Rows

__all__ = ["Profile", "profile_limit", "restricted_fall"]

FloatArray = npt.NDArray[np.float64]

MOST_STEPS = 100
NEAR = 1e-9
"""Of the fall asked for, in nats; a limit is then exact to about this share of a standard error."""
STILL = 1e-6
"""Of the slope across the profile, in standard errors."""
FARTHEST = 60.0
"""Log-odds beyond which the likelihood will not fall any more: the side is open."""
LONGEST = 3.0
"""A step moves no coefficient by more standard errors."""


@dataclass(frozen=True)
class Profile:
    """A fit whose likelihood is to be profiled: rows, penalty (none or Firth's) and the state at the optimum."""

    rows: Rows
    penalty: Penalty
    best: State

    @property
    def inverse(self) -> FloatArray:
        """The inverse of the information at the optimum."""
        found = inverse_of(self.best.curvature)
        if found is None:
            raise FitError("The information of the data is singular at the optimum.")
        return found


def profile_limit(profile: Profile, combination: FloatArray, fall: float, side: int) -> float:
    r"""Return the end of the profile-likelihood interval of :math:`a^\top\theta` on one side; infinite if it is open.

    Solves :math:`\nabla f = \mu a` and :math:`f = f_{min} + \mathit{fall}` together by Newton's method: the step is
    :math:`-H^{-1}\nabla f + \mu H^{-1} a` with :math:`\mu^2 = (2 (f_{min} + \mathit{fall} - f) + \nabla f^\top H^{-1}
    \nabla f) / a^\top H^{-1} a`.

    Parameters
    ----------
    profile
        The fit.
    combination
        a, (p + 1,), on the standardised coefficients.
    fall
        Half the quantile of the chi-square distribution, in nats.
    side
        -1 for the lower limit, +1 for the upper.

    References
    ----------
    Venzon and Moolgavkar (1988), Applied Statistics 37, 87-94.
    """
    state, target = profile.best, profile.best.objective + fall
    errors = np.sqrt(np.diag(profile.inverse))
    for _ in range(MOST_STEPS):
        inverse = inverse_of(state.curvature)
        if inverse is None or state.largest > FARTHEST:
            return side * np.inf
        along, across = inverse @ combination, inverse @ state.gradient
        reach = float(combination @ along)
        square = (2.0 * (target - state.objective) + float(state.gradient @ across)) / reach
        multiplier = side * np.sqrt(max(square, 0.0))
        step = multiplier * along - across
        off = state.gradient - float(combination @ across) / reach * combination
        if abs(state.objective - target) < NEAR * fall and np.abs(off * errors).max() < STILL:
            return float(combination @ state.theta)
        ratio = np.abs(np.divide(step, errors, out=np.zeros_like(step), where=errors > 0)).max()
        state = state_at(
            profile.rows, state.theta + step * min(1.0, LONGEST / max(ratio, 1e-300)), profile.penalty
        )
    return side * np.nan


def restricted_fall(profile: Profile, column: int) -> float:
    """Return by how much the log-likelihood falls when one standardised coefficient is 0, in nats.

    Twice this is the likelihood-ratio statistic. For Firth's penalty the penalised likelihoods of the whole model are
    compared (Heinze and Schemper 2002).
    """
    inverse = profile.inverse
    # The best others, if the likelihood were normal.
    theta = profile.best.theta - inverse[:, column] / inverse[column, column] * profile.best.theta[column]
    theta[column] = 0.0
    state = state_at(profile.rows, theta, profile.penalty)
    free = np.diag(profile.best.curvature) > 0
    free[column] = False
    for _ in range(MOST_STEPS):
        direction = np.zeros_like(theta)
        direction[free] = -np.linalg.solve(state.curvature[np.ix_(free, free)], state.gradient[free])
        promised = -float(direction @ state.gradient)
        if promised < 1e-10:
            break
        share = 1.0
        while True:
            after = state_at(profile.rows, state.theta + share * direction, profile.penalty)
            if after.objective <= state.objective or share < 1e-6:
                break
            share /= 2
        state = after
    return max(state.objective - profile.best.objective, 0.0)
