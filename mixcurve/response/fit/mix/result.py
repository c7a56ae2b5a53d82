"""`MixFit`: what the fit of a whole media mix returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.results import Result
from mixcurve.response.curves import Curve
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.evidence import ChannelEvidence
from mixcurve.response.fit.estimates import EstimateInterval, FitStatus
from mixcurve.response.fit.mix.state import MixState

__all__ = ["MixFit"]

FloatArray = npt.NDArray[np.float64]


def _none() -> FloatArray:
    return np.empty((0, 0))


@dataclass(frozen=True, eq=False)
class MixFit(Result):
    """A media mix: one curve with carryover per channel, over a baseline. Satisfies `Fitted`.

    With n rows and C channels: ``contributions`` (n × C), ``baseline`` (n, everything but the channels), ``residual``
    (n); the three add up to the observed response exactly. ``carried`` (n × C) is spend after carryover.
    ``baseline_parts`` (n × parts) splits the baseline by ``baseline_names``.

    Parameters
    ----------
    channels
        Names. With groups there is one for each channel in each group, ``"tv (north)"``; its contributions are 0 in
        the rows of the others, and ``cells`` holds (channel, group) for each.
    draws, resamples
        The estimate (1 × C × parameters), and plausible other values of it.
    contribution_draws
        (resamples × C): the total contribution of each channel in each of them.
    kernels, carryover_parameters, order
        The carryover of each channel by name, its parameters (NaN after the last), and whether it goes before the
        curve. ``carryover`` is the name that all share, or ``"by channel"``.
    row_groups
        The group of each row; empty without groups.
    total_spend
        (C,): spend over all rows.
    noise, dispersion
        ``"gaussian"`` or ``"poisson"``, and for the latter the variance over the expected response (else NaN).
    autocorrelation
        Of the noise from one period to the next, or None for independent errors.
    disagreement
        The largest potential scale reduction among the chains that made the resamples; near 1 where they agree.
    notes
        What the reader of the fit should know: warnings of the baseline's description, and residuals of neighbouring
        periods that go together although the errors were taken to be independent.
    state
        What `predict_mix` needs, or None. With separate groups it is in ``parts``, the fits of the groups.
    before
        What ran before the first row: ``"none"`` or ``"steady"``.
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
    level: float = 0.9
    contribution_draws: FloatArray = field(default_factory=_none)
    kernels: tuple[str, ...] = ()
    order: str = "carryover first"
    cells: tuple[tuple[str, str], ...] = ()
    row_groups: tuple[str, ...] = ()
    total_spend: FloatArray = field(default_factory=lambda: np.empty(0))
    noise: str = "gaussian"
    dispersion: float = float("nan")
    autocorrelation: EstimateInterval | None = None
    disagreement: float = 1.0
    notes: tuple[str, ...] = ()
    state: MixState | None = None
    parts: tuple[MixFit, ...] = ()
    before: str = "none"

    @property
    def summary(self) -> str:
        """The fit in plain text: R², ROI and mROI by channel with intervals, notes, and what the data show."""
        from mixcurve.response.fit.summaries import mix_summary

        return mix_summary(self)

    def interval(self, channel: str, name: str) -> EstimateInterval | None:
        """Return the interval of a channel's parameter or derived figure, or None if it was not computed."""
        return next((i for i in self.intervals if (i.channel, i.name) == (channel, name)), None)

    def kernel_of(self, channel: str) -> tuple[str, list[float]]:
        """Return the carryover of a channel by name, and its parameters."""
        place = self.channels.index(known_name("channel", channel, self.channels))
        values = self.carryover_parameters[place]
        return (self.kernels[place] if self.kernels else self.carryover), values[np.isfinite(values)].tolist()

    def rows_of(self, channel: str) -> npt.NDArray[np.bool_]:
        """Return which rows a channel works in: those of its group, or all (n,)."""
        place = self.channels.index(known_name("channel", channel, self.channels))
        if not self.cells:
            return np.ones(len(self.dates), dtype=bool)
        return np.array(self.row_groups) == self.cells[place][1]

    @property
    def contribution_table(self) -> Any:
        """Contributions, baseline, residual and response by date, as a pandas frame; rows add up exactly."""
        import pandas as pd

        columns: dict[str, Any] = dict(zip(self.channels, self.contributions.T, strict=True))
        columns |= {"baseline": self.baseline, "residual": self.residual}
        frame = pd.DataFrame(columns, index=pd.DatetimeIndex(self.dates, name="date"))
        return frame.assign(response=frame.sum(axis=1))

    def summed(self) -> tuple[tuple[str, ...], FloatArray]:
        """Return the channels without their groups, and their contributions, summed over groups (n × channels)."""
        if not self.cells:
            return self.channels, self.contributions
        names = tuple(dict.fromkeys(channel for channel, _ in self.cells))
        mine = np.array([[cell[0] == name for name in names] for cell in self.cells], dtype=np.float64)
        return names, self.contributions @ mine

    def roi_table(self, value: float = 1.0) -> Any:
        """Return spend, incremental response, ROI and marginal ROI of each channel, as a pandas frame.

        ROI is incremental response over spend, over all rows; mROI is the response of one more unit of spend per period
        at the present plan. Both are response per unit of spend, or money per money where ``value`` says what a unit of
        response is worth. Their intervals are quantiles over the resamples, at ``level``; NaN without resamples.

        Raises
        ------
        InputError
            If ``value`` is not a positive number.
        """
        import pandas as pd

        worth = number("value", value, low=0.0, open_low=True)
        spend = np.where(self.total_spend > 0, self.total_spend, np.nan)
        total = self.contributions.sum(axis=0)
        roi_low, roi_high = self._limits(self.contribution_draws) * worth / spend
        marginal_low, marginal_high = self._limits(self._marginal(self.resamples)) * worth
        columns = {
            "spend": self.total_spend,
            "incremental response": total,
            "ROI": total * worth / spend,
            "ROI low": roi_low,
            "ROI high": roi_high,
            "mROI": self._marginal(self.draws)[0] * worth,
            "mROI low": marginal_low,
            "mROI high": marginal_high,
            "level": self.level,
        }
        return pd.DataFrame(columns, index=pd.Index(self.channels, name="channel"))

    def _marginal(self, draws: FloatArray) -> FloatArray:
        columns = [
            shape_of.marginal(c, self.current[i], draws[:, i, : len(c.names)])
            for i, c in enumerate(self.curve)
        ]
        return np.stack(columns, axis=1)

    def _limits(self, values: FloatArray) -> FloatArray:
        """Return the lower and the upper limit of each column (2 × C)."""
        if not len(values):
            return np.full((2, len(self.channels)), np.nan)
        tail = 0.5 * (1.0 - self.level)
        return np.quantile(values, [tail, 1.0 - tail], axis=0)
