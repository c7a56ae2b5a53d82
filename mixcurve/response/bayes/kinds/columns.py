"""The controls that parts take from a table, checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError, Problem
from mixcurve.response.design.groups import group_sizes
from mixcurve.response.fit.mix.problem import blocks_of

if TYPE_CHECKING:
    from mixcurve.tables.table import SpendTable

__all__ = ["amount_column", "reach_columns", "relative_size", "taken_column", "without"]

FloatArray = npt.NDArray[np.float64]

CONSTANT = 1e-10
"""A column that varies by a smaller share of its size than this is constant up to rounding."""


def taken_column(table: SpendTable, what: str, name: str) -> FloatArray:
    """Return a control (n,), or raise naming the nearest; ``what`` says what it was asked for as."""
    if not table.control_names:
        raise InputError(
            f"The table has no controls, so '{name}' cannot be {what}. Read it with controls=['{name}']."
        )
    return table.controls[:, table.control_names.index(known_name("control", name, table.control_names))]


def amount_column(table: SpendTable, what: str, name: str) -> FloatArray:
    """Return a control that is an amount (n,): never negative, and not the same in every row."""
    values = not_negative(table, name, taken_column(table, what, name))
    if constant(values):
        raise InputError(
            Problem(
                "the amount is the same in every row, so its effect cannot be told from the baseline",
                "Leave it out", table.source, column=name, value=f"{values[0]:g}", code="constant-amount",
            )
        )  # fmt: skip
    return values


def reach_columns(
    table: SpendTable, channel: str, reach: str, frequency: str
) -> tuple[FloatArray, FloatArray, tuple[Problem, ...]]:
    """Return reach and frequency of a channel (n,), and warnings."""
    people = not_negative(table, reach, taken_column(table, f"the reach of '{channel}'", reach))
    often = not_negative(table, frequency, taken_column(table, f"the frequency of '{channel}'", frequency))
    reached = people > 0
    if not reached.any():
        raise InputError(
            f"Nobody was ever reached by '{channel}': '{reach}' is 0 in every row. Leave it out."
        )
    if constant(often[reached]):
        raise InputError(
            f"The frequency of '{channel}' ('{frequency}') is {often[reached][0]:g} in every row with reach, so what "
            "it does cannot be seen. Take the channel by its spend instead."
        )
    low = reached & (often < 1.0)
    if not low.any():
        return people, often, ()
    return people, often, (
        Problem(
            f"{int(low.sum())} of {int(reached.sum())} rows with reach have a frequency below 1, but whoever is "
            "reached has at least one contact",
            "Check whether it is contacts per person reached", table.source, column=frequency,
            value=f"{often[low].min():g} in the period of {table.dates[low][0]}", severity="warning",
            code="frequency-below-one",
        ),
    )  # fmt: skip


def not_negative(table: SpendTable, name: str, values: FloatArray) -> FloatArray:
    """Return the values, or raise naming the first negative one."""
    bad = np.flatnonzero(values < 0)
    if len(bad):
        raise InputError(
            Problem(
                "an amount, reach or frequency must not be negative", "Correct the value", table.source,
                column=name, value=f"{values[bad[0]]:g} in the period of {table.dates[bad[0]]}", code="negative-amount",
            )
        )  # fmt: skip
    return values


def constant(values: FloatArray) -> bool:
    """Return whether values are the same up to rounding."""
    return bool(np.ptp(values) <= CONSTANT * np.abs(values).max(initial=0.0))


def relative_size(table: SpendTable) -> FloatArray:
    """Return the size of each row's group over that of a mean group (n,), as the problem takes it."""
    if table.groups is None:
        return np.ones(table.n_rows)
    sizes = group_sizes(table.response, table.groups, table.group_names)
    lengths = [b.stop - b.start for b in blocks_of(table)]
    return np.repeat(sizes, lengths)


def without(table: SpendTable, controls: set[str], channels: set[str]) -> SpendTable:
    """Return the table without some controls and channels."""
    kept = [i for i, name in enumerate(table.control_names) if name not in controls]
    paid = [i for i, name in enumerate(table.channels) if name not in channels]
    return replace(
        table, controls=table.controls[:, kept], control_names=tuple(table.control_names[i] for i in kept),
        spend=table.spend[:, paid], channels=tuple(table.channels[i] for i in paid),
    )  # fmt: skip
