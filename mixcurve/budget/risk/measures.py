"""What a search over boxes must know of an objective of the draws' totals."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Concave", "Measure"]

FloatArray = npt.NDArray[np.float64]


class Concave(Protocol):
    """A concave, rising function of the draws' totals: the least of ``w · totals + b(w)`` over some weights w >= 0."""

    @property
    def floor(self) -> float:
        """What it says of an objective that is lower is only that it is no more than this; minus infinity for none."""
        ...

    @property
    def empty(self) -> bool:
        """Whether no plan that it speaks of is worth more than the floor."""
        ...

    def cut(self, totals: FloatArray) -> tuple[FloatArray, float]:
        """Return the w and b that are least at ``totals``."""
        ...

    def mended(self, weight: FloatArray) -> tuple[FloatArray, float]:
        """Return allowed weights next to ``weight``, which may come from another box or from rounding, and their b."""
        ...

    def sharpened(self, weight: FloatArray, most: float) -> float:
        """Return what weights prove beyond their cut where ``weight · totals`` is at most ``most``; or infinity."""
        ...


class Measure(Protocol):
    """An objective of the draws' totals (D,), which rises with each of them."""

    @property
    def concave(self) -> bool:
        """Whether it is concave itself, so that it is its own relaxation on every box."""
        ...

    @property
    def climbs(self) -> int:
        """The most climbs in a row that are worth making."""
        ...

    @property
    def steps(self) -> float:
        """The least distance between two values that it may take; 0 where it takes all."""
        ...

    def value(self, totals: FloatArray) -> float:
        """Return the objective."""
        ...

    def near(self, totals: FloatArray, climb: int) -> Concave:
        """Return a concave function to climb from a plan of these totals, in climb number 0, 1, ..."""
        ...

    def proven(self, weight: FloatArray, most: float, low: FloatArray, high: FloatArray) -> float:
        """Return what ``weight · totals <= most`` proves where totals lie between ``low`` and ``high`` (D,)."""
        ...

    def on(self, low: FloatArray, high: FloatArray, bound: float, goal: float) -> Concave:
        """Return what holds the objective from above where every total lies between ``low`` and ``high`` (D,).

        ``bound`` is known to hold there; objectives of at most ``goal`` are of no interest.
        """
        ...
