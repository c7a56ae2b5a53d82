"""The sentences and the cells of the plan, and what is proven of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mixcurve.foundations.numbers import Units
from mixcurve.report.facts import ChannelFacts, Estimate, PlanFacts
from mixcurve.report.phrases import (
    NO_INTERVAL,
    capital,
    level_name,
    listed,
    outcome_units,
    response_with_interval,
    with_interval,
)
from mixcurve.report.wording.bounds import is_spare, why_no_more
from mixcurve.report.wording.channel import share_of

__all__ = [
    "certificate_sentences",
    "change_cell",
    "grade_cell",
    "plan_cell",
    "plan_columns",
    "plan_note",
    "plan_title",
    "proven",
    "setup_row",
    "span_cell",
    "worth_cell",
]

LARGE_COUNT = 1e5
"""From here on counts are shortened."""
PROOF_DIGITS = 4
"""Digits of what the plan brings and of its proven bound, so that the two can be compared."""
LEAST_GAP = 1e-6
"""The smallest gap that is spelled out: 0.0001%."""


def proven(value: float, units: Units, *, named: bool = False) -> str:
    """Return what the plan brings, or its proven bound, with enough digits to compare the two."""
    large = units.response_is_money or abs(value) >= LARGE_COUNT
    return units.response(value, PROOF_DIGITS if large else None, named=named)


def plan_title(plan: PlanFacts, units: Units) -> str:
    """Return the message of the plan's page."""
    total = f"{units.spend(plan.budget)} {units.a_period}"
    if plan.status == "infeasible":
        return "No plan meets this budget and its bounds"
    if plan.only:
        proven = plan.status == "optimal"
        none = f"On this curve no other spend within {total} brings more"
        return (
            none if proven else f"The best spend within {total} found, and how much better another could be"
        )
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
        "Worth of the change",
        "Evidence",
    )


def plan_note(channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units) -> str:
    """Return what the columns mean."""
    level = level_name(channels[0].response.level, units) if channels else ""
    first = f"Everything {units.a_period}. Now: {plan.present}."
    below = "Below each planned spend: the bounds that the plan kept to."
    found = [first, below, f"Response and marginal response are those of the plan, with the {level} below."]
    lost = outcome_units(plan.objective, units).label
    if any(c.worth is not None and c.moves for c in channels):
        found.append(
            f"Worth of the change: {lost} lost if that channel alone stayed at its current spend and the rest "
            "were planned anew, and their share of what the plan brings."
        )
    blind = [c.name for c in channels if c.grade == "not shown"]
    if blind:
        one = len(blind) == 1
        found.append(
            f"{listed(blind)}, whose effect the data do not show, {'is' if one else 'are'} in the totals with "
            f"{'its estimate' if one else 'their estimates'}."
        )
    if any(plan.setup):
        found.append("Set-up costs are paid from the budget, beside spend.")
    if any(c.beyond_seen for c in channels):
        found.append("† above the most ever spent in the data: an extrapolation.")
    return " ".join(found)


def setup_row(plan: PlanFacts, units: Units) -> tuple[str, ...]:
    """Return the row of set-up costs in the plan's table, empty where there are none."""
    now, then = plan.setup
    if now == then == 0.0:
        return ()
    change = "none" if now == then else units.spend(then - now, signed=True)
    return ("Set-up costs", units.spend(now), units.spend(then), change, "", "", "", "")


def change_cell(channel: ChannelFacts, units: Units) -> str:
    """Return the change of spend, or that there is none."""
    if units.spend(channel.current) == units.spend(channel.planned or 0.0):
        return "none"
    return units.spend(channel.change, signed=True) + " †" * channel.beyond_seen


def span_cell(found: Estimate, written: Callable[[float], str], units: Units) -> str:
    """Return a figure and, after a line break, its interval."""
    if not found.known:
        return f"{written(found.value)}\n{NO_INTERVAL}"
    if found.low is None or found.high is None:
        return f"{written(found.value)}\nopen interval"
    if written(found.low) == written(found.high) == written(found.value):
        return written(found.value)
    return f"{written(found.value)}\n{units.numbers.span(written(found.low), written(found.high))}"


def plan_cell(channel: ChannelFacts, units: Units) -> str:
    """Return planned spend and, after a line break, the bounds it kept to or the bound that holds it."""
    spend = units.spend(channel.planned or 0.0)
    if channel.held:
        return f"{spend}\nheld"
    if channel.binding:
        return f"{spend}\n{_short(channel.binding)}"
    if channel.bounds is None:
        return spend
    return f"{spend}\n{units.numbers.span(*(units.spend(bound) for bound in channel.bounds))}"


def _short(binding: str) -> str:
    """Return what holds a channel, short enough for a table whatever the group is called."""
    kind, _, name = binding.partition(" of ")
    if not name:
        return binding
    return {"ROI": "limit on ROI", "CPA": "limit on cost"}.get(kind, f"group at its {kind}")


def worth_cell(channel: ChannelFacts, units: Units) -> str:
    """Return what the change is worth and, after a line break, its share of what the plan brings."""
    if not channel.moves or channel.held:
        return "–"
    if channel.worth is None or channel.worth_share is None:
        return "not known"
    gained = outcome_units(channel.objective, units)
    lost = gained.response(channel.worth)
    name = "" if gained.response_is_money else f" {gained.label}"
    return f"{lost}{name}\n{share_of(channel.worth_share, units)}"


def grade_cell(grade: str | None) -> str:
    """Return the grade of evidence, or that none was given."""
    return grade or "not graded"


def certificate_sentences(
    channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units, step: float
) -> tuple[str, ...]:
    """Return what is proven of the plan, in plain words."""
    if plan.status == "infeasible":
        return (capital(plan.message) or "No plan meets the budget and its bounds.",)
    curves, split, known = (
        ("this curve", "spend", "it is")
        if plan.only
        else ("these curves", "split of this budget", "they are")
    )
    gained = outcome_units(plan.objective, units)
    limits = "bounds and limits" if plan.has_limits else "bounds"
    bound = proven(plan.upper_bound, gained, named=True)
    value = with_interval(
        plan.value,
        lambda v: proven(v, gained),
        units,
        noun=f"{' of' * gained.response_is_money} {gained.label} {units.a_period}",
    )
    proof = (
        f"No other {split} within these {limits} can bring more than {bound} on {curves}: a proven limit, "
    )
    if plan.status != "optimal":
        proof = (
            f"The search stopped before the proof was complete: no {split} within these {limits} can bring more than "
            f"{bound}, "
        )
    checked = "An independent check, which shares no code with the search, confirms this."
    found = (
        f"On {curves} the plan brings {value}.",
        f"{proof}{_gap(plan, units)} above the plan.",
        checked if plan.verified else "",
        _more(channels, plan, units, step),
        f"The proof is about {curves}; how well {known} known is what the intervals say.",
    )
    return tuple(sentence for sentence in found if sentence)


def _more(channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units, step: float) -> str:
    """Return what more budget would bring, or which bounds keep it from bringing anything."""
    if is_spare(plan) or plan.shadow_price.value <= 0:
        return f"More budget would bring nothing within these bounds: {why_no_more(channels, plan)}."
    more = response_with_interval(plan.shadow_price, outcome_units(plan.objective, units), scale=step)
    return f"The next {units.step(step)} of budget would bring {more}."


def _gap(plan: PlanFacts, units: Units) -> str:
    return f"at most {units.numbers.share(max(plan.gap, LEAST_GAP), 4)}"
