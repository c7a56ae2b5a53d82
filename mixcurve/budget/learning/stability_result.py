"""What `plan_stability` returns: how the best plan changes with the draws, and with the family of the curves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result

__all__ = ["FamilyPayoff", "Stability"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FamilyPayoff(Result):
    """What each plan brings if each family of curves is the true one.

    Parameters
    ----------
    families
        F families.
    plans
        P plans: the best under each family, by its name, and ``"this plan"`` and ``"current"``.
    spend
        Spend per period, in the order of the stability's channels (P × C).
    value
        Expected response of each plan under each family (P × F).
    best, bound
        Of each family (F,): the response of its best plan, and what no plan exceeds under it.
    least_regret
        The plan among those that keep the constraints whose largest loss is smallest (Savage 1951): ``"current"`` is
        left out.
    """

    families: tuple[str, ...]
    plans: tuple[str, ...]
    spend: FloatArray
    value: FloatArray
    best: FloatArray
    bound: FloatArray
    least_regret: str

    @property
    def regret(self) -> FloatArray:
        """What each plan loses under each family against that family's best plan (P × F)."""
        return np.asarray(self.best - self.value)

    @property
    def worst_regret(self) -> dict[str, float]:
        """The largest loss of each plan over the families."""
        return dict(zip(self.plans, self.regret.max(axis=1).tolist(), strict=True))

    @property
    def table(self) -> Any:
        """A pandas frame of the response of each plan (rows) under each family, and its largest loss."""
        import pandas as pd

        frame = pd.DataFrame(self.value, index=pd.Index(self.plans, name="plan"), columns=list(self.families))
        return frame.assign(**{"largest loss": self.regret.max(axis=1)})


@dataclass(frozen=True, eq=False)
class Stability(Result):
    """How the best plan changes from draw to draw. All shares are of the draws; spend is per period.

    Parameters
    ----------
    spend, current
        The plan judged, and the present one.
    gains, loses
        The share of the draws in which a channel's best spend is above, or below, its current spend.
    above_plan, below_plan
        The same against the plan.
    on
        The share of the draws in which its best spend is above 0.
    best_spend
        Quantiles of a channel's best spend: lower end, median and upper end at ``level``.
    loss, loss_high
        What the plan loses against the best plan of a draw: the mean over draws, and the quantile at ``level``.
    value
        What the plan brings, on average.
    gap
        The largest proven relative gap of any draw's best plan.
    families
        Plans under several families of curves, or None.
    held, capped
        Channels that the evidence holds near their current spend, and why; and those that it caps at the largest spend
        seen, as in `allocate`.
    """

    channels: tuple[str, ...]
    budget: float
    spend: dict[str, float]
    current: dict[str, float]
    gains: dict[str, float]
    loses: dict[str, float]
    above_plan: dict[str, float]
    below_plan: dict[str, float]
    on: dict[str, float]
    best_spend: dict[str, tuple[float, float, float]]
    value: float
    loss: float
    loss_high: float
    gap: float
    draws: int
    level: float
    families: FamilyPayoff | None
    message: str
    every: str = "week"
    currency: str | None = None
    response_name: str = "response"
    held: dict[str, str] = field(default_factory=dict)
    capped: dict[str, float] = field(default_factory=dict)

    @property
    def table(self) -> Any:
        """A pandas frame with a row per channel."""
        import pandas as pd

        each = [self.best_spend[c] for c in self.channels]
        columns: dict[str, Any] = {
            name: [part[c] for c in self.channels]
            for name, part in (
                ("current", self.current), ("plan", self.spend), ("gains", self.gains), ("loses", self.loses),
                ("above plan", self.above_plan), ("below plan", self.below_plan), ("on", self.on),
            )
        }  # fmt: skip
        ends = (f"low {self.level:.0%}", "median", f"high {self.level:.0%}")
        columns |= {name: [e[k] for e in each] for k, name in enumerate(ends)}
        return pd.DataFrame(columns, index=pd.Index(self.channels, name="channel"))
