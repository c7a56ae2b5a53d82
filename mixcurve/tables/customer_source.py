"""Customers as they came in: whole columns of a frame, an Arrow table or a file, untouched, each row with its place."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from mixcurve.foundations.errors import InputError, Problem
from mixcurve.tables.customer_text import read_text
from mixcurve.tables.files import PARQUET_TYPES, TEXT_TYPES, bytes_of, decoded, opening
from mixcurve.tables.frames import FRAME
from mixcurve.tables.raw import nearby, needed

__all__ = ["CUSTOMER_FILES", "Opened", "open_customers"]

ARROW_TYPES = (".arrow", ".feather", ".ipc")
CUSTOMER_FILES = TEXT_TYPES + PARQUET_TYPES + ARROW_TYPES
"""The endings of the files that can be read."""


@dataclass(frozen=True)
class Opened:
    """The columns of a source, one row per customer.

    Parameters
    ----------
    source
        File name without its folder, or ``"frame"``.
    header
        The names of the columns, in order; several may share one.
    columns
        The columns, in the same order.
    labels
        The name of each row as the user counts it.
    sha256
        Digest of the bytes that came in; ``""`` for a frame.
    written
        Whether the cells are the text of a file, so that spaces at their ends mean nothing.
    declared
        Columns that the source itself declares to be categories.
    skipped
        Excluded columns that are there and were not read.
    problems
        What was found while the source was taken apart.
    """

    source: str
    header: tuple[str, ...]
    columns: tuple[pd.Series[Any], ...]
    labels: Sequence[Any] | pd.Index[Any]
    sha256: str = ""
    written: bool = False
    declared: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()

    def column(self, name: str) -> pd.Series[Any]:
        """Return the column of a name that one column has."""
        return self.columns[self.header.index(name)]

    def place(self, row: int) -> str | int:
        """Return how the user finds a row."""
        label = self.labels[row]
        return int(label) if hasattr(label, "__index__") else str(label)


def open_customers(
    source: Any, *, wanted: Collection[str], excluded: Collection[str], encoding: str
) -> Opened:
    """Return the columns of a frame, Arrow table or file.

    Parameters
    ----------
    source
        A pandas or polars frame, a pyarrow Table, or the path of a CSV, Parquet or Arrow file.
    wanted
        The columns that must be there, by which the header of a text is known.
    excluded
        Columns that a Parquet or Arrow file need not hand out.
    encoding
        Of a text file.

    Raises
    ------
    InputError
        If the source is none of these, or a file is missing, empty, damaged or in another encoding.
    """
    if isinstance(source, (str, Path)):
        return _of_file(Path(source), wanted, excluded, encoding)
    if _is(source, "pandas", "DataFrame"):
        return _of_pandas(source, wanted)
    if _is(source, "polars", "DataFrame"):
        needed("pyarrow", FRAME)
        return _of_arrow(source.to_arrow(), FRAME, range(source.height))
    if _is(source, "pyarrow", "Table"):
        return _of_arrow(source, FRAME, range(source.num_rows))
    kind = type(source).__name__
    remedy = "Call .collect() on it first" if kind == "LazyFrame" else "Give one of these"
    what = "source must be a path, a pandas or polars frame or a pyarrow Table"
    raise InputError(Problem(what, remedy, value=f"a {kind}", code="wrong-argument"))


def _is(source: Any, library: str, kind: str) -> bool:
    module = sys.modules.get(library)
    return module is not None and isinstance(source, getattr(module, kind))


def _of_pandas(frame: pd.DataFrame, wanted: Collection[str]) -> Opened:
    header = [str(name) for name in frame.columns]
    columns = [frame.iloc[:, j] for j in range(frame.shape[1])]
    for level, name in enumerate(frame.index.names):
        if name is not None and str(name) in wanted and str(name) not in header:
            header.append(str(name))
            columns.append(frame.index.get_level_values(level).to_series())
    plain = [_timed(column.reset_index(drop=True)) for column in columns]
    declared = frozenset(name for name, column in zip(header, plain) if str(column.dtype) == "category")
    return Opened(FRAME, tuple(header), tuple(plain), frame.index, declared=declared)


def _timed(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of periods as the dates on which they start."""
    return column.dt.to_timestamp() if str(column.dtype).startswith("period") else column


