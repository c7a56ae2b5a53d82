"""From a job to its spend table, checked for what the job asks of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mixcurve.cli.job_words import as_job_lines
from mixcurve.cli.market import one_market
from mixcurve.foundations.errors import InputError, Problem

if TYPE_CHECKING:
    from mixcurve.cli.job import Job
    from mixcurve.tables.table import SpendTable

__all__ = ["read_table"]


def read_table(job: Job) -> SpendTable:
    """Return the spend table of a job, under the names that the report shall show.

    Raises
    ------
    InputError
        Listing everything wrong with the data.
    """
    from mixcurve.tables.spend import read_spend

    data = job.data
    table = read_spend(
        job.data_file,
        date=data["date"], response=data["response"], channels=data["channels"], controls=data["controls"],
        group=data["group"], layout=data["layout"], channel=data["channel"], spend=data["spend"], every=data["every"],
        locale=data["locale"], encoding=data["encoding"], sheet=data["sheet"], currency=data["currency"],
    )  # fmt: skip
    if data["market"] is not None:
        table = one_market(job, table)
    table = replace(table, problems=as_job_lines(table.problems))
    _refuse_too_short(job, table)
    return _labelled(job, table)


def _labelled(job: Job, table: SpendTable) -> SpendTable:
    """Return the table with its columns called what the report shall call them."""
    return replace(
        table,
        channels=tuple(job.shown(name) for name in table.channels),
        control_names=tuple(job.shown(name) for name in table.control_names),
        response_name=job.shown(table.response_name),
    )


STRAIGHT = ("linear", "piecewise")
"""Trends with a slope that nothing restrains; the turns of a piecewise trend and a local level are restrained."""


def _refuse_too_short(job: Job, table: SpendTable) -> None:
    """Raise if the model that the job asks for has as many parameters as the table has rows."""
    from mixcurve.response.carryover import carryovers
    from mixcurve.response.curves import curves

    fit = job.fit
    shape = sum(parameter.fixed is None for parameter in curves[fit["curve"]].parameters)
    per_channel = 1 + shape + len(carryovers[fit["carryover"]].parameters)
    season = 0 if table.every == "year" else 2 * fit["season"]
    baseline = (
        1 + (fit["trend"] in STRAIGHT) + season + (fit["holidays"] is not None) + len(table.control_names)
    )
    parameters = per_channel * len(table.channels) + baseline
    if table.n_rows <= parameters:
        what = f"there are {table.n_rows} rows, but the model of [fit] has {parameters} parameters"
        remedy = "Use more periods, fewer channels or controls, season = 0, or a curve with fewer parameters"
        raise InputError(Problem(what, remedy, table.source, code="fewer-rows-than-parameters"))
