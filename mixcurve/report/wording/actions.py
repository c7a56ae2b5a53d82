"""What to do next: the moves, the care they need, and what to test."""

from __future__ import annotations

from collections.abc import Sequence

from mixcurve.foundations.numbers import Units
from mixcurve.report.facts import ChannelFacts, PlanFacts
from mixcurve.report.phrases import listed
from mixcurve.report.wording.decision import decision_kind, moves_of

__all__ = ["NO_PLAN_ACTIONS", "actions"]

NO_PLAN_ACTIONS = ("Raise the budget or widen the bounds, and plan again.",)
MOST_STEPS = 4
"""Channels to raise, to lower or to stop that are named; of more, one less is."""
MOST_CHARACTERS = 200
"""Steps longer than this together are counted, not spelled out."""


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
    found += _tests(channels)
    return tuple(found) or (f"Fit again when more {units.every}s are in.",)


def _steps(channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units) -> list[str]:
    """Return what to raise, to lower and to stop, the largest change first."""
    by_name = {c.name: c for c in channels}
    loses, gains = ([by_name[n] for n in names] for names in moves_of(channels, plan))
    nothing = units.spend(0.0)
    stops = [c for c in loses if units.spend(c.planned or 0.0) == nothing]
    lowers = [c for c in loses if c not in stops]
    found = [
        _step(verb, moved, units)
        for verb, moved in (("Raise", gains), ("Lower", lowers), ("Stop", stops))
        if moved
    ]
    if decision_kind(channels, plan) == "test":
        found.append("Do so as a test, in some regions or for a limited time, and compare.")
    return found


def _step(verb: str, channels: Sequence[ChannelFacts], units: Units) -> str:
    shown = channels if len(channels) <= MOST_STEPS else channels[: MOST_STEPS - 1]
    steps = [
        (c.name if verb == "Stop" else f"{c.name} to {units.spend(c.planned or 0.0)}")
        + f" {units.a_period}" * (i == 0 and verb != "Stop")
        + " (matters little)" * c.matters_little
        for i, c in enumerate(shown)
    ]
    others = len(channels) - len(shown)
    steps += [f"{others} others as the figure shows"] if others else []
    if sum(map(len, steps)) > MOST_CHARACTERS:
        return f"{verb} {len(channels)} channels as the figure shows."
    return f"{verb} {f'{", ".join(steps[:-1])} and {steps[-1]}' if len(steps) > 1 else steps[0]}."


def _tests(channels: Sequence[ChannelFacts]) -> list[str]:
    """Return what would show more: entangled channels told apart, a lift test, spend varied on purpose."""
    found = []
    entangled = [c.name for c in channels if c.has("confounded")]
    if len(entangled) > 1:
        found.append(
            f"Join {listed(entangled)} into one channel, or vary them apart on purpose: they move together, so the "
            "data cannot tell their effects apart."
        )
    elif entangled:
        found.append(
            f"Vary {entangled[0]} on its own, or join it with the channels it moves with: the data cannot tell their "
            "effects apart."
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
    return found
