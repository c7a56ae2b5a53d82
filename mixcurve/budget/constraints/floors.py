"""Floors on ROI and marginal ROI and ceilings on CPA: who they hold for, as rates that a row can carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.groups import RESERVED, Members
from mixcurve.budget.constraints.words import Amounts, Constraints
from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError

__all__ = ["Floor", "floors_of", "marginal_floors"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BY_VALUE = "Add value=, what a unit of response is worth in money; value=1 if the response is money"


@dataclass(frozen=True, eq=False)
class Floor:
    """``Σ rate_c F_c >= cost Σ money_c`` over ``channels``: a floor on their ROI, or a ceiling on their CPA.

    For an ROI of ρ the rates are the values of a unit of response and ``cost`` is ρ; for a CPA of κ the rates are κ and
    ``cost`` is 1.
    """

    name: str
    kind: Literal["roi", "cpa"]
    channels: IndexArray
    rate: FloatArray
    cost: float
    limit: float

    @property
    def words(self) -> str:
        """The floor as a message calls it."""
        whose = "the plan" if self.name == RESERVED else self.name
        if self.kind == "roi":
            return f"ROI of {whose} at least {self.limit:g}"
        return f"cost per unit of response of {whose} at most {self.limit:,.6g}"


def floors_of(
    words: Constraints, channels: Sequence[str], groups: Sequence[Members], value: FloatArray | None
) -> tuple[Floor, ...]:
    """Return the floors on ROI and the ceilings on CPA of the plan, of groups and of channels.

    Raises
    ------
    InputError
        For a floor that is no number, an unknown name, and a floor on ROI without ``value``.
    """
    out = []
    for where, name, places, limit in _asked("roi", words.roi, channels, groups):
        ratio = number(where, limit, low=0.0)
        if ratio > 0:
            out.append(Floor(name, "roi", places, _valued(where, value)[places], ratio, ratio))
    for where, name, places, limit in _asked("cpa", words.cpa, channels, groups):
        ratio = number(where, limit, low=0.0, open_low=True)
        out.append(Floor(name, "cpa", places, np.full(len(places), ratio), 1.0, ratio))
    return tuple(out)


def marginal_floors(
    words: Constraints, channels: Sequence[str], groups: Sequence[Members], value: FloatArray | None
) -> FloatArray:
    """Return the least marginal response by channel, where it is on (C): the largest of its floors over its value."""
    least = np.zeros(len(channels))
    for where, _, places, limit in _asked("mroi", words.mroi, channels, groups):
        ratio = number(where, limit, low=0.0)
        if ratio > 0:
            worth = _valued(where, value)[places]
            rate = np.where(worth > 0, ratio / np.where(worth > 0, worth, 1.0), np.inf)
            least[places] = np.maximum(least[places], rate)
    return least


def _valued(where: str, value: FloatArray | None) -> FloatArray:
    if value is None:
        raise InputError(f"{where} compares money with response. {BY_VALUE}.")
    return value


def _asked(
    word: str, given: Amounts | None, channels: Sequence[str], groups: Sequence[Members]
) -> Iterator[tuple[str, str, IndexArray, float]]:
    """Yield where each floor was asked for, whose it is, for which channels, and the figure."""
    known = {g.name: g.channels for g in groups}
    if isinstance(given, Mapping):
        for name, limit in given.items():
            known_name("channel or group", name, [*channels, *known])
            places = known[name] if name in known else np.array([channels.index(name)], dtype=np.intp)
            yield f"{word}['{name}']", name, places, limit
    elif given is not None:
        yield word, RESERVED, np.arange(len(channels)), given
    for group in groups:
        limit = getattr(group.asked, word)
        if limit is not None:
            yield f"groups['{group.name}'].{word}", group.name, group.channels, limit
