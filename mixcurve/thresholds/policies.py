"""The policies: each says by what people are ranked, and which of all cut-offs it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = [
    "AtLeast", "Best", "FBeta", "Limit", "Policy", "PrecisionFloor", "RankedBy", "RecallFloor", "Sums", "Youden",
]  # fmt: skip

FloatArray = npt.NDArray[np.float64]
RankedBy = Literal["probability", "net worth", "return on cost"]
ROUNDING = 1e-12
"""Relative size of what rounding may leave of a sum that meets its limit exactly."""


@dataclass(frozen=True)
class Sums:
    """Totals above every cut-off, nobody first, everybody last: arrays (..., m + 1), a row per resample if several.

    ``cut`` (m + 1) is the value of the ranking at each cut-off, the first infinite; ``net`` is value less cost of
    those above it, ``spent`` their cost.
    """

    cut: FloatArray
    people: FloatArray
    positives: FloatArray
    net: FloatArray
    spent: FloatArray

    @property
    def all_people(self) -> FloatArray:
        """The total of people, kept as a column."""
        return self.people[..., -1:]

    @property
    def all_positives(self) -> FloatArray:
        """The total of positives, kept as a column."""
        return self.positives[..., -1:]


class _Searching:
    """A policy that takes the cut-off of the highest score; of equal ones the first, which contacts the fewest."""

    def score(self, sums: Sums) -> FloatArray:
        raise NotImplementedError

    def place(self, sums: Sums) -> npt.NDArray[np.intp]:
        return np.argmax(self.score(sums), axis=-1)


class _Unscored:
    """A policy that maximises nothing."""

    def score(self, sums: Sums) -> None:
        return None


@dataclass(frozen=True)
class Best(_Searching):
    """The highest net worth: profit, or the least cost of errors."""

    name: str
    ranked_by: RankedBy

    def score(self, sums: Sums) -> FloatArray:
        """Return the net worth."""
        return sums.net


@dataclass(frozen=True)
class FBeta(_Searching):
    """The highest F-beta (van Rijsbergen 1979)."""

    beta: float
    name: str = "f_beta"
    ranked_by: RankedBy = "probability"

    def score(self, sums: Sums) -> FloatArray:
        """Return ``(1 + beta²) TP / (selected + beta² positives)``."""
        b2 = self.beta**2
        return (1.0 + b2) * sums.positives / (sums.people + b2 * sums.all_positives)


@dataclass(frozen=True)
class Youden(_Searching):
    """The largest recall less false positive rate (Youden 1950)."""

    name: str = "youden"
    ranked_by: RankedBy = "probability"

    def score(self, sums: Sums) -> FloatArray:
        """Return recall less false positive rate."""
        others = sums.all_people - sums.all_positives
        return sums.positives / sums.all_positives - (sums.people - sums.positives) / others


@dataclass(frozen=True)
class RecallFloor(_Unscored):
    """The fewest people who hold at least this share of the positives."""

    recall: float
    name: str = "recall"
    ranked_by: RankedBy = "probability"

    def place(self, sums: Sums) -> npt.NDArray[np.intp]:
        """Return the first cut-off that reaches the floor."""
        return np.argmax(sums.positives >= self.recall * sums.all_positives * (1.0 - ROUNDING), axis=-1)


@dataclass(frozen=True)
class PrecisionFloor(_Unscored):
    """The most people above a cut-off of whom at least this share is positive."""

    precision: float
    name: str = "precision"
    ranked_by: RankedBy = "probability"

    def place(self, sums: Sums) -> npt.NDArray[np.intp]:
        """Return the last cut-off that keeps the floor; nobody where none does."""
        kept = sums.positives >= self.precision * sums.people * (1.0 - ROUNDING)
        return kept.shape[-1] - 1 - np.argmax(kept[..., ::-1], axis=-1)


@dataclass(frozen=True)
class AtLeast(_Unscored):
    """Everybody whose rank value is at least a given one."""

    least: float
    name: str
    ranked_by: RankedBy

    def place(self, sums: Sums) -> npt.NDArray[np.intp]:
        """Return the last cut-off that is not below the given value."""
        chosen = np.count_nonzero(sums.cut >= self.least) - 1
        return np.full(sums.people.shape[:-1], chosen, dtype=np.intp)


@dataclass(frozen=True)
class Limit(_Unscored):
    """As many as a limit allows: of people, or of money for contacts that return at least their cost."""

    limit: float
    name: str
    ranked_by: RankedBy
    of: Literal["people", "spent"] = "people"
    least: float = -np.inf

    def place(self, sums: Sums) -> npt.NDArray[np.intp]:
        """Return the last cut-off within the limit."""
        used = sums.people if self.of == "people" else sums.spent
        within = (used <= self.limit * (1.0 + ROUNDING)) & (sums.cut >= self.least)
        return np.count_nonzero(within, axis=-1) - 1


Policy = Best | FBeta | Youden | RecallFloor | PrecisionFloor | AtLeast | Limit
"""``score`` returns what is maximised at every cut-off, or None; ``place`` the cut-off taken, in each row of sums."""
