"""What surrounds the fit of a single curve: all its intervals, resamples, and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixcurve.response.curves import Curve
from mixcurve.response.evidence import ChannelEvidence, Facts, channel_findings
from mixcurve.response.fit.curve.batch import Batch
from mixcurve.response.fit.curve.campaigns import CampaignBasis, solve_campaigns
from mixcurve.response.fit.curve.covariance import CovarianceKind, phi_covariance
from mixcurve.response.fit.curve.figures import curve_figures
from mixcurve.response.fit.curve.intervals import (
    anchors,
    delta_intervals,
    intervals_disagree,
    point_at,
    profile_intervals,
    quantile_intervals,
)
from mixcurve.response.fit.curve.likelihood import null_objective, posed, without_effect
from mixcurve.response.fit.curve.model import NO_RANGE
from mixcurve.response.fit.curve.problem import SHAPE, TOP, solve_problem
from mixcurve.response.fit.results import EstimateInterval, ProfileTrace
from mixcurve.response.fit.rivals import CONCAVE_RIVALS, LINE, deviance_test

__all__ = ["CurveIntervals", "all_intervals", "curve_evidence", "natural_draws", "with_second_names"]

FloatArray = npt.NDArray[np.float64]
ALIASES = {
    "half": ("half_saturation", False),
    "marginal_response": ("mroi", True),
    "average_response": ("roi", True),
}
"""Figures that are another one under a second name, and whether the money of a response multiplies them."""


@dataclass(frozen=True, eq=False)
class CurveIntervals:
    """Intervals by every method, the points behind the profiles, and the figures whose methods disagree."""

    intervals: tuple[EstimateInterval, ...] = ()
    profiles: tuple[ProfileTrace, ...] = ()
    disagreements: tuple[str, ...] = ()


def all_intervals(
    solved: Batch, phi: FloatArray, current: float, target_marginal: float | None, value: float,
    channel: str, level: float, kind: CovarianceKind,
) -> CurveIntervals:  # fmt: skip
    """Return the intervals of every figure by profile, delta and bootstrap; ``phi`` are refits to resamples."""
    if solved.status[0] == "no response":
        return CurveIntervals()
    point = point_at(solved, np.array([current]), target_marginal)
    figures = curve_figures(solved.problem, point)
    (profiled,), traces = profile_intervals(solved, figures, (channel,), level)
    covariance = phi_covariance(solved, kind)
    found = [
        *profiled,
        *delta_intervals(solved, figures, covariance, channel, level),
        *quantile_intervals(solved, figures, phi, channel, level),
    ]
    ceiling = solved.model.curve.ceiling
    named = tuple(with_second_names(found, value, ceiling))
    traced = tuple(with_second_names(traces, value, ceiling))
    return CurveIntervals(named, traced, intervals_disagree(named))


def with_second_names[Named: (EstimateInterval, ProfileTrace)](
    found: Sequence[Named], value: float, ceiling: bool
) -> list[Named]:
    """Return intervals or traces with the second names of some added; an average response is only known as ROI.

    ``value`` is the money per response and ``ceiling`` whether the curve has one, so that ``half`` is half-saturation.
    """
    out: list[Named] = []
    for one in found:
        if one.name != "average_response":
            out.append(one)
        if one.name in ALIASES and (one.name != "half" or ceiling):
            name, in_money = ALIASES[one.name]
            rate = value if in_money else 1.0
            out.append(replace(one, name=name, **{f: getattr(one, f) * rate for f in _sizes(one)}))
    return out


def _sizes(one: EstimateInterval | ProfileTrace) -> tuple[str, ...]:
    return ("estimate", "value") if isinstance(one, ProfileTrace) else ("estimate", "low", "high")


def natural_draws(solved: Batch, phi: FloatArray) -> FloatArray:
    """Return φ (R × p) as ``top`` and all shape parameters in users' units (R × parameters), fixed ones included."""
    problem, unit, reference = solved.problem, solved.response_unit[0], solved.spend_unit[0]
    none = without_effect(problem, phi, np.zeros(len(phi), dtype=np.intp))
    top = np.where(none, 0.0, problem.sign[0] * np.exp(phi[:, TOP])) * unit
    free = iter(phi[:, SHAPE:].T)
    parts = [
        np.full(len(phi), p.fixed * reference**p.spend_power)
        if p.fixed is not None
        else p.from_real(next(free)) * reference**p.spend_power
        for p in problem.curve.parameters
    ]
    named = zip(problem.curve.names, [top, *parts], strict=True)
    return np.stack([solved.model.within(name, value) for name, value in named], axis=-1)


