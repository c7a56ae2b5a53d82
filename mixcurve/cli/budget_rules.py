"""What a schema cannot say of the section [budget]: names that must be known, keys that need or exclude each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mixcurve.cli.job_problems import job_problem, unknown
from mixcurve.cli.job_schema import example, expected, label
from mixcurve.foundations.errors import Problem
from mixcurve.foundations.percent import factor, factors

if TYPE_CHECKING:
    from mixcurve.cli.job import Job

__all__ = ["budget_contradictions"]

BY_CHANNEL = ("bounds", "current", "least_if_on", "setup_cost", "prices")
"""Keys whose sections name channels."""
BY_NAME = ("value", "roi", "cpa", "mroi")
"""Keys that may name channels and groups."""
Named = tuple[list[str], str]


def budget_contradictions(job: Job, budget: Mapping[str, Any]) -> list[Problem]:
    """Return every rule of more than one value that the section [budget] breaks."""
    found = [*_total(job, budget), *_changes(job, budget), *_twice_bound(job, budget)]
    return [*found, *_unknown_names(job, budget), *_groups(job, budget), *_worth(job, budget)]


def _unknown_names(job: Job, budget: Mapping[str, Any]) -> Iterator[Problem]:
    channels = job.data["channels"]
    for path, name in _channels_named(budget):
        if name not in channels:
            yield unknown(job, path, "channel", name, channels)
    both = [*channels, *budget["groups"]]
    for path, name in _members_named(budget):
        if name not in both:
            yield unknown(job, path, "channel or group", name, both)


def _channels_named(budget: Mapping[str, Any]) -> Iterator[Named]:
    yield from ((["budget", "hold"], name) for name in budget["hold"])
    for key in BY_CHANNEL:
        if isinstance(budget[key], Mapping):
            yield from ((["budget", key, name], name) for name in budget[key])
    yield from ((["budget", "tied"], name) for tie in budget["tied"] for name in tie)


def _members_named(budget: Mapping[str, Any]) -> Iterator[Named]:
    for key in BY_NAME:
        if isinstance(budget[key], Mapping):
            yield from ((["budget", key, name], name) for name in budget[key])
    for group, limits in budget["groups"].items():
        yield from ((["budget", "groups", group, "channels"], name) for name in limits["channels"])


def _total(job: Job, budget: Mapping[str, Any]) -> Iterator[Problem]:
    if budget["total"] is not None and budget["change"] is not None:
        remedy = "Keep one of them: an amount, or a change of the current plan"
        what = "[budget] has both total and change"
        yield job_problem(job, ["budget", "change"], what, remedy, code="job-two-totals")


def _changes(job: Job, budget: Mapping[str, Any]) -> Iterator[Problem]:
    if budget["change"] is not None and not factor(budget["change"]):
        yield _wrong(job, ["budget", "change"], budget["change"])
    if budget["within"] != "seen" and factors(budget["within"]) is None:
        yield _wrong(job, ["budget", "within"], budget["within"])
    for channel, bounds in budget["bounds"].items():
        path = ["budget", "bounds", channel]
        if isinstance(bounds, str) and factors(bounds) is None:
            yield _wrong(job, path, bounds)
        if isinstance(bounds, list) and bounds[0] > bounds[1]:
            yield _crossed(job, path, bounds)


def _wrong(job: Job, path: list[str], value: str) -> Problem:
    rule = f"{label(path)} must be {expected(path)}"
    return job_problem(job, path, rule, example(path), value=value, code="job-wrong-value")


def _crossed(job: Job, path: list[str], value: list[float]) -> Problem:
    what = f"{label(path)}: the least amount is above the most"
    return job_problem(job, path, what, "Write the least first", value=value, code="job-wrong-value")


def _twice_bound(job: Job, budget: Mapping[str, Any]) -> Iterator[Problem]:
    for channel in budget["hold"]:
        if channel in budget["bounds"]:
            path = ["budget", "bounds", channel]
            what = f"{label(path)}: '{channel}' is also in [budget] hold"
            yield job_problem(job, path, what, "Keep one of them", code="job-two-bounds")


def _groups(job: Job, budget: Mapping[str, Any]) -> Iterator[Problem]:
    for group, limits in budget["groups"].items():
        path = ["budget", "groups", group]
        if group in job.data["channels"] or group in map(job.shown, job.data["channels"]):
            what = f"{label(path)}: a channel has this name, too"
            yield job_problem(job, path, what, "Give the group a name of its own", code="job-repeated")
        for key in ("least", "most"):
            limit = limits.get(key)
            if isinstance(limit, str) and factor(limit) is None:
                yield _wrong(job, [*path, key], limit)
        least, most = limits.get("least"), limits.get("most")
        if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
            what = f"{label(path)}: its least of {least:g} is above its most of {most:g}"
            yield job_problem(job, path, what, "Exchange them, or widen them", code="job-wrong-value")


def _worth(job: Job, budget: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a problem for every key that compares money with a response whose worth nobody states."""
    if budget["value"] is not None or job.response_is_money:
        return
    asking = [["budget", "objective"]] if budget["objective"] == "profit" else []
    asking += [["budget", key] for key in ("roi", "mroi") if budget[key] is not None]
    asking += [
        ["budget", "groups", name, key]
        for name, limits in budget["groups"].items()
        for key in ("roi", "mroi")
        if key in limits
    ]
    for path in asking:
        what = (
            f"{label(path)} needs to know what one of the {job.shown(job.data['response'])} is worth in money"
        )
        remedy = "Under [budget], write for example value = 12.5; or response_is_money = true under [data]"
        yield job_problem(job, path, what, remedy, code="job-no-value")
