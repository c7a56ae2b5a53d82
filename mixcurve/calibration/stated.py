"""Probabilities that were stated, with what happened: checked, sorted, and grouped where equal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.cases import effective_cases
from mixcurve.calibration.labels import labelled_scores
from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.errors import InputError
from mixcurve.sigmoid import expit, logit

__all__ = ["Stated", "stated_cases"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]
CERTAIN = 745.0
"""Log-odds that stand for a stated 0 or 1: those of the smallest float64 above 0."""


@dataclass(frozen=True, eq=False)
class Stated:
    """Cases with weight in rising order of what was stated, each array (n,); weights add up to the effective cases.

    ``key`` orders the cases: the score if one was given, else the probability. ``score`` are log-odds, infinite for a
    stated 0 or 1. ``place`` tells where each case stood among those given.
    """

    key: FloatArray
    score: FloatArray
    probability: FloatArray
    label: FloatArray
    weight: FloatArray
    place: IntArray

    @property
    def effective(self) -> float:
        """How many equally weighted cases say as much."""
        return float(self.weight.sum())

    @property
    def base_rate(self) -> float:
        """The share of positive cases."""
        return float(self.weight @ self.label / self.effective)

    @property
    def mean_stated(self) -> float:
        """The mean of the stated probabilities."""
        return float(self.weight @ self.probability / self.effective)

    @cached_property
    def bounded_score(self) -> FloatArray:
        """Log-odds, those of a stated 0 or 1 as far as floats go."""
        return np.where(np.isinf(self.score), np.copysign(CERTAIN, self.score), self.score)

    @cached_property
    def starts(self) -> IntArray:
        """Where each distinct value of the key starts."""
        return np.flatnonzero(np.append(True, np.diff(self.key) > 0))

    def of(self, member: BoolArray) -> Stated:
        """Return the cases where ``member``, in the order of the cases given, is true."""
        own = member[self.place]
        weight = self.weight[own]
        scale = effective_cases(weight) / weight.sum()
        key, score, probability, label = (
            a[own] for a in (self.key, self.score, self.probability, self.label)
        )
        return Stated(key, score, probability, label, weight * scale, self.place[own])


def stated_cases(
    y: npt.ArrayLike, p: npt.ArrayLike | None, score: npt.ArrayLike | None, weights: npt.ArrayLike | None
) -> Stated:
    """Return checked cases in rising order, from probabilities or from scores (log-odds)."""
    if (p is None) == (score is None):
        given = "neither" if p is None else "both"
        raise InputError(f"Give either p (probabilities) or score (log-odds), got {given}.")
    key = _probabilities(p) if p is not None else score
    cases = labelled_scores(key, y, weights)  # type: ignore[arg-type]
    order = np.argsort(cases.score, kind="stable")
    rising = cases.score[order]
    z, chance = (rising, expit(rising)) if p is None else (logit(rising), rising)
    place = np.flatnonzero(cases.counted)[order]
    return Stated(rising, z, chance, cases.label[order], cases.weight[order], place)


def _probabilities(p: npt.ArrayLike) -> FloatArray:
    found = finite_array("p", p, ndim=1)
    outside = (found < 0) | (found > 1)
    if outside.any():
        first = int(np.argmax(outside))
        raise InputError(
            f"p must lie within 0 and 1, got {found[first]:g} at position {first}. "
            "Give probabilities as shares, not percent; give log-odds as score."
        )
    return found
