"""Text with delimiters into a raw table; the delimiter is the one under which the header makes sense."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator

from mixcurve.foundations.errors import InputError, Problem
from mixcurve.tables.raw import HEADER_ROWS, RawTable, check_header, shown, table_of

__all__ = ["DELIMITERS", "delimiter_of", "read_delimited", "rows_of"]

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_NOTHING = " \r\n" + "".join(DELIMITERS)


def read_delimited(source: str, text: str, wanted: dict[str, str], digest: str) -> RawTable:
    """Return the wanted columns of a delimited text; rows are labelled by the line on which they start.

    Lines without any content are left out. A row with more or fewer cells than the header is a problem,
    since its cells may stand under the wrong names.
    """
    try:
        rows = list(rows_of(text, delimiter_of(text, wanted)))
    except csv.Error as error:
        remedy = "Export it again as CSV, with quotes around text that holds a delimiter"
        problem = Problem(
            "the file cannot be read as CSV", remedy, source, value=str(error), code="damaged-file"
        )
        raise InputError(problem) from None
    if not rows:
        remedy = "Give a file with a header and one row per period"
        raise InputError(Problem("the file is empty", remedy, source, code="empty-file"))
    check_header(source, rows, wanted)
    header = [name.strip() for name in rows[0][1]]
    while header and not header[-1]:
        header.pop()
    fitting, problems = [], []
    for line, cells in rows[1:]:
        if len(cells) < len(header) or any(cell.strip() for cell in cells[len(header) :]):
            problems.append(_ragged(source, line, cells, len(header)))
        else:
            fitting.append((line, cells))
    columns = {name: [cells[j] for _, cells in fitting] for j, name in enumerate(header) if name in wanted}
    return table_of(source, header, columns, [line for line, _ in fitting], digest, wanted, problems=problems)


def rows_of(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each row starts, and its cells; rows without content are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    line = 1
    for cells in reader:
        if any(cell.strip(_NOTHING) for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def delimiter_of(text: str, wanted: dict[str, str]) -> str:
    """Return the delimiter that finds most of the wanted names in a row near the top, or else makes most columns."""

    def score(delimiter: str) -> tuple[int, int]:
        first = [cells for _, cells in itertools.islice(rows_of(text, delimiter), HEADER_ROWS)]
        named = max((sum(name.strip() in wanted for name in cells) for cells in first), default=0)
        return named, max(map(len, first), default=0)

    return max(DELIMITERS, key=score)


def _ragged(source: str, line: int, cells: list[str], width: int) -> Problem:
    return Problem(
        f"the row has {len(cells)} cells where the header has {width}",
        "Put quotes around cells that hold the delimiter, and give every row the same number of cells",
        source=source,
        row=line,
        value=shown(" | ".join(cells)),
        code="ragged-row",
    )
