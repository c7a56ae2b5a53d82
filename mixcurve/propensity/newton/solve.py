"""`solve`: the coefficients of a logistic regression, by Newton's method over blocks of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.propensity.newton.blocks import Standardised, moments
from mixcurve.propensity.newton.curvature import inverse_of, refuse_collinear
from mixcurve.propensity.newton.descent import Descent, Status, descend
from mixcurve.propensity.newton.null import null_fit
from mixcurve.propensity.newton.penalty import Penalty, state_at
from mixcurve.propensity.newton.sums import Rows

__all__ = ["Solution", "solve"]

FloatArray = npt.NDArray[np.float64]


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
    ended = descend(rows, state, penalty, step=step, max_steps=max_steps, guard=guard and penalty.none)
    return _solution(rows.design, ended, penalty, -null_loss)


def _solution(design: Standardised, ended: Descent, penalty: Penalty, null: float) -> Solution:
    """Return what was found, on the original scale."""
    state = ended.state
    kept = np.ones(design.columns, dtype=bool)
    if penalty.l1:
        kept[1:] = state.theta[1:] != 0
    inverse = inverse_of(state.curvature * np.outer(kept, kept))
    covariance = np.full_like(state.curvature, np.nan) if inverse is None else inverse
    intercept, coefficients = design.original(state.theta)
    return Solution(
        intercept=intercept,
        coefficients=coefficients,
        theta=state.theta,
        centre=design.centre,
        scale=design.scale,
        covariance=design.original_covariance(covariance),
        log_likelihood=-state.loss,
        objective=state.objective,
        null_log_likelihood=null,
        iterations=ended.iterations,
        step_in_standard_errors=ended.size,
        decrement=ended.decrement,
        largest_score=state.largest,
        status=ended.status,
    )
