"""The numbers of a table, checked: signs, columns that never change, twins, too few rows."""

from __future__ import annotations

import itertools
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import Problem
from mixcurve.tables.columns import Columns, problem_at
from mixcurve.tables.locales import Fault
from mixcurve.tables.panel import Panel
from mixcurve.tables.raw import RawTable
from mixcurve.tables.request import Request

__all__ = ["TWIN_CORRELATION", "audit_values", "least_rows", "simplest_parameters"]

FloatArray = npt.NDArray[np.float64]
Severity = Literal["error", "warning", "note"]

TWIN_CORRELATION = 0.98
"""Two channels that move together more than this cannot be told apart by any fit."""

SHAPE_AND_SIZE, CURVE_AND_CARRYOVER = 2, 3
"""Parameters of a channel: a size and a half-saturation at the least; a slope or a carryover besides as a rule."""


def simplest_parameters(channels: int, controls: int) -> int:
    """Return how many parameters the simplest model has: size and half-saturation, controls, a baseline."""
    return SHAPE_AND_SIZE * channels + controls + 1


def least_rows(channels: int, controls: int) -> int:
    """Return how many parameters a usual model has: three a channel, the controls, a baseline and a trend."""
    return CURVE_AND_CARRYOVER * channels + controls + 2


def audit_values(raw: RawTable, request: Request, columns: Columns, panel: Panel) -> list[Problem]:
    """Return the problems with the numbers that could be read."""
    named = {name: panel.spend[:, j] for j, name in enumerate(request.channels)}
    whole = {name: values for name, values in named.items() if values.size > 1 and np.isfinite(values).all()}
    found = _negative_spend(raw, request, columns)
    for name, values in whole.items():
        found += _flat_channel(raw, request, name, values)
    for j, name in enumerate(request.controls):
        if _is_flat(panel.controls[:, j]):
            what = f"the control is {panel.controls[0, j]:g} on every row, so nothing can be learnt from it"
            found.append(_column(raw, name, "constant-control", what, "Leave it out", "warning"))
    if _is_flat(panel.response):
        what = f"the response is {panel.response[0]:g} on every row, so there is nothing to explain"
        found.append(
            _column(raw, request.response, "constant-response", what, "Check that this is the right column")
        )
    return found + _twins(raw, request, whole) + _too_few_rows(raw, request, len(panel.rows))


def _column(
    raw: RawTable, column: str, code: str, what: str, remedy: str, severity: Severity = "error"
) -> Problem:
    return Problem(what, remedy, raw.source, column=column, severity=severity, code=code)


def _negative_spend(raw: RawTable, request: Request, columns: Columns) -> list[Problem]:
    fault = Fault(
        "negative-spend", "spend is negative", "Book a refund in the period of the spend it refunds"
    )
    names = (str(request.spend),) if request.long else request.channels
    return [
        problem_at(raw, int(row), name, fault)
        for name in names
        if name in columns.amounts
        for row in np.flatnonzero(columns.amounts[name] < 0)
    ]


def _is_flat(values: FloatArray) -> bool:
    return bool(values.size > 1 and np.isfinite(values).all() and (values == values[0]).all())


def _flat_channel(raw: RawTable, request: Request, name: str, values: FloatArray) -> list[Problem]:
    """Return an error for a channel that never spent, a warning for one that always spent the same.

    A channel without spend has no curve at all. One with constant spend has one that only a prior or an experiment
    can tell from the baseline, so the fit may go on and the warning goes with it into the report.
    """
    if not _is_flat(values):
        return []
    column = str(request.spend) if request.long else name
    if values[0] == 0:
        what, remedy = f"channel '{name}' has no spend on any row", f"Leave '{name}' out of channels"
        return [_column(raw, column, "all-zero-channel", what, remedy)]
    what = (
        f"channel '{name}' spends {values[0]:g} on every row, so its effect cannot be told from the baseline"
    )
    remedy = "Leave it out, or bring evidence from an experiment"
    return [_column(raw, column, "constant-channel", what, remedy, "warning")]


def _twins(raw: RawTable, request: Request, named: dict[str, FloatArray]) -> list[Problem]:
    scaled = {name: values / np.abs(values).max() for name, values in named.items() if not _is_flat(values)}
    found = []
    for one, other in itertools.combinations(scaled, 2):
        correlation = _correlation(scaled[one], scaled[other])
        if abs(correlation) > TWIN_CORRELATION:
            moved = f"spend on '{one}' and '{other}' has a correlation of {correlation:.3f}"
            remedy = "Join them into one channel, or bring evidence from an experiment"
            what = f"{moved}, so their effects cannot be told apart"
            found.append(Problem(what, remedy, raw.source, severity="warning", code="twin-channels"))
    return found


def _correlation(one: FloatArray, other: FloatArray) -> float:
    a, b = one - one.mean(), other - other.mean()
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size > 0 else 0.0


def _too_few_rows(raw: RawTable, request: Request, rows: int) -> list[Problem]:
    """Return an error when even the simplest model has as many parameters as there are rows, else maybe a warning."""
    channels, controls = len(request.channels), len(request.controls)
    usual = least_rows(channels, controls) if request.parameters is None else request.parameters
    simplest = simplest_parameters(channels, controls) if request.parameters is None else request.parameters
    if rows > usual:
        return []
    parameters, kind = (simplest, "the simplest model") if rows <= simplest else (usual, "a usual model")
    kind = kind if request.parameters is None else "the model"
    what = f"{rows} row{'' if rows == 1 else 's'} for the {parameters} parameters of {kind}"
    remedy = f"Give more than {usual} rows, or model fewer channels and controls"
    severity: Severity = "error" if rows <= simplest else "warning"
    return [Problem(what, remedy, raw.source, severity=severity, code="too-few-rows")]
