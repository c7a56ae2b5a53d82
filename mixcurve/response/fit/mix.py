"""`fit_mix`: the response curves of a whole media mix, with carryover, from one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import generator, known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.response.carryover import carryovers
from mixcurve.response.curves import Curve, resolve_curve
from mixcurve.response.fit.figures import ProfiledFigure
from mixcurve.response.fit.mix_basis import MixBasis, mix_basis, season_columns, trend_columns
from mixcurve.response.fit.mix_evidence import mix_evidence
from mixcurve.response.fit.mix_intervals import mix_profiles
from mixcurve.response.fit.mix_search import Searched, covariance_of, resampled, search
from mixcurve.response.fit.no_effect import with_no_effect
from mixcurve.response.fit.results import FitStatus, MixFit

if TYPE_CHECKING:
    from mixcurve.tables.spend import SpendTable

__all__ = ["Progress", "fit_mix"]

FloatArray = npt.NDArray[np.float64]
Progress = Callable[[str, int, int], None]
TRENDS = ("linear", "none")
LONGEST_CARRYOVER = {"day": 56, "week": 26, "month": 12, "year": 12}
"""Lags kept, by the spacing of rows; never more than a third of the rows."""
STAGES = 4


@dataclass(frozen=True, eq=False)
class Problem:
    """The table in the units of the search: spend over its maximum, response over its standard deviation."""

    basis: MixBasis
    target: FloatArray
    y: FloatArray
    spend_unit: FloatArray
    response_unit: float
    nuisance: FloatArray
    names: tuple[str, ...]


def fit_mix(
    table: SpendTable,
    *,
    curve: str | Curve | Mapping[str, str | Curve] = "hill",
    carryover: str = "geometric",
    trend: str = "linear",
    season: int = 2,
    current: int | Mapping[str, float] | None = None,
    starts: int = 64,
    resamples: int = 200,
    level: float = 0.9,
    seed: int = 0,
    progress: Progress | None = None,
) -> MixFit:
    """Fit one curve with carryover per channel, over baseline, trend, yearly season and controls.

    response_t = baseline + trend + season + controls + Σ_c top_c · unit_c(carried spend_ct) + noise, with top_c ≥ 0,
    by least squares: everything linear is eliminated, the shapes are searched from many starts (`projection`). A weak
    pull towards each parameter's typical range decides only where the data do not; it is lifted from a parameter
    while its interval is profiled.

    Parameters
    ----------
    table
        From `read_spend`: n periods of spend, response and controls.
    curve
        A curve for all channels, or one for each by name.
    carryover
        A kernel of `carryovers`, with parameters of its own for each channel.
    trend
        ``"linear"`` or ``"none"``.
    season
        Pairs of sine and cosine over the year; 0 for none. Yearly rows have none.
    current
        The present plan: the mean of the last so many periods (by default one year of them), or spend by channel.
    starts
        How many starts the search has.
    resamples
        How many block-bootstrap refits carry the uncertainty into bands and plans; 0 for none. A channel does nothing
        in the share of them that is its p-value of no effect (`no_effect`).
    level
        Level of the profile intervals.
    seed
        Of starts and resamples.
    progress
        Called as ``progress(stage, done, total)``.

    Returns
    -------
    MixFit
        Contributions, baseline and residual add up to the response exactly. ``status`` says whether it converged.

    Raises
    ------
    InputError
        For an unknown name, a table with groups, or fewer rows than parameters.

    Notes
    -----
    The model is additive, so what it calls a contribution is an association over time, not an experiment.
    Source: Golub and Pereyra (1973) for the projection; Künsch (1989) for the block bootstrap.
    """
    tell = progress or (lambda *_: None)
    number("level", level, low=0.5, high=0.999)
    problem = _problem(table, curve, carryover, trend, season)
    rng = generator(seed)
    tell("searching the shapes", 0, STAGES)
    found = search(problem.basis, problem.target, starts, rng)
    tell("profiling the intervals", 1, STAGES)
    profiled = mix_profiles(problem.basis, problem.target, found, level)
    tell("resampling", 2, STAGES)
    again = resampled(problem.basis, problem.y, found, resamples, rng)
    tell("weighing the evidence", 3, STAGES)
    result = _result(table, problem, found, profiled, again, carryover, level, seed, _present(table, current))
    tell("done", STAGES, STAGES)
    return result


def _problem(
    table: SpendTable, curve: str | Curve | Mapping[str, str | Curve], carryover: str, trend: str, season: int
) -> Problem:
    known_name("trend", trend, TRENDS)
    if table.groups is not None:
        raise InputError(
            "fit_mix takes one market; this table has groups. Filter the rows of one group first."
        )
    if isinstance(curve, Mapping):
        for name in curve:
            known_name("channel", name, table.channels)
        missing = [c for c in table.channels if c not in curve]
        if missing:
            raise InputError(f"curve names no curve for {', '.join(missing)}. Give one for every channel.")
    chosen = [resolve_curve(curve[c] if isinstance(curve, Mapping) else curve) for c in table.channels]
    kernel = carryovers[carryover]
    periods = len(table.dates)
    length = 1 if kernel.name == "none" else max(2, min(LONGEST_CARRYOVER[table.every], periods // 3))
    trend_names, trend_part = trend_columns(trend, periods)
    season_names, season_part = season_columns(table.dates, table.every, season)
    control_part = _standardised(table.controls)
    names = ("level", *trend_names, *season_names, *table.control_names)
    nuisance = np.column_stack([np.ones(periods), trend_part, season_part, control_part])
    spend_unit, response_unit = table.spend.max(axis=0), float(np.std(table.response))
    basis = mix_basis(table.spend / spend_unit, nuisance, chosen, kernel, length)
    _enough_rows(periods, len(basis.places) + len(chosen) + basis.nuisance.shape[1])
    y = table.response / response_unit
    return Problem(basis, basis.project(y[None]), y, spend_unit, response_unit, nuisance, names)


def _standardised(controls: FloatArray) -> FloatArray:
    centred = controls - controls.mean(axis=0)
    spread = centred.std(axis=0)
    return centred / np.where(spread > 0, spread, 1.0)


def _enough_rows(rows: int, parameters: int) -> None:
    if rows <= parameters:
        raise InputError(
            f"The table has {rows} rows, but this model has {parameters} parameters. "
            "Use more periods, fewer channels or controls, season=0, or a curve with fewer parameters."
        )


def _present(table: SpendTable, current: int | Mapping[str, float] | None) -> FloatArray:
    if isinstance(current, Mapping):
        for name in current:
            known_name("channel", name, table.channels)
        mean = table.spend.mean(axis=0)
        return np.array(
            [
                number(f"current['{c}']", current.get(c, mean[i]), low=0.0)
                for i, c in enumerate(table.channels)
            ]
        )
    year = {"day": 365, "week": 52, "month": 12, "year": len(table.dates)}[table.every]
    last = int(number("current", year if current is None else current, low=1))
    return table.spend[-last:].mean(axis=0)


def _result(
    table: SpendTable, problem: Problem, found: Searched, profiled: Sequence[ProfiledFigure], again: FloatArray,
    carryover: str, level: float, seed: int, present: FloatArray,
) -> MixFit:  # fmt: skip
    basis, unit, places = problem.basis, problem.response_unit, len(found.theta)
    intervals = tuple(p.in_units(problem.spend_unit, table.channels, level) for p in profiled)
    names, covariance, dof = covariance_of(basis, table.channels, found, problem.spend_unit, unit)
    status, message = _status(basis, found, table.channels)
    evidence, effect_p = mix_evidence(table, basis, problem.target, found, intervals, dof)
    resamples = natural(basis, again[:, :places], again[:, places:], problem.spend_unit, unit)
    return MixFit(
        channels=table.channels,
        curve=basis.curve,
        draws=natural(basis, found.theta[None], found.amplitude[None], problem.spend_unit, unit),
        resamples=with_no_effect(basis.curve, resamples, present, effect_p),
        spend_range=np.column_stack([table.spend.min(axis=0), table.spend.max(axis=0)]),
        current=present,
        evidence=evidence,
        carryover=carryover,
        carryover_length=basis.spend.shape[-1],
        dates=table.dates,
        parameter_names=names,
        covariance=covariance,
        intervals=intervals,
        degrees_of_freedom=dof,
        status=status,
        message=message,
        starts=found.starts,
        agreeing_starts=found.agreeing,
        seed=seed,
        every=table.every,
        currency=table.currency,
        response_name=table.response_name,
        **_decomposition(table, problem, found),
    )


def _decomposition(table: SpendTable, problem: Problem, found: Searched) -> dict[str, Any]:
    """Return contributions, baseline and residual, which add up to the response, and what they are made of."""
    basis, theta, channels = problem.basis, found.theta[None], range(len(table.channels))
    contributions = (found.amplitude[:, None] * basis.columns(theta)[0]).T * problem.response_unit
    without = table.response - contributions.sum(axis=1)
    weight, *_ = np.linalg.lstsq(problem.nuisance, without, rcond=None)
    parts, part_names = _parts(problem, weight)
    baseline = parts.sum(axis=1)
    residual = without - baseline
    rss = float(residual @ residual)
    carried = np.stack([basis.carried(theta, c)[0] for c in channels], axis=1)
    return {
        "contributions": contributions,
        "baseline": baseline,
        "baseline_names": part_names,
        "baseline_parts": parts,
        "residual": residual,
        "carried": carried * problem.spend_unit,
        "carryover_parameters": np.array([[v[0] for v in basis.values(theta, c)[0]] for c in channels]),
        "rss": rss,
        "r_squared": 1.0 - rss / float(((table.response - table.response.mean()) ** 2).sum()),
    }


def _parts(problem: Problem, weight: FloatArray) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the baseline split by name (n × parts); columns of one name, such as the season's, are added up."""
    each = problem.nuisance * weight
    unique = tuple(dict.fromkeys(problem.names))
    return np.stack([each[:, [n == u for n in problem.names]].sum(axis=1) for u in unique], axis=1), unique


