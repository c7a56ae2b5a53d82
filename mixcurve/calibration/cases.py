"""The cases that a report rests on: their weights, their groups, the levels they are judged at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import number, row_weights
from mixcurve.foundations.errors import InputError

__all__ = ["case_weights", "effective_cases", "groups_of", "open_unit", "stated_levels"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def open_unit(name: str, value: float, remedy: str = "") -> float:
    """Return ``value`` if it lies strictly between 0 and 1, or raise naming the argument."""
    found = number(name, value, remedy=remedy)
    if not 0.0 < found < 1.0:
        raise InputError(f"{name} must lie between 0 and 1, both excluded, got {found:g}. {remedy}".strip())
    return found


def stated_levels(level: float | Sequence[float]) -> tuple[float, ...]:
    """Return the levels as a tuple, each strictly between 0 and 1 and given once."""
    given = np.atleast_1d(np.asarray(level, dtype=object)).tolist()
    levels = tuple(open_unit("level", one, "Write 90% as 0.9.") for one in given)
    if not levels or len(set(levels)) < len(levels):
        raise InputError(f"level must name at least one level and each once, got {level!r}.")
    return levels


def case_weights(weights: npt.ArrayLike | None, cases: int) -> FloatArray:
    """Return one weight per case, all 1 if none are given."""
    return np.ones(cases) if weights is None else row_weights(weights, cases, "case")


def effective_cases(weights: FloatArray) -> float:
    """Return how many equally weighted cases say as much: the squared sum of weights over their sum of squares.

    Source: Kish (1965), Survey Sampling, section 8.2. Weights say how much a case counts, not how often it was seen.
    """
    scaled = weights / weights.max()
    return float(scaled.sum() ** 2 / (scaled**2).sum())


def groups_of(groups: Sequence[object] | npt.NDArray | None, weights: FloatArray) -> dict[str, BoolArray]:
    """Return which cases belong to each group, all cases first under ``""``, then groups as they first appear."""
    found: dict[str, BoolArray] = {"": np.full(len(weights), True)}
    if groups is None:
        return found
    import pandas as pd

    if isinstance(groups, str) or len(groups) != len(weights):
        raise InputError(f"groups must have one label per case, {len(weights)} in all, got {len(groups)}.")
    missing = pd.isna(np.asarray(groups, dtype=object))
    labels = np.array(["" if gone else str(one).strip() for one, gone in zip(groups, missing, strict=True)])
    if (labels == "").any():
        raise InputError(f"groups has no label at position {int(np.argmax(labels == ''))}. Name every group.")
    for label in dict.fromkeys(labels.tolist()):
        found[label] = labels == label
        if not (weights[found[label]] > 0).any():
            raise InputError(f"weights are all 0 in group '{label}'. Leave the group out or give it weight.")
    return found
