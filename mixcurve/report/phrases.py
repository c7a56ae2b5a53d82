"""The pieces that sentences are made of: a figure with its interval, a list of names, a step of spend."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from mixcurve.foundations.numbers import UNKNOWN, Units
from mixcurve.report.facts import Estimate

__all__ = [
    "MOST_CHARACTERS",
    "NO_INTERVAL",
    "capital",
    "currency_word",
    "interval",
    "level_name",
    "listed",
    "one_of",
    "outcome_units",
    "response_with_interval",
    "spend_with_interval",
    "with_interval",
]

Writer = Callable[[float], str]
NO_INTERVAL = "no interval computed"
"""What stands where an interval is missing, everywhere."""
CURRENCY_WORDS: Mapping[str | None, str] = MappingProxyType({"GBP": "pound", "EUR": "euro", "USD": "dollar"})
MONEY_OBJECTIVES = ("profit", "value of the response")
MOST_NAMES = 3
LEAST_PLURAL = 4
"""Letters of the shortest name that is taken for a plural."""
MOST_CHARACTERS = 90
"""A list of names longer than this is counted, not spelled out."""


def capital(sentence: str) -> str:
    """Return the sentence with its first letter in upper case, and the rest as it is."""
    return sentence[:1].upper() + sentence[1:]


def currency_word(units: Units) -> str:
    """Return what one unit of spend is called: ``pound``, or ``unit of spend``."""
    return CURRENCY_WORDS.get(units.numbers.currency, "unit of spend")


def one_of(label: str) -> str:
    """Return the name of one response: ``order`` for ``orders``; a name that is no English plural stays as it is.

    Examples
    --------
    >>> [one_of(name) for name in ("orders", "enquiries", "new sales", "business", "Bestellungen", "y")]
    ['order', 'enquiry', 'new sale', 'business', 'Bestellungen', 'y']
    """
    if label.endswith("ies") and len(label) > LEAST_PLURAL:
        return f"{label[:-3]}y"
    plural = label.endswith("s") and not label.endswith(("ss", "us", "is")) and len(label) >= LEAST_PLURAL
    return label[:-1] if plural else label


def level_name(level: float, units: Units) -> str:
    """Return ``90% interval``."""
    return f"{units.numbers.share(level)} interval"


def _limit(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def interval(found: Estimate, written: Writer, units: Units) -> str:
    """Return an interval in words; a side that is open is said to be open.

    Examples
    --------
    >>> from mixcurve.foundations.numbers import NBSP, Numbers
    >>> units = Units(Numbers("en-GB", "GBP"), "week", "orders")
    >>> interval(Estimate(1.0, 38.0, 268.0), units.response, units).replace(NBSP, " ")
    '90% interval 38 to 268'
    >>> interval(Estimate(1.0, 38.0, None), units.response, units)
    '90% interval 38 or more, no upper limit'
    """
    if not found.known:
        return NO_INTERVAL
    low, high = _limit(found.low), _limit(found.high)
    name = level_name(found.level, units)
    if low is None and high is None:
        return f"{name} open on both sides"
    if low is None:
        return f"{name} {written(high)} or less, no lower limit" if high is not None else name
    if high is None:
        return f"{name} {written(low)} or more, no upper limit"
    return f"{name} {units.numbers.span(written(low), written(high))}"


def with_interval(found: Estimate, written: Writer, units: Units, *, noun: str = "") -> str:
    """Return a figure, its noun and its interval: never a point alone."""
    if not math.isfinite(found.value):
        return UNKNOWN
    return f"{written(found.value)}{noun} ({interval(found, written, units)})"


def response_with_interval(
    found: Estimate, units: Units, *, signed: bool = False, scale: float = 1.0, each: bool = False
) -> str:
    """Return an amount of response, scaled if asked, with its interval; per period if ``each``."""
    noun = f" of {units.label}" if units.response_is_money else f" {units.label}"
    noun += f" {units.a_period}" * each
    return with_interval(found, lambda v: units.response(v * scale, signed=signed), units, noun=noun)


def spend_with_interval(found: Estimate, units: Units) -> str:
    """Return an amount of spend with its interval."""
    return with_interval(found, units.spend, units)


def outcome_units(objective: str, units: Units) -> Units:
    """Return how to write what a plan maximises: the response, or profit and the like, which is money.

    Examples
    --------
    >>> from mixcurve.foundations.numbers import Numbers
    >>> orders = Units(Numbers("en-GB", "GBP"), "week", "orders")
    >>> outcome_units("profit", orders).response(33_000.0, named=True)
    '£33k of profit'
    """
    if objective == "response":
        return units
    name = {"value of the response": "response value"}.get(objective, objective)
    is_money = objective in MONEY_OBJECTIVES
    least = units.least_spend if is_money else 0.0
    return replace(units, response_name=name, response_is_money=is_money, least_response=least)


def listed(names: Sequence[str], noun: str = "channels") -> str:
    """Return ``a, b and c``, or how many where they are too many or too long to spell out.

    Examples
    --------
    >>> listed(["TV", "Radio", "Search"])
    'TV, Radio and Search'
    >>> listed(["a", "b", "c", "d"])
    'a, b and 2 others'
    """
    count = len(names)
    if count > MOST_NAMES:
        first = names[: MOST_NAMES - 1]
        names = [*first, f"{count - len(first)} others"]
    if len(names) > 1 and sum(map(len, names)) > MOST_CHARACTERS:
        return f"{count} {noun}"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
