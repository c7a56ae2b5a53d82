"""A `CurvePosterior` from what was sampled in one or several stages."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.gate import Gate, overall
from mixcurve.response.bayes.checks.sampling import gates_of_draws
from mixcurve.response.bayes.checks.words import Coordinate, told
from mixcurve.response.bayes.curve.draws import CampaignDraws, campaign_draws, information
from mixcurve.response.bayes.curve.model import CampaignModel
from mixcurve.response.bayes.curve.own import own_fits, with_borrowing
from mixcurve.response.bayes.curve.posterior import CurvePosterior
from mixcurve.response.bayes.curve.stages import Stage
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.fit.mix.density import SPEND_POWER

__all__ = ["assembled"]

FloatArray = npt.NDArray[np.float64]

MOST_NUMBERS = 30_000_000
"""Numbers that the draws of the curves may hold (240 megabytes); of more draws every k-th is kept."""


def assembled(
    model: CampaignModel,
    stages: list[Stage],
    present: FloatArray,
    *,
    failed: tuple[tuple[str, str], ...],
    level: float,
    every: str,
    words: dict[str, Any],
) -> CurvePosterior:
    """Return the posterior of the campaigns that were sampled; the others join ``failed``."""
    places = np.concatenate([s.places for s in stages])
    order = np.argsort(places)
    names = tuple(model.data.names[i] for i in places[order])
    step = _step(stages, len(places) * len(model.curve.names))
    parts = [_of_stage(s, step) for s in stages]
    found = [draws for _, draws in parts]

    def joined(name: str) -> FloatArray:
        return np.ascontiguousarray(np.concatenate([getattr(d, name) for d in found], axis=1)[:, order])

    learnt = np.concatenate(
        [information(s.model, p, d.real) for s, (p, d) in zip(stages, parts, strict=True)]
    )[order]
    some = model.take(np.sort(places))
    own = own_fits(
        some.data, model.curve, model.noise.name, model.baseline, present[np.sort(places)], every, level
    )
    free = [i for i, q in enumerate(model.quantities) if q.name in model.curve.names]
    evidence = [with_borrowing(e, row) for e, row in zip(own.evidence, learnt[:, free], strict=True)]
    gates = _gates(stages)
    status, message = overall(gates)
    missed = [n for n in model.data.names if n not in set(names)]
    least = np.minimum.reduceat(some.data.spend, np.searchsorted(some.data.campaign, np.arange(len(names))))
    first, whole = stages[0], len(stages) == 1 and len(places) == len(model.data.names)
    return CurvePosterior(
        channels=names, curve=(model.curve,) * len(names), draws=joined("parameters"),
        spend_range=np.stack([least * some.data.spend_unit, some.data.spend_unit], axis=1),
        current=present[np.sort(places)], evidence=tuple(evidence), contribution=joined("contribution"),
        baseline=joined("baseline"), noise=joined("noise"), mean_spend=some.data.mean_spend,
        chains=first.sampled.positions.shape[0], quantities=tuple(q.name for q in model.quantities),
        **_population(first.model, parts[0][0]),
        typical=np.concatenate([_typical(s.model, p) for s, (p, _) in zip(stages, parts, strict=True)])[order],
        information=learnt, own=own.parameters, status=status, message=message, gates=gates, family=model.noise.name,
        sampler=first.sampled.sampler, seed=first.sampled.seed, seconds=_seconds(stages), every=every, level=level,
        failed=(*failed, *((n, "was not reached before the run was stopped") for n in missed)),
        log_likelihood=found[0].log_likelihood if whole else np.empty((0, 0)),
        rows=some.data.row if whole else np.empty(0, dtype=np.intp),
        positions=parts[0][0] if whole else np.empty((0, 0)),
        coordinates=first.model.space.labels if whole else (),
        statistics={k: v[:, ::step] for k, v in first.sampled.statistics.items()} if whole else {},
        interrupted=first.sampled.interrupted or bool(missed), **words,
    )  # fmt: skip


def _step(stages: list[Stage], numbers: int) -> int:
    return max(1, -(-len(stages[0].sampled.flat) * numbers // MOST_NUMBERS))


def _of_stage(stage: Stage, step: int) -> tuple[FloatArray, CampaignDraws]:
    """Return every ``step``-th position of each chain, and what it stands for."""
    kept = stage.sampled.positions[:, ::step]
    flat = kept.reshape(-1, kept.shape[-1])
    rng = np.random.default_rng([stage.sampled.seed, 1])
    return flat, campaign_draws(stage.model, flat, rng)


def _population(model: CampaignModel, positions: FloatArray) -> dict[str, Any]:
    """Return names and draws of what campaigns share."""
    if not model.pooled:
        return {"population_names": (), "population": np.empty((len(positions), 0))}
    xp = DrawVectors()
    shared, columns, at = model.shared_at(xp, xp.position(positions)), [], 0
    names: list[str] = []
    for q in model.quantities:
        mine = shared[at : at + len(q.population)]
        at += len(q.population)
        names += q.population
        columns.append(q.natural(xp, float(q.middle.mean()) + q.common * mine[0:1]).values[:, 0])
        columns.append(q.spread(xp, mine).values[:, 0])
        if q.tilt is not None:
            columns.append(SPEND_POWER + q.tilt_spread * mine[2:3].values[:, 0])
    return {"population_names": tuple(names), "population": np.stack(columns, axis=1)}


def _typical(model: CampaignModel, positions: FloatArray) -> FloatArray:
    """Return what the population alone says of each campaign's free shape parameters (G × k): medians over draws."""
    xp = DrawVectors()
    shared = model.shared_at(xp, xp.position(positions)) if model.pooled else None
    columns, at, groups = [], 0, len(model.data.names)
    powers = {p.name: p.spend_power for p in model.curve.parameters if p.free}
    for q in model.quantities:
        if q.name in powers:
            real = (
                xp.position(q.middle[None])
                if shared is None
                else q.pooled(xp, shared[at : at + len(q.population)], np.zeros(groups))
            )
            middle = np.median(q.natural(xp, real).values, axis=0)
            columns.append(middle * model.data.spend_unit ** powers[q.name])
        at += len(q.population)
    return np.stack(columns, axis=1) if columns else np.empty((groups, 0))


def _gates(stages: list[Stage]) -> tuple[Gate, ...]:
    """Return the checks of the draws: of several stages each check's worst."""
    worst: dict[str, Gate] = {}
    for stage in stages:
        labels = stage.model.space.labels
        which = tuple(Coordinate(i, label, _told(stage.model, label)) for i, label in enumerate(labels))
        for gate in gates_of_draws(which, stage.sampled).gates:
            held = worst.get(gate.name)
            if held is None or (gate.passed, not gate.grave) < (held.passed, not held.grave):
                worst[gate.name] = gate
    return tuple(worst.values())


def _told(model: CampaignModel, label: str) -> str:
    if label in model.shared:
        name, _, kind = label.rpartition(" ")
        of = {
            "middle": "the middle of the {} of all campaigns",
            "spread": "the spread of the {} among campaigns",
        }
        return of.get(kind, "the {} of all campaigns" if kind != "spend" else "the growth of the {} with spend").format(
            told(name).removeprefix("the ") if kind in of or kind == "spend" else label
        )  # fmt: skip
    return told(label)


def _seconds(stages: list[Stage]) -> dict[str, float]:
    keys = dict.fromkeys(k for s in stages for k in s.sampled.seconds)
    return {k: float(sum(s.sampled.seconds.get(k, 0.0) for s in stages)) for k in keys}
