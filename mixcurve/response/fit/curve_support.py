"""What surrounds the fit of a single curve: profile intervals, resamples, evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.curves import Curve
from mixcurve.response.evidence import ChannelEvidence, Facts, channel_findings
from mixcurve.response.fit.batch import Batch
from mixcurve.response.fit.campaigns import CampaignBasis, shape_bounds, shape_values, solve_campaigns
from mixcurve.response.fit.figures import ProfiledFigure, inflection_figure, profiled_inflection
from mixcurve.response.fit.intervals import Start, coordinate, profiles
from mixcurve.response.fit.projection import minimise
from mixcurve.response.fit.results import EstimateInterval
from mixcurve.response.fit.rivals import CONCAVE_RIVALS, LINE, f_test

__all__ = ["curve_evidence", "curve_profiles", "curve_resamples"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class _Repeated:
    """The first campaign of a basis, as many times as there are rows."""

    basis: CampaignBasis

    @property
    def owner(self) -> IntArray:
        return self.basis.owner

    def __call__(self, theta: FloatArray, which: IntArray) -> tuple[FloatArray, FloatArray]:
        return self.basis(theta, np.zeros(len(theta), dtype=np.intp))


def _target(solved: Batch) -> FloatArray:
    return solved.basis.project(solved.scaled_response, np.zeros(1, dtype=np.intp))


def curve_profiles(solved: Batch, channel: str, level: float) -> tuple[EstimateInterval, ...]:
    """Return profile intervals of the shape parameters and of the inflection of an S-shaped curve."""
    basis, theta, curve = solved.basis, solved.theta[0], solved.basis.curve
    dof = int(solved.degrees_of_freedom[0])
    if solved.status[0] == "no response" or not theta.size:
        return ()
    low, high = shape_bounds(curve)
    free = [p for p in curve.parameters if p.free]
    figures = [coordinate(j, len(theta), low[j], high[j]) for j in range(len(theta))]
    if curve.form == "sigmoid":
        figures.append(inflection_figure(curve, range(len(theta)), lambda t: shape_values(curve, t)))
    variance = _theta_variance(solved)
    slopes = np.concatenate([f.slope(theta[None]) for f in figures])
    errors = np.sqrt(np.maximum(np.einsum("fi,ij,fj->f", slopes, variance, slopes), 0.0))
    start = Start(theta, float(solved.rss[0] / solved.response_unit[0] ** 2), variance)
    done = profiles(_Repeated(basis), _target(solved), start, (low, high), figures, errors, dof, level)
    out = [
        ProfiledFigure(0, p.name, p.scale, p.spend_power, theta[j], one.low, one.high)
        for j, (p, one) in enumerate(zip(free, done, strict=False))
    ]
    if curve.form == "sigmoid":
        out.append(profiled_inflection(0, figures[-1], theta, done[-1]))
    return tuple(p.in_units(solved.spend_unit, (channel,), level) for p in out)


def _theta_variance(solved: Batch) -> FloatArray:
    """Return the covariance of θ on the real line; 0 for parameters that were held."""
    first = len(solved.parameter_names) - solved.theta.shape[1]
    free = [p for p in solved.basis.curve.parameters if p.free]
    rate = np.array(
        [
            value if p.scale == "log" else solved.spend_unit[0] ** p.spend_power
            for p, value in zip(free, solved.parameters[0, first:], strict=True)
        ]
    )
    return np.nan_to_num(solved.covariance[0, first:, first:] / np.outer(rate, rate))


def curve_resamples(solved: Batch, count: int, rng: np.random.Generator) -> FloatArray:
    """Return refits to residual resamples (count × parameters), residuals inflated by sqrt(n / dof)."""
    basis, n = solved.basis, solved.scaled_response.shape[1]
    if count == 0 or solved.status[0] == "no response":
        return np.empty((0, len(solved.parameter_names)))
    root = np.ones(n) if basis.root is None else basis.root[0]
    residual = solved.residual[0] / solved.response_unit[0]
    inflated = (residual - residual.mean() * basis.baseline) * np.sqrt(
        n / max(int(solved.degrees_of_freedom[0]), 1)
    )
    fitted = solved.scaled_response[0] - residual / root
    y = fitted + inflated[rng.integers(0, n, (count, n))] / root
    zeros = np.zeros(count, dtype=np.intp)
    low, high = shape_bounds(basis.curve)
    found = minimise(
        _Repeated(basis),
        basis.project(y, zeros),
        np.tile(solved.theta[0], (count, 1)),
        low,
        high,
        tolerance=1e-8,
    )
    return _natural(solved, y, found.theta, found.amplitude[:, 0])


def _natural(solved: Batch, y: FloatArray, theta: FloatArray, top: FloatArray) -> FloatArray:
    basis, curve = solved.basis, solved.basis.curve
    shape = shape_values(curve, theta)
    with np.errstate(over="ignore", under="ignore"):
        value = curve.unit(basis.x[:1], [s[:, None] for s in shape])
    square = np.ones(y.shape[1]) if basis.root is None else basis.root[0] ** 2
    base = ((y - top[:, None] * value) * square).sum(1) / square.sum()
    free = [(p, s) for p, s in zip(curve.parameters, shape, strict=True) if p.free]
    columns = [top * solved.response_unit[0], *(s * solved.spend_unit[0] ** p.spend_power for p, s in free)]
    return np.stack(([base * solved.response_unit[0]] if basis.baseline else []) + columns, axis=-1)


def curve_evidence(
    solved: Batch, channel: str, every: str, intervals: tuple[EstimateInterval, ...]
) -> tuple[ChannelEvidence, float]:
    """Return the evidence on one campaign, against simpler models, and the p-value of no effect."""
    basis, curve = solved.basis, solved.basis.curve
    named = {i.name: i for i in intervals}
    target = _target(solved)[0]
    squares = float(solved.rss[0] / solved.response_unit[0] ** 2)
    dof, shapes = int(solved.degrees_of_freedom[0]), solved.theta.shape[1]
    rivals = CONCAVE_RIVALS if curve.form == "sigmoid" else (LINE,)
    line, *concave = [
        f_test(squares, squares, _rival_squares(basis, target, one), shapes, dof) for one in rivals
    ]
    low, high = shape_bounds(curve)
    edges = (solved.theta[0] <= low) | (solved.theta[0] >= high)
    free = [p for p in curve.parameters if p.free]
    spend = basis.x[0] * solved.spend_unit[0]
    funded = solved.status[0] != "no response"
    effect = f_test(squares, squares, float(target @ target), 1 + shapes, dof) if funded else 1.0
    evidence = channel_findings(
        Facts(
            channel=channel,
            every=every,
            spend=spend,
            carried=spend,
            form=curve.form,
            ceiling=curve.ceiling,
            half=named.get("half") or named.get("midpoint"),
            inflection=named.get("inflection"),
            funded=funded,
            effect_p=effect,
            line_p=line,
            concave_p=max(concave, default=line),
            at_edge=tuple(p.name for p, edge in zip(free, edges, strict=True) if edge),
            variance_inflation=1.0,
        )
    )
    return evidence, effect


def _rival_squares(basis: CampaignBasis, target: FloatArray, rival: Curve) -> float:
    """Return the least sum of squares with a rival curve in place of the curve."""
    found = solve_campaigns(CampaignBasis(rival, basis.x, basis.root, basis.baseline), target[None])
    return float(found.objective[0])
