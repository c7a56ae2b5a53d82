"""A media mix as columns for the engine: each channel's curve with its carryover, the linear rest projected out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.parameters import Parameter
from mixcurve.response.carryover import Carryover, lagged, steady_spend, weight_gradient, weights
from mixcurve.response.curves import Curve
from mixcurve.response.curves.derivatives import unit_full_gradient
from mixcurve.response.fit.mix.linear import LinearPart
from mixcurve.response.fit.mix.threads import THREADS, side_by_side

__all__ = ["ORDERS", "MixBasis", "Place", "mix_basis"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

ORDERS = ("carryover first", "saturation first")
"""The curve of carried spend (Jin et al. 2017), or the carryover of each period's response (Hanssens et al. 2001)."""
WIDENED = 2.0
"""A mix searches each parameter over its typical range widened by this factor each way: one series cannot tell more."""
SHARED = 32
"""Fits from which it pays to share their evaluation between threads."""
LEAST_CARRIED = 1e-12
"""Scaled spend below which there is none: a slope below 1 would otherwise have a derivative near infinity there."""


@dataclass(frozen=True)
class Place:
    """Where a searched parameter belongs: its channel (index), its declaration, and its place among the shape's."""

    channel: int
    parameter: Parameter
    carryover: bool


@dataclass(frozen=True, eq=False)
class Family:
    """Channels (m,) that share curve and kernel, evaluated together; ``lags`` and ``shape`` (p × m) place their θ."""

    curve: Curve
    kernel: Carryover
    channels: IntArray
    lags: IntArray
    shape: IntArray

    def values(self, theta: FloatArray) -> tuple[list[FloatArray], list[FloatArray]]:
        """Return the free carryover parameters and all shape parameters of θ (B × k), each (m × B)."""
        free_lags = [p for p in self.kernel.parameters if p.free]
        carry = [p.from_real(theta[:, j].T) for p, j in zip(free_lags, self.lags, strict=True)]
        free = iter(self.shape)
        size = (len(self.channels), len(theta))
        shape = [
            np.full(size, p.fixed) if p.fixed is not None else p.from_real(theta[:, next(free)].T)
            for p in self.curve.parameters
        ]
        return carry, shape


