"""A delimited text into whole columns of text: the quick reader where it sees the same, the careful one elsewhere."""

from __future__ import annotations

import io
import itertools
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import pandas as pd

from mixcurve.foundations.errors import InputError, Problem
from mixcurve.tables.delimited import delimiter_of, read_delimited, rows_of
from mixcurve.tables.raw import HEADER_ROWS, check_header

__all__ = ["TextColumns", "read_text"]

_HEAD = 1_000_000
"""So many characters hold the first rows of any table."""


class TextColumns(NamedTuple):
    """The columns of a text, the line on which each row starts, and the rows that do not fit the header."""

    header: tuple[str, ...]
    columns: Sequence[pd.Series[Any]]
    labels: Sequence[int]
    problems: tuple[Problem, ...] = ()


def read_text(source: str, text: str, wanted: Collection[str], digest: str) -> TextColumns:
    """Return the columns of a delimited text as text.

    Raises
    ------
    InputError
        If there is no header, it stands below other rows, or the text cannot be read as CSV.
    """
    roles = dict.fromkeys(wanted, "")
    delimiter = delimiter_of(text[:_HEAD], roles)
    first = list(itertools.islice(rows_of(text[:_HEAD], delimiter), HEADER_ROWS))
    if not first:
        raise InputError(
            Problem("the file is empty", "Give a header and one row per customer", source, code="empty-file")
        )
    check_header(source, first, roles)
    header = tuple(name.strip() for name in first[0][1])
    quick = _quick(text, delimiter, len(header)) if all(header) else None
    if quick is None or len(set(header)) < len(header):
        return _careful(source, text, header, digest)
    frame, blank = quick
    lines = text.count("\n") + (not text.endswith("\n"))
    as_lines = not blank and lines == len(frame) + 1
    labels: Sequence[int] = (
        range(2, lines + 1) if as_lines else [line for line, _ in rows_of(text, delimiter)][1:]
    )
    return TextColumns(header, [frame[j] for j in range(len(header))], labels)


def _quick(text: str, delimiter: str, width: int) -> tuple[pd.DataFrame, bool] | None:
    """Return the rows below the header and whether empty ones were dropped; None if a row does not fit the header."""
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=delimiter, header=None, dtype=str, keep_default_na=False,
            skipinitialspace=True,
        )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError):
        return None
    if frame.shape[1] != width or not _even(text, delimiter, len(frame), width):
        return None
    rows = frame.iloc[1:]
    blank = (rows[0].str.strip() == "").to_numpy(dtype=bool).copy()
    if blank.any():
        blank[blank] = (rows[blank].apply(lambda column: column.str.strip()) == "").all(axis=1)
        rows = rows[~blank]
    return rows.reset_index(drop=True), bool(blank.any())


def _even(text: str, delimiter: str, rows: int, width: int) -> bool:
    """Return whether every row has as many cells as the header; the quick reader fills short ones up silently."""
    if '"' not in text:
        return text.count(delimiter) == rows * (width - 1)
    return all(len(cells) == width for _, cells in rows_of(text, delimiter))


def _careful(source: str, text: str, header: tuple[str, ...], digest: str) -> TextColumns:
    """Return the columns as `read_delimited` sees them, with a problem per row that does not fit."""
    raw = read_delimited(source, text, dict.fromkeys((name for name in header if name), "a column"), digest)
    problems = tuple(problem for problem in raw.problems if problem.code != "repeated-column")
    nothing = pd.Series([None] * len(raw.labels), dtype="str")
    columns = [
        pd.Series(raw.cells[name], dtype="str") if name in raw.cells else nothing for name in raw.columns
    ]
    return TextColumns(raw.columns, columns, [int(label) for label in raw.labels], problems)
