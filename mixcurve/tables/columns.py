"""Cells into typed columns: what can be read is read, every cell that cannot becomes a problem."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import Problem
from mixcurve.tables.amounts import CURRENCIES, Amount, is_missing, looks_like_thousands, read_amount
from mixcurve.tables.dates import CalendarDate, read_date
from mixcurve.tables.locales import Fault
from mixcurve.tables.raw import RawTable, shown
from mixcurve.tables.request import Request

__all__ = ["Columns", "problem_at", "read_columns"]

FloatArray = npt.NDArray[np.float64]

_NOTHING_SPENT = "Write 0 if nothing was spent; nothing is filled in"
_FEWEST_EITHER_WAY = 2
_FILL_IN = "Give the value; nothing is filled in"


@dataclass(frozen=True)
class Columns:
    """The columns of a raw table, typed; NaN, None or ``""`` where a cell could not be read.

    Parameters
    ----------
    dates
        One per row; empty when there is no date column.
    only_years
        Whether every date is a bare year.
    labels
        The texts of the group column and, in the long layout, of the channel column.
    amounts
        The numbers of each column that holds numbers.
    currencies
        The currencies that the marks beside the spend and response allow; None if there are no marks.
    """

    dates: list[dt.date | None]
    only_years: bool
    labels: dict[str, list[str]]
    amounts: dict[str, FloatArray]
    currencies: tuple[str, ...] | None


def problem_at(
    raw: RawTable,
    row: int,
    column: str,
    fault: Fault,
    *,
    severity: Literal["error", "warning", "note"] = "error",
) -> Problem:
    """Return a problem with one cell, at the place where the user finds it."""
    cell = raw.cells[column][row] if column in raw.cells else None
    return Problem(
        fault.what,
        fault.remedy,
        raw.source,
        raw.place(row, column),
        column,
        shown(cell),
        severity,
        fault.code,
    )


def read_columns(raw: RawTable, request: Request) -> tuple[Columns, list[Problem]]:
    """Return the typed columns and a problem for every cell that could not be read."""
    found: list[Problem] = []
    dates, only_years = _read_dates(raw, request, found)
    texts = [request.group] + ([request.channel] if request.long else [])
    labels = {
        name: _read_labels(raw, name, found) for name in texts if name is not None and name in raw.cells
    }
    money = [request.response, *([str(request.spend)] if request.long else request.channels)]
    allowed: tuple[str, ...] | None = (request.currency,) if request.currency is not None else None
    amounts: dict[str, FloatArray] = {}
    for name in dict.fromkeys(money):
        if name in raw.cells:
            remedy = _FILL_IN if name == request.response else _NOTHING_SPENT
            amounts[name], marks = _read_amounts(raw, request, name, remedy, found)
            allowed = _check_marks(raw, name, marks, allowed, found)
    for name in request.controls:
        if name in raw.cells and name not in amounts:
            amounts[name], _ = _read_amounts(raw, request, name, _FILL_IN, found, flags=True)
    return Columns(dates, only_years, labels, amounts, allowed), found


def _once_each(read: Callable[[Any], Any], cells: list[Any]) -> list[Any]:
    """Return what ``read`` makes of each cell, reading equal texts once: long tables repeat their dates."""
    known: dict[tuple[type, Hashable], Any] = {}
    results = []
    for cell in cells:
        if not isinstance(cell, str):
            results.append(read(cell))
            continue
        key = (str, cell)
        if key not in known:
            known[key] = read(cell)
        results.append(known[key])
    return results


def _read_dates(raw: RawTable, request: Request, found: list[Problem]) -> tuple[list[dt.date | None], bool]:
    name = request.date
    readings = _once_each(lambda cell: read_date(cell, request.locale), raw.cells.get(name, []))
    for row, reading in enumerate(readings):
        if isinstance(reading, Fault):
            found.append(problem_at(raw, row, name, reading))
    years = [isinstance(reading, CalendarDate) and reading.only_year for reading in readings]
    days = [isinstance(reading, CalendarDate) and not reading.only_year for reading in readings]
    if any(years) and any(days):
        what = "this row has only a year where others have a day"
        fault = Fault("mixed-spacing", what, "Write every date the same way")
        found += [problem_at(raw, row, name, fault) for row, is_year in enumerate(years) if is_year]
    dates = [reading.value if isinstance(reading, CalendarDate) else None for reading in readings]
    return dates, any(years) and not any(days)


def _read_labels(raw: RawTable, name: str, found: list[Problem]) -> list[str]:
    labels = []
    fault = Fault("missing-value", "the value is missing", "Give the name that the row belongs to")
    for row, cell in enumerate(raw.cells[name]):
        if is_missing(cell) or cell != cell:
            found.append(problem_at(raw, row, name, fault))
            labels.append("")
        else:
            whole = isinstance(cell, float) and cell.is_integer()
            labels.append(str(int(cell)) if whole else str(cell).strip())
    return labels


def _read_amounts(
    raw: RawTable, request: Request, name: str, remedy: str, found: list[Problem], *, flags: bool = False
) -> tuple[FloatArray, list[str]]:
    cells = raw.cells[name]
    values, marks = np.full(len(cells), np.nan), [""] * len(cells)
    for row, cell in enumerate(cells):
        reading = read_amount(cell, request.locale, flags=flags)
        if isinstance(reading, Amount):
            values[row], marks[row] = reading
        else:
            missing = reading.code == "missing-value"
            found.append(
                problem_at(raw, row, name, Fault(reading.code, reading.what, remedy) if missing else reading)
            )
    found += _thousands_or_decimals(raw, request, name)
    return values, marks


def _thousands_or_decimals(raw: RawTable, request: Request, name: str) -> list[Problem]:
    """Return a warning when every decimal in a column could as well be a thousand, as in 1.200 and 3.450."""
    either = 0
    for cell in raw.cells[name]:
        verdict = looks_like_thousands(cell, request.locale) if isinstance(cell, str) else None
        if verdict is False:
            return []
        either += verdict is True
    if either < _FEWEST_EITHER_WAY:
        return []
    mark, others = request.locale.decimal, "de-DE" if request.locale.decimal == "." else "en-GB"
    what = f"every '{mark}' has three digits after it; it was read as a decimal mark, the {request.locale_name} way"
    remedy = f"If it separates thousands, read the file with locale '{others}'"
    return [Problem(what, remedy, raw.source, column=name, severity="warning", code="ambiguous-number")]


def _check_marks(
    raw: RawTable, name: str, marks: list[str], allowed: tuple[str, ...] | None, found: list[Problem]
) -> tuple[str, ...] | None:
    """Return the currencies still possible, with a problem for each cell that is in another."""
    for row, mark in enumerate(marks):
        if not mark:
            continue
        possible = tuple(code for code in CURRENCIES[mark] if allowed is None or code in allowed)
        if possible:
            allowed = possible
        else:
            expected = " or ".join(allowed or ())
            remedy = "Convert it, so that all amounts are in one currency"
            fault = Fault("mixed-currency", f"the amount is not in {expected}", remedy)
            found.append(problem_at(raw, row, name, fault))
    return allowed
