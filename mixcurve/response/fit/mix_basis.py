"""A media mix as columns for the engine: each channel's unit curve of its carried spend, baseline projected out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.parameters import Parameter
from mixcurve.response.carryover import Carryover, lagged, weight_gradient, weights
from mixcurve.response.curves import Curve
from mixcurve.response.curves.derivatives import unit_full_gradient

__all__ = ["MixBasis", "Place", "mix_basis", "season_columns", "trend_columns"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

WIDENED = 2.0
"""A mix searches each parameter over its typical range widened by this factor each way: one series cannot tell more."""
LEAST_CARRIED = 1e-12
"""Scaled spend below which the derivative of a curve with slope below 1 is not followed towards infinity."""


@dataclass(frozen=True)
class Place:
    """Where a searched parameter belongs: its channel (index), its declaration, and its place among the shape's."""

    channel: int
    parameter: Parameter
    carryover: bool


@dataclass(frozen=True, eq=False)
class MixBasis:
    """One column per channel.

    Parameters
    ----------
    curve
        The curve of each channel.
    kernel
        The carryover that all channels share in kind.
    spend
        Scaled spend at lags 0 … L - 1: (channels × n × L).
    nuisance
        Orthonormal columns of baseline, trend, season and controls (n × z), projected out.
    places
        What each searched parameter is, channel by channel.
    """

    curve: tuple[Curve, ...]
    kernel: Carryover
    spend: FloatArray
    nuisance: FloatArray
    places: tuple[Place, ...]

    @property
    def owner(self) -> IntArray:
        """The channel of each searched parameter."""
        return np.array([p.channel for p in self.places], dtype=np.intp)

    @property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds of the searched parameters, on the real line."""
        low, high = zip(*(_search_range(p.parameter) for p in self.places), strict=True)
        return np.array(low), np.array(high)

    def of_channel(self, channel: int) -> IntArray:
        """Return the positions of a channel's searched parameters."""
        return np.array([j for j, p in enumerate(self.places) if p.channel == channel], dtype=np.intp)

    def values(self, theta: FloatArray, channel: int) -> tuple[list[FloatArray], list[FloatArray]]:
        """Return the carryover parameters and all shape parameters of a channel, each of shape (B,)."""
        mine = [(p, theta[..., j]) for j, p in enumerate(self.places) if p.channel == channel]
        carry = [p.parameter.from_real(v) for p, v in mine if p.carryover]
        free = iter([p.parameter.from_real(v) for p, v in mine if not p.carryover])
        size = theta.shape[:-1]
        shape = [
            np.full(size, p.fixed) if p.fixed is not None else next(free)
            for p in self.curve[channel].parameters
        ]
        return carry, shape

    def carried(self, theta: FloatArray, channel: int) -> FloatArray:
        """Return the scaled spend of a channel after carryover, (B × n)."""
        carry, _ = self.values(theta, channel)
        weight = np.broadcast_to(
            weights(self.kernel, carry, self.spend.shape[-1]), (len(theta), self.spend.shape[-1])
        )
        return (self.spend[channel] @ weight.T).T

    def columns(self, theta: FloatArray) -> FloatArray:
        """Return the unit curve of every channel at its carried spend, (B × channels × n), nothing projected out."""
        out = []
        for c, curve in enumerate(self.curve):
            _, shape = self.values(theta, c)
            with np.errstate(over="ignore", under="ignore"):
                out.append(curve.unit(self.carried(theta, c), [s[:, None] for s in shape]))
        return np.stack(out, axis=1)

    def project(self, values: FloatArray) -> FloatArray:
        """Return the values (… × n) without their part along baseline, trend, season and controls."""
        return values - (values @ self.nuisance) @ self.nuisance.T

    def raw(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return columns (B × C × n) and real-line derivatives (B × k × n), nothing projected out."""
        columns, derivatives = [], []
        for c, curve in enumerate(self.curve):
            value, slopes = self._channel(theta, c, curve)
            columns.append(value)
            derivatives.extend(slopes)
        return np.stack(columns, axis=1), np.stack(derivatives, axis=1)

    def _channel(self, theta: FloatArray, channel: int, curve: Curve) -> tuple[FloatArray, list[FloatArray]]:
        carry, shape = self.values(theta, channel)
        lags = self.spend[channel]
        weight, weight_slopes = weight_gradient(self.kernel, carry, lags.shape[-1])
        weight = np.broadcast_to(weight, (len(theta), lags.shape[-1]))
        x = np.maximum((lags @ weight.T).T, LEAST_CARRIED)
        value, by_spend, by_shape = unit_full_gradient(curve, x, [s[:, None] for s in shape])
        slopes = [by_spend * (lags @ w.T).T for w in weight_slopes]
        scales = [s[:, None] for s, p in zip(shape, curve.parameters, strict=True) if p.free]
        free = [p for p in curve.parameters if p.free]
        slopes += [d * s if p.scale == "log" else d for d, s, p in zip(by_shape, scales, free, strict=True)]
        kernel = [p for p in self.kernel.parameters if p.free]
        for j, (p, value_now) in enumerate(zip(kernel, carry, strict=True)):
            slopes[j] = slopes[j] * value_now[:, None] if p.scale == "log" else slopes[j]
        return value, slopes

    def __call__(self, theta: FloatArray, which: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return projected columns and derivatives for the engine; every row is the same problem."""
        columns, derivatives = self.raw(theta)
        return self.project(columns), self.project(derivatives)


def _search_range(parameter: Parameter) -> tuple[float, float]:
    low, high = parameter.typical.low, parameter.typical.high
    if parameter.scale == "log":
        low, high = low / WIDENED, high * WIDENED
    else:
        low, high = parameter.domain.low, parameter.domain.high
    inside = parameter.domain.clip(np.array([low, high]))
    return float(parameter.to_real(inside[0])), float(parameter.to_real(inside[1]))


def mix_basis(
    spend: FloatArray, nuisance: FloatArray, curve: Sequence[Curve], kernel: Carryover, length: int
) -> MixBasis:
    """Return the basis for scaled spend (n × channels) and nuisance columns (n × z), which need not be orthonormal."""
    places = tuple(
        Place(c, p, from_kernel)
        for c, one in enumerate(curve)
        for from_kernel, group in ((True, kernel.parameters), (False, one.parameters))
        for p in group
        if p.free
    )
    lags = lagged(spend, length).transpose(1, 0, 2)
    return MixBasis(tuple(curve), kernel, np.ascontiguousarray(lags), orthonormal(nuisance), places)


def orthonormal(columns: FloatArray) -> FloatArray:
    """Return an orthonormal basis of the columns' span; dependent columns are dropped."""
    if not columns.shape[1]:
        return columns
    size = np.linalg.norm(columns, axis=0)
    left, singular, _ = np.linalg.svd(columns / np.where(size > 0, size, 1.0), full_matrices=False)
    return left[:, singular > 1e-10 * singular[0]]


def trend_columns(kind: str, periods: int) -> tuple[list[str], FloatArray]:
    """Return names and columns (n × m) of the trend: ``"none"``, or ``"linear"``, centred and of unit range."""
    if kind == "none":
        return [], np.empty((periods, 0))
    return ["trend"], np.linspace(-0.5, 0.5, periods)[:, None]


def season_columns(
    dates: npt.NDArray[np.datetime64], every: str, harmonics: int
) -> tuple[list[str], FloatArray]:
    """Return names and sine and cosine columns of the yearly season at the days of ``dates``; none for yearly rows."""
    if every == "year" or harmonics == 0:
        return [], np.empty((len(dates), 0))
    day = (dates - np.datetime64("2000-01-01", "D")).astype(np.float64)
    angle = 2 * np.pi * day[:, None] * np.arange(1, harmonics + 1) / 365.25
    columns = np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(len(dates), -1)
    return ["season"] * columns.shape[1], columns
