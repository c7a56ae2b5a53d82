"""The figures that a planner knows, at many positions: ROI, parameters in their units, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.arrays import numpy_namespace
from mixcurve.response.bayes.model.media import block_name
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.model.problem import Family
from mixcurve.response.bayes.priors.sizes_drawn import cell_sizes
from mixcurve.response.bayes.priors.turned import spend_ratio, spend_target
from mixcurve.response.bayes.priors.units import spend_units
from mixcurve.response.carryover import Carryover, weights
from mixcurve.response.curves import Curve
from mixcurve.response.curves import shape as shape_of

__all__ = ["Quantity", "quantities", "roi_of"]

FloatArray = npt.NDArray[np.float64]

SAME = 1e-9
"""A figure that is a parameter times a number this close to 1 is that parameter."""


@dataclass(frozen=True, eq=False)
class Quantity:
    """A figure at D positions.

    Parameters
    ----------
    channel
        Whose; empty for the noise.
    name
        ``"roi"``, a parameter's name, ``"half_saturation"``, ``"inflection"``, ``"half_life"`` or ``"noise"``.
    unit
        ``"spend"`` for a spend a period, ``"periods"``, ``"response"``, or ``""``.
    values
        (D,).
    coordinate
        The place in the position of a figure that is one coordinate's alone, else None.
    """

    channel: str
    name: str
    unit: str
    values: FloatArray
    coordinate: int | None = None


def quantities(model: MixModel, positions: FloatArray, value: float = 1.0) -> list[Quantity]:
    """Return every figure at positions (D × d), channel by channel, with the noise last.

    In groups the parameters are those of the channel, about which its groups scatter, and spend is over all groups.
    """
    out: list[Quantity] = []
    roi = roi_of(model, positions, value)
    for c, channel in enumerate(model.problem.channels):
        place, family = next((i, f) for i, f in enumerate(model.problem.families) if c in f.channels)
        out.append(Quantity(channel, "roi", "", roi[:, c]))
        out += _of_channel(model, positions, c, place, family)
    if model.space.has("noise"):
        rows = model.space.rows("noise")
        noise = (
            model.priors.noise(numpy_namespace, positions[:, rows])[:, 0] * model.problem.mix.response_unit
        )
        out.append(Quantity("", "noise", "response", noise, rows.start))
    return out


def roi_of(model: MixModel, positions: FloatArray, value: float = 1.0) -> FloatArray:
    """Return the ROI of each channel over all rows and groups (D × C)."""
    problem, mix = model.problem, model.problem.mix
    weight = np.bincount(problem.group_of_row, weights=mix.row_size) * mix.response_unit
    cells = np.exp(cell_sizes(model, positions)).reshape(len(positions), -1, len(weight))
    return np.asarray(value * (cells @ weight) / mix.table.spend.sum(axis=0))


def _of_channel(
    model: MixModel, positions: FloatArray, c: int, place: int, family: Family
) -> Iterator[Quantity]:
    problem, space = model.problem, model.space
    unit = float(spend_units(problem)[c])
    values: dict[str, Any] = {}
    for p in (*family.kernel.parameters, *family.curve.parameters):
        if not p.free:
            values[p.name] = p.fixed if p.fixed is None else p.fixed * unit**p.spend_power
            continue
        at = space.rows(block_name(problem, place, p.name)).start + family.channels.index(c)
        natural = model.priors.maps[c, p.name](numpy_namespace, positions[:, at]) * unit**p.spend_power
        values[p.name] = natural
        yield Quantity(problem.channels[c], p.name, "spend" if p.spend_power == 1.0 else "", natural, at)
    yield from _derived(problem.channels[c], family, values, problem.mix.basis.lags.shape[1])


def _derived(channel: str, family: Family, values: dict[str, Any], length: int) -> Iterator[Quantity]:
    curve, kernel = family.curve, family.kernel
    of_curve = {p.name: values[p.name] for p in curve.parameters}
    if curve.ceiling and not _is_parameter(curve, "half_saturation"):
        yield Quantity(channel, "half_saturation", "spend", shape_of.half_saturation(curve, of_curve))
    if curve.form == "sigmoid" and not _is_parameter(curve, "inflection"):
        yield Quantity(channel, "inflection", "spend", shape_of.inflection(curve, of_curve))
    if any(p.free for p in kernel.parameters):
        yield Quantity(
            channel,
            "half_life",
            "periods",
            _half_lives(kernel, [values[p.name] for p in kernel.parameters], length),
        )


def _is_parameter(curve: Curve, figure: str) -> bool:
    """Return whether a figure is the curve's own parameter, whatever the others are."""
    target = spend_target(curve, figure)
    if target is None:
        return False
    free = [p for p in curve.parameters if p.free and p.name != target]
    ratios = [
        spend_ratio(curve, figure, {p.name: end for p, end in zip(free, ends, strict=True)})
        for ends in ([p.typical.low for p in free], [p.typical.high for p in free])
    ]
    return bool(np.abs(np.array(ratios) - 1.0).max() < SAME)


def _half_lives(kernel: Carryover, values: list[Any], length: int) -> FloatArray:
    """Return `mixcurve.response.carryover.half_life` of many parameters at once (D,)."""
    share = weights(kernel, values, length)
    share = share if share.ndim == 2 else share[None]
    reached = np.cumsum(share, axis=-1)
    lag = (reached < 0.5).sum(axis=-1).clip(max=length - 1)
    own = np.take_along_axis(share, lag[:, None], -1)[:, 0]
    before = np.take_along_axis(reached, lag[:, None], -1)[:, 0] - own
    return np.asarray(lag + (0.5 - before) / own)
