"""What a plan is asked to maximise, from the user's word to worths and costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.normal import Aim
from mixcurve.budget.objectives import BeatCurrent, CVaR, MeanMinusRisk, Quantile
from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError

__all__ = ["Goal", "Risk", "goal_of"]

FloatArray = npt.NDArray[np.float64]
Risk = CVaR | Quantile | MeanMinusRisk | BeatCurrent


@dataclass(frozen=True, eq=False)
class Goal:
    """What is maximised.

    Parameters
    ----------
    kind
        ``"response"``: the worth of the response; ``"profit"``: less the money; ``"risk"``: a measure over the draws;
        ``"custom"``: a function of the user's.
    text
        How results call it.
    aim
        Worths of the channels and what money costs.
    plain
        Whether all responses count the same and money costs nothing.
    risk, custom
        The measure, or the function.
    """

    kind: Literal["response", "profit", "risk", "custom"]
    text: str
    aim: Aim
    plain: bool
    risk: Risk | None = None
    custom: Callable[[FloatArray], float] | None = None


def goal_of(objective: Any, value: FloatArray | None, channels: int) -> Goal:
    """Return what to maximise; responses count by their value where that differs between channels.

    Raises
    ------
    InputError
        For an unknown objective, and for profit without a value.
    """
    alike = value is None or bool(np.all(value == value[0]))
    worth = np.ones(channels) if value is None or alike else value
    text = "response" if alike else "value of the response"
    if isinstance(objective, Risk):
        return Goal("risk", _risk_text(objective, text), Aim(worth), alike, risk=objective)
    if isinstance(objective, type) and issubclass(objective, Risk):
        raise InputError(
            f"objective must be a measure, got the class {objective.__name__}. Write {objective.__name__}()."
        )
    if not isinstance(objective, str) and callable(objective):
        return Goal("custom", "custom", Aim(worth), alike, custom=objective)
    if not isinstance(objective, str):
        raise InputError(
            f"objective must be 'response', 'profit', a measure of risk such as CVaR(0.1), or a function of spend, "
            f"got {objective!r}."
        )
    known_name("objective", objective, ("response", "profit"))
    if objective == "response":
        return Goal("response", text, Aim(worth), alike)
    if value is None:
        raise InputError(
            "objective 'profit' needs value=, what a unit of response is worth in money; value=1 if the response is "
            "money."
        )
    return Goal("profit", "profit", Aim(value, 1.0), False)


def _risk_text(risk: Risk, of: str) -> str:
    if isinstance(risk, CVaR):
        return f"mean {of} over the worst {100 * risk.tail:.3g}% of the draws"
    if isinstance(risk, Quantile):
        return f"{of} at the {risk.level:.3g} quantile of the draws"
    if isinstance(risk, MeanMinusRisk):
        return f"mean {of} less {risk.aversion:.3g} of its risk"
    return "share of the draws that beat the current plan"
