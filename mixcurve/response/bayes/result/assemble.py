"""The posterior of a mix as a result, from a model and its draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.evidence import posterior_evidence
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.result.figures import posterior_intervals
from mixcurve.response.bayes.result.order import cell_order, channel_order, in_cells
from mixcurve.response.bayes.result.posterior import MixPosterior
from mixcurve.response.bayes.result.recover import Recovered, recover
from mixcurve.response.bayes.result.state import posterior_state
from mixcurve.response.bayes.result.variables import variables
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.carryover import weights
from mixcurve.response.design.description import DesignSpec
from mixcurve.response.fit.mix.status import fit_notes

__all__ = ["assemble_posterior"]

FloatArray = npt.NDArray[np.float64]

KEPT = 1000
"""Draws that budgets, bands and forecasts use: evenly spaced among all."""
PRIOR_DRAWS = 2000


def assemble_posterior(
    model: MixModel, sampled: Sampled, design: DesignSpec, current: FloatArray, level: float, errors: str
) -> MixPosterior:
    """Return the result; ``current`` is the present plan of each cell in the users' order."""
    rng = np.random.default_rng(sampled.seed)
    found = recover(model, sampled.flat, rng)
    cells, channels = cell_order(model.problem), channel_order(model.problem)
    table = model.problem.mix.table
    kept = np.unique(np.linspace(0, len(found.totals) - 1, min(KEPT, len(found.totals))).round().astype(int))
    parameters = found.parameters[:, cells]
    prior = recover(model, model.prior_draws(PRIOR_DRAWS, rng), rng)
    parts = _decomposed(model, found)
    intervals = posterior_intervals(model, parameters, found, level)
    carryover = found.carryover[:, channels]
    groups = len(model.problem.groups)
    named = in_cells(model.problem)
    figures = variables(model, sampled, found)
    draws = parameters[kept]
    evidence = posterior_evidence(model, sampled, found, prior, intervals, parts["carried"])
    return MixPosterior(
        channels=named.names, curve=named.curve, draws=draws, resamples=draws,
        spend_range=named.spend_range, current=current, evidence=evidence,
        carryover_parameters=np.tile(carryover.mean(axis=0), (groups, 1)),
        kernels=named.kernels, carryover=named.kernels[0] if len(set(named.kernels)) == 1 else "by channel",
        carryover_length=model.problem.mix.basis.lags.shape[1], dates=table.dates, intervals=intervals,
        parameter_names=tuple(f"{c}.{p}" for c, k in zip(named.names, named.curve, strict=True) for p in k.names),
        covariance=_covariance(parameters, named.curve), every=table.every, currency=table.currency,
        response_name=table.response_name, level=level, contribution_draws=found.totals[:, cells][kept],
        order=model.problem.options.order, before=model.problem.options.before,
        total_spend=named.total_spend, cells=named.cells, row_groups=tuple(table.groups or ()),
        noise=model.likelihood.name, notes=fit_notes(design, parts["residual"], table.groups, errors, table.every),
        state=posterior_state(model, design, found, sampled, kept, parts["residual"]),
        starts=sampled.positions.shape[0], agreeing_starts=sampled.positions.shape[0], seed=sampled.seed,
        degrees_of_freedom=max(1, model.problem.rows - model.space.dimensions - len(model.problem.linear.precision)),
        status="converged", message="", positions=sampled.positions, coordinates=model.space.labels,
        prior_parameters=prior.parameters[:, cells][:KEPT], sampler=sampled.sampler, seconds=sampled.seconds,
        interrupted=sampled.interrupted, pareto_k=sampled.pareto_k, variables=figures.values,
        variable_dimensions=figures.dimensions, statistics=sampled.statistics,
        log_likelihood=found.log_likelihood.reshape(*sampled.positions.shape[:2], -1), **parts,
    )  # fmt: skip


def _covariance(parameters: FloatArray, curves: tuple[Any, ...]) -> FloatArray:
    columns = [parameters[:, i, j] for i, c in enumerate(curves) for j in range(len(c.names))]
    return np.atleast_2d(np.cov(np.stack(columns)))


def _decomposed(model: MixModel, found: Recovered) -> dict[str, Any]:
    """Return contributions, baseline and residual, which add up to the response exactly; all are posterior means."""
    problem = model.problem
    table, unit = problem.mix.table, problem.mix.row_unit
    contributions = in_cells(problem).spread(found.contributions)
    parts: dict[str, FloatArray] = {}
    for j, name in enumerate(problem.mix.names):
        parts[name] = parts.get(name, 0.0) + found.baseline_parts[:, j]
    parts["level"] = parts.get("level", 0.0) + problem.offset * unit
    if np.any(found.others):
        parts["other effects"] = found.others
    baseline = np.sum(list(parts.values()), axis=0)
    residual = table.response - contributions.sum(axis=1) - baseline
    around = table.response - table.response.mean()
    return {
        "contributions": contributions, "baseline": baseline, "baseline_names": tuple(parts),
        "baseline_parts": np.stack(list(parts.values()), axis=1), "residual": residual,
        "carried": in_cells(problem).spread(_carried(model, found)), "rss": float(residual @ residual),
        "r_squared": 1.0 - float(residual @ residual) / max(float(around @ around), 1e-300),
    }  # fmt: skip


def _carried(model: MixModel, found: Recovered) -> FloatArray:
    """Return spend after the mean carryover (n × C), in the problem's order of channels."""
    problem = model.problem
    lags, unit = problem.mix.basis.lags, problem.mix.spend_unit
    mean = found.carryover.mean(axis=0)
    out = np.empty((problem.rows, len(unit)))
    for c, kernel in enumerate(problem.options.kernel):
        share = weights(kernel, mean[c, : len(kernel.parameters)].tolist(), lags.shape[1])
        out[:, c] = share @ lags[c] * unit[c] * problem.mix.row_size
    return out
