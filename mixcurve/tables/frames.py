"""pandas and polars frames into raw tables. Neither library is imported: a frame of it means it already is."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from mixcurve.foundations.errors import InputError, Problem
from mixcurve.tables.raw import RawTable, plain_text, table_of

__all__ = ["FRAME", "read_frame"]

FRAME = "frame"
"""What a frame is called where a file would be named."""


def read_frame(source: Any, wanted: dict[str, str]) -> RawTable:
    """Return the wanted columns of a pandas or polars frame.

    Named levels of a pandas index count as columns. Rows are labelled by the pandas index, or counted from 0.

    Raises
    ------
    InputError
        If ``source`` is neither.
    """
    if _is(source, "pandas", "DataFrame"):
        header, columns, labels = _from_pandas(source)
    elif _is(source, "polars", "DataFrame"):
        header, columns = list(source.columns), [series.to_list() for series in source.get_columns()]
        labels = list(range(source.height))
    else:
        kind = type(source).__name__
        remedy = "Call .collect() on it first" if kind == "LazyFrame" else "Give a path or a frame"
        what = "source must be a path or a pandas or polars frame"
        raise InputError(Problem(what, remedy, value=f"a {kind}", code="wrong-argument"))
    cells = {name: column for name, column in zip(header, columns, strict=True) if name in wanted}
    return table_of(FRAME, header, cells, labels, _digest(header, columns), wanted)


def _is(source: Any, library: str, kind: str) -> bool:
    module = sys.modules.get(library)
    return module is not None and isinstance(source, getattr(module, kind))


def _from_pandas(frame: Any) -> tuple[list[str], list[list[Any]], list[str | int]]:
    header = [str(name) for name in frame.columns]
    columns = [_cells(frame.iloc[:, i]) for i in range(frame.shape[1])]
    for name in frame.index.names:
        if name is not None and str(name) not in header:
            header.append(str(name))
            columns.append(_cells(frame.index.get_level_values(name).to_series()))
    return header, columns, [_label(label) for label in frame.index]


def _cells(series: Any) -> list[Any]:
    if series.dtype.kind == "O" and type(series.dtype).__name__ == "PeriodDtype":
        series = series.dt.to_timestamp()
    return series.astype(object).where(series.notna(), None).tolist()


def _label(label: Any) -> str | int:
    if isinstance(label, (int, np.integer)) and not isinstance(label, bool):
        return int(label)
    return _canonical(label)


def _digest(header: Sequence[str], columns: Sequence[Sequence[Any]]) -> str:
    """Return the SHA-256 of the frame as CSV, the same for equal content whatever library holds it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(zip(*([_canonical(cell) for cell in column] for column in columns)))
    return hashlib.sha256(text.getvalue().encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(cell: Any) -> str:
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return str(cell.date())
    if isinstance(cell, (float, np.floating)):
        return repr(float(cell))
    return plain_text(cell)
