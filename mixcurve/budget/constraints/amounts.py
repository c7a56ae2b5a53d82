"""Single words of constraints to clean arrays by channel: bounds, ties, tiers of prices, values of response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.groups import Members
from mixcurve.budget.constraints.words import Amounts, Constraints
from mixcurve.budget.model import PriceTiers
from mixcurve.budget.problem import bound_pair
from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError, Problem
from mixcurve.foundations.percent import factors
from mixcurve.response.fitted import by_channel

__all__ = ["bounds_by_channel", "per_channel", "price_tiers", "tied_channels", "values_of_response"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
PERCENT = "Write a change to current spend such as '±30%' or '-50%..+100%', or (least, most) spend"


def bounds_by_channel(
    words: Constraints, channels: Sequence[str], total: float, current: FloatArray
) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
    """Return least and largest spend by channel (C), and the word each comes from (``""`` for none).

    Raises
    ------
    InputError
        Listing every bound that makes no sense, not only the first.
    """
    given = words.bounds
    if not isinstance(given, Mapping):
        raise InputError(
            f"bounds must map a channel to (least, most) spend, got {type(given).__name__}. "
            f"For example bounds={{'{channels[0]}': (0, {total:g})}}."
        )
    place = {name: i for i, name in enumerate(channels)}
    lower, upper, source = np.zeros(len(channels)), np.full(len(channels), total), [""] * len(channels)
    asked: dict[str, Any] = {}
    if words.within is not None:
        asked = {name: ("within", words.within) for name in channels if name not in given}
    for name, bound in given.items():
        known_name("channel", name, channels)
        asked[name] = ("bounds", bound)
    problems: list[Problem] = []
    for name, (word, bound) in asked.items():
        i = place[name]
        where = "within" if word == "within" else f"bounds['{name}']"
        found = _bound(where, bound, name, float(current[i]), bool(current.any()), problems)
        if found is not None:
            lower[i], upper[i] = found[0], found[1] if np.isfinite(found[1]) else total
            source[i] = word
    if problems:
        raise InputError(list({str(p): p for p in problems}.values()))
    _lock(words.locked, channels, current, (lower, upper), source)
    return lower, upper, tuple(source)


def _bound(
    where: str, bound: Any, channel: str, now: float, known: bool, problems: list[Problem]
) -> tuple[float, float] | None:
    if not isinstance(bound, str):
        return bound_pair(channel, bound, problems)
    times = factors(bound)
    if times is None:
        problems.append(Problem("this is no range of changes", PERCENT, where, value=repr(bound)))
    elif not known:
        remedy = "Give current=, or (least, most) spend"
        problems.append(Problem("there is no current plan to change", remedy, where, value=repr(bound)))
    else:
        return times[0] * now, times[1] * now
    return None


def _lock(
    locked: Sequence[str],
    channels: Sequence[str],
    current: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
    source: list[str],
) -> None:
    if isinstance(locked, str):
        raise InputError(f"locked must be a list of channels, got {locked!r}. Write locked=['{locked}'].")
    lower, upper = bounds
    for name in locked:
        i = channels.index(known_name("channel", name, channels))
        if source[i] == "bounds" and not lower[i] <= current[i] <= upper[i]:
            raise InputError(
                f"'{name}' is locked at its current spend of {current[i]:,.6g}, outside its bounds of {lower[i]:,.6g} "
                f"to {upper[i]:,.6g}. Keep one of them."
            )
        lower[i] = upper[i] = current[i]
        source[i] = "locked"


def per_channel(where: str, given: Mapping[str, float], channels: Sequence[str]) -> FloatArray:
    """Return amounts of at least 0 by channel, 0 where not given (C)."""
    if not isinstance(given, Mapping):
        raise InputError(
            f"{where} must map a channel to an amount, got {type(given).__name__}. "
            f"For example {where}={{'{channels[0]}': 5_000}}."
        )
    return by_channel(where, given, channels, 0.0)


def tied_channels(
    tied: Sequence[Mapping[str, float]], channels: Sequence[str]
) -> tuple[tuple[IndexArray, FloatArray], ...]:
    """Return for each tie the places of its channels and their shares of the tie's spend, which add up to 1."""
    if isinstance(tied, Mapping):
        raise InputError(
            "tied must be a list of proportions. Write tied=[{'tv': 2, 'radio': 1}], with brackets."
        )
    taken: set[str] = set()
    out = []
    for k, tie in enumerate(tied):
        if not isinstance(tie, Mapping) or len(tie) < 2:
            raise InputError(
                f"tied[{k}] must give at least two channels a proportion, got {tie!r}. "
                "For example {'tv': 2, 'radio': 1}."
            )
        for name in tie:
            known_name("channel", name, channels)
            if name in taken:
                raise InputError(f"tied: '{name}' is tied twice. Join the two ties, or take it out of one.")
            taken.add(name)
        share = np.array(
            [number(f"tied[{k}]['{c}']", v, low=0.0, open_low=True) for c, v in tie.items()], dtype=np.float64
        )
        out.append((np.array([channels.index(c) for c in tie], dtype=np.intp), share / share.sum()))
    return tuple(out)


