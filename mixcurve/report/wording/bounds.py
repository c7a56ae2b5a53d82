"""What the bounds of a plan do, in words."""

from __future__ import annotations

from collections.abc import Sequence

from mixcurve.foundations.numbers import Units
from mixcurve.report.facts import ChannelFacts, PlanFacts
from mixcurve.report.phrases import listed

__all__ = ["beside_the_line", "bounds_that_hold", "is_spare", "unspent_sentence", "why_no_more"]

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
    top, held = _at(channels, "upper bound"), [c.name for c in channels if c.held]
    parts = [_stand(top, "is at its upper bound", "are at their upper bounds")] if top else []
    parts += [_stand(held, "is held", "are held")] if held else []
    return ", and ".join(parts)


def why_no_more(channels: Sequence[ChannelFacts]) -> str:
    """Return why more budget brings nothing more."""
    rest = [
        c.name
        for c in channels
        if not c.held
        and c.binding != "upper bound"
        and (c.plan_marginal is None or c.plan_marginal.value <= 0)
    ]
    more = f"more spend on {listed(rest)} brings nothing more on these curves" if rest else ""
    found = ", and ".join(part for part in (bounds_that_hold(channels), more) if part)
    return found or "more spend brings nothing more on these curves"


def unspent_sentence(channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units) -> str:
    """Return how much of the budget stays unspent, and why; empty where all of it is spent."""
    if not is_spare(plan):
        return ""
    left = f"Of the {units.spend(plan.budget)} {units.a_period}, {units.spend(plan.unspent)} stays unspent"
    return f"{left}: {why_no_more(channels)}."


def beside_the_line(channels: Sequence[ChannelFacts]) -> str:
    """Return which channels may lie off the line of the shadow price, and why; empty where none may."""
    top, bottom = _at(channels, "upper bound"), _at(channels, "lower bound")
    nothing = [c.name for c in channels if c.planned == 0 and not c.held and c.name not in top + bottom]
    held = [c.name for c in channels if c.held]
    cases = (
        (top, "is at its upper bound, so it", "are at their upper bounds, so they", "right of the line"),
        (bottom, "is at its lower bound, so it", "are at their lower bounds, so they", "left of the line"),
        (nothing, "gets nothing, so it", "get nothing, so they", "left of the line"),
        (held, "is held, so it", "are held, so they", "on either side"),
    )
    said = [f"{_stand(names, one, more)} may lie {side}." for names, one, more, side in cases if names]
    return " ".join(said)
