"""What the data show of each channel, judged by the posterior: the same findings and grades as for the fits.

Effects are positive under the prior, so no interval of one reaches 0. Whether an effect is shown is judged by the
likelihood alone: by how much it is better at the posterior mode than at the best place where the channel does nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.result.order import channel_order, in_cells
from mixcurve.response.bayes.result.recover import Recovered
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.response.evidence import ChannelEvidence, Facts, Finding, channel_findings, graded
from mixcurve.response.fit.estimates import EstimateInterval

__all__ = ["posterior_evidence", "prior_share"]

FloatArray = npt.NDArray[np.float64]

NOTHING = -9.0
"""Log size, over the response's unit, of a channel that does nothing."""
STEPS = 200
REPEATS_PRIOR = 0.2
"""A posterior whose variance is above 1 minus this share of the prior's hardly learned anything."""
NEARLY_STRAIGHT = 0.98
"""Response at the largest spend, over twice that at half of it, from which a curve counts as a straight line."""


def prior_share(draws: FloatArray) -> FloatArray:
    """Return the posterior variance of each coordinate over its prior variance of 1 (d,), at most 1."""
    return np.minimum(draws.var(axis=0), 1.0)


def posterior_evidence(
    model: MixModel, sampled: Sampled, found: Recovered, prior: Recovered, intervals: Sequence[EstimateInterval],
    carried: FloatArray,
) -> tuple[ChannelEvidence, ...]:  # fmt: skip
    """Return the evidence on every cell, in the users' order; ``carried`` is (n × cells)."""
    problem, named = model.problem, in_cells(model.problem)
    order, count = channel_order(problem), len(problem.channels)
    effects = _effect_p(model, sampled)
    share = prior_share(sampled.flat)
    out = []
    for i, name in enumerate(named.names):
        c, group = int(order[i % count]), i // count
        rows = problem.linear.blocks[group]
        mine = {v.name: v for v in intervals if v.channel == name}
        curve, kernel = problem.options.curve[c], problem.options.kernel[c]
        bend = mine.get("inflection")
        facts = Facts(
            channel=name, every=problem.mix.table.every, spend=problem.mix.table.spend[rows, c],
            carried=carried[rows, i], form=curve.form, ceiling=curve.ceiling,
            half=mine.get("half") or mine.get("midpoint"), inflection=bend, funded=True,
            effect_p=float(effects[c]), line_p=_line_p(found, problem, c, group, carried[rows, i]),
            concave_p=_concave_p(found, problem, c, group), at_edge=(), variance_inflation=1.0,
            carryover=mine.get(kernel.parameters[0].name) if kernel.parameters else None,
            **_correlated(found, problem, c, group, named.names),
        )  # fmt: skip
        out.append(_with_prior(channel_findings(facts), model, share, c))
    return tuple(out)


def _effect_p(model: MixModel, sampled: Sampled) -> FloatArray:
    """Return for each channel the p-value of no effect: a likelihood ratio at the posterior mode (C,)."""
    density = Density(_likelihood_and_pull(model))
    flat = sampled.flat
    best = max((flat[k] for k in range(0, len(flat), max(1, len(flat) // 50))), key=lambda z: density(z)[0])
    mode, value = _climbed(density, best, None)
    rows = model.space.rows("size")
    p = np.empty(len(model.problem.channels))
    for c in range(len(p)):
        start = mode.copy()
        off = (NOTHING - model.sizes.middle[c]) / model.sizes.root[c, c]
        start[rows.start + c] = off
        without = _climbed(density, start, rows.start + c)[1]
        p[c] = stats.chi2.sf(max(2.0 * (value - without), 0.0), 1.0 + _shapes(model, c))
    return p


def _shapes(model: MixModel, channel: int) -> int:
    return sum(p.free for p in model.problem.options.curve[channel].parameters)


def _likelihood_and_pull(model: MixModel) -> Any:
    """Return the density without the prior of the sizes, so that a channel without effect costs nothing by itself."""
    from mixcurve.response.bayes.vectors.tape import Recorder

    recorder, size = Recorder(), model.space.dimensions
    z = recorder.position(size)
    channels = model.channels(recorder, z)
    value = model.likelihood.log_density(
        recorder, model.problem, model.space, z, model.summed(recorder, z, channels)
    )
    pulled = np.ones(size)
    pulled[model.space.rows("size")] = 0.0
    return recorder.program(value - 0.5 * recorder.sum(z * z * pulled))


def _climbed(density: Density, start: FloatArray, held: int | None) -> tuple[FloatArray, float]:
    """Return the highest place and its value, with one coordinate held where it is."""

    def negative(z: FloatArray) -> tuple[float, FloatArray]:
        value, slope = density(z)
        if held is not None:
            slope = slope.copy()
            slope[held] = 0.0
        return (-value, -slope) if np.isfinite(value) else (1e300, np.zeros_like(z))

    solved = optimize.minimize(negative, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    return solved.x, -float(solved.fun)


def _concave_p(found: Recovered, problem: Any, c: int, group: int) -> float:
    """Return the posterior probability that the curve has no inflection."""
    from mixcurve.response.curves.shape import inflection

    curve = problem.options.curve[c]
    if curve.form != "sigmoid":
        return 0.0
    own = found.parameters[:, c * len(problem.groups) + group, : len(curve.names)]
    return float((np.asarray(inflection(curve, own)) <= 0).mean())


def _line_p(found: Recovered, problem: Any, c: int, group: int, carried: FloatArray) -> float:
    """Return the posterior probability that response at the largest spend is at least what a straight line gives.

    The line has the curve's response at half of that spend; a curve that saturates lies below twice that.
    """
    curve = problem.options.curve[c]
    if curve.form != "concave":
        return 0.0
    own = found.parameters[:, c * len(problem.groups) + group, 1 : len(curve.names)]
    most = float(carried.max())
    shape = [own[:, j] for j in range(own.shape[1])]
    full, half = (np.asarray(curve.unit(np.full(len(own), x), shape)) for x in (most, 0.5 * most))
    return float((full >= NEARLY_STRAIGHT * 2.0 * half).mean())


def _correlated(found: Recovered, problem: Any, c: int, group: int, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the channel whose size moves most against this one's over the draws."""
    groups, count = len(problem.groups), len(problem.channels)
    if count == 1:
        return {}
    totals = np.log(np.maximum(found.totals[:, group::groups], 1e-300))
    with np.errstate(invalid="ignore"):
        together = np.nan_to_num(np.corrcoef(totals.T)[c])
    together[c] = 0.0
    partner = int(np.argmin(together))
    other = next(i for i in range(count) if channel_order(problem)[i] == partner)
    return {
        "correlated_with": names[group * count + other],
        "correlation": float(max(-together[partner], 0.0)),
    }


def _with_prior(evidence: ChannelEvidence, model: MixModel, share: FloatArray, c: int) -> ChannelEvidence:
    """Return the evidence with a finding where the posterior of the channel's size only repeats its prior."""
    size = float(share[model.space.rows("size").start + c])
    if size <= 1.0 - REPEATS_PRIOR:
        return evidence
    text = "The data hardly change what was assumed of its effect beforehand: the figures repeat the prior."
    return graded(evidence.channel, (*evidence.findings, Finding("repeats_prior", text, "weak")))
