"""What fits return: estimates, intervals and status of one curve or of a whole media mix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result
from mixcurve.response.curves import Curve
from mixcurve.response.evidence import ChannelEvidence
from mixcurve.response.fit.estimates import EstimateInterval, FitStatus
from mixcurve.response.fit.mix_result import MixFit

__all__ = ["CurveFit", "EstimateInterval", "FitStatus", "MixFit"]

FloatArray = npt.NDArray[np.float64]


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
