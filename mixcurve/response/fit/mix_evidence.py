"""What a mix's data show of each channel: the tests behind the findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mixcurve.response.curves.base import Curve
from mixcurve.response.evidence import ChannelEvidence, Facts, channel_findings
from mixcurve.response.fit.mix_basis import MixBasis, Place
from mixcurve.response.fit.mix_search import Searched, linearised, typical_pull
from mixcurve.response.fit.projection import minimise
from mixcurve.response.fit.results import EstimateInterval
from mixcurve.response.fit.rivals import CONCAVE_RIVALS, LINE, f_test

if TYPE_CHECKING:
    from mixcurve.tables.spend import SpendTable

__all__ = ["mix_evidence"]

FloatArray = npt.NDArray[np.float64]


def mix_evidence(
    table: SpendTable,
    basis: MixBasis,
    target: FloatArray,
    found: Searched,
    intervals: Sequence[EstimateInterval],
    dof: int,
) -> tuple[tuple[ChannelEvidence, ...], list[float]]:
    """Return the evidence on every channel (see `evidence.channel_findings`), and each p-value of no effect."""
    inflation = _variance_inflation(basis, found)
    determined = _determined(basis, found)
    full = found.objective + _pulled(found)
    low, high = basis.bounds
    at_edge = (found.theta <= low + 1e-9) | (found.theta >= high - 1e-9)
    out, effect_p = [], []
    for c, channel in enumerate(table.channels):
        named = {i.name: i for i in intervals if i.channel == channel}
        mine = basis.of_channel(c)
        shape = [j for j in mine if not basis.places[j].carryover]
        # At decay 0 a geometric carryover says "none", which is a finding of its own kind and no fault of the data.
        edges = [
            basis.places[j].parameter.name
            for j in mine
            if at_edge[j] and found.theta[j] != basis.places[j].parameter.domain.low
        ]
        rivals = (None, *_rivals_of(named.get("inflection")))
        freed = [
            1.0 + float(determined[mine].sum()),
            *[max(float(determined[shape].sum()), 1.0)] * len(CONCAVE_RIVALS),
        ]
        without, line, *concave = [
            f_test(full, found.objective, _rival_objective(basis, target, found, c, one), more, dof)
            for one, more in zip(rivals, freed, strict=False)
        ]
        facts = Facts(
            channel=channel,
            every=table.every,
            spend=table.spend[:, c],
            carried=basis.carried(found.theta[None], c)[0] * table.spend[:, c].max(),
            form=basis.curve[c].form,
            ceiling=basis.curve[c].ceiling,
            half=named.get("half") or named.get("midpoint"),
            inflection=named.get("inflection"),
            funded=bool(found.amplitude[c] > 0),
            effect_p=without,
            line_p=line,
            concave_p=max(concave, default=line),
            at_edge=tuple(edges) if found.amplitude[c] > 0 else (),
            variance_inflation=inflation[c],
        )
        out.append(channel_findings(facts))
        effect_p.append(without if facts.funded else 1.0)
    return tuple(out), effect_p


def _rivals_of(bend: EstimateInterval | None) -> tuple[Curve, ...]:
    """Return the rivals to beat: all concave ones where a bend might be claimed, else only the straight line."""
    return CONCAVE_RIVALS if bend is not None and bend.closed else (LINE,)


def _pulled(found: Searched) -> float:
    rows, _ = found.pull(found.theta[None], np.zeros(1, dtype=np.intp))
    return float((rows**2).sum() + found.pull.ridge * (found.amplitude**2).sum())


def _determined(basis: MixBasis, found: Searched) -> FloatArray:
    """Return for each θ the share of it that the data determine: information over information and pull (k,)."""
    jacobian, free = linearised(basis, found)
    channels = len(basis.curve)
    funded = np.flatnonzero(free[:channels])
    span = np.linalg.qr(jacobian[:, funded])[0]
    own = jacobian[:, channels:] - span @ (span.T @ jacobian[:, channels:])
    information = (own**2).sum(axis=0)
    return information / (information + (found.pull.noise / found.pull.spread) ** 2)


def _variant(
    basis: MixBasis, found: Searched, channel: int, rival: Curve | None
) -> tuple[MixBasis, FloatArray]:
    """Return the problem with the channel's curve replaced by a rival, or left out for None, and where to start."""
    places: list[Place] = []
    theta: list[float] = []
    kept = [c for c in range(len(basis.curve)) if c != channel or rival is not None]
    for new, c in enumerate(kept):
        mine = [j for j in basis.of_channel(c) if c != channel or basis.places[j].carryover]
        places += [replace(basis.places[j], channel=new) for j in mine]
        theta += found.theta[mine].tolist()
        if c == channel and rival is not None:
            free = [p for p in rival.parameters if p.free]
            places += [Place(new, p, carryover=False) for p in free]
            theta += [float(0.5 * (p.to_real(p.typical.low) + p.to_real(p.typical.high))) for p in free]
    curve = tuple(rival if c == channel and rival is not None else basis.curve[c] for c in kept)
    return replace(basis, curve=curve, spend=basis.spend[kept], places=tuple(places)), np.array(theta)


def _rival_objective(
    basis: MixBasis, target: FloatArray, found: Searched, channel: int, rival: Curve | None
) -> float:
    """Return the least objective of the problem with the channel's curve replaced by a rival, or left out."""
    if rival is None and found.amplitude[channel] <= 0:
        return 0.0
    other, theta = _variant(basis, found, channel, rival)
    if not other.curve:
        return float(target[0] @ target[0])
    low, high = other.bounds
    pull = typical_pull(other, found.pull.noise)
    start = np.clip(theta, low, high)[None]
    return float(
        minimise(
            other,
            target,
            start,
            low,
            high,
            penalty=pull,
            ridge=pull.ridge,
            max_iterations=40,
            newton_after=99,
            tolerance=1e-6,
        ).objective[0]
    )


def _variance_inflation(basis: MixBasis, found: Searched) -> FloatArray:
    """Return for each channel 1 / (1 - R²) of its curve on all other channels' curves, baseline projected out."""
    columns = basis.project(basis.columns(found.theta[None])[0]).T
    size = np.linalg.norm(columns, axis=0)
    scaled = columns / np.where(size > 0, size, 1.0)
    out = np.ones(len(size))
    for c in np.flatnonzero(size > 0):
        others = np.delete(scaled, c, axis=1)
        rest = (
            scaled[:, c] - others @ np.linalg.lstsq(others, scaled[:, c], rcond=None)[0]
            if others.size
            else scaled[:, c]
        )
        out[c] = 1.0 / max(float(rest @ rest), 1e-12)
    return out
