"""`Budget`, what is asked, and `Allocation`, the answer with its proof."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.budget.objectives import BeatCurrent, CVaR, MeanMinusRisk, Quantile
from mixcurve.foundations.errors import Problem
from mixcurve.foundations.results import Result

__all__ = ["Allocation", "AllocationStatus", "Budget", "GroupOutcome", "RiskFigures", "bound_pair"]

FloatArray = npt.NDArray[np.float64]
AllocationStatus = Literal["optimal", "gap", "infeasible", "local"]
"""``optimal``: the proven gap is within the tolerance; ``gap``: larger, and stated; ``local``: the best of several
local searches, without a bound; ``infeasible``: no plan exists (`allocate` refuses then and says why)."""


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


def bound_pair(name: str, pair: Any, problems: list[Problem]) -> tuple[float, float] | None:
    """Return the least and the largest spend of a channel, or None after adding what is wrong to ``problems``."""
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


@dataclass(frozen=True, eq=False)
class GroupOutcome(Result):
    """What a plan does with one group: its money, set-up costs included, beside its limits, and what that brings.

    ``roi`` is the value of its response per unit of money, None where no value is given; ``cpa`` is money per unit of
    response, infinite for money without response.
    """

    name: str
    channels: tuple[str, ...]
    money: float
    current_money: float
    least: float
    most: float
    response: float
    roi: float | None
    cpa: float
    binding: str = ""


@dataclass(frozen=True, eq=False)
class RiskFigures(Result):
    """What several draws of the curves say of a plan's outcome, in the unit of its value.

    Parameters
    ----------
    mean
        The mean over the draws.
    worst_tenth
        The mean over the worst tenth of the draws (CVaR at 10%).
    better_share
        The share of the draws in which the plan brings more than the current plan.
    draws
        How many draws there are.
    """

    mean: float
    worst_tenth: float
    better_share: float
    draws: int


@dataclass(frozen=True, eq=False)
class Allocation(Result):
    """The best plan found, the bound that proves how good it is, and the current plan beside it.

    Everything is per period. ``spend``, ``response`` (incremental), ``marginal``, ``current`` and ``current_response``
    are by channel. ``value`` is what was maximised, total response unless ``objective`` says otherwise, and
    ``current_value`` the same of the current plan. ``gap`` is ``(upper_bound - value) / value``. ``shadow_price`` is
    what one more unit of budget adds to the value. ``binding`` names what holds a channel: ``"lower bound"``,
    ``"upper bound"``, a limit of a group, a floor, or ``""``, which is also that of a channel without a lower bound
    that gets nothing, or of one that gets the whole budget. ``certificate`` is the proof, which `mixcurve.verify`
    checks; ``nodes`` is how many boxes the search solved. ``gain_interval`` is that of value minus current value over
    the resamples at ``level``, and ``better_share`` the share of resamples in which the plan beats the current one;
    both None without resamples. For measures of risk they are those of the outcome that is measured.

    Parameters
    ----------
    objective
        What is maximised: ``"response"``, ``"value of the response"``, ``"profit"``, a measure of risk, ``"custom"``.
    sense
        ``"max"``; ``"min"`` where ``value`` is money that reaches a target.
    risk
        The measure of risk, or None.
    constraints
        What the user asked for, as `Constraints`.
    money, setup_cost
        By channel, what it costs with its set-up cost, and that alone.
    on
        Channels with spend.
    held
        By channel the reason for which it stays near its current spend.
    capped
        By channel the largest spend it may have, since the data show none larger.
    unspent_reasons
        Why money is left over: every cap that holds, in words.
    groups
        What the plan does with each group.
    profit, current_profit
        Value of the response less money, None where no value is given.
    risk_figures
        What the draws say, None for one draw.
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
    objective: str = "response"
    sense: Literal["max", "min"] = "max"
    risk: CVaR | Quantile | MeanMinusRisk | BeatCurrent | None = None
    constraints: Any = None
    money: dict[str, float] = field(default_factory=dict)
    setup_cost: dict[str, float] = field(default_factory=dict)
    on: tuple[str, ...] = ()
    held: dict[str, str] = field(default_factory=dict)
    capped: dict[str, float] = field(default_factory=dict)
    unspent_reasons: tuple[str, ...] = ()
    groups: tuple[GroupOutcome, ...] = ()
    profit: float | None = None
    current_profit: float | None = None
    risk_figures: RiskFigures | None = None

    @property
    def gain(self) -> float:
        """What the plan adds to the value of the current one, per period."""
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

    @property
    def groups_table(self) -> Any:
        """A pandas frame with a row per group: current money, money, its limits, response, ROI, CPA, what binds."""
        import pandas as pd

        columns = ["current_money", "money", "least", "most", "response", "roi", "cpa", "binding"]
        rows = [[getattr(group, c) for c in columns] for group in self.groups]
        return pd.DataFrame(
            rows, columns=columns, index=pd.Index([g.name for g in self.groups], name="group")
        )
