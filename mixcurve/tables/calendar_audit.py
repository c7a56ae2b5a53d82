"""The dates of a table, checked: spacing, gaps, order, groups that cover different periods."""

from __future__ import annotations

import datetime as dt
import itertools

from mixcurve.foundations.errors import Problem
from mixcurve.tables.columns import Columns, problem_at
from mixcurve.tables.dates import reread
from mixcurve.tables.locales import Fault
from mixcurve.tables.panel import Panel
from mixcurve.tables.periods import Grid, grid_of, spacing_of
from mixcurve.tables.raw import RawTable
from mixcurve.tables.request import Request

__all__ = ["audit_dates"]

_Dated = list[tuple[dt.date, int]]


def audit_dates(raw: RawTable, request: Request, columns: Columns, panel: Panel) -> tuple[str, list[Problem]]:
    """Return the length of a period (``"week"`` if that cannot be told) and the problems with the dates."""
    by_group: dict[str, _Dated] = {}
    for date, group, row in zip(panel.dates, panel.groups, panel.rows):
        if date is not None:
            by_group.setdefault(group, []).append((date, row))
    dates = [date for dated in by_group.values() for date, _ in dated]
    if not dates:
        return "week", []
    found = _out_of_order(raw, request, by_group)
    every, problems = _length(raw, request, dates)
    found += problems
    if every is None:
        return "week", found
    grid = grid_of(dates, every, only_years=columns.only_years)
    breaks = []
    for group, dated in by_group.items():
        breaks += [*_off_grid(raw, request, grid, dated), *_gaps(raw, request, grid, group, dated)]
    found += breaks + _ambiguous(raw, request, every, regular=not breaks and not problems)
    return every, found + _uneven_groups(raw, request, grid, by_group)


def _length(raw: RawTable, request: Request, dates: list[dt.date]) -> tuple[str | None, list[Problem]]:
    """Return the length of a period, and a problem if the dates are not as far apart as that."""
    if len(set(dates)) < 2:
        what, remedy = "there is only one date", "Give the rows of at least two periods"
        return None, [_of_column(raw, request, "one-date", what, remedy)]
    unit, days = spacing_of(dates)
    if unit is None and request.every == "auto":
        what = f"most dates are {days} days apart, which is no day, week, calendar month or year"
        remedy = "Give one row per day, week, calendar month or year"
        return None, [_of_column(raw, request, "mixed-spacing", what, remedy)]
    if request.every == "auto" or request.every == unit:
        return unit, []
    apart = f"a {unit}" if unit else f"{days} days"
    what = f"most dates are {apart} apart, but every='{request.every}'"
    remedy = f"Leave every out, or give one row per {request.every}"
    return None, [_of_column(raw, request, "mixed-spacing", what, remedy)]


def _of_column(raw: RawTable, request: Request, code: str, what: str, remedy: str) -> Problem:
    return Problem(what, remedy, raw.source, column=request.date, code=code)


def _out_of_order(raw: RawTable, request: Request, by_group: dict[str, _Dated]) -> list[Problem]:
    early = [
        row
        for dated in by_group.values()
        for (before, _), (date, row) in itertools.pairwise(dated)
        if date < before
    ]
    if not early:
        return []
    row = min(early)
    number = "1 row is" if len(early) == 1 else f"{len(early)} rows are"
    what = f"{number} dated before the row above; the rows were sorted by date"
    fault = Fault("unsorted", what, "Nothing to do, unless the order was meant")
    return [problem_at(raw, row, request.date, fault, severity="note")]


def _off_grid(raw: RawTable, request: Request, grid: Grid, dated: _Dated) -> list[Problem]:
    found = []
    for date, row in dated:
        if not grid.holds(date):
            nearest = grid.write(grid.date(grid.index(date)))
            what = (
                f"the date does not stand a whole number of {grid.every}s from the others, as {nearest} would"
            )
            fault = Fault(
                "mixed-spacing", what, f"Correct the date, or give exactly one row per {grid.every}"
            )
            found.append(problem_at(raw, row, request.date, fault))
    return found


def _gaps(raw: RawTable, request: Request, grid: Grid, group: str, dated: _Dated) -> list[Problem]:
    rows = dict(reversed(dated))
    where = f" in group '{group}'" if group else ""
    found = []
    for after, run in grid.missing([date for date, _ in dated]):
        what = f"{grid.count(len(run))} missing before this row{where}: {grid.listed(run)}"
        remedy = "Add the missing rows, with spend 0 where nothing was spent; nothing is filled in"
        found.append(problem_at(raw, rows[after], request.date, Fault("date-gap", what, remedy)))
    return found


def _ambiguous(raw: RawTable, request: Request, every: str, *, regular: bool) -> list[Problem]:
    """Return a problem when all dates are regular with day and month exchanged."""
    other = reread(raw.cells[request.date], request.locale)
    if other is None:
        return []
    name, dates = other
    unit, _ = spacing_of(dates) if len(set(dates)) > 1 else (None, 0)
    if unit is None:
        return []
    grid = grid_of(dates, unit)
    if grid.missing(dates) or not all(grid.holds(date) for date in dates):
        return []
    if regular:
        what = f"the dates were read the {request.locale_name} way, one a {every}; the {name} way they are one a {unit}"
        remedy = f"If the latter is meant, read the file with locale '{name}'"
        return [
            Problem(what, remedy, raw.source, column=request.date, severity="warning", code="ambiguous-dates")
        ]
    what = f"the dates are irregular the {request.locale_name} way, and exactly one a {unit} the {name} way"
    return [_of_column(raw, request, "other-locale", what, f"Read the file with locale '{name}'")]


def _uneven_groups(raw: RawTable, request: Request, grid: Grid, by_group: dict[str, _Dated]) -> list[Problem]:
    """Return a warning for each group that starts later or ends earlier than another."""
    spans = {group: (min(dated)[0], max(dated)[0]) for group, dated in by_group.items()}
    first, last = min(start for start, _ in spans.values()), max(end for _, end in spans.values())
    found = []
    for group, (start, end) in spans.items():
        if (start, end) != (first, last):
            what = (
                f"group '{group}' covers {grid.write(start)} to {grid.write(end)}, "
                f"the table {grid.write(first)} to {grid.write(last)}"
            )
            remedy = "Check that no rows of the group are lost"
            column = request.group or request.date
            found.append(
                Problem(what, remedy, raw.source, column=column, severity="warning", code="uneven-groups")
            )
    return found
