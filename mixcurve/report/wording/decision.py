"""The sentences of the first page: the decision, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mixcurve.foundations.numbers import Units
from mixcurve.report.facts import HELD, ChannelFacts, PlanFacts
from mixcurve.report.phrases import MOST_CHARACTERS, capital, listed, response_with_interval
from mixcurve.report.wording.channel import NO_BEND, response_sentence

__all__ = [
    "NO_PLAN_ACTIONS",
    "OBSERVATIONAL",
    "SURE",
    "actions",
    "decision_kind",
    "decision_title",
    "fit_headline",
    "headline",
    "hidden_bends",
    "is_sure",
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
MOST_UNKNOWNS = 5
Kind = Literal["move", "test", "keep", "infeasible"]
MOST_STEPS = 2
NO_PLAN_ACTIONS = ("Raise the budget or widen the bounds, and plan again.",)
TITLES = {
    "move": "The plan moves money to where it works harder",
    "test": "A better split to test first",
    "keep": "The present split is the best on these curves",
    "infeasible": "No plan fits this budget",
    "data": "What the data show",
}


def decision_title(kind: str, plan: PlanFacts | None = None) -> str:
    """Return the message of the first page."""
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


def _moves(channels: Sequence[ChannelFacts], plan: PlanFacts) -> tuple[list[str], list[str]]:
    """Return the channels that lose and those that gain spend, the largest change first."""
    small = HELD * max(plan.current_total, plan.total)
    ordered = sorted(channels, key=lambda c: -abs(c.change))
    return [c.name for c in ordered if c.change < -small], [c.name for c in ordered if c.change > small]


def headline(channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units) -> str:
    """Return the decision in one sentence."""
    if plan.status == "infeasible":
        return no_plan(plan.message)
    total = f"{units.spend(plan.total)} {units.a_period}"
    if plan.keeps:
        if plan.status == "optimal":
            return f"Keep the present split: on these curves no other split of {total} within the bounds brings more."
        return f"Keep the present split: the search found no other split of {total} that brings more."
    brings = f"about {response_with_interval(plan.gain, units, signed=True, each=True)}"
    loses, gains = _moves(channels, plan)
    sure = decision_kind(channels, plan) == "move"
    if plan.same_total:
        verb = "Move" if sure else "Test moving"
        where = (
            f" from {listed(loses)} to {listed(gains, 'others')}" if loses and gains else " between channels"
        )
        return f"{verb} {units.spend(plan.moved)} {units.a_period}{where}: {brings} at the same total budget."
    amount = f"{units.spend(abs(plan.change))} {units.a_period}"
    verb = "Spend" if sure else "Test spending"
    if plan.change > 0:
        return f"{verb} {amount} more, {total} in all, above all on {listed(gains)}: {brings}."
    return f"{verb} {amount} less, {total} in all, above all on {listed(loses)}: {brings}."


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
        and plan.gain.known
        and (plan.gain.low is None or plan.gain.low <= 0)
    ):
        found.append(
            "The interval of the gain includes none at all: the plan may bring no more than the current split."
        )
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
    return (*found[: MOST_UNKNOWNS - 1], OBSERVATIONAL)


def _unseen_spend(channels: Sequence[ChannelFacts], units: Units) -> list[str]:
    """Return a sentence on plans above, and one on plans below, all spend that was seen."""
    found = []
    above, below = [c for c in channels if c.beyond_seen], [c for c in channels if c.below_seen]
    if len(above) == 1:
        most = f"the most ever spent there ({units.spend(above[0].seen[1], 3)})"
        found.append(f"{_planned(above[0], units)} is above {most}; beyond it the curve is an extrapolation.")
    elif above:
        names = listed([c.name for c in above])
        found.append(
            f"The plan for {names} is above the most ever spent there; beyond it the curves are extrapolations."
        )
    if len(below) == 1:
        least = f"the least ever spent there ({units.spend(below[0].seen[0], 3)})"
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
    return f"The plan for {channel.name} ({units.spend(channel.planned or 0.0, 3)} {units.a_period})"


def actions(channels: Sequence[ChannelFacts], plan: PlanFacts | None, units: Units) -> tuple[str, ...]:
    """Return what to do next: the moves, the care they need, and what to test."""
    if plan is not None and plan.status == "infeasible":
        return NO_PLAN_ACTIONS
    found = [] if plan is None or plan.keeps else _steps(channels, plan, units)
    outside = [c.name for c in channels if c.beyond_seen or c.below_seen]
    if outside:
        found.append(
            f"Go there step by step with {listed(outside)}: the plan leaves the spend that was seen."
        )
    doubtful = sorted(
        (c for c in channels if c.grade in ("weak", "not shown")),
        key=lambda c: (c.grade == "weak", -c.current),
    )
    hidden = [c.name for c in channels if c.bend_state == "not shown"]
    if doubtful:
        found.append(f"Run a lift test on {doubtful[0].name}: there the data show least.")
    elif hidden:
        found.append(
            f"Run a lift test on {hidden[0]}, or vary its spend on purpose, to see where its curve bends."
        )
    return tuple(found) or (f"Fit again when more {units.every}s are in.",)


def _steps(channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units) -> list[str]:
    """Return what to raise and what to lower, the largest change first."""
    by_name = {c.name: c for c in channels}
    loses, gains = _moves(channels, plan)
    found = []
    for verb, names in (("Raise", gains), ("Lower", loses)):
        steps = [f"{n} to {units.spend(by_name[n].planned or 0.0, 3)}" for n in names[:MOST_STEPS]]
        others = len(names) - len(steps)
        if sum(map(len, steps)) > MOST_CHARACTERS:
            found.append(f"{verb} {len(names)} channels as the figure shows.")
        elif steps:
            rest = f", and {others} other{'s' * (others > 1)} as the figure shows" if others else ""
            found.append(f"{verb} {' and '.join(steps)} {units.a_period}{rest}.")
    if decision_kind(channels, plan) == "test":
        found.append("Do so as a test, in some regions or for a limited time, and compare.")
    return found
