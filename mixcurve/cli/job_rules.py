"""What a schema cannot say of a job: which keys exclude each other, and which names must be known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import numpy as np

from mixcurve.cli.budget_rules import budget_contradictions
from mixcurve.cli.job_problems import job_problem, unknown
from mixcurve.cli.job_schema import label
from mixcurve.foundations.errors import InputError, Problem

if TYPE_CHECKING:
    from mixcurve.cli.job import Job

__all__ = ["contradictions"]


def contradictions(job: Job) -> list[Problem]:
    """Return every rule the job breaks that concerns more than the kind of one value."""
    found = [*_layout(job), *_market(job), *_names(job), *_holidays(job), *_report(job), *_labels(job)]
    if job.budget is not None:
        found += budget_contradictions(job, job.budget)
    return sorted(found, key=lambda problem: (problem.row is None, problem.row or 0))


def _layout(job: Job) -> Iterator[Problem]:
    wide = job.data["layout"] == "wide"
    for key in ("channel", "spend"):
        if wide and job.data[key] is not None:
            remedy = 'Write layout = "long" if each row is one date and one channel, or take the key out'
            yield job_problem(
                job, ["data", key], f"[data] {key} is only for the long layout", remedy, code="job-layout"
            )
        if not wide and job.data[key] is None:
            remedy = f'Name the column: {key} = "{key}"'
            yield job_problem(
                job,
                ["data", "layout"],
                f"[data] {key} is missing for the long layout",
                remedy,
                code="job-missing",
            )


def _market(job: Job) -> Iterator[Problem]:
    for key, other in (("group", "market"), ("market", "group")):
        if job.data[key] is not None and job.data[other] is None:
            remedy = 'Write both: group = "region" names the column, market = "north" the rows to read'
            what = f"[data] has {key} but no {other}"
            yield job_problem(job, ["data", key], what, remedy, code="job-market")


def _names(job: Job) -> Iterator[Problem]:
    from mixcurve.response.carryover import carryovers
    from mixcurve.response.curves import curves
    from mixcurve.tables.locales import LOCALES

    known: list[tuple[list[str], str, Collection[str]]] = [
        (["data", "locale"], "locale", tuple(LOCALES)),
        (["fit", "curve"], "curve", tuple(curves)),
        (["fit", "carryover"], "carryover", tuple(carryovers)),
        (["report", "locale"], "locale", tuple(LOCALES)),
    ]
    for path, kind, options in known:
        name = getattr(job, path[0])[path[1]]
        if name is not None and name not in options:
            yield unknown(job, path, kind, name, options)


def _holidays(job: Job) -> Iterator[Problem]:
    from mixcurve.response.design.holiday import public_holidays

    if job.fit["holidays"] is None:
        return
    year = dt.date.today().year
    try:
        public_holidays(
            job.fit["holidays"], np.datetime64(f"{year}-01-01"), np.datetime64(f"{year + 1}-01-01")
        )
    except InputError as error:
        what, _, remedy = str(error).rstrip(".").partition(". ")
        path = ["fit", "holidays"]
        yield job_problem(job, path, f"[fit] {what[0].lower()}{what[1:]}", remedy, code="job-holidays")


def _report(job: Job) -> Iterator[Problem]:
    from mixcurve.report.theme import Theme

    if job.report["date"] is not None and not _is_date(job.report["date"]):
        what = "[report] date is no day of the calendar"
        yield job_problem(
            job,
            ["report", "date"],
            what,
            "Write year-month-day",
            value=job.report["date"],
            code="job-wrong-value",
        )

    try:
        Theme(**({"accent": job.report["accent"]} if job.report["accent"] else {}))
    except InputError as error:
        what, remedy = str(error).rstrip(".").split(". ", 1)
        yield job_problem(job, ["report", "accent"], f"[report] {what}", remedy, code="job-pale-accent")


def _labels(job: Job) -> Iterator[Problem]:
    columns = [job.data["response"], *job.data["channels"], *job.data["controls"]]
    for column in job.report["labels"]:
        if column not in columns:
            yield unknown(job, ["report", "labels", column], "column", column, columns)
    names = [job.shown(column) for column in columns]
    for column in columns:
        if names.count(job.shown(column)) > 1 and column in job.report["labels"]:
            path = ["report", "labels", column]
            what = f"{label(path)}: another column is called '{job.shown(column)}', too"
            yield job_problem(job, path, what, "Give each a name of its own", code="job-repeated")


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
