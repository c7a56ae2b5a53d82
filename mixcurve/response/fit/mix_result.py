"""`MixFit`: what the fit of a whole media mix returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result
from mixcurve.response.curves import Curve
from mixcurve.response.evidence import ChannelEvidence
from mixcurve.response.fit.estimates import EstimateInterval, FitStatus

__all__ = ["MixFit"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MixFit(Result):
    """A media mix: one curve with carryover per channel, over baseline, trend, season and controls. Satisfies `Fitted`.

    With n periods and C channels: ``contributions`` (n × C), ``baseline`` (n, everything but the channels),
    ``residual`` (n); the three add up to the observed response exactly. ``carried`` (n × C) is spend after carryover.
    ``baseline_parts`` (n × parts) splits the baseline by ``baseline_names``.
    """

    channels: tuple[str, ...]
    curve: tuple[Curve, ...]
    draws: FloatArray
    resamples: FloatArray
    spend_range: FloatArray
    current: FloatArray
    evidence: tuple[ChannelEvidence, ...]
    carryover: str
    carryover_parameters: FloatArray
    carryover_length: int
    dates: npt.NDArray[np.datetime64]
    contributions: FloatArray
    baseline: FloatArray
    baseline_names: tuple[str, ...]
    baseline_parts: FloatArray
    residual: FloatArray
    carried: FloatArray
    parameter_names: tuple[str, ...]
    covariance: FloatArray
    intervals: tuple[EstimateInterval, ...]
    rss: float
    r_squared: float
    degrees_of_freedom: int
    status: FitStatus
    message: str
    starts: int
    agreeing_starts: int
    seed: int
    every: str = "week"
    currency: str | None = None
    response_name: str = "response"

    def interval(self, channel: str, name: str) -> EstimateInterval | None:
        """Return the interval of a channel's parameter or derived figure, or None if it was not computed."""
        return next((i for i in self.intervals if (i.channel, i.name) == (channel, name)), None)

    @property
    def contribution_table(self) -> Any:
        """Contributions, baseline, residual and response by date, as a pandas frame; rows add up exactly."""
        import pandas as pd

        columns: dict[str, Any] = dict(zip(self.channels, self.contributions.T, strict=True))
        columns |= {"baseline": self.baseline, "residual": self.residual}
        frame = pd.DataFrame(columns, index=pd.DatetimeIndex(self.dates, name="date"))
        return frame.assign(response=frame.sum(axis=1))
