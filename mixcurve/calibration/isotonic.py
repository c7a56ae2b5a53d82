"""Isotonic regression by pooling adjacent violators: the engine under every recalibration map of both wings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result

__all__ = ["IsotonicFit", "isotonic_fit", "pool_adjacent_violators"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class IsotonicFit(Result):
    """The non-decreasing function of x that is nearest to y in weighted squares.

    ``x`` (k) holds the distinct values in rising order, ``fitted`` (k) the function there, ``weight`` (k) the weight.
    """

    x: FloatArray
    fitted: FloatArray
    weight: FloatArray

    def at(self, x: npt.ArrayLike) -> FloatArray:
        """Return the function anywhere: on straight lines between the values it was fitted at, constant beyond."""
        return np.interp(np.asarray(x, dtype=np.float64), self.x, self.fitted)


def pool_adjacent_violators(values: FloatArray, weights: FloatArray) -> FloatArray:
    r"""Return the non-decreasing sequence :math:`m` that minimises :math:`\sum_i w_i (v_i - m_i)^2`.

    Neighbours in the wrong order are pooled to their weighted mean until none is left; one pass, O(n) (Busing 2022,
    JSS 102, code snippet 1), by SciPy's engine.

    Parameters
    ----------
    values
        The sequence, shape (n,), finite.
    weights
        Shape (n,), above 0.

    Examples
    --------
    >>> pool_adjacent_violators(np.array([1.0, 3.0, 2.0, 4.0]), np.ones(4)).tolist()
    [1.0, 2.5, 2.5, 4.0]
    """
    from scipy.optimize import isotonic_regression

    return np.asarray(isotonic_regression(values, weights=weights).x, dtype=np.float64)


def isotonic_fit(x: npt.ArrayLike, y: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> IsotonicFit:
    """Fit y by a non-decreasing function of x; equal values of x get one value, their weighted mean before pooling.

    Parameters
    ----------
    x, y
        Shape (n,), finite, in any order.
    weights
        Shape (n,), how much each case counts; cases of weight 0 are left out. All 1 if not given.

    Raises
    ------
    InputError
        If the lengths differ, a value is not finite, a weight is negative, or no weight is above 0.

    References
    ----------
    Ayer et al. (1955), Annals of Mathematical Statistics 26, 641-647.

    Examples
    --------
    >>> fit = isotonic_fit([0.2, 0.1, 0.3, 0.3], [0, 1, 1, 0])
    >>> fit.x.tolist(), fit.fitted.tolist()
    ([0.1, 0.2, 0.3], [0.5, 0.5, 0.5])
    """
    place, value = finite_array("x", x, ndim=1), finite_array("y", y, ndim=1)
    weight = np.ones_like(place) if weights is None else finite_array("weights", weights, ndim=1)
    if not len(place) == len(value) == len(weight):
        raise InputError(
            f"x, y and weights must be equally long, got {len(place)}, {len(value)} and {len(weight)}."
        )
    if (weight < 0).any() or not (weight > 0).any():
        raise InputError("weights must not be negative, and at least one must be above 0.")
    counted = weight > 0
    knots, group = np.unique(place[counted], return_inverse=True)
    total = np.bincount(group, weights=weight[counted])
    mean = np.bincount(group, weights=(weight * value)[counted]) / total
    return IsotonicFit(knots, pool_adjacent_violators(mean, total), total)
