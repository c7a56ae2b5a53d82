"""The rule of one column: what was learnt about it, and the columns of the design that it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from mixcurve.foundations.results import Result
from mixcurve.tables.customer_values import Kind

__all__ = ["ColumnRule", "Term"]


class Term(NamedTuple):
    """One column of the design.

    Parameters
    ----------
    name
        What it is called, such as ``"income"``, ``"income missing"`` or ``"contract: two year"``.
    column
        The column of the table that it is made from.
    test
        ``"value"``: the number itself, the imputed one where it is missing; dates as days since the rule's origin.
        ``"level"``: 1 where the column holds exactly ``level``, else 0.
        ``"rare"``: 1 where it holds something that is neither missing nor one of the rule's levels, else 0.
        ``"missing"``: 1 where it is missing, else 0.
    level
        For the test ``"level"``.
    """

    name: str
    column: str
    test: Literal["value", "level", "rare", "missing"]
    level: str = ""


@dataclass(frozen=True, eq=False)
class ColumnRule(Result):
    """What was learnt about one column of a customer table; its `terms` follow from it.

    Parameters
    ----------
    name, kind
        The column, and how it is read: ``"number"``, ``"category"``, ``"boolean"`` or ``"date"``.
    levels
        Of a category: the levels that have a term of their own, most frequent first.
    reference
        Of a category: the level without a term, with which the others are compared. None when every level was
        pooled: then the pool is what the missing level is compared with.
    rare
        Of a category: how many different levels were pooled as rare.
    missing
        Whether missing values were seen beside others. They are a level of their own, so they have a term.
    varies
        Whether the values that are not missing differ; without that there is nothing to learn from them.
    imputed
        What stands for a missing number (the median), boolean (the more frequent, as 0 or 1) or date (the median,
        in days since ``origin``).
    origin
        Of a date: the day from which days are counted, the earliest seen, as ISO text.

    Examples
    --------
    >>> rule = ColumnRule(
    ...     "contract", "category", levels=("one year",), reference="monthly", rare=2, missing=True
    ... )
    >>> [term.name for term in rule.terms]
    ['contract: one year', 'contract rare', 'contract missing']
    """

    name: str
    kind: Kind
    levels: tuple[str, ...] = ()
    reference: str | None = None
    rare: int = 0
    missing: bool = False
    varies: bool = True
    imputed: float = 0.0
    origin: str = ""

    @property
    def pooled(self) -> bool:
        """Whether rare levels, and levels never seen, share a term."""
        return self.kind == "category" and self.rare > 0 and self.reference is not None

    @property
    def terms(self) -> tuple[Term, ...]:
        """The columns of the design that this column gives; none when it never varied."""
        if self.kind == "category":
            found = [Term(f"{self.name}: {level}", self.name, "level", level) for level in self.levels]
            found += [Term(f"{self.name} rare", self.name, "rare")] * self.pooled
        else:
            unit = f" (days since {self.origin})" if self.kind == "date" else ""
            found = [Term(f"{self.name}{unit}", self.name, "value")] * self.varies
        if self.missing:
            found.append(Term(f"{self.name} missing", self.name, "missing"))
        return tuple(found)
