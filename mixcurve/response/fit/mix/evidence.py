"""What a mix's data show of each channel: the tests behind the findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mixcurve.response.carryover import carryovers
from mixcurve.response.curves.base import Curve
from mixcurve.response.evidence import ChannelEvidence, Facts, channel_findings
from mixcurve.response.fit.estimates import EstimateInterval
from mixcurve.response.fit.mix.basis import MixBasis, Place
from mixcurve.response.fit.mix.collinearity import Collinearity, collinearity, second_basin
from mixcurve.response.fit.mix.problem import MixProblem
from mixcurve.response.fit.mix.search import Searched, linearised, pulled, typical_pull
from mixcurve.response.fit.projection import minimise
from mixcurve.response.fit.rivals import CONCAVE_RIVALS, LINE, f_test

__all__ = ["mix_evidence"]

FloatArray = npt.NDArray[np.float64]

NO_CARRYOVER = "none"
AT_THE_BOUNDARY = 0.5
"""p-value of no effect where the least squares amplitude is 0: half of the samples without effect are like that."""


def mix_evidence(
    problem: MixProblem,
    found: Searched,
    intervals: Sequence[EstimateInterval],
    level: float,
    estimate: FloatArray,
) -> tuple[tuple[ChannelEvidence, ...], list[float]]:
    """Return the evidence on every channel (see `evidence.channel_findings`), and each p-value of no effect.

    What moves together is judged at the ``estimate`` (k,): a channel without effect in the search has no shape there.
    """
    together = collinearity(problem.basis, estimate, problem.table.channels)
    away = second_basin(problem.basis, found, level)
    determined = _determined(problem.basis, found)
    full = found.objective + pulled(found)
    facts = [
        _facts(problem, found, c, intervals, determined, full, together, away)
        for c in range(len(problem.table.channels))
    ]
    return tuple(channel_findings(f) for f in facts), [f.effect_p for f in facts]


def _facts(
    problem: MixProblem, found: Searched, c: int, intervals: Sequence[EstimateInterval], determined: FloatArray,
    full: float, together: Collinearity, away: npt.NDArray[np.bool_],
) -> Facts:  # fmt: skip
    """Return what the rules look at for channel c; spend is relative to the size of its group."""
    basis, channel = problem.basis, problem.table.channels[c]
    named = {i.name: i for i in intervals if i.channel == channel}
    unit = problem.spend_unit[c]
    kernel = basis.kernel[c]
    bend = named.get("inflection")
    effect_p, line_p, concave_p, carryover_p = _p_values(problem, found, c, bend, determined, full)
    return Facts(
        channel=channel,
        every=problem.table.every,
        spend=basis.lags[c, 0] * unit,
        carried=basis.carried(found.theta[None], c)[0] * unit,
        form=basis.curve[c].form,
        ceiling=basis.curve[c].ceiling,
        half=named.get("half") or named.get("midpoint"),
        inflection=bend,
        funded=bool(found.amplitude[c] > 0),
        effect_p=effect_p,
        line_p=line_p,
        concave_p=concave_p,
        at_edge=_edges(basis, found, c),
        variance_inflation=float(together.inflation[c]),
        carryover=named.get(kernel.parameters[0].name) if kernel.parameters else None,
        carryover_p=carryover_p,
        condition=together.condition,
        correlated_with=together.partner[c],
        correlation=float(together.correlation[c]),
        second_basin=bool(away[c]),
    )


def _p_values(
    problem: MixProblem, found: Searched, c: int, bend: EstimateInterval | None, determined: FloatArray, full: float
) -> tuple[float, float, float, float]:  # fmt: skip
    """Return the p-values of no effect, of a straight line, of the best concave rival, and of no carryover."""
    basis = problem.basis
    if found.amplitude[c] <= 0:
        return AT_THE_BOUNDARY, 1.0, 1.0, 1.0
    mine = basis.of_channel(c)
    lags = [j for j in mine if basis.places[j].carryover]
    shape = [j for j in mine if not basis.places[j].carryover]

    def p_of(rival: Curve | None, carryover: bool, freed: float) -> float:
        restricted = _restricted(problem, found, c, rival, carryover=carryover)
        return f_test(full, found.objective, restricted, freed, found.degrees_of_freedom)

    freed = max(float(determined[shape].sum()), 1.0)
    effect = p_of(None, True, 1.0 + float(determined[mine].sum()))
    concave = [p_of(one, True, freed) for one in _rivals_of(bend)]
    own = basis.curve[c]
    none = p_of(own, False, max(float(determined[lags].sum()), 1.0)) if lags else 1.0
    return effect, concave[0], max(concave), none


def _edges(basis: MixBasis, found: Searched, c: int) -> tuple[str, ...]:
    """Return the parameters at the edge of the search; a decay of 0 says "no carryover" and is no fault of the data."""
    low, high = basis.bounds
    if found.amplitude[c] <= 0:
        return ()
    return tuple(
        basis.places[j].parameter.name
        for j in basis.of_channel(c)
        if (found.theta[j] <= low[j] + 1e-9 or found.theta[j] >= high[j] - 1e-9)
        and not (basis.places[j].carryover and found.theta[j] == basis.places[j].parameter.domain.low)
    )


def _rivals_of(bend: EstimateInterval | None) -> tuple[Curve, ...]:
    """Return the rivals to beat: all concave ones where a bend might be claimed, else only the straight line."""
    return CONCAVE_RIVALS if bend is not None and bend.closed else (LINE,)


def _determined(basis: MixBasis, found: Searched) -> FloatArray:
    """Return for each θ the share of it that the data determine: information over information and pull (k,)."""
    jacobian, free = linearised(basis, found.theta, found.amplitude)
    amplitudes = len(found.amplitude)
    funded = np.flatnonzero(free[:amplitudes])
    span = np.linalg.qr(jacobian[:, funded])[0]
    own = jacobian[:, amplitudes:] - span @ (span.T @ jacobian[:, amplitudes:])
    information = (own**2).sum(axis=0)
    return information / (information + (found.pull.noise / found.pull.spread) ** 2)


def _variant(
    basis: MixBasis, found: Searched, channel: int, rival: Curve | None, carryover: bool
) -> tuple[MixBasis, FloatArray]:
    """Return the problem with the channel's curve replaced, or left out for None, and where to start.

    Without ``carryover`` the channel's spend works in its own period only.
    """
    places: list[Place] = []
    theta: list[float] = []
    kept = [c for c in range(len(basis.curve)) if c != channel or rival is not None]
    same = rival is basis.curve[channel]
    for new, c in enumerate(kept):
        mine = basis.of_channel(c)
        if c == channel:
            mine = mine[[carryover if basis.places[j].carryover else same for j in mine]]
        places += [replace(basis.places[j], channel=new) for j in mine]
        theta += found.theta[mine].tolist()
        if c == channel and rival is not None and not same:
            free = [p for p in rival.parameters if p.free]
            places += [Place(new, p, carryover=False) for p in free]
            theta += [float(0.5 * (p.to_real(p.typical.low) + p.to_real(p.typical.high))) for p in free]
    curve = tuple(rival if c == channel and rival is not None else basis.curve[c] for c in kept)
    none = carryovers[NO_CARRYOVER]
    kernel = tuple(none if c == channel and not carryover else basis.kernel[c] for c in kept)
    other = replace(basis, curve=curve, kernel=kernel, lags=basis.lags[kept], places=tuple(places))
    return other, np.array(theta)


def _restricted(
    problem: MixProblem, found: Searched, channel: int, rival: Curve | None, *, carryover: bool
) -> float:
    """Return the least objective of the problem with the channel's curve replaced, left out, or without carryover."""
    other, theta = _variant(problem.basis, found, channel, rival, carryover)
    target = problem.target
    if not other.curve and not len(other.signed):
        return float(target[0] @ target[0])
    low, high = other.bounds
    pull = typical_pull(other, found.pull.noise)
    return float(
        minimise(
            other, target, np.clip(theta, low, high)[None], low, high, penalty=pull, ridge=pull.ridge,
            max_iterations=25, newton_after=99, tolerance=1e-4,
        ).objective[0]
    )  # fmt: skip
