"""Files into raw tables: CSV, Parquet and Excel, read whole, hashed, and never changed."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from mixcurve.foundations.errors import InputError, Problem
from mixcurve.tables.delimited import read_delimited
from mixcurve.tables.raw import RawTable, nearby, needed, table_of
from mixcurve.tables.sheets import read_sheet

__all__ = [
    "FILE_TYPES",
    "PARQUET_TYPES",
    "SHEET_TYPES",
    "TEXT_TYPES",
    "bytes_of",
    "decoded",
    "opening",
    "read_file",
]

TEXT_TYPES = (".csv", ".tsv", ".txt")
SHEET_TYPES = (".xlsx", ".xlsm")
PARQUET_TYPES = (".parquet", ".pq")
FILE_TYPES = TEXT_TYPES + PARQUET_TYPES + SHEET_TYPES
"""The endings of the files that can be read."""


def read_file(
    path: Path, wanted: dict[str, str], *, encoding: str = "utf-8", sheet: str | int | None = None
) -> RawTable:
    """Return the wanted columns of a file.

    Parameters
    ----------
    path
        A file whose ending is one of `FILE_TYPES`.
    wanted
        Column names and what each is needed for.
    encoding
        Of a text file.
    sheet
        Name or position (from 0) of an Excel sheet; needed when the file has several.

    Raises
    ------
    InputError
        If the file is missing, empty, of an unknown type, damaged, or in another encoding.
    """
    ending = path.suffix.lower()
    if ending not in FILE_TYPES:
        _fail(
            path,
            "unknown-file-type",
            f"there is no way to read a file of type '{ending}'",
            f"{nearby(ending, FILE_TYPES)}Give one of {', '.join(FILE_TYPES)}, or a pandas or polars frame",
        )
    content = bytes_of(path)
    digest = hashlib.sha256(content).hexdigest()
    if ending in TEXT_TYPES:
        return read_delimited(path.name, decoded(path, content, encoding), wanted, digest)
    if ending in PARQUET_TYPES:
        return _read_parquet(path, content, wanted, digest)
    return read_sheet(path.name, content, wanted, digest, sheet)


def _fail(
    path: Path, code: str, what: str, remedy: str, *, row: int | None = None, value: str | None = None
) -> NoReturn:
    raise InputError(Problem(what, remedy, source=path.name, row=row, value=value, code=code))


@contextmanager
def opening(path: Path) -> Iterator[None]:
    """Turn what stops a file from being opened, inside the ``with`` block, into a problem that names it."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
        remedy = f"{nearby(path.name, beside)}Looked in the folder '{path.parent}'"
        raise InputError(
            Problem("there is no such file", remedy, source=path.name, code="file-not-found")
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        remedy = "Check the path and who may read it"
        problem = Problem(
            "the file cannot be opened", remedy, path.name, value=reason, code="unreadable-file"
        )
        raise InputError(problem) from None


def bytes_of(path: Path, *, each: str = "period") -> bytes:
    """Return what a file holds; ``each`` says what a row stands for, should there be none."""
    with opening(path):
        content = path.read_bytes()
    if not content.strip():
        _fail(path, "empty-file", "the file is empty", f"Give a file with a header and one row per {each}")
    return content


def decoded(path: Path, content: bytes, encoding: str) -> str:
    """Return the text of a file's bytes, or raise naming the first byte that does not fit the encoding."""
    name = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    try:
        text = content.decode(name)
    except UnicodeError as error:
        offset = error.start if isinstance(error, UnicodeDecodeError) else 0
        _fail(
            path,
            "wrong-encoding",
            f"the text is not {encoding}: byte {offset} on line {content[:offset].count(b'\n') + 1} does not fit",
            f'Read it with encoding="{_likely_encoding(content, encoding)}", or save the file as UTF-8',
            value=f"0x{content[offset : offset + 1].hex().upper()}",
        )
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        remedy = "Export it again as CSV in UTF-8"
        _fail(path, "not-text", "the file is not text", remedy, row=line, value="a NUL character")
    return text


def _likely_encoding(content: bytes, tried: str) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for name in ("utf-8", "cp1252"):
        try:
            content.decode(name)
        except UnicodeDecodeError:
            continue
        if codecs.lookup(name) != codecs.lookup(tried):
            return name
    return "latin-1"


def _read_parquet(path: Path, content: bytes, wanted: dict[str, str], digest: str) -> RawTable:
    pa, pq = needed("pyarrow", path.name), needed("pyarrow.parquet", path.name)
    try:
        table = pq.read_table(pa.BufferReader(content))
        header = [str(name) for name in table.column_names]
        cells = {name: table.column(i).to_pylist() for i, name in enumerate(header) if name in wanted}
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        reason = (str(error).splitlines() or ["unknown"])[0]
        remedy = "Write the file again, or check that it is a Parquet file"
        problem = Problem(
            "the file cannot be read as Parquet", remedy, path.name, value=reason, code="damaged-file"
        )
        raise InputError(problem) from None
    return table_of(path.name, header, cells, range(1, table.num_rows + 1), digest, wanted)
