"""Intervals of every figure of one curve by three methods: profile, delta on its own scale, block bootstrap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, fdtri, stdtrit

from mixcurve.response.fit.curve.batch import Batch
from mixcurve.response.fit.curve.bend_profile import bent_limits
from mixcurve.response.fit.curve.figures import NO_BEND, CurveFigure, Point
from mixcurve.response.fit.curve.inner_anchors import with_inner_anchors
from mixcurve.response.fit.curve.problem import SHAPE
from mixcurve.response.fit.curve.profiles import Limits, profile_limits
from mixcurve.response.fit.curve.springs import Anchor
from mixcurve.response.fit.results import EstimateInterval, ProfileTrace

__all__ = [
    "anchors",
    "delta_intervals",
    "intervals_disagree",
    "point_at",
    "profile_intervals",
    "quantile_intervals",
    "rise_of",
]

FloatArray = npt.NDArray[np.float64]
OpenSide = Literal["", "low", "high", "both"]
LEAST_RISE = 1e-20
"""Rise of the deviance, over the sum of squared responses, that noise-free data are given."""
LARGEST_LOG = 500.0
AT_FLOOR = 1e-6
"""How near the log of an inflection lies to its floor when there is no bend."""
DISAGREE = 0.5
"""Limits further apart than this share of the profile's own reach on that side count as a disagreement."""


@dataclass(frozen=True, eq=False)
class InUnits:
    """Figures on their own scale back into users' units, for one campaign (``row``) of a batch."""

    batch: Batch
    channel: str
    level: float
    row: int = 0

    def unit(self, figure: CurveFigure) -> float:
        """Return what a figure is multiplied by; negative where response falls with spend."""
        size = (
            self.batch.spend_unit[self.row] ** figure.spend_power
            * self.batch.response_unit[self.row] ** figure.response_power
        )
        falls = figure.scale == "log" and figure.response_power > 0
        return float(size * (self.batch.problem.sign[self.row] if falls else 1.0))

    def given(self, figure: CurveFigure, real: float) -> float:
        """Return one value in users' units; an inflection at its floor is 0: the curve is concave from the start."""
        if figure.name == "inflection" and real <= np.log(NO_BEND) + AT_FLOOR:
            return 0.0
        return float(np.exp(real) if figure.scale == "log" else real) * self.unit(figure)

    def interval(
        self, figure: CurveFigure, estimate: float, low: float, high: float, method: str
    ) -> EstimateInterval:
        """Return the interval; an open side holds an infinity, or 0 where the figure cannot be negative."""
        unit = self.unit(figure)
        least, largest = (
            0.0 if np.isneginf(end) and figure.scale == "log" else self.given(figure, end)
            for end in (low, high)
        )
        opened = [np.isneginf(low), np.isposinf(high)]
        if unit < 0:
            least, largest, opened = largest, least, opened[::-1]
        side: OpenSide = "both" if all(opened) else "low" if opened[0] else "high" if opened[1] else ""
        return EstimateInterval(
            self.channel, figure.name, self.given(figure, estimate), least, largest, self.level, side, method
        )


def rise_of(batch: Batch, level: float) -> FloatArray:
    """Return by how much each campaign's deviance rises where a profile interval of this level ends (B,)."""
    dof = np.maximum(batch.degrees_of_freedom, 1)
    quantile = np.full(len(dof), chdtri(1, 1 - level)) if batch.model.counts else fdtri(1, dof, level)
    floor = LEAST_RISE * (batch.problem.weight * batch.problem.y**2).sum(axis=1)
    return np.maximum(batch.threshold_unit * quantile, np.maximum(floor, np.finfo(np.float64).tiny))


def anchors(batch: Batch, level: float) -> Anchor:
    """Return the estimates and every other basin within the threshold, to start profiles from."""
    rise = rise_of(batch, level)
    phi, objective, which = batch.others
    within = objective <= batch.objective[which] + rise[which]
    everyone = np.arange(len(batch.phi))
    owner = np.concatenate([everyone, which[within]])
    scale = (rise / np.maximum(batch.threshold_unit, np.finfo(np.float64).tiny))[owner]
    covariance = batch.phi_covariance[owner] * scale[:, None, None]
    return Anchor(
        np.concatenate([batch.phi, phi[within]]), covariance, owner, batch.objective[owner], rise[owner]
    )


def united(limits: Limits, anchor: Anchor, campaigns: int) -> Limits:
    """Return limits per campaign (B × F): the outermost of all its basins, around the estimate of the best."""
    low, high = limits.low[:campaigns].copy(), limits.high[:campaigns].copy()
    np.minimum.at(low, anchor.which, limits.low)
    np.maximum.at(high, anchor.which, limits.high)
    return Limits(limits.estimate[:campaigns], low, high, limits.trace)


def _heard(limits: Limits, batch: Batch, anchor: Anchor, figures: list[CurveFigure]) -> Limits:
    """Return limits without the inward side of a parameter at the edge of its box, where another anchor has one.

    A parameter that is held by its edge has no profile from there, so that side says nothing.
    """
    low, high, which = limits.low.copy(), limits.high.copy(), anchor.which
    for i, figure in enumerate(figures):
        if figure.place is None or figure.place < SHAPE:
            continue
        value = anchor.phi[:, figure.place]
        at_low = value <= batch.problem.low[which, figure.place]
        at_high = value >= batch.problem.high[which, figure.place]
        inside = np.zeros(len(batch.phi), dtype=bool)
        inside[which[~(at_low | at_high)]] = True
        low[at_high & inside[which], i] = np.inf
        high[at_low & inside[which], i] = -np.inf
    return Limits(limits.estimate, low, high, limits.trace)


