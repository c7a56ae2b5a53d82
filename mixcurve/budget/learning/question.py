"""The problem that is learnt about: what is asked, with all draws of the curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.question import Question, question_of
from mixcurve.budget.constraints.words import Constraints, constraints_from
from mixcurve.budget.learning.drawing import with_draws
from mixcurve.budget.model import Model
from mixcurve.response.fitted import Fitted

__all__ = ["asked_question", "model_of"]

FloatArray = npt.NDArray[np.float64]

ALSO = (
    "budget", "constraints", "current", "periods", "share", "noise", "horizon", "levels", "dependence", "most_draws",
    "tolerance", "level", "seed", "progress", "families", "table",
)  # fmt: skip
"""Arguments that a misspelt word may have meant."""


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
