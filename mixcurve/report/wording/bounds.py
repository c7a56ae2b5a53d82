"""What the bounds of a plan do, in words."""

from __future__ import annotations

from collections.abc import Sequence

from mixcurve.foundations.numbers import Units
from mixcurve.report.facts import ChannelFacts, PlanFacts
from mixcurve.report.phrases import listed

__all__ = ["beside_the_line", "bounds_that_hold", "is_spare", "unspent_sentence", "why_no_more"]

BOUNDS = ("upper bound", "lower bound")
TRIFLE = 1e-6
"""Share of the budget from which on money counts as unspent."""


def is_spare(plan: PlanFacts) -> bool:
    """Return whether the plan leaves a part of the budget that is worth a word."""
    return plan.unspent > TRIFLE * plan.budget


def _at(channels: Sequence[ChannelFacts], bound: str) -> list[str]:
    return [c.name for c in channels if c.binding == bound and not c.held]


def _stand(names: Sequence[str], singular: str, plural: str) -> str:
    return f"{listed(names)} {singular if len(names) == 1 else plural}"


def bounds_that_hold(channels: Sequence[ChannelFacts]) -> str:
    """Return which channels are as high as they may be: ``TV and Video are at their upper bounds``; else empty."""
    high = [c for c in channels if c.binding == "upper bound" and not c.held]
    near = [c.name for c in high if c.near]
    seen = [c.name for c in high if c.capped and not c.near]
    top = [c.name for c in high if not c.near and not c.capped]
    held = [c.name for c in channels if c.held]
    cases = (
        (top, "is at its upper bound", "are at their upper bounds"),
        (seen, "is at the largest spend seen", "are at the largest spend seen"),
        (near, "is as high as weak evidence lets it", "are as high as weak evidence lets them"),
        (held, "is held", "are held"),
    )
    return ", and ".join(_stand(names, one, more) for names, one, more in cases if names)


def why_no_more(channels: Sequence[ChannelFacts], plan: PlanFacts | None = None) -> str:
    """Return why more budget brings nothing more: every bound and limit that holds, and what holds the rest."""
    costly = plan is not None and plan.objective == "profit"
    rest = [c.name for c in channels if _free(c) and (costly or _flat(c))]
    why = "would cost more than it brings" if costly else "brings nothing more on these curves"
    full = _limits_that_hold(channels, plan) if plan is not None else []
    stopped = plan is not None and _all_stopped(channels, plan)
    more = f"more spend on {listed(rest)} {why}" if rest and not stopped else ""
    found = ", and ".join(part for part in (bounds_that_hold(channels), *full, more) if part)
    return found or f"more spend {why}"


def _free(channel: ChannelFacts) -> bool:
    return not channel.held and channel.binding in ("", "lower bound")


def _flat(channel: ChannelFacts) -> bool:
    return channel.plan_marginal is None or channel.plan_marginal.value <= 0


def _limits_that_hold(channels: Sequence[ChannelFacts], plan: PlanFacts) -> list[str]:
    """Return which limits of several channels keep money from being spent."""
    full = [group.name for group in plan.groups if group.binding == "most"]
    found = [_stand(full, "is at its most", "are at their most")] if full else []
    floors = dict.fromkeys(c.binding for c in channels if c.binding.startswith(("ROI of ", "CPA of ")))
    for binding in floors:
        kind, _, name = binding.partition(" of ")
        found.append(f"the limit on the {'ROI' if kind == 'ROI' else 'cost'} of {name} allows no more")
    asked = plan.constraints
    if asked is not None and asked.most_on is not None and plan.on >= asked.most_on:
        found.append(f"no more than {asked.most_on} channel{'s' * (asked.most_on != 1)} may have spend")
    tied = [c.name for c in channels if c.tied and _free(c)]
    return found + ([f"{listed(tied)} can rise only with what they are tied to"] if tied else [])


def _all_stopped(channels: Sequence[ChannelFacts], plan: PlanFacts) -> bool:
    """Return whether limits stop every channel that no bound of its own stops."""
    full = {name for group in plan.groups if group.binding == "most" for name in group.channels}
    asked = plan.constraints
    no_more = asked is not None and asked.most_on is not None and plan.on >= asked.most_on
    free = (c for c in channels if _free(c) and c.name not in full and not c.tied)
    return all(no_more and not c.planned for c in free)


def unspent_sentence(channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units) -> str:
    """Return how much of the budget stays unspent, and why; empty where all of it is spent."""
    if not is_spare(plan):
        return ""
    left = f"Of the {units.spend(plan.budget)} {units.a_period}, {units.spend(plan.unspent)} stays unspent"
    return f"{left}: {why_no_more(channels, plan)}."


def beside_the_line(channels: Sequence[ChannelFacts]) -> str:
    """Return which channels may lie off the line of the shadow price, and why; empty where none may."""
    top, bottom = _at(channels, "upper bound"), _at(channels, "lower bound")
    nothing = [c.name for c in channels if c.planned == 0 and not c.held and c.name not in top + bottom]
    held = [c.name for c in channels if c.held]
    joint = [c.name for c in channels if c.binding not in ("", *BOUNDS) and not c.held]
    tied = [c.name for c in channels if c.tied and c.name not in joint]
    cases = (
        (top, "is at its upper bound, so it", "are at their upper bounds, so they", "right of the line"),
        (bottom, "is at its lower bound, so it", "are at their lower bounds, so they", "left of the line"),
        (nothing, "gets nothing, so it", "get nothing, so they", "left of the line"),
        (held, "is held, so it", "are held, so they", "on either side"),
        (
            joint,
            "is kept by a group or a floor, so it",
            "are kept by a group or a floor, so they",
            "on either side",
        ),
        (tied, "is tied, so it", "are tied, so they", "on either side"),
    )
    said = [f"{_stand(names, one, more)} may lie {side}." for names, one, more, side in cases if names]
    return " ".join(said)
