"""The best plan on a grid of spends, by dynamic programming over known curves.

It shares nothing with the solver of the budget room, so that each can be held against the other.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import number
from mixcurve.response.fitted import Fitted, response_draws

__all__ = ["GRID_STEPS", "grid_plan"]

GRID_STEPS = 500
"""Steps that a budget is cut into, unless asked otherwise: each channel's spend is then known to 0.2% of the budget."""


def grid_plan(
    fitted: Fitted, budget: float, *, steps: int = GRID_STEPS
) -> tuple[npt.NDArray[np.float64], float]:
    """Return the plan of largest mean response among all plans in multiples of ``budget / steps``, and its response.

    With ``V_c(b)`` the best response of the first c channels for b steps, ``V_c(b) = max over j of V_(c-1)(b - j) +
    f_c(j budget / steps)``. The response is a lower bound of the true optimum, which is at most one step per channel
    away; spend is bounded by the budget alone.

    Parameters
    ----------
    fitted
        The curves; their mean over the draws is maximised.
    budget
        Spend per period over all channels.
    steps
        How many steps the budget is cut into, at least 1. Time grows with its square.

    Returns
    -------
    tuple
        Spend per channel (n_channels,) and the response per period.

    Raises
    ------
    InputError
        If the budget is negative or not finite, or there is no step.

    Examples
    --------
    >>> from mixcurve.response.fitted import response_from
    >>> twins = {"tv": ("michaelis_menten", {"half": 1.0}), "radio": ("michaelis_menten", {"half": 1.0})}
    >>> plan, value = grid_plan(response_from(twins), 2.0)
    >>> plan.tolist(), value
    ([1.0, 1.0], 1.0)
    """
    total = number("budget", budget, low=0.0)
    cuts = int(number("steps", steps, low=1))
    grid = total * np.arange(cuts + 1) / cuts
    n_channels = len(fitted.channels)
    gains = response_draws(fitted, np.repeat(grid[:, None], n_channels, axis=1)).mean(axis=0)
    # Row b, column j: b - j steps are left for the channels before; a negative rest is barred.
    rest = np.arange(cuts + 1)[:, None] - np.arange(cuts + 1)
    barred = np.where(rest < 0, -np.inf, 0.0)
    value = np.zeros(cuts + 1)
    chosen = np.empty((n_channels, cuts + 1), dtype=np.int64)
    for c in range(n_channels):
        outcome = value[np.maximum(rest, 0)] + gains[:, c] + barred
        chosen[c] = np.argmax(outcome, axis=1)
        value = outcome[np.arange(cuts + 1), chosen[c]]
    plan, left = np.zeros(n_channels), cuts
    for c in reversed(range(n_channels)):
        plan[c] = grid[chosen[c, left]]
        left -= chosen[c, left]
    return plan, float(value[-1])
