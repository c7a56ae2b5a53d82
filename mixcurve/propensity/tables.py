"""Tables of numbers as the solver takes them, with the names of their columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from mixcurve.foundations.errors import InputError

__all__ = ["features_of", "refuse_repeated"]


def refuse_repeated(names: Iterable[Any]) -> None:
    """Raise an `InputError` if two columns have one name.

    Examples
    --------
    >>> refuse_repeated(["a", "b", "a"])
    Traceback (most recent call last):
        ...
    mixcurve.foundations.errors.InputError: X has more than one column called 'a'. Rename them.
    """
    counts = Counter(str(name) for name in names)
    repeated = sorted(name for name, count in counts.items() if count > 1)
    if repeated:
        raise InputError(f"X has more than one column called {', '.join(map(repr, repeated))}. Rename them.")


def features_of(X: Any) -> tuple[Any, tuple[str, ...]]:
    """Return a table as an array of floats (sparse stays sparse), and the names of its columns.

    Columns without names are called x0, x1, and so on. An array of floats is not copied.

    Raises
    ------
    InputError
        When it is no table of numbers, has no rows or columns, or two columns of one name.

    Examples
    --------
    >>> features_of([[1, 2], [3, 4]])[1]
    ('x0', 'x1')
    """
    named = tuple(str(name) for name in X.columns) if hasattr(X, "columns") else None
    if hasattr(X, "tocsr"):
        table = X.tocsr()
    else:
        table = np.asarray(X)
        if table.dtype not in (np.float64, np.float32):
            try:
                table = table.astype(np.float64)
            except (TypeError, ValueError):
                raise InputError(
                    "X must be a table of numbers, and it has a column that is not. Use a FeatureEncoder first."
                ) from None
    if table.ndim != 2 or 0 in table.shape:
        raise InputError(f"X must have rows and columns, got shape {table.shape}.")
    names = named or tuple(f"x{j}" for j in range(table.shape[1]))
    refuse_repeated(names)
    return table, names
