"""A job from its file to its PDF: check, fit, plan, proof, report."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixcurve.cli.figures import numbers_of
from mixcurve.cli.planning import Question, now, present, question
from mixcurve.cli.possible import refused
from mixcurve.cli.reading import read_table
from mixcurve.cli.ready import refuse_unprintable, unnamed_client
from mixcurve.cli.saving import refuse_unwritable, save, told
from mixcurve.foundations.errors import InputError, MixcurveError, Problem

if TYPE_CHECKING:
    from mixcurve.budget.problem import Allocation
    from mixcurve.cli.job import Job
    from mixcurve.cli.progress import Progress
    from mixcurve.foundations.numbers import Units
    from mixcurve.response.fit.results import MixFit
    from mixcurve.tables.table import SpendTable

__all__ = ["Outcome", "ProofError", "plan_job", "run_job"]


class ProofError(MixcurveError):
    """A plan whose proof did not pass its independent check: it is not reported."""


@dataclass(frozen=True)
class Outcome:
    """What a job made.

    Parameters
    ----------
    table, fit
        What was read and what was fitted.
    asked, plan
        The optimiser's question and answer, both None for a job without a plan.
    payload
        Every number and sentence of the report.
    pdf, json
        The files written, None where there is none.
    units
        How the report writes spend and response.
    """

    table: SpendTable
    fit: MixFit
    asked: Question | None
    plan: Allocation | None
    payload: Any
    units: Units
    pdf: Path | None = None
    json: Path | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Warnings and notes: of the data, the fit and the plan."""
        from mixcurve.cli.doubts import doubts

        return (*self.table.problems, *doubts(self))


def run_job(job: Job, pdf: Path, *, command: str, progress: Progress) -> Outcome:
    """Run a job to its end; nothing is written before everything is made.

    Parameters
    ----------
    pdf
        Where the report goes.
    command
        What the user typed, without folders, for the report's last page.

    Raises
    ------
    InputError
        If the job or its data are wrong.
    MixcurveError
        If the fit, the proof or the report fails; files are as they were.
    """
    extra = job.beside(job.report["json"]) if job.report["json"] else None
    for path in (pdf, extra):
        if path is not None:
            refuse_unwritable(path)
    if problems := unnamed_client(job, "error"):
        raise InputError(problems)
    refuse_unprintable(job)
    made, report = _made(job, command, progress)
    progress.stage("Writing the report")
    with told(pdf):
        report.write_pdf(pdf)
    if extra is not None:
        text = json.dumps(report.payload.to_dict(), ensure_ascii=False, allow_nan=False, indent=1)
        save(extra, text.encode())
    return replace(made, pdf=pdf, json=extra)


def plan_job(job: Job, *, command: str, progress: Progress) -> Outcome:
    """Fit the curves of a job and find its plan; nothing is written.

    Raises
    ------
    InputError
        If the job or its data are wrong, or if it asks for no plan.
    MixcurveError
        If the fit or the proof fails.
    """
    if job.budget is None:
        what, remedy = "the job asks for no plan", "Write [budget] on a line of its own"
        raise InputError(Problem(what, remedy, job.name, code="job-no-budget"))
    return _made(job, command, progress)[0]


def _made(job: Job, command: str, progress: Progress) -> tuple[Outcome, Any]:
    """Return what a job makes before anything is written, and its report."""
    progress.stage("Reading the data")
    table = read_table(job)
    if job.budget is not None:
        # Asked before the fit as well, which takes seconds and cannot make an impossible budget possible.
        question(job, now(job, table), numbers_of(job, table.currency))
    progress.stage("Fitting the curves")
    fit = _fit(job, table, progress)
    asked, plan = _plan(job, fit, progress)
    report = _report(job, table, fit, plan, command)
    return Outcome(table, fit, asked, plan, report.payload, report.units), report


def _fit(job: Job, table: SpendTable, progress: Progress) -> MixFit:
    from mixcurve.response.fit.mix.fit import fit_mix

    fit = job.fit
    return fit_mix(
        table,
        curve=fit["curve"],
        carryover=fit["carryover"],
        order=fit["order"],
        trend=fit["trend"],
        season=fit["season"],
        holidays=fit["holidays"],
        noise=fit["noise"],
        errors=fit["errors"],
        current=present(job, table),
        starts=fit["starts"],
        resamples=fit["resamples"],
        level=fit["level"],
        seed=fit["seed"],
        progress=progress.step,
    )


def _plan(job: Job, fit: MixFit, progress: Progress) -> tuple[Question | None, Allocation | None]:
    if job.budget is None:
        return None, None
    from mixcurve.budget.certificate import verify

    progress.stage("Finding the best plan")
    asked = question(job, fit, numbers_of(job, fit.currency))
    plan = _allocated(job, fit, asked)
    progress.stage("Checking the proof")
    checked = verify(plan, fit)
    if not checked.ok:
        raise ProofError(
            f"The proof of the plan does not hold, so no report was written: {'; '.join(checked.reasons)}."
        )
    return asked, plan


def _allocated(job: Job, fit: MixFit, asked: Question) -> Allocation:
    """Return the plan, which says what the job's bounds hold for lack of evidence and cap at the spend seen."""
    from mixcurve.budget.solve import allocate

    held = tuple(asked.held)
    try:
        plan = allocate(
            fit,
            asked.total,
            objective=(job.budget or {})["objective"],
            bounds={channel: pair for channel, pair in asked.bounds.items() if channel not in held},
            locked=held,
            current=asked.current,
            level=job.fit["level"],
            # The bounds hold what the job says of evidence and of spend beyond the range seen.
            hold_weak=False,
            beyond_seen=True,
            check_units=False,
            **asked.wanted.words,
        )
    except InputError as error:
        raise refused(job, asked.wanted, error, numbers_of(job, fit.currency)) from None
    return replace(plan, held=dict(asked.near), capped=dict(asked.capped))


def _report(job: Job, table: SpendTable, fit: MixFit, plan: Allocation | None, command: str) -> Any:
    from mixcurve.report.spend import spend_report
    from mixcurve.report.theme import Theme

    wanted = job.report
    theme = Theme(accent=wanted["accent"]) if wanted["accent"] else Theme()
    return spend_report(
        table,
        fit,
        plan,
        client=job.client,
        agency=job.agency,
        title=wanted["title"],
        theme=theme,
        locale=wanted["locale"] or job.data["locale"],
        config=job.configuration,
        command=command,
        seed=job.fit["seed"],
        created=date.fromisoformat(wanted["date"]) if wanted["date"] else None,
        money_unit=float(job.data["money_unit"]),
        response_is_money=job.data["response_is_money"],
    )
