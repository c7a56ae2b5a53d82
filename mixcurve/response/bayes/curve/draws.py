"""From positions to figures in users' units: curves, baselines drawn exactly, noise, log likelihoods."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.curve.model import CampaignModel, Campaigns
from mixcurve.response.bayes.curve.noise import deviation
from mixcurve.response.bayes.model.problem import LEVEL_PULL
from mixcurve.response.bayes.vectors.rows import DrawVectors

__all__ = ["CampaignDraws", "campaign_draws", "information"]

FloatArray = npt.NDArray[np.float64]

AT_ONCE = 1_000_000
"""Draws times rows that are worked on together, which holds memory down."""


@dataclass(frozen=True, eq=False)
class CampaignDraws:
    """Draws in users' units, for S draws, G campaigns, P parameters, Q quantities, n rows.

    Parameters
    ----------
    parameters
        (S × G × P): ``top`` and the shape parameters, fixed ones included.
    contribution, baseline, noise
        (S × G): mean contribution per row; response without spend; the noise's standard deviation (a dispersion for
        a negative binomial; NaN where the family has none).
    real
        (S × G × Q): every quantity on the real line.
    log_likelihood
        (S × n), in the order of the users' rows kept.
    """

    parameters: FloatArray
    contribution: FloatArray
    baseline: FloatArray
    noise: FloatArray
    real: FloatArray
    log_likelihood: FloatArray


def campaign_draws(model: CampaignModel, positions: FloatArray, rng: np.random.Generator) -> CampaignDraws:
    """Return what positions (S × d) stand for."""
    step = max(1, AT_ONCE // len(model.data.campaign))
    parts = [_some(model, positions[i : i + step], rng) for i in range(0, len(positions), step)]
    return CampaignDraws(
        *(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(CampaignDraws))
    )


def _some(model: CampaignModel, positions: FloatArray, rng: np.random.Generator) -> CampaignDraws:
    xp, data = DrawVectors(), model.data
    position = xp.position(positions)
    found = model.campaigns(xp, position)
    shape = (len(positions), len(data.names))
    unit = data.response_unit
    level = _level(model, xp, position, found, rng)
    mean = found.contributions + xp.gather(level, data.campaign)
    rows = model.noise.log_rows(xp, data, mean, found.values, found.common).values
    natural = [found.top.values * unit]
    for p in model.curve.parameters:
        value = found.values[p.name].values if p.free else np.full(shape, p.fixed)
        natural.append(value * data.spend_unit**p.spend_power)
    return CampaignDraws(
        np.stack(natural, axis=-1), found.size.values * unit, np.broadcast_to(level.values * unit, shape),
        _noise(model, found, shape), np.stack([found.real[q.name].values for q in model.quantities], axis=-1),
        np.broadcast_to(rows, (len(positions), rows.shape[1])) - _log_unit(model),
    )  # fmt: skip


def _log_unit(model: CampaignModel) -> FloatArray:
    """Return the log of the response unit of each row, which turns a density per unit into one per response."""
    data = model.data
    continuous = any(q.name == "noise" for q in model.quantities)
    return np.log(data.response_unit)[data.campaign] * float(continuous)


def _level(
    model: CampaignModel, xp: DrawVectors, position: Any, found: Campaigns, rng: np.random.Generator
) -> Any:
    """Return baselines (S × G) over the response unit: none, sampled, or drawn from their exact distribution."""
    data, groups = model.data, len(model.data.names)
    if not model.baseline:
        return xp.position(np.zeros((len(position.values), groups)))
    if not model.integrated:
        return model.level(xp, position, found)
    total = np.bincount(data.campaign, data.weight, groups) + LEVEL_PULL
    rest = (data.response - data.centre[data.campaign]) - found.contributions
    middle = data.centre + xp.scatter(rest * data.weight, data.campaign, groups) * (1.0 / total)
    chance = rng.standard_normal((len(position.values), groups)) / np.sqrt(total)
    return middle + xp.position(deviation(found.values["noise"]).values * chance)


def _noise(model: CampaignModel, found: Campaigns, shape: tuple[int, int]) -> FloatArray:
    if "noise" in found.values:
        return np.asarray(deviation(found.values["noise"]).values * model.data.response_unit)
    if "dispersion" in found.values:
        return np.asarray(found.values["dispersion"].values)
    return np.full(shape, np.nan)


def information(model: CampaignModel, positions: FloatArray, real: FloatArray) -> FloatArray:
    """Return the share of each quantity's variance that a campaign's own data took away (G × Q), in [0, 1].

    The variance of the draws over that of a campaign of which nothing is known: of the prior, or of the population
    that all campaigns show together.
    """
    before, at = np.empty(real.shape[1:]), 0
    xp = DrawVectors()
    shared = model.shared_at(xp, xp.position(positions)) if model.pooled else None
    for i, q in enumerate(model.quantities):
        if shared is None:
            before[:, i] = q.common**2 + q.among**2
            continue
        mine = shared[at : at + len(q.population)]
        at += len(q.population)
        middle = q.pooled(xp, mine, np.zeros(len(model.data.names))).values
        before[:, i] = middle.var(axis=0) + float((q.spread(xp, mine).values ** 2).mean())
    return np.clip(1.0 - real.var(axis=0) / before, 0.0, 1.0)
