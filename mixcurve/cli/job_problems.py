"""A problem at a key of a job, with the line it stands on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Literal

from mixcurve.cli.job_schema import label
from mixcurve.cli.toml_text import nearest_line
from mixcurve.foundations.checks import nearest_name
from mixcurve.foundations.errors import Problem

if TYPE_CHECKING:
    from mixcurve.cli.job import Job

__all__ = ["Severity", "job_problem", "unknown"]

Severity = Literal["error", "warning", "note"]


def job_problem(
    job: Job,
    path: Sequence[str],
    what: str,
    remedy: str,
    *,
    value: Any = None,
    code: str,
    severity: Severity = "error",
) -> Problem:
    """Return a problem at a key of the job, with the line it stands on."""
    shown = None if value is None else repr(value)
    line = nearest_line(job.text, path)
    return Problem(what, remedy, job.name, row=line, value=shown, severity=severity, code=code)


def unknown(job: Job, path: Sequence[str], kind: str, name: str, known: Collection[str]) -> Problem:
    """Return that nothing of a kind has a name, with the nearest that has."""
    guess = nearest_name(name, known)
    remedy = f"{f"Did you mean '{guess}'? " if guess else ''}Known: {', '.join(known)}"
    what = f"{label(path)}: there is no {kind} called '{name}'"
    return job_problem(job, path, what, remedy, code=f"job-unknown-{kind.replace(' ', '-')}")
