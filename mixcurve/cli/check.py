"""``mixcurve check``: whether a job and its data can be used, without fitting anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mixcurve.cli.console import Console, plain_problem, problems_of
from mixcurve.cli.options import speaking
from mixcurve.foundations.errors import InputError, Problem, ReportError

if TYPE_CHECKING:
    from mixcurve.cli.job import Job
    from mixcurve.cli.planning import Question
    from mixcurve.tables.table import SpendTable

__all__ = ["command"]


@click.command("check", short_help="See whether a job and its data can be used.")
@click.argument("job", type=click.Path(path_type=Path))
@speaking
def command(console: Console, job: Path) -> None:
    """Read JOB and its data, and list every problem, or show what the table holds and where the plan starts."""
    from mixcurve.cli.figures import numbers_of
    from mixcurve.cli.job import read_job
    from mixcurve.cli.plan_view import plan_document, plan_doubts, plan_view
    from mixcurve.cli.table_view import table_document, table_view

    wanted = read_job(job)
    table, asked, doubts = _checked(wanted)
    numbers = numbers_of(wanted, table.currency)
    doubts += plan_doubts(wanted, asked, numbers) if asked is not None else []
    content = table_document(table)
    problems = [*content.pop("problems"), *map(plain_problem, doubts)]
    plan = None if asked is None else plan_document(wanted, table, asked)
    console.document(
        {"status": "ok", "job": wanted.configuration, "table": content, "plan": plan, "problems": problems}
    )
    console.show(*table_view(table, numbers))
    if asked is not None:
        console.show(*plan_view(wanted, table, asked, numbers))
    console.problems([*table.problems, *doubts])
    if any(doubt.code == "job-unnamed-client" for doubt in doubts):
        console.show(
            f"\nThe data of {wanted.name} are ready; name the client, then: mixcurve report {wanted.name}"
        )
    else:
        console.show(f"\n{wanted.name} is ready: mixcurve report {wanted.name}")


def _checked(job: Job) -> tuple[SpendTable, Question | None, list[Problem]]:
    """Return the table, the optimiser's question and warnings, or raise with all that is wrong anywhere."""
    from mixcurve.cli.figures import numbers_of
    from mixcurve.cli.planning import now, question
    from mixcurve.cli.reading import read_table

    wrong, doubts = _texts(job)
    try:
        table = read_table(job)
        asked = (
            None if job.budget is None else question(job, now(job, table), numbers_of(job, table.currency))
        )
    except InputError as error:
        raise InputError([*wrong, *problems_of(error)]) from None
    if wrong:
        raise InputError(wrong)
    return table, asked, doubts


def _texts(job: Job) -> tuple[list[Problem], list[Problem]]:
    """Return what is wrong with the texts that a report would print, and a warning where that cannot be told."""
    from mixcurve.cli.ready import refuse_unprintable, unnamed_client

    doubts = unnamed_client(job, "warning")
    try:
        refuse_unprintable(job)
    except InputError as error:
        return list(error.problems), doubts
    except ReportError as error:  # the data can be checked without what a report needs
        return [], [*doubts, Problem(str(error).rstrip("."), severity="warning", code="report-error")]
    return [], doubts
