"""What a simulator of people returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError

__all__ = ["SimulatedPeople", "count_of"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SimulatedPeople:
    """A table of people whose truth is known.

    Parameters
    ----------
    table
        A pandas frame, a row a person: key, features, label.
    key, label
        The columns of the key and of the label.
    features
        The columns to learn from.
    coefficients
        The truth: log-odds per unit of a feature, or of a level of it as ``"column: level"``.
    intercept
        The truth: log-odds with every feature at 0 and every column at its reference level.
    log_odds
        (n,), the truth of each person; labels are drawn from it.
    seed
        What it was drawn with.
    """

    table: Any
    key: str
    label: str
    features: tuple[str, ...]
    coefficients: dict[str, float]
    intercept: float
    log_odds: FloatArray = field(repr=False)
    seed: int

    @property
    def X(self) -> Any:
        """The features as a frame."""
        return self.table[list(self.features)]

    @property
    def y(self) -> npt.NDArray[np.int64]:
        """The labels, 0 or 1, (n,)."""
        return np.asarray(self.table[self.label].to_numpy(), dtype=np.int64)


def count_of(name: str, value: Any, least: int = 1) -> int:
    """Return ``value`` as a whole number of at least ``least``, or raise naming the argument."""
    found = number(name, value, low=least)
    if found != int(found):
        raise InputError(f"{name} must be a whole number, got {value!r}.")
    return int(found)
