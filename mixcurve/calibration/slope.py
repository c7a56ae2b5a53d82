"""Calibration slope and intercept: the outcome's log-odds as a straight line in the stated log-odds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.cells import cell_means, cell_starts
from mixcurve.calibration.maps.newton import descend
from mixcurve.calibration.stated import Stated
from mixcurve.sigmoid import expit

__all__ = ["Estimate", "in_the_large", "slope_and_intercept"]

FloatArray = npt.NDArray[np.float64]
MOST_CELLS = 1000
"""Cells that a first fit is made in; from there the cases themselves need a step or two."""
FLAT = 1e-12
"""Scores that spread by less, as a share of their size, have no slope: rounding alone spreads so far."""
SURE = 36.7
"""Log-odds of 1 - 2^-53: a shift judges log-odds beyond as this, for the probability rounds to 0 or 1 there."""


@dataclass(frozen=True)
class Estimate:
    """A value with its standard error; NaN where the cases do not tell, infinite where they set no limit."""

    value: float
    error: float

    def interval(self, level: float) -> tuple[float, float, float]:
        """Return the value and the limits of its normal interval."""
        from scipy.special import ndtri

        reach = float(ndtri(0.5 + level / 2.0)) * self.error
        if not np.isfinite(self.value):
            return self.value, -np.inf, np.inf
        return self.value, self.value - reach, self.value + reach

    def p_value(self, at: float) -> float:
        """Return the probability of an estimate as far from ``at``, if that is the truth; NaN if not known."""
        from scipy.special import ndtr

        if not np.isfinite(self.value) or self.error == 0.0:
            return np.nan
        return float(2.0 * ndtr(-abs(self.value - at) / self.error))


def slope_and_intercept(cases: Stated) -> tuple[Estimate, Estimate]:
    """Return slope and intercept of a logistic regression of the labels on the stated log-odds.

    1 and 0 if the probabilities are right; a slope below 1 says that they are too extreme. Standard errors are robust,
    for the line is only a summary, and count weights. The slope is infinite where a threshold separates the labels.

    Source: Cox (1958), Biometrika 45, 562-565; Miller, Langefeld, Tierney, Hui and McDonald (1993), Medical Decision
    Making 13, 49-57.
    """
    z, y, w = cases.bounded_score, cases.label, cases.weight
    centre = float(w @ z / cases.effective)
    size = float(np.abs(z - centre).max())
    positive, negative = z[y == 1], z[y == 0]
    if size <= FLAT * abs(centre):
        return Estimate(np.nan, np.nan), Estimate(np.nan, np.nan)
    for end, one, other in ((np.inf, positive, negative), (-np.inf, negative, positive)):
        if one.min() >= other.max():
            return Estimate(end, np.nan), Estimate(np.nan, np.nan)
    spread = size * float(np.sqrt(w @ ((z - centre) / size) ** 2 / cases.effective))
    x = np.column_stack([np.ones(len(z)), (z - centre) / spread])
    found, covariance = _fit(x, y, w, 0.0, cell_starts(cases.key, MOST_CELLS))
    back = np.array([[1.0, -centre / spread], [0.0, 1.0 / spread]])
    errors = np.sqrt(np.diag(back @ covariance @ back.T))
    intercept, slope = back @ found
    return Estimate(float(slope), float(errors[1])), Estimate(float(intercept), float(errors[0]))


def in_the_large(cases: Stated) -> Estimate:
    """Return the shift of all stated log-odds that brings their mean probability to the base rate; 0 if it is there."""
    starts = cell_starts(cases.key, MOST_CELLS)
    z = np.clip(cases.score, -SURE, SURE)
    found, covariance = _fit(np.ones((len(z), 1)), cases.label, cases.weight, z, starts)
    return Estimate(float(found[0]), float(np.sqrt(covariance[0, 0])))


def _fit(
    x: FloatArray, y: FloatArray, w: FloatArray, offset: FloatArray | float, starts: npt.NDArray[np.intp]
) -> tuple[FloatArray, FloatArray]:
    """Return coefficients and their robust covariance, first in cells, then from there for the cases themselves."""
    free, none = np.full(x.shape[1], -np.inf), np.zeros((x.shape[1],) * 2)
    start = np.zeros(x.shape[1])
    if len(starts) < len(y):
        counts = np.add.reduceat(w, starts)
        means = np.column_stack([cell_means(column, w, starts) for column in x.T])
        shift = cell_means(offset, w, starts) if isinstance(offset, np.ndarray) else offset
        start, _, done = descend(
            means, cell_means(y, w, starts), counts, start, low=free, penalty=none, offset=shift
        )
        start = start if done else np.zeros(x.shape[1])
    found, hessian, done = descend(x, y, w, start, low=free, penalty=none, offset=offset)
    if not done or not (np.diag(hessian) > 0).all():
        return np.full(x.shape[1], np.nan), none * np.nan
    residual = w * (y - expit(x @ found + offset))
    inverse = np.linalg.inv(hessian)
    return found, inverse @ (x.T @ (x * (residual**2)[:, None])) @ inverse
