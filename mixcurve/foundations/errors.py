"""The exceptions of mixcurve and the record of one problem in a client's input."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["FitError", "InputError", "MixcurveError", "Problem", "ReportError"]

_MOST_ALIKE = 3
_MOST_ROWS = 10


class MixcurveError(Exception):
    """Base class of every error that mixcurve raises on purpose."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with what came in: where, what, the value found, and what to do.

    Parameters
    ----------
    what
        The rule that was broken, as a sentence without its full stop.
    remedy
        What the user can do about it, as a sentence without its full stop.
    source
        The file or the argument it came from.
    row
        The row as the user counts it: line in a text file, row in a sheet, index label in a frame.
    column
        The column's name.
    value
        The value found, as text.
    severity
        ``"error"`` stops the job; ``"warning"`` and ``"note"`` reach the report.
    code
        A short stable name for the kind of problem, for machines.
    """

    what: str
    remedy: str = ""
    source: str | None = None
    row: str | int | None = None
    column: str | None = None
    value: str | None = None
    severity: Literal["error", "warning", "note"] = "error"
    code: str = ""

    def __str__(self) -> str:
        place = [str(self.source)] if self.source else []
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column is not None:
            place.append(f"column '{self.column}'")
        text = f"{', '.join(place)}: {self.what}" if place else self.what
        if self.value is not None:
            text += f" (found {self.value})"
        return f"{text}. {self.remedy}." if self.remedy else f"{text}."


class InputError(MixcurveError, ValueError):
    """The input is wrong; ``problems`` lists every reason found, not only the first.

    Examples
    --------
    >>> raise InputError("budget must be positive, got -5. Give the total to spend.")
    Traceback (most recent call last):
        ...
    mixcurve.foundations.errors.InputError: budget must be positive, got -5. Give the total to spend.
    """

    def __init__(self, problems: str | Problem | Iterable[Problem]) -> None:
        if isinstance(problems, str):
            self.problems: tuple[Problem, ...] = ()
            super().__init__(problems)
            return
        found = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.problems = found
        head = f"{len(found)} problems in the input:\n" if len(found) > 1 else ""
        super().__init__(head + "\n".join(f"- {line}" if head else line for line in _lines(found)))


def _lines(problems: tuple[Problem, ...]) -> list[str]:
    """Return a line per problem; of many of one kind in one column, the first few and the rows of the others."""
    kinds: dict[tuple[object, ...], list[Problem]] = {}
    for i, problem in enumerate(problems):
        alone = problem.row is None or not problem.code
        key = (i,) if alone else (problem.code, problem.source, problem.column, problem.severity)
        kinds.setdefault(key, []).append(problem)
    lines = []
    for alike in kinds.values():
        told = alike if len(alike) <= _MOST_ALIKE + 1 else alike[:_MOST_ALIKE]
        rest = alike[len(told) :]
        lines += [str(problem) for problem in told]
        if rest:
            rows = ", ".join(str(problem.row) for problem in rest[:_MOST_ROWS])
            more = ", …" if len(rest) > _MOST_ROWS else ""
            lines.append(f"and {len(rest)} more rows with the same problem: {rows}{more}")
    return lines


class FitError(MixcurveError):
    """A fit could not be computed at all (a fit that merely did not converge carries a status instead)."""


class ReportError(MixcurveError):
    """A report could not be made; nothing was written."""
