"""The table of customers: what comes in, read and checked, every problem told at once."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from mixcurve.foundations.errors import InputError, Problem
from mixcurve.tables.customer_audit import audit_features, infinite_values
from mixcurve.tables.customer_columns import typed
from mixcurve.tables.customer_leakage import leakage_warnings
from mixcurve.tables.customer_parts import (
    dates_of,
    key_of,
    label_date_of,
    label_of,
    segment_of,
    weights_of,
)
from mixcurve.tables.customer_request import CustomerRequest, check_customer_request
from mixcurve.tables.customer_source import Opened, open_customers
from mixcurve.tables.customer_table import CustomerTable, WeightKind
from mixcurve.tables.customer_values import Kind
from mixcurve.tables.raw import missing_column, nearby, repeated_column

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

__all__ = ["CustomerTable", "read_customers"]


def read_customers(
    source: str | Path | pd.DataFrame | pl.DataFrame | pa.Table,
    *,
    label: str | None = None,
    positive: Any = None,
    key: str | None = None,
    weights: str | None = None,
    weight_kind: WeightKind = "frequency",
    date: str | None = None,
    label_date: str | dt.date | None = None,
    features: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    segments: Sequence[str] = (),
    kinds: Mapping[str, Kind] | None = None,
    locale: str = "en-GB",
    encoding: str = "utf-8",
) -> CustomerTable:
    """Read customers from a file or frame, recognise the kind of each feature, and check them.

    Nothing is filled in: missing values stay missing, and the recipe of a model says what stands for them. All that is
    wrong is told in one error; what is only doubtful, leakage above all, goes with the table as warnings and notes.

    Parameters
    ----------
    source
        Path of a CSV file (comma, semicolon or tab), a Parquet or an Arrow file (``.arrow``, ``.feather``, ``.ipc``),
        or a pandas or polars frame or a pyarrow Table. One row per customer.
    label
        Column of what is to be predicted, of two different values. Leave it out to read customers to be scored.
    positive
        The value of the label that counts as 1; not needed where it is plain (1, true, yes).
    key
        Column that names each customer, different on every row.
    weights, weight_kind
        Column of weights; ``"frequency"``: a row stands for so many people, ``"survey"``: sampling weights.
    date
        Column of the day on which the features of a row were as they stand.
    label_date
        The day on which the label was known, one for all or a column. Features dated after it are told.
    features
        The columns to use; else all that have no part above and are not in ``exclude``.
    exclude
        Columns to leave out; a warning says which are not there.
    segments
        Columns that name groups to report by. They remain features unless excluded.
    kinds
        The kind of some columns: ``"number"``, ``"category"``, ``"boolean"`` or ``"date"``. Others follow from their
        type, and text from what it says: numbers and dates in the way of the locale, true and false; numbers that
        start with 0 are codes. When at least 90% of the rows of a text are numbers, the others are mistakes.
    locale
        How text is written: ``"en-GB"`` (1,200.50 and 31/01/2024), ``"en-US"``, ``"de-DE"`` or ``"fr-FR"``.
    encoding
        Of a text file.

    Returns
    -------
    CustomerTable
        The rows in the order they came.

    Raises
    ------
    InputError
        With every problem found: names the column, the row as the user counts it, the value and the remedy. Wrong are
        columns that are not there or share a name, a label of other than two values, a key that is missing or
        comes twice, weights that are missing, infinite, negative or all zero, infinite values, and cells that cannot
        be read.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "id": [11, 12, 13, 14],
    ...         "churn": ["Yes", "No", "No", "Yes"],
    ...         "plan": ["month", "year", "year", "month"],
    ...         "paid": ["12.50", "80", None, "9.90"],
    ...         "since": ["03/01/2024", "14/02/2023", "31/12/2022", "07/06/2024"],
    ...     }
    ... )
    >>> table = read_customers(frame, label="churn", key="id", exclude=["plan"])
    >>> table.base_rate, dict(table.kinds)
    (0.5, {'paid': 'number', 'since': 'date'})
    """
    request = CustomerRequest(
        label=label, positive=positive, key=key, weights=weights, weight_kind=weight_kind, date=date,
        label_date=label_date, features=None if features is None else _names(features), exclude=_names(exclude),
        segments=_names(segments), kinds=kinds or {}, locale_name=locale, encoding=encoding,
    )  # fmt: skip
    found, readable = check_customer_request(request)
    if not readable:
        raise InputError(found)
    try:
        opened = open_customers(
            source, wanted=set(request.wanted), excluded=set(request.exclude), encoding=encoding
        )
    except InputError as error:
        raise InputError([*found, *error.problems]) from None
    return _checked(opened, request, [*found, *opened.problems])


def _names(names: Any) -> tuple[Any, ...]:
    """Return the names as a tuple; one name may be given alone."""
    return tuple(names) if isinstance(names, Iterable) and not isinstance(names, (str, bytes)) else (names,)


def _checked(opened: Opened, request: CustomerRequest, found: list[Problem]) -> CustomerTable:
    if len(opened.labels) == 0:
        what, remedy = "there are no rows", "Give a header and one row per customer"
        raise InputError([*found, Problem(what, remedy, opened.source, code="empty-file")])
    found += _headers(opened, request)
    table = _table(opened, request, found)
    found += infinite_values(table, opened.place)
    errors = [problem for problem in found if problem.severity == "error"]
    if errors:
        raise InputError(errors)
    found += [*audit_features(table), *leakage_warnings(table)]
    return replace(table, sha256=table.sha256 or _digest(table), problems=tuple(found))


def _headers(opened: Opened, request: CustomerRequest) -> list[Problem]:
    """Return a problem for each column that is not there, shares its name, or has none."""
    header, source = list(opened.header), opened.source
    found = [
        missing_column(source, name, purpose, header)
        for name, purpose in request.wanted.items()
        if name not in header
    ]
    found += [
        repeated_column(source, name, header)
        for name in dict.fromkeys(header)
        if name and header.count(name) > 1 and name not in request.exclude
    ]
    for name in request.exclude:
        if name not in header and name not in opened.skipped:
            remedy = f"{nearby(name, header)}Nothing to do if it is gone"
            what = "exclude names a column that is not there"
            found.append(
                Problem(what, remedy, source, column=name, severity="warning", code="nothing-excluded")
            )
    nameless = [str(j + 1) for j, name in enumerate(header) if not name]
    if nameless:
        what = f"column {', '.join(nameless)} has no name and was left out"
        found.append(
            Problem(what, "Give it a name if it matters", source, severity="warning", code="nameless-column")
        )
    return found


def _table(opened: Opened, request: CustomerRequest, found: list[Problem]) -> CustomerTable:
    """Return the table as far as it can be read, with the problems added to ``found``."""
    columns, kinds = _features(opened, request, found)
    parts: dict[str, Any] = {}

    def there(name: str | None) -> bool:
        return name is not None and opened.header.count(name) == 1

    def keep(part: str, read: tuple[Any, list[Problem]]) -> None:
        parts[part] = read[0]
        found.extend(read[1])

    if there(request.label):
        keep("label", label_of(opened, str(request.label), request.positive))
        if parts["label"] is not None:
            parts["label"], parts["classes"] = parts["label"]
    if there(request.key):
        keep("key", key_of(opened, str(request.key)))
    if there(request.weights):
        keep("weights", weights_of(opened, request))
    if there(request.date):
        keep("date", dates_of(opened, request, str(request.date)))
    if request.label_date is not None:
        keep("label_date", label_date_of(opened, request))
    segments = {name: segment_of(opened, name) for name in request.segments if there(name)}
    return CustomerTable(
        features=pd.DataFrame(columns, index=pd.RangeIndex(len(opened.labels)), copy=False),
        kinds=kinds, label_name=request.label or "label", key_name=request.key,
        weight_kind=request.weight_kind, segments=segments, source=opened.source, sha256=opened.sha256, **parts,
    )  # fmt: skip


def _features(
    opened: Opened, request: CustomerRequest, found: list[Problem]
) -> tuple[dict[str, pd.Series[Any]], dict[str, Kind]]:
    """Return the columns of the features and their kinds; those that cannot be read add to ``found``."""
    apart = {*request.parts, *request.exclude, request.label_date}
    names = opened.header if request.features is None else request.features
    columns, kinds = {}, {}
    for name in dict.fromkeys(names):
        if name and name not in apart and opened.header.count(name) == 1:
            read = typed(opened, name, request.locale, request.kinds.get(name))
            found += read.problems
            if read.column is not None:
                columns[name], kinds[name] = read.column, read.kind
    if not columns:
        what, remedy = "there are no features beside the label and the key", "Give columns to learn from"
        found.append(Problem(what, remedy, opened.source, code="no-features"))
    return columns, kinds


def _digest(table: CustomerTable) -> str:
    """Return the SHA-256 of the features and the label of a frame, the same for the same values in the same order."""
    digest = hashlib.sha256("\n".join(table.kinds).encode())
    digest.update(pd.util.hash_pandas_object(table.features, index=False).to_numpy().tobytes())
    if table.label is not None:
        digest.update(table.label.tobytes())
    return digest.hexdigest()
