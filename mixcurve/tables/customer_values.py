"""Columns of a frame as numbers, days and levels: whole columns at a time, whatever library typed them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixcurve.foundations.errors import InputError, Problem

__all__ = ["KINDS", "Kind", "days_of", "frame_of", "kind_of", "levels_of", "numbers_of", "truths_of"]

FloatArray = npt.NDArray[np.float64]
Kind = Literal["number", "category", "boolean", "date"]
KINDS: tuple[Kind, ...] = ("number", "category", "boolean", "date")

_DAY = np.timedelta64(1, "D") / np.timedelta64(1, "us")
_NUMBERS = ("integer", "floating", "mixed-integer-float", "decimal")
_DATES = ("datetime64", "datetime", "date")
"""What pandas calls the contents of a column of Python objects."""


def frame_of(source: Any, names: tuple[str, ...] | None = None) -> pd.DataFrame:
    """Return a pandas frame of what came in, without a copy where there need be none.

    Parameters
    ----------
    source
        A pandas or polars frame, a pyarrow Table, a mapping of names to columns, or a matrix with one row per
        customer.
    names
        The names of a matrix's columns; ``x0``, ``x1``, … without them.

    Raises
    ------
    InputError
        If it is none of these, or two columns share a name.
    """
    if hasattr(source, "to_arrow") and hasattr(source, "get_columns"):
        source = source.to_arrow()
    if hasattr(source, "to_pandas") and hasattr(source, "column_names"):
        source = source.to_pandas(date_as_object=False)
    elif isinstance(source, dict):
        source = pd.DataFrame(source)
    elif not isinstance(source, pd.DataFrame):
        source = _of_matrix(source, names)
    labels = [str(name) for name in source.columns]
    repeated = (
        sorted({name for name in labels if labels.count(name) > 1}) if len(set(labels)) < len(labels) else []
    )
    if repeated:
        raise InputError(
            f"Several columns are called {', '.join(map(repr, repeated))}. Give each a name of its own."
        )
    return source if labels == list(source.columns) else source.set_axis(labels, axis=1)


def _of_matrix(source: Any, names: tuple[str, ...] | None) -> pd.DataFrame:
    matrix = np.asarray(source)
    if matrix.ndim != 2:
        kind = f"an array of shape {matrix.shape}" if matrix.ndim else f"a {type(source).__name__}"
        raise InputError(f"Customers must come as a frame or a matrix with one row each, got {kind}.")
    if names is not None and len(names) != matrix.shape[1]:
        raise InputError(f"The matrix must have {len(names)} columns, got {matrix.shape[1]}.")
    return pd.DataFrame(matrix, columns=list(names or [f"x{j}" for j in range(matrix.shape[1])]), copy=False)


def kind_of(series: pd.Series[Any]) -> Kind:
    """Return the kind that a column's type says: text is a category, and so is anything unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> [kind_of(pd.Series(cells)) for cells in ([1, 2.5], [True, None], ["a", "b"])]
    ['number', 'boolean', 'category']
    """
    import pandas.api.types as types

    if types.is_bool_dtype(series.dtype):
        return "boolean"
    if types.is_numeric_dtype(series.dtype):
        return "number"
    if types.is_datetime64_any_dtype(series.dtype):
        return "date"
    if series.dtype == object:
        held = types.infer_dtype(series, skipna=True)
        if held in _NUMBERS or held == "empty":
            return "number"
        return "boolean" if held == "boolean" else "date" if held in _DATES else "category"
    return _of_arrow(str(series.dtype))


def _of_arrow(dtype: str) -> Kind:
    """Return the kind of a pyarrow type that pandas leaves to it."""
    if "pyarrow" not in dtype or dtype.startswith(("string", "large_string", "dictionary")):
        return "category"
    return (
        "number" if "decimal" in dtype else "date" if dtype.startswith(("date", "timestamp")) else "category"
    )


def numbers_of(series: pd.Series[Any]) -> FloatArray:
    """Return a column as float64, shape (n,), NaN where it is missing; true and false are 1 and 0.

    Raises
    ------
    InputError
        If a cell is no number: the column and the first such cell are named.
    """
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "fiub":
        return series.to_numpy().astype(np.float64, copy=False)
    if isinstance(series.dtype, np.dtype) and series.dtype.kind == "c":
        raise _wrong(series, "Complex data not supported: the cells are complex numbers")
    plain = _uncoded(series)
    if plain.dtype == object or pd.api.types.is_string_dtype(plain.dtype):
        plain = plain.where(~_blank(plain), None)
    try:
        return pd.to_numeric(plain).to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError):
        return _one_by_one(plain)


def _wrong(series: pd.Series[Any], what: str, cell: Any = None) -> InputError:
    """Return the error that a column is not of the kind it must be."""
    value = None if cell is None else repr(cell)
    remedy = "Correct it, or leave the column out"
    return InputError(Problem(what, remedy, column=str(series.name), value=value, code="wrong-kind"))


def _one_by_one(series: pd.Series[Any]) -> FloatArray:
    values = np.full(len(series), np.nan)
    present = series.notna().to_numpy(dtype=bool)
    for row, cell in zip(np.flatnonzero(present), series[present]):
        try:
            values[row] = float(cell)
        except (TypeError, ValueError):
            raise _wrong(series, "the cells must be numbers", cell) from None
    return values


def _uncoded(series: pd.Series[Any]) -> pd.Series[Any]:
    """Return a categorical column as what its categories are."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        return series.astype(series.cat.categories.dtype if len(series.cat.categories) else object)
    return series


