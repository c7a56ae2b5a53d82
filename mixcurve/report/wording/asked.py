"""What was asked of a plan and what holds: the objective, what is held and why, set-up costs, limits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mixcurve.foundations.numbers import Units
from mixcurve.report.facts import ChannelFacts, PlanFacts
from mixcurve.report.phrases import capital, listed, one_of

if TYPE_CHECKING:
    from mixcurve.budget.constraints.words import Constraints, Group

__all__ = [
    "asked_sentences",
    "constraint_sentences",
    "floor_words",
    "group_columns",
    "groups_note",
    "holds_cell",
    "limits_cell",
    "objective_sentence",
    "price_of_one",
]


def asked_sentences(channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units) -> tuple[str, ...]:
    """Return what was asked and what holds, the objective first; groups have a table of their own."""
    found = [objective_sentence(plan.objective, plan.constraints, units)]
    found += _kept_as_they_are(channels)
    if plan.constraints is not None:
        found += constraint_sentences(plan.constraints, units)
        found += _counts(plan, units)
    return tuple(sentence for sentence in found if sentence)


def objective_sentence(objective: str, asked: Constraints | None, units: Units) -> str:
    """Return what was maximised, and what a response is worth where that counts."""
    if objective == "response":
        return f"Asked for: the plan that brings most {units.label}."
    if objective not in ("profit", "value of the response"):
        return f"Asked for: the plan with the best {objective}."
    worth = _worth(asked.value if asked is not None else None, units)
    if objective == "profit":
        return f"Asked for: the plan with the most profit, the value of the response less the money{worth}."
    return f"Asked for: the plan whose response is worth most{worth}."


def price_of_one(value: float, units: Units) -> str:
    """Return what one unit of response is worth, or costs: ``£25`` an order."""
    return f"{units.numbers.money(value, 3)} per {one_of(units.label)}"


def _worth(value: float | Mapping[str, float] | None, units: Units) -> str:
    if value is None or (not isinstance(value, Mapping) and units.response_is_money and value == 1.0):
        return ""
    if not isinstance(value, Mapping):
        return f" ({price_of_one(value, units)})"
    said = [f"{units.numbers.money(v, 3)} for {name}" for name, v in value.items()]
    return f" (per {one_of(units.label)}: {', '.join(said)})"


def _kept_as_they_are(channels: Sequence[ChannelFacts]) -> Iterator[str]:
    """Yield which channels are held, near what is spent now, or capped at what was seen."""
    blind = [c.name for c in channels if c.held and c.grade == "not shown"]
    if blind:
        yield f"{listed(blind)}: held at present spend, because the data do not show what it brings."
    fixed = [c.name for c in channels if c.held and c.grade != "not shown"]
    if fixed:
        yield f"{listed(fixed)}: held at present spend, as asked."
    near = [c.name for c in channels if c.near and not c.held]
    if near:
        yield f"{listed(near)}: kept near present spend, because {_reason(channels)}."
    most = [c.name for c in channels if c.capped and c.binding == "upper bound" and not c.near]
    if most:
        yield f"{listed(most)}: capped at the largest spend seen, beyond which no curve is known."


def _reason(channels: Sequence[ChannelFacts]) -> str:
    """Return the reason that holds near channels, without what it says of one alone."""
    alone = any(c.near and not c.held and "stays at its" in c.near for c in channels)
    return "the data show too little of their curves" if alone else "the data show their curves only weakly"


def _counts(plan: PlanFacts, units: Units) -> Iterator[str]:
    asked = plan.constraints
    if asked is not None and asked.setup_cost and plan.setup[1] > 0:
        yield f"Set-up costs of this plan: {units.spend(plan.setup[1])} {units.a_period}, paid from the budget."
    if asked is not None and asked.most_on is not None:
        yield f"Of at most {asked.most_on} channels with spend, the plan uses {plan.on}."


def constraint_sentences(asked: Constraints, units: Units) -> list[str]:
    """Return a sentence for each constraint beside bounds and groups."""
    found = [
        f"{name}: nothing, or at least {units.spend(least)} {units.a_period}."
        for name, least in asked.least_if_on.items()
    ]
    if asked.setup_cost:
        costs = [f"{units.spend(cost)} for {name}" for name, cost in asked.setup_cost.items()]
        found.append(f"To be on at all costs {listed(costs)} {units.a_period}, beside spend.")
    for tie in asked.tied:
        shares = " to ".join(f"{share:g}" for share in tie.values())
        found.append(f"{listed(list(tie))} keep the proportion {shares}.")
    for name, tiers in asked.prices.items():
        dearer = [
            f"from {units.spend(start)} on {price:g} times today's price" if start > 0 else f"{price:g} times"
            for start, price in tiers
            if start > 0 or price != 1.0
        ]
        found += [f"Prices of {name} rise: {', '.join(dearer)}."] if dearer else []
    for kind in ("roi", "cpa", "mroi"):
        found += _floors(kind, getattr(asked, kind), units)
    return found


def _floors(kind: str, asked: Any, units: Units) -> Iterator[str]:
    everyone = "every channel that has spend" if kind == "mroi" else "the plan"
    by_name = asked if isinstance(asked, Mapping) else {} if asked is None else {everyone: asked}
    for name, limit in by_name.items():
        yield f"{capital(floor_words(kind, limit, units))} for {name}."


def floor_words(kind: str, limit: float, units: Units) -> str:
    """Return a floor on ROI or a ceiling on cost.

    Examples
    --------
    >>> from mixcurve.foundations.numbers import Numbers
    >>> units = Units(Numbers("de-DE", "EUR"), "week", "orders")
    >>> floor_words("roi", 1.5, units), floor_words("cpa", 20.0, units)
    ('ROI at least 1,5', 'cost per order at most €20')
    """
    if kind == "cpa":
        return f"cost per {one_of(units.label)} at most {units.numbers.money(limit, 3)}"
    name = {"roi": "ROI", "mroi": "marginal ROI"}[kind]
    return f"{name} at least {units.numbers.short(limit, 3)}"


def limits_cell(group: Group, least: float, most: float, units: Units) -> str:
    """Return the limits of a group; ``least`` and ``most`` are those of its money."""
    money = [f"at least {units.spend(least)}"] if least > 0 else []
    money += [f"at most {units.spend(most)}"] if math.isfinite(most) else []
    found = [units.numbers.span(units.spend(least), units.spend(most))] if len(money) == 2 else money
    for kind in ("roi", "cpa", "mroi"):
        limit = getattr(group, kind)
        found += [floor_words(kind, limit, units)] if limit is not None else []
    found += [f"at most {group.most_on} on"] if group.most_on is not None else []
    return ", ".join(found) or "none"


def holds_cell(name: str, binding: str, channels: Sequence[ChannelFacts]) -> str:
    """Return which limit of a group holds, if any."""
    found = [f"its {binding}"] if binding else []
    floors = {c.binding.partition(" of ")[0] for c in channels if c.binding.endswith(f" of {name}")}
    found += [{"ROI": "its ROI", "CPA": "its cost"}[kind] for kind in sorted(floors & {"ROI", "CPA"})]
    return " and ".join(found) or "nothing"


def group_columns(units: Units, *, by_roi: bool) -> tuple[str, ...]:
    """Return the heads of the table of groups."""
    each = "ROI" if by_roi else f"Cost per {one_of(units.label)}"
    return ("Group", "Now", "Plan", "Limits", f"Incremental {units.label}", each, "What holds it")


def groups_note(units: Units, *, by_roi: bool) -> str:
    """Return what the columns of the table of groups mean."""
    roi = " ROI: value of the response per unit of money." if by_roi else ""
    return f"Money {units.a_period}, set-up costs included.{roi}"
