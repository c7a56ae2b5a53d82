"""Priors of carryover and curve, from the ranges asked for; the declared typical ranges where nothing was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.numbers import Numbers
from mixcurve.foundations.parameters import Parameter
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import ParameterMap
from mixcurve.response.bayes.priors.asked import Asked
from mixcurve.response.bayes.priors.resolved import parameter_map, range_map
from mixcurve.response.bayes.priors.turned import decay_of_half_life, half_life_reach, spend_ratio, steady
from mixcurve.response.bayes.priors.units import spend_units
from mixcurve.response.carryover import Carryover
from mixcurve.response.curves import Curve

__all__ = ["FAR_SPEND", "ShapePrior", "shape_priors"]

FloatArray = npt.NDArray[np.float64]

FAR_SPEND = 50.0
"""A half-saturation or inflection that lies, with its whole range, this many times above or below the largest spend is
in another unit: the curve would be a straight line, or all saturated, over everything that was ever spent."""
PROBED = (0.1, 0.9)
"""Quantiles of the other parameters at which a turn into a parameter is tried."""
ROUNDING = 1e-9
"""A half-life this close to the end of what a kernel can have lies at it."""


@dataclass(frozen=True, eq=False)
class ShapePrior:
    """The prior of one parameter of one channel, and in words what it is and where it comes from."""

    map: ParameterMap
    words: str


def shape_priors(problem: BayesProblem, c: int, asked: Mapping[str, Asked]) -> dict[str, ShapePrior]:
    """Return the prior of each free parameter of a channel's kernel and curve.

    A range of a parameter itself is taken first, for half-life, half-saturation and inflection are turned at the middle
    of the other parameters.
    """
    kernel, curve = problem.options.kernel[c], problem.options.curve[c]
    parameters = [p for p in (*kernel.parameters, *curve.parameters) if p.free]
    _apart(problem.channels[c], kernel, curve)
    out: dict[str, ShapePrior] = {}
    for p in parameters:
        said = asked.get(p.name)
        if said is None or said.word == p.name:
            out[p.name] = _own(problem, c, p, said)
    for p in parameters:
        said = asked.get(p.name)
        if p.name in out or said is None:
            continue
        turned = _from_half_life if said.word == "half_life" else _from_spend
        out[p.name] = turned(problem, c, p, said, out)
    return out


def _apart(channel: str, kernel: Carryover, curve: Curve) -> None:
    """Refuse a kernel and a curve with a parameter of one name: they would share its prior and its coordinate."""
    both = {p.name for p in kernel.parameters if p.free} & {p.name for p in curve.parameters if p.free}
    if both:
        raise InputError(
            f"The carryover '{kernel.name}' and the curve '{curve.name}' of '{channel}' both have a parameter "
            f"'{min(both)}', which cannot be told apart in sampling. Choose another carryover or another curve."
        )


def _own(problem: BayesProblem, c: int, p: Parameter, said: Asked | None) -> ShapePrior:
    unit = spend_units(problem)[c] ** p.spend_power
    if said is None:
        span = _span(problem, p.typical.low * unit, p.typical.high * unit, p.spend_power)
        return ShapePrior(parameter_map(p), f"{p.name} {span}, where it lies in most campaigns")
    low, high = p.domain.low * unit, p.domain.high * unit
    if said.low < low * (1 - ROUNDING) or said.high > high * (1 + ROUNDING):
        where = f" ({p.domain.low:g} to {p.domain.high:g} for a largest spend of 1)" * bool(p.spend_power)
        raise said.refused(
            f"{p.name} must lie within [{low:.4g}, {high:.4g}]{where}. Give a range inside that"
            + (f", in spend a {problem.mix.table.every}." if p.spend_power else ".")
        )
    span = _span(problem, said.low, said.high, p.spend_power)
    return ShapePrior(range_map(p, said.low / unit, said.high / unit), f"{p.name} {span}, as asked")


def _span(problem: BayesProblem, low: float, high: float, spend_power: float) -> str:
    """Return a range in words, one of spend with its currency and period."""
    if spend_power != 1.0:
        return f"{low:.3g} to {high:.3g}"
    table = problem.mix.table
    numbers = Numbers("en-GB", table.currency)
    return f"{numbers.money(low, 3)} to {numbers.money(high, 3)} a {table.every}"


def _middles(priors: Mapping[str, ShapePrior], share: float = 0.5) -> dict[str, float]:
    return {name: float(prior.map.quantile(share)[0]) for name, prior in priors.items()}


def _from_half_life(
    problem: BayesProblem, c: int, p: Parameter, said: Asked, others: Mapping[str, ShapePrior]
) -> ShapePrior:
    kernel, every = problem.options.kernel[c], problem.mix.table.every
    length = problem.mix.basis.lags.shape[1]
    fixed = {q.name: v for q in kernel.parameters if (v := _middles(others).get(q.name)) is not None}
    reach = half_life_reach(kernel, p.name, fixed, length)
    if reach is None:
        raise said.refused(
            f"with the carryover '{kernel.name}' the half-life does not rise with {p.name}. "
            f"Give a range of {p.name} itself."
        )
    if said.high > reach[1] + ROUNDING:
        raise said.refused(
            f"the carryover '{kernel.name}' over the {length} {every}s kept has a half-life of at most "
            f"{reach[1]:.3g} {every}s{_at(fixed)}. Give a shorter one."
        )
    if said.low < reach[0] - ROUNDING:
        raise said.refused(
            f"the shortest half-life that '{kernel.name}' can have is {reach[0]:.3g} {every}s{_at(fixed)}"
            f"{' (all of the effect in the ' + every + ' of the spend)' * (abs(reach[0] - 0.5) < ROUNDING)}. "
            f"Start there: half_life=({reach[0]:.3g}, {max(said.high, 2 * reach[0]):g})."
        )
    low, high = (decay_of_half_life(kernel, p.name, h, fixed, length) for h in (said.low, said.high))
    if high - low < ROUNDING * high:
        raise said.refused(f"'{kernel.name}' cannot tell its two ends apart. Give a wider range.")
    words = f"half-life {said.low:g} to {said.high:g} {every}s, as asked: {p.name} {low:.3g} to {high:.3g}"
    return ShapePrior(range_map(p, low, high), words + _at(fixed))


def _from_spend(
    problem: BayesProblem, c: int, p: Parameter, said: Asked, others: Mapping[str, ShapePrior]
) -> ShapePrior:
    curve, unit, every = problem.options.curve[c], spend_units(problem)[c], problem.mix.table.every
    figure = said.word.replace("_", "-")
    if said.low > FAR_SPEND * unit or said.high < unit / FAR_SPEND:
        side = "above" if said.low > unit else "below"
        raise said.refused(
            f"the largest spend of a {every} is {unit:.6g}: all of that range lies more than "
            f"{FAR_SPEND:g} times {side} it. "
            f"Did you mean another unit of money? {figure.capitalize()} is in the table's money a {every}."
        )
    rest = [q.name for q in curve.parameters if q.free and q.name != p.name]
    fixed = {name: _middles(others)[name] for name in rest}
    ratio = spend_ratio(curve, said.word, fixed)
    if not 0.0 < ratio < np.inf:
        raise said.refused(
            f"the curve '{curve.name}' has none{_at(fixed)}. "
            "Give ranges of its parameters with which it has one, or leave it out."
        )
    corners = [dict(zip(rest, values, strict=True)) for values in product(*_corner(others, rest))]
    exact = steady(curve, said.word, corners)
    low, high = sorted((end / unit / ratio) ** p.spend_power for end in (said.low, said.high))
    ends = (low * unit**p.spend_power, high * unit**p.spend_power)
    if not (p.domain.contains(low) and p.domain.contains(high)):
        raise said.refused(
            f"{p.name} would be {_span(problem, *ends, p.spend_power)}, outside the range of '{curve.name}'. "
            "Give a narrower range."
        )
    words = f"{figure} {_span(problem, said.low, said.high, 1.0)}, as asked"
    turned = f": {p.name} {_span(problem, *ends, p.spend_power)}" * (not exact or abs(ratio - 1.0) > ROUNDING)
    return ShapePrior(range_map(p, low, high), words + turned + ("" if exact else _at(fixed)))


def _corner(others: Mapping[str, ShapePrior], names: list[str]) -> list[tuple[float, ...]]:
    return [tuple(_middles(others, share)[name] for share in PROBED) for name in names]


def _at(fixed: Mapping[str, float]) -> str:
    if not fixed:
        return ""
    return " where " + " and ".join(f"{name} is {value:.3g}" for name, value in fixed.items())
