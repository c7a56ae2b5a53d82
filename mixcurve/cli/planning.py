"""From the section [budget] of a job to what the optimiser is asked: the current plan, the total, the bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mixcurve.cli.job_rules import job_problem
from mixcurve.cli.percent import factor, factors
from mixcurve.foundations.errors import InputError

if TYPE_CHECKING:
    from mixcurve.cli.job import Job
    from mixcurve.response.fitted import Fitted
    from mixcurve.tables.table import SpendTable

__all__ = ["Question", "present", "question"]

_ROUNDING = 1e-12

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Question:
    """What the optimiser is asked, all per period and by channel, in the currency of the spend.

    Parameters
    ----------
    total
        The most that may be spent.
    current
        The plan to compare with.
    bounds
        The least and the most per channel.
    held
        Channels that stay at their current spend, with the reason.
    """

    total: float
    current: Mapping[str, float]
    bounds: Mapping[str, Bounds]
    held: Mapping[str, str]


def question(job: Job, fitted: Fitted) -> Question:
    """Return what the job asks the optimiser, given what the data show.

    Raises
    ------
    InputError
        If the least amounts exceed the total.
    """
    budget = _in_labels(job)
    current = dict(zip(fitted.channels, fitted.current.tolist(), strict=True))
    total = _total(budget, current)
    held = _held(budget, fitted)
    bounds = {
        channel: _bounds(budget, channel, current[channel], fitted, i)
        for i, channel in enumerate(fitted.channels)
    }
    bounds |= {channel: (current[channel], current[channel]) for channel in held}
    asked = Question(total, current, bounds, held)
    _refuse_impossible(job, asked)
    return asked


def present(job: Job, table: SpendTable) -> int | dict[str, float] | None:
    """Return the current plan as `fit_mix` takes it: so many last periods, an amount per channel, or None for a year.

    Raises
    ------
    InputError
        If the job asks for more periods than there are, or leaves a channel out.
    """
    wanted = "last year" if job.budget is None else job.budget["current"]
    if wanted == "last year":
        return None
    if isinstance(wanted, Mapping):
        return _amounts(job, wanted)
    periods = table.n_rows if wanted == "all" else int(wanted.removeprefix("last "))
    if periods > table.n_rows:
        what = f"[budget] current asks for the last {periods} {table.every}s, but there are {table.n_rows}"
        raise InputError(
            job_problem(
                job, ["budget", "current"], what, 'Write "all", or a smaller number', code="job-current"
            )
        )
    return periods


def _amounts(job: Job, wanted: Mapping[str, float]) -> dict[str, float]:
    missing = [column for column in job.data["channels"] if column not in wanted]
    if missing:
        what = f"[budget] current says nothing of {', '.join(missing)}"
        remedy = "Give an amount for every channel, 0 for those that are off"
        raise InputError(job_problem(job, ["budget", "current"], what, remedy, code="job-current"))
    return {job.shown(column): float(amount) for column, amount in wanted.items()}


def _in_labels(job: Job) -> dict[str, Any]:
    """Return the section [budget] with channels called as the table calls them."""
    budget = dict(job.budget or {})
    budget["hold"] = [job.shown(column) for column in budget["hold"]]
    budget["bounds"] = {job.shown(column): bounds for column, bounds in budget["bounds"].items()}
    return budget


def _total(budget: Mapping[str, Any], current: Mapping[str, float]) -> float:
    if budget["total"] is not None:
        return float(budget["total"])
    change = 1.0 if budget["change"] is None else factor(budget["change"])
    return sum(current.values()) * (1.0 if change is None else change)


def _held(budget: Mapping[str, Any], fitted: Fitted) -> dict[str, str]:
    held = dict.fromkeys(budget["hold"], "the job says so")
    if budget["hold_not_shown"]:
        for evidence in fitted.evidence or ():
            if evidence.grade == "not shown" and evidence.channel not in budget["bounds"]:
                held.setdefault(evidence.channel, "the data do not show its curve")
    return held


def _bounds(budget: Mapping[str, Any], channel: str, current: float, fitted: Fitted, place: int) -> Bounds:
    asked = budget["bounds"].get(channel, budget["within"])
    if isinstance(asked, str) and asked != "seen":
        low, high = factors(asked) or (1.0, 1.0)
        return low * current, high * current
    if not isinstance(asked, str):
        return float(asked[0]), float(asked[1])
    least, most = fitted.spend_range[place].tolist()
    # A current plan named in the job may lie outside what was seen; it stays possible.
    return min(least, current), max(most, current)


def _refuse_impossible(job: Job, asked: Question) -> None:
    least = sum(low for low, _ in asked.bounds.values())
    if least <= asked.total * (1.0 + _ROUNDING):
        return
    held = f", with {', '.join(asked.held)} held at current spend" if asked.held else ""
    what = f"the least amounts per channel add up to {least:,.0f}{held}, more than the total of {asked.total:,.0f}"
    remedy = (
        "Raise the total, lower the bounds, or let held channels move "
        "(hold_not_shown = false, or bounds of their own)"
    )
    raise InputError(job_problem(job, ["budget"], what, remedy, code="job-impossible-budget"))
