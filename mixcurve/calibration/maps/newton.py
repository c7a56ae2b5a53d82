"""Logistic regression on a few rising functions of the score, none with a negative coefficient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.sigmoid import cross_entropy, cross_entropy_derivative, expit_derivative, logit

__all__ = ["MapSolution", "descend", "solve_map"]

FloatArray = npt.NDArray[np.float64]
STEP = 1e-4
"""Standard errors: a step shorter than this is the last, for the error it leaves is of the order of its square, far
below what any figure shows, and rounding hides by how much it lowers the objective."""
MAX_STEPS = 200
"""Newton's method on these problems takes 5 to 15 steps; scores that nearly separate the labels take some dozens."""
SAME = 1e-12
"""Columns that spread by less, as a share of the widest, are taken as constant: rounding alone spreads so far."""
FLAT = 1e-13
"""Directions with less curvature, as a share of the most curved, are left where they are: rounding hides them."""
ROUNDING = 1e-12
"""What rounding adds to a sum over millions of cases, as a share: a step is not blamed for it."""
SUFFICIENT = 1e-4
"""The share of the predicted decrease that a step must reach (Nocedal and Wright 2006, section 3.1)."""


@dataclass(frozen=True, eq=False)
class MapSolution:
    """The intercept, the coefficients (k,), the loss without penalty, what the fit used of freedom, and its state."""

    intercept: float
    coefficients: FloatArray
    loss: float
    freedom: float
    converged: bool


def solve_map(
    columns: FloatArray, target: FloatArray, weight: FloatArray, ridge: FloatArray | None = None
) -> MapSolution:
    r"""Minimise :math:`\sum_i w_i\,\ell(t_i, a + x_i^\top c) + \tfrac12 c^\top R c` over a and c >= 0.

    Newton's method; each step solves the quadratic model within the bounds, so that a coefficient that wants to be
    negative ends at 0 exactly. Columns are centred and scaled inside.

    Parameters
    ----------
    columns
        (n, k), functions of the score.
    target
        (n,), labels or shares within [0, 1], not all 0 nor all 1.
    weight
        (n,), above 0.
    ridge
        (k, k), positive semi-definite; none by default.
    """
    total = weight.sum()
    centre = weight @ columns / total
    size = np.abs(columns - centre).max(axis=0)
    # Scaled by the largest first, whose square alone could overflow or vanish.
    spread = size * np.sqrt(weight @ ((columns - centre) / np.where(size > 0, size, 1.0)) ** 2 / total)
    moving = np.flatnonzero(spread > SAME * max(float(spread.max()), float(np.abs(centre).max())))
    scaled = np.column_stack([np.ones(len(target)), (columns[:, moving] - centre[moving]) / spread[moving]])
    penalty = np.zeros((len(moving) + 1,) * 2)
    if ridge is not None:
        penalty[1:, 1:] = ridge[np.ix_(moving, moving)] / np.outer(spread[moving], spread[moving])
    start = np.zeros(len(moving) + 1)
    start[0] = logit(weight @ target / total)
    low = np.append(-np.inf, np.zeros(len(moving)))
    found, hessian, converged = descend(scaled, target, weight, start, low=low, penalty=penalty)
    loss = float(weight @ cross_entropy(target, scaled @ found))
    coefficients = np.zeros(columns.shape[1])
    coefficients[moving] = found[1:] / spread[moving]
    free = np.append(True, found[1:] > 0)
    inner = hessian[np.ix_(free, free)]
    used = float(np.trace(np.linalg.lstsq(inner, inner - penalty[np.ix_(free, free)])[0]))
    return MapSolution(float(found[0] - centre @ coefficients), coefficients, loss, used, converged)


def descend(
    x: FloatArray,
    target: FloatArray,
    weight: FloatArray,
    start: FloatArray,
    *,
    low: FloatArray,
    penalty: FloatArray,
    offset: FloatArray | float = 0.0,
) -> tuple[FloatArray, FloatArray, bool]:
    """Return where the penalised loss is least at or above ``low``, its Hessian there, and whether it is the least.

    Parameters
    ----------
    x
        (n, k), columns of like size.
    target, weight, offset
        (n,); the offset is added to the log-odds.
    start, low
        (k,), where to start from, and the least value of each coefficient, ``-inf`` for none.
    penalty
        (k, k), positive semi-definite.
    """
    at, z, hessian, done = start, x @ start + offset, penalty, False

    def objective(c: FloatArray, there: FloatArray) -> float:
        return float(weight @ cross_entropy(target, there) + 0.5 * c @ penalty @ c)

    for _ in range(MAX_STEPS):
        gradient = x.T @ (weight * cross_entropy_derivative(target, z)) + penalty @ at
        hessian = x.T @ (x * (weight * expit_derivative(z))[:, None]) + penalty
        step = _bounded_step(hessian, gradient, low - at)
        length, moved = 1.0, x @ step
        done = bool(step @ hessian @ step < STEP**2)
        if not done:
            value, enough = objective(at, z), SUFFICIENT * float(gradient @ step)
            value += ROUNDING * abs(value)
            while objective(at + length * step, z + length * moved) > value + length * enough:
                length /= 2.0
        at, z = np.maximum(at + length * step, low), z + length * moved
        if done:
            break
    return at, hessian, done


def _bounded_step(hessian: FloatArray, gradient: FloatArray, least: FloatArray) -> FloatArray:
    """Return the step of at least ``least`` (0 or less) that minimises the quadratic model."""
    from scipy.optimize import lsq_linear

    values, vectors = np.linalg.eigh(hessian)
    curved = values > FLAT * values[-1]
    root = np.sqrt(values[curved])[:, None] * vectors[:, curved].T
    aim = -(vectors[:, curved].T @ gradient) / np.sqrt(values[curved])
    step = vectors[:, curved] @ (aim / np.sqrt(values[curved]))
    if (step >= least).all():
        return step
    return np.maximum(lsq_linear(root, aim, bounds=(least, np.inf), method="bvls").x, least)
