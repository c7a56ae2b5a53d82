"""The recipe from a customer table to a design: plain rules, applied with NumPy and pandas alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import nearest_name
from mixcurve.foundations.errors import InputError, Problem
from mixcurve.foundations.results import Result
from mixcurve.propensity.features.apply import Part, design_of, part_of
from mixcurve.propensity.features.rules import ColumnRule, Term
from mixcurve.propensity.features.unfamiliar import unfamiliar_in
from mixcurve.tables.customer_table import CustomerTable
from mixcurve.tables.customer_values import frame_of

__all__ = ["FeatureRecipe"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FeatureRecipe(Result):
    """How each column of a customer table becomes columns of a design of float64.

    A number stands for itself, and a second column says where it was missing, if it ever was. A category is a column
    of 0 and 1 per level but its reference. A date is a count of days. Columns that never varied give nothing. Columns
    are found by name: their order does not matter, and columns the recipe does not know are ignored.

    What was never seen has one treatment: a new level counts as rare where rare levels were pooled, else as
    the reference; a missing value where none was ever missing is imputed, or counts as a new level. `unfamiliar` tells
    how often that happened.

    Parameters
    ----------
    columns
        The rule of each column of the table.
    rows
        How many rows they were learnt from.

    Raises
    ------
    InputError
        If two columns of the design would have one name.

    Examples
    --------
    >>> import pandas as pd
    >>> rules = (ColumnRule("income", "number", missing=True, imputed=30.0), ColumnRule("vip", "boolean"))
    >>> recipe = FeatureRecipe(rules, rows=100)
    >>> recipe.names
    ('income', 'income missing', 'vip')
    >>> recipe.design(pd.DataFrame({"vip": [True, False], "income": [None, 25.0]}))
    array([[30.,  1.,  1.],
           [25.,  0.,  0.]])
    """

    columns: tuple[ColumnRule, ...]
    rows: int

    def __post_init__(self) -> None:
        super().__post_init__()
        repeated = sorted({name for name in self.names if self.names.count(name) > 1})
        if repeated:
            raise InputError(
                f"Two columns of the design would be called {', '.join(map(repr, repeated))}. "
                "Rename one of the columns they come from."
            )

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The columns of the design, in order."""
        return tuple(term for rule in self.columns for term in rule.terms)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns of the design, shape (p,)."""
        return tuple(term.name for term in self.terms)

    @property
    def of_column(self) -> tuple[str, ...]:
        """The column of the table that each column of the design comes from, shape (p,)."""
        return tuple(term.column for term in self.terms)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns of the table that the recipe was learnt from, in the order it saw them."""
        return tuple(rule.name for rule in self.columns)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The columns that give nothing: they were the same, missing, or different on every row."""
        return tuple(rule.name for rule in self.columns if not rule.terms)

    def design(self, source: Any) -> FloatArray:
        """Return the design of some customers.

        Parameters
        ----------
        source
            A `CustomerTable`, a pandas or polars frame, a pyarrow Table, or a matrix in the order of `column_names`.

        Returns
        -------
        ndarray
            Shape (n, p), float64, always finite.

        Raises
        ------
        InputError
            If a column that the recipe needs is not there, holds something of another kind, or is infinite; all of
            them are named.
        """
        frame = self._found(source)
        parts: list[Part] = []
        problems: list[Problem] = []
        for rule in self.columns:
            if rule.terms:
                try:
                    parts.append(part_of(rule, frame[rule.name]))
                except InputError as error:
                    problems += error.problems
        if problems:
            raise InputError(problems)
        return design_of(parts, len(frame), len(self.terms))

    def unfamiliar(self, source: Any) -> tuple[Problem, ...]:
        """Return a warning for each column with levels never seen, or with missing values where none ever were.

        Parameters
        ----------
        source
            As for `design`.

        Examples
        --------
        >>> import pandas as pd
        >>> plan = ColumnRule("plan", "category", levels=("b",), reference="a")
        >>> print(FeatureRecipe((plan,), rows=100).unfamiliar(pd.DataFrame({"plan": ["a", "c", "c"]}))[0])
        column 'plan': 2 of 3 rows hold a level never seen before, and count as 'a' (found 'c'). Fit again if ...
        """
        frame = self._found(source)
        found = [
            problem
            for rule in self.columns
            if rule.terms
            for problem in unfamiliar_in(rule, frame[rule.name])
        ]
        return tuple(found)

    def _found(self, source: Any) -> Any:
        """Return the frame, or raise naming every column that is not there."""
        names = self.column_names
        frame = source.features if isinstance(source, CustomerTable) else frame_of(source, names)
        absent = [rule.name for rule in self.columns if rule.terms and rule.name not in frame.columns]
        problems = []
        for name in absent:
            guess = nearest_name(name, [str(column) for column in frame.columns])
            remedy = f"Give it{f'; is it called {guess!r} now' if guess else ''}"
            problems.append(
                Problem(
                    "the column is not there, but the model needs it",
                    remedy,
                    column=name,
                    code="missing-column",
                )
            )
        if problems:
            raise InputError(problems)
        return frame
