"""Maps that rise in steps; within a step cases keep the order of their scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.isotonic import isotonic_fit
from mixcurve.calibration.labels import LabelledScores
from mixcurve.calibration.maps.base import CalibrationMap
from mixcurve.sigmoid import expit, logit

__all__ = ["IsotonicMap", "StepMap", "fit_isotonic", "tilted"]

FloatArray = npt.NDArray[np.float64]
TILT = 1e-6
"""Log-odds by which a step rises from its first score to its last, so that it ties no two cases: at most 2.5e-7 of
probability, which no figure shows, and about 10^9 floats of log-odds wide, which tells apart scores that close."""


def tilted(z: FloatArray, left: FloatArray, right: FloatArray, level: FloatArray) -> FloatArray:
    """Return the height at z of steps that rise a little; straight between steps, almost flat beyond the outer ones.

    Parameters
    ----------
    z
        Any shape.
    left, right
        (k,), first and last score of each step; steps follow one another and do not overlap.
    level
        (k,), the height of each step, rising.
    """
    gaps = np.diff(level, prepend=-np.inf, append=np.inf)
    # Steps that lie close rise by a quarter of the gap between them, so that none reaches the next.
    half = np.minimum(TILT / 2.0, np.minimum(gaps[:-1], gaps[1:]) / 4.0)
    inside = np.where(right > left, half, 0.0)
    x, y = np.stack([left, right], 1).ravel(), np.stack([level - inside, level + inside], 1).ravel()
    kept = np.append(True, np.diff(x) > 0)
    width = (right[-1] - left[0]) or 1.0
    below, above = np.maximum(left[0] - z, 0.0) / width, np.maximum(z - right[-1], 0.0) / width
    beyond = half[-1] * above / (1.0 + above) - half[0] * below / (1.0 + below)
    return np.asarray(np.interp(z, x[kept], y[kept]) + beyond)


@dataclass(frozen=True, eq=False)
class StepMap(CalibrationMap):
    """Steps of probability: ``level`` (k,) holds the log-odds of each, ``left`` and ``right`` (k,) where it lies."""

    left: FloatArray
    right: FloatArray
    level: FloatArray

    def _at(self, z: FloatArray) -> FloatArray:
        return tilted(z, self.left, self.right, self.level)

    @property
    def formula(self) -> str:
        """The map in words."""
        steps, (least, most) = len(self.level), expit(self.level[[0, -1]])
        return f"{steps} step{'s' * (steps != 1)} of probability from {least:.3g} to {most:.3g}"


@dataclass(frozen=True, eq=False)
class IsotonicMap(StepMap):
    """The rising function nearest to the labels: steps with the share of positives in each, straight between them.

    An outermost step without a positive or without a negative case among w states 1 / (w + 2) of the class it lacks,
    Laplace's rule of succession, or half way to the next step if that is less; a probability of 0 would be refuted by
    the first exception. Source: Zadrozny and Elkan (2002), KDD 8, 694-699.
    """

    method: ClassVar[str] = "isotonic"


def fit_isotonic(cases: LabelledScores, platt_targets: bool) -> IsotonicMap:
    """Fit the steps by pooling adjacent violators; targets play no part."""
    fit = isotonic_fit(cases.score, cases.label, cases.weight)
    first = np.flatnonzero(np.append(True, np.diff(fit.fitted) > 0))
    last = np.append(first[1:], len(fit.x)) - 1
    weight, share = np.add.reduceat(fit.weight, first), fit.fitted[first].copy()
    next_low, next_high = (share[1], 1.0 - share[-2]) if len(share) > 1 else (1.0, 1.0)
    if share[0] == 0.0:
        share[0] = min(1.0 / (weight[0] + 2.0), next_low / 2.0)
    if share[-1] == 1.0:
        share[-1] = 1.0 - min(1.0 / (weight[-1] + 2.0), next_high / 2.0)
    return IsotonicMap(
        len(cases.score), cases.effective, "", fit.x[first], fit.x[last], np.asarray(logit(share))
    )
