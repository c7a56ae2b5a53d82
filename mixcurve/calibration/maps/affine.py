"""Maps that are straight on log-odds: Platt's, and the temperature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.labels import LabelledScores
from mixcurve.calibration.maps.base import CalibrationMap, signed
from mixcurve.calibration.maps.newton import solve_map
from mixcurve.calibration.maps.targets import FLAT, UNFINISHED, targets_of, told
from mixcurve.sigmoid import cross_entropy_derivative, expit_derivative

__all__ = ["AffineMap", "TemperatureMap", "fit_affine", "fit_temperature"]

FloatArray = npt.NDArray[np.float64]
STEP = 1e-12
"""The logarithm of the temperature has been found when a step is shorter: the last digits of a float64."""
MAX_STEPS = 200
"""A safeguarded Newton's method halves its bracket at worst, so this many steps exhaust a float64."""


@dataclass(frozen=True, eq=False)
class AffineMap(CalibrationMap):
    """Platt's map on log-odds: ``slope × z + intercept`` with a slope of 0 or more.

    Source: Platt (1999), Advances in Large Margin Classifiers, 61-74, whose sigmoid this is.
    """

    method: ClassVar[str] = "platt"

    slope: float
    intercept: float

    def _at(self, z: FloatArray) -> FloatArray:
        return self.slope * z + self.intercept

    @property
    def formula(self) -> str:
        """The map as a formula of the score z."""
        return f"log-odds = {self.slope:.4g} z {signed(self.intercept)}"


@dataclass(frozen=True, eq=False)
class TemperatureMap(CalibrationMap):
    """The score divided by a temperature: keeps what is stated at a half, draws in or spreads out the rest.

    Source: Guo, Pleiss, Sun and Weinberger (2017), ICML 34, 1321-1330.
    """

    method: ClassVar[str] = "temperature"

    temperature: float

    def _at(self, z: FloatArray) -> FloatArray:
        return z / self.temperature

    @property
    def formula(self) -> str:
        """The map as a formula of the score z."""
        return f"log-odds = z / {self.temperature:.4g}"


def fit_affine(cases: LabelledScores, platt_targets: bool) -> AffineMap:
    """Fit slope and intercept by maximum likelihood."""
    target, note = targets_of(cases, platt_targets, cases.separated)
    found = solve_map(cases.score[:, None], target, cases.weight)
    slope = float(found.coefficients[0])
    notes = told(note, FLAT * (slope == 0.0), UNFINISHED * (not found.converged))
    return AffineMap(len(cases.score), cases.effective, notes, slope, found.intercept)


def fit_temperature(cases: LabelledScores, platt_targets: bool) -> TemperatureMap:
    """Fit the temperature by maximum likelihood: Newton's method on 1 / T within a bracket."""
    signed = np.where(cases.label == 1, cases.score, -cases.score)
    target, note = targets_of(cases, platt_targets, bool(signed.min() >= 0.0))
    size = float(np.abs(cases.score).max())
    if size == 0.0 or _slope_at(0.0, cases, target)[0] >= 0.0:
        # Even an infinite temperature would still help: the scores rank the labels the wrong way, or not at all.
        return TemperatureMap(len(cases.score), cases.effective, told(note, FLAT), np.inf)
    low, high = 0.0, 1.0 / size
    while _slope_at(high, cases, target)[0] < 0.0:
        low, high = high, 2.0 * high
    at = high
    for _ in range(MAX_STEPS):
        gradient, curvature = _slope_at(at, cases, target)
        low, high = (at, high) if gradient < 0.0 else (low, at)
        new = at - gradient / curvature if curvature > 0.0 else low
        new = new if low < new < high else 0.5 * (low + high)
        if abs(new - at) <= STEP * at:
            break
        at = new
    return TemperatureMap(len(cases.score), cases.effective, note, 1.0 / at)


def _slope_at(inverse: float, cases: LabelledScores, target: FloatArray) -> tuple[float, float]:
    """Return the first and second derivative of the loss by the inverse of the temperature."""
    z, weighted = inverse * cases.score, cases.weight * cases.score
    return float(weighted @ cross_entropy_derivative(target, z)), float(
        weighted @ (cases.score * expit_derivative(z))
    )
