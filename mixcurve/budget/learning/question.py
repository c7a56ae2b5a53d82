"""The problem that is learnt about: what is asked, with all draws of the curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.question import Question, question_of
from mixcurve.budget.constraints.words import Constraints, constraints_from
from mixcurve.budget.learning.drawing import FEWER_DRAWS, MOST_DRAWS, chosen_draws, with_draws
from mixcurve.budget.learning.optima import joined_by_rows
from mixcurve.budget.model import Model
from mixcurve.response.fitted import Fitted

__all__ = ["asked_question", "model_of", "thinned_question"]

FloatArray = npt.NDArray[np.float64]

ALSO = (
    "budget", "constraints", "current", "periods", "share", "noise", "horizon", "levels", "dependence", "most_draws",
    "tolerance", "level", "seed", "progress", "families", "table",
)  # fmt: skip
"""Arguments that a misspelt word may have meant."""


def thinned_question(
    fitted: Fitted,
    most_draws: int | None,
    seed: int,
    budget: float | None,
    constraints: Constraints | None,
    current: Mapping[str, float] | None,
    words: Mapping[str, Any],
) -> Question:
    """Return the question over at most so many draws; by default fewer where rows beside the budget make it slow."""
    most = MOST_DRAWS if most_draws is None else most_draws
    found = asked_question(fitted, chosen_draws(fitted, most, seed), budget, constraints, current, words)
    if most_draws is not None or not joined_by_rows(model_of(found)):
        return found
    fewer = chosen_draws(fitted, FEWER_DRAWS, seed)
    return asked_question(fitted, fewer, budget, constraints, current, words)


def asked_question(
    fitted: Fitted,
    draws: FloatArray,
    budget: float | None,
    constraints: Constraints | None,
    current: Mapping[str, float] | None,
    words: Mapping[str, Any],
) -> Question:
    """Return the question of the plan that is best for the mean over these draws.

    Raises
    ------
    InputError
        For arguments that make no sense, and constraints that leave no plan.
    """
    # One draw alone would be left to the engine for single curves, which has no model.
    several = draws if len(draws) > 1 else np.repeat(draws, 2, axis=0)
    asked = constraints_from(words, constraints, also=ALSO)
    return question_of(with_draws(fitted, several, tuple(fitted.curve)), budget, "response", asked, current)


def model_of(question: Question) -> Model:
    """Return the question's model."""
    assert question.model is not None
    return question.model
