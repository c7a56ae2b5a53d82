"""The people a decision is about: their probabilities, what became of them, how much each row counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, known_name, row_weights
from mixcurve.foundations.errors import InputError

__all__ = [
    "WEIGHT_KINDS",
    "People",
    "WeightKind",
    "labels_of",
    "open_share",
    "people_of",
    "per_person",
    "weights_of",
]

FloatArray = npt.NDArray[np.float64]
WeightKind = Literal["frequency", "survey"]
WEIGHT_KINDS: tuple[WeightKind, ...] = ("frequency", "survey")
"""A row stands for so many people, or for one sampled person who counts so much."""


@dataclass(frozen=True)
class People:
    """People in the order of their rows (n).

    Parameters
    ----------
    probability
        Predicted, in [0, 1].
    score
        What ranks people of equal probability, or None.
    outcome
        1 for a positive and 0 for another; the probability itself where nobody knows yet.
    labelled
        Whether the outcome is known.
    weight
        How many people a row stands for, or how much it counts.
    weight_kind
        Which of the two.
    """

    probability: FloatArray
    score: FloatArray | None
    outcome: FloatArray
    labelled: bool
    weight: FloatArray
    weight_kind: WeightKind

    @property
    def base_rate(self) -> float:
        """The weighted share of positives; the mean probability where nobody knows yet."""
        return float(self.weight @ self.outcome / self.weight.sum())


def people_of(
    probability: npt.ArrayLike,
    y: npt.ArrayLike | None,
    *,
    score: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
) -> People:
    """Return the people that the arrays describe, or raise naming the array, the rule and the first row that breaks it.

    Examples
    --------
    >>> people_of([0.2, 1.2], None)
    Traceback (most recent call last):
        ...
    mixcurve.foundations.errors.InputError: probability must lie between 0 and 1; found 1.2 at position 1. ...
    """
    p = finite_array("probability", probability, ndim=1)
    outside = (p < 0) | (p > 1)
    if outside.any():
        first = int(np.argmax(outside))
        raise InputError(
            f"probability must lie between 0 and 1; found {p[first]:g} at position {first}. "
            "Log-odds become probabilities by mixcurve.sigmoid.expit."
        )
    known_name("weight_kind", weight_kind, WEIGHT_KINDS)
    ranked_by = None if score is None else per_person("score", score, len(p))
    outcome = p if y is None else labels_of(y, len(p))
    return People(p, ranked_by, outcome, y is not None, weights_of(weights, len(p)), weight_kind)


def labels_of(y: npt.ArrayLike, rows: int) -> FloatArray:
    """Return labels as 0 and 1, both present, one per row."""
    label = per_person("y", y, rows)
    odd = (label != 0) & (label != 1)
    if odd.any():
        first = int(np.argmax(odd))
        raise InputError(
            f"y must be 0 or 1; found {label[first]:g} at position {first}. Write 1 for a positive, 0 otherwise."
        )
    if label.all() or not label.any():
        raise InputError(
            f"y is {label[0]:g} in all {rows} rows. A cut-off is chosen where both 0 and 1 occur; "
            "without y the probabilities themselves say what to expect."
        )
    return label


def weights_of(weights: npt.ArrayLike | None, rows: int) -> FloatArray:
    """Return one weight per row, all 1 if none are given."""
    return np.ones(rows) if weights is None else row_weights(weights, rows)


def per_person(name: str, values: npt.ArrayLike, rows: int) -> FloatArray:
    """Return one finite number per row, or raise naming the argument and both lengths."""
    found = finite_array(name, values, ndim=1)
    if len(found) != rows:
        raise InputError(f"{name} must have one value per person, got {len(found)} for {rows}.")
    return found


def open_share(name: str, value: float, remedy: str = "") -> float:
    """Return ``value`` if it lies strictly between 0 and 1, or raise naming the argument."""
    found = finite_array(name, value, ndim=0)
    if not 0.0 < found < 1.0:
        raise InputError(f"{name} must lie between 0 and 1, both excluded, got {found:g}. {remedy}".strip())
    return float(found)
