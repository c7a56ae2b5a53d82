"""Text cells into numbers, dates or truths: each different text is read once, and ambiguity is never guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixcurve.tables.amounts import Amount, is_missing, looks_like_thousands, read_amount
from mixcurve.tables.customer_values import Kind
from mixcurve.tables.dates import CalendarDate, read_date, reread
from mixcurve.tables.locales import Fault, Locale

__all__ = ["MOSTLY", "Reading", "plain_numbers", "read_levels"]

MOSTLY = 0.9
"""A column of text of which at least this share of rows are numbers is meant to be one, and the others are mistakes."""

_FIRST_LOOK = 20
"""So many texts are tried before a long column is read as dates."""
_LOOK = 1_000
"""So many rows mostly show whether text is a number, and that its decimal mark does not separate thousands."""
_FEWEST_EITHER_WAY = 2
_ISO_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*")
_CODE = r"[+-]?0[0-9]"
"""A number that starts with 0 is a code, such as a postcode or the number of a telephone."""
_NEARLY = ("infinite-value", "other-locale")
"""What has one of these faults is a number or a date all the same."""
_TRUTHS = {"true": 1.0, "false": 0.0}


@dataclass(frozen=True)
class Reading:
    """What the different texts of a column are.

    Parameters
    ----------
    kind
        The kind that the column has.
    values
        For each text its number, truth, or days since 1970-01-01; NaN where it is missing or has a fault. Empty for
        a category.
    faults
        By position, why a text cannot be read.
    warnings
        What is doubtful: code, rule and remedy.
    """

    kind: Kind
    values: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    faults: dict[int, Fault] = field(default_factory=dict)
    warnings: tuple[Fault, ...] = ()


def read_levels(
    texts: Sequence[str], counts: npt.NDArray[np.intp], locale: Locale, asked: Kind | None = None
) -> Reading:
    """Return what the different texts of a column are.

    Parameters
    ----------
    texts
        The different texts, none of them empty.
    counts
        On how many rows each stands.
    locale
        How numbers and dates are written.
    asked
        The kind that the user says the column has; else the first of truth, number, date that all texts are, or
        at least `MOSTLY` of the rows, and a category if there is none.

    Examples
    --------
    >>> from mixcurve.tables.locales import LOCALES
    >>> read_levels(["1,5", "n/a"], np.array([9, 1]), LOCALES["de-DE"]).values
    array([1.5, nan])
    """
    if asked == "category":
        return Reading("category")
    present = np.array([not is_missing(text) for text in texts], dtype=bool)
    if asked is None and not present.any():
        return Reading("number", np.full(len(texts), np.nan))
    readers = {"boolean": _truths, "number": _numbers, "date": _dates}
    for kind, read in readers.items():
        if asked in (None, kind):
            reading = read(texts, present, locale, asked is None)
            if reading is not None and (asked or _enough(reading, present, counts)):
                return reading
    return Reading("category")


def plain_numbers(column: pd.Series[str], locale: Locale) -> npt.NDArray[np.float64] | None:
    """Return a column of text as numbers if it holds nothing but plain ones and missing cells, else None.

    It says what `read_levels` would, many times faster where nearly every row has a text of its own.
    """
    first = column[:_LOOK].dropna()
    if any(not is_missing(text) for text in first[np.isnan(_plain_numbers(first, locale))]):
        return None
    if bool(column.str.match(_CODE).any()):
        return None
    values = _plain_numbers(column, locale)
    rest = column[np.isnan(values)].dropna().unique()
    if np.isinf(values).any() or not all(is_missing(text) for text in rest) or np.isnan(values).all():
        return None
    verdicts = [looks_like_thousands(text, locale) for text in first]
    return values if False in verdicts or True not in verdicts else None


def _enough(reading: Reading, present: npt.NDArray[np.bool_], counts: npt.NDArray[np.intp]) -> bool:
    unread = sum(int(counts[j]) for j, fault in reading.faults.items() if fault.code not in _NEARLY)
    return unread <= (1 - MOSTLY) * int(counts[present].sum())


def _truths(
    texts: Sequence[str], present: npt.NDArray[np.bool_], locale: Locale, guess: bool
) -> Reading | None:
    values = np.full(len(texts), np.nan)
    faults = {}
    words = _TRUTHS if guess else {**_TRUTHS, "1": 1.0, "0": 0.0}
    for j in np.flatnonzero(present).tolist():
        word = texts[j].strip().casefold()
        if word in words:
            values[j] = words[word]
        elif guess:
            return None
        else:
            faults[j] = Fault("not-a-truth", "the value is neither true nor false", "Write true or false")
    return Reading("boolean", values, faults)


def _numbers(
    texts: Sequence[str], present: npt.NDArray[np.bool_], locale: Locale, guess: bool
) -> Reading | None:
    column = pd.Series(texts, dtype="str")
    if guess and bool(column.str.match(_CODE).any()):
        return None
    values = _plain_numbers(column, locale)
    faults = {}
    for j in np.flatnonzero(present & ~np.isfinite(values)).tolist():
        amount = read_amount(texts[j], locale)
        if isinstance(amount, Amount):
            values[j] = amount.value
        else:
            values[j], faults[j] = np.nan, amount
    values[~present] = np.nan
    return Reading("number", values, faults, _thousands(texts, locale))


def _plain_numbers(column: pd.Series[str], locale: Locale) -> npt.NDArray[np.float64]:
    """Return the numbers that are written with digits and the decimal mark alone, all at once; NaN for the others."""
    if locale.decimal != ".":
        plain = column.str.fullmatch(rf"-?[0-9]+(?:{re.escape(locale.decimal)}[0-9]+)?")
        column = column.where(plain).str.replace(locale.decimal, ".", regex=False)
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan).copy()


def _thousands(texts: Sequence[str], locale: Locale) -> tuple[Fault, ...]:
    """Return a warning when every decimal could as well be a thousand, as in 1.200 and 3.450."""
    either = 0
    for text in texts:
        verdict = looks_like_thousands(text, locale)
        if verdict is False:
            return ()
        either += verdict is True
    if either < _FEWEST_EITHER_WAY:
        return ()
    mark, others = locale.decimal, "de-DE" if locale.decimal == "." else "en-GB"
    what = f"every '{mark}' has three digits after it; it was read as a decimal mark, the {locale.name} way"
    return (
        Fault("ambiguous-number", what, f"If it separates thousands, read the file with locale '{others}'"),
    )


def _dates(
    texts: Sequence[str], present: npt.NDArray[np.bool_], locale: Locale, guess: bool
) -> Reading | None:
    places = np.flatnonzero(present).tolist()
    first = places[:_FIRST_LOOK]
    if guess and not any(_date_like(texts[j], locale) for j in first):
        return None
    values = np.full(len(texts), np.nan)
    faults = {}
    for j in places:
        day = _day(texts[j], locale)
        if day is not None:
            values[j] = day
        else:
            fault = read_date(texts[j], locale)
            faults[j] = (
                fault if isinstance(fault, Fault) else Fault("unreadable-date", "the date cannot be read")
            )
    other = reread([texts[j] for j in places], locale) if not faults else None
    what = f"every date was read the {locale.name} way, and could be read the {other[0] if other else ''} way as well"
    remedy = f"If the latter is meant, read the file with locale '{other[0] if other else ''}'"
    return Reading("date", values, faults, (Fault("ambiguous-dates", what, remedy),) if other else ())


def _day(text: str, locale: Locale) -> float | None:
    """Return the days from 1970-01-01 to a date, or to an ISO date and time, or None."""
    if _ISO_TIME.fullmatch(text.strip()):
        return _iso_day(text.strip())
    found = read_date(text, locale)
    return float(np.datetime64(found.value, "D").astype(int)) if isinstance(found, CalendarDate) else None


def _date_like(text: str, locale: Locale) -> bool:
    fault = read_date(text, locale)
    return _day(text, locale) is not None or (isinstance(fault, Fault) and fault.code in _NEARLY)


def _iso_day(text: str) -> float | None:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
    return (moment - dt.datetime(1970, 1, 1)) / dt.timedelta(days=1)