@dataclass(frozen=True, eq=False)
class MixBasis:
    """One column per channel, then one per signed control.

    Parameters
    ----------
    curve, kernel
        The curve and the carryover of each channel.
    lags
        Scaled spend at lags 0 … L - 1: (channels × L × n).
    linear
        Baseline, trend, season and free controls, which are projected out, and the noise's whitening.
    signed
        Columns (s × n) whose coefficient is at least 0: controls of known sign.
    places
        What each searched parameter is, channel by channel.
    order
        One of `ORDERS`.
    """

    curve: tuple[Curve, ...]
    kernel: tuple[Carryover, ...]
    lags: FloatArray
    linear: LinearPart
    signed: FloatArray
    places: tuple[Place, ...]
    order: str = ORDERS[0]

    @cached_property
    def owner(self) -> IntArray:
        """The channel of each searched parameter."""
        return np.array([p.channel for p in self.places], dtype=np.intp)

    @cached_property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds of the searched parameters, on the real line."""
        ranges = np.array([search_range(p.parameter) for p in self.places]).reshape(-1, 2)
        return ranges[:, 0], ranges[:, 1]

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """The channels by curve and kernel."""
        kinds = list(dict.fromkeys(zip(self.curve, self.kernel, strict=True)))
        return tuple(self._family(curve, kernel) for curve, kernel in kinds)

    def _family(self, curve: Curve, kernel: Carryover) -> Family:
        pairs = list(zip(self.curve, self.kernel, strict=True))
        members = [c for c, pair in enumerate(pairs) if pair == (curve, kernel)]
        places = [self.of_channel(c) for c in members]
        first = sum(p.free for p in kernel.parameters)
        table = np.array(places, dtype=np.intp).reshape(len(members), -1).T
        return Family(curve, kernel, np.array(members, dtype=np.intp), table[:first], table[first:])

    @cached_property
    def fixed(self) -> FloatArray:
        """The signed columns, projected (s × n)."""
        return self.project(self.signed)

    def of_channel(self, channel: int) -> IntArray:
        """Return the positions of a channel's searched parameters."""
        return np.flatnonzero(self.owner == channel)

    def values(self, theta: FloatArray, channel: int) -> tuple[list[FloatArray], list[FloatArray]]:
        """Return the carryover parameters and all shape parameters of a channel, each of shape (B,)."""
        family = next(f for f in self.families if channel in f.channels)
        row = int(np.flatnonzero(family.channels == channel)[0])
        carry, shape = family.values(theta)
        return [v[row] for v in carry], [v[row] for v in shape]

    def carried(self, theta: FloatArray, channel: int) -> FloatArray:
        """Return the scaled spend of a channel after carryover, (B × n)."""
        carry, _ = self.values(theta, channel)
        length = self.lags.shape[1]
        return (
            np.broadcast_to(weights(self.kernel[channel], carry, length), (len(theta), length))
            @ self.lags[channel]
        )

    def columns(self, theta: FloatArray) -> FloatArray:
        """Return the unit curve of every channel at its carried spend, (B × channels × n), nothing projected out."""
        out = np.empty((len(theta), len(self.curve), self.lags.shape[-1]))
        for family in self.families:
            carry, shape = family.values(theta)
            weight = self._weights(family, weights(family.kernel, carry, self.lags.shape[1]), len(theta))
            with np.errstate(over="ignore", under="ignore"):
                wide = [s[..., None] for s in shape]
                if self.order == ORDERS[0]:
                    x = weight @ self.lags[family.channels]
                    value = family.curve.unit(np.where(x < LEAST_CARRIED, 0.0, x), wide)
                else:
                    value = self._spread(family.curve.unit(self.lags[family.channels, :1], wide), weight)
            out[:, family.channels] = value.transpose(1, 0, 2)
        return out

    @staticmethod
    def _weights(family: Family, values: FloatArray, count: int) -> FloatArray:
        return np.broadcast_to(values, (len(family.channels), count, values.shape[-1]))

    def _spread(self, values: FloatArray, weight: FloatArray) -> FloatArray:
        """Return Σ_l weight_l values_(t - l) within each block of rows, (m × B × n)."""
        length = weight.shape[-1]
        backwards = weight[..., ::-1]
        out = np.empty((*weight.shape[:-1], values.shape[-1]))
        for block in self.linear.blocks:
            padded = np.zeros((*values.shape[:-1], length - 1 + block.stop - block.start))
            padded[..., length - 1 :] = values[..., block]
            windows = np.lib.stride_tricks.sliding_window_view(padded, length, axis=-1)
            out[..., block] = np.einsum("mbtl,mbl->mbt", windows, backwards)
        return out

    def project(self, values: FloatArray) -> FloatArray:
        """Return the values (… × n), whitened, without their part along baseline, trend, season and controls."""
        return self.linear.project(values)

    def raw(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return columns (B × C × n) and real-line derivatives (B × k × n), nothing projected out."""
        channels = len(self.curve)
        out = np.empty((len(theta), channels + len(self.places), self.lags.shape[-1]))
        for family in self.families:
            value, slopes = self._gradient(family, theta)
            out[:, family.channels] = value.transpose(1, 0, 2)
            for places, slope in zip((*family.lags, *family.shape), slopes, strict=True):
                out[:, channels + places] = slope.transpose(1, 0, 2)
        return out[:, :channels], out[:, channels:]

    def _gradient(self, family: Family, theta: FloatArray) -> tuple[FloatArray, list[FloatArray]]:
        """Return the columns of a family and their derivatives by each free parameter, each (m × B × n)."""
        carry, shape = family.values(theta)
        share, share_slopes = weight_gradient(family.kernel, carry, self.lags.shape[1])
        weight = self._weights(family, share, len(theta))
        wide = [s[..., None] for s in shape]
        if self.order == ORDERS[0]:
            lags = self.lags[family.channels]
            value, by_spend, by_shape = _full_gradient(family.curve, weight @ lags, wide)
            by_lags = [by_spend * (w @ lags) for w in share_slopes]
        else:
            unit, _, by_unit = _full_gradient(family.curve, self.lags[family.channels, :1], wide)
            value = self._spread(unit, weight)
            by_lags = [self._spread(unit, w) for w in share_slopes]
            by_shape = [self._spread(d, weight) for d in by_unit]
        free = [(p, s) for p, s in zip(family.curve.parameters, shape, strict=True) if p.free]
        lag_parameters = zip([p for p in family.kernel.parameters if p.free], carry, strict=True)
        rates = [v[..., None] if p.scale == "log" else 1.0 for p, v in (*lag_parameters, *free)]
        return value, [d * r for d, r in zip((*by_lags, *by_shape), rates, strict=True)]

    def __call__(self, theta: FloatArray, which: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return projected columns and derivatives for the engine; every row is the same problem."""
        if len(theta) < SHARED:
            return self._evaluated(theta)
        columns, derivatives = zip(
            *side_by_side(self._evaluated, np.array_split(theta, THREADS)), strict=True
        )
        return np.concatenate(columns), np.concatenate(derivatives)

    def _evaluated(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        columns, derivatives = self.raw(theta)
        columns, derivatives = self.project(columns), self.project(derivatives)
        if len(self.signed):
            wide = np.broadcast_to(self.fixed, (len(theta), *self.fixed.shape))
            columns = np.concatenate([columns, wide], axis=1)
        return columns, derivatives

    def projected(self, theta: FloatArray) -> FloatArray:
        """Return the projected columns of channels and signed controls, (B × (C + s) × n), without derivatives."""
        wide = np.broadcast_to(self.fixed, (len(theta), *self.fixed.shape))
        return np.concatenate([self.project(self.columns(theta)), wide], axis=1)

    def with_linear(self, linear: LinearPart) -> MixBasis:
        """Return the same problem with another linear part."""
        return replace(self, linear=linear)


def _full_gradient(
    curve: Curve, x: FloatArray, shape: Sequence[FloatArray]
) -> tuple[FloatArray, FloatArray, list[FloatArray]]:
    """Return the unit curve and its derivatives; all of them 0 where there is no spend."""
    value, by_spend, by_shape = unit_full_gradient(curve, np.maximum(x, LEAST_CARRIED), shape)
    idle = np.broadcast_to(x < LEAST_CARRIED, value.shape)
    if not idle.any():
        return value, by_spend, by_shape
    return (
        np.where(idle, 0.0, value), np.where(idle, 0.0, by_spend), [np.where(idle, 0.0, d) for d in by_shape],
    )  # fmt: skip


def search_range(parameter: Parameter) -> tuple[float, float]:
    """Return the range in which a mix searches a parameter, on the real line."""
    low, high = parameter.typical.low, parameter.typical.high
    if parameter.scale == "log":
        low, high = low / WIDENED, high * WIDENED
    else:
        low, high = parameter.domain.low, parameter.domain.high
    inside = parameter.domain.clip(np.array([low, high]))
    return float(parameter.to_real(inside[0])), float(parameter.to_real(inside[1]))


def mix_basis(
    spend: FloatArray,
    linear: LinearPart,
    curve: Sequence[Curve],
    kernel: Sequence[Carryover],
    length: int,
    *,
    signed: FloatArray | None = None,
    order: str = ORDERS[0],
    steady: bool = False,
) -> MixBasis:
    """Return the basis for scaled spend (n × channels), each block of rows with carryover of its own.

    ``steady`` says that each channel ran before the first row as in the first ones (`steady_spend`).
    """
    places = tuple(
        Place(c, p, from_kernel)
        for c, (one, carry) in enumerate(zip(curve, kernel, strict=True))
        for from_kernel, group in ((True, carry.parameters), (False, one.parameters))
        for p in group
        if p.free
    )
    blocks = [spend[b] for b in linear.blocks]
    before = [steady_spend(s, length) if steady else 0.0 for s in blocks]
    lags = np.concatenate([lagged(s, length, e) for s, e in zip(blocks, before, strict=True)])
    columns = np.empty((0, len(spend))) if signed is None else signed
    return MixBasis(
        tuple(curve),
        tuple(kernel),
        np.ascontiguousarray(lags.transpose(1, 2, 0)),
        linear,
        columns,
        places,
        order,
    )
