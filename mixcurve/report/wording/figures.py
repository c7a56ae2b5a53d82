"""Titles, captions and alternative texts of figures."""

from __future__ import annotations

from collections.abc import Sequence

from mixcurve.foundations.numbers import Units
from mixcurve.plots.data import CurveData
from mixcurve.report.facts import ChannelFacts, PlanFacts
from mixcurve.report.phrases import level_name, spend_with_interval
from mixcurve.report.wording.bounds import beside_the_line, is_spare

__all__ = [
    "changes_alt",
    "changes_caption",
    "changes_title",
    "curve_alt",
    "curve_caption",
    "history_alt",
    "history_caption",
    "history_title",
    "marginals_alt",
    "marginals_caption",
    "marginals_title",
]


def changes_title(plan: PlanFacts, units: Units) -> str:
    """Return the message of the figure of changes."""
    if plan.keeps:
        return "The plan leaves spend as it is"
    return f"What changes {units.a_period}{'' if plan.only else ', channel by channel'}"


def changes_caption(plan: PlanFacts, units: Units) -> str:
    """Return what the bars show, and what current spend is."""
    return (
        f"Bars: planned minus current spend {units.a_period}. At the right: current and planned spend. "
        f"Now: {plan.present}."
    )


def changes_alt(channels: Sequence[ChannelFacts], units: Units) -> str:
    """Return the figure of changes in words."""
    moves = [
        f"{c.name} from {units.spend(c.current)} to {units.spend(c.planned)}"
        for c in channels
        if c.planned is not None
    ]
    return f"Bar chart of the change of spend {units.a_period}: {'; '.join(moves)}."


def curve_caption(data: CurveData, units: Units) -> str:
    """Return how to read the picture of a curve."""
    bands = " and ".join(units.numbers.share(level) for level in data.levels)
    parts = ["Line: estimate."]
    parts += [f"Bands: {bands} intervals."] if bands else []
    parts += [f"Dots: {units.every}s, after carryover."] if len(data.observed_spend) else []
    parts += [f"Triangles: {data.beyond} off the axis."] if data.beyond else []
    parts.append("Grey: never seen.")
    return " ".join(parts)


def curve_alt(facts: ChannelFacts, data: CurveData, units: Units) -> str:
    """Return the picture of a curve in words."""
    low, high = units.response(float(data.estimate[0])), units.response(float(data.estimate[-1]))
    end = f"{units.spend(float(data.spend[-1]))} {units.a_period}"
    parts = [
        f"Response curve of {facts.name}",
        f"incremental {units.label} {units.a_period} go from {low} to {high} as spend goes from nothing to {end}",
        f"current spend is {units.spend(facts.current)}",
    ]
    parts += [f"planned spend is {units.spend(facts.planned)}"] if facts.planned is not None else []
    parts += (
        [f"the inflection is at {spend_with_interval(facts.bend, units)}"]
        if facts.bend
        else ["no inflection is shown"]
    )
    return "; ".join(parts) + "."


def marginals_title(units: Units, step: float) -> str:
    """Return the message of the figure of marginal responses."""
    return f"What the next {units.step(step)} brings, now and in the plan"


def marginals_caption(channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units) -> str:
    """Return how to read the figure of marginal responses, and which channels the shadow price does not hold for."""
    first = f"Dots: estimates; lines: {level_name(plan.level, units)}s."
    if plan.only or is_spare(plan) or plan.shadow_price.value <= 0 or plan.objective != "response":
        return first
    meet = "In the best plan the channels free to move meet at the shadow price"
    meet += ", so no money would work harder elsewhere." if plan.status == "optimal" else "."
    return " ".join(part for part in (first, meet, beside_the_line(channels)) if part)


def marginals_alt(channels: Sequence[ChannelFacts], units: Units, step: float) -> str:
    """Return the figure of marginal responses in words."""
    found = [
        f"{c.name} {units.response(c.marginal.value * step)}, then {units.response(c.plan_marginal.value * step)}"
        for c in channels
        if c.plan_marginal is not None
    ]
    return f"Dots: {units.label} from the next {units.step(step)}, by channel, now and in the plan: {'; '.join(found)}."


def history_title(units: Units) -> str:
    """Return the message of the figure of the past."""
    return f"What the model credits to spend, {units.every} by {units.every}"


def history_caption(units: Units, *, all_shown: bool = True) -> str:
    """Return how to read the figure of the past."""
    areas = "Areas: baseline and the contribution of each channel."
    pale = (
        ""
        if all_shown
        else " Pale: channels whose effect the data do not show; it may be part of the baseline."
    )
    return f"{areas}{pale} Line: {units.label} observed."


def history_alt(channels: Sequence[ChannelFacts], units: Units) -> str:
    """Return the figure of the past in words."""
    names = ", ".join(c.name for c in channels)
    areas = f"Stacked areas of {units.label} {units.a_period} over time: baseline, then {names}"
    return f"{areas}; a line shows what was observed."
