"""Dates out of cells: date columns, ISO text, locale text, integer years. Ambiguity is never guessed."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, NamedTuple

import numpy as np

from mixcurve.tables.amounts import is_missing
from mixcurve.tables.locales import LOCALES, Fault, Locale, quoted_list

__all__ = ["CalendarDate", "read_date", "reread"]

FIRST_YEAR, LAST_YEAR = 1500, 2500
"""Dates lie in these years; whole numbers in this range are years, since Excel's day numbers lie above it."""

_EXCEL_DAYS = range(15_000, 100_000)
"""The numbers under which Excel keeps the days from 1941 to 2173."""

_LAST_BASIC_DAY = 9999_12_31
"""No larger number can be a date written as 20240131."""

_MIDNIGHT = r"(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)?)?"
_TIMED = re.compile(r".+[T ][0-9]{1,2}:[0-9]{2}.*")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})" + _MIDNIGHT)
_BASIC_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_ISO_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")
_ISO_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_YEAR = re.compile(r"([0-9]{4})(?:\.0)?")
_PARTS = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})" + _MIDNIGHT)
_SHORT_YEAR = re.compile(r"[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{2}")


class CalendarDate(NamedTuple):
    """A date read from a cell, and whether the cell held only a year."""

    value: dt.date
    only_year: bool = False


def read_date(cell: Any, locale: Locale) -> CalendarDate | Fault:
    """Return the date in a cell, or why it cannot be read.

    A year stands for its first day, ``2024-03`` for the first day of March, ``2024-W05`` for its Monday.

    Examples
    --------
    >>> read_date("31.01.2024", LOCALES["de-DE"])
    CalendarDate(value=datetime.date(2024, 1, 31), only_year=False)
    >>> read_date(1907.0, LOCALES["en-GB"])
    CalendarDate(value=datetime.date(1907, 1, 1), only_year=True)
    >>> read_date("01/31/2024", LOCALES["en-GB"]).remedy
    "Read the file with locale 'en-US', or write dates like 31/01/2024 or 2024-01-31"
    """
    found = _read(cell, locale)
    if isinstance(found, CalendarDate) and not FIRST_YEAR <= found.value.year <= LAST_YEAR:
        return Fault(
            "unreadable-date", f"the year is not in {FIRST_YEAR} to {LAST_YEAR}", "Check the date of the row"
        )
    return found


def _read(cell: Any, locale: Locale) -> CalendarDate | Fault:
    if is_missing(cell) or cell != cell:
        return Fault("missing-value", "the date is missing", "Give the date of the row")
    if isinstance(cell, np.datetime64):
        cell = cell.astype("datetime64[us]").item()
    if isinstance(cell, dt.datetime):
        return (
            CalendarDate(dt.date(cell.year, cell.month, cell.day)) if cell.time() == dt.time() else _timed()
        )
    if isinstance(cell, dt.date):
        return CalendarDate(cell)
    if isinstance(cell, str):
        return _read_text(cell.strip(), locale)
    if (
        isinstance(cell, (int, float, np.number))
        and not isinstance(cell, bool)
        and 0 < cell <= _LAST_BASIC_DAY
    ):
        return _read_number(float(cell), locale)
    return _unreadable(locale)


def reread(cells: list[Any], locale: Locale) -> tuple[str, list[dt.date]] | None:
    """Return the other locale under which all of these day-and-month texts are dates too, and those dates.

    None when any cell is not such a text, since then nothing is ambiguous.
    """
    other = LOCALES["en-GB" if locale.date_order == "mdy" else "en-US"]
    if not cells or not all(isinstance(cell, str) and _PARTS.fullmatch(cell.strip()) for cell in cells):
        return None
    dates = [_read_parts(cell.strip(), other) for cell in cells]
    return None if None in dates else (other.name, [date for date in dates if date is not None])


def _read_number(value: float, locale: Locale) -> CalendarDate | Fault:
    if value != int(value):
        return _unreadable(locale)
    if FIRST_YEAR <= value <= LAST_YEAR:
        return CalendarDate(dt.date(int(value), 1, 1), only_year=True)
    return _read_text(str(int(value)), locale)


def _read_text(text: str, locale: Locale) -> CalendarDate | Fault:
    iso = _read_iso(text)
    if iso is not None:
        return iso
    value = _read_parts(text, locale)
    if value is not None:
        return CalendarDate(value)
    others = [name for name, other in LOCALES.items() if _read_parts(text, other) is not None]
    if others:
        return Fault(
            "other-locale",
            f"the date is not written the {locale.name} way",
            f"Read the file with locale {quoted_list(others)}, or write dates like {_examples(locale)}",
        )
    if _SHORT_YEAR.fullmatch(text):
        return Fault("unreadable-date", "the year has two digits", f"Write dates like {_examples(locale)}")
    if text.isascii() and text.isdigit() and int(text[:6]) in _EXCEL_DAYS:
        return Fault(
            "unreadable-date", "the cell holds Excel's number of a day", "Format the column as dates in Excel"
        )
    return _timed() if _TIMED.fullmatch(text) else _unreadable(locale)


def _read_iso(text: str) -> CalendarDate | None:
    if year := _YEAR.fullmatch(text):
        only = int(year[1])
        return CalendarDate(dt.date(only, 1, 1), only_year=True) if FIRST_YEAR <= only <= LAST_YEAR else None
    try:
        if day := _ISO_DAY.fullmatch(text) or _BASIC_DAY.fullmatch(text):
            return CalendarDate(dt.date(*(int(part) for part in day.groups())))
        if week := _ISO_WEEK.fullmatch(text):
            return CalendarDate(dt.date.fromisocalendar(int(week[1]), int(week[2]), 1))
        if month := _ISO_MONTH.fullmatch(text):
            return CalendarDate(dt.date(int(month[1]), int(month[2]), 1))
    except ValueError:
        return None
    return None


def _read_parts(text: str, locale: Locale) -> dt.date | None:
    found = _PARTS.fullmatch(text)
    if found is None or found[2] not in locale.date_marks:
        return None
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    day, month = (first, second) if locale.date_order == "dmy" else (second, first)
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _examples(locale: Locale) -> str:
    return f"{locale.date_example} or 2024-01-31"


def _unreadable(locale: Locale) -> Fault:
    return Fault("unreadable-date", "the date cannot be read", f"Write dates like {_examples(locale)}")


def _timed() -> Fault:
    return Fault(
        "unreadable-date", "the date has a time of day", "Add the hours of a day up and give dates only"
    )
