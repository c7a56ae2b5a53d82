"""The sentences of the first page: the decision, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence

from mixcurve.foundations.numbers import Units
from mixcurve.report.facts import HELD, ChannelFacts, PlanFacts
from mixcurve.report.phrases import listed, response_with_interval
from mixcurve.report.wording.channel import NO_BEND, response_sentence

__all__ = [
    "OBSERVATIONAL",
    "SURE",
    "decision_title",
    "fit_headline",
    "headline",
    "hidden_bends",
    "is_sure",
    "unknowns",
]

SURE = 0.8
"""Share of resamples in which the plan beats the current one, from which on the report says move and not test."""
MOST_BLIND = 0.5
"""Share of the money moved that may come from or go to channels whose effect the data do not show."""
OBSERVATIONAL = (
    "These are observed data, not an experiment: spend was not set at random, so part of what the curves credit to a "
    "channel may belong to what moved with it. A lift test would settle it."
)
MOST_UNKNOWNS = 5
TITLES = {
    "move": "Where the next budget works harder",
    "test": "A better split to test first",
    "keep": "The present split is the best on these curves",
    "infeasible": "No plan fits this budget",
    "data": "What the data show",
}


def decision_title(kind: str) -> str:
    """Return the message of the first page."""
    return TITLES[kind]


def is_sure(channels: Sequence[ChannelFacts], plan: PlanFacts) -> bool:
    """Return whether the plan beats the current one in 80% of resamples, mostly on channels that the data show."""
    moved = sum(abs(c.change) for c in channels)
    blind = sum(abs(c.change) for c in channels if c.grade == "not shown")
    return plan.better_share is not None and plan.better_share >= SURE and blind <= MOST_BLIND * moved


def _moves(channels: Sequence[ChannelFacts], plan: PlanFacts) -> tuple[list[str], list[str]]:
    """Return the channels that lose and those that gain spend, the largest change first."""
    small = HELD * max(plan.current_total, plan.total)
    ordered = sorted(channels, key=lambda c: -abs(c.change))
    return [c.name for c in ordered if c.change < -small], [c.name for c in ordered if c.change > small]


def headline(channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units) -> str:
    """Return the decision in one sentence."""
    if plan.status == "infeasible":
        return "No plan meets this budget and its bounds. Raise the budget or lower the least spend of a channel."
    total = f"{units.spend(plan.total)} {units.a_period}"
    if plan.keeps:
        return f"Keep the present split: on these curves no other split of {total} within the bounds brings more."
    brings = f"about {response_with_interval(plan.gain, units, signed=True, each=True)}"
    loses, gains = _moves(channels, plan)
    if plan.same_total:
        verb = "Move" if is_sure(channels, plan) else "Test moving"
        where = (
            f" from {listed(loses)} to {listed(gains, 'others')}" if loses and gains else " between channels"
        )
        return f"{verb} {units.spend(plan.moved)} {units.a_period}{where}: {brings} at the same total budget."
    amount = f"{units.spend(abs(plan.change))} {units.a_period}"
    verb = "Spend" if is_sure(channels, plan) or plan.change < 0 else "Test spending"
    if plan.change > 0:
        return f"{verb} {amount} more, {total} in all, above all on {listed(gains)}: {brings}."
    return f"{verb} {amount} less, {total} in all, above all on {listed(loses)}: {brings}."


def fit_headline(channels: Sequence[ChannelFacts], units: Units, step: float) -> str:
    """Return what the data show, in one sentence or two, for a report without a plan."""
    hidden = [c.name for c in channels if c.bend_state == "not shown"]
    if len(channels) == 1:
        return f"{response_sentence(channels[0], units, step)}{' ' + NO_BEND if hidden else ''}"
    best = max(channels, key=lambda c: c.marginal.value)
    brings = response_with_interval(best.marginal, units, scale=step)
    first = f"The next {units.step(step)} brings most in {best.name}: {brings}."
    return first + (f" {hidden_bends(hidden)}" if hidden else "")


def hidden_bends(names: Sequence[str]) -> str:
    """Return for which channels the data do not show a bend."""
    if len(names) == 1:
        return f"The data do not show where the curve of {names[0]} bends."
    return f"The data do not show where the curves of {listed(names)} bend."


def unknowns(channels: Sequence[ChannelFacts], plan: PlanFacts | None, units: Units) -> tuple[str, ...]:
    """Return what is not known, the gravest first."""
    found = []
    if (
        plan is not None
        and plan.gain.known
        and not plan.keeps
        and (plan.gain.low is None or plan.gain.low <= 0)
    ):
        found.append(
            "The interval of the gain includes none at all: the plan may bring no more than the current split."
        )
    found += [
        f"The plan for {c.name} ({units.spend(c.planned or 0.0, 3)} {units.a_period}) is above the most ever "
        f"spent there ({units.spend(c.seen[1], 3)}); beyond it the curve is an extrapolation."
        for c in channels
        if c.beyond_seen
    ]
    found += [
        f"The plan for {c.name} ({units.spend(c.planned or 0.0, 3)} {units.a_period}) is below the least ever "
        f"spent there ({units.spend(c.seen[0], 3)}); no {units.every} shows what happens then."
        for c in channels
        if c.below_seen
    ]
    unseen = [c.name for c in channels if c.grade == "not shown"]
    if unseen:
        found.append(
            f"The data do not show what {listed(unseen)} {'brings' if len(unseen) == 1 else 'bring'}."
        )
    weak = [c.name for c in channels if c.grade == "weak"]
    if weak:
        found.append(f"The evidence for {listed(weak)} is weak: wide intervals, to be read with care.")
    hidden = [c.name for c in channels if c.bend_state == "not shown" and c.name not in unseen]
    if hidden:
        found.append(hidden_bends(hidden))
    return (*found[: MOST_UNKNOWNS - 1], OBSERVATIONAL)
