"""Experiments out of a file or frame, one a row, every problem told at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError, Problem
from mixcurve.tables.amounts import Amount, is_missing, read_amount
from mixcurve.tables.columns import problem_at
from mixcurve.tables.dates import CalendarDate, read_date
from mixcurve.tables.experiment_checks import Fields
from mixcurve.tables.experiments import CostTarget, Experiment, LiftTest, cost_fields, lift_fields
from mixcurve.tables.files import read_file
from mixcurve.tables.frames import read_frame
from mixcurve.tables.locales import LOCALES, Fault, Locale
from mixcurve.tables.raw import RawTable, nearby

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

__all__ = ["read_experiments"]

COLUMNS = {
    "channel": "the channel's name", "name": "a name for reports", "groups": "the groups, parted by semicolons",
    "start": "the first day", "end": "the last day", "until": "the last day counted",
    "response": "the incremental response", "cost": "money per incremental outcome",
    "error": "one standard error", "low": "the lower end of an interval", "high": "the upper end of an interval",
    "level": "the interval's level", "spend_to": "the other spend", "spend_change": "the difference in spend",
    "share": "the difference in spend, in percent",
}  # fmt: skip
"""What a file may hold, and what each column is."""
_TEXTS, _DAYS = ("channel", "name", "groups"), ("start", "end", "until")
_SIGNS = "+-\u2212"
_ONE_OF_BOTH = "Give response for a lift test, cost for a target"


def read_experiments(
    source: str | Path | pd.DataFrame | pl.DataFrame,
    *,
    locale: str = "en-GB",
    encoding: str = "utf-8",
    sheet: str | int | None = None,
) -> tuple[Experiment, ...]:
    """Read lift tests and cost targets, one a row, and check them.

    Parameters
    ----------
    source
        Path of a CSV, Parquet or Excel file, or a pandas or polars frame. Its columns are the fields of `LiftTest` and
        `CostTarget`: ``channel`` always; ``response``, ``start``, ``end`` and one of ``spend_to``, ``spend_change`` and
        ``share`` for a lift test; ``cost`` for a target; for both ``error``, or ``low``, ``high`` and ``level``. May be
        there: ``until``, ``groups`` (parted by semicolons) and ``name``. Cells that a row does not need stay empty.
    locale, encoding, sheet
        As for `read_spend`.

    Returns
    -------
    tuple
        In the order of the rows.

    Raises
    ------
    InputError
        With every problem found, each with file, row, column, value and remedy.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "channel": ["tv", "search"],
    ...         "start": ["2024-03-04", None],
    ...         "end": ["2024-03-31", None],
    ...         "response": [1200, None],
    ...         "error": [300, None],
    ...         "share": ["-100%", None],
    ...         "cost": [None, "£25"],
    ...         "low": [None, 20],
    ...         "high": [None, 31.25],
    ...         "level": [None, "90%"],
    ...     }
    ... )
    >>> [e.name for e in read_experiments(frame)]
    ['tv, 2024-03-04 to 2024-03-31', 'cost of search']
    """
    known_name("locale", locale, LOCALES)
    raw = _open(source, encoding, sheet)
    found: list[Problem] = _header_problems(raw)
    experiments: list[Experiment] = []
    for row in range(len(raw.labels)):
        given = _row(raw, row, LOCALES[locale], found)
        if given is not None:
            experiments += _experiment(raw, row, given, found)
    found += _names_problems(raw, experiments)
    if not raw.labels:
        found.append(Problem("there are no rows below the header", "Give one row per experiment", raw.source))
    if found:
        raise InputError(found)
    return tuple(experiments)


def _open(source: Any, encoding: str, sheet: str | int | None) -> RawTable:
    if isinstance(source, (str, Path)):
        return read_file(Path(source), COLUMNS, encoding=encoding, sheet=sheet)
    return read_frame(source, COLUMNS)


def _header_problems(raw: RawTable) -> list[Problem]:
    """Return columns that no field is called, and what the reader found but for fields that may be left out."""
    found = [p for p in raw.problems if p.code != "missing-column" or p.column == "channel"]
    unknown = [name for name in raw.columns if name and name not in COLUMNS]
    return found + [
        Problem(
            "no experiment has this field", f"{nearby(name, COLUMNS)}Known: {', '.join(COLUMNS)}", raw.source,
            column=name, code="unknown-column",
        )
        for name in unknown
    ]  # fmt: skip


def _row(raw: RawTable, row: int, locale: Locale, found: list[Problem]) -> dict[str, Any] | None:
    """Return the cells of a row that hold something, read; None when one could not be read."""
    given: dict[str, Any] = {}
    before = len(found)
    for name, cells in raw.cells.items():
        cell = cells[row]
        if is_missing(cell) or cell != cell:
            continue
        value = _cell(name, cell, locale)
        if isinstance(value, Fault):
            found.append(problem_at(raw, row, name, value))
        else:
            given[name] = value
    return given if len(found) == before else None


def _cell(name: str, cell: Any, locale: Locale) -> Any:
    if name in _TEXTS:
        text = str(cell).strip()
        return tuple(g.strip() for g in text.split(";") if g.strip()) if name == "groups" else text
    if name in _DAYS:
        day = read_date(cell, locale)
        return day.value if isinstance(day, CalendarDate) else day
    percent = isinstance(cell, str) and cell.strip().endswith("%")
    if name == "share" and percent and cell.strip()[0] not in _SIGNS:
        return Fault(
            "unsigned-share", "a change needs its sign", "Write -50% for half as much, +50% for half more"
        )
    amount = read_amount(cell.strip().removesuffix("%") if percent else cell, locale)
    return amount.value * (0.01 if percent else 1.0) if isinstance(amount, Amount) else amount


def _experiment(raw: RawTable, row: int, given: dict[str, Any], found: list[Problem]) -> list[Experiment]:
    """Return the experiment of a row, or nothing when something is wrong with it."""
    low, high = given.pop("low", None), given.pop("high", None)
    fields = Fields("", given)
    interval = low is not None or high is not None
    if interval and "error" not in given:
        given["error"] = (low, high)
    elif interval:
        fields.wrong("error", "is given beside an interval", "Give the error, or low and high")
    if ("cost" in given) == ("response" in given):
        fields.wrong("response", "or cost must be given, one of both", _ONE_OF_BOTH)
    else:
        (cost_fields if "cost" in given else lift_fields)(fields)
    lift_only = [
        name for name in ("spend_to", "spend_change", "share", "until") if name in given and "cost" in given
    ]
    for name in lift_only:
        fields.wrong(name, "belongs to a lift test", "Leave it out for a cost target")
    if fields.found:
        found += [_placed(raw, row, problem) for problem in fields.found]
        return []
    return [CostTarget(**given) if "cost" in given else LiftTest(**given)]


def _placed(raw: RawTable, row: int, problem: Problem) -> Problem:
    """Return a problem of a row at its cell; that of an interval stands at its lower end."""
    column = problem.column or ""
    if (
        column == "error"
        and "low" in raw.cells
        and is_missing(raw.cells["error"][row] if "error" in raw.cells else None)
    ):
        column = "low"
    return replace(problem, source=raw.source, row=raw.place(row, column), column=column)


def _names_problems(raw: RawTable, experiments: list[Experiment]) -> list[Problem]:
    counts = Counter(e.name for e in experiments)
    return [
        Problem(
            f"{count} experiments are called '{name}'", "Give each a name of its own", raw.source, column="name",
            code="repeated-name",
        )
        for name, count in counts.items()
        if count > 1
    ]  # fmt: skip
