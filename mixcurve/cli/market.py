"""One market out of a table of several regions or brands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mixcurve.cli.job_problems import job_problem
from mixcurve.foundations.checks import nearest_name
from mixcurve.foundations.errors import InputError, Problem

if TYPE_CHECKING:
    from mixcurve.cli.job import Job
    from mixcurve.tables.table import SpendTable

__all__ = ["one_market"]


def one_market(job: Job, table: SpendTable) -> SpendTable:
    """Return the rows of the market that the job is about.

    Raises
    ------
    InputError
        If there is no such market, or a column that varies over all markets does not vary in this one.
    """
    import numpy as np

    market = job.data["market"]
    if market not in table.group_names:
        guess = nearest_name(market, table.group_names)
        remedy = f"{f"Did you mean '{guess}'? " if guess else ''}Known: {', '.join(table.group_names)}"
        what = f"[data] market: column '{table.group_name}' never holds '{market}'"
        raise InputError(job_problem(job, ["data", "market"], what, remedy, code="job-unknown-market"))
    rows = np.array([group == market for group in table.groups or ()])
    part = replace(
        table,
        dates=table.dates[rows],
        spend=table.spend[rows],
        response=table.response[rows],
        controls=table.controls[rows],
        groups=None,
        group_name=None,
    )
    _refuse_constant(part, market)
    note = Problem(
        f"only the {part.n_rows} rows of '{market}' are read",
        source=table.source,
        severity="note",
        code="one-market",
    )
    return replace(part, problems=(*table.problems, note))


def _refuse_constant(table: SpendTable, market: str) -> None:
    columns = {name: table.spend_of(name) for name in table.channels} | {table.response_name: table.response}
    flat = [name for name, values in columns.items() if values.min() == values.max()]
    problems = [
        Problem(
            f"the value never changes in the market '{market}'",
            "Leave the column out of this job",
            table.source,
            column=name,
            value=f"{columns[name][0]:g}",
            code="constant-in-market",
        )
        for name in flat
    ]
    if problems:
        raise InputError(problems)
