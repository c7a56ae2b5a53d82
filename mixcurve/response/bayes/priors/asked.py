"""What was asked of each channel: words known, ranges in order, one word for one thing; else a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mixcurve.foundations.checks import known_name, nearest_name
from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.priors.turned import half_life_target, spend_target

__all__ = ["EVERY", "SIZE", "SIZE_WORDS", "WORDS", "Asked", "asked_of_channels", "checked_range"]

SIZE_WORDS = ("roi", "mroi", "contribution")
"""Words of a channel's size; at most one of them."""
WORDS = (*SIZE_WORDS, "half_life", "half_saturation", "inflection")
SIZE = "size"
EVERY = ("*", "all")
"""Keys that stand for every channel."""


EVERYONE = "every channel"
NEXT_TO_NOTHING = 0.05
"""A low end that is suggested in place of 0, over the high end."""


@dataclass(frozen=True)
class Asked:
    """One range for one channel: nine in ten values lie between ``low`` and ``high``."""

    channel: str
    word: str
    low: float
    high: float

    def __str__(self) -> str:
        return f"the prior of {_named(self.channel)} says {self.word}=({self.low:g}, {self.high:g})"

    def refused(self, why: str) -> InputError:
        """Return the error that names this range, what is wrong with it and the remedy."""
        text = str(self)
        return InputError(f"{text[0].upper()}{text[1:]}, but {why}")


def _named(channel: str) -> str:
    return channel if channel == EVERYONE else f"'{channel}'"


def checked_range(channel: str, word: str, value: Any) -> Asked:
    """Return a range with low < high, both finite; words that stand for positive amounts must be positive."""
    head = f"The prior of {_named(channel)} says {word}={value!r}, but"
    remedy = f"Give two numbers that nine in ten values lie between: {word}=(low, high)."
    try:
        pair = [float(v) for v in value]
    except (TypeError, ValueError):
        raise InputError(f"{head} a range is two numbers. {remedy}") from None
    if isinstance(value, str) or len(pair) != 2:
        raise InputError(f"{head} a range is two numbers. {remedy}")
    if not np.isfinite(pair).all():
        raise InputError(f"{head} both ends must be finite. {remedy}")
    low, high = pair
    asked = Asked(channel, word, low, high)
    if low > high:
        raise asked.refused(f"the range is upside down. Write {word}=({high:g}, {low:g}).")
    if low == high:
        raise asked.refused(
            "a range needs a low end below its high end. Give a narrow range if you are sure."
        )
    if word in WORDS and low <= 0:
        start = high * NEXT_TO_NOTHING if high > 0 else NEXT_TO_NOTHING
        raise asked.refused(
            f"{word} must be above 0. For next to nothing start low: {word}=({start:g}, {max(high, 1.0):g})."
        )
    return asked


def asked_of_channels(
    problem: BayesProblem, words: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Asked], ...]:
    """Return for each channel what was asked, by target: ``"size"`` or a parameter's name.

    What is said of a channel goes before what is said of every channel; the latter counts where it applies.
    """
    for key in words:
        if key not in EVERY:
            known_name("channel", key, problem.channels)
    own: list[dict[str, Asked]] = []
    for c, channel in enumerate(problem.channels):
        own.append(_targets(problem, c, _ranges(channel, words.get(channel, {})), strict=True))
    shared = [key for key in EVERY if key in words and key not in problem.channels]
    for key in shared:
        ranges = _ranges(EVERYONE, words[key])
        _applies_somewhere(problem, ranges)
        for c in range(len(own)):
            own[c] = _targets(problem, c, ranges, strict=False) | own[c]
    return tuple(own)


def _ranges(channel: str, said: Mapping[str, Any]) -> list[Asked]:
    found = [checked_range(channel, word, value) for word, value in said.items()]
    sizes = [asked for asked in found if asked.word in SIZE_WORDS]
    if len(sizes) > 1:
        several = " and ".join(a.word for a in sizes)
        raise sizes[1].refused(
            f"{several} speak of the same thing, the size of its effect. Keep one of them."
        )
    return found


def _targets(problem: BayesProblem, c: int, ranges: Sequence[Asked], *, strict: bool) -> dict[str, Asked]:
    """Return the ranges by what they set, those that apply to the channel; with ``strict`` all must."""
    out: dict[str, Asked] = {}
    for asked in ranges:
        mine = replace(asked, channel=problem.channels[c])
        target = _target(problem, c, mine, strict=strict)
        if target is None:
            continue
        if target in out:
            raise mine.refused(f"{out[target].word} sets the same parameter, {target}. Keep one of them.")
        out[target] = mine
    return out


def _target(problem: BayesProblem, c: int, asked: Asked, *, strict: bool) -> str | None:
    if asked.word in SIZE_WORDS:
        return SIZE
    curve, kernel = problem.options.curve[c], problem.options.kernel[c]
    names = [p.name for p in (*kernel.parameters, *curve.parameters) if p.free]
    if asked.word in names:
        return asked.word
    found: str | None = None
    if asked.word == "half_life":
        found = half_life_target(kernel)
        why = f"the carryover '{kernel.name}' has no half-life. Leave it out, or choose another carryover."
    elif asked.word in WORDS:
        found = spend_target(curve, asked.word)
        why = f"the curve '{curve.name}' has no {asked.word.replace('_', '-')}. Leave it out, or choose another curve."
    else:
        why = _unknown(asked.word, (*WORDS, *names))
    if found is None and strict:
        raise asked.refused(why)
    return found


def _unknown(word: str, known: Sequence[str]) -> str:
    guess = nearest_name(word, known)
    hint = f" Did you mean '{guess}'?" if guess else ""
    return f"there is no word '{word}' for a prior.{hint} Known: {', '.join(known)}."


def _applies_somewhere(problem: BayesProblem, ranges: Sequence[Asked]) -> None:
    every = range(len(problem.channels))
    for asked in ranges:
        if all(_target(problem, c, asked, strict=False) is None for c in every):
            _target(problem, 0, asked, strict=True)
