"""Tables of numbers as the solver takes them, with the names of their columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from mixcurve.foundations.errors import InputError

__all__ = ["features_of"]


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
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InputError(f"X has more than one column called {', '.join(map(repr, repeated))}. Rename them.")
    return table, names
