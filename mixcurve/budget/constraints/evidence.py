"""Bounds that the evidence asks for: weak channels stay near the present, and no spend leaves the range seen."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.asked import Asked
from mixcurve.budget.constraints.words import Constraints
from mixcurve.response.fitted import Fitted

__all__ = ["Evident", "evident_bounds"]

FloatArray = npt.NDArray[np.float64]

WEAK_MOVE = 0.2
"""How far a weak channel may leave its current spend, as a share of it: a step small enough that its response will not
surprise, large enough that the next fit learns from it."""
SAME = 1e-9
"""Relative difference up to which two bounds count as one."""


@dataclass(frozen=True, eq=False)
class Evident:
    """Bounds on spend (C) that hold beside the user's own, and why.

    ``held`` gives by channel the reason for which it is held; ``capped`` the largest spend that it may have for lack of
    more in the data.
    """

    lower: FloatArray
    upper: FloatArray
    held: dict[str, str] = field(default_factory=dict)
    capped: dict[str, float] = field(default_factory=dict)


def evident_bounds(fitted: Fitted, asked: Asked, words: Constraints) -> Evident:
    """Return the bounds that evidence asks for: the user's own where it asks for none.

    A channel graded weak stays within 20% of its current spend, one whose curve is not shown stays at it; both ends
    move with the budget, the lower one down and the upper one up. Channels with bounds of their own are not held.
    Where ``beyond_seen`` is false no channel exceeds the largest spend seen, or its current spend if that is more.
    """
    lower, upper = asked.lower.copy(), asked.upper.copy()
    held = _hold(fitted, asked, lower, upper) if words.hold_weak else {}
    capped = {} if words.beyond_seen else _cap(fitted, asked, lower, upper)
    return Evident(lower, upper, held, capped)


def _hold(fitted: Fitted, asked: Asked, lower: FloatArray, upper: FloatArray) -> dict[str, str]:
    grades = {e.channel: e.grade for e in fitted.evidence or ()}
    now = float(asked.current.sum())
    if now <= 0:
        return {}
    down, up = min(1.0, asked.total / now), max(1.0, asked.total / now)
    held = {}
    for i, channel in enumerate(asked.channels):
        grade = grades.get(channel, "supported")
        if grade not in ("weak", "not shown") or asked.source[i] in ("bounds", "locked"):
            continue
        move = WEAK_MOVE if grade == "weak" else 0.0
        low, high = (1.0 - move) * asked.current[i] * down, (1.0 + move) * asked.current[i] * up
        lower[i] = min(max(lower[i], low), upper[i])
        upper[i] = max(min(upper[i], high), lower[i])
        held[channel] = (
            f"the data show its curve only weakly, so it stays within {WEAK_MOVE:.0%} of its current spend"
            if grade == "weak"
            else "the data do not show its curve, so it stays at its current spend"
        )
        if abs(up - down) > SAME:
            held[channel] += ", moved with the budget"
    return held


def _cap(fitted: Fitted, asked: Asked, lower: FloatArray, upper: FloatArray) -> dict[str, float]:
    seen = np.maximum(np.asarray(fitted.spend_range, dtype=np.float64)[:, 1], asked.current)
    # What the user asks for at least is asked for, seen or not.
    most = np.maximum(seen, asked.lower)
    short = most < upper
    upper[short] = most[short]
    np.minimum(lower, upper, out=lower)
    return {asked.channels[i]: float(most[i]) for i in np.flatnonzero(short).tolist()}