def _of_file(path: Path, wanted: Collection[str], excluded: Collection[str], encoding: str) -> Opened:
    ending = path.suffix.lower()
    if ending in TEXT_TYPES:
        content = bytes_of(path, each="customer")
        digest = hashlib.sha256(content).hexdigest()
        read = read_text(path.name, decoded(path, content, encoding), wanted, digest)
        columns = tuple(read.columns)
        return Opened(path.name, read.header, columns, read.labels, digest, True, problems=read.problems)
    if ending not in CUSTOMER_FILES:
        what = f"there is no way to read a file of type '{ending}'"
        endings = ", ".join(CUSTOMER_FILES)
        remedy = f"{nearby(ending, CUSTOMER_FILES)}Give one of {endings}, a pandas or polars frame or a pyarrow Table"
        raise InputError(Problem(what, remedy, path.name, code="unknown-file-type"))
    with opening(path), path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    table, skipped = _arrow_table(path, ending, excluded)
    opened = _of_arrow(table, path.name, range(1, table.num_rows + 1), digest)
    return replace(opened, skipped=frozenset(skipped))


def _arrow_table(path: Path, ending: str, excluded: Collection[str]) -> tuple[Any, set[str]]:
    """Return the table of a file, and the names of excluded columns that it has and that were not read."""
    pa, pq, feather = (needed(name, path.name) for name in ("pyarrow", "pyarrow.parquet", "pyarrow.feather"))
    try:
        if ending in PARQUET_TYPES:
            names = pq.read_schema(path).names
            kept = [name for name in names if name not in excluded]
            table = pq.read_table(path, columns=kept if len(kept) < len(names) else None)
            return table, set(names) - set(kept)
        return feather.read_table(path), set()
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        if ending in ARROW_TYPES:
            return _stream(path, pa, str(error)), set()
        _damaged(path, "Parquet", str(error))


def _stream(path: Path, pa: Any, reason: str) -> Any:
    """Return the table of an Arrow stream, which lacks the marks of an Arrow file."""
    try:
        with path.open("rb") as stream:
            return pa.ipc.open_stream(stream).read_all()
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        _damaged(path, "Arrow", reason)


def _damaged(path: Path, kind: str, reason: str) -> NoReturn:
    first = (reason.splitlines() or ["unknown"])[0]
    remedy = (
        f"Write the file again, or check that it is {'a Parquet' if kind == 'Parquet' else 'an Arrow'} file"
    )
    what = f"the file cannot be read as {kind}"
    raise InputError(Problem(what, remedy, path.name, value=first, code="damaged-file"))


def _of_arrow(table: Any, source: str, labels: Sequence[int], digest: str = "") -> Opened:
    import pyarrow as pa

    columns, declared, problems = [], set(), []
    for name, column in zip(table.column_names, table.columns):
        kind = column.type
        if pa.types.is_dictionary(kind):
            declared.add(name)
        if pa.types.is_nested(kind):
            what = f"the column holds values of type {kind}, which are no features"
            remedy = "Spread it over columns of its own, or exclude it"
            problems.append(Problem(what, remedy, source, column=name, code="nested-column"))
            column = pa.chunked_array([pa.nulls(len(column))])
        columns.append(_series(pa, column))
    return Opened(
        source, tuple(map(str, table.column_names)), tuple(columns), labels, digest,
        declared=frozenset(declared), problems=tuple(problems),
    )  # fmt: skip


def _series(pa: Any, column: Any) -> pd.Series[Any]:
    """Return an Arrow column as pandas holds it best: text is coded, decimals are float64."""
    kind = column.type
    if pa.types.is_null(kind) or pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        column = (
            column.cast(pa.large_string()) if pa.types.is_string_view(kind) else column
        ).dictionary_encode()
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return column.to_pandas(date_as_object=False)
