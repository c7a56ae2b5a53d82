"""A table as it came in: cells untouched, each with the place where the user finds it."""

from __future__ import annotations

import datetime as dt
import difflib
import importlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mixcurve.foundations.checks import nearest_name
from mixcurve.foundations.errors import InputError, Problem

__all__ = [
    "HEADER_ROWS",
    "RawTable",
    "check_header",
    "column_letter",
    "missing_column",
    "nearby",
    "needed",
    "plain_text",
    "repeated_column",
    "shown",
    "table_of",
]

HEADER_ROWS = 20
"""How far down a header is looked for, to say where it is when titles stand above it."""

_LONGEST_VALUE = 60
_MOST_COLUMNS = 40
_MOST_BITS = 1024


@dataclass(frozen=True)
class RawTable:
    """The wanted columns of a file or frame as Python objects.

    Parameters
    ----------
    source
        The name to show: a file name without its folder, or ``"frame"``.
    columns
        All column names, in order.
    labels
        The name of each row as the user counts it: line of a text file, row of a sheet, index label.
    cells
        For each wanted column that is there exactly once, its cells.
    sha256
        Digest of the bytes that came in.
    letters
        For a sheet, the letter of each column, so that a problem can name the cell.
    problems
        What was found while the table was taken apart.
    """

    source: str
    columns: tuple[str, ...]
    labels: tuple[str | int, ...]
    cells: dict[str, list[Any]]
    sha256: str
    letters: dict[str, str]
    problems: tuple[Problem, ...] = ()

    def place(self, row: int, column: str) -> str | int:
        """Return how the user finds a row: its label, and the cell's address in a sheet."""
        label = self.labels[row]
        return f"{label} (cell {self.letters[column]}{label})" if column in self.letters else label


def column_letter(index: int) -> str:
    """Return the letters of a sheet's column, counted from 0.

    Examples
    --------
    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def shown(cell: Any) -> str:
    """Return a cell as text for a message: text in quotes, numbers plain, long values cut."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return "an empty cell"
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return str(cell.date())
    if isinstance(cell, np.generic):
        cell = cell.item()
    text = repr(cell) if isinstance(cell, str) else plain_text(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        text = str(int(cell))
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def plain_text(cell: Any) -> str:
    """Return ``str(cell)``, and whole numbers too long for Python to write as decimals in base 16."""
    return hex(cell) if isinstance(cell, int) and cell.bit_length() > _MOST_BITS else str(cell)


def nearby(name: str, options: Collection[str]) -> str:
    """Return ``"Did you mean 'x'? "`` for the option most like ``name``, or nothing."""
    guess = nearest_name(name, options)
    if guess is None:
        close = difflib.get_close_matches(name, list(options), n=1, cutoff=0.5)
        guess = close[0] if close else None
    return f"Did you mean '{guess}'? " if guess else ""


def needed(module: str, source: str) -> Any:
    """Return a module that only some files need, or raise saying how to install it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        package = module.partition(".")[0].replace("_", "-")
        remedy = "Install it with: pip install 'mixcurve[tables]'"
        problem = Problem(f"this file needs the package {package}", remedy, source, code="missing-package")
        raise InputError(problem) from None


def check_header(source: str, rows: Sequence[tuple[int, Sequence[Any]]], wanted: Collection[str]) -> None:
    """Raise if the first row holds none of the wanted names and a later one, below a title, holds several."""
    found = [sum(str(cell).strip() in wanted for cell in cells) for _, cells in rows[:HEADER_ROWS]]
    best = max(range(len(found)), key=found.__getitem__)
    if found[0] == 0 and found[best] > 1:
        what = f"the names of the columns stand in row {rows[best][0]}"
        raise InputError(Problem(what, "Delete the rows above it", source, code="header-below"))


def table_of(
    source: str,
    header: Sequence[str],
    columns: dict[str, list[Any]],
    labels: Sequence[str | int],
    sha256: str,
    wanted: dict[str, str],
    *,
    letters: dict[str, str] | None = None,
    problems: Sequence[Problem] = (),
) -> RawTable:
    """Return the table, with a problem for each wanted column that is missing or there twice.

    ``wanted`` maps a column's name to what it is needed for.
    """
    counts = Counter(header)
    found = list(problems)
    for name, purpose in wanted.items():
        if counts[name] == 0:
            found.append(missing_column(source, name, purpose, header))
        elif counts[name] > 1:
            found.append(repeated_column(source, name, header))
    cells = {name: columns[name] for name in wanted if counts[name] == 1}
    return RawTable(source, tuple(header), tuple(labels), cells, sha256, letters or {}, tuple(found))


def missing_column(source: str, name: str, purpose: str, header: Sequence[str]) -> Problem:
    """Return the problem of a wanted column that is not there."""
    present = [column for column in header if column]
    listed = ", ".join(present[:_MOST_COLUMNS]) + (", …" if len(present) > _MOST_COLUMNS else "")
    return Problem(
        f"there is no such column, wanted as {purpose}",
        f"{nearby(name, present)}Columns present: {listed or 'none'}",
        source=source,
        column=name,
        code="missing-column",
    )


def repeated_column(source: str, name: str, header: Sequence[str]) -> Problem:
    """Return the problem of a name that several columns have."""
    positions = [str(i + 1) for i, column in enumerate(header) if column == name]
    return Problem(
        f"{len(positions)} columns have this name",
        "Give each column a name of its own",
        source=source,
        column=name,
        value=f"columns {', '.join(positions)}",
        code="repeated-column",
    )
