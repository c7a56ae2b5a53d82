"""Whether a report can be made of a job, as far as that can be said before anything is fitted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mixcurve.cli.job_problems import Severity, job_problem
from mixcurve.cli.job_schema import PLACEHOLDER
from mixcurve.cli.toml_text import toml_key
from mixcurve.foundations.errors import InputError, Problem, ReportError

if TYPE_CHECKING:
    from mixcurve.cli.job import Job

__all__ = ["refuse_unprintable", "unnamed_client"]


def unnamed_client(job: Job, severity: Severity) -> list[Problem]:
    """Return a problem if the job still has the placeholder for its client."""
    if job.client.strip() != PLACEHOLDER:
        return []
    what = f'client is still "{PLACEHOLDER}", which would stand on the cover'
    found = job_problem(
        job,
        ["client"],
        what,
        'Name the client: client = "Northwind Foods"',
        code="job-unnamed-client",
        severity=severity,
    )
    return [found]


def refuse_unprintable(job: Job) -> None:
    """Raise listing every text of the job that the report's font cannot write.

    Raises
    ------
    InputError
        With the line of each, or for a column's own name how to give it a label.
    ReportError
        If the font itself is not installed.
    """
    from mixcurve.report.glyphs import report_font_files

    report_font_files()
    if problems := sorted(_unprintable(job), key=lambda problem: problem.row or 0):
        raise InputError(problems)


def _unprintable(job: Job) -> Iterator[Problem]:
    texts = {("client",): job.client, ("agency",): job.agency, ("report", "title"): job.report["title"]}
    texts |= {("report", "labels", column): text for column, text in job.report["labels"].items()}
    for path, text in texts.items():
        if text is not None and (reason := _cannot_write(text)):
            yield job_problem(
                job, path, reason, "Write it in letters that the font has", code="job-unprintable"
            )
    named = {
        "response": [job.data["response"]],
        "channels": job.data["channels"],
        "controls": job.data["controls"],
    }
    for key, columns in named.items():
        for column in columns:
            if column not in job.report["labels"] and (reason := _cannot_write(column)):
                remedy = f'Under [report.labels], say what to call it: {toml_key(column)} = "Name"'
                yield job_problem(job, ["data", key], reason, remedy, code="job-unprintable")


def _cannot_write(text: str) -> str:
    """Return why the report's font cannot write a text, or nothing if it can."""
    from mixcurve.report.glyphs import check_glyphs

    try:
        check_glyphs([" ".join(text.split())])
    except ReportError as error:
        reason = str(error).split(". ")[0].rstrip(".")
        return reason[:1].lower() + reason[1:]
    return ""
