"""The sentences of the first page: the decision, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mixcurve.foundations.numbers import Units
from mixcurve.report.facts import HELD, ChannelFacts, PlanFacts
from mixcurve.report.phrases import capital, listed, outcome_units, response_with_interval
from mixcurve.report.wording.bounds import unspent_sentence
from mixcurve.report.wording.channel import NO_BEND, response_sentence, share_of

__all__ = [
    "OBSERVATIONAL",
    "OBSERVATIONAL_BESIDE_TESTS",
    "SURE",
    "decision_kind",
    "decision_title",
    "fit_headline",
    "headline",
    "hidden_bends",
    "is_sure",
    "moves_of",
    "no_plan",
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
OBSERVATIONAL_BESIDE_TESTS = (
    "Beside the lift tests these are observed data: spend was not set at random, so part of what the curves credit "
    "to a channel without a test may belong to what moved with it."
)
MOST_UNKNOWNS = 5
VERY_DIFFERENT = 0.5
"""Change of a channel's spend, as a share of the larger amount, from which a plan without it is very different."""
MOST_LITTLE = 2
"""Changes that matter little, named on the first page."""
Kind = Literal["move", "test", "keep", "infeasible"]
TITLES = {
    "move": "The plan moves money to where it works harder",
    "test": "A better split to test first",
    "keep": "The present split is the best on these curves",
    "keep one": "Present spend is the best on this curve",
    "infeasible": "No plan fits this budget",
    "data": "What the data show",
}


def observational(channels: Sequence[ChannelFacts]) -> str:
    """Return what it means that spend was not set at random; a channel is calibrated where a lift test confirms it."""
    tested = any(c.grade == "calibrated" for c in channels)
    return OBSERVATIONAL_BESIDE_TESTS if tested else OBSERVATIONAL


def decision_title(kind: str, plan: PlanFacts | None = None) -> str:
    """Return the message of the first page."""
    if kind == "keep" and plan is not None and plan.only:
        kind = "keep one"
    if kind == "move" and plan is not None and not plan.same_total:
        return (
            "The plan spends more where it works"
            if plan.change > 0
            else "The plan saves where it costs least"
        )
    return TITLES[kind]


def is_sure(channels: Sequence[ChannelFacts], plan: PlanFacts) -> bool:
    """Return whether the plan beats the current one in 80% of resamples, mostly on channels that the data show."""
    moved = sum(abs(c.change) for c in channels)
    blind = sum(abs(c.change) for c in channels if c.grade == "not shown")
    shown = plan.better_share is not None and plan.better_share >= SURE and plan.gain.value > 0
    return shown and blind <= MOST_BLIND * moved


def decision_kind(channels: Sequence[ChannelFacts], plan: PlanFacts) -> Kind:
    """Return what the report asks for: a smaller budget is a decision of its own, which no gain has to justify."""
    if plan.status == "infeasible":
        return "infeasible"
    if plan.keeps:
        return "keep"
    saves = plan.change < 0 and not plan.same_total
    return "move" if saves or is_sure(channels, plan) else "test"


def moves_of(channels: Sequence[ChannelFacts], plan: PlanFacts) -> tuple[list[str], list[str]]:
    """Return the channels that lose and those that gain spend, the largest change first."""
    small = HELD * max(plan.current_total, plan.total)
    ordered = sorted(channels, key=lambda c: -abs(c.change))
    return [c.name for c in ordered if c.change < -small], [c.name for c in ordered if c.change > small]


def headline(channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units) -> str:
    """Return the decision in one sentence, and in a second one what stays unspent."""
    if plan.status == "infeasible":
        return no_plan(plan.message)
    first = _kept(channels, plan, units) if plan.keeps else _moved(channels, plan, units)
    spare = unspent_sentence(channels, plan, units)
    return f"{first} {spare}" if spare else first


def _kept(channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units) -> str:
    total = f"{units.spend(plan.budget)} {units.a_period}"
    proven = plan.status == "optimal"
    if plan.only:
        first = f"Keep spend on {plan.only} at {units.spend(channels[0].current)} {units.a_period}"
        if proven:
            return f"{first}: on its curve no other amount within the budget and its bounds brings more."
        return f"{first}: the search found no other amount that brings more."
    if proven:
        return f"Keep the present split: on these curves no other split of {total} within the bounds brings more."
    return f"Keep the present split: the search found no other split of {total} that brings more."


