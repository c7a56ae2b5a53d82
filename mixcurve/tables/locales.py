"""How each locale writes a number and a date. Every reader of text derives from this table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = ["LOCALES", "Fault", "Locale", "quoted_list"]

_SPACES = " \u00a0\u2009\u202f"


@dataclass(frozen=True)
class Locale:
    """One way of writing numbers and dates.

    Parameters
    ----------
    name
        Language and country, such as ``"en-GB"``.
    decimal
        The decimal mark.
    thousands
        The characters that may separate thousands.
    date_order
        The order of day, month and year in a date.
    date_marks
        The characters that may separate them.
    number_example, date_example
        The number 1200.5 and 31 January 2024, as people there write them.
    """

    name: str
    decimal: str
    thousands: str
    date_order: Literal["dmy", "mdy"]
    date_marks: str
    number_example: str
    date_example: str


LOCALES: Mapping[str, Locale] = MappingProxyType(
    {
        locale.name: locale
        for locale in (
            Locale("en-GB", ".", ",", "dmy", "/.-", "1,200.50", "31/01/2024"),
            Locale("en-US", ".", ",", "mdy", "/-", "1,200.50", "01/31/2024"),
            Locale("de-DE", ",", ".", "dmy", ".", "1.200,50", "31.01.2024"),
            Locale("fr-FR", ",", _SPACES, "dmy", "/.-", "1 200,50", "31/01/2024"),
        )
    }
)


@dataclass(frozen=True)
class Fault:
    """Why a cell could not be read: a short stable name, the rule, and what to do (see `Problem`)."""

    code: str
    what: str
    remedy: str = ""


def quoted_list(names: list[str]) -> str:
    """Return ``'a', 'b' or 'c'``.

    Examples
    --------
    >>> quoted_list(["de-DE", "fr-FR"])
    "'de-DE' or 'fr-FR'"
    """
    quoted = [f"'{name}'" for name in names]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else quoted[0]
