"""What a schema cannot say of a job: which keys exclude each other, and which names must be known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mixcurve.cli.job_schema import example, job_schema, label
from mixcurve.foundations.percent import factor, factors
from mixcurve.cli.toml_text import nearest_line
from mixcurve.foundations.checks import nearest_name
from mixcurve.foundations.errors import InputError, Problem

if TYPE_CHECKING:
    from mixcurve.cli.job import Job

__all__ = ["Severity", "contradictions", "job_problem"]

Severity = Literal["error", "warning", "note"]


def contradictions(job: Job) -> list[Problem]:
    """Return every rule the job breaks that concerns more than the kind of one value."""
    found = [*_layout(job), *_market(job), *_names(job), *_holidays(job), *_report(job), *_labels(job)]
    if job.budget is not None:
        found += [*_total(job), *_changes(job), *_twice_bound(job)]
        found += _unknown_channels(job)
    return sorted(found, key=lambda problem: (problem.row is None, problem.row or 0))


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


def _unknown(job: Job, path: Sequence[str], kind: str, name: str, known: Collection[str]) -> Problem:
    guess = nearest_name(name, known)
    remedy = f"{f"Did you mean '{guess}'? " if guess else ''}Known: {', '.join(known)}"
    return job_problem(
        job, path, f"{label(path)}: there is no {kind} called '{name}'", remedy, code=f"job-unknown-{kind}"
    )


def _unknown_channels(job: Job) -> list[Problem]:
    budget = job.budget or {}
    channels = job.data["channels"]
    current = budget["current"]
    named = [(["budget", "hold"], name) for name in budget["hold"]]
    named += [(["budget", "bounds", name], name) for name in budget["bounds"]]
    named += [(["budget", "current", name], name) for name in (current if isinstance(current, dict) else ())]
    return [_unknown(job, path, "channel", name, channels) for path, name in named if name not in channels]


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
            yield _unknown(job, path, kind, name, options)


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
            yield _unknown(job, ["report", "labels", column], "column", column, columns)
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


def _total(job: Job) -> Iterator[Problem]:
    budget = job.budget or {}
    if budget["total"] is not None and budget["change"] is not None:
        remedy = "Keep one of them: an amount, or a change of the current plan"
        yield job_problem(
            job, ["budget", "change"], "[budget] has both total and change", remedy, code="job-two-totals"
        )


def _changes(job: Job) -> Iterator[Problem]:
    budget = job.budget or {}
    if budget["change"] is not None and not factor(budget["change"]):
        yield _wrong(job, ["budget", "change"], budget["change"])
    if budget["within"] != "seen" and factors(budget["within"]) is None:
        yield _wrong(job, ["budget", "within"], budget["within"])
    for channel, bounds in budget["bounds"].items():
        path = ["budget", "bounds", channel]
        if isinstance(bounds, str) and factors(bounds) is None:
            yield _wrong(job, path, bounds)
        if isinstance(bounds, list) and bounds[0] > bounds[1]:
            what = f"{label(path)}: the least amount is above the most"
            yield job_problem(job, path, what, "Write the least first", value=bounds, code="job-wrong-value")


def _wrong(job: Job, path: list[str], value: str) -> Problem:
    entries = job_schema()["properties"]["budget"]["properties"]
    entry = entries[path[1]] if len(path) == 2 else entries["bounds"]["additionalProperties"]
    rule = f"{label(path)} must be {entry['expected']}"
    return job_problem(job, path, rule, example(path), value=value, code="job-wrong-value")


def _twice_bound(job: Job) -> Iterator[Problem]:
    budget = job.budget or {}
    for channel in budget["hold"]:
        if channel in budget["bounds"]:
            path = ["budget", "bounds", channel]
            what = f"{label(path)}: '{channel}' is also in [budget] hold"
            yield job_problem(job, path, what, "Keep one of them", code="job-two-bounds")
