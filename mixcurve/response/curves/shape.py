"""What follows from any curve: response, marginal response, inflection, saturation, elasticity, inverse, tangent.

Every function takes a curve (or its name), then spend where one is needed, then the parameters: a mapping by name, or
an array whose last axis holds ``top`` and the shape parameters in order. Everything broadcasts, so one call serves ten
thousand campaigns or all draws of a posterior.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.arrays import SMALLEST
from mixcurve.foundations.checks import number, spend_array
from mixcurve.response.curves.base import Curve, resolve_curve
from mixcurve.response.curves.derivatives import unit_marginal, unit_second

__all__ = [
    "elasticity",
    "half_saturation",
    "inflection",
    "inverse",
    "marginal",
    "marginal_inverse",
    "response",
    "saturation",
    "spend_scale",
    "tangent",
]

Parameters = Mapping[str, Any] | npt.ArrayLike
FloatArray = npt.NDArray[np.float64]

SEARCH_DECADES = 12.0
"""How far below and above the curve's own spend scale a root is looked for, in powers of ten."""
BISECTIONS = 90
"""Halvings of the log-spend bracket: 24 decades over 2^90 is far below the spacing of float64."""


def _prepared(curve: str | Curve, parameters: Parameters) -> tuple[Curve, Any, list[Any]]:
    chosen = resolve_curve(curve)
    top, *shape = chosen.arrays(parameters)
    return chosen, top, shape


def response(curve: str | Curve, spend: npt.ArrayLike, parameters: Parameters) -> FloatArray:
    """Return ``top × unit(spend)``, in the unit of the response.

    Examples
    --------
    >>> float(response("hill", 40_000.0, {"top": 900.0, "half": 40_000.0, "slope": 2.2}))
    450.0
    """
    chosen, top, shape = _prepared(curve, parameters)
    x = spend_array("spend", spend)
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(top * chosen.unit(x, shape))


def marginal(curve: str | Curve, spend: npt.ArrayLike, parameters: Parameters) -> FloatArray:
    """Return the marginal response: the derivative of response by spend, response per unit of spend.

    At spend 0 it is the limit from above, held finite where that limit is infinite.

    Examples
    --------
    >>> float(marginal("michaelis_menten", 0.0, {"top": 2.0, "half": 4.0}))
    0.5
    """
    chosen, top, shape = _prepared(curve, parameters)
    return np.asarray(top * unit_marginal(chosen, spend_array("spend", spend), shape)[1])


def spend_scale(curve: Curve, shape: Sequence[Any]) -> FloatArray:
    """Return a spend typical of the curve: its first shape parameter with a unit of spend, brought to spend^1."""
    for parameter, value in zip(curve.parameters, shape, strict=True):
        if parameter.spend_power:
            scale = np.abs(np.asarray(value, dtype=np.float64)) ** (1.0 / parameter.spend_power)
            return np.maximum(scale, SMALLEST) + np.zeros(np.broadcast_shapes(*(np.shape(s) for s in shape)))
    return np.ones(np.broadcast_shapes(*(np.shape(s) for s in shape)))


def _root(rises: Callable[[FloatArray], FloatArray], low: FloatArray, high: FloatArray) -> FloatArray:
    """Return where ``rises(log spend)`` turns from negative to positive, by bisection on log spend, elementwise."""
    a, b = np.array(low), np.array(high)
    for _ in range(BISECTIONS):
        middle = 0.5 * (a + b)
        below = rises(middle) < 0
        a, b = np.where(below, middle, a), np.where(below, b, middle)
        if np.all(b - a <= 4e-16 * np.maximum(np.abs(a), 1.0)):
            break
    return 0.5 * (a + b)


def inflection(curve: str | Curve, parameters: Parameters) -> FloatArray:
    """Return the spend at which marginal response is largest; 0 for a curve that is concave from the start.

    Uses the curve's closed form if it declares one, else the root of the second derivative.

    Examples
    --------
    >>> round(float(inflection("hill", {"half": 3.0, "slope": 2.0})), 6)
    1.732051
    """
    chosen, top, shape = _prepared(curve, parameters)
    size = np.broadcast_shapes(np.shape(top), *(np.shape(s) for s in shape))
    if chosen.form == "concave":
        return np.zeros(size)
    if chosen.inflection is not None:
        return np.broadcast_to(np.asarray(chosen.inflection(*shape), dtype=np.float64), size).copy()
    return np.broadcast_to(_searched_inflection(chosen, shape), size).copy()


def _searched_inflection(curve: Curve, shape: Sequence[Any]) -> FloatArray:
    scale = np.log(spend_scale(curve, shape))
    grid = scale[..., None] + np.linspace(-7.0, 7.0, 141)
    wide = [np.asarray(s, dtype=np.float64)[..., None] for s in shape]
    slopes = unit_marginal(curve, np.exp(grid), wide)[1]
    best = np.argmax(slopes, axis=-1)
    start = np.take_along_axis(grid, best[..., None], -1)[..., 0]
    step = 14.0 / 140
    found = _root(lambda z: -unit_second(curve, np.exp(z), shape)[2], start - step, start + step)
    return np.where(best == 0, 0.0, np.where(best == grid.shape[-1] - 1, np.inf, np.exp(found)))


