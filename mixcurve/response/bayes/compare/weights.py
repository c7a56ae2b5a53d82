"""Stacking: the weights under which several predictive distributions together predict best."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import optimize

from mixcurve.foundations.checks import finite_array

__all__ = ["stacking_weights"]

FloatArray = npt.NDArray[np.float64]

PRECISION = 1e-14
"""Of the mean log score, at which the search ends."""
POLISH = 200
"""Fixed-point steps after the search; each raises the score, and together they clean its last digits."""


def stacking_weights(pointwise: npt.ArrayLike) -> FloatArray:
    """Return the weights (K,), not negative and adding up to 1, that maximise Σ_i log Σ_k w_k exp(pointwise_ki).

    Models that say the same share the weight that they deserve together, where weights from elpd alone would count them
    twice.

    Parameters
    ----------
    pointwise
        (K × n): the leave-one-out log predictive density of each row under each model.

    Raises
    ------
    InputError
        If a value is not finite.

    References
    ----------
    Yao, Vehtari, Simpson and Gelman (2018), Bayesian Analysis 13, 917-1003.

    Examples
    --------
    >>> stacking_weights([[-1.0, -1.0, -3.0], [-3.0, -1.0, -1.0], [-9.0, -9.0, -9.0]]).round(6).tolist()
    [0.5, 0.5, 0.0]
    """
    values = finite_array("pointwise", pointwise, ndim=2)
    density = np.exp(values - values.max(axis=0))
    count = len(values)
    even = np.full(count, 1.0 / count)
    if count == 1:
        return even

    def score(w: FloatArray) -> tuple[float, FloatArray]:
        mixed = np.maximum(w @ density, np.finfo(np.float64).tiny)
        return -float(np.log(mixed).mean()), -(density / mixed).mean(axis=1)

    how: dict[str, Any] = {
        "bounds": [(0.0, 1.0)] * count,
        "constraints": optimize.LinearConstraint(np.ones((1, count)), 1.0, 1.0),
        "options": {"ftol": PRECISION, "maxiter": 500},
    }
    found = optimize.minimize(score, even, jac=True, method="SLSQP", **how)
    weights = np.clip(found.x, 0.0, None)
    weights = weights / weights.sum()
    if score(weights)[0] > score(even)[0]:
        weights = even
    for _ in range(POLISH):
        weights = weights * -score(weights)[1]
    return np.asarray(weights / weights.sum())
