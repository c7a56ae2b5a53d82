"""The numbers behind the pictures of what to test next and of how stable a plan is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result

if TYPE_CHECKING:
    from mixcurve.budget.learning.results import NextTest
    from mixcurve.budget.learning.stability_result import Stability

__all__ = ["NextTestData", "StabilityData", "next_test_data", "stability_data"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NextTestData(Result):
    """By channel, the largest value of its curve first: (channels × 3) estimate, low, high of what that is worth.

    ``test`` and ``net`` are of its best test, NaN without one.
    """

    channels: tuple[str, ...]
    curve: FloatArray
    test: FloatArray
    net: FloatArray
    level: float
    horizon: float
    every: str
    currency: str | None
    response_name: str
    counts: str

    @property
    def frame(self) -> Any:
        """The numbers as a pandas frame."""
        import pandas as pd

        columns = dict(zip(("curve", "low", "high"), self.curve.T, strict=True))
        columns |= {"test": self.test, "net": self.net}
        return pd.DataFrame(columns, index=pd.Index(self.channels, name="channel"))


@dataclass(frozen=True, eq=False)
class StabilityData(Result):
    """By channel: spend now and in the plan, the quantiles of its best spend (channels × 3), and where it gains."""

    channels: tuple[str, ...]
    current: FloatArray
    plan: FloatArray
    best: FloatArray
    gains: FloatArray
    level: float
    draws: int
    loss: float
    value: float
    every: str
    currency: str | None

    @property
    def frame(self) -> Any:
        """The numbers as a pandas frame."""
        import pandas as pd

        columns: dict[str, Any] = {"current": self.current, "plan": self.plan, "gains": self.gains}
        columns |= dict(zip(("low", "median", "high"), self.best.T, strict=True))
        return pd.DataFrame(columns, index=pd.Index(self.channels, name="channel"))


def next_test_data(found: NextTest) -> NextTestData:
    """Return what the picture of what to test shows."""
    tests = {t.channel: t for t in found.tests}
    values = [(c.value.estimate, c.value.low, c.value.high) for c in found.channels]
    best = [tests.get(c.channel) for c in found.channels]
    return NextTestData(
        channels=tuple(c.channel for c in found.channels),
        curve=np.array(values),
        test=np.array([np.nan if t is None else t.value.estimate for t in best]),
        net=np.array([np.nan if t is None else t.net for t in best]),
        level=found.level,
        horizon=next((t.horizon for t in found.tests), float("nan")),
        every=found.every,
        currency=found.currency,
        response_name=found.response_name,
        counts=found.counts,
    )


def stability_data(found: Stability) -> StabilityData:
    """Return what the picture of a plan's stability shows."""
    now, plan, gains = (
        np.array([part[c] for c in found.channels]) for part in (found.current, found.spend, found.gains)
    )
    return StabilityData(
        channels=found.channels,
        current=now,
        plan=plan,
        best=np.array([found.best_spend[c] for c in found.channels]),
        gains=gains,
        level=found.level,
        draws=found.draws,
        loss=found.loss,
        value=found.value,
        every=found.every,
        currency=found.currency,
    )