def _moved(channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units) -> str:
    gained = outcome_units(plan.objective, units)
    brings = f"about {response_with_interval(plan.gain, gained, signed=True, each=True)}"
    loses, gains = moves_of(channels, plan)
    sure = decision_kind(channels, plan) == "move"
    if plan.same_total:
        verb = "Move" if sure else "Test moving"
        where = (
            f" from {listed(loses)} to {listed(gains, 'others')}" if loses and gains else " between channels"
        )
        return f"{verb} {units.spend(plan.moved)} {units.a_period}{where}: {brings} at the same total budget."
    verb = "Spend" if sure else "Test spending"
    more = plan.change > 0
    change = f"{verb} {units.spend(abs(plan.change))} {units.a_period} {'more' if more else 'less'}"
    if plan.only:
        return f"{change} on {plan.only}, {units.spend(plan.total)} in all: {brings}."
    where = f", above all on {listed(gains if more else loses)}" if (gains if more else loses) else ""
    return f"{change}, {units.spend(plan.total)} {units.a_period} in all{where}: {brings}."


def no_plan(message: str) -> str:
    """Return that no plan exists, with the reason if it is known."""
    return f"No plan meets this budget and its bounds. {capital(message)}".strip()


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
    if not all(c.response.known for c in channels):
        found.append("The curves came without resamples, so no interval could be computed.")
    if (
        plan is not None
        and not plan.keeps
        and not plan.saves
        and plan.gain.known
        and (plan.gain.low is None or plan.gain.low <= 0)
    ):
        zero = "zero" if plan.gain.low == 0 else "below zero"
        split = "present spend" if plan.only else "the current split"
        found.append(f"The interval of the gain reaches {zero}: the plan may bring no more than {split}.")
    found += _little(channels, units)
    found += _unseen_spend(channels, units)
    blind = [c.name for c in channels if c.grade == "not shown"]
    if blind:
        found.append(f"The data do not show what {listed(blind)} {'brings' if len(blind) == 1 else 'bring'}.")
    weak = [c.name for c in channels if c.grade == "weak"]
    if weak:
        found.append(f"The evidence for {listed(weak)} is weak: wide intervals, to be read with care.")
    hidden = [c.name for c in channels if c.bend_state == "not shown" and c.name not in blind]
    if hidden:
        found.append(hidden_bends(hidden))
    return (*found[: MOST_UNKNOWNS - 1], observational(channels))


def _little(channels: Sequence[ChannelFacts], units: Units) -> list[str]:
    """Return which changes could as well be left out."""
    small = sorted((c for c in channels if c.matters_little), key=lambda c: -abs(c.change))[:MOST_LITTLE]
    if not small:
        return []
    said = [
        f"keeping {c.name} at {units.spend(c.current)} costs only {share_of(c.worth_share or 0.0, units)}"
        for c in small
    ]
    alone = ", each taken alone" if len(small) > 1 else ""
    large = any(abs(c.change) >= VERY_DIFFERENT * max(c.current, c.planned or 0.0) for c in small)
    first = "Very different plans bring almost as much" if large else "Some changes matter little"
    return [f"{first}: {', '.join(said)}{alone}."]


def _unseen_spend(channels: Sequence[ChannelFacts], units: Units) -> list[str]:
    """Return a sentence on plans above, and one on plans below, all spend that was seen."""
    found = []
    above, below = [c for c in channels if c.beyond_seen], [c for c in channels if c.below_seen]
    if len(above) == 1:
        most = f"the most ever spent there ({units.spend(above[0].seen[1])})"
        found.append(f"{_planned(above[0], units)} is above {most}; beyond it the curve is an extrapolation.")
    elif above:
        names = listed([c.name for c in above])
        found.append(
            f"The plan for {names} is above the most ever spent there; beyond it the curves are extrapolations."
        )
    if len(below) == 1:
        least = f"the least ever spent there ({units.spend(below[0].seen[0])})"
        found.append(
            f"{_planned(below[0], units)} is below {least}; no {units.every} shows what happens then."
        )
    elif below:
        names = listed([c.name for c in below])
        found.append(
            f"The plan for {names} is below the least ever spent there; no {units.every} shows what happens then."
        )
    return found


def _planned(channel: ChannelFacts, units: Units) -> str:
    return f"The plan for {channel.name} ({units.spend(channel.planned or 0.0)} {units.a_period})"
