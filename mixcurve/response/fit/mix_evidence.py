"""What a mix's data show of each channel: the tests behind the findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.parameters import Parameter
from mixcurve.response.curves.base import Curve
from mixcurve.response.evidence import ChannelEvidence, Facts, channel_findings
from mixcurve.response.fit.mix_basis import MixBasis, Place
from mixcurve.response.fit.mix_search import Searched, TypicalPull, linearised
from mixcurve.response.fit.projection import minimise
from mixcurve.response.fit.results import EstimateInterval

if TYPE_CHECKING:
    from mixcurve.tables.spend import SpendTable

__all__ = ["mix_evidence"]

FloatArray = npt.NDArray[np.float64]


def _straight(x: Any, reference: Any, xp: Any) -> Any:
    return x / reference


LINE = Curve(
    "straight_line", (Parameter("reference", unit="spend", fixed=1.0),), _straight, form="concave", ceiling=False
)
"""The rival that every curve has to beat before it may say that response bends."""


def mix_evidence(
    table: SpendTable, basis: MixBasis, target: FloatArray, found: Searched, intervals: Sequence[EstimateInterval], dof: int
) -> tuple[ChannelEvidence, ...]:
    """Return the evidence on every channel; see `evidence.channel_findings` for the rules."""
    inflation = _variance_inflation(basis, found)
    determined = _determined(basis, found)
    full = found.objective + _pulled(found)
    low, high = basis.bounds
    at_edge = (found.theta <= low + 1e-9) | (found.theta >= high - 1e-9)
    out = []
    for c, channel in enumerate(table.channels):
        named = {i.name: i for i in intervals if i.channel == channel}
        mine = basis.of_channel(c)
        shape = [j for j in mine if not basis.places[j].carryover]
        # At decay 0 a geometric carryover says "none", which is a finding of its own kind and no fault of the data.
        edges = [basis.places[j].parameter.name for j in mine if at_edge[j] and found.theta[j] != basis.places[j].parameter.domain.low]
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
            effect_p=_p_value(full, found.objective, _without(basis, target, found, c), 1.0 + determined[mine].sum(), dof),
            line_p=_p_value(full, found.objective, _as_line(basis, target, found, c), determined[shape].sum(), dof),
            at_edge=tuple(edges) if found.amplitude[c] > 0 else (),
            variance_inflation=inflation[c],
        )
        out.append(channel_findings(facts))
    return tuple(out)


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


def _p_value(full: float, squares: float, restricted: float, freed: float, dof: int) -> float:
    """Return the p-value of the F test of a restricted model against the full one; 1 where the restriction is free.

    ``freed`` is the number of parameters that the data determine, which need not be whole.
    """
    from scipy.special import fdtrc

    if dof < 1 or restricted <= full:
        return 1.0
    return float(fdtrc(max(freed, 1.0), dof, (restricted - full) / max(freed, 1.0) / (squares / dof)))


def _refit(basis: MixBasis, target: FloatArray, theta: FloatArray, pull: TypicalPull) -> float:
    low, high = basis.bounds
    start = np.clip(theta, low, high)[None]
    return float(
        minimise(
            basis, target, start, low, high, penalty=pull, ridge=pull.ridge, max_iterations=40, newton_after=99, tolerance=1e-6
        ).objective[0]
    )


def _without(basis: MixBasis, target: FloatArray, found: Searched, channel: int) -> float:
    """Return the least objective without the channel; 0 where that is what the fit already says."""
    others = [c for c in range(len(basis.curve)) if c != channel]
    if not others or found.amplitude[channel] <= 0:
        return float(target[0] @ target[0]) if not others else 0.0
    keep = [j for j, p in enumerate(basis.places) if p.channel != channel]
    places = tuple(replace(basis.places[j], channel=others.index(basis.places[j].channel)) for j in keep)
    curve = tuple(basis.curve[c] for c in others)
    return _refit(replace(basis, curve=curve, spend=basis.spend[others], places=places), target, found.theta[keep], _kept(found.pull, keep))


def _kept(pull: TypicalPull, keep: list[int]) -> TypicalPull:
    return TypicalPull(pull.middle[keep], pull.spread[keep], pull.noise)


def _as_line(basis: MixBasis, target: FloatArray, found: Searched, channel: int) -> float:
    """Return the least objective with the channel's curve replaced by a straight line."""
    keep = [j for j, p in enumerate(basis.places) if p.channel != channel or p.carryover]
    places: tuple[Place, ...] = tuple(basis.places[j] for j in keep)
    curve = tuple(LINE if c == channel else one for c, one in enumerate(basis.curve))
    return _refit(replace(basis, curve=curve, places=places), target, found.theta[keep], _kept(found.pull, keep))


def _variance_inflation(basis: MixBasis, found: Searched) -> FloatArray:
    """Return for each channel 1 / (1 - R²) of its curve on all other channels' curves, baseline projected out."""
    columns = basis.project(basis.columns(found.theta[None])[0]).T
    size = np.linalg.norm(columns, axis=0)
    scaled = columns / np.where(size > 0, size, 1.0)
    out = np.ones(len(size))
    for c in np.flatnonzero(size > 0):
        others = np.delete(scaled, c, axis=1)
        rest = scaled[:, c] - others @ np.linalg.lstsq(others, scaled[:, c], rcond=None)[0] if others.size else scaled[:, c]
        out[c] = 1.0 / max(float(rest @ rest), 1e-12)
    return out
