"""The budget at which something that rises with it becomes 0, between two certified budgets that are close."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["narrowed"]

GUESSES = 2
"""Guesses that may each leave more than half of the interval before it is halved instead."""
INSIDE = 0.9
"""Share of the width asked for at which a guess beside an end is placed, so that it may close the interval."""


def narrowed(
    excess: Callable[[float], float], low: float, high: float, share: float, most: int = 200
) -> tuple[float, float]:
    """Return a narrow interval with ``excess`` below 0 at its low end, and at least 0 at its high end.

    Parameters
    ----------
    excess
        A function of the budget, which may be infinite; each call is one certified plan.
    low, high
        Budgets where that holds already.
    share
        Width of the interval returned, as a share of its high end.
    most
        Calls after which the interval is returned as it is.

    Examples
    --------
    >>> a, b = narrowed(lambda x: x**3 - 8.0, 0.0, 5.0, 1e-6)
    >>> a < 2.0 <= b, b - a <= 2.1e-6
    (True, True)
    """
    ends, tries = [excess(low), excess(high)], 0
    for _ in range(most):
        if high - low <= share * high:
            break
        guess = _guess(low, high, ends[0], ends[1], share * high) if tries < GUESSES else 0.5 * (low + high)
        if not low < guess < high:
            break
        before, found = high - low, excess(guess)
        if found < 0:
            low, ends[0] = guess, found
        else:
            high, ends[1] = guess, found
        tries = 0 if high - low <= 0.5 * before or tries >= GUESSES else tries + 1
    return low, high


def _guess(low: float, high: float, at_low: float, at_high: float, width: float) -> float:
    """Return where a straight line crosses 0, moved off an end that it nearly touches so far that it may close."""
    rise = at_high - at_low
    share = -at_low / rise if np.isfinite(rise) and rise > 0 else 0.5
    step = min(INSIDE * width, 0.5 * (high - low))
    return float(np.clip(low + share * (high - low), low + step, high - step))
