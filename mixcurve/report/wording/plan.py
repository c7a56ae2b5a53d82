"""The sentences and the cells of the plan, and what is proven of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mixcurve.foundations.numbers import Units
from mixcurve.report.facts import ChannelFacts, Estimate, PlanFacts
from mixcurve.report.phrases import capital, level_name, response_with_interval

__all__ = [
    "certificate_sentences",
    "change_cell",
    "grade_cell",
    "plan_cell",
    "plan_columns",
    "plan_note",
    "plan_title",
    "span_cell",
]


LEAST_GAP = 1e-6
"""The smallest gap that is spelled out: 0.0001%."""


def plan_title(plan: PlanFacts, units: Units) -> str:
    """Return the message of the plan's page."""
    total = f"{units.spend(plan.total)} {units.a_period}"
    if plan.status == "infeasible":
        return "No plan meets this budget and its bounds"
    if plan.status == "optimal":
        return f"On these curves no other split of {total} brings more"
    return f"The best split of {total} found, and how much better another could be"


def plan_columns(units: Units, step: float) -> tuple[str, ...]:
    """Return the heads of the plan's table."""
    return (
        "Channel",
        "Now",
        "Plan",
        "Change",
        f"Incremental {units.label}",
        f"The next {units.step(step)}",
        "Evidence",
    )


def plan_note(channels: Sequence[ChannelFacts], units: Units) -> str:
    """Return what the columns mean."""
    level = level_name(channels[0].response.level, units) if channels else ""
    note = f"Everything {units.a_period}. Response and marginal response are those of the plan, with the {level} below."
    return note + (
        " † above the most ever spent in the data: an extrapolation."
        if any(c.beyond_seen for c in channels)
        else ""
    )


def change_cell(channel: ChannelFacts, units: Units) -> str:
    """Return the change of spend, or that there is none."""
    if units.spend(channel.current, 3) == units.spend(channel.planned or 0.0, 3):
        return "none"
    return units.spend(channel.change, 3, signed=True) + " †" * channel.beyond_seen


def span_cell(found: Estimate, written: Callable[[float], str], units: Units) -> str:
    """Return a figure and, after a line break, its interval."""
    if not found.known:
        return f"{written(found.value)}\nno interval"
    if found.low is None or found.high is None:
        return f"{written(found.value)}\nopen interval"
    return f"{written(found.value)}\n{units.numbers.span(written(found.low), written(found.high))}"


def plan_cell(channel: ChannelFacts, units: Units) -> str:
    """Return planned spend and, after a line break, the bound that holds it."""
    spend = units.spend(channel.planned or 0.0, 3)
    if channel.held:
        return f"{spend}\nheld"
    return f"{spend}\n{channel.binding}" if channel.binding else spend


def grade_cell(grade: str | None) -> str:
    """Return the grade of evidence, or that none was given."""
    return grade or "not graded"


def certificate_sentences(plan: PlanFacts, units: Units, step: float) -> tuple[str, ...]:
    """Return what is proven of the plan, in plain words."""
    if plan.status == "infeasible":
        return (capital(plan.message) or "No plan meets the budget and its bounds.",)
    value = response_with_interval(plan.value, units, each=True)
    bound = units.response(plan.upper_bound, 4, named=True)
    first = f"On these curves the plan brings {value}."
    if plan.status == "optimal":
        proof = (
            f"No other split of this budget within these bounds can bring more than {bound} on these curves: "
            f"a proven limit, {_gap(plan, units)} above the plan."
        )
    else:
        proof = (
            "The search stopped before the proof was complete: no split of this budget within these bounds can "
            f"bring more than {bound}, {_gap(plan, units)} above the plan."
        )
    more = response_with_interval(plan.shadow_price, units, scale=step)
    price = f"The next {units.step(step)} of budget would bring {more}."
    checked = (
        "An independent check, which shares no code with the search, confirms this." if plan.verified else ""
    )
    caution = "The proof is about these curves; how well they are known is what the intervals say."
    return tuple(sentence for sentence in (first, proof, checked, price, caution) if sentence)


def _gap(plan: PlanFacts, units: Units) -> str:
    return f"at most {units.numbers.share(max(plan.gap, LEAST_GAP), 4)}"
