"""`Atoms`: single curves with a weight, a share of the money and tiers of prices, of which functions are sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import PriceTiers
from mixcurve.response.curves import Curve
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.curves.derivatives import unit_marginal, unit_second

__all__ = ["Atoms"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

NEAR = 1e-7
"""Relative distance within which an inflection counts as inside an interval: that of a searched one is far smaller."""


@dataclass(frozen=True, eq=False)
class Atoms:
    """A atoms: ``scale × unit curve(v(share × amount))``; ``kind`` numbers the curves, ``tier`` the prices (-1: none).

    ``bend`` is the inflection in spend, ``steepest`` the unit curve's slope there (0 where it has no bend inside).
    """

    curves: tuple[Curve, ...]
    kind: IndexArray
    shape: FloatArray
    scale: FloatArray
    share: FloatArray
    bend: FloatArray
    steepest: FloatArray
    tiers: tuple[PriceTiers, ...]
    tier: IndexArray

    @staticmethod
    def built(
        curve: Sequence[Curve],
        parameters: FloatArray,
        weight: FloatArray,
        share: FloatArray,
        prices: Sequence[PriceTiers | None] | None = None,
    ) -> Atoms:
        """Return atoms of these curves with parameters (A × P), ``top`` first, and weights (A,)."""
        number = {c: k for k, c in enumerate(dict.fromkeys(curve))}
        kinds = tuple(number)
        kind = np.array([number[c] for c in curve], dtype=np.intp)
        bend, steepest = np.zeros(len(kind)), np.zeros(len(kind))
        for k, chosen in enumerate(kinds):
            mine = kind == k
            values = parameters[mine, : len(chosen.names)].copy()
            values[:, 0] = 1.0
            found = shape_of.inflection(chosen, values)
            inside = np.isfinite(found) & (found > 0)
            at = np.where(inside, found, 1.0)
            bend[mine] = found
            steepest[mine] = np.where(inside, unit_marginal(chosen, at, tuple(values[:, 1:].T))[1], 0.0)
        known = [t for t in dict.fromkeys(prices or []) if t is not None]
        tier = np.full(len(kind), -1, dtype=np.intp)
        if prices is not None:
            tier = np.array([-1 if t is None else known.index(t) for t in prices], dtype=np.intp)
        shape = np.ascontiguousarray(parameters[:, 1:].T)
        return Atoms(kinds, kind, shape, parameters[:, 0] * weight, share, bend, steepest, tuple(known), tier)

    def derivatives(self, atom: IndexArray, amount: FloatArray, order: int) -> FloatArray:
        """Return value, slope and second derivative, as far as ``order``, of each atom at each amount (both (m,))."""
        spend, rate = self._bought(atom, amount * self.share[atom])
        out = np.empty((order + 1, len(atom)))
        for chosen, mine in self._by_curve(atom):
            x, shape = spend[mine], self._shape(chosen, atom[mine])
            out[:, mine] = _unit(chosen, x, shape, order)
        factor = rate * self.share[atom]
        out *= self.scale[atom]
        for power in range(1, order + 1):
            out[power:] *= factor
        return out

    def tabulated(self, atom: IndexArray, node: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return values (m, G) at rising nodes (m, G), and the majorant slopes of the G - 1 intervals."""
        points = node.shape[1]
        flat = np.repeat(atom, points)
        money = (node * self.share[atom][:, None]).ravel()
        spend, after = self._bought(flat, money)
        value, slope = np.empty(len(flat)), np.empty(len(flat))
        for chosen, mine in self._by_curve(flat):
            value[mine], slope[mine] = _unit(chosen, spend[mine], self._shape(chosen, flat[mine]), 1)
        rows = [part.reshape(node.shape) for part in (spend, value, slope)]
        left, right = self._majorant(atom, *rows)
        if self.tiers:
            before = self._bought(flat, money, side="left")[1].reshape(node.shape)
            left, right = left * after.reshape(node.shape)[:, :-1], right * before[:, 1:]
        scale, moved = self.scale[atom][:, None], (self.scale * self.share)[atom][:, None]
        return scale * rows[1], moved * left, moved * right

    def _majorant(
        self, atom: IndexArray, spend: FloatArray, value: FloatArray, slope: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        width = spend[:, 1:] - spend[:, :-1]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            chord = np.where(width > 0, (value[:, 1:] - value[:, :-1]) / width, slope[:, :-1])
        bend = self.bend[atom][:, None]
        concave = bend <= spend[:, :-1] * (1.0 - NEAR)
        convex = bend >= spend[:, 1:] * (1.0 + NEAR)
        left = np.where(concave, slope[:, :-1], np.where(convex, chord, self.steepest[atom][:, None]))
        right = np.where(concave, slope[:, 1:], np.where(convex, chord, np.minimum(slope[:, 1:], chord)))
        return np.maximum(left, chord), np.minimum(right, chord)

    def _bought(
        self, atom: IndexArray, money: FloatArray, side: str = "right"
    ) -> tuple[FloatArray, FloatArray]:
        """Return the spend at today's prices that money buys, and what one more (or the last) unit of it buys."""
        rate = np.ones(len(money))
        if not self.tiers:
            return money, rate
        spend = money.copy()
        for number, tiers in enumerate(self.tiers):
            mine = self.tier[atom] == number
            spend[mine] = tiers.volume(money[mine])
            place = np.searchsorted(tiers.start, money[mine], side="right" if side == "right" else "left") - 1
            rate[mine] = 1.0 / tiers.price[np.maximum(place, 0)]
        return spend, rate

    def _by_curve(self, atom: IndexArray) -> list[tuple[Curve, slice | npt.NDArray[np.bool_]]]:
        if len(self.curves) == 1:
            return [(self.curves[0], slice(None))]
        kind = self.kind[atom]
        parts = [(c, kind == k) for k, c in enumerate(self.curves)]
        return [(c, mine) for c, mine in parts if mine.any()]

    def _shape(self, chosen: Curve, atom: IndexArray) -> tuple[FloatArray, ...]:
        return tuple(self.shape[j][atom] for j in range(len(chosen.names) - 1))


def _unit(chosen: Curve, x: FloatArray, shape: tuple[FloatArray, ...], order: int) -> FloatArray:
    if order == 0:
        with np.errstate(over="ignore", under="ignore"):
            return np.asarray(chosen.unit(x, shape))[None] + np.zeros((1, len(x)))
    found = unit_marginal(chosen, x, shape) if order == 1 else unit_second(chosen, x, shape)
    return np.stack([np.broadcast_to(part, x.shape) for part in found])
