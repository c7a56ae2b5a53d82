"""What fits return: estimates, intervals and status of one curve or of a whole media mix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result
from mixcurve.response.curves import Curve
from mixcurve.response.evidence import ChannelEvidence
from mixcurve.response.fit.estimates import EstimateInterval, FitStatus
from mixcurve.response.fit.mix.result import MixFit

__all__ = ["CurveFit", "EstimateInterval", "FitStatus", "MixFit", "ProfileTrace"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ProfileTrace(Result):
    """The points behind one profile interval.

    Parameters
    ----------
    channel, name
        What was profiled.
    value
        Values of the figure, in its unit, ascending (points,).
    signed_root
        Root of the rise of the deviance over that at the interval's end (points,): negative below the estimate, and
        -1 and 1 at the limits. A straight line against ``value`` (against its log where ``scale`` is ``"log"``) means
        that a standard error tells all; a flat one means that the data do not limit the figure.
    estimate, level, scale
        Of the figure.
    """

    channel: str
    name: str
    value: FloatArray
    signed_root: FloatArray
    estimate: float
    level: float
    scale: Literal["log", "linear"]


@dataclass(frozen=True, eq=False)
class CurveFit(Result):
    """One response curve fitted to one campaign. Satisfies `Fitted` with a single channel.

    ``draws`` (1 × 1 × parameters) holds the estimate, ``top`` first, in units of spend and response; ``baseline`` is
    the response without spend. ``covariance`` is that of ``parameter_names``, with n - p degrees of freedom. With n
    rows, ``carried`` (n × 1) is their spend and ``contributions`` (n × 1) what the curve makes of it; baseline,
    contributions and ``residual`` (n) add up to the response (the share of exposures, for a binomial family). ``rss``
    is the weighted sum of squares, ``deviance`` what the family or the loss minimised, in the same units where the
    response is no count. ``dispersion`` is the residual variance, the dispersion of a negative binomial, or the squared
    scale of a robust loss; ``log_likelihood`` is NaN under Huber's loss, which has none. ``intervals`` holds every
    figure by every method: see `interval` and `interval_table`. ``response_value`` is the money per response.
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
    family: str = "gaussian"
    loss: str = "squares"
    log_likelihood: float = float("nan")
    deviance: float = float("nan")
    dispersion: float = float("nan")
    covariance_kind: str = "model"
    level: float = 0.9
    response_value: float = 1.0
    held: tuple[str, ...] = ()
    profiles: tuple[ProfileTrace, ...] = ()
    disagreements: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The fit in plain text: estimates with their profile intervals, status, and what the data show."""
        from mixcurve.response.fit.summaries import curve_summary

        return curve_summary(self)

    @property
    def n_rows(self) -> int:
        """Rows of the data."""
        return len(self.residual)

    @property
    def parameters(self) -> dict[str, float]:
        """The estimates by name, ``baseline`` included where it was fitted."""
        named = dict(zip(self.curve[0].names, self.draws[0, 0].tolist(), strict=True))
        return named | ({"baseline": self.baseline} if "baseline" in self.parameter_names else {})

    @property
    def standard_errors(self) -> dict[str, float]:
        """The standard error of each estimate: the root of the covariance's diagonal."""
        return dict(zip(self.parameter_names, np.sqrt(np.diag(self.covariance)).tolist(), strict=True))

    def interval(self, name: str, method: str = "profile") -> EstimateInterval | None:
        """Return the interval of a parameter or a derived figure, or None if it was not computed.

        Names are those of the parameters, ``half_saturation``, ``inflection``, ``saturation`` (90% of the ceiling),
        ``marginal_response``, ``roi`` and ``mroi`` at current spend, and ``spend_at_target``; methods are
        ``"profile"``, ``"delta"`` and ``"bootstrap"``.
        """
        return next((i for i in self.intervals if (i.name, i.method) == (name, method)), None)

    @property
    def interval_table(self) -> Any:
        """Every figure with its interval by each method, as a pandas frame; ``agree`` is whether the methods do."""
        import pandas as pd

        rows: dict[str, dict[str, Any]] = {}
        for i in self.intervals:
            row = rows.setdefault(i.name, {"estimate": i.estimate})
            row |= {f"{i.method} low": i.low, f"{i.method} high": i.high}
            if i.method == "profile":
                row["open side"] = i.open_side
        frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("figure")
        return frame.assign(level=self.level, agree=~frame.index.isin(self.disagreements))
