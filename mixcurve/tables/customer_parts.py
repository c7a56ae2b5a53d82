"""The label, key, weights and dates of customers, each checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import Problem
from mixcurve.tables.customer_columns import problem_of, typed
from mixcurve.tables.customer_request import CustomerRequest
from mixcurve.tables.customer_source import Opened
from mixcurve.tables.customer_values import levels_of
from mixcurve.tables.dates import read_date
from mixcurve.tables.locales import Fault

__all__ = ["Label", "dates_of", "key_of", "label_date_of", "label_of", "segment_of", "weights_of"]

FloatArray = npt.NDArray[np.float64]
Label = tuple[FloatArray, tuple[Any, Any]]

CLASSES = (
    ("0", "1"), ("False", "True"), ("no", "yes"), ("n", "y"), ("f", "t"), ("-1", "1"), ("nein", "ja"), ("non", "oui"),
)  # fmt: skip
"""Pairs of words, in any case, of which it is plain that the second is the positive one."""
_MOST_SHOWN = 6


def label_of(opened: Opened, name: str, positive: Any) -> tuple[Label | None, list[Problem]]:
    """Return the label as 0 and 1 with what the source wrote for them, or why it is no label."""
    column = opened.column(name)
    codes, texts = levels_of(column)
    texts = [text.strip() for text in texts]
    present = np.bincount(codes[codes >= 0], minlength=len(texts)) > 0
    values = sorted({text for text, here in zip(texts, present) if here})
    found = []
    if (codes < 0).any():
        fault = Fault("missing-label", "the label is missing", "Leave out the rows whose label is not known")
        found.append(problem_of(opened, name, fault, np.flatnonzero(codes < 0)))
    pair, problem = _classes(opened, name, values, None if positive is None else str(positive))
    if pair is None:
        return None, [*found, *([problem] if problem else [])]
    is_positive = np.array([*(text == pair[1] for text in texts), False], dtype=np.float64)
    return (is_positive[codes], (_cell(column, pair[0]), _cell(column, pair[1]))), found


def _classes(
    opened: Opened, name: str, values: list[str], positive: str | None
) -> tuple[tuple[str, str] | None, Problem | None]:
    """Return the negative and the positive word, or the problem that keeps them from being known."""
    listed = ", ".join(map(repr, values[:_MOST_SHOWN])) + (", …" if len(values) > _MOST_SHOWN else "")

    def wrong(what: str, remedy: str, code: str) -> tuple[None, Problem]:
        return None, Problem(what, remedy, opened.source, column=name, value=listed or None, code=code)

    if len(values) > 2:
        what = f"the label has {len(values):,} different values where it must have two"
        return wrong(what, "Give a column of two values, or leave out the rows of the others", "label-values")
    if len(values) < 2:
        what = (
            "the label has one value only, so there is nothing to tell apart"
            if values
            else "every label is missing"
        )
        return wrong(what, "Give customers of both classes", "one-class")
    if positive is not None:
        if positive not in values:
            return wrong(
                f"positive={positive!r} is not a value of the label",
                "Name one of its values",
                "unknown-argument",
            )
        return (values[1 - values.index(positive)], positive), None
    folded = {value.casefold(): value for value in values}
    for no, yes in CLASSES:
        if set(folded) == {no.casefold(), yes.casefold()}:
            return (folded[no.casefold()], folded[yes.casefold()]), None
    return wrong(
        "it is not plain which label is the positive one",
        f"Say it, as in positive={values[0]!r}",
        "which-positive",
    )


def _cell(column: Any, text: str) -> Any:
    """Return what the source wrote for a class: a number, a truth or text."""
    kind = getattr(column.dtype, "kind", "O")
    if kind == "b":
        return text == "True"
    return (int(text) if kind in "iu" or float(text).is_integer() else float(text)) if kind in "iuf" else text


def key_of(opened: Opened, name: str) -> tuple[npt.NDArray[Any], list[Problem]]:
    """Return what names each customer, whole numbers or text, and the problems if it does not name one alone."""
    column = opened.column(name)
    blank = column.isna().to_numpy(dtype=bool)
    if column.dtype == object or str(column.dtype) in ("str", "string", "category"):
        codes, texts = levels_of(column)
        blank = codes < 0
        values = np.array([*texts, None], dtype=object)[codes]
    else:
        values = column.to_numpy()
    found = []
    if blank.any():
        fault = Fault("missing-key", "the key is missing", "Give every customer a key")
        found.append(problem_of(opened, name, fault, np.flatnonzero(blank)))
    again = column.duplicated().to_numpy(dtype=bool) & ~blank
    if again.any():
        remedy = "Keep one row per customer, or name another column as the key"
        fault = Fault("repeated-key", "the key of an earlier row comes again", remedy)
        rows = np.flatnonzero(again)
        found.append(problem_of(opened, name, fault, rows, cell=values[rows[0]]))
    return values, found


def weights_of(opened: Opened, request: CustomerRequest) -> tuple[FloatArray | None, list[Problem]]:
    """Return the weights, and the problems if some are missing, infinite or negative, or all are zero."""
    name = str(request.weights)
    read = typed(opened, name, request.locale, "number")
    if read.column is None or any(problem.severity == "error" for problem in read.problems):
        return None, list(read.problems)
    values = read.column.to_numpy(dtype=np.float64, na_value=np.nan)
    found = list(read.problems)
    for bad, what, code in (
        (np.isnan(values), "the weight is missing", "missing-weight"),
        (np.isinf(values), "the weight is infinite", "infinite-value"),
        (values < 0, "the weight is negative", "negative-weight"),
    ):
        if bad.any():
            rows = np.flatnonzero(bad)
            remedy = "Give how many people the row stands for, 0 or more"
            found.append(
                problem_of(opened, name, Fault(code, what, remedy), rows, cell=float(values[rows[0]]))
            )
    if not (values != 0).any():
        remedy = "Give weights above 0, or leave weights out"
        found.append(Problem("every weight is 0", remedy, opened.source, column=name, code="no-weight"))
    return values, found


def dates_of(
    opened: Opened, request: CustomerRequest, name: str
) -> tuple[npt.NDArray[Any] | None, list[Problem]]:
    """Return a column of dates as days, ``datetime64[D]``, and the problems with those that cannot be read."""
    read = typed(opened, name, request.locale, "date")
    days = None if read.column is None else read.column.to_numpy().astype("datetime64[D]")
    return days, list(read.problems)


def label_date_of(opened: Opened, request: CustomerRequest) -> tuple[npt.NDArray[Any] | None, list[Problem]]:
    """Return the day on which each label was known: a column of days, or one day for all."""
    asked = request.label_date
    if isinstance(asked, str) and asked in opened.header:
        return dates_of(opened, request, asked)
    found = read_date(asked, request.locale)
    if isinstance(found, Fault):
        remedy = "Write label_date='2024-01-31' or the name of a column of dates"
        what = "label_date is neither a column nor a date"
        return None, [Problem(what, remedy, opened.source, value=repr(asked), code="wrong-argument")]
    return np.full(len(opened.labels), np.datetime64(found.value, "D")), []


def segment_of(opened: Opened, name: str) -> npt.NDArray[Any]:
    """Return the segment of each row as text, ``"missing"`` where there is none."""
    codes, texts = levels_of(opened.column(name))
    return np.array([*texts, "missing"], dtype=object)[codes]
