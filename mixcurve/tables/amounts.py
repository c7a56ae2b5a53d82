"""Numbers out of cells: real numbers, and currency text in a declared locale. Ambiguity is never guessed."""

from __future__ import annotations

import decimal
import math
import re
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from mixcurve.tables.locales import LOCALES, Fault, Locale, quoted_list

__all__ = ["CURRENCIES", "ISO_CODES", "Amount", "is_missing", "looks_like_thousands", "read_amount"]

ISO_CODES = tuple(
    re.findall(
        "...",
        "AEDAUDBRLCADCHFCNYCZKDKKEURGBPHKDHUFIDRILSINRJPYKRWMXNMYRNOKNZDPHPPLNRONSARSEKSGDTHBTRYTWDUSDVNDZAR",
    )
)
"""ISO 4217 codes that may stand beside a number; any other word there is not read as a currency."""

_DOLLARS = ("USD", "AUD", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD")
CURRENCIES: dict[str, tuple[str, ...]] = {code: (code,) for code in ISO_CODES} | {
    "£": ("GBP",),
    "€": ("EUR",),
    "₹": ("INR",),
    "$": _DOLLARS,
    "US$": ("USD",),
    "A$": ("AUD",),
    "C$": ("CAD",),
    "¥": ("JPY", "CNY"),
}
"""What each mark beside a number can mean: ``$`` and ``¥`` stand for several currencies."""

_MISSING = frozenset(
    ["", "-", "–", "—", ".", "na", "n/a", "#n/a", "nan", "nat", "<na>", "nil", "none", "null"]
)
_INFINITE = re.compile(r"[+-]?(inf|infinity|∞)", re.IGNORECASE)
_PLAIN = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]+)?")
_FLAGS = {"true": 1.0, "false": 0.0}


class Amount(NamedTuple):
    """A number read from a cell, and the currency mark beside it (``""`` if none)."""

    value: float
    mark: str = ""


@cache
def _pattern(locale: Locale) -> re.Pattern[str]:
    point, group = re.escape(locale.decimal), f"[{re.escape(locale.thousands)}]"
    marks = "|".join(re.escape(mark) for mark in sorted(CURRENCIES, key=len, reverse=True))
    whole = rf"[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+|[0-9]+"
    number = rf"(?:(?:{whole})(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"
    return re.compile(
        rf"(?P<open>\()?\s*(?P<sign>[+-])?\s*(?P<before>{marks})?\s*(?P<minus>-)?\s*(?P<number>{number})"
        rf"\s*(?P<after>{marks})?\s*(?P<close>\))?"
    )


def is_missing(cell: Any) -> bool:
    """Return whether a cell holds nothing: empty, NaN, or text such as ``n/a``."""
    if cell is None:
        return True
    if isinstance(cell, str):
        return cell.strip().casefold() in _MISSING
    return isinstance(cell, (float, np.floating)) and math.isnan(cell)


def read_amount(cell: Any, locale: Locale, *, flags: bool = False) -> Amount | Fault:
    """Return the number in a cell, or why it cannot be read.

    Parameters
    ----------
    cell
        A number, or text such as ``"£1,200.50"``, ``"(1,200)"`` or ``"-5"``.
    locale
        How the text is written.
    flags
        Whether true and false count as 1 and 0.

    Examples
    --------
    >>> read_amount("1.200,50 €", LOCALES["de-DE"])
    Amount(value=1200.5, mark='€')
    >>> read_amount("1.200,50 €", LOCALES["en-GB"]).what
    'the number is not written the en-GB way'
    """
    if isinstance(cell, float) and math.isfinite(cell):
        return Amount(cell)
    if isinstance(cell, str):
        if locale.decimal == "." and _PLAIN.fullmatch(
            cell
        ):  # most files hold nothing else, and this is quick
            return Amount(float(cell))
        return (
            _missing() if is_missing(cell) else _read_text(cell.strip().replace("\u2212", "-"), locale, flags)
        )
    if is_missing(cell):
        return _missing()
    if isinstance(cell, (bool, np.bool_)):
        return Amount(float(cell)) if flags else _not_a_number(locale)
    if isinstance(cell, (int, float, np.number, decimal.Decimal)):
        return _read_number(cell, locale)
    return _not_a_number(locale)


def looks_like_thousands(text: str, locale: Locale) -> bool | None:
    """Return whether the decimal mark of a number is followed by exactly three digits; None if it has no decimals.

    ``"1.200"`` is 1.2 in en-GB and 1200 in de-DE; a column of such numbers deserves a warning.
    """
    whole, mark, decimals = text.partition(locale.decimal)
    digits = re.match("[0-9]*", decimals)
    if not mark or digits is None:
        return None
    lead = re.sub("[^0-9]", "", whole)
    return len(digits.group()) == 3 and len(lead) <= 3 and not lead.startswith("0") and lead != ""


def _read_number(cell: Any, locale: Locale) -> Amount | Fault:
    try:
        value = float(cell)
    except OverflowError:
        value = math.inf
    except (TypeError, ValueError):
        return _not_a_number(locale)
    return Amount(value) if math.isfinite(value) else _infinite()


def _read_text(text: str, locale: Locale, flags: bool) -> Amount | Fault:
    if flags and text.casefold() in _FLAGS:
        return Amount(_FLAGS[text.casefold()])
    if _INFINITE.fullmatch(text):
        return _infinite()
    amount = _match(text, locale)
    if amount is None:
        return _other_way(text, locale)
    return amount if math.isfinite(amount.value) else _infinite()


def _match(text: str, locale: Locale) -> Amount | None:
    found = _pattern(locale).fullmatch(text)
    if found is None:
        return None
    signs = [found["open"], found["sign"], found["minus"]]
    if (
        bool(found["open"]) != bool(found["close"])
        or sum(map(bool, signs)) > 1
        or (found["before"] and found["after"])
    ):
        return None
    plain = re.sub(f"[{re.escape(locale.thousands)}]", "", found["number"]).replace(locale.decimal, ".")
    negative = found["open"] or "-" in (found["sign"], found["minus"])
    return Amount(-float(plain) if negative else float(plain), found["before"] or found["after"] or "")


def _other_way(text: str, locale: Locale) -> Fault:
    others = [name for name, other in LOCALES.items() if _match(text, other) is not None]
    if not others:
        return _not_a_number(locale)
    return Fault(
        "other-locale",
        f"the number is not written the {locale.name} way",
        f"Read the file with locale {quoted_list(others)}, or write numbers like {locale.number_example}",
    )


def _missing() -> Fault:
    return Fault("missing-value", "the value is missing")


def _not_a_number(locale: Locale) -> Fault:
    return Fault(
        "not-a-number", "the value is not a number", f"Write a number such as {locale.number_example}"
    )


def _infinite() -> Fault:
    return Fault("infinite-value", "the value is infinite", "Give a finite number")
