"""From positions back to users' units: curves, carryover, contributions, baseline, fitted values, draw by draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.media import Media
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.model.noise.counts import Counts
from mixcurve.response.bayes.vectors.rows import DrawVectors

__all__ = ["Recovered", "recover"]

FloatArray = npt.NDArray[np.float64]

TOGETHER = 250
"""Draws whose rows are computed side by side."""


@dataclass(frozen=True, eq=False)
class Recovered:
    """D draws of a mix with n rows, C channels, G groups (cells channel by channel), in the problem's order.

    Parameters
    ----------
    parameters
        (D × C · G × parameters), ``top`` first, in users' units; NaN after a curve's last.
    carryover
        (D × C × parameters) of the kernels; NaN after a kernel's last.
    totals
        (D × C · G): total contribution of each cell, in units of the response.
    contributions, baseline_parts
        Their means over the draws: (n × C) in units of the response, (n × z) the linear columns times coefficients.
    others
        What parts beside the channels bring, by name: the mean over the draws (n,), in units of the response.
    coefficients
        (D × z), over the unit of the response.
    log_likelihood
        (D × n): of a density per unit of the response, or of the probability of a count.
    fitted
        (D × n): the mean response, over its unit.
    """

    parameters: FloatArray
    carryover: FloatArray
    totals: FloatArray
    contributions: FloatArray
    baseline_parts: FloatArray
    others: FloatArray
    coefficients: FloatArray
    log_likelihood: FloatArray
    fitted: FloatArray


def recover(model: MixModel, draws: FloatArray, rng: np.random.Generator) -> Recovered:
    """Return what positions (D × d) mean; coefficients of the linear part are drawn exactly."""
    pieces = [_recovered(model, draws[k : k + TOGETHER], rng) for k in range(0, len(draws), TOGETHER)]
    share = [len(p.totals) / len(draws) for p in pieces]

    def stacked(name: str) -> FloatArray:
        return np.concatenate([getattr(p, name) for p in pieces])

    def averaged(name: str) -> FloatArray:
        return np.sum([s * getattr(p, name) for s, p in zip(share, pieces, strict=True)], axis=0)

    return Recovered(
        stacked("parameters"), stacked("carryover"), stacked("totals"), averaged("contributions"),
        averaged("baseline_parts"), averaged("others"), stacked("coefficients"), stacked("log_likelihood"),
        stacked("fitted"),
    )  # fmt: skip


def _recovered(model: MixModel, draws: FloatArray, rng: np.random.Generator) -> Recovered:
    problem, xp = model.problem, DrawVectors()
    position = xp.position(draws)
    found = model.channels(xp, position)
    summed = model.summed(xp, position, found).values
    own = xp.scatter(
        found.contributions, np.tile(np.arange(problem.rows), len(problem.channels)), problem.rows
    ).values
    coefficients, log_likelihood = model.likelihood.baseline(problem, model.space, draws, summed, rng)
    unit = problem.mix.row_unit
    by_row = found.contributions.values.reshape(len(draws), len(problem.channels), problem.rows) * unit
    baseline = problem.offset + coefficients @ problem.linear.columns.T
    return Recovered(
        _natural(model, found), _carryover(model, found, len(draws)), _totals(model, by_row), by_row.mean(axis=0).T,
        problem.linear.columns * coefficients.mean(axis=0) * unit[:, None], (summed - own).mean(axis=0) * unit,
        coefficients, log_likelihood - _log_unit(model), summed + baseline,
    )  # fmt: skip


def _log_unit(model: MixModel) -> FloatArray:
    """Return the log of what a row's density is per (n,): likelihoods are over its unit; a probability is per count."""
    unit = np.log(model.problem.mix.row_unit)
    return np.zeros_like(unit) if isinstance(model.likelihood, Counts) else unit


def _totals(model: MixModel, by_row: FloatArray) -> FloatArray:
    """Return the total of each cell (D × C · G) for contributions (D × C × n)."""
    bounds = model.problem.bounds
    return np.add.reduceat(by_row, bounds[:-1], axis=2).reshape(len(by_row), -1)


def _natural(model: MixModel, found: Media) -> FloatArray:
    """Return the parameters of every cell in users' units (D × C · G × parameters)."""
    problem = model.problem
    groups, top = len(problem.groups), found.top.values
    longest = max(len(f.curve.names) for f in problem.families)
    out = np.full((len(top), len(problem.channels), groups, longest), np.nan)
    size = problem.sizes
    out[..., 0] = top.reshape(len(top), -1, groups) * problem.mix.response_unit * size
    for place, family in enumerate(problem.families):
        mine = slice(family.channels[0], family.channels[-1] + 1)
        unit = problem.mix.spend_unit[mine, None] * size
        for i, p in enumerate(family.curve.parameters):
            value = (
                np.full((len(top), len(family.channels)), float(p.fixed))
                if p.fixed is not None
                else found.shape[place, p.name].values
            )
            wide = value.reshape(len(top), len(family.channels), -1)
            out[:, mine, :, 1 + i] = wide * unit**p.spend_power
    return out.reshape(len(top), -1, longest)


def _carryover(model: MixModel, found: Media, draws: int) -> FloatArray:
    problem = model.problem
    longest = max(len(f.kernel.parameters) for f in problem.families)
    out = np.full((draws, len(problem.channels), longest), np.nan)
    for place, family in enumerate(problem.families):
        mine = slice(family.channels[0], family.channels[-1] + 1)
        for i, p in enumerate(family.kernel.parameters):
            out[:, mine, i] = found.carryover[place, p.name].values if p.free else p.fixed
    return out
