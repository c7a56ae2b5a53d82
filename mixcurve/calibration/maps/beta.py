"""The beta map: straight in log p and log (1 - p), each with a slope of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.labels import LabelledScores
from mixcurve.calibration.maps.base import CalibrationMap, signed
from mixcurve.calibration.maps.newton import solve_map
from mixcurve.calibration.maps.targets import FLAT, UNFINISHED, targets_of, told
from mixcurve.sigmoid import softplus

__all__ = ["BetaMap", "fit_beta"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BetaMap(CalibrationMap):
    r"""The map :math:`a \log p - b \log(1 - p) + c` of p = expit(z), with a and b of 0 or more.

    It is exact when the stated probabilities of each class follow a beta distribution. ``low`` (a) is the slope on
    log-odds far below zero, ``high`` (b) the slope far above; with both equal it is Platt's map, with both 1 and c 0
    it changes nothing.

    Source: Kull, Silva Filho and Flach (2017), Electronic Journal of Statistics 11, 5052-5080.
    """

    method: ClassVar[str] = "beta"

    low: float
    high: float
    intercept: float

    def _at(self, z: FloatArray) -> FloatArray:
        return self.high * softplus(z) - self.low * softplus(-z) + self.intercept

    @property
    def formula(self) -> str:
        """The map as a formula of p = expit(z)."""
        return f"log-odds = {self.low:.4g} log p − {self.high:.4g} log(1 − p) {signed(self.intercept)}"


def fit_beta(cases: LabelledScores, platt_targets: bool) -> BetaMap:
    """Fit both slopes and the intercept by maximum likelihood."""
    target, note = targets_of(cases, platt_targets, cases.separated)
    columns = np.column_stack([-softplus(-cases.score), softplus(cases.score)])
    found = solve_map(columns, target, cases.weight)
    low, high = (float(c) for c in found.coefficients)
    notes = told(note, FLAT * (low == high == 0.0), UNFINISHED * (not found.converged))
    return BetaMap(len(cases.score), cases.effective, notes, low, high, found.intercept)
