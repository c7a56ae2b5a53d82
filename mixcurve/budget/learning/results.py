"""What `next_test` returns: the value of knowing more, of all curves, of each, and of a test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.results import Result

__all__ = ["ChannelKnowledge", "InformationValue", "NextTest", "SuggestedTest"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class InformationValue(Result):
    """What the best plan is expected to gain per period by knowing more before it is chosen.

    Parameters
    ----------
    estimate
        Over the draws, with the best plans found.
    standard_error
        Of the estimate, since the draws are a sample.
    proven_low, proven_high
        What the bounds of all plans prove of the value over these draws.
    low, high
        The proven values and the standard error together: an interval at ``level``, at least 0.
    level
        Of the interval.
    """

    estimate: float
    standard_error: float
    proven_low: float
    proven_high: float
    low: float
    high: float
    level: float


@dataclass(frozen=True, eq=False)
class ChannelKnowledge(Result):
    """What it is worth to know one channel's curve exactly, the other curves as uncertain as that leaves them.

    ``goes_with`` names the channels whose curves it would tell something of. ``fixed`` is whether the constraints
    leave this channel's spend no choice, so that no test of it is suggested.
    """

    channel: str
    value: InformationValue
    goes_with: tuple[str, ...]
    fixed: bool


@dataclass(frozen=True, eq=False)
class SuggestedTest(Result):
    """A test of one channel, what it is expected to bring, and what it costs.

    Parameters
    ----------
    channel
        What is tested.
    levels
        Spend per period that is tried, in the whole market's terms; a part of the market gets its part of it.
    planned
        Spend per period of the plan that the levels are compared with.
    periods, share
        How long, and in how much of the market: each level in an equal part of ``share``.
    noise
        Standard deviation of the response of one period that the test was judged with.
    value
        The expected gain per period of the plan that is chosen after the test.
    horizon
        Periods that this plan is used for.
    response_lost
        Response expected to be lost during the test, negative where the test brings more.
    extra_money
        Money that the test takes beyond the plan; negative where it saves some.
    cost
        The response lost, with the extra money counted at the shadow price of the budget; at least 0, since what more
        spend brings by itself is no reason to test.
    net
        ``horizon × value - cost``.
    at_spend
        Where the marginal response and the ROI are judged: planned spend, or ``levels`` usual for a channel that is
        off.
    marginal_shrinkage, roi_shrinkage
        Expected width of the interval of the marginal response, and of the response per unit of spend, after the test,
        over its width now; 1 where nothing is uncertain.
    effective_draws
        Expected effective number of draws after the test. With few of them the shrinkage is rough.
    beyond_seen
        Whether a level exceeds the largest spend seen.
    sentence
        All this in words.
    """

    channel: str
    levels: tuple[float, ...]
    planned: float
    periods: float
    share: float
    noise: float
    value: InformationValue
    horizon: float
    response_lost: float
    extra_money: float
    cost: float
    net: float
    at_spend: float
    marginal_shrinkage: float
    roi_shrinkage: float
    effective_draws: float
    beyond_seen: bool
    sentence: str


@dataclass(frozen=True, eq=False)
class NextTest(Result):
    """The value of knowing the curves better, and the tests that pay, the one that pays most first.

    All values are per period.

    Parameters
    ----------
    budget
        Per period.
    plan
        Spend by channel of the plan that is best for the mean over all draws: what would be done without a test.
    plan_value, plan_bound
        Its expected response, and what no plan's exceeds; proven.
    perfect
        The value of knowing all curves: no test is worth more.
    channels
        The value of knowing each channel's curve, largest first.
    tests
        The best test of each channel, by ``net``, largest first. Empty where the noise is not known.
    others
        The other tests that were judged.
    shadow_price
        Expected response of one more unit of budget at the plan.
    draws
        How many draws were used.
    dependence
        ``"joint"``: a channel's curve may tell of the others; ``"independent"``.
    seed, level
        Of the outcomes and the choice of draws; of all intervals.
    message
        What all this comes to, in words.
    counts
        What values are in: ``"response"``, or ``"value of the response"`` where that differs between channels.
    held, capped
        Channels that the evidence holds near their current spend, and why; and those that it caps at the largest spend
        seen, as in `allocate`.
    """

    budget: float
    plan: dict[str, float]
    plan_value: float
    plan_bound: float
    perfect: InformationValue
    channels: tuple[ChannelKnowledge, ...]
    tests: tuple[SuggestedTest, ...]
    others: tuple[SuggestedTest, ...]
    shadow_price: float
    draws: int
    dependence: str
    seed: int
    level: float
    message: str
    every: str = "week"
    currency: str | None = None
    response_name: str = "response"
    counts: str = "response"
    held: dict[str, str] = field(default_factory=dict)
    capped: dict[str, float] = field(default_factory=dict)

    @property
    def best(self) -> SuggestedTest | None:
        """The test that pays most, or None where none pays."""
        return self.tests[0] if self.tests and self.tests[0].net > 0 else None

    def channel(self, name: str) -> ChannelKnowledge:
        """Return what it is worth to know a channel's curve."""
        known_name("channel", name, [c.channel for c in self.channels])
        return next(c for c in self.channels if c.channel == name)

    @property
    def table(self) -> Any:
        """A pandas frame with a row per channel: the value of its curve and its best test; NaN without one."""
        import pandas as pd

        tests = {t.channel: t for t in self.tests}
        rows = []
        for known in self.channels:
            row: dict[str, Any] = {
                "channel": known.channel,
                "planned": self.plan[known.channel],
                "value of curve": known.value.estimate,
                "low": known.value.low,
                "high": known.value.high,
            }
            test = tests.get(known.channel)
            if test is not None:
                row |= {
                    "levels": test.levels,
                    "value of test": test.value.estimate,
                    "cost": test.cost,
                    "net": test.net,
                    "marginal shrinkage": test.marginal_shrinkage,
                    "ROI shrinkage": test.roi_shrinkage,
                }
            rows.append(row)
        return pd.DataFrame(rows).set_index("channel")

    @property
    def summary(self) -> str:
        """The message, and a sentence for each test that pays."""
        return "\n".join([self.message, *(t.sentence for t in self.tests if t.net > 0)])