def _blank(series: pd.Series[Any]) -> npt.NDArray[np.bool_]:
    """Return where a column holds text of nothing but spaces."""
    return levels_of(series)[0] < 0


def truths_of(series: pd.Series[Any]) -> FloatArray:
    """Return a column of true and false as 1 and 0, shape (n,), NaN where it is missing.

    Numbers 0 and 1 and the words true and false, in any case, are read as well.

    Raises
    ------
    InputError
        If a cell is none of these.
    """
    if isinstance(series.dtype, np.dtype) and series.dtype.kind == "b":
        return series.to_numpy().astype(np.float64)
    codes, levels = levels_of(series)
    words = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0}
    values = np.full(len(levels) + 1, np.nan)
    for code, level in enumerate(levels):
        if level.casefold() not in words:
            raise _wrong(series, "the cells must be true or false", level)
        values[code] = words[level.casefold()]
    return values[codes]


def days_of(series: pd.Series[Any]) -> FloatArray:
    """Return dates as days since 1970-01-01 UTC, shape (n,), with the time of day as a fraction, NaN where missing.

    Raises
    ------
    InputError
        If a cell is neither a date nor ISO text of one.
    """
    try:
        dates = pd.to_datetime(
            _uncoded(series), utc=True, format="ISO8601" if kind_of(series) == "category" else None
        )
    except (ValueError, TypeError, OverflowError) as error:
        raise _wrong(series, "the cells must be dates", str(error)) from None
    micros = dates.dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    return np.where(np.isnat(micros), np.nan, micros.astype(np.int64) / _DAY)


def levels_of(series: pd.Series[Any]) -> tuple[npt.NDArray[np.intp], list[str]]:
    """Return the level of each row as a position, and the levels as text; -1 where there is none or only spaces.

    Text is taken as it is, whole numbers without decimals, other numbers as Python writes them.

    Examples
    --------
    >>> import pandas as pd
    >>> levels_of(pd.Series(["b", None, "a", " ", "b"]))
    (array([ 0, -1,  1, -1,  0]), ['b', 'a'])
    """
    if isinstance(series.dtype, pd.CategoricalDtype):
        codes, found = series.cat.codes.to_numpy(), series.cat.categories
    else:
        try:
            codes, found = pd.factorize(series)
        except TypeError:
            held = sorted({type(cell).__name__ for cell in series.dropna()})
            raise _wrong(series, f"the cells are of type {' and '.join(held)}, which is no level") from None
    texts = [_text(level) for level in found.tolist()]
    kept = list(dict.fromkeys(text for text in texts if text.strip()))
    if kept == texts:
        return codes.astype(np.intp, copy=False), texts
    place = {text: position for position, text in enumerate(kept)}
    recoded = np.array([*(place.get(text, -1) for text in texts), -1], dtype=np.intp)
    return recoded[codes], kept


def _text(level: Any) -> str:
    if isinstance(level, (float, np.floating)) and float(level).is_integer():
        return str(int(level))
    return str(level)