def profile_intervals(
    batch: Batch, figures: list[CurveFigure], channels: Sequence[str], level: float
) -> tuple[list[list[EstimateInterval]], list[ProfileTrace]]:
    """Return the profile intervals of every campaign, and the points behind those of the first."""
    if not figures:
        return [[] for _ in channels], []
    anchor = with_inner_anchors(batch, anchors(batch, level))
    limits = bent_limits(batch.problem, anchor, figures, profile_limits(batch.problem, anchor, figures))
    joined = united(_heard(limits, batch, anchor, figures), anchor, len(batch.phi))
    found = []
    for row, channel in enumerate(channels):
        to_units = InUnits(batch, channel, level, row)
        ends = zip(
            joined.estimate[row].tolist(), joined.low[row].tolist(), joined.high[row].tolist(), strict=True
        )
        found.append([to_units.interval(f, *e, "profile") for f, e in zip(figures, ends, strict=True)])
    return found, list(_traces(joined, figures, InUnits(batch, channels[0], level)))


def _traces(limits: Limits, figures: list[CurveFigure], to_units: InUnits) -> Iterator[ProfileTrace]:
    for i, figure in enumerate(figures):
        mine = limits.trace[(limits.trace[:, 0] == 0) & (limits.trace[:, 1] == i)]
        order = np.argsort(mine[:, 2])
        value, root = mine[order, 2], mine[order, 3]
        signed = np.where(value < limits.estimate[0, i], -root, root)
        yield ProfileTrace(
            to_units.channel, figure.name, np.array([to_units.given(figure, v) for v in value]), signed,
            to_units.given(figure, float(limits.estimate[0, i])), to_units.level, figure.scale,
        )  # fmt: skip


def delta_intervals(
    batch: Batch, figures: list[CurveFigure], covariance: FloatArray, channel: str, level: float
) -> list[EstimateInterval]:
    """Return estimate ± quantile × standard error of the first campaign, on the log scale of positive figures.

    ``covariance`` (B × p × p) is that of φ. The quantile is Student's with n - p degrees of freedom; for counts and
    shares the normal one.
    """
    to_units = InUnits(batch, channel, level)
    dof = int(batch.degrees_of_freedom[0])
    tail = 0.5 + level / 2
    quantile = (
        float(np.sqrt(chdtri(1, 1 - level))) if batch.model.counts else float(stdtrit(max(dof, 1), tail))
    )
    zero, out = np.zeros(1, dtype=np.intp), []
    for figure in figures:
        estimate = float(figure.value(batch.phi[:1], zero)[0])
        slope = figure.slope(batch.phi[:1], zero)[0]
        reach = quantile * float(np.sqrt(max(slope @ covariance[0] @ slope, 0.0)))
        # A log beyond what float64 can hold is as good as an open side.
        reach = np.inf if figure.scale == "log" and reach > LARGEST_LOG else reach
        if reach > 0:
            out.append(to_units.interval(figure, estimate, estimate - reach, estimate + reach, "delta"))
    return out


def quantile_intervals(
    batch: Batch, figures: list[CurveFigure], phi: FloatArray, channel: str, level: float
) -> list[EstimateInterval]:
    """Return quantiles of the figures over refits to resamples (R × p) of the first campaign."""
    if not len(phi):
        return []
    to_units = InUnits(batch, channel, level)
    zeros, zero, out = np.zeros(len(phi), dtype=np.intp), np.zeros(1, dtype=np.intp), []
    for figure in figures:
        low, high = np.quantile(figure.value(phi, zeros), [0.5 - level / 2, 0.5 + level / 2])
        estimate = float(figure.value(batch.phi[:1], zero)[0])
        out.append(to_units.interval(figure, estimate, float(low), float(high), "bootstrap"))
    return out


def intervals_disagree(intervals: tuple[EstimateInterval, ...]) -> tuple[str, ...]:
    """Return the names of the figures whose delta or bootstrap interval is far from the profile interval."""
    profiles = {i.name: i for i in intervals if i.method == "profile"}
    others = [i for i in intervals if i.method != "profile" and i.name in profiles]
    return tuple(dict.fromkeys(o.name for o in others if _far(profiles[o.name], o)))


def _far(profile: EstimateInterval, other: EstimateInterval) -> bool:
    """Return whether a limit of the other interval is far from the profile's, which is on the log scale if positive."""
    if not profile.closed:
        return other.closed
    positive = min(profile.low, other.low, profile.estimate) > 0
    scaled = [
        np.log(v) if positive else v
        for v in (profile.low, profile.estimate, profile.high, other.low, other.high)
    ]
    low, centre, high, other_low, other_high = scaled
    below, above = max(centre - low, 1e-300), max(high - centre, 1e-300)
    return bool(abs(other_low - low) > DISAGREE * below or abs(other_high - high) > DISAGREE * above)


def point_at(batch: Batch, current: FloatArray, target_marginal: float | None) -> Point:
    """Return current spend (B,) and a target marginal response (response per spend) in the units of the search."""
    rate = batch.spend_unit / batch.response_unit
    wanted = None if target_marginal is None else target_marginal * rate
    return Point(current / batch.spend_unit, wanted)
