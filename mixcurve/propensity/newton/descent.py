"""Newton's method itself: steps, their halving, and when to stop."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import FitError
from mixcurve.propensity.newton.coordinate import absolute_step
from mixcurve.propensity.newton.curvature import inverse_of
from mixcurve.propensity.newton.penalty import Penalty, State, state_at
from mixcurve.propensity.newton.secant import MOST_PAIRS, with_secants
from mixcurve.propensity.newton.sums import Rows

__all__ = ["Descent", "Status", "descend"]

FloatArray = npt.NDArray[np.float64]
Status = Literal["converged", "not converged", "diverging"]

MOST_HALVINGS = 40
ENOUGH = 1e-4
"""A step must bring this share of what its slope promises (Armijo 1966; the usual 1e-4)."""
ROUNDING = 1e-13
"""Differences below this share of the objective are rounding, not a rise."""
SURE = 30.0
"""Log-odds beyond which an unpenalised fit is suspected to run away: one in 10¹³ is no share that data can show."""


@dataclass(frozen=True)
class Descent:
    """Where a descent ended: the state, steps taken, the last one in standard errors and in nats, and the status."""

    state: State
    iterations: int
    size: float
    decrement: float
    status: Status


def descend(
    rows: Rows, state: State, penalty: Penalty, *, step: float, max_steps: int, guard: bool = False
) -> Descent:
    """Take Newton steps until one is shorter than ``step`` standard errors; that one is still taken.

    With ``guard`` a descent ends as soon as log-odds look as if they ran away.
    """
    status: Status = "not converged"
    iterations, size, decrement = 0, np.inf, np.inf
    pairs: deque[tuple[FloatArray, FloatArray]] = deque(maxlen=MOST_PAIRS)
    while iterations < max_steps:
        direction, errors, slope = _direction(state, penalty, pairs)
        size = float(np.max(np.abs(direction) / errors, initial=0.0))
        decrement = -slope / 2
        iterations += 1
        if size <= step:
            state = _moved(state, direction, penalty)
            status = "converged"
            break
        after = _shorter(lambda theta: state_at(rows, theta, penalty), state, direction, slope)
        if after is None:
            break
        if penalty.firth:
            pairs.append((after.theta - state.theta, after.gradient - state.gradient))
        state = after
        if guard and state.largest > SURE:
            status = "diverging"
            break
    return Descent(state, iterations, size, decrement, status)


def _direction(
    state: State, penalty: Penalty, pairs: Iterable[tuple[FloatArray, FloatArray]]
) -> tuple[FloatArray, FloatArray, float]:
    """Return the Newton step, the standard error of each coefficient, and the slope of the objective along the step."""
    if penalty.l1:
        return absolute_step(state.theta, state.gradient, state.curvature, penalty.l1)
    inverse = inverse_of(with_secants(state.curvature, pairs))
    if inverse is None:
        raise FitError("The information of the data is singular here. Give l2 above 0, or firth=True.")
    direction = -inverse @ state.gradient
    errors = np.sqrt(np.diag(inverse))
    return direction, np.where(errors > 0, errors, 1.0), float(direction @ state.gradient)


def _shorter(at: Callable[[FloatArray], State], state: State, step: FloatArray, slope: float) -> State | None:
    """Return the state after the step, halved until the objective falls as promised; None if it never does."""
    slack = ROUNDING * (1.0 + abs(state.objective))
    share = 1.0
    for _ in range(MOST_HALVINGS):
        after = at(state.theta + share * step)
        if after.objective <= state.objective + ENOUGH * share * slope + slack:
            return after
        share /= 2
    return None


def _moved(state: State, direction: FloatArray, penalty: Penalty) -> State:
    """Return the state with its coefficients moved by a step too short to change anything else."""
    theta = state.theta + direction
    if penalty.l1:
        rounding = np.finfo(float).eps * np.abs(state.theta[1:])
        theta[1:] = np.where(np.abs(theta[1:]) <= rounding, 0.0, theta[1:])
    return replace(state, theta=theta)
