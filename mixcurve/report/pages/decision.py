"""The first page: the decision, or what the data show where no plan was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mixcurve.foundations.numbers import UNKNOWN, Units
from mixcurve.report import wording
from mixcurve.report.facts import ChannelFacts, Estimate, PlanFacts
from mixcurve.report.pages.common import finite
from mixcurve.report.payload import Card, Decision
from mixcurve.report.phrases import interval

__all__ = ["data_decision", "plan_decision", "refused_decision"]


def plan_decision(
    channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units, resamples: int, step: float
) -> Decision:
    """Return the first page of a report with a plan."""
    kind = wording.decision_kind(channels, plan)
    return Decision(
        kind=kind,
        title=wording.decision_title(kind, plan),
        headline=wording.headline(channels, plan, units),
        cards=_plan_cards(plan, units, resamples),
        figure_title=wording.changes_title(plan, units),
        figure_caption=wording.changes_caption(units),
        figure_alt=wording.changes_alt(channels, units),
        actions_title="What to do next",
        actions=wording.actions(channels, plan, units),
        unknown_title="What is not known",
        unknown=wording.unknowns(channels, plan, units),
    )


def _plan_cards(plan: PlanFacts, units: Units, resamples: int) -> tuple[Card, ...]:
    change = "as now" if plan.same_total else f"{units.spend(plan.change, signed=True)} on now"
    share = UNKNOWN if plan.better_share is None else units.numbers.share(plan.better_share)
    basis = (
        f"of {units.numbers.written(resamples)} resamples"
        if plan.better_share is not None
        else "the curves have no resamples"
    )
    gain_note = interval(plan.gain, lambda v: units.response(v, signed=True), units)
    return (
        Card(f"Budget {units.a_period}", units.spend(plan.total), change, finite(plan.total)),
        Card(
            f"Extra {units.label} {units.a_period}",
            units.response(plan.gain.value, signed=True),
            gain_note,
            finite(plan.gain.value),
        ),
        Card("Plan beats the current split", share, basis, finite(plan.better_share)),
        _price_card(plan.shadow_price, units),
    )


def _price_card(price: Estimate, units: Units) -> Card:
    """Return what one more response costs, or what one more unit of money returns."""
    if units.response_is_money:
        unit = 1.0 / units.numbers.money_unit
        note = interval(price, lambda v: units.response(v * unit), units)
        return Card(
            f"The next {units.step(unit)} returns",
            units.response(price.value * unit),
            note,
            finite(price.value),
        )
    if price.value <= 0:
        return Card("Marginal cost per response", UNKNOWN, "more budget brings nothing more", None)
    low, high = (1.0 / v if v is not None and v > 0 else None for v in (price.high, price.low))
    cost = Estimate(1.0 / price.value, low, high, price.level, price.known)
    return Card(
        "Marginal cost per response",
        units.spend(cost.value),
        interval(cost, units.spend, units),
        finite(cost.value),
    )


def data_decision(
    channels: Sequence[ChannelFacts], total: Estimate, units: Units, step: float, quality: Card
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
            Card(f"Spend {units.a_period}", units.spend(spend), "taken as the present level", finite(spend)),
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