def natural(
    basis: MixBasis, theta: FloatArray, amplitude: FloatArray, spend_unit: FloatArray, response_unit: float
) -> FloatArray:
    """Return parameters in users' units (B × channels × parameters), ``top`` first; shorter channels end in NaN."""
    longest = max(len(c.names) for c in basis.curve)
    out = np.full((len(theta), len(basis.curve), longest), np.nan)
    for c, curve in enumerate(basis.curve):
        _, shape = basis.values(theta, c)
        out[:, c, 0] = amplitude[:, c] * response_unit
        for i, (p, value) in enumerate(zip(curve.parameters, shape, strict=True)):
            out[:, c, 1 + i] = value * spend_unit[c] ** p.spend_power
    return out


def _status(basis: MixBasis, found: Searched, channels: Sequence[str]) -> tuple[FitStatus, str]:
    low, high = basis.bounds
    if not found.converged:
        return "not converged", "The search stopped before it converged. Use more starts, or fewer channels."
    if not (found.amplitude > 0).any():
        return (
            "no response",
            "No channel's spend goes with more response. The report cannot recommend a plan.",
        )
    at = (found.theta <= low + 1e-9) | (found.theta >= high - 1e-9)
    at &= found.amplitude[basis.owner] > 0
    if at.any():
        edges = [
            (channels[c], p.parameter.name)
            for p, c, a in zip(basis.places, basis.owner, at, strict=True)
            if a
        ]
        what = ", ".join(f"the {name} of {channel}" for channel, name in edges)
        return "at bound", f"The search converged, but {what} lies at the edge of the range that is tried."
    return "converged", "Converged."
