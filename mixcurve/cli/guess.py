"""What the columns of a data file seem to be, so that a job file can be begun; every guess says what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mixcurve.cli.column_words import (
    CALENDAR,
    CONTROL,
    DATE,
    EXPOSURE,
    MEDIA,
    RESPONSE,
    SPEND,
    has_word,
    words_of,
)
from mixcurve.cli.guess_parts import parts_of, remarks_of
from mixcurve.tables.amounts import CURRENCIES, Amount, is_missing, read_amount
from mixcurve.tables.dates import CalendarDate, read_date
from mixcurve.tables.locales import LOCALES, Locale

__all__ = ["Guess", "guess_columns", "guess_file"]

_MOST = 0.5  # the share of cells that must read as what the column is taken for
_NEARLY_ALL = 0.9  # the share of a column that a locale must read to be the file's
_READ_ROWS = 500  # guesses need no more

Cells = Mapping[str, list[Any]]


@dataclass(frozen=True)
class Guess:
    """Values for the section [data] of a job, what each rests on, and why each other column was left out."""

    values: dict[str, Any] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def guess_file(
    path: Path, *, sheet: str | None = None, encoding: str = "utf-8", locale: str | None = None
) -> Guess:
    """Return the guess for a data file.

    Raises
    ------
    InputError
        If the file cannot be read at all.
    """
    from mixcurve.tables.files import read_file

    names = dict.fromkeys(read_file(path, {}, sheet=sheet, encoding=encoding).columns, "a column")
    names.pop("", None)
    raw = read_file(path, names, sheet=sheet, encoding=encoding)
    return guess_columns({name: raw.cells[name] for name in raw.columns if name in raw.cells}, locale)


def guess_columns(cells: Cells, locale_name: str | None = None) -> Guess:
    """Return the guess for columns by name.

    Examples
    --------
    >>> guess = guess_columns({"week": ["2024-01-01", "2024-01-08"], "orders": [7, 5], "tv_spend": [1.5, 0]})
    >>> guess.values
    {'date': 'week', 'response': 'orders', 'channels': ['tv_spend']}
    """
    locale = LOCALES[locale_name] if locale_name else _locale(cells)
    date = _date(cells, locale)
    numbers = [name for name in cells if name != date and _reads(cells[name], locale, _is_amount)]
    parts = {} if date is None else parts_of(cells, date, [n for n in cells if n not in numbers])
    values = {"date": date} | _roles(cells, numbers, locale) | parts
    if parts.get("layout") == "long":
        values["spend"] = _first(numbers, SPEND)
    values["currency"] = _currency(cells, [values.get("spend") or "", *values["channels"]], locale)
    values["locale"] = None if locale.name == "en-GB" and not locale_name else locale.name
    kept = {key: value for key, value in values.items() if value and key != "choices"}
    used = {values[key] for key in ("date", "response", "group", "channel", "spend") if values.get(key)}
    used |= {*values["channels"], *values["controls"]}
    left_out = {name: _reason(name, cells[name], locale, numbers) for name in cells if name not in used}
    return Guess(kept, remarks_of(kept, parts, left_out), left_out)


def _roles(cells: Cells, numbers: list[str], locale: Locale) -> dict[str, Any]:
    """Return which columns of numbers are the response, the channels and the controls."""
    response = _first(numbers, RESPONSE, besides=CONTROL + SPEND + EXPOSURE)
    rest = [name for name in numbers if name != response]
    controls = [name for name in rest if has_word(name, CONTROL)]
    exposure = [name for name in rest if has_word(name, EXPOSURE + CALENDAR) and name not in controls]
    open_names = [name for name in rest if name not in controls and name not in exposure]
    channels = _channels(open_names, cells, locale)
    others = [name for name in open_names if name not in channels]
    if response is None and len(others) == 1:
        response = others[0]
    return {"response": response, "channels": channels, "controls": controls}


def _reason(name: str, cells: list[Any], locale: Locale, numbers: list[str]) -> str:
    """Return why a column was left out."""
    if all(map(is_missing, cells)):
        return "it is empty"
    if name not in numbers:
        return "another date" if _reads(cells, locale, _is_date) else "most of its cells are text"
    if has_word(name, EXPOSURE):
        return "its name says impressions or clicks, not money"
    if has_word(name, CALENDAR):
        return "its name says that it counts time"
    if any(_negative(cell, locale) for cell in cells):
        return "it has negative amounts; correct them if it is spend"
    return "its name says neither spend nor a medium; add it if it is"


def _first(names: Iterable[str], known: Iterable[str], besides: Iterable[str] = ()) -> str | None:
    """Return the column whose name says most clearly that it is one of the ``known``, in their order."""
    open_names = [name for name in names if not has_word(name, besides)]
    return next((name for word in known for name in open_names if word in words_of(name)), None)


def _share(cells: list[Any], reads: Callable[[Any], bool]) -> float:
    there = [cell for cell in cells[:_READ_ROWS] if not is_missing(cell)]
    return sum(map(reads, there)) / len(there) if there else 0.0


def _reads(cells: list[Any], locale: Locale, reads: Callable[[Any, Locale], bool]) -> bool:
    """Return whether most cells read as such; the few that do not are for ``check`` to tell of."""
    return _share(cells, lambda cell: reads(cell, locale)) > _MOST


def _is_amount(cell: Any, locale: Locale) -> bool:
    return isinstance(read_amount(cell, locale), Amount)


def _is_date(cell: Any, locale: Locale) -> bool:
    return isinstance(read_date(cell, locale), CalendarDate)


def _locale(cells: Cells) -> Locale:
    """Return the locale under which most columns are read, then most cells; the first of equals."""

    def score(locale: Locale) -> tuple[int, float]:
        shares = [
            _share(column, lambda cell: _is_date(cell, locale) or _is_amount(cell, locale))
            for column in cells.values()
        ]
        return sum(share >= _NEARLY_ALL for share in shares), sum(shares)

    return max(LOCALES.values(), key=score)


def _date(cells: Cells, locale: Locale) -> str | None:
    """Return the date column: dates by their cells, years also by their name, since 1907 may be any number."""
    dated = [name for name in cells if _reads(cells[name], locale, _is_date)]
    plain = [name for name in dated if not _reads(cells[name], locale, _is_amount)]
    return _first(plain, DATE) or next(iter(plain), None) or _first(dated, DATE)


def _channels(names: list[str], cells: Cells, locale: Locale) -> list[str]:
    """Return the columns whose names say spend or a medium, else all; none that has negative amounts."""
    positive = [name for name in names if not any(_negative(cell, locale) for cell in cells[name])]
    return [name for name in positive if has_word(name, SPEND + MEDIA)] or positive


def _negative(cell: Any, locale: Locale) -> bool:
    amount = read_amount(cell, locale)
    return isinstance(amount, Amount) and amount.value < 0


def _currency(cells: Cells, channels: list[str], locale: Locale) -> str | None:
    """Return the currency whose mark stands beside the spend, if it can only be one."""
    amounts = [read_amount(cell, locale) for name in channels for cell in cells.get(name, [])]
    marks = {amount.mark for amount in amounts if isinstance(amount, Amount) and amount.mark}
    possible = {CURRENCIES[mark] for mark in marks}
    only = next(iter(possible)) if len(possible) == 1 else ()
    return only[0] if len(only) == 1 else None
