"""The validated table of customers that every propensity model starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixcurve.foundations.errors import InputError, Problem
from mixcurve.tables.customer_values import Kind

__all__ = ["CustomerTable", "WeightKind"]

FloatArray = npt.NDArray[np.float64]
WeightKind = Literal["frequency", "survey"]


@dataclass(frozen=True, eq=False)
class CustomerTable:
    """Features of customers, one row each in the order they came, with label, key, weights, dates and segments.

    `mixcurve.read_customers` makes one from a file or a frame and checks it. It is data, not a result: it holds a
    frame, and is not saved.

    Parameters
    ----------
    features
        A pandas frame with a column per feature: numbers, categories (dtype ``category``, levels as text), booleans,
        dates. Missing values are left missing.
    kinds
        The kind of each feature: ``"number"``, ``"category"``, ``"boolean"`` or ``"date"``.
    label
        Shape (n_rows,), 1 for customers who did what is modelled, 0 for those who did not; None when there is none.
    label_name, classes
        What the source called the label, and what it wrote for 0 and for 1.
    key, key_name
        What names each customer, shape (n_rows,), all different; None when there is none.
    weights, weight_kind
        Shape (n_rows,), never negative. ``"frequency"``: a row stands for so many people. ``"survey"``: sampling
        weights, which need robust standard errors.
    date
        ``datetime64[D]``, shape (n_rows,): the day on which the features of a row were as they stand.
    label_date
        ``datetime64[D]``, shape (n_rows,): the day on which the label was known.
    segments
        Groups to report by: the text of each row, per segment column.
    source, sha256
        File name without its folder, or ``"frame"``; digest of the file's bytes, or of the frame's values.
    problems
        Warnings and notes that the data came with; a table with errors is never made.

    Raises
    ------
    InputError
        If the lengths do not agree.

    Examples
    --------
    >>> import pandas as pd
    >>> table = CustomerTable(
    ...     features=pd.DataFrame({"visits": [1, 4, 2]}),
    ...     kinds={"visits": "number"},
    ...     label=np.array([0.0, 1.0, 0.0]),
    ... )
    >>> table.n_rows, round(table.base_rate, 3)
    (3, 0.333)
    """

    features: pd.DataFrame
    kinds: Mapping[str, Kind]
    label: FloatArray | None = None
    label_name: str = "label"
    classes: tuple[Any, Any] = (0, 1)
    key: npt.NDArray[Any] | None = None
    key_name: str | None = None
    weights: FloatArray | None = None
    weight_kind: WeightKind = "frequency"
    date: npt.NDArray[np.datetime64] | None = None
    label_date: npt.NDArray[np.datetime64] | None = None
    segments: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    source: str = "frame"
    sha256: str = ""
    problems: tuple[Problem, ...] = ()

    def __post_init__(self) -> None:
        rows = len(self.features)
        for part in fields(self):
            value = getattr(self, part.name)
            if isinstance(value, np.ndarray):
                object.__setattr__(self, part.name, _frozen(part.name, value, rows))
        segments = {name: _frozen(f"segment '{name}'", value, rows) for name, value in self.segments.items()}
        object.__setattr__(self, "segments", MappingProxyType(segments))
        object.__setattr__(self, "kinds", MappingProxyType(dict(self.kinds)))
        if list(self.kinds) != list(self.features.columns):
            raise InputError("kinds must name the kind of every column of features, in their order.")

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.features)

    @property
    def positives(self) -> int:
        """Number of rows whose label is 1.

        Raises
        ------
        InputError
            If there is no label.
        """
        return int(self._labelled.sum())

    @property
    def base_rate(self) -> float:
        """Share of customers whose label is 1, weighted where there are weights.

        Raises
        ------
        InputError
            If there is no label.
        """
        return float(np.average(self._labelled, weights=self.weights))

    @property
    def _labelled(self) -> FloatArray:
        if self.label is None:
            raise InputError("This table of customers has no label. Read it with label='…'.")
        return self.label

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is doubtful about the data."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")

    @property
    def notes(self) -> tuple[Problem, ...]:
        """What was decided for the user in reading the data."""
        return tuple(problem for problem in self.problems if problem.severity == "note")

    @property
    def summary(self) -> str:
        """What the table holds, in plain text: rows, label, features of each kind, warnings and notes."""
        from mixcurve.tables.customer_words import describe_customers

        return describe_customers(self)


def _frozen(name: str, value: npt.NDArray[Any], rows: int) -> npt.NDArray[Any]:
    """Return a read-only array with one value per row."""
    if value.shape != (rows,):
        raise InputError(f"{name} must have one value for each of the {rows} rows, got shape {value.shape}.")
    frozen = value.view()
    frozen.flags.writeable = False
    return frozen
