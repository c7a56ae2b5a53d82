"""Rules applied: each column becomes values or codes, then blocks of rows are written into the design."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError, Problem
from mixcurve.propensity.features.rules import ColumnRule
from mixcurve.tables.customer_values import days_of, levels_of, numbers_of, truths_of

__all__ = ["Part", "design_of", "part_of", "plain_values"]

FloatArray = npt.NDArray[np.float64]

BLOCK_ROWS = 8192
"""Rows written at a time: a block of 60 columns of float64 then stays in the processor's second cache or near it."""


class Part(NamedTuple):
    """One column of a table ready to be written: its values or the row of ``table`` that each customer takes."""

    values: FloatArray | None
    missing: npt.NDArray[np.bool_] | None
    codes: npt.NDArray[np.intp] | None
    table: FloatArray
    width: int


def plain_values(rule: ColumnRule, series: Any) -> FloatArray:
    """Return a column of numbers, truths or dates as float64, NaN where missing; dates as days since the origin."""
    if rule.kind == "date":
        return days_of(series) - _day_number(rule.origin)
    values = truths_of(series) if rule.kind == "boolean" else numbers_of(series)
    infinite = np.isinf(values)
    if infinite.any():
        count, first = int(infinite.sum()), int(infinite.argmax())
        what = f"{count} of {len(values)} values are infinite, the first at position {first}"
        raise InputError(
            Problem(
                what, "Give finite numbers, or leave the cells empty", column=rule.name, code="infinite-value"
            )
        )
    return values


def _day_number(date: str) -> float:
    """Return the days from 1970-01-01 to an ISO date, 0 for ``""``."""
    return float(np.datetime64(date, "D").astype(int)) if date else 0.0


def part_of(rule: ColumnRule, series: Any) -> Part:
    """Return one column of a table, ready to be written by the terms of its rule."""
    width, nothing = len(rule.terms), np.empty((0, 0))
    if rule.kind == "category":
        codes, table = _levels(rule, series)
        return Part(None, None, codes, table, width)
    values = plain_values(rule, series)
    missing = np.isnan(values)
    if missing.any():
        values = np.where(missing, rule.imputed, values)
    return Part(values if rule.varies else None, missing if rule.missing else None, None, nothing, width)


def _levels(rule: ColumnRule, series: Any) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """Return which row of a table of 0 and 1 each customer takes, and that table; its last row is for missing."""
    codes, texts = levels_of(series)
    known: dict[str | None, int | None] = {rule.reference: None}
    known.update((term.level, j) for j, term in enumerate(rule.terms) if term.test == "level")
    tests = [term.test for term in rule.terms]
    other = tests.index("rare") if "rare" in tests else None
    columns = [known.get(text, other) for text in texts]
    columns.append(tests.index("missing") if "missing" in tests else other)
    table = np.zeros((len(columns), len(tests)))
    for row, column in enumerate(columns):
        if column is not None:
            table[row, column] = 1.0
    return codes, table


def design_of(parts: Sequence[Part], rows: int, width: int) -> FloatArray:
    """Return the design, shape (rows, width), of the columns side by side.

    It is written by blocks of rows, since a column of a large array is slow to write at once.
    """
    design = np.empty((rows, width))
    for first in range(0, rows, BLOCK_ROWS):
        block = slice(first, min(first + BLOCK_ROWS, rows))
        column = 0
        for part in parts:
            if part.codes is not None:
                design[block, column : column + part.width] = part.table[part.codes[block]]
            else:
                given = [array for array in (part.values, part.missing) if array is not None]
                for j, array in enumerate(given):
                    design[block, column + j] = array[block]
            column += part.width
    return design
