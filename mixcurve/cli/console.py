"""Where the command line speaks: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TextIO

from mixcurve.foundations.errors import InputError, MixcurveError, Problem

__all__ = ["Console", "failure", "plain_problem", "printable", "problems_of", "sentence"]

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_MARKS = {"error": ("✗", "bold red"), "warning": ("!", "bold yellow"), "note": ("·", "dim")}
_PLAIN_WIDTH = 80
_TOLD_IN_FULL = 3


def printable(text: str) -> str:
    """Return the text with what a terminal would obey instead of showing replaced.

    Examples
    --------
    >>> printable("tv" + chr(27) + "[31m")
    'tv�[31m'
    """
    return _CONTROL.sub("\ufffd", text)


def sentence(problem: Problem) -> str:
    """Return a problem as one line of text; a text file's rows are its lines."""
    text = str(problem)
    if _of_job(problem):
        text = text.replace(f"{problem.source}, row ", f"{problem.source}, line ", 1)
    return printable(text).replace("\n", " ")


def _of_job(problem: Problem) -> bool:
    """Return whether a problem is one of the job file, whose places are lines."""
    return problem.code.startswith("job-") or str(problem.source).endswith(".toml")


def plain_problem(problem: Problem) -> dict[str, Any]:
    """Return a problem for JSON: its ``row`` in a table, or its ``line`` in the job file."""
    plain = asdict(problem)
    line = plain["row"] if _of_job(problem) else None
    return plain | {"row": None if _of_job(problem) else plain["row"], "line": line}


def problems_of(error: MixcurveError) -> tuple[Problem, ...]:
    """Return what an expected error says, in the words of a job, as a list that is never empty."""
    from mixcurve.cli.job_words import as_job_lines

    listed = error.problems if isinstance(error, InputError) else ()
    return as_job_lines(listed or [Problem(str(error).rstrip("."), code=_code(error))])


def failure(problems: Sequence[Problem], exit_code: int) -> dict[str, Any]:
    """Return the JSON document of a job that did not succeed."""
    return {
        "status": "error",
        "exit_code": exit_code,
        "problems": [plain_problem(problem) for problem in problems],
    }


@dataclass(frozen=True)
class Console:
    """What one run of a command may say.

    Parameters
    ----------
    json
        Standard output holds one JSON document and nothing else.
    quiet
        Only errors are told.
    """

    json: bool = False
    quiet: bool = False

    @property
    def animated(self) -> bool:
        """Whether progress may be drawn: somebody is watching."""
        return sys.stderr.isatty() and not self.quiet

    def show(self, *renderables: Any) -> None:
        """Print what rich can draw to standard output, unless JSON or silence was asked for."""
        if self.json or self.quiet:
            return
        console = _rich(sys.stdout)
        for renderable in renderables:
            console.print(renderable)

    def document(self, content: Mapping[str, Any]) -> None:
        """Print one JSON document to standard output, if JSON was asked for."""
        if self.json:
            sys.stdout.write(json.dumps(content, indent=1, allow_nan=False) + "\n")
            sys.stdout.flush()

    def note(self, text: str) -> None:
        """Say something on standard error, unless silence was asked for."""
        if not self.quiet:
            _rich(sys.stderr).print(printable(text))

    def problems(self, problems: Iterable[Problem]) -> None:
        """Print problems to standard error; of many of one kind in one column, the first and the rows of the others."""
        told = [problem for problem in problems if problem.severity == "error" or not self.quiet]
        lines = [(group[0].severity, line) for group in _alike(told) for line in _lines(group)]
        if sys.stderr.isatty():
            _rich(sys.stderr).print(_drawn(lines))
        else:
            for severity, line in lines:
                sys.stderr.write(f"{severity}: {line}\n")


def _rich(stream: TextIO) -> Any:
    from rich.console import Console as RichConsole

    # A pipe has no width: lines are not broken there, so that they can be searched.
    width = None if stream.isatty() else _PLAIN_WIDTH
    return RichConsole(file=stream, width=width, highlight=False, markup=False, emoji=False)


def _drawn(lines: Iterable[tuple[str, str]]) -> Any:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=1)
    grid.add_column(overflow="fold")
    for severity, line in lines:
        mark, style = _MARKS[severity]
        grid.add_row(Text(mark, style=style), Text(line))
    return grid


def _alike(problems: Iterable[Problem]) -> list[list[Problem]]:
    """Return the problems in groups of one kind in one column, in the order of each group's first."""
    groups: dict[tuple[object, ...], list[Problem]] = {}
    for i, problem in enumerate(problems):
        alone = not isinstance(problem.row, int) or not problem.code or problem.code.startswith("job-")
        key = (i,) if alone else (problem.code, problem.source, problem.column, problem.severity)
        groups.setdefault(key, []).append(problem)
    return list(groups.values())


def _lines(group: list[Problem]) -> list[str]:
    rest = group[_TOLD_IN_FULL:]
    if len(rest) <= 1:
        return [sentence(problem) for problem in group]
    rows = _ranges([int(problem.row) for problem in rest if problem.row is not None])
    more = f"and {len(rest)} more like the last, in rows {rows}."
    return [*(sentence(problem) for problem in group[:_TOLD_IN_FULL]), more]


def _ranges(rows: list[int]) -> str:
    """Return whole numbers with runs joined: ``3-5, 9``."""
    runs: list[list[int]] = []
    for row in sorted(rows):
        if runs and row <= runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)


def _code(error: MixcurveError) -> str:
    words = re.findall("[A-Z][a-z]+", type(error).__name__)
    return "-".join(word.lower() for word in words)
