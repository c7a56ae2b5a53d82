"""What coordinates are called, and what values they stand for, in a planner's words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.numbers import Numbers
from mixcurve.foundations.parameters import Parameter
from mixcurve.response.bayes.model.media import block_name
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.model.space import LogitMap
from mixcurve.response.bayes.vectors.rows import DrawVectors

__all__ = ["Coordinate", "coordinates", "told"]

FloatArray = npt.NDArray[np.float64]

LABEL = re.compile(r"(?P<block>[^\[]+?)(?P<family> \d+)?(?P<kind> spread| by group)?(?:\[(?P<of>.*)\])?")
WORDS = {"size": "effect", "half": "half-saturation", "decay": "carryover (decay)", "noise": "noise"}
"""Of blocks whose name is not the planner's word for them."""
DIGITS = 3
"""Of values in sentences."""


@dataclass(frozen=True, eq=False)
class Coordinate:
    """A coordinate of the position: its place, its label, its words, and the channel's parameter that it makes.

    ``value`` maps coordinates to the parameter in the units of the data, where it is a channel's own, else None;
    ``low`` and ``high`` are the ends of its domain where the prior has any.
    """

    place: int
    label: str
    words: str
    value: Callable[[FloatArray], FloatArray] | None = None
    low: float = -np.inf
    high: float = np.inf

    def told(self, u: float) -> str:
        """Return the value in words, empty where it has none of its own."""
        if self.value is None:
            return ""
        return Numbers("en-GB").short(float(self.value(np.array([u]))[0]), DIGITS)


def told(label: str) -> str:
    """Return what a coordinate is, in words.

    Examples
    --------
    >>> told("half[tv]"), told("slope 2[video]"), told("noise")
    ('the half-saturation of tv', 'the slope of video', 'the noise')
    >>> told("size spread[tv]")
    'the spread of the effect of tv between groups'
    """
    found = LABEL.fullmatch(label)
    if found is None:
        return label
    word = WORDS.get(found["block"], found["block"])
    of = f" of {found['of']}" if found["of"] else ""
    if found["kind"] == " spread":
        return f"the spread of the {word}{of} between groups"
    return f"the {word}{of}"


def coordinates(model: MixModel) -> tuple[Coordinate, ...]:
    """Return all coordinates of a model, those of channels' parameters with their values in the units of the data."""
    found = {label: Coordinate(i, label, told(label)) for i, label in enumerate(model.space.labels)}
    problem = model.problem
    for place, family in enumerate(problem.families):
        for parameter in (*family.kernel.parameters, *family.curve.parameters):
            if not parameter.free:
                continue
            block = block_name(problem, place, parameter.name)
            for c in family.channels:
                label = f"{block}[{problem.channels[c]}]"
                if label in found:
                    found[label] = _valued(model, found[label], c, parameter)
    return tuple(found.values())


def _valued(model: MixModel, one: Coordinate, channel: int, parameter: Parameter) -> Coordinate:
    mapped = model.priors.maps[channel, parameter.name]
    unit = float(model.problem.mix.spend_unit[channel]) ** parameter.spend_power
    xp = DrawVectors()

    def value(u: FloatArray) -> FloatArray:
        return np.asarray(mapped(xp, xp.position(np.reshape(u, (-1, 1)))).values[:, 0]) * unit

    if not isinstance(mapped, LogitMap):
        return Coordinate(one.place, one.label, one.words, value)
    ends = float(mapped.low[0]) * unit, float(mapped.high[0]) * unit
    return Coordinate(one.place, one.label, one.words, value, *ends)
