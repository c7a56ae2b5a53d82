"""`Budget`, what is asked, and `Allocation`, the answer with its proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result

__all__ = ["Allocation", "AllocationStatus", "Budget"]

FloatArray = npt.NDArray[np.float64]
AllocationStatus = Literal["optimal", "gap", "infeasible"]
"""``optimal``: the proven gap is at most the tolerance; ``gap``: it is larger, and stated; ``infeasible``: no plan exists."""


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


@dataclass(frozen=True, eq=False)
class Allocation(Result):
    """The best plan found, the bound that proves how good it is, and the current plan beside it.

    Everything is per period. ``spend``, ``response`` (incremental), ``marginal``, ``current`` and ``current_response``
    are by channel. ``gap`` is ``(upper_bound - value) / value``. ``shadow_price`` is the response that one more unit
    of budget brings. ``binding`` names the bound that holds a channel: ``"lower bound"``, ``"upper bound"`` or ``""``.
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
