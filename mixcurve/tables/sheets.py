"""Excel sheets into raw tables, whose problems name the cell."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

from mixcurve.foundations.errors import InputError, Problem
from mixcurve.tables.raw import RawTable, check_header, column_letter, nearby, needed, table_of

__all__ = ["read_sheet"]

MOST_CELLS = 5_000_000
"""A sheet's reader holds the rectangle around all its cells, so one stray cell at the far corner would
ask for hundreds of gigabytes and end the process; a table of 20,000 rows and 250 columns still fits."""

_FILLED_CELL = re.compile(
    rb"""<(?:\w+:)?c\s(?:[^<>]*\s)?r=["']([A-Z]{1,3})([0-9]{1,7})["'](?:[^<>]*[^<>/])?>"""
)


def read_sheet(
    source: str, content: bytes, wanted: dict[str, str], digest: str, sheet: str | int | None
) -> RawTable:
    """Return the wanted columns of a sheet; its first row that is not empty holds the names.

    Raises
    ------
    InputError
        If the file is damaged, the sheet is not there or empty, or a cell stands absurdly far away.
    """
    rows, (first_row, first_column) = _rows(source, content, sheet)
    used = [(first_row + i + 1, row) for i, row in enumerate(rows) if any(cell != "" for cell in row)]
    if not used:
        remedy = "Give a sheet with a header and one row per period"
        raise InputError(Problem("the sheet is empty", remedy, source, code="empty-file"))
    check_header(source, used, wanted)
    header = [str(cell).strip() for cell in used[0][1]]
    letters = {name: column_letter(first_column + j) for j, name in enumerate(header)}
    columns = {
        name: [None if row[j] == "" else row[j] for _, row in used[1:]]
        for j, name in enumerate(header)
        if name in wanted
    }
    return table_of(
        source, header, columns, [label for label, _ in used[1:]], digest, wanted, letters=letters
    )


def _rows(
    source: str, content: bytes, sheet: str | int | None
) -> tuple[Sequence[Sequence[Any]], tuple[int, int]]:
    calamine = needed("python_calamine", source)
    try:
        _check_extent(source, content)
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        page = book.get_sheet_by_name(_name(source, book.sheet_names, sheet))
        return page.to_python(), page.start or (0, 0)
    except InputError:
        raise
    except (
        calamine.CalamineError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        remedy = "Open it in Excel and save it again without a password"
        problem = Problem(
            "the file cannot be read as Excel", remedy, source, value=str(error), code="damaged-file"
        )
        raise InputError(problem) from None


def _check_extent(source: str, content: bytes) -> None:
    """Raise if the rectangle around a sheet's filled cells is too large to hold."""
    if not content.startswith(b"PK"):
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.infolist():
            if not part.filename.startswith("xl/worksheets/"):
                continue
            filled = _FILLED_CELL.findall(archive.read(part))
            width = max((_column_number(letters) for letters, _ in filled), default=0)
            height = max((int(row) for _, row in filled), default=0)
            if width * height > MOST_CELLS:
                corner = f"{column_letter(width - 1)}{height}"
                what = f"a sheet has cells as far away as {corner}, which is more than {MOST_CELLS:,} cells"
                remedy = "Delete the rows and columns beyond the table, and save the file again"
                raise InputError(Problem(what, remedy, source, code="sheet-too-large"))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _name(source: str, names: list[str], sheet: str | int | None) -> str:
    listed = ", ".join(repr(name) for name in names)
    if isinstance(sheet, str) and sheet in names:
        return sheet
    if isinstance(sheet, int) and 0 <= sheet < len(names):
        return names[sheet]
    if sheet is None and len(names) == 1:
        return names[0]
    if sheet is None:
        what = f"the file has {len(names)} sheets"
        remedy = f"Say which to read with sheet={names[0]!r}; its sheets are {listed}"
    else:
        what = f"there is no sheet {sheet!r}"
        remedy = f"{nearby(sheet, names) if isinstance(sheet, str) else ''}Its sheets are {listed}"
    raise InputError(Problem(what, remedy, source=source, code="unknown-sheet"))
