"""A last row that adds the others up: told as one problem and set aside, since it would break every other check."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from mixcurve.foundations.errors import Problem
from mixcurve.tables.amounts import Amount, is_missing, read_amount
from mixcurve.tables.locales import Fault, Locale
from mixcurve.tables.raw import RawTable, shown
from mixcurve.tables.request import Request

__all__ = ["TOTAL_WORDS", "without_total"]

TOTAL_WORDS = frozenset(
    [
        "total",
        "totals",
        "grand total",
        "sum",
        "summe",
        "gesamt",
        "gesamtsumme",
        "insgesamt",
        "somme",
        "ensemble",
    ]
)
"""What stands where a date should in a row of totals, in the languages of the locales."""

_ROUNDING = 1e-3
"""A printed total may be off by this share, since the rows it adds up were rounded."""


def without_total(raw: RawTable, request: Request) -> tuple[RawTable, list[Problem]]:
    """Return the table without a last row that looks like a total, and a problem that names the row.

    A row is a total when its date cell holds one of `TOTAL_WORDS`, or holds nothing while every amount in the row is
    the sum of its column.
    """
    if len(raw.labels) < 2 or request.date not in raw.cells:
        return raw, []
    cell = raw.cells[request.date][-1]
    word = isinstance(cell, str) and cell.strip().rstrip(":").casefold() in TOTAL_WORDS
    if not word and not (is_missing(cell) and _adds_up(raw, request)):
        return raw, []
    problem = Problem(
        "the row looks like a total",
        "Delete it, so that the table holds one row per period and nothing else",
        raw.source,
        raw.place(len(raw.labels) - 1, request.date),
        request.date,
        shown(cell),
        code="total-row",
    )
    cells = {name: column[:-1] for name, column in raw.cells.items()}
    return replace(raw, labels=raw.labels[:-1], cells=cells), [problem]


def _adds_up(raw: RawTable, request: Request) -> bool:
    """Return whether the last row has an amount, and every amount in it is the sum of those above."""
    money = [request.response, *([str(request.spend)] if request.long else request.channels)]
    found = [_is_sum(raw.cells[name], request.locale) for name in money if name in raw.cells]
    told = [answer for answer in found if answer is not None]
    return bool(told) and all(told)


def _is_sum(cells: list[Any], locale: Locale) -> bool | None:
    """Return whether the last cell is the sum of the others; None where it holds nothing or all are 0."""
    last, *others = (_value(cell, locale) for cell in [cells[-1], *cells[:-1]])
    whole = math.fsum(value for value in others if value is not None)
    if last is None or last == whole == 0:
        return None
    return math.isclose(last, whole, rel_tol=_ROUNDING)


def _value(cell: Any, locale: Locale) -> float | None:
    reading: Amount | Fault = read_amount(cell, locale)
    return reading.value if isinstance(reading, Amount) else None
