"""Groups as the user names them, to the channels in each: nested or overlapping, never cyclic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.words import Group
from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.percent import factor

__all__ = ["Members", "members", "whole"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
RESERVED = "total"
"""What the row of the whole budget is called, so no group may be."""


@dataclass(frozen=True, eq=False)
class Members:
    """A group with its channels by place, and its limits on money; the floors are read by `floors`."""

    name: str
    channels: IndexArray
    least: float
    most: float
    most_on: int | None
    asked: Group


def members(groups: Mapping[str, Group], channels: Sequence[str], money: FloatArray) -> tuple[Members, ...]:
    """Return the groups with every channel they hold, directly or through other groups.

    Parameters
    ----------
    groups
        As given.
    channels
        Names (C).
    money
        What each channel costs in the current plan (C).

    Raises
    ------
    InputError
        For a group that is none, has a taken name, holds itself, or names what is neither channel nor group; for
        limits that cannot be read, are negative or crossed.
    """
    if not isinstance(groups, Mapping):
        raise InputError(
            f"groups must map a name to a Group, got {type(groups).__name__}. "
            "For example groups={'digital': Group(['search', 'social'], most=50_000)}."
        )
    place = {name: i for i, name in enumerate(channels)}
    for name, group in groups.items():
        if not isinstance(group, Group):
            raise InputError(
                f"groups['{name}'] must be a Group, got {type(group).__name__}. "
                "For example Group(['search', 'social'], most=50_000)."
            )
        if name in place or name == RESERVED:
            taken = "a channel" if name in place else "the whole budget"
            raise InputError(f"groups['{name}']: '{name}' is the name of {taken}. Choose another name.")
    found: dict[str, set[int]] = {}
    for name in groups:
        _places(name, groups, place, (), found)
    return tuple(_limited(name, groups[name], np.array(sorted(found[name])), money) for name in groups)


def _places(
    name: str,
    groups: Mapping[str, Group],
    place: Mapping[str, int],
    above: tuple[str, ...],
    found: dict[str, set[int]],
) -> set[int]:
    """Return the channels of a group, and keep them in ``found`` with those of every group within."""
    if name in found:
        return found[name]
    if name in above:
        ring = " > ".join([*above[above.index(name) :], name])
        raise InputError(
            f"groups['{name}'] is a member of itself ({ring}). Take one of these out of the other."
        )
    out: set[int] = set()
    for member in groups[name].channels:
        if member in place:
            out.add(place[member])
        elif member in groups:
            out |= _places(member, groups, place, (*above, name), found)
        else:
            known_name(f"channel or group, asked for by groups['{name}'],", member, [*place, *groups])
    found[name] = out
    return out


def _limited(name: str, group: Group, channels: IndexArray, money: FloatArray) -> Members:
    where = f"groups['{name}']"
    now = float(money[channels].sum())
    least = _money(f"{where}.least", group.least, now, 0.0)
    most = _money(f"{where}.most", group.most, now, np.inf)
    if least > most:
        raise InputError(
            f"{where}: its least of {least:,.6g} exceeds its most of {most:,.6g}. Exchange or widen them."
        )
    on = None if group.most_on is None else whole(f"{where}.most_on", group.most_on)
    return Members(name, channels, least, most, on, group)


def _money(where: str, asked: float | str | None, now: float, missing: float) -> float:
    if asked is None:
        return missing
    if not isinstance(asked, str):
        if asked == np.inf and missing == np.inf:
            return missing
        return number(where, asked, low=0.0)
    times = factor(asked)
    if times is None:
        raise InputError(
            f"{where} cannot be read, got {asked!r}. Write an amount, or a change with its sign such as '+10%'."
        )
    if now <= 0:
        raise InputError(
            f"{where} is {asked}, but its channels cost nothing in the current plan. Give an amount, or current=."
        )
    return times * now


def whole(where: str, value: object) -> int:
    """Return a whole number of at least 0, or raise."""
    found = number(where, value, low=0.0)
    if found != int(found):
        raise InputError(f"{where} must be a whole number, got {value!r}.")
    return int(found)
