"""Exact derivatives of any unit curve, from its one formula, by dual numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mixcurve.foundations.dual import Dual, DualNamespace
from mixcurve.response.curves.base import Curve

__all__ = ["unit_gradient", "unit_marginal", "unit_second"]

_FIRST = DualNamespace()
_SECOND = DualNamespace(DualNamespace())


def _filled(tangent: Any, like: Any) -> Any:
    return np.broadcast_to(tangent, np.shape(like)) if np.shape(tangent) != np.shape(like) else tangent


def unit_gradient(curve: Curve, x: Any, shape: Sequence[Any]) -> tuple[Any, list[Any]]:
    """Return the unit curve and its derivative by each shape parameter, all of the broadcast shape.

    A fixed parameter has the derivative None, since no fit moves it.
    """
    free = [i for i, p in enumerate(curve.parameters) if p.free]
    with np.errstate(over="ignore", under="ignore"):
        if curve.gradient is not None:
            value, *derivatives = curve.gradient(x, *shape)
            return value, list(derivatives)
        duals = [Dual(s, {i: 1.0}) if i in free else s for i, s in enumerate(shape)]
        out = curve.unit(x, duals, _FIRST)
        if not isinstance(out, Dual):
            return out, [np.zeros_like(out) if i in free else None for i in range(len(shape))]
        return out.value, [
            _filled(out.tangents.get(i, 0.0), out.value) if i in free else None for i in range(len(shape))
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
