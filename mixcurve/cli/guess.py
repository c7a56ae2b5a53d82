"""What the columns of a data file seem to be, so that a job file can be begun; every guess says what it rests on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mixcurve.cli.column_words import CALENDAR, CONTROL, DATE, EXPOSURE, MEDIA, RESPONSE, SPEND
from mixcurve.tables.amounts import CURRENCIES, Amount, is_missing, read_amount
from mixcurve.tables.dates import CalendarDate, read_date
from mixcurve.tables.locales import LOCALES, Locale

__all__ = ["Guess", "guess_columns", "guess_file"]

_ENOUGH = 0.9  # the share of cells that must read as what the column is taken for
_READ_ROWS = 500  # guesses need no more

Cells = Mapping[str, list[Any]]


@dataclass(frozen=True)
class Guess:
    """Values for the section [data] of a job, and what each rests on."""

    values: dict[str, Any] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def guess_file(path: Path) -> Guess:
    """Return the guess for a data file.

    Raises
    ------
    InputError
        If the file cannot be read at all.
    """
    from mixcurve.tables.files import read_file

    names = dict.fromkeys(read_file(path, {}).columns, "a column")
    names.pop("", None)
    raw = read_file(path, names)
    return guess_columns({name: raw.cells[name][:_READ_ROWS] for name in raw.columns if name in raw.cells})


def guess_columns(cells: Cells) -> Guess:
    """Return the guess for columns by name.

    Examples
    --------
    >>> guess = guess_columns({"week": ["2024-01-01", "2024-01-08"], "orders": [7, 5], "tv_spend": [1.5, 0]})
    >>> guess.values
    {'date': 'week', 'response': 'orders', 'channels': ['tv_spend']}
    """
    locale = _locale(cells)
    date = _date(cells, locale)
    numbers = [
        name
        for name in cells
        if name != date and _share(cells[name], lambda c: _is_amount(c, locale)) >= _ENOUGH
    ]
    response = _first(numbers, RESPONSE, besides=CONTROL + SPEND + EXPOSURE)
    rest = [name for name in numbers if name != response]
    controls = [name for name in rest if _any(name, CONTROL)]
    exposure = [name for name in rest if _any(name, EXPOSURE + CALENDAR) and name not in controls]
    channels = _channels(
        [name for name in rest if name not in controls and name not in exposure], cells, locale
    )
    if (
        response is None
        and len(others := [name for name in rest if name not in channels + controls + exposure]) == 1
    ):
        response = others[0]
    used = {date, response, *channels, *controls}
    left_out = tuple(name for name in cells if name not in used)
    values = {"date": date, "response": response, "channels": channels, "controls": controls}
    values |= {
        "currency": _currency(cells, channels, locale),
        "locale": None if locale.name == "en-GB" else locale.name,
    }
    kept = {key: value for key, value in values.items() if value}
    return Guess(kept, _remarks(kept, left_out), left_out)


def _words(name: str) -> list[str]:
    """Return the words of a column's name in small letters: tv_S, paidSearch, "TV spend"."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W\d_]+", parted.casefold())


def _any(name: str, known: Iterable[str]) -> bool:
    return not set(_words(name)).isdisjoint(known)


def _first(names: Iterable[str], known: Iterable[str], besides: Iterable[str] = ()) -> str | None:
    """Return the column whose name says most clearly that it is one of the ``known``, in their order."""
    open_names = [name for name in names if not _any(name, besides)]
    return next((name for word in known for name in open_names if word in _words(name)), None)


def _share(cells: list[Any], reads: Callable[[Any], bool]) -> float:
    there = [cell for cell in cells if not is_missing(cell)]
    return sum(map(reads, there)) / len(there) if there else 0.0


def _is_amount(cell: Any, locale: Locale) -> bool:
    return isinstance(read_amount(cell, locale), Amount)


def _is_date(cell: Any, locale: Locale) -> bool:
    return isinstance(read_date(cell, locale), CalendarDate)


def _locale(cells: Cells) -> Locale:
    """Return the locale under which most columns are read in full; the first of equals."""

    def score(locale: Locale) -> int:
        columns = cells.values()
        return sum(
            _share(c, lambda v: _is_date(v, locale) or _is_amount(v, locale)) >= _ENOUGH for c in columns
        )

    return max(LOCALES.values(), key=score)


def _date(cells: Cells, locale: Locale) -> str | None:
    """Return the date column: dates by their cells, years also by their name, since 1907 may be any number."""
    dated = [name for name in cells if _share(cells[name], lambda c: _is_date(c, locale)) >= _ENOUGH]
    plain = [name for name in dated if _share(cells[name], lambda c: _is_amount(c, locale)) < _ENOUGH]
    return _first(plain, DATE) or next(iter(plain), None) or _first(dated, DATE)


def _channels(names: list[str], cells: Cells, locale: Locale) -> list[str]:
    """Return the columns said to be spend, else those named after media, else all that are never negative."""
    positive = [name for name in names if not any(_negative(cell, locale) for cell in cells[name])]
    told = [name for name in positive if _any(name, SPEND)]
    return told or [name for name in positive if _any(name, MEDIA)] or positive


def _negative(cell: Any, locale: Locale) -> bool:
    amount = read_amount(cell, locale)
    return isinstance(amount, Amount) and amount.value < 0


def _currency(cells: Cells, channels: list[str], locale: Locale) -> str | None:
    """Return the currency whose mark stands beside the spend, if it can only be one."""
    amounts = [read_amount(cell, locale) for name in channels for cell in cells[name]]
    marks = {amount.mark for amount in amounts if isinstance(amount, Amount) and amount.mark}
    possible = {CURRENCIES[mark] for mark in marks}
    only = next(iter(possible)) if len(possible) == 1 else ()
    return only[0] if len(only) == 1 else None


def _remarks(values: Mapping[str, Any], left_out: tuple[str, ...]) -> dict[str, str]:
    remarks = {
        "date": "Guessed: its cells are dates.",
        "response": "Guessed from its name. Check that it is what spend should move.",
        "channels": "Guessed from names and numbers. Check that each is spend in money.",
        "controls": "Guessed from their names. Take out what does not move the response.",
        "currency": "Guessed from the mark beside the amounts.",
        "locale": "Guessed: the file's numbers and dates are read in full this way.",
    }
    told = {key: remark for key, remark in remarks.items() if key in values}
    for key in ("date", "response", "channels"):
        if key not in values:
            told[key] = "No column looks like it: put the name of yours here."
    if left_out:
        told["channels"] = f"{told['channels']} Left out: {', '.join(left_out)}."
    return told
