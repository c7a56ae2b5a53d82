"""The spend table: what comes in, read and checked, every problem told at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mixcurve.foundations.errors import InputError, Problem
from mixcurve.tables.calendar_audit import audit_dates
from mixcurve.tables.columns import read_columns
from mixcurve.tables.describe import describe
from mixcurve.tables.files import SHEET_TYPES, read_file
from mixcurve.tables.frames import read_frame
from mixcurve.tables.panel import Panel, panel_of
from mixcurve.tables.periods import Every
from mixcurve.tables.raw import RawTable
from mixcurve.tables.request import Request, check_request
from mixcurve.tables.table import SpendTable
from mixcurve.tables.totals import without_total
from mixcurve.tables.value_audit import audit_values

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

__all__ = ["SpendTable", "describe", "read_spend"]


def read_spend(
    source: str | Path | pd.DataFrame | pl.DataFrame,
    *,
    date: str,
    response: str,
    channels: Sequence[str],
    controls: Sequence[str] = (),
    group: str | None = None,
    layout: Literal["wide", "long"] = "wide",
    channel: str | None = None,
    spend: str | None = None,
    every: Every = "auto",
    locale: str = "en-GB",
    encoding: str = "utf-8",
    sheet: str | int | None = None,
    currency: str | None = None,
    parameters: int | None = None,
) -> SpendTable:
    """Read spend, response and controls from a file or frame, and check them.

    Nothing is filled in or guessed. All that is wrong is told in one error; what is only doubtful goes
    with the table as warnings and notes.

    Parameters
    ----------
    source
        Path of a CSV file (comma, semicolon or tab), a Parquet or an Excel file, or a pandas or polars frame.
    date
        Column of dates: days, weeks, calendar months or years. Dates may be date values, ISO text
        (``2024-01-31``, ``2024-01``, ``2024-W05``), text in the order of the locale, or years such as 1907.
    response
        Column of the response.
    channels
        Columns of spend; in the long layout, the values of the column ``channel``.
    controls
        Columns of other influences; true and false count as 1 and 0.
    group
        Column of regions or brands, each with its own row per date.
    layout
        ``"wide"``: one row per date, a column a channel. ``"long"``: one row per date and channel, the
        response and controls repeated on each row of a date.
    channel, spend
        In the long layout, the column of channel names and the column of their spend.
    every
        Length of a period, or ``"auto"`` to take it from the dates.
    locale
        How text is written: ``"en-GB"`` (1,200.50 and 31/01/2024), ``"en-US"``, ``"de-DE"`` or ``"fr-FR"``.
    encoding
        Of a text file.
    sheet
        Name or position (from 0) of the sheet; needed when an Excel file has several.
    currency
        ISO 4217 code of all amounts; taken from marks such as £ when these say it.
    parameters
        Number of parameters of the model to be fitted. Without it, rows must outnumber the two per channel, controls
        and baseline of the simplest model, and a warning says when they do not outnumber three per channel,
        controls and two.

    Returns
    -------
    SpendTable
        Sorted by group, then date.

    Raises
    ------
    InputError
        With every problem found, each with file, row, column, value and remedy. Rows are counted as the user sees
        them: line of a text file (the header is line 1), row and cell of a sheet, row of a Parquet file from 1,
        index label of a frame.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "week": ["01/01/2024", "08/01/2024", "15/01/2024", "22/01/2024", "29/01/2024", "05/02/2024"],
    ...         "orders": [70, 75, 91, 69, 88, 73],
    ...         "tv": ["£1,200.50", "£900", "£2,000", "£0", "£1,500", "£700"],
    ...     }
    ... )
    >>> table = read_spend(frame, date="week", response="orders", channels=["tv"])
    >>> table.every, table.currency, table.spend_of("tv")[:2]
    ('week', 'GBP', array([1200.5,  900. ]))
    """
    request = Request(
        date=date, response=response, channels=_names(channels), controls=_names(controls), group=group,
        layout=layout, channel=channel, spend=spend, every=every, locale_name=locale, encoding=encoding,
        currency=currency, parameters=parameters,
    )  # fmt: skip
    found, readable = check_request(request)
    if not readable:
        raise InputError(found)
    raw = _open(source, request, sheet, found)
    return _checked(raw, request, [*found, *raw.problems])


def _names(names: Any) -> tuple[Any, ...]:
    """Return the names as a tuple; one name may be given alone."""
    return tuple(names) if isinstance(names, Iterable) and not isinstance(names, (str, bytes)) else (names,)


def _open(source: Any, request: Request, sheet: str | int | None, found: list[Problem]) -> RawTable:
    """Return the raw table; if it cannot be opened, raise that with the problems found before."""
    if sheet is not None and not str(source).lower().endswith(SHEET_TYPES):
        what, remedy = "sheet is only for Excel files", "Leave it out"
        found.append(Problem(what, remedy, value=repr(sheet), code="wrong-argument"))
    try:
        if isinstance(source, (str, Path)):
            return read_file(Path(source), request.wanted, encoding=request.encoding, sheet=sheet)
        return read_frame(source, request.wanted)
    except InputError as error:
        raise InputError([*found, *error.problems]) from None


def _checked(raw: RawTable, request: Request, found: list[Problem]) -> SpendTable:
    if not raw.labels:
        remedy = "Give a header and one row per period"
        raise InputError(
            [*found, Problem("there are no rows below the header", remedy, raw.source, code="empty-file")]
        )
    raw, totals = without_total(raw, request)
    columns, unread = read_columns(raw, request)
    panel, misplaced = panel_of(raw, request, columns)
    every, irregular = audit_dates(raw, request, columns, panel)
    found = [*found, *totals, *unread, *misplaced, *irregular, *audit_values(raw, request, columns, panel)]
    errors = [problem for problem in found if problem.severity == "error"]
    if errors:
        raise InputError(errors)
    currency, note = _currency(raw, request, columns.currencies)
    return _table(raw, request, panel, every, currency, (*found, *note))


def _currency(
    raw: RawTable, request: Request, possible: tuple[str, ...] | None
) -> tuple[str | None, list[Problem]]:
    if request.currency is not None or possible is None:
        return request.currency, []
    if len(possible) == 1:
        return possible[0], []
    what = f"the mark beside the amounts may mean {', '.join(possible)}"
    remedy = f"Say which with currency='{possible[0]}'"
    return None, [Problem(what, remedy, raw.source, severity="note", code="ambiguous-currency")]


def _table(
    raw: RawTable,
    request: Request,
    panel: Panel,
    every: str,
    currency: str | None,
    problems: tuple[Problem, ...],
) -> SpendTable:
    dates = np.array(panel.dates, dtype="datetime64[D]")
    groups = np.array(panel.groups, dtype=str)
    order = np.lexsort((dates, groups))
    return SpendTable(
        dates=dates[order],
        spend=panel.spend[order],
        response=panel.response[order],
        controls=panel.controls[order],
        channels=request.channels,
        control_names=request.controls,
        response_name=request.response,
        date_name=request.date,
        group_name=request.group,
        every=every,
        groups=None if request.group is None else tuple(groups[order].tolist()),
        currency=currency,
        source=raw.source,
        sha256=raw.sha256,
        problems=problems,
    )
