"""A customer table in a few lines of plain text, for the terminal."""

from __future__ import annotations

from mixcurve.tables.customer_table import CustomerTable
from mixcurve.tables.customer_values import KINDS

__all__ = ["describe_customers"]

_PLURAL = {"number": "numbers", "category": "categories", "boolean": "booleans", "date": "dates"}


def describe_customers(table: CustomerTable) -> str:
    """Return what the table holds: rows, label, features of each kind, warnings and notes.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"visits": [1, 4, 2], "vip": [True, False, False]})
    >>> kinds = {"visits": "number", "vip": "boolean"}
    >>> print(describe_customers(CustomerTable(frame, kinds, np.array([0.0, 1.0, 0.0]), "buys")))
    frame: 3 rows, 2 features
    Label 'buys': 1 of 3 rows are 1 (33.3%), the others 0
    1 number: visits
    1 boolean: vip
    """
    lines = [f"{table.source}: {table.n_rows:,} rows, {len(table.kinds)} features"]
    if table.label is not None:
        negative, positive = table.classes
        weighted = "" if table.weights is None else f", {table.weight_kind} weights counted"
        lines.append(
            f"Label '{table.label_name}': {table.positives:,} of {table.n_rows:,} rows are {positive} "
            f"({table.base_rate:.1%}{weighted}), the others {negative}"
        )
    for kind in KINDS:
        names = [name for name, of in table.kinds.items() if of == kind]
        if names:
            lines.append(f"{len(names)} {kind if len(names) == 1 else _PLURAL[kind]}: {', '.join(names)}")
    lines += [f"{problem.severity.capitalize()}: {problem}" for problem in table.problems]
    return "\n".join(lines)
