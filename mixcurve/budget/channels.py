"""`Channels`: the response of every channel at once, grouped by curve, for arrays whose last axis is the channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.response.curves import Curve
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.curves.derivatives import unit_marginal, unit_second

__all__ = ["Channels", "channels_from"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, eq=False)
class _Family:
    """Neighbouring channels that share one curve: their places on the last axis, and their parameters."""

    curve: Curve
    place: slice
    top: FloatArray
    shape: tuple[FloatArray, ...]


@dataclass(frozen=True, eq=False)
class Channels:
    """Response, marginal response and its derivative of n channels, at spend of shape (..., n).

    Channels of one curve lie next to each other. ``bend`` (n) is the inflection: infinite where the curve is convex,
    or a straight line, throughout.
    """

    families: tuple[_Family, ...]
    parameters: FloatArray
    curve: tuple[Curve, ...]
    bend: FloatArray

    @property
    def size(self) -> int:
        """The number of channels."""
        return len(self.curve)

    def value(self, spend: FloatArray) -> FloatArray:
        """Return the response."""
        out = np.empty(spend.shape)
        with np.errstate(over="ignore", under="ignore"):
            for family in self.families:
                at = spend[..., family.place]
                out[..., family.place] = family.top * family.curve.unit(at, family.shape)
        return out

    def marginal(self, spend: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the response and the marginal response."""
        out = np.empty((2, *spend.shape))
        for family in self.families:
            for row, part in zip(
                out, unit_marginal(family.curve, spend[..., family.place], family.shape), strict=True
            ):
                row[..., family.place] = family.top * part
        return out[0], out[1]

    def second(self, spend: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the response, the marginal response and its derivative by spend."""
        out = np.empty((3, *spend.shape))
        for family in self.families:
            for row, part in zip(
                out, unit_second(family.curve, spend[..., family.place], family.shape), strict=True
            ):
                row[..., family.place] = family.top * part
        return out[0], out[1], out[2]

    def at(self, places: IndexArray) -> Channels:
        """Return the channels at ``places``, which rise and may repeat."""
        return _grouped(
            self.parameters[places], tuple(self.curve[i] for i in places.tolist()), self.bend[places]
        )


def _grouped(parameters: FloatArray, curve: Sequence[Curve], bend: FloatArray) -> Channels:
    families = []
    start = 0
    for stop in range(1, len(curve) + 1):
        if stop == len(curve) or curve[stop] is not curve[start]:
            place, used = slice(start, stop), len(curve[start].names)
            columns = tuple(np.ascontiguousarray(parameters[place, j]) for j in range(used))
            families.append(_Family(curve[start], place, columns[0], columns[1:]))
            start = stop
    return Channels(tuple(families), parameters, tuple(curve), bend)


def channels_from(names: Sequence[str], curve: Sequence[Curve], parameters: FloatArray) -> Channels:
    """Return the channels, whose equal curves must be neighbours, with their inflections.

    Parameters
    ----------
    names
        For messages.
    curve
        The curve of each channel.
    parameters
        (channels × parameters), ``top`` first, NaN after the last of a channel.

    Raises
    ------
    InputError
        If a parameter is missing or ``top`` is negative: response must not fall with spend.
    """
    for name, chosen, row in zip(names, curve, parameters, strict=True):
        used = row[: len(chosen.names)]
        if not np.all(np.isfinite(used)):
            raise InputError(
                f"Channel '{name}' has a parameter that is not finite: {dict(zip(chosen.names, used.tolist()))}."
            )
        if used[0] < 0:
            raise InputError(
                f"Channel '{name}' has top {used[0]:g}, so its response falls with spend. "
                "Give a top of at least 0; a channel without effect has 0."
            )
    plain = _grouped(parameters, curve, np.zeros(len(curve)))
    bend = np.empty(len(curve))
    for family in plain.families:
        values = np.stack([np.ones_like(family.top), *family.shape], axis=-1)
        bend[family.place] = shape_of.inflection(family.curve, values)
    return Channels(plain.families, plain.parameters, plain.curve, _straight_as_convex(plain, bend))


def _straight_as_convex(channels: Channels, bend: FloatArray) -> FloatArray:
    """Call a straight line convex: its marginal response has no inverse, while a chord describes it exactly."""
    scale = np.ones(channels.size)
    for family in channels.families:
        scale[family.place] = shape_of.spend_scale(family.curve, family.shape)
    probes = np.stack([1e-3 * scale, scale, 1e3 * scale])
    second = channels.second(probes)[2]
    return np.where(np.all(second == 0, axis=0), np.inf, bend)
