"""What is added to the log loss: a ridge, an absolute penalty, or Firth's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.propensity.newton.curvature import inverse_of, log_determinant
from mixcurve.propensity.newton.sums import Rows, leverage_gradient, pass_over

__all__ = ["Penalty", "State", "state_at"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Penalty:
    """Strengths, each against the sum of the log loss over all people; none acts on the intercept.

    Parameters
    ----------
    l2, l1
        ``l2 / 2 Σ b²`` and ``l1 Σ |b|`` over standardised coefficients.
    firth
        Whether half the log-determinant of the information is taken from the loss (Firth 1993).
    """

    l2: float = 0.0
    l1: float = 0.0
    firth: bool = False

    @property
    def none(self) -> bool:
        """Whether nothing is added."""
        return not (self.l2 or self.l1 or self.firth)

    def absolute(self, theta: FloatArray) -> float:
        """Return the part of the absolute penalty."""
        return self.l1 * float(np.abs(theta[1:]).sum()) if self.l1 else 0.0


@dataclass(frozen=True)
class State:
    """All that is known at one set of coefficients.

    Parameters
    ----------
    theta
        (p + 1,), intercept at the centre first.
    loss
        The log loss alone.
    objective
        What is minimised: the loss with all penalties.
    gradient
        Of the objective without the absolute penalty.
    information
        The Hessian of the log loss.
    curvature
        The information with the ridge.
    largest
        The largest absolute log-odds of a row.
    """

    theta: FloatArray
    loss: float
    objective: float
    gradient: FloatArray
    information: FloatArray
    curvature: FloatArray
    largest: float


def state_at(rows: Rows, theta: FloatArray, penalty: Penalty) -> State:
    """Return the state at ``theta``: one pass over the rows, two with Firth's penalty."""
    sums = pass_over(rows, theta)
    ridge = np.concatenate([[0.0], np.where(rows.design.scale > 0, penalty.l2, 0.0)])
    objective = sums.loss + 0.5 * float(ridge @ theta**2) + penalty.absolute(theta)
    gradient = sums.gradient + ridge * theta
    if penalty.firth:
        inverse = inverse_of(sums.hessian)
        objective -= 0.5 * log_determinant(sums.hessian)
        if inverse is None:
            objective = np.inf
        else:
            gradient = gradient - leverage_gradient(rows, theta, inverse)
    curvature = sums.hessian + np.diag(ridge)
    return State(theta, sums.loss, objective, gradient, sums.hessian, curvature, sums.largest)
