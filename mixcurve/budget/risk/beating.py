"""The share of the draws in which a plan beats another, and what holds it from above on a box.

On a box where draw d's total lies between l_d and h_d, and for 0 <= w_d <= 1 / (t_d - l_d),

    [y_d > t_d]  <=  1 + w_d (y_d - t_d)     and     [y_d > t_d] = 0 where h_d <= t_d.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.risk.weights import Weights

__all__ = ["Against", "BeatingMeasure", "Counting"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

WIDTHS = (1.0, 0.3, 0.1, 0.03)
"""Widths, in standard deviations of the gain, over which a climb counts a draw in part; later climbs are sharper."""
AHEAD = 0.1
"""Part of the width by which a climb aims beyond the target, so that a draw that counts in full is beaten."""
HOPELESS = 2.0
"""Draws that are further from being beaten than so many widths are left out of a climb."""
ROUNDING = 1e-12
NARROWEST = 1e-3
"""Least spread of the gain that widths are taken of, in sizes of the largest total."""


@dataclass(frozen=True, eq=False)
class Against:
    """A concave measure of the gain over ``target`` (D,): a plan that is good by it is a good start."""

    weights: Weights
    target: FloatArray
    concave = True
    climbs = 1
    steps = 0.0
    floor = -np.inf
    empty = False

    def cut(self, totals: FloatArray) -> tuple[FloatArray, float]:
        """Return the worst weights of the gain, and minus what they make of the target."""
        return self.mended(self.weights.worst(totals - self.target))

    def mended(self, weight: FloatArray) -> tuple[FloatArray, float]:
        """Return weights brought back among the allowed ones, and their constant."""
        kept = self.weights.mended(weight)[0]
        return kept, -float(kept @ self.target)

    def sharpened(self, weight: FloatArray, most: float) -> float:
        """Return what weights prove beyond their cut: nothing."""
        return np.inf

    def proven(self, weight: FloatArray, most: float, low: FloatArray, high: FloatArray) -> float:
        """Return what ``weight · totals <= most`` proves: that, less what the weights make of the target."""
        return most - float(weight @ self.target)

    def value(self, totals: FloatArray) -> float:
        """Return what the gain is worth."""
        return self.weights.value(totals - self.target)

    def near(self, totals: FloatArray, climb: int) -> Against:
        """Return itself: it is concave."""
        return self

    def on(self, low: FloatArray, high: FloatArray, bound: float, goal: float) -> Against:
        """Return itself: it is concave."""
        return self


@dataclass(frozen=True, eq=False)
class Counting:
    """``Σ chance_d min(1, 1 + cap_d (y_d - target_d))`` over the draws that are ``left``."""

    chance: FloatArray
    target: FloatArray
    left: BoolArray
    cap: FloatArray
    floor = -np.inf
    empty = False

    def cut(self, totals: FloatArray) -> tuple[FloatArray, float]:
        """Return the weights that are least at ``totals``, and their constant."""
        return self.mended(np.where(totals < self.target, self.chance * self.cap, 0.0))

    def sharpened(self, weight: FloatArray, most: float) -> float:
        """Return what weights prove beyond their cut: nothing."""
        return np.inf

    def mended(self, weight: FloatArray) -> tuple[FloatArray, float]:
        """Return the weights brought within the caps, and their constant."""
        kept = np.where(self.left, np.clip(weight, 0.0, self.chance * self.cap), 0.0)
        return kept, float(self.chance[self.left].sum()) - float(kept @ self.target)


@dataclass(frozen=True, eq=False)
class BeatingMeasure:
    """The share of the draws, weighted by ``chance`` (D,), whose total exceeds ``target`` (D,)."""

    chance: FloatArray
    target: FloatArray
    concave = False
    climbs = len(WIDTHS)

    @property
    def steps(self) -> float:
        """The least chance of a draw, where all are alike; else 0."""
        least = float(self.chance.min())
        return least if least == float(self.chance.max()) else 0.0

    def value(self, totals: FloatArray) -> float:
        """Return the share."""
        return fsum(self.chance[totals > self.target])

    def near(self, totals: FloatArray, climb: int) -> Counting:
        """Return a count that lets draws count in part, the less so the later the climb."""
        gain = totals - self.target
        spread = max(float(gain.std()), NARROWEST * float(np.abs(totals).max()))
        width = WIDTHS[climb] * spread if spread > 0 else 1.0
        left = gain > -HOPELESS * width
        return Counting(self.chance, self.target + AHEAD * width, left, np.full_like(totals, 1.0 / width))

    def proven(self, weight: FloatArray, most: float, low: FloatArray, high: FloatArray) -> float:
        """Return what ``weight · totals <= most`` proves of a box where totals lie between ``low`` and ``high``."""
        able = high > self.target
        if np.any(weight * (self.target - low) > self.chance * (1.0 + ROUNDING)):
            return float(self.chance[able].sum())
        counted = float(self.chance[able | (weight > 0)].sum())
        return min(float(self.chance[able].sum()), counted + most - float(weight @ self.target))

    def on(self, low: FloatArray, high: FloatArray, bound: float, goal: float) -> Counting:
        """Return what holds the share from above on a box."""
        gap = self.target - low
        # Where the box begins at the target or above, the draw may count in full everywhere.
        cap = np.where(gap > 0, 1.0 / np.where(gap > 0, gap, 1.0), 0.0)
        return Counting(self.chance, self.target, high > self.target, cap)