def curve_evidence(
    solved: Batch,
    channels: Sequence[str],
    every: str,
    intervals: Sequence[Sequence[EstimateInterval]],
    level: float,
) -> list[tuple[ChannelEvidence, float]]:
    """Return for every campaign the evidence on it, against simpler models, and the p-value of no effect."""
    curve, shapes = solved.model.curve, int(solved.problem.free[0, SHAPE:].sum())
    rivals = CONCAVE_RIVALS if curve.form == "sigmoid" else (LINE,)
    line, *concave = [_p_values(solved, _rival_objectives(solved, one), max(shapes, 1)) for one in rivals]
    effect = _p_values(solved, null_objective(solved.problem, solved.phi), 1 + shapes)
    low, high = solved.problem.low[:, SHAPE:], solved.problem.high[:, SHAPE:]
    edges = (solved.theta <= low) | (solved.theta >= high)
    free = [p for p in solved.model.used.parameters if p.free]
    basins = np.bincount(anchors(solved, level).which, minlength=len(channels))
    out = []
    for row, channel in enumerate(channels):
        named = {i.name: i for i in intervals[row] if i.method == "profile"}
        spend = solved.problem.x[row, solved.problem.weight[row] > 0] * solved.spend_unit[row]
        funded = solved.status[row] != "no response"
        facts = Facts(
            channel=channel,
            every=every,
            spend=spend,
            carried=spend,
            form=curve.form,
            ceiling=curve.ceiling,
            half=named.get("half") or named.get("half_saturation"),
            inflection=named.get("inflection"),
            funded=funded,
            effect_p=float(effect[row]) if funded else 1.0,
            line_p=float(line[row]),
            concave_p=max((float(p[row]) for p in concave), default=float(line[row])),
            at_edge=tuple(p.name for p, edge in zip(free, edges[row], strict=True) if edge),
            variance_inflation=1.0,
            second_basin=bool(basins[row] > 1),
            falls=bool(solved.problem.sign[row] < 0),
        )
        out.append((channel_findings(facts), facts.effect_p))
    return out


def _p_values(solved: Batch, restricted: FloatArray, freed: int) -> FloatArray:
    dof = None if solved.model.counts else solved.degrees_of_freedom
    return deviance_test(solved.objective, restricted, freed, solved.threshold_unit, dof)


def _rival_objectives(solved: Batch, rival: Curve) -> FloatArray:
    """Return the least deviances (B,) with a rival in place of the curve, everything else of the model the same."""
    problem = solved.problem
    if solved.model.projected and (problem.sign > 0).all():
        basis = solved.basis
        target = basis.project(solved.scaled_response, np.arange(len(problem.y)))
        other = CampaignBasis(rival, basis.x, basis.root, basis.baseline)
        return solve_campaigns(other, target).objective
    model = replace(solved.model, curve=rival, used=rival, top_range=NO_RANGE, ranges={})
    x, y, weight = problem.x, problem.y, problem.weight
    # The same dispersion or scale, so that the two deviances may be compared.
    posed_again = replace(posed(model, x, y, weight, solved.response_unit, problem.sign), loss=problem.loss)
    return solve_problem(posed_again).best.objective
