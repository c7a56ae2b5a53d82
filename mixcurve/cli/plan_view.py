"""What a plan would start from and within which bounds it may move, told before anything is fitted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mixcurve.budget.constraints.words import Constraints
from mixcurve.cli.console import printable
from mixcurve.cli.figures import amount, cash
from mixcurve.cli.job_problems import job_problem
from mixcurve.cli.planning import present_words
from mixcurve.cli.possible import asked_by
from mixcurve.foundations.errors import Problem
from mixcurve.foundations.numbers import Units
from mixcurve.report.wording import constraint_sentences, limits_cell, objective_sentence

if TYPE_CHECKING:
    from mixcurve.cli.job import Job
    from mixcurve.cli.planning import Question
    from mixcurve.foundations.numbers import Numbers
    from mixcurve.tables.table import SpendTable

__all__ = ["plan_document", "plan_doubts", "plan_view"]

_ROUNDING = 1e-9
"""Share of the total below which money left over is the rounding of a sum."""


def plan_document(job: Job, table: SpendTable, asked: Question) -> dict[str, Any]:
    """Return where the plan starts and what bounds it, as plain values for JSON."""
    rules = _rules(job, asked)
    return {
        "now": present_words(job, table),
        "current_total": sum(asked.current.values()),
        "total": asked.total,
        "objective": job.budget["objective"] if job.budget is not None else None,
        "groups": {
            group.name: {
                "channels": [asked.wanted.channels[i] for i in group.channels.tolist()],
                "least": group.least,
                "most": group.most if math.isfinite(group.most) else None,
            }
            for group in asked_by(asked.wanted).groups
        },
        "channels": {
            channel: {"current": asked.current[channel], "least": low, "most": high, "rule": rules[channel]}
            for channel, (low, high) in asked.bounds.items()
        },
    }


def plan_view(job: Job, table: SpendTable, asked: Question, numbers: Numbers) -> list[Any]:
    """Return the same for a terminal: two lines on the totals, then a row per channel."""
    from rich.table import Table
    from rich.text import Text

    spent = f"{cash(sum(asked.current.values()), numbers)} a {table.every}"
    lines: list[Any] = [
        f"\nnow = {present_words(job, table)}: {spent}",
        f"total to split: {cash(asked.total, numbers)} a {table.every}",
    ]
    if job.budget is not None and job.budget["hold_not_shown"]:
        lines.append("A channel whose curve the data do not show will stay at its spend now.")
    if job.budget is not None and job.budget["hold_weak"]:
        lines.append(
            "One whose curve they show only weakly will stay within 20% of it, moved with the total."
        )
    lines += [Text(printable(line)) for line in _wishes(job, table, asked, numbers)]
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    grid.add_column("", overflow="ellipsis")
    for title in ("now", "may fall to", "may rise to"):
        grid.add_column(title, justify="right", no_wrap=True)
    grid.add_column("bounds", no_wrap=True)
    rules = _rules(job, asked)
    for channel, (low, high) in asked.bounds.items():
        figures = [amount(value, numbers) for value in (asked.current[channel], low, high)]
        grid.add_row(Text(f"  {printable(channel)}"), *figures, Text(rules[channel], style="dim"))
    return [*lines, grid]


def _wishes(job: Job, table: SpendTable, asked: Question, numbers: Numbers) -> Iterator[str]:
    """Yield what is asked beside the total and the bounds, a line each."""
    words = Constraints(**asked.wanted.words)
    units = Units(numbers, table.every, table.response_name, job.response_is_money)
    if job.budget is not None and job.budget["objective"] == "profit":
        yield objective_sentence("profit", words, units)
    yield from constraint_sentences(words, units)
    if words.most_on is not None:
        yield f"At most {words.most_on} channels may have spend."
    for group in asked_by(asked.wanted).groups:
        names = ", ".join(asked.wanted.channels[i] for i in group.channels.tolist())
        yield f"{group.name} ({names}): {limits_cell(group.asked, group.least, group.most, units)}."


def plan_doubts(job: Job, asked: Question, numbers: Numbers) -> Iterator[Problem]:
    """Yield a warning if the bounds do not let all the money be spent."""
    most = sum(high for _, high in asked.bounds.values())
    if most < asked.total * (1.0 - _ROUNDING):
        left = f"{cash(asked.total - most, numbers)} of the total of {cash(asked.total, numbers)}"
        what = f"{left} will stay unspent: the bounds let no more than {cash(most, numbers)} be spent"
        remedy = "Lower the total, or let channels move further ([budget] within, or [budget.bounds])"
        yield job_problem(job, ["budget"], what, remedy, code="job-unspent", severity="warning")


def _rules(job: Job, asked: Question) -> dict[str, str]:
    """Return by channel which rule of the job bounds it."""
    budget = job.budget or {}
    named = {job.shown(column) for column in budget["bounds"]}
    within = "within the spend seen" if budget["within"] == "seen" else f"{budget['within']} of now"
    return {
        channel: "held" if channel in asked.held else "[budget.bounds]" if channel in named else within
        for channel in asked.bounds
    }