def inverse(curve: str | Curve, level: npt.ArrayLike, parameters: Parameters) -> FloatArray:
    """Return the spend at which the response reaches ``level``: 0 for level 0, infinity for what is never reached.

    Examples
    --------
    >>> round(float(inverse("hill", 450.0, {"top": 900.0, "half": 40_000.0, "slope": 2.2})), 6)
    40000.0
    """
    chosen, top, shape = _prepared(curve, parameters)
    share, top, *shape = np.broadcast_arrays(np.asarray(level, dtype=np.float64), top, *shape)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        share = share / top
        centre = np.log(spend_scale(chosen, shape))
        reach = SEARCH_DECADES * np.log(10.0) * (1.0 if chosen.ceiling else 5.0)
        high = centre + reach
        found = np.exp(_root(lambda z: chosen.unit(np.exp(z), shape) - share, centre - reach, high))
        never = chosen.unit(np.exp(high), shape) < share
    if chosen.ceiling:
        never |= share >= 1.0
    return np.where(share <= 0, 0.0, np.where(never, np.inf, found))


def half_saturation(curve: str | Curve, parameters: Parameters) -> FloatArray:
    """Return the spend at which response is half of its ceiling; infinite for a curve without a ceiling.

    Examples
    --------
    >>> round(float(half_saturation("weibull", {"half": 7.0, "slope": 3.0})), 9)
    7.0
    """
    return saturation(curve, parameters, share=0.5)


def saturation(curve: str | Curve, parameters: Parameters, *, share: float = 0.9) -> FloatArray:
    """Return the spend at which response reaches ``share`` of its ceiling; infinite for a curve without a ceiling.

    Examples
    --------
    >>> round(float(saturation("michaelis_menten", {"half": 1.0})), 9)
    9.0
    """
    chosen = resolve_curve(curve)
    top, *shape = chosen.arrays(parameters)
    number("share", share, low=0.0, high=1.0)
    size = np.broadcast_shapes(np.shape(top), *(np.shape(s) for s in shape))
    if not chosen.ceiling:
        return np.full(size, np.inf)
    values = dict(zip(chosen.names, (np.ones(size), *shape), strict=True))
    return inverse(chosen, share, values)


def elasticity(curve: str | Curve, spend: npt.ArrayLike, parameters: Parameters) -> FloatArray:
    """Return ``spend × marginal / response``: the percent of response that one percent of spend moves.

    At spend 0 it is the limit, taken at a billionth of the curve's own spend scale.

    Examples
    --------
    >>> round(float(elasticity("power", 5.0, {"exponent": 0.4})), 12)
    0.4
    """
    chosen, _, shape = _prepared(curve, parameters)
    x = np.maximum(spend_array("spend", spend), 1e-9 * spend_scale(chosen, shape))
    value, slope = unit_marginal(chosen, x, shape)
    return np.asarray(x * slope / np.maximum(value, np.finfo(np.float64).tiny))


def marginal_inverse(curve: str | Curve, level: npt.ArrayLike, parameters: Parameters) -> FloatArray:
    """Return the largest spend at which marginal response is still ``level``, on the concave branch.

    Where even the steepest point is below ``level`` it is the inflection (0 for a concave curve).
    """
    chosen, top, shape = _prepared(curve, parameters)
    rate, top, *shape = np.broadcast_arrays(np.asarray(level, dtype=np.float64), top, *shape)
    bend = inflection(chosen, np.stack([top, *shape], axis=-1))
    centre = np.log(np.maximum(bend, spend_scale(chosen, shape)))
    low = np.where(bend > 0, np.log(np.maximum(bend, SMALLEST)), centre - SEARCH_DECADES * np.log(10.0))
    high = centre + SEARCH_DECADES * np.log(10.0)
    with np.errstate(over="ignore", under="ignore"):
        found = np.exp(_root(lambda z: rate - top * unit_marginal(chosen, np.exp(z), shape)[1], low, high))
        steepest = top * unit_marginal(chosen, np.exp(low), shape)[1]
    return np.where(rate >= steepest, bend, np.where(rate <= 0, np.inf, found))


def tangent(curve: str | Curve, lower: npt.ArrayLike, parameters: Parameters) -> FloatArray:
    """Return where the tangent through ``(lower, f(lower))`` touches the curve from above.

    The concave envelope from ``lower`` is that straight line up to this point, then the curve. At or beyond the
    inflection it is ``lower`` itself. For Hill from 0 it is ``half (slope - 1)^(1 / slope)`` (Udell and Boyd 2013).

    Examples
    --------
    >>> round(float(tangent("hill", 0.0, {"half": 3.0, "slope": 2.0})), 9)
    3.0
    """
    chosen, top, shape = _prepared(curve, parameters)
    start, top, *shape = np.broadcast_arrays(spend_array("lower", lower), top, *shape)
    bend = inflection(chosen, np.stack([top, *shape], axis=-1))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        base = chosen.unit(start, shape)

        def falls_short(z: FloatArray) -> FloatArray:
            value, slope = unit_marginal(chosen, np.exp(z), shape)
            return (value - base) - slope * (np.exp(z) - start)

        low = np.log(np.maximum(np.maximum(bend, start), SMALLEST))
        centre = np.maximum(low, np.log(spend_scale(chosen, shape)))
        found = np.exp(_root(falls_short, low, centre + SEARCH_DECADES * np.log(10.0)))
    return np.where(start >= bend, start, found)
