"""Numbers in English sentences: money, counts and shares, short enough for a sentence or a chart.

The sentences of reports are English, so the place of the currency sign, the letters for thousands and millions and the
percent sign are English in every locale. A locale sets the marks of decimals and of thousands: ``€1,2m``, ``€1.234``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mixcurve.foundations.checks import known_name

__all__ = ["NUMBER_STYLES", "UNKNOWN", "NumberStyle", "Numbers"]

NBSP = "\u00a0"
MINUS = "\u2212"
UNKNOWN = "not known"
"""What stands where a number is not finite."""
SYMBOLS: Mapping[str, str] = MappingProxyType({"GBP": "£", "EUR": "€", "USD": "$"})
"""Currencies whose sign needs no explanation; the others are written by their ISO 4217 code."""
SHORT_FROM = 100_000.0
"""Counts below this are written out; from here on they are shortened to thousands."""
PENNIES_FROM, PENNIES_BELOW = 0.1, 100.0
"""Amounts of a currency in this range are written with two decimals unless they are whole."""
LARGEST_STEP = 10_000.0
"""A round step of spend up to this is written out."""
LARGEST, SMALLEST = 1e15, 1e-6
"""Beyond these a number is written with a power of ten."""


@dataclass(frozen=True)
class NumberStyle:
    """How one locale writes numbers.

    Parameters
    ----------
    decimal, group
        The decimal mark and the mark between thousands.
    scales
        The short words for 10^3, 10^6, 10^9 and 10^12.
    """

    decimal: str
    group: str
    scales: tuple[str, str, str, str] = ("k", "m", "bn", "tn")


# Marks from Unicode CLDR 46. Letters as the British and the American press write them: £1.2m, $1.2M, $1.4k.
NUMBER_STYLES: Mapping[str, NumberStyle] = MappingProxyType(
    {
        "en-GB": NumberStyle(".", ","),
        "en-US": NumberStyle(".", ",", ("k", "M", "B", "T")),
        "de-DE": NumberStyle(",", "."),
        "fr-FR": NumberStyle(",", "\u202f"),
    }
)


def _rounded(value: float, digits: int) -> tuple[float, int]:
    """Return ``value`` to ``digits`` significant digits (whole numbers keep all) and its number of decimals."""
    if value == 0:
        return 0.0, 0
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    once = round(value, decimals)
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(once)))) if once else 0
    return round(value, decimals), decimals


@dataclass(frozen=True)
class Numbers:
    """Writes numbers for one locale and one currency.

    Parameters
    ----------
    locale
        One of ``NUMBER_STYLES``.
    currency
        ISO 4217 code of money, or None when nobody said: then money is a bare number.
    money_unit
        How much currency one unit of the data is, such as 1000 for a table in thousands.

    Examples
    --------
    >>> Numbers("en-GB", "GBP").money(13_150)
    '£13k'
    >>> Numbers("en-GB", "GBP").money(-1_234_567, digits=3)
    '−£1.23m'
    >>> Numbers("de-DE", "EUR").money(1_230_000)
    '€1,2m'
    >>> Numbers("en-GB").count(151.4, signed=True), Numbers("en-GB").count(float("nan"))
    ('+151', 'not known')
    """

    locale: str = "en-GB"
    currency: str | None = None
    money_unit: float = 1.0

    def __post_init__(self) -> None:
        known_name("locale", self.locale, NUMBER_STYLES)

    @property
    def style(self) -> NumberStyle:
        """How the locale writes numbers."""
        return NUMBER_STYLES[self.locale]

    def written(self, value: float, decimals: int = 0) -> str:
        """Return a number of 0 or more written out, with grouped thousands and so many decimals."""
        text = f"{value:,.{decimals}f}"
        return text.replace(",", "\0").replace(".", self.style.decimal).replace("\0", self.style.group)

    def short(self, value: float, digits: int = 2, start: float = 1e3) -> str:
        """Return a number of 0 or more with at least ``digits`` significant digits, in thousands from ``start`` on."""
        if value >= LARGEST or 0 < value < SMALLEST:
            return f"{value:.1e}".replace(".", self.style.decimal)
        rounded, decimals = _rounded(value, digits)
        if rounded < start:
            return self._bare(self.written(rounded, decimals))
        power = 1
        rounded, decimals = _rounded(value / 1e3, digits)
        while rounded >= 1e3 and power < len(self.style.scales):
            power += 1
            rounded, decimals = _rounded(value / 1e3**power, digits)
        return self._bare(self.written(rounded, decimals)) + self.style.scales[power - 1]

    def _bare(self, text: str) -> str:
        """Return a written number without zeros that end its decimals."""
        return text.rstrip("0").removesuffix(self.style.decimal) if self.style.decimal in text else text

    def _signed(self, value: float, body: str, signed: bool) -> str:
        zero = not any(character in body for character in "123456789")
        return (MINUS if value < 0 and not zero else "+" if signed and not zero else "") + body

    def count(self, value: float, digits: int = 2, *, signed: bool = False) -> str:
        """Return a number without a unit, such as ``1,234`` or ``12.3k``."""
        if not math.isfinite(value):
            return UNKNOWN
        whole = 1 if abs(value) >= 100 else digits
        body = self.short(abs(value), whole if abs(value) < SHORT_FROM else max(digits, 3), SHORT_FROM)
        return self._signed(value, body, signed)

    def money(self, value: float, digits: int = 2, *, signed: bool = False) -> str:
        """Return an amount of the data with its currency, such as ``£13k``."""
        amount = value * self.money_unit
        if not math.isfinite(amount):
            return UNKNOWN
        body = self._pennies(abs(amount)) or self.short(abs(amount), digits)
        return self._signed(amount, self.with_currency(body), signed)

    def _pennies(self, amount: float) -> str:
        """Return a small amount of a currency with its pennies; empty for one that has none or is too small."""
        pennies = round(amount, 2)
        small = amount >= PENNIES_FROM and pennies < PENNIES_BELOW and pennies != round(pennies)
        return self.written(pennies, 2) if small and self.currency is not None else ""

    def with_currency(self, body: str) -> str:
        """Return a written number of 0 or more with its currency in place."""
        if self.currency is None:
            return body
        return f"{SYMBOLS.get(self.currency, self.currency + NBSP)}{body}"

    def span(self, low: str, high: str) -> str:
        """Return two written numbers as ``low to high``, which no line break parts from its end."""
        return f"{low} to{NBSP}{high}"

    def share(self, value: float, digits: int = 0) -> str:
        """Return a share as percent; a share that is not quite all or nothing never reads as 100% or 0%."""
        step = 10.0**-digits
        percent = value * 100.0
        if not math.isfinite(percent):
            return UNKNOWN
        bounded = min(max(percent, step), 100.0 - step) if 0 < value < 1 else percent
        mark = "under " if 0 < percent < step / 2 else "over " if 100.0 - step / 2 < percent < 100.0 else ""
        body = self.written(abs(bounded), digits) if abs(bounded) < LARGEST else self.short(abs(bounded))
        text = body + "%"
        return mark + (MINUS if value < 0 and any(c in text for c in "123456789") else "") + text


@dataclass(frozen=True)
class Units:
    """Writes spend and response of one report, each with its unit.

    Parameters
    ----------
    numbers
        The locale and the currency.
    every
        The length of a period: ``"day"``, ``"week"``, ``"month"`` or ``"year"``.
    response_name
        What the response counts, such as ``"orders"``.
    response_is_money
        Whether the response is an amount of money, such as revenue.
    least_response, least_spend
        Amounts below these are written as none: what rounding leaves, in the units of the data.

    Examples
    --------
    >>> units = Units(Numbers("en-GB", "GBP"), "week", "orders")
    >>> units.spend(33_000), units.response(410, named=True), units.a_period.split()
    ('£33k', '410 orders', ['a', 'week'])
    """

    numbers: Numbers
    every: str = "week"
    response_name: str = "response"
    response_is_money: bool = False
    least_response: float = 0.0
    least_spend: float = 0.0

    @property
    def label(self) -> str:
        """The response's name as words."""
        return " ".join(self.response_name.replace("_", " ").split())

    @property
    def a_period(self) -> str:
        """``a week``, ``a day``, ``a month`` or ``a year``."""
        return f"a{NBSP}{self.every}"

    def spend(self, value: float, digits: int = 3, *, signed: bool = False) -> str:
        """Return an amount of spend, with as many digits wherever it stands."""
        return self.numbers.money(0.0 if abs(value) < self.least_spend else value, digits, signed=signed)

    def step(self, value: float) -> str:
        """Return a round amount of spend written out, such as ``£1,000``."""
        amount = value * self.numbers.money_unit
        if not 0.0 < amount <= LARGEST_STEP or amount != round(amount):
            return self.spend(value)
        return self.numbers.with_currency(self.numbers.written(amount))

    def response(
        self, value: float, digits: int | None = None, *, signed: bool = False, named: bool = False
    ) -> str:
        """Return an amount of response, with its name if ``named``: money with three digits, counts with two."""
        written = self.numbers.money if self.response_is_money else self.numbers.count
        digits = digits or (3 if self.response_is_money else 2)
        body = written(0.0 if abs(value) < self.least_response else value, digits, signed=signed)
        return body + (f" of {self.label}" if self.response_is_money else f" {self.label}") * named
