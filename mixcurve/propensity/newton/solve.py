"""`solve`: the coefficients of a logistic regression, by Newton's method over blocks of rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import FitError
from mixcurve.propensity.newton.blocks import Standardised, moments
from mixcurve.propensity.newton.coordinate import absolute_step
from mixcurve.propensity.newton.curvature import inverse_of, refuse_collinear
from mixcurve.propensity.newton.null import null_fit
from mixcurve.propensity.newton.penalty import Penalty, State, state_at
from mixcurve.propensity.newton.secant import MOST_PAIRS, with_secants
from mixcurve.propensity.newton.sums import Rows

__all__ = ["Solution", "solve"]

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
class Solution:
    """Where the solver stopped.

    Parameters
    ----------
    intercept, coefficients
        On the scale of the features as given; (p,).
    theta
        (p + 1,), the same for centred and scaled features, intercept first.
    centre, scale
        (p,), what features were centred and scaled by; a scale of 0 marks a constant column, whose coefficient is 0.
    covariance
        (p + 1, p + 1), the inverse of the curvature on the original scale, intercept first: of the log loss and the
        ridge, over the coefficients that an absolute penalty left in, zeros elsewhere.
    log_likelihood, objective
        Without and with the penalties.
    null_log_likelihood
        Of an intercept alone (with the offset).
    iterations
        Newton steps taken.
    step_in_standard_errors
        How far the last step moved any coefficient, in its own standard errors.
    decrement
        The fall of the objective that the last step promised, in nats.
    largest_score
        The largest absolute log-odds of a row.
    status
        ``"converged"``; ``"not converged"``; ``"diverging"`` when log-odds grow without bound, as under separation.
    """

    intercept: float
    coefficients: FloatArray
    theta: FloatArray
    centre: FloatArray
    scale: FloatArray
    covariance: FloatArray
    log_likelihood: float
    objective: float
    null_log_likelihood: float
    iterations: int
    step_in_standard_errors: float
    decrement: float
    largest_score: float
    status: Status


def solve(
    X: Any,
    y: FloatArray,
    *,
    weights: FloatArray | None = None,
    offset: FloatArray | None = None,
    l2: float = 0.0,
    l1: float = 0.0,
    firth: bool = False,
    intercept: bool = True,
    start: FloatArray | None = None,
    step: float = 1e-8,
    max_steps: int = 100,
    guard: bool = True,
    names: Sequence[str] | None = None,
) -> Solution:
    """Return the coefficients that minimise the penalised log loss.

    Minimises ``Σ w (softplus(z) - y z) + l2 / 2 Σ b² + l1 Σ |b|`` (with ``firth``: less half the log-determinant of
    the information), where ``z = offset + a + Σ b (x - centre) / scale`` and the scale is the standard deviation. Each
    step takes one pass over the rows, which are centred and scaled block by block and never copied as a whole.

    Parameters
    ----------
    X
        (n, p), NumPy array of floats or SciPy CSR array.
    y
        (n,), 0 or 1.
    weights, offset
        (n,), or None for ones and zeros. A weight of 2 is the row twice.
    l2, l1, firth
        Penalties, in nats against the sum over all people.
    intercept
        Whether there is an intercept; without one features are scaled but not centred.
    start
        (p + 1,), intercept and coefficients on the original scale; by default those of no effect.
    step
        The fit has converged when the next step moves no coefficient by more than this many standard errors; that
        step is still taken.
    max_steps
        Newton steps at most.
    guard
        Whether to stop an unpenalised fit whose log-odds run away.
    names
        (p,), what to call the columns in messages.

    Raises
    ------
    FitError
        Without a penalty, when a column is a combination of others.

    Examples
    --------
    >>> found = solve(np.array([[0.0], [0.0], [0.0], [1.0], [1.0]]), np.array([0.0, 1.0, 1.0, 1.0, 0.0]))
    >>> float(found.coefficients[0].round(9)), found.status
    (-0.693147181, 'converged')
    """
    about = moments(X, weights, names)
    centre = about.mean if intercept else np.zeros_like(about.mean)
    rows = Rows(Standardised(X, centre, about.deviation, intercept), y, weights, offset)
    penalty = Penalty(l2, l1, firth)
    null_intercept, null_loss = null_fit(y, weights, offset, intercept)
    theta = np.concatenate([[null_intercept], np.zeros(X.shape[1])])
    if start is not None:
        theta = rows.design.standard(float(start[0]), np.asarray(start[1:]))
    state = state_at(rows, theta, penalty)
    if not l2 and not l1:
        refuse_collinear(state.information, len(y), names)
    return _descend(rows, state, penalty, -null_loss, step, max_steps, guard and penalty.none)


def _descend(
    rows: Rows, state: State, penalty: Penalty, null: float, step: float, max_steps: int, guard: bool
) -> Solution:
    """Take Newton steps until one is shorter than ``step`` standard errors."""
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
    return _solution(rows.design, state, penalty, null, (iterations, size, decrement, status))


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
        theta[1:] = np.where(
            np.abs(theta[1:]) <= np.finfo(float).eps * np.abs(state.theta[1:]), 0.0, theta[1:]
        )
    return State(theta, *(getattr(state, name) for name in list(State.__dataclass_fields__)[1:]))


def _solution(
    design: Standardised, state: State, penalty: Penalty, null: float, ended: tuple[int, float, float, Status]
) -> Solution:
    """Return what was found, on the original scale."""
    kept = (
        np.concatenate([[True], state.theta[1:] != 0]) if penalty.l1 else np.ones(design.columns, dtype=bool)
    )
    inverse = inverse_of(state.curvature * np.outer(kept, kept))
    covariance = np.full_like(state.curvature, np.nan) if inverse is None else inverse
    intercept, coefficients = design.original(state.theta)
    iterations, size, decrement, status = ended
    return Solution(
        intercept,
        coefficients,
        state.theta,
        design.centre,
        design.scale,
        design.original_covariance(covariance),
        -state.loss,
        state.objective,
        null,
        iterations,
        size,
        decrement,
        state.largest,
        status,
    )
