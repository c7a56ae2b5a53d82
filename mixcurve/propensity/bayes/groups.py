"""Which group each customer is of: a segment, or a column of the table that then is no feature."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.tables.customer_table import CustomerTable
from mixcurve.tables.customer_values import frame_of, levels_of

__all__ = ["MISSING", "group_of", "without_column"]

MISSING = "missing"
"""The group of customers whose group is not known."""


def group_of(source: Any, by: str) -> npt.NDArray[Any]:
    """Return the group of each customer as text, (n,).

    Parameters
    ----------
    source
        A `CustomerTable`, a pandas or polars frame, or a pyarrow Table.
    by
        A segment of the table, or a column.

    Raises
    ------
    InputError
        If there is neither.

    Examples
    --------
    >>> import pandas as pd
    >>> group_of(pd.DataFrame({"client": ["a", None, "b"]}), "client").tolist()
    ['a', 'missing', 'b']
    """
    if isinstance(source, CustomerTable) and by in source.segments:
        return np.asarray(source.segments[by], dtype=object)
    frame = source.features if isinstance(source, CustomerTable) else frame_of(source)
    if by not in frame.columns:
        segments = source.segments if isinstance(source, CustomerTable) else ()
        known_name("segment or column", by, [*segments, *map(str, frame.columns)])
    return _text(frame[by])


def without_column(customers: CustomerTable, by: str) -> CustomerTable:
    """Return the table without a column, if it is one: the intercepts of groups already stand for it."""
    if by not in customers.features.columns:
        return customers
    kinds = {name: kind for name, kind in customers.kinds.items() if name != by}
    return replace(customers, features=customers.features.drop(columns=by), kinds=kinds)


def _text(column: Any) -> npt.NDArray[Any]:
    codes, texts = levels_of(column)
    return np.array([*texts, MISSING], dtype=object)[codes]
