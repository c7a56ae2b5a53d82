"""How a propensity is fitted: penalty, kind of weights, prior; checked once, for whoever fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import number, one_of, row_weights
from mixcurve.foundations.errors import InputError

__all__ = ["FitSettings", "used_weights"]

FloatArray = npt.NDArray[np.float64]
PENALTY_SCALES = ("total", "per_sample")
WEIGHT_KINDS = ("frequency", "survey")
MAX_STEPS = 100
"""Newton steps at most: ordinary data take 5 to 10; Firth's penalty on a handful of rows has taken 60."""


@dataclass(frozen=True)
class FitSettings:
    """Penalty, kind of weights, prior and steps, as `PropensityClassifier` takes them.

    Raises
    ------
    InputError
        When a value is outside its rule; it names the argument.
    """

    l2: float = 1.0
    l1: float = 0.0
    penalty_scale: Literal["total", "per_sample"] = "total"
    firth: bool = False
    weight_kind: Literal["frequency", "survey"] = "frequency"
    prior: float | None = None
    max_steps: int = MAX_STEPS

    def __post_init__(self) -> None:
        number("l2", self.l2, low=0.0, remedy="It is a strength; 0 means no penalty.")
        number("l1", self.l1, low=0.0, remedy="It is a strength; 0 means no penalty.")
        one_of("penalty_scale", self.penalty_scale, PENALTY_SCALES)
        one_of("weight_kind", self.weight_kind, WEIGHT_KINDS)
        if self.firth and (self.l2 or self.l1):
            raise InputError(
                f"firth=True is a penalty of its own, so l2 and l1 must be 0, got l2={self.l2:g}, l1={self.l1:g}. "
                "Give firth=True, l2=0."
            )
        if self.prior is not None and not 0.0 < number("prior", self.prior) < 1.0:
            raise InputError(
                f"prior must lie between 0 and 1, got {self.prior:g}. "
                "Give the share of positives in the population, or None if the sample was not drawn by class."
            )
        if number("max_steps", self.max_steps, low=1) != int(self.max_steps):
            raise InputError(f"max_steps must be a whole number of at least 1, got {self.max_steps!r}.")


def used_weights(weights: Any, rows: int, kind: str) -> FloatArray | None:
    """Return clean weights, those of a survey with a mean of 1 over its rows of positive weight; None stays None.

    Raises
    ------
    InputError
        When weights are negative, all zero, not finite or not one per row.
    """
    if weights is None:
        return None
    w = row_weights(weights, rows)
    return w * (np.count_nonzero(w) / w.sum()) if kind == "survey" else w
