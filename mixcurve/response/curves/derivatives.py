"""Exact derivatives of any unit curve, from its one formula, by dual numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mixcurve.foundations.dual import Dual, DualNamespace
from mixcurve.response.curves.base import Curve

__all__ = ["unit_full_gradient", "unit_gradient", "unit_marginal", "unit_second"]

_FIRST = DualNamespace()
_SECOND = DualNamespace(DualNamespace())
_SPEND = -1


def _filled(tangent: Any, like: Any) -> Any:
    return np.broadcast_to(tangent, np.shape(like)) if np.shape(tangent) != np.shape(like) else tangent


def unit_gradient(curve: Curve, x: Any, shape: Sequence[Any]) -> tuple[Any, list[Any]]:
    """Return the unit curve and its derivative by each free shape parameter, all of the broadcast shape."""
    with np.errstate(over="ignore", under="ignore"):
        if curve.gradient is not None:
            value, *derivatives = curve.gradient(x, *shape)
            return value, list(derivatives)
        value, tangents = _parts(curve.unit(x, _seeded(curve, shape), _FIRST))
        return value, [_filled(tangents.get(i, 0.0), value) for i in _free(curve)]


def unit_full_gradient(curve: Curve, x: Any, shape: Sequence[Any]) -> tuple[Any, Any, list[Any]]:
    """Return the unit curve, its derivative by spend, and by each free shape parameter.

    With a closed gradient the derivative by spend follows from the others: multiplying spend and every parameter by
    its power of the spend unit changes nothing, so ``x f_x = -Σ power θ f_θ`` (Euler). Spend must then be positive.
    """
    if curve.gradient is not None and all(p.free or not p.spend_power for p in curve.parameters):
        value, by_shape = unit_gradient(curve, x, shape)
        free = [(p, s) for p, s in zip(curve.parameters, shape, strict=True) if p.free]
        moved = sum(p.spend_power * s * d for (p, s), d in zip(free, by_shape, strict=True) if p.spend_power)
        return value, -moved / x, by_shape
    with np.errstate(over="ignore", under="ignore"):
        out = curve.unit(Dual(x, {_SPEND: 1.0}), _seeded(curve, shape), _FIRST)
        by_shape = [_filled(out.tangents.get(i, 0.0), out.value) for i in _free(curve)]
        return out.value, _filled(out.tangents.get(_SPEND, 0.0), out.value), by_shape


def _parts(out: Any) -> tuple[Any, dict[int, Any]]:
    """Return value and tangents; a formula that used no dual number has none."""
    return (out.value, out.tangents) if isinstance(out, Dual) else (out, {})


def _free(curve: Curve) -> list[int]:
    return [i for i, p in enumerate(curve.parameters) if p.free]


def _seeded(curve: Curve, shape: Sequence[Any]) -> list[Any]:
    return [
        Dual(s, {i: 1.0}) if p.free else s
        for i, (p, s) in enumerate(zip(curve.parameters, shape, strict=True))
    ]


def unit_marginal(curve: Curve, x: Any, shape: Sequence[Any]) -> tuple[Any, Any]:
    """Return the unit curve and its derivative by spend; at spend 0 the limit, or a large finite number."""
    with np.errstate(over="ignore", under="ignore"):
        out = curve.unit(Dual(x, {0: 1.0}), shape, _FIRST)
        return out.value, _filled(out.tangents.get(0, 0.0), out.value)


def unit_second(curve: Curve, x: Any, shape: Sequence[Any]) -> tuple[Any, Any, Any]:
    """Return the unit curve and its first and second derivatives by spend."""
    with np.errstate(over="ignore", under="ignore"):
        out = curve.unit(Dual(Dual(x, {0: 1.0}), {0: 1.0}), shape, _SECOND)
        value, first = out.value, out.tangents[0]
        if not isinstance(first, Dual):  # a formula that is linear in spend
            return value.value, _filled(first, value.value), np.zeros_like(value.value)
        return value.value, first.value, _filled(first.tangents.get(0, 0.0), value.value)
