"""Typed columns into one row per date (and group), from the wide layout or the long one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import Problem
from mixcurve.tables.columns import Columns, problem_at
from mixcurve.tables.locales import Fault
from mixcurve.tables.raw import RawTable, nearby, shown
from mixcurve.tables.request import Request

__all__ = ["Panel", "panel_of"]

FloatArray = npt.NDArray[np.float64]
_Key = tuple[str, dt.date | None]


@dataclass(frozen=True)
class Panel:
    """One row per date and group, in the order of the source; NaN where a number could not be read.

    Parameters
    ----------
    rows
        The row of the raw table that each row was first met in.
    dates, groups
        One per row; a group is ``""`` where there are none.
    spend, response, controls
        Shapes (n, n_channels), (n,), (n, n_controls).
    """

    rows: list[int]
    dates: list[dt.date | None]
    groups: list[str]
    spend: FloatArray
    response: FloatArray
    controls: FloatArray


def panel_of(raw: RawTable, request: Request, columns: Columns) -> tuple[Panel, list[Problem]]:
    """Return one row per date and group, and what stands in the way."""
    rows = len(raw.labels)
    dates = columns.dates or [None] * rows
    groups = columns.labels.get(str(request.group)) or [""] * rows
    if request.long:
        return _from_long(raw, request, columns, list(zip(groups, dates)))
    panel = Panel(
        list(range(rows)),
        dates,
        groups,
        _matrix(columns, request.channels, rows),
        _column(columns, request.response, rows),
        _matrix(columns, request.controls, rows),
    )
    return panel, _repeated_dates(raw, request, panel)


def _column(columns: Columns, name: str, rows: int) -> FloatArray:
    return columns.amounts.get(name, np.full(rows, np.nan))


def _matrix(columns: Columns, names: tuple[str, ...], rows: int) -> FloatArray:
    return np.column_stack([np.empty((rows, 0)), *(_column(columns, name, rows) for name in names)])


def _of_group(group: str) -> str:
    return f" in group '{group}'" if group else ""


def _repeated_dates(raw: RawTable, request: Request, panel: Panel) -> list[Problem]:
    first: dict[_Key, int] = {}
    found = []
    for row, key in enumerate(zip(panel.groups, panel.dates)):
        unknown = key[1] is None or (request.group is not None and not key[0])
        if not unknown and first.setdefault(key, row) != row:
            found.append(_repeated(raw, request.date, row, first[key], _of_group(key[0])))
    return found


def _repeated(raw: RawTable, column: str, row: int, first: int, where: str) -> Problem:
    what = f"the date was there already{where}, in row {raw.labels[first]}"
    remedy = "Keep one row per date, or add them up; if they are regions or brands, name their column: group='region'"
    return problem_at(raw, row, column, Fault("duplicate-date", what, remedy))


def _from_long(
    raw: RawTable, request: Request, columns: Columns, keys: list[_Key]
) -> tuple[Panel, list[Problem]]:
    """Pivot rows of one date and one channel into rows of one date, checking that the rest of each date agrees."""
    rows = len(keys)
    labels = columns.labels.get(str(request.channel), [""] * rows)
    found = _other_channels(raw, request, labels)
    first: dict[_Key, int] = {}
    for row, key in enumerate(keys):
        if key[1] is not None:
            first.setdefault(key, row)
    place = {key: i for i, key in enumerate(first)}
    spend = np.full((len(first), len(request.channels)), np.nan)
    amounts = _column(columns, str(request.spend), rows)
    met: dict[tuple[int, int], int] = {}
    for row, (key, label) in enumerate(zip(keys, labels)):
        if key[1] is None or label not in request.channels:
            continue
        cell = place[key], request.channels.index(label)
        if met.setdefault(cell, row) == row:
            spend[cell] = amounts[row]
        else:
            found.append(
                _repeated(raw, request.date, row, met[cell], f" for channel '{label}'{_of_group(key[0])}")
            )
    found += _absent(raw, request, list(first.items()), met)
    kept = list(first.values())
    shared = {name: _column(columns, name, rows) for name in (request.response, *request.controls)}
    found += [problem for name in shared for problem in _disagreeing(raw, name, shared[name], keys, first)]
    controls = np.column_stack([np.empty((len(kept), 0)), *(shared[name][kept] for name in request.controls)])
    dates, groups = [keys[row][1] for row in kept], [keys[row][0] for row in kept]
    return Panel(kept, dates, groups, spend, shared[request.response][kept], controls), found


def _other_channels(raw: RawTable, request: Request, labels: list[str]) -> list[Problem]:
    """Return an error for each channel asked for without rows, a warning for each with rows not asked for."""
    column = str(request.channel)
    if column not in raw.cells:
        return []
    present = dict.fromkeys(label for label in labels if label)
    found = []
    for name in request.channels:
        if name not in present:
            remedy = f"{nearby(name, present)}Channels present: {', '.join(present) or 'none'}"
            what = f"there is no row for channel '{name}'"
            found.append(Problem(what, remedy, raw.source, column=column, code="missing-channel"))
    for name in present:
        if name not in request.channels:
            what = f"channel '{name}' has {labels.count(name)} rows and is not among channels; its spend was left out"
            remedy = "Add it to channels if it may have moved the response"
            found.append(
                Problem(what, remedy, raw.source, column=column, severity="warning", code="channel-left-out")
            )
    return found


def _absent(
    raw: RawTable, request: Request, first: list[tuple[_Key, int]], met: dict[tuple[int, int], int]
) -> list[Problem]:
    """Return a problem for each date without a row for a channel that has rows elsewhere."""
    seen = {channel for _, channel in met}
    column = str(request.spend)
    found = []
    for i, ((group, date), row) in enumerate(first):
        for j, name in enumerate(request.channels):
            if j in seen and (i, j) not in met:
                what = f"there is no row for channel '{name}' on {date}{_of_group(group)}"
                remedy = "Add the row, with spend 0 if nothing was spent; nothing is filled in"
                place = raw.place(row, column) if column in raw.cells else raw.labels[row]
                found.append(Problem(what, remedy, raw.source, place, column, code="missing-row"))
    return found


def _disagreeing(
    raw: RawTable, name: str, values: FloatArray, keys: list[_Key], first: dict[_Key, int]
) -> list[Problem]:
    found = []
    for row, key in enumerate(keys):
        if key[1] is None or not np.isfinite(values[row]):
            continue
        before = first[key]
        if np.isfinite(values[before]) and values[row] != values[before]:
            what = f"row {raw.labels[before]} has another value, {shown(raw.cells[name][before])}, for the same date"
            remedy = "Repeat the same value on every row of a date, since it belongs to the date and not to a channel"
            found.append(problem_at(raw, row, name, Fault("disagreeing-rows", what, remedy)))
    return found
