"""Features that know the label: one that alone tells the classes apart, one whose gaps do, a date after the label."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln
from scipy.stats import rankdata

from mixcurve.foundations.errors import Problem
from mixcurve.tables.customer_table import CustomerTable
from mixcurve.tables.customer_values import days_of, levels_of, numbers_of

__all__ = ["ALONE_AUC", "leakage_warnings"]

FloatArray = npt.NDArray[np.float64]

ALONE_AUC = 0.99
"""The area under the ROC curve from which one feature alone tells the classes apart too well to be honest."""
CHANCE = 1e-4
"""A pattern is told when one as clear would come by chance less often than this."""

_SCREEN_AUC, _SCREEN_ROWS = 0.95, 5_000
"""Of many rows, so many of each class are looked at first; the standard error of an area above 0.95 is then < 0.01."""
_LEVEL_ROWS, _LEVEL_SHARE = 5, 0.01
"""Rarer levels count together: the rate of a level on few rows follows the label by chance."""


def leakage_warnings(table: CustomerTable) -> tuple[Problem, ...]:
    """Return a warning for each feature that seems to know the label.

    A feature is named when it alone separates the classes (area under its ROC curve of at least `ALONE_AUC`, a
    category ranked by the rate of its levels), when all rows on which it is missing, or all on which it is not, are of
    one class, and when its dates lie after the day on which the label was known. What chance explains, with a
    probability of more than `CHANCE`, is not told: five customers of each class are ordered by one feature in 126.

    Parameters
    ----------
    table
        Customers with a label; without one there is nothing to tell.

    Examples
    --------
    >>> import pandas as pd
    >>> label = np.repeat([0.0, 1.0], 10)
    >>> features = pd.DataFrame({"refunds": 3 * label, "age": [31, 52, 44, 36, 29, 60, 33, 48, 57, 41] * 2})
    >>> table = CustomerTable(features, {"refunds": "number", "age": "number"}, label)
    >>> print(*leakage_warnings(table))
    frame, column 'refunds': the feature alone separates the classes (found AUC 1.000). Check that it was known ...
    """
    if table.label is None or not 0 < table.positives < table.n_rows:
        return ()
    found: list[Problem] = []
    sample = _sample(table.label)
    for name, kind in table.kinds.items():
        column = table.features[name]
        missing = column.isna().to_numpy(dtype=bool)
        found += _alone(table, name, column, kind, missing, sample)
        found += _gaps(table, name, missing)
        if kind == "date":
            found += _after(table, name, column)
    return tuple(found)


def _sample(label: FloatArray) -> npt.NDArray[np.intp]:
    """Return rows spread over the table, at most so many of each class: an area does not depend on their share."""
    rows = []
    for kind in (0.0, 1.0):
        of_class = np.flatnonzero(label == kind)
        rows.append(of_class[:: max(1, len(of_class) // _SCREEN_ROWS)])
    return np.sort(np.concatenate(rows))


def _alone(
    table: CustomerTable,
    name: str,
    column: Any,
    kind: str,
    missing: npt.NDArray[Any],
    sample: npt.NDArray[Any],
) -> list[Problem]:
    label = table.label
    assert label is not None
    if kind == "category":
        area = _area_of_levels(*levels_of(column), label)
    else:
        read = days_of if kind == "date" else numbers_of
        rows = sample[~missing[sample]]
        area = _area(read(column.iloc[rows]), label[rows])
        if abs(area - 0.5) + 0.5 >= _SCREEN_AUC and len(sample) < len(label):
            rows = np.flatnonzero(~missing)
            area = _area(read(column.iloc[rows]), label[rows])
    area = abs(area - 0.5) + 0.5
    if area < ALONE_AUC or _by_chance(label[~missing] if kind != "category" else label):
        return []
    remedy = "Check that it was known before the label was, and exclude it if not"
    what = "the feature alone separates the classes"
    return [_warning(table, name, what, remedy, f"AUC {np.floor(area * 1000) / 1000:.3f}", "leakage-alone")]


def _by_chance(label: FloatArray) -> bool:
    """Return whether rows are so few that a feature without a meaning may order them by class."""
    rows, positives = len(label), float(label.sum())
    orders = gammaln(rows + 1) - gammaln(positives + 1) - gammaln(rows - positives + 1)
    return bool(np.log(2) - orders > np.log(CHANCE))


def _area(values: FloatArray, label: FloatArray) -> float:
    """Return the area under the ROC curve of one feature, ties counting half; 0.5 where there is one class only."""
    positives = float(label.sum())
    negatives = len(label) - positives
    if positives == 0 or negatives == 0:
        return 0.5
    ranks = rankdata(values)
    return float((ranks[label == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _area_of_levels(codes: npt.NDArray[np.intp], texts: list[str], label: FloatArray) -> float:
    """Return the area when levels are ranked by their rate of positives; missing is a level, rare ones are one."""
    counts = np.bincount(codes + 1, minlength=len(texts) + 1).astype(np.float64)
    positives = np.bincount(codes + 1, weights=label, minlength=len(texts) + 1)
    rare = counts < max(_LEVEL_ROWS, _LEVEL_SHARE * len(codes))
    counts = np.append(counts[~rare], counts[rare].sum())
    positives = np.append(positives[~rare], positives[rare].sum())
    used = counts > 0
    counts, positives = counts[used], positives[used]
    order = np.argsort(positives / counts)
    good, bad = positives[order], (counts - positives)[order]
    below = np.cumsum(bad) - bad
    return float((good * (below + bad / 2)).sum() / (good.sum() * bad.sum()))


def _gaps(table: CustomerTable, name: str, missing: npt.NDArray[np.bool_]) -> list[Problem]:
    """Return a warning when rows where a feature is missing, or rows where it is not, are all of one class."""
    label = table.label
    assert label is not None
    if not missing.any() or missing.all():
        return []
    rate = table.positives / table.n_rows
    for rows, where in ((~missing, "filled in"), (missing, "missing")):
        count, positives = int(rows.sum()), int(label[rows].sum())
        chance = count * np.log(rate if positives == count else 1 - rate)
        if positives in (0, count) and chance < np.log(CHANCE):
            value = table.classes[1 if positives else 0]
            what = f"all {count:,} rows on which it is {where} have the label {value!r}"
            remedy = "Check that it was not filled in because of the label, and exclude it if it was"
            return [_warning(table, name, what, remedy, None, "leakage-missing")]
    return []


def _after(table: CustomerTable, name: str, column: Any) -> list[Problem]:
    """Return a warning when dates of a feature lie after the day of the label, or after that of the features."""
    limit, word = (table.label_date, "label") if table.label_date is not None else (table.date, "features")
    if limit is None:
        return []
    days = column.to_numpy().astype("datetime64[D]")
    late = int((days > limit).sum())
    what = f"on {late:,} of {len(days):,} rows the date lies after the date of the {word}"
    remedy = "Give only what was known by then, or exclude it"
    return [_warning(table, name, what, remedy, None, "leakage-date")] * (late > 0)


def _warning(
    table: CustomerTable, name: str, what: str, remedy: str, value: str | None, code: str
) -> Problem:
    return Problem(what, remedy, table.source, None, name, value, "warning", code)
