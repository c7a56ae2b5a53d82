"""Columns whose effects cannot be told apart, or hardly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError, Problem
from mixcurve.response.design.columns import DesignColumns
from mixcurve.response.design.description import DesignSpec

__all__ = ["check_independent", "hardly_apart"]

FloatArray = npt.NDArray[np.float64]

DEPENDENT = 1e-8
"""A column of which less than this share of its length lies outside the span of others is made of them: the root of
the working precision, beyond which a coefficient has no digit left."""
HARDLY_APART = 0.99
"""R² on the other columns from which a column is warned of: its coefficient then has 100 times the variance that it
would have alone."""
NUDGE = 1e-10
"""Added to the unit diagonal of the inner products, so that others which are dependent among themselves do no harm."""


def check_independent(spec: DesignSpec, columns: DesignColumns) -> None:
    """Raise if unrestricted and signed columns are dependent, naming each one that others make up, and these.

    Raises
    ------
    InputError
        With a problem for each dependent column, or if there are fewer rows than columns.
    """
    names, labels, values = _judged(columns, columns.penalty == 0)
    rows, count = values.shape
    if rows < count:
        raise InputError(
            f"The table has {rows} rows, but this model has {count} parameters in its baseline alone. "
            "Use more periods, season=0, a simpler trend, or fewer controls and events."
        )
    if (np.abs(np.diag(np.linalg.qr(_unit(values), mode="r"))) > DEPENDENT).all():
        return  # each diagonal element is the length of a column outside the span of those before it
    found, kept = [], list[int]()
    for j in range(count):
        makers = _makers(values[:, kept], values[:, j])
        if makers is None:
            kept.append(j)
            continue
        others = dict.fromkeys(_spoken(spec, names[kept[k]], labels[kept[k]]) for k in makers)
        found.append(_dependent(_spoken(spec, names[j], labels[j]), tuple(others)))
    if found:
        raise InputError(dict.fromkeys(found))


def hardly_apart(spec: DesignSpec, columns: DesignColumns) -> tuple[Problem, ...]:
    """Return a warning for each control and event that the other columns all but make up.

    The moves of a trend are left out of the others: they could make up anything that is slow.
    """
    names, labels, values = _judged(columns, ~columns.moving)
    unit = _unit(values)
    inner = unit.T @ unit
    left = 1.0 / np.diag(np.linalg.inv(inner + NUDGE * np.eye(len(names))))
    alone = 1.0 - (inner[[name == "level" for name in names]] ** 2).sum(axis=0)
    found = []
    for j, name in enumerate(names):
        if name in spec.calendar_parts or left[j] > (1.0 - HARDLY_APART) * alone[j]:
            continue
        share = 1.0 - left[j] / alone[j]
        what = f"{_spoken(spec, name, labels[j])} is {share:.1%} made up of the rest of the baseline"
        remedy = "Its effect is uncertain; leave it out if the response does not need it"
        found.append(Problem(what, remedy, severity="warning", code="hardly-apart"))
    return tuple(found)


def _judged(columns: DesignColumns, which: npt.NDArray[np.bool_]) -> tuple[list[str], list[str], FloatArray]:
    """Return part, label and values of the free columns of ``which`` and of the signed ones."""
    names = [n for n, w in zip(columns.free_names, which, strict=True) if w] + [*columns.signed_names]
    labels = [n for n, w in zip(columns.free_labels, which, strict=True) if w] + [*columns.signed_labels]
    return names, labels, np.column_stack([columns.free[:, which], columns.signed])


def _unit(values: FloatArray) -> FloatArray:
    """Return the columns at unit length, those of 0 as they are."""
    size = np.linalg.norm(values, axis=0)
    return values / np.where(size > 0, size, 1.0)


def _makers(others: FloatArray, column: FloatArray) -> Sequence[int] | None:
    """Return the positions of the independent ``others`` that make up a column, or None if they do not."""
    if not column.any():
        return []
    target, unit = _unit(column[:, None])[:, 0], _unit(others)
    weight, *_ = np.linalg.lstsq(unit, target, rcond=None)
    if np.linalg.norm(target - unit @ weight) > DEPENDENT:
        return None
    return [int(k) for k in np.flatnonzero(np.abs(weight) > np.sqrt(DEPENDENT))]


def _spoken(spec: DesignSpec, part: str, label: str) -> str:
    """Return how a sentence names a column: ``the season``, ``the event 'strike'``, ``the control 'price' (north)``."""
    group = next((f" ({group})" for group in spec.groups if label.endswith(f" ({group})")), "")
    if part in spec.calendar_parts:
        return f"the {part}{group}"
    controls = dict(zip(spec.control_parts, spec.control_names, strict=True))
    kind, name = ("control", controls[part]) if part in controls else ("event", part.removeprefix("event "))
    return f"the {kind} '{name}'{group}"


def _dependent(name: str, others: tuple[str, ...]) -> Problem:
    others = tuple(other for other in others if not other.startswith("the level")) or others
    if not others:
        what, remedy = f"{name} is 0 in every row that it is for", "Leave it out"
    else:
        what = f"{name} is made up of {' and '.join(others)}, so their effects cannot be told apart"
        remedy = "Leave one of them out"
    return Problem(what, remedy, code="dependent-columns")
