"""`Weights`: the weights of the draws that a risk measure may take, and the worst of them for given totals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.objectives import CVaR, MeanMinusRisk

__all__ = ["Weights", "weights_of"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Weights:
    """All w = ``base`` + u with 0 <= u <= ``cap`` and Σ u = ``mass``: the value of totals y is the least w · y.

    ``base`` and ``cap`` are (D,), at least 0; the caps add up to at least the mass.

    Examples
    --------
    >>> import numpy as np
    >>> half = Weights(np.zeros(4), np.full(4, 0.5), 1.0)
    >>> half.value(np.array([3.0, 1.0, 2.0, 9.0]))
    1.5
    """

    base: FloatArray
    cap: FloatArray
    mass: float
    concave = True
    climbs = 1
    steps = 0.0
    floor = -np.inf
    empty = False

    def worst(self, totals: FloatArray) -> FloatArray:
        """Return the weights (D,) that make ``totals`` (D,) worth least."""
        order = np.argsort(totals, kind="stable")
        cap = self.cap[order]
        extra = np.empty_like(cap)
        extra[order] = np.clip(self.mass - (np.cumsum(cap) - cap), 0.0, cap)
        return self.base + extra

    def cut(self, totals: FloatArray) -> tuple[FloatArray, float]:
        """Return the worst weights and the constant 0: the objective is the least of ``w · totals + 0``."""
        return self.worst(totals), 0.0

    def mended(self, weight: FloatArray) -> tuple[FloatArray, float]:
        """Return weights brought back among the allowed ones, which the rounding of a mixture may leave, and 0.

        Caps are met exactly; what is missing from the mass is given to the draws in their order.
        """
        extra = np.clip(weight - self.base, 0.0, self.cap)
        extra *= min(1.0, self.mass / max(float(extra.sum()), np.finfo(np.float64).tiny))
        room = self.cap - extra
        missing = max(self.mass - float(extra.sum()), 0.0)
        return self.base + extra + np.clip(missing - (np.cumsum(room) - room), 0.0, room), 0.0

    def sharpened(self, weight: FloatArray, most: float) -> float:
        """Return what weights prove beyond their cut: nothing."""
        return np.inf

    def proven(self, weight: FloatArray, most: float, low: FloatArray, high: FloatArray) -> float:
        """Return what ``weight · totals <= most`` proves: that."""
        return most

    def near(self, totals: FloatArray, climb: int) -> Weights:
        """Return itself: it is concave."""
        return self

    def on(self, low: FloatArray, high: FloatArray, bound: float, goal: float) -> Weights:
        """Return itself: it is concave."""
        return self

    def value(self, totals: FloatArray) -> float:
        """Return the least w · totals."""
        return float(self.worst(totals) @ totals)


def weights_of(objective: CVaR | MeanMinusRisk, weight: FloatArray) -> Weights:
    """Return the weights over draws whose own weights are ``weight`` (D,).

    CVaR takes ``0 <= w_d <= weight_d / tail``; the mean minus risk is the same with a part ``1 - aversion`` kept at
    the draws' own weights.

    Examples
    --------
    >>> import numpy as np
    >>> weights_of(CVaR(0.5), np.full(4, 0.25)).value(np.array([3.0, 1.0, 2.0, 9.0]))
    1.5
    """
    aversion = objective.aversion if isinstance(objective, MeanMinusRisk) else 1.0
    return Weights((1.0 - aversion) * weight, aversion * weight / objective.tail, aversion)
