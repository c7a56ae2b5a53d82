"""From the section [budget] of a job to the words of `Constraints`, with channels called as the report calls them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mixcurve.cli.job import Job

__all__ = ["LIMITS", "wishes"]

LIMITS = ("least", "most", "roi", "cpa", "mroi", "most_on")
"""What a group may be limited in, as a job and `Group` call it."""


def wishes(job: Job) -> dict[str, Any]:
    """Return what a job asks of a plan beside its total and its bounds, as keyword arguments of `allocate`."""
    budget = job.budget or {}
    value = budget["value"]
    if value is None and job.response_is_money:
        value = 1.0
    return {
        "least_if_on": _shown(job, budget["least_if_on"]),
        "setup_cost": _shown(job, budget["setup_cost"]),
        "prices": {job.shown(c): [tuple(t) for t in tiers] for c, tiers in budget["prices"].items()},
        "tied": [_shown(job, tie) for tie in budget["tied"]],
        "groups": {name: _group(job, limits) for name, limits in budget["groups"].items()},
        "most_on": budget["most_on"],
        "value": _by_name(job, value),
        **{key: _by_name(job, budget[key]) for key in ("roi", "cpa", "mroi")},
    }


def _shown(job: Job, amounts: Mapping[str, Any]) -> dict[str, Any]:
    return {job.shown(column): amount for column, amount in amounts.items()}


def _by_name(job: Job, figure: Any) -> Any:
    """Return a figure, or figures by channel and group; a group keeps its name."""
    return _shown(job, figure) if isinstance(figure, Mapping) else figure


def _group(job: Job, limits: Mapping[str, Any]) -> Any:
    from mixcurve.budget.constraints.words import Group

    members = [job.shown(name) for name in limits["channels"]]
    return Group(members, **{key: limits.get(key) for key in LIMITS})
