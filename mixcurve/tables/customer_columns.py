"""Columns as they came in, typed: numbers, categories, booleans, dates; what cannot be read becomes a problem."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixcurve.foundations.errors import InputError, Problem
from mixcurve.tables.customer_reading import Reading, plain_numbers, read_levels
from mixcurve.tables.customer_source import Opened
from mixcurve.tables.customer_values import Kind, days_of, kind_of, levels_of, numbers_of, truths_of
from mixcurve.tables.locales import Fault, Locale
from mixcurve.tables.raw import shown

__all__ = ["Typed", "category_of", "dates_as", "problem_of", "typed"]

_DAY_IN_MICROSECONDS = 86_400_000_000


class Typed(NamedTuple):
    """A column of one kind, and the problems with its cells; it is None when a whole column could not be read."""

    column: pd.Series[Any] | None
    kind: Kind
    problems: tuple[Problem, ...] = ()


def problem_of(
    opened: Opened,
    column: str,
    fault: Fault,
    rows: npt.NDArray[Any],
    *,
    cell: Any = None,
    severity: Literal["error", "warning", "note"] = "error",
) -> Problem:
    """Return one problem with the cells of a column at some rows: how many, and where the first is."""
    where = f" on {len(rows):,} rows, first here" if len(rows) > 1 else ""
    return Problem(
        f"{fault.what}{where}",
        fault.remedy,
        opened.source,
        opened.place(int(rows[0])),
        column,
        None if cell is None else shown(cell),
        severity,
        fault.code,
    )


def typed(opened: Opened, name: str, locale: Locale, asked: Kind | None = None) -> Typed:
    """Return a column as the kind that is asked for, or else as the one that its type or its text says."""
    column = opened.column(name)
    has = kind_of(column)
    try:
        if asked == "category" or (name in opened.declared and asked is None):
            return Typed(category_of(column, written=opened.written), "category")
        if has == "category" or (asked == "date" and has == "number"):
            return _from_text(opened, name, column, locale, asked)
        return _converted(column, asked or has)
    except InputError as error:
        problems = tuple(replace(problem, source=opened.source, column=name) for problem in error.problems)
        return Typed(None, asked or has, problems)


def category_of(column: pd.Series[Any], *, written: bool = False) -> pd.Series[Any]:
    """Return a column of dtype ``category`` whose levels are text; in a text file, spaces at the ends go."""
    codes, texts = _levels(column, written)
    return _coded(codes, texts)


def dates_as(days: npt.NDArray[np.float64]) -> npt.NDArray[np.datetime64]:
    """Return days since 1970-01-01 as ``datetime64[us]``, NaT where NaN."""
    whole = np.where(np.isnan(days), 0.0, np.round(days * _DAY_IN_MICROSECONDS)).astype("datetime64[us]")
    whole[np.isnan(days)] = np.datetime64("NaT", "us")
    return whole


def _coded(codes: npt.NDArray[np.intp], texts: list[str]) -> pd.Series[Any]:
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(texts, dtype="str")))


def _levels(column: pd.Series[Any], written: bool) -> tuple[npt.NDArray[np.intp], list[str]]:
    codes, texts = levels_of(column)
    bare = [text.strip() for text in texts] if written else texts
    if bare == texts:
        return codes, texts
    kept = list(dict.fromkeys(bare))
    place = {text: j for j, text in enumerate(kept)}
    return np.array([*(place[text] for text in bare), -1], dtype=np.intp)[codes], kept


def _converted(column: pd.Series[Any], kind: Kind) -> Typed:
    """Return a column whose type already says what it holds."""
    if kind == "date":
        return Typed(pd.Series(dates_as(days_of(column))), kind)
    if kind == "boolean":
        return Typed(_truths(truths_of(column)), kind)
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf":
        return Typed(column, kind)
    return Typed(pd.Series(numbers_of(column)), kind)


def _truths(values: npt.NDArray[np.float64]) -> pd.Series[Any]:
    missing = np.isnan(values)
    if not missing.any():
        return pd.Series(values == 1)
    return pd.Series(pd.arrays.BooleanArray(values == 1, missing))


def _from_text(
    opened: Opened, name: str, column: pd.Series[Any], locale: Locale, asked: Kind | None
) -> Typed:
    if asked in (None, "number") and str(column.dtype) == "str":
        numbers = plain_numbers(column, locale)
        if numbers is not None:
            return Typed(pd.Series(numbers), "number")
    codes, texts = _levels(column, opened.written)
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    reading = read_levels(texts, counts, locale, asked)
    problems = _told(opened, name, codes, texts, reading, asked)
    if reading.kind == "category":
        return Typed(_coded(codes, texts), "category", problems)
    values = np.append(reading.values, np.nan)[codes]
    if reading.kind == "boolean":
        return Typed(_truths(values), "boolean", problems)
    whole = dates_as(values) if reading.kind == "date" else values
    return Typed(pd.Series(whole), reading.kind, problems)


def _told(
    opened: Opened,
    name: str,
    codes: npt.NDArray[np.intp],
    texts: list[str],
    reading: Reading,
    asked: Kind | None,
) -> tuple[Problem, ...]:
    """Return a problem per sort of fault, at the first row that has it, and the warnings."""
    sorts: dict[str, list[int]] = {}
    for level, fault in reading.faults.items():
        sorts.setdefault(fault.code, []).append(level)
    found = []
    for levels in sorts.values():
        rows = np.flatnonzero(np.isin(codes, levels))
        first = int(codes[rows[0]])
        fault = reading.faults[first]
        hint = f", or say kinds={{'{name}': 'category'}} if this is no {reading.kind}"
        remedy = f"{fault.remedy}{hint}" if asked is None and fault.remedy else fault.remedy
        fault = Fault(fault.code, fault.what, remedy)
        found.append(problem_of(opened, name, fault, rows, cell=texts[first]))
    for fault in reading.warnings:
        found.append(
            Problem(fault.what, fault.remedy, opened.source, column=name, severity="warning", code=fault.code)
        )
    return tuple(found)
