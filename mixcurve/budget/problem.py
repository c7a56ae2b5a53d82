"""`Budget`, what is asked, and `Allocation`, the answer with its proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError, Problem
from mixcurve.foundations.results import Result

__all__ = ["Allocation", "AllocationStatus", "Budget", "stated_budget"]

FloatArray = npt.NDArray[np.float64]
ROUNDING = 1e-12
"""Relative excess of the lower bounds over the total that counts as the rounding of a sum."""
AllocationStatus = Literal["optimal", "gap", "infeasible"]
"""``optimal``: the proven gap is within the tolerance; ``gap``: larger, and stated; ``infeasible``: no plan exists (one
budget with bounds is refused then, so that the message can name them)."""


@dataclass(frozen=True, eq=False)
class Budget(Result):
    """One total budget per period, with bounds per channel, in the unit of spend.

    Parameters
    ----------
    total
        The most that may be spent in a period, over all channels.
    lower, upper
        Bounds per channel (C,).
    """

    channels: tuple[str, ...]
    total: float
    lower: FloatArray
    upper: FloatArray


def stated_budget(
    channels: Sequence[str], total: float, bounds: Mapping[str, tuple[float, float]] | None = None
) -> Budget:
    """Return the budget with bounds for every channel, (0, total) where none are given.

    Raises
    ------
    InputError
        For a total that is negative or no number, an unknown channel, and bounds that are no pair, not finite (infinity
        is allowed above), negative, crossed, or together more than the total.

    Examples
    --------
    >>> stated_budget(["tv", "search"], 100, {"tv": (20, 60)}).upper.tolist()
    [60.0, 100.0]
    """
    amount = number(
        "budget", total, low=0.0, remedy="Give the most that may be spent in a period, in the unit of spend."
    )
    if bounds is not None and not isinstance(bounds, Mapping):
        raise InputError(
            f"bounds must map a channel to (least, most) spend, got {type(bounds).__name__}. "
            f"For example bounds={{'{channels[0]}': (0, {amount:g})}}."
        )
    lower, upper = np.zeros(len(channels)), np.full(len(channels), amount)
    problems: list[Problem] = []
    place = {name: i for i, name in enumerate(channels)}
    for name, pair in (bounds or {}).items():
        known_name("channel", name, channels)
        found = _pair(name, pair, problems)
        if found is not None:
            lower[place[name]], upper[place[name]] = found[0], found[1] if np.isfinite(found[1]) else amount
    if problems:
        raise InputError(problems)
    amount = _within_total(channels, lower, amount)
    return Budget(tuple(channels), amount, lower, upper)


def _pair(name: str, pair: Any, problems: list[Problem]) -> tuple[float, float] | None:
    where = f"bounds['{name}']"
    try:
        low, high = (float(v) for v in pair)
    except (TypeError, ValueError):
        problems.append(
            Problem("bounds are a pair of numbers", "Give (least, most) spend", where, value=repr(pair))
        )
        return None
    if not (np.isfinite(low) and high > -np.inf):
        problems.append(
            Problem("bounds must be finite; only the upper one may be infinite", "", where, value=repr(pair))
        )
    elif low < 0:
        problems.append(
            Problem(
                "the lower bound must not be negative", "Use 0 for no lower bound", where, value=f"{low:g}"
            )
        )
    elif low > high:
        text = f"{low:g} and {high:g}"
        problems.append(
            Problem("the lower bound exceeds the upper bound", "Exchange or widen them", where, value=text)
        )
    else:
        return low, high
    return None


def _within_total(channels: Sequence[str], lower: FloatArray, total: float) -> float:
    """Return the total, raised to the sum of the lower bounds where only the rounding of a sum sets them apart."""
    least = fsum(lower)
    if least > total * (1.0 + ROUNDING):
        named = ", ".join(f"{c} {v:,.6g}" for c, v in zip(channels, lower, strict=True) if v > 0)
        raise InputError(
            f"No plan exists: the lower bounds add up to {least:,.6g}, more than the budget of {total:,.6g} ({named}). "
            f"Raise the budget by {least - total:,.6g} or lower these bounds."
        )
    return max(total, least)


@dataclass(frozen=True, eq=False)
class Allocation(Result):
    """The best plan found, the bound that proves how good it is, and the current plan beside it.

    Everything is per period. ``spend``, ``response`` (incremental), ``marginal``, ``current`` and ``current_response``
    are by channel. ``gap`` is ``(upper_bound - value) / value``. ``shadow_price`` is the response that one more unit
    of budget brings. ``binding`` names the bound that holds a channel: ``"lower bound"``, ``"upper bound"`` or ``""``,
    which is also that of a channel without a lower bound that gets nothing, or of one that gets the whole budget.
    ``certificate`` is the proof, which `mixcurve.verify` checks; ``nodes`` is how many boxes the search solved.
    ``gain_interval`` is that of value minus current value over the resamples at ``level``, and ``better_share`` the
    share of resamples in which the plan beats the current one; both None without resamples.
    """

    channels: tuple[str, ...]
    budget: Budget
    spend: dict[str, float]
    response: dict[str, float]
    marginal: dict[str, float]
    value: float
    upper_bound: float
    gap: float
    status: AllocationStatus
    shadow_price: float
    binding: dict[str, str]
    unspent: float
    current: dict[str, float]
    current_response: dict[str, float]
    current_value: float
    value_interval: tuple[float, float] | None
    gain_interval: tuple[float, float] | None
    better_share: float | None
    level: float
    beyond_seen: tuple[str, ...]
    certificate: Any
    nodes: int
    message: str
    every: str = "week"
    currency: str | None = None
    response_name: str = "response"

    @property
    def gain(self) -> float:
        """The response that the plan adds over the current one, per period."""
        return self.value - self.current_value

    @property
    def table(self) -> Any:
        """A pandas frame with a row per channel: current, plan, change, response, marginal, what binds."""
        import pandas as pd

        now, plan = (np.array([d[c] for c in self.channels]) for d in (self.current, self.spend))
        return pd.DataFrame(
            {
                "current": now,
                "plan": plan,
                "change": plan - now,
                "current_response": [self.current_response[c] for c in self.channels],
                "response": [self.response[c] for c in self.channels],
                "marginal": [self.marginal[c] for c in self.channels],
                "binding": [self.binding[c] for c in self.channels],
                "beyond_seen": [c in self.beyond_seen for c in self.channels],
            },
            index=pd.Index(self.channels, name="channel"),
        )
