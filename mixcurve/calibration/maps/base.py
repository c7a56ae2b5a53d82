"""What every calibration map is: a rising function from scores to calibrated log-odds, in plain numbers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.words import case_count
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.sigmoid import expit

__all__ = ["CalibrationMap", "Segments", "scores_of", "signed"]

FloatArray = npt.NDArray[np.float64]
Segments = Sequence[object] | npt.NDArray
FARTHEST = 1e300
"""Scores beyond, infinite ones too, are taken as this: no coefficient of a map makes it overflow to infinity less
infinity."""


@dataclass(frozen=True, eq=False)
class CalibrationMap(Result, ABC):
    """A rising function from scores (log-odds, not probabilities) to calibrated log-odds; made by `fit_map`.

    Parameters
    ----------
    cases, effective_cases
        How many cases it rests on, and how many equally weighted ones say as much.
    note
        What a reader must know of this map; ``""`` if nothing.
    """

    method: ClassVar[str] = ""

    cases: int
    effective_cases: float
    note: str

    def score(self, score: npt.ArrayLike, segments: Segments | None = None) -> FloatArray:
        """Return the calibrated log-odds of each score, in the shape given.

        Parameters
        ----------
        score
            Scores as the model gives them, without NaN.
        segments
            A label per score; used only by a map that was fitted by segment.

        Raises
        ------
        InputError
            If a score is NaN.
        """
        return self._at(scores_of(score))

    def probability(self, score: npt.ArrayLike, segments: Segments | None = None) -> FloatArray:
        """Return the calibrated probability of each score, in the shape given."""
        return np.asarray(expit(self.score(score, segments)))

    @abstractmethod
    def _at(self, z: FloatArray) -> FloatArray:
        """Return the calibrated log-odds of clean scores."""

    @property
    @abstractmethod
    def formula(self) -> str:
        """The map as a formula of the score z."""

    @property
    def summary(self) -> str:
        """One sentence."""
        rests = f"Calibration map '{self.method}' from {case_count(self.cases)}: {self.formula}."
        return f"{rests} {self.note}".rstrip()


def signed(value: float) -> str:
    """Return a number that follows others in a formula, such as ``+ 0.3``.

    Examples
    --------
    >>> signed(-0.25)
    '− 0.25'
    """
    return f"{'−' if value < 0 else '+'} {abs(value):.4g}"


def scores_of(score: npt.ArrayLike) -> FloatArray:
    """Return scores as float64, infinite ones as far as numbers go, or raise naming the first that is missing."""
    try:
        z = np.asarray(score, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"score must be an array of numbers, got {type(score).__name__}.") from None
    if np.isnan(z).any():
        first = int(np.argmax(np.isnan(z)))
        raise InputError(f"score must not be missing, but at position {first} it is. Repair these rows.")
    return np.clip(z, -FARTHEST, FARTHEST)
