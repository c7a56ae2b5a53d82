"""The features of customers, checked: infinite values, columns that never vary, identifiers, numbers that are codes."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from mixcurve.foundations.errors import Problem
from mixcurve.tables.customer_table import CustomerTable
from mixcurve.tables.customer_values import Kind, levels_of

__all__ = ["audit_features", "infinite_values"]

Severity = Literal["error", "warning", "note"]

IDENTIFIER_SHARE, IDENTIFIER_ROWS = 0.5, 20
"""Text that differs on more than half of the rows where it stands names customers; fewer rows show nothing."""
FEWEST_NUMBERED = 100
"""Whole numbers that all differ on this many rows or more are numbers of customers, not amounts."""
FEW_NUMBERS = range(3, 21)
"""Whole numbers with so few different values may be codes of a category."""
_LOOK = 2_000
"""So many rows show whether numbers are whole and few."""


def infinite_values(table: CustomerTable, places: Any) -> list[Problem]:
    """Return a problem for each feature with infinite values; ``places`` names a row."""
    found = []
    for name, kind in table.kinds.items():
        column = table.features[name]
        if kind == "number" and column.dtype.kind == "f":
            infinite = np.isinf(column.to_numpy())
            if infinite.any():
                rows = np.flatnonzero(infinite)
                where = f" on {len(rows):,} rows, first here" if len(rows) > 1 else ""
                remedy = "Give a finite number, or leave the cell empty"
                what = f"the value is infinite{where}"
                row = places(int(rows[0]))
                found.append(Problem(what, remedy, table.source, row, name, code="infinite-value"))
    return found


def audit_features(table: CustomerTable) -> list[Problem]:
    """Return warnings and notes about features from which nothing, or the wrong thing, would be learnt.

    Without a label nothing is to be learnt, so nothing is said.
    """
    if table.label is None:
        return []
    found: list[Problem] = []
    codes = []
    for name, kind in table.kinds.items():
        column = table.features[name]
        if kind == "category":
            found += _of_category(table, name, column)
        else:
            found += _of_values(table, name, column, kind)
            if kind == "number" and _few_whole(column):
                codes.append(name)
    if codes:
        listed = ", ".join(codes)
        what = f"few different whole numbers stand in {listed}; they were read as numbers"
        remedy = f"If these are codes, write kinds={{'{codes[0]}': 'category'}}"
        found.append(Problem(what, remedy, table.source, severity="note", code="few-numbers"))
    return found + _too_few_rows(table)


def _told(table: CustomerTable, name: str, what: str, remedy: str, code: str) -> Problem:
    return Problem(what, remedy, table.source, column=name, severity="warning", code=code)


def _of_category(table: CustomerTable, name: str, column: Any) -> list[Problem]:
    codes, texts = levels_of(column)
    counts = np.bincount(codes + 1, minlength=len(texts) + 1)
    present, different = int(counts[1:].sum()), int((counts[1:] > 0).sum())
    if present == 0:
        return [_nothing(table, name)]
    if different == 1 and present == len(codes):
        return [_constant(table, name, repr(texts[int(codes[0])]))]
    if present >= IDENTIFIER_ROWS and different > IDENTIFIER_SHARE * present:
        what = f"{different:,} different values on {present:,} rows are almost an identifier"
        remedy = f"Name it as the key, or write exclude=['{name}']"
        return [_told(table, name, what, remedy, "identifier")]
    return []


def _of_values(table: CustomerTable, name: str, column: Any, kind: Kind) -> list[Problem]:
    present = column.dropna().to_numpy()
    if present.size == 0:
        return [_nothing(table, name)]
    if present.size == len(column) and not (present != present[0]).any():
        value = str(present[0]) if kind != "number" else f"{present[0]:g}"
        return [_constant(table, name, value)]
    if kind == "number" and _numbered(present):
        what = f"whole numbers that all differ on {present.size:,} rows are almost an identifier"
        remedy = f"Name it as the key, or write exclude=['{name}']"
        return [_told(table, name, what, remedy, "identifier")]
    return []


def _nothing(table: CustomerTable, name: str) -> Problem:
    what = "every value is missing, so nothing can be learnt from it and no model will use it"
    return _told(table, name, what, f"Write exclude=['{name}']", "all-missing")


def _constant(table: CustomerTable, name: str, value: str) -> Problem:
    what = f"the value is {value} on every row, so nothing can be learnt from it and no model will use it"
    return _told(table, name, what, f"Write exclude=['{name}']", "constant-feature")


def _whole(values: Any) -> bool:
    return bool((values == np.round(values)).all())


def _numbered(values: Any) -> bool:
    """Return whether many whole numbers all differ; the first ones mostly show that they do not."""
    return values.size >= FEWEST_NUMBERED and all(
        _whole(part) and len(np.unique(part)) == len(part) for part in (values[:_LOOK], values)
    )


def _few_whole(column: Any) -> bool:
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    first = values[:_LOOK]
    first = first[~np.isnan(first)]
    if first.size == 0 or not _whole(first) or len(np.unique(first)) not in FEW_NUMBERS:
        return False
    values = values[~np.isnan(values)]
    return _whole(values) and len(np.unique(values)) in FEW_NUMBERS


def _too_few_rows(table: CustomerTable) -> list[Problem]:
    if table.n_rows > len(table.kinds):
        return []
    what = f"{table.n_rows} rows for {len(table.kinds)} features: without a penalty no fit is unique"
    remedy = "Give more rows, name fewer features, or keep a penalty"
    return [Problem(what, remedy, table.source, severity="warning", code="too-few-rows")]