def price_tiers(
    prices: Mapping[str, Sequence[tuple[float, float]]], channels: Sequence[str]
) -> dict[str, PriceTiers]:
    """Return the tiers of prices by channel; a channel that pays today's price throughout is left out."""
    if not isinstance(prices, Mapping):
        raise InputError(
            f"prices must map a channel to its tiers, got {type(prices).__name__}. "
            f"For example prices={{'{channels[0]}': [(0, 1.0), (50_000, 1.2)]}}."
        )
    out = {}
    for name, tiers in prices.items():
        known_name("channel", name, channels)
        found = _tiers(f"prices['{name}']", tiers)
        if len(found.start) > 1 or found.price[0] != 1.0:
            out[name] = found
    return out


def _tiers(where: str, tiers: Any) -> PriceTiers:
    try:
        pairs = [(float(start), float(price)) for start, price in tiers]
    except (TypeError, ValueError):
        raise InputError(
            f"{where} must be a list of (spend from which it holds, price), got {tiers!r}. "
            "For example [(0, 1.0), (50_000, 1.2)]."
        ) from None
    if not pairs or pairs[0][0] != 0.0:
        raise InputError(f"{where} must begin at spend 0, got {tiers!r}. Put (0, 1.0) first: today's price.")
    start, price = (np.array(column) for column in zip(*pairs, strict=True))
    if not (np.all(np.isfinite(start)) and np.all(np.isfinite(price)) and np.all(price > 0)):
        raise InputError(f"{where} needs finite amounts and prices above 0, got {tiers!r}.")
    if np.any(np.diff(start) <= 0):
        raise InputError(f"{where}: each tier must begin at more spend than the one before, got {tiers!r}.")
    falls = np.flatnonzero(np.diff(price) < 0)
    if len(falls):
        k = int(falls[0])
        raise InputError(
            f"{where}: the price falls from {price[k]:g} to {price[k + 1]:g} at {start[k + 1]:,.6g}. Prices may rise "
            "with spend, not fall: a discount for volume has no proven best plan here."
        )
    kept = np.concatenate([[True], np.diff(price) > 0])
    return PriceTiers(start[kept], price[kept])


def values_of_response(
    value: Amounts | None, channels: Sequence[str], groups: Sequence[Members]
) -> FloatArray | None:
    """Return what a unit of each channel's response is worth (C), or None if the user does not say.

    A channel's own value comes first, then that of the smallest group that holds it.

    Raises
    ------
    InputError
        If a channel has none, or gets different values from groups of one size.
    """
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return np.full(len(channels), number("value", value, low=0.0))
    known = {g.name: g for g in groups}
    for name in value:
        known_name("channel or group", name, [*channels, *known])
    out = [
        _value_of(i, c, value, [g for name, g in known.items() if name in value])
        for i, c in enumerate(channels)
    ]
    return np.array(out)


def _value_of(i: int, channel: str, value: Mapping[str, float], groups: Sequence[Members]) -> float:
    if channel in value:
        return number(f"value['{channel}']", value[channel], low=0.0)
    around = [g for g in groups if i in g.channels]
    if not around:
        raise InputError(
            f"value says nothing of '{channel}'. Give it a value, 0 if its response is worth nothing."
        )
    fewest = min(len(g.channels) for g in around)
    nearest = {
        g.name: number(f"value['{g.name}']", value[g.name], low=0.0)
        for g in around
        if len(g.channels) == fewest
    }
    if len(set(nearest.values())) > 1:
        named = ", ".join(f"{v:g} by '{n}'" for n, v in nearest.items())
        raise InputError(f"value gives '{channel}' two values: {named}. Name the channel itself in value.")
    return next(iter(nearest.values()))
