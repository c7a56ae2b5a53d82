"""The first page: the decision, or what the data show where no plan was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from mixcurve.foundations.numbers import UNKNOWN, Units
from mixcurve.report import wording
from mixcurve.report.facts import ChannelFacts, Estimate, PlanFacts
from mixcurve.report.pages.common import finite
from mixcurve.report.payload import Card, Decision
from mixcurve.report.phrases import capital, interval, one_of, outcome_units

__all__ = ["data_decision", "plan_decision", "refused_decision"]

LONGEST_NOTE = 50
"""Characters that stand under the figure of a card in two lines."""


def plan_decision(
    channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units, drawn: str, step: float
) -> Decision:
    """Return the first page of a report with a plan; ``drawn`` says how many plausible curves there are."""
    kind = wording.decision_kind(channels, plan)
    return Decision(
        kind=kind,
        title=wording.decision_title(kind, plan),
        headline=wording.headline(channels, plan, units),
        cards=_plan_cards(channels, plan, units, drawn),
        figure_title=wording.changes_title(plan, units),
        figure_caption=wording.changes_caption(plan, units),
        figure_alt=wording.changes_alt(channels, units),
        actions_title="What to do next",
        actions=wording.actions(channels, plan, units),
        unknown_title="What is not known",
        unknown=wording.unknowns(channels, plan, units),
    )


def _plan_cards(
    channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units, drawn: str
) -> tuple[Card, ...]:
    return (
        _budget_card(plan, units),
        _gain_card(plan, units),
        _better_card(plan, units, drawn),
        _price_card(channels, plan, units),
    )


def _gain_card(plan: PlanFacts, units: Units) -> Card:
    """Return what the plan adds to what present spend brings, or takes from it."""
    gained = outcome_units(plan.objective, units)
    label = f"{'Change of' if plan.gain.value < 0 else 'Extra'} {gained.label} {units.a_period}"
    signed = partial(gained.response, signed=True)
    note = "as now" if plan.keeps else interval(plan.gain, signed, units)
    return Card(label, signed(plan.gain.value), note, finite(plan.gain.value))


def _budget_card(plan: PlanFacts, units: Units) -> Card:
    """Return what may be spent, and what stays unspent of it."""
    label = f"Budget {units.a_period}"
    if wording.is_spare(plan):
        note = f"{units.spend(plan.total)} planned, {units.spend(plan.unspent)} unspent"
        return Card(label, units.spend(plan.budget), note, finite(plan.budget))
    change = "as now" if plan.same_total else f"{units.spend(plan.change, signed=True)} on now"
    return Card(label, units.spend(plan.total), change, finite(plan.total))


def _better_card(plan: PlanFacts, units: Units, drawn: str) -> Card:
    """Return how often the plan beats what is spent now; a plan that changes nothing cannot."""
    label = f"Plan beats {'present spend' if plan.only else 'the current split'}"
    if plan.keeps:
        return Card(label, "the same", "the plan changes nothing", None)
    if plan.saves and plan.current_value > 0:
        kept = plan.value.value / plan.current_value
        note = f"with {units.numbers.share(plan.total / plan.current_total)} of present spend"
        gained = outcome_units(plan.objective, units)
        return Card(capital(f"{gained.label} kept"), units.numbers.share(kept), note, finite(kept))
    if plan.better_share is None:
        return Card(label, UNKNOWN, "the curves have no resamples", None)
    share = units.numbers.share(plan.better_share)
    return Card(label, share, f"of {drawn}", finite(plan.better_share))


def _price_card(channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units) -> Card:
    """Return what one more response costs, or what one more unit of money returns."""
    price = plan.shadow_price
    if wording.is_spare(plan) or price.value <= 0:
        why = wording.why_no_more(channels, plan)
        note = why if len(why) <= LONGEST_NOTE or not plan.has_limits else "limits hold: see the plan"
        return Card("More budget brings", "nothing", note, None)
    if plan.objective != "response":
        return _outcome_card(plan, units)
    if units.response_is_money:
        unit = 1.0 / units.numbers.money_unit
        note = interval(price, lambda v: units.response(v * unit), units)
        return Card(
            f"The next {units.step(unit)} returns",
            units.response(price.value * unit),
            note,
            finite(price.value),
        )
    low, high = (1.0 / v if v is not None and v > 0 else None for v in (price.high, price.low))
    cost = Estimate(1.0 / price.value, low, high, price.level, price.known)
    # A cost of one response is no amount of spend that rounding could have left.
    return Card(
        f"Marginal cost per {one_of(units.label)}",
        units.numbers.money(cost.value, 3),
        interval(cost, lambda v: units.numbers.money(v, 3), units),
        finite(cost.value),
    )


def _outcome_card(plan: PlanFacts, units: Units) -> Card:
    """Return what one more unit of money adds to what is maximised."""
    gained, price = outcome_units(plan.objective, units), plan.shadow_price
    unit = 1.0 / units.numbers.money_unit
    note = interval(price, lambda v: gained.response(v * unit), units)
    adds = gained.response(price.value * unit)
    return Card(f"The next {units.step(unit)} adds in {gained.label}", adds, note, finite(price.value))


def data_decision(
    channels: Sequence[ChannelFacts],
    total: Estimate,
    units: Units,
    step: float,
    quality: Card,
    *,
    present: str = "present spend",
) -> Decision:
    """Return the first page of a report without a plan."""
    spend = sum(c.current for c in channels)
    best = max(channels, key=lambda c: c.marginal.value)
    marginal = interval(best.marginal, lambda v: units.response(v * step), units)
    name = f" in {best.name}" if len(channels) > 1 else ""
    return Decision(
        kind="data",
        title="What the data show",
        headline=wording.fit_headline(channels, units, step),
        cards=(
            Card(f"Spend {units.a_period}", units.spend(spend), present, finite(spend)),
            Card(
                f"Incremental {units.label}",
                units.response(total.value),
                interval(total, units.response, units),
                finite(total.value),
            ),
            Card(
                f"The next {units.step(step)}{name}",
                units.response(best.marginal.value * step),
                marginal,
                finite(best.marginal.value),
            ),
            quality,
        ),
        figure_title=wording.history_title(units),
        figure_caption=wording.history_caption(units),
        figure_alt=wording.history_alt(channels, units),
        actions_title="What to do next",
        actions=wording.actions(channels, None, units),
        unknown_title="What is not known",
        unknown=wording.unknowns(channels, None, units),
    )


def refused_decision(shown: Decision, message: str) -> Decision:
    """Return the first page where no plan meets the budget and its bounds: what the data show, under that headline."""
    return replace(
        shown,
        kind="infeasible",
        title=wording.decision_title("infeasible"),
        headline=wording.no_plan(message),
        actions=wording.NO_PLAN_ACTIONS,
    )
