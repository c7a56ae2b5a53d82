"""What fits return: estimates, intervals and status of one curve or of a whole media mix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result
from mixcurve.response.curves import Curve
from mixcurve.response.evidence import ChannelEvidence

__all__ = ["CurveFit", "EstimateInterval", "FitStatus", "MixFit"]

FloatArray = npt.NDArray[np.float64]
FitStatus = Literal["converged", "at bound", "not converged", "no response"]
"""``at bound``: converged with a parameter at the edge of its domain; ``no response``: the best amplitude is 0."""


@dataclass(frozen=True, eq=False)
class EstimateInterval(Result):
    """An estimate with its interval; a side that did not close is open and holds an infinite limit.

    Parameters
    ----------
    channel, name
        What was estimated: a parameter's name, ``"inflection"``, or another derived figure.
    estimate, low, high
        In the unit of the figure.
    level
        Confidence level, such as 0.9.
    open_side
        ``""`` for a closed interval, else ``"low"``, ``"high"`` or ``"both"``: the data do not limit that side.
    method
        How it was made, such as ``"profile"``.
    """

    channel: str
    name: str
    estimate: float
    low: float
    high: float
    level: float
    open_side: Literal["", "low", "high", "both"]
    method: str

    @property
    def closed(self) -> bool:
        """Whether the data limit both sides."""
        return self.open_side == ""


@dataclass(frozen=True, eq=False)
class CurveFit(Result):
    """One response curve fitted to one campaign. Satisfies `Fitted` with a single channel.

    ``draws`` (1 × 1 × parameters) holds the estimate, ``top`` first, in units of spend and response; ``baseline`` is
    the response without spend. ``covariance`` is that of ``parameter_names``, with n - p degrees of freedom. With n
    rows, ``carried`` (n × 1) is their spend and ``contributions`` (n × 1) what the curve makes of it; baseline,
    contributions and ``residual`` (n) add up to the response. ``rss`` is the weighted sum of squares.
    """

    channels: tuple[str, ...]
    curve: tuple[Curve, ...]
    draws: FloatArray
    resamples: FloatArray
    spend_range: FloatArray
    current: FloatArray
    evidence: tuple[ChannelEvidence, ...]
    baseline: float
    parameter_names: tuple[str, ...]
    covariance: FloatArray
    intervals: tuple[EstimateInterval, ...]
    carried: FloatArray
    contributions: FloatArray
    residual: FloatArray
    rss: float
    degrees_of_freedom: int
    status: FitStatus
    message: str
    iterations: int
    every: str = "week"
    currency: str | None = None
    response_name: str = "response"

    @property
    def parameters(self) -> dict[str, float]:
        """The estimates by name, ``baseline`` included where it was fitted."""
        named = dict(zip(self.curve[0].names, self.draws[0, 0].tolist(), strict=True))
        return named | ({"baseline": self.baseline} if "baseline" in self.parameter_names else {})

    @property
    def standard_errors(self) -> dict[str, float]:
        """The standard error of each estimate: the root of the covariance's diagonal."""
        return dict(zip(self.parameter_names, np.sqrt(np.diag(self.covariance)).tolist(), strict=True))

    def interval(self, name: str) -> EstimateInterval | None:
        """Return the interval of a parameter or a derived figure, or None if it was not computed."""
        return next((i for i in self.intervals if i.name == name), None)


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
