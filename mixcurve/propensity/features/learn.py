"""Rules out of the columns of a table: levels, what is missing, what stands for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mixcurve.foundations.checks import known_name, nearest_name, number
from mixcurve.foundations.errors import InputError, Problem
from mixcurve.propensity.features.apply import plain_values
from mixcurve.propensity.features.recipe import FeatureRecipe
from mixcurve.propensity.features.rules import ColumnRule
from mixcurve.tables.customer_table import CustomerTable
from mixcurve.tables.customer_values import KINDS, Kind, days_of, frame_of, kind_of, levels_of

__all__ = ["FEWEST_OF_A_LEVEL", "learn_recipe"]

FEWEST_OF_A_LEVEL = 2
"""A level seen on one row says what that row's label is and nothing else."""
_MOST_SHOWN = 6


def learn_recipe(
    source: Any,
    *,
    rare_share: float = 0.01,
    kinds: Mapping[str, Kind] | None = None,
    reference: Mapping[str, str] | None = None,
) -> FeatureRecipe:
    """Learn how the columns of a customer table become a design.

    Parameters
    ----------
    source
        A `CustomerTable`, a pandas or polars frame, a pyarrow Table or a matrix; every column is a feature.
    rare_share
        A level on less than this share of all rows, or on one row only, is rare. Rare levels are pooled.
    kinds
        The kind of some columns: ``"number"``, ``"category"``, ``"boolean"`` or ``"date"``; the others' follow from
        their types, those of a `CustomerTable` from how it was read.
    reference
        The level of some categories with which the others are compared; else the most frequent one, and of several
        the first in alphabetical order.

    Returns
    -------
    FeatureRecipe
        With a rule per column. Numbers are imputed with their median, booleans with the more frequent value, dates with
        their median.

    Raises
    ------
    InputError
        If there are no rows or columns, a value is infinite or of another kind, or ``kinds`` or ``reference`` names
        what is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {"plan": ["a", "a", "b", "b", "a", None], "income": [1.0, 2.0, 9.0, None, 4.0, 5.0]}
    ... )
    >>> recipe = learn_recipe(frame)
    >>> recipe.names
    ('plan: b', 'plan missing', 'income', 'income missing')
    >>> recipe.columns[1].imputed
    4.0
    """
    share = number("rare_share", rare_share, low=0.0, high=1.0)
    known, frame = (
        ({}, source) if not isinstance(source, CustomerTable) else (dict(source.kinds), source.features)
    )
    frame = frame_of(frame)
    if 0 in frame.shape:
        raise InputError(f"Customers must have at least one row and one column, got shape {frame.shape}.")
    known |= _checked(kinds or {}, reference or {}, list(frame.columns))
    rules: list[ColumnRule] = []
    problems: list[Problem] = []
    for name in frame.columns:
        kind = known.get(name) or kind_of(frame[name])
        try:
            rules.append(_rule(name, kind, frame[name], share, (reference or {}).get(name)))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return FeatureRecipe(tuple(rules), len(frame))


def _checked(
    kinds: Mapping[str, Kind], reference: Mapping[str, str], columns: list[str]
) -> Mapping[str, Kind]:
    for name, kind in kinds.items():
        known_name("column", name, columns)
        known_name("kind", kind, KINDS)
    for name in reference:
        known_name("column", name, columns)
    return kinds


def _rule(name: str, kind: Kind, series: Any, share: float, reference: str | None) -> ColumnRule:
    if kind == "category":
        return _category(name, series, share, reference)
    if reference is not None:
        what, remedy = f"reference names a {kind}, not a category", "Leave it out of reference"
        raise InputError(Problem(what, remedy, column=name, code="wrong-argument"))
    origin = ""
    if kind == "date":
        days = days_of(series)
        if not np.isnan(days).all():
            origin = str(np.datetime64(int(np.floor(np.nanmin(days))), "D"))
    values = plain_values(ColumnRule(name, kind, origin=origin), series)
    seen = values[~np.isnan(values)]
    if seen.size == 0:
        return ColumnRule(name, kind, varies=False)
    imputed = float(seen.mean() > 0.5) if kind == "boolean" else float(np.median(seen))
    return ColumnRule(
        name,
        kind,
        missing=seen.size < values.size,
        varies=bool((seen != seen[0]).any()),
        imputed=imputed,
        origin=origin,
    )


def _known_level(name: str, level: str, seen: list[str]) -> str:
    if level in seen:
        return level
    guess = nearest_name(level, seen)
    remedy = (
        f"Did you mean {guess!r}"
        if guess
        else f"Name one of {', '.join(map(repr, sorted(seen)[:_MOST_SHOWN]))}"
    )
    what = f"reference={level!r} is no level of the column"
    raise InputError(Problem(what, remedy, column=name, code="unknown-argument"))


def _category(name: str, series: Any, share: float, reference: str | None) -> ColumnRule:
    codes, texts = levels_of(series)
    counts = np.bincount(codes + 1, minlength=len(texts) + 1)
    seen = sorted((-int(count), text) for count, text in zip(counts[1:], texts) if count)
    fewest = max(FEWEST_OF_A_LEVEL, share * len(codes))
    kept = [text for count, text in seen if -count >= fewest]
    if reference is not None and reference not in kept:
        kept.append(_known_level(name, reference, [text for _, text in seen]))
    base = reference if reference is not None else kept[0] if kept else None
    return ColumnRule(
        name,
        "category",
        levels=tuple(text for text in kept if text != base),
        reference=base,
        rare=len(seen) - len(kept),
        missing=bool(counts[0]) and bool(seen),
        varies=len(seen) > 1,
    )
