"""The model without features: an intercept alone, beside the offset if there is one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.sigmoid import cross_entropy, cross_entropy_derivative, expit_derivative, logit

__all__ = ["null_fit"]

FloatArray = npt.NDArray[np.float64]
MOST_STEPS = 100
BISECTION_SIDE = 1.0
"""First width, in log-odds, on each side of the start within which the root is looked for."""


def null_fit(
    y: FloatArray, weights: FloatArray | None, offset: FloatArray | None, intercept: bool = True
) -> tuple[float, float]:
    """Return the intercept of a model without features and its log loss ``Σ w · cross-entropy``.

    Without an offset the intercept is the logit of the base rate; with one it is the root of
    ``Σ w (p - y) = 0``, by Newton's method kept between two bounds.
    """
    total = float(len(y) if weights is None else weights.sum())
    share = float(y.sum() if weights is None else weights @ y) / total
    if offset is None:
        # The cross-entropy is linear in the label, so that the base rate stands for all rows.
        found = float(logit(share)) if intercept else 0.0
        return found, total * float(cross_entropy(share, found))
    w = np.ones(len(y)) if weights is None else weights
    found = _root(y, w, offset, float(logit(share)) - float(w @ offset) / total) if intercept else 0.0
    return found, float(w @ cross_entropy(y, offset + found))


def _root(y: FloatArray, w: FloatArray, offset: FloatArray, start: float) -> float:
    """Return the intercept at which predicted and seen positives agree."""

    def excess(a: float) -> float:
        return float(w @ cross_entropy_derivative(y, offset + a))

    low, high, side = start, start, BISECTION_SIDE
    while excess(low) > 0:
        low, side = low - side, 2 * side
    while excess(high) < 0:
        high, side = high + side, 2 * side
    found = start
    for _ in range(MOST_STEPS):
        value, slope = excess(found), float(w @ expit_derivative(offset + found))
        low, high = (low, found) if value > 0 else (found, high)
        after = found - value / slope if slope > 0 else np.inf
        # Outside the bounds Newton's step is of no use, and the middle always is.
        after = after if low <= after <= high else (low + high) / 2
        if abs(after - found) <= np.finfo(float).eps * (1.0 + abs(found)):
            return after
        found = after
    return found
