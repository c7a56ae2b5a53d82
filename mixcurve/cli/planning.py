"""From the section [budget] of a job to what the optimiser is asked: the current plan, the total, the bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from mixcurve.budget.constraints.evidence import WEAK_MOVE
from mixcurve.cli.figures import cash
from mixcurve.cli.job_problems import job_problem
from mixcurve.cli.possible import Wanted, check_words, settled_bounds
from mixcurve.cli.wishes import wishes
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.percent import factor, factors

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from mixcurve.cli.job import Job
    from mixcurve.foundations.numbers import Numbers
    from mixcurve.response.evidence import ChannelEvidence
    from mixcurve.tables.table import SpendTable

__all__ = ["Question", "Spent", "Unfitted", "now", "present", "present_words", "question"]

_ROUNDING = 1e-12

type FloatArray = npt.NDArray[np.float64]
Bounds = tuple[float, float]
_PERIODS_A_YEAR = {"day": 365, "week": 52, "month": 12}
"""How many periods `fit_mix` takes for the last year; yearly tables count as one long year."""


class Spent(Protocol):
    """What a question needs to know of a fit, or of a table before the fit."""

    @property
    def channels(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def current(self) -> Any: ...  # noqa: D102
    @property
    def spend_range(self) -> Any: ...  # noqa: D102
    @property
    def evidence(self) -> tuple[ChannelEvidence, ...]: ...  # noqa: D102


@dataclass(frozen=True)
class Unfitted:
    """A table before the fit: what is spent now, what was seen, and nothing yet on what the data show."""

    channels: tuple[str, ...]
    current: FloatArray
    spend_range: FloatArray
    evidence: tuple[ChannelEvidence, ...] = ()


@dataclass(frozen=True)
class Question:
    """What the optimiser is asked, all per period and by channel, in the currency of the spend.

    Parameters
    ----------
    total
        The most that may be spent, set-up costs included.
    current
        The plan to compare with.
    bounds
        The least and the most per channel.
    held
        Channels that stay at their current spend, with the reason.
    near
        Channels that stay near it because the data show their curves only weakly, with the reason.
    capped
        Channels that may have no more than the largest spend seen, with that.
    wanted
        What the job asks, in the form that tells whether any plan keeps it.
    notes
        Which bounds gave way, so that a plan exists.
    """

    total: float
    current: Mapping[str, float]
    bounds: Mapping[str, Bounds]
    held: Mapping[str, str]
    near: Mapping[str, str]
    capped: Mapping[str, float]
    wanted: Wanted
    notes: tuple[str, ...] = ()


def question(job: Job, fitted: Spent, numbers: Numbers) -> Question:
    """Return what the job asks the optimiser, given what the data show; ``numbers`` writes those of a refusal.

    Raises
    ------
    InputError
        If a key of [budget] makes no sense, or if no plan keeps all that is asked, as far as that shows without curves.
    """
    budget = _in_labels(job)
    words = wishes(job)
    current = dict(zip(fitted.channels, fitted.current.tolist(), strict=True))
    total = _total(budget, current, words["setup_cost"])
    held = _held(budget, fitted)
    bounds = {
        channel: _bounds(budget, channel, current[channel], fitted, i)
        for i, channel in enumerate(fitted.channels)
    }
    bounds |= {channel: (current[channel], current[channel]) for channel in held}
    near = {c: _near(bounds[c], current, c, total) for c in _weak(budget, fitted, held)}
    rules = {c: _rule(job, budget, held, near, c) for c in fitted.channels}
    wanted = Wanted(fitted.channels, total, fitted.current, bounds, near, tuple(held), words, rules)
    check_words(job, wanted)
    _refuse_impossible(job, total, bounds, held, numbers)
    settled, notes = settled_bounds(job, wanted, numbers)
    reason = f"the data show its curve only weakly, so it stays within {WEAK_MOVE:.0%} of its spend now"
    if abs(total - sum(current.values())) > _ROUNDING * total:
        reason += ", moved with the total"
    free = (c for c in fitted.channels if rules[c] == ("within",))
    capped = {c: settled[c][1] for c in free if budget["within"] == "seen"}
    return Question(total, current, settled, held, dict.fromkeys(near, reason), capped, wanted, notes)


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


def now(job: Job, table: SpendTable) -> Unfitted:
    """Return what is spent now and what was seen, as `fit_mix` will find them."""
    import numpy as np

    wanted = present(job, table)
    if isinstance(wanted, dict):
        current = np.array([wanted[channel] for channel in table.channels])
    else:
        last = wanted or _PERIODS_A_YEAR.get(table.every, table.n_rows)
        current = table.spend[-last:].mean(axis=0)
    seen = np.column_stack([table.spend.min(axis=0), table.spend.max(axis=0)])
    return Unfitted(table.channels, current, seen)


def present_words(job: Job, table: SpendTable) -> str:
    """Return in words what "now" is, such as ``mean of the last 52 weeks``."""
    wanted = present(job, table)
    if isinstance(wanted, dict):
        return "the amounts of [budget.current]"
    last = min(wanted or _PERIODS_A_YEAR.get(table.every, table.n_rows), table.n_rows)
    return (
        f"mean of all {last} {table.every}s"
        if last == table.n_rows
        else f"mean of the last {last} {table.every}s"
    )


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


def _total(budget: Mapping[str, Any], current: Mapping[str, float], setup_cost: Mapping[str, float]) -> float:
    if budget["total"] is not None:
        return float(budget["total"])
    change = 1.0 if budget["change"] is None else factor(budget["change"])
    setup = sum(cost for channel, cost in setup_cost.items() if current[channel] > 0)
    return (sum(current.values()) + setup) * (1.0 if change is None else change)


def _weak(budget: Mapping[str, Any], fitted: Spent, held: Mapping[str, str]) -> list[str]:
    """Return the channels that stay near their current spend, for lack of evidence."""
    if not budget["hold_weak"]:
        return []
    weak = [evidence.channel for evidence in fitted.evidence or () if evidence.grade == "weak"]
    return [channel for channel in weak if channel not in held and channel not in budget["bounds"]]


def _near(bounds: Bounds, current: Mapping[str, float], channel: str, total: float) -> Bounds:
    """Return bounds within 20% of current spend; as in `allocate` they move with the budget, each end outwards."""
    low, high = bounds
    times = total / (sum(current.values()) or total)
    least = (1.0 - WEAK_MOVE) * current[channel] * min(1.0, times)
    most = (1.0 + WEAK_MOVE) * current[channel] * max(1.0, times)
    low = min(max(low, least), high)
    return low, max(min(high, most), low)


def _rule(
    job: Job, budget: Mapping[str, Any], held: Mapping[str, str], near: Mapping[str, Bounds], channel: str
) -> tuple[str, ...]:
    """Return the key of [budget] that bounds a channel."""
    if channel in held:
        return ("hold",) if channel in budget["hold"] else ("hold_not_shown",)
    if channel in budget["bounds"]:
        return ("bounds", job.column(channel))
    return ("hold_weak",) if channel in near else ("within",)


def _held(budget: Mapping[str, Any], fitted: Spent) -> dict[str, str]:
    held = dict.fromkeys(budget["hold"], "the job says so")
    if budget["hold_not_shown"]:
        for evidence in fitted.evidence or ():
            if evidence.grade == "not shown" and evidence.channel not in budget["bounds"]:
                held.setdefault(evidence.channel, "the data do not show its curve")
    return held


def _bounds(budget: Mapping[str, Any], channel: str, current: float, fitted: Spent, place: int) -> Bounds:
    asked = budget["bounds"].get(channel, budget["within"])
    if isinstance(asked, str) and asked != "seen":
        low, high = factors(asked) or (1.0, 1.0)
        return low * current, high * current
    if not isinstance(asked, str):
        return float(asked[0]), float(asked[1])
    least, most = fitted.spend_range[place].tolist()
    # A current plan named in the job may lie outside what was seen; it stays possible.
    return min(least, current), max(most, current)


def _refuse_impossible(
    job: Job, total: float, bounds: Mapping[str, Bounds], fixed: Mapping[str, str], numbers: Numbers
) -> None:
    least = sum(low for low, _ in bounds.values())
    if least <= total * (1.0 + _ROUNDING):
        return
    held = f", with {', '.join(fixed)} held at current spend" if fixed else ""
    most = cash(total, numbers)
    what = (
        f"the least amounts per channel add up to {cash(least, numbers)}{held}, more than the total of {most}"
    )
    remedy = (
        "Raise the total, lower the bounds, or let held channels move "
        "(hold_not_shown = false, or bounds of their own)"
    )
    raise InputError(job_problem(job, ["budget"], what, remedy, code="job-impossible-budget"))
