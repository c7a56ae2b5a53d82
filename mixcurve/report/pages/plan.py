"""The plan and its proof."""

from __future__ import annotations

from collections.abc import Sequence

from mixcurve.foundations.numbers import Units
from mixcurve.report import wording
from mixcurve.report.facts import ChannelFacts, Estimate, PlanFacts
from mixcurve.report.pages.common import finite, shown
from mixcurve.report.pages.groups import group_rows
from mixcurve.report.payload import Fact, PlanPage, PlanRow
from mixcurve.report.phrases import outcome_units, response_with_interval

__all__ = ["plan_page"]


def plan_page(channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units, step: float) -> PlanPage:
    """Return the table of the plan, what was asked of it, and what is proven of it."""
    gained = outcome_units(plan.objective, units)
    by_roi = any(group.roi is not None for group in plan.groups)
    rows = tuple(_row(c, units, step) for c in channels if c.planned is not None)
    total = (
        "All channels",
        units.spend(plan.current_total),
        units.spend(plan.total) + (f"\nof {units.spend(plan.budget)}" if wording.is_spare(plan) else ""),
        units.spend(plan.change, signed=True),
        wording.span_cell(plan.brings, lambda v: wording.proven(v, units), units),
        _price_cell(plan, units, step),
        "",
        "",
    )
    return PlanPage(
        title=wording.plan_title(plan, units),
        columns=wording.plan_columns(units, step),
        rows=rows,
        figure_title=wording.marginals_title(units, step),
        figure_caption=wording.marginals_caption(channels, plan, units),
        figure_alt=wording.marginals_alt(channels, units, step),
        setup=wording.setup_row(plan, units),
        total=total,
        note=wording.plan_note(channels, plan, units),
        asked_title="What was asked, and what holds",
        asked=wording.asked_sentences(channels, plan, units),
        groups_title="What the groups get",
        groups_columns=wording.group_columns(units, by_roi=by_roi),
        groups=group_rows(channels, plan, units, by_roi=by_roi),
        groups_note=wording.groups_note(units, by_roi=by_roi),
        objective=plan.objective,
        certificate_title="What is proven",
        certificate=wording.certificate_sentences(channels, plan, units, step),
        facts=_certificate_facts(plan, units, step),
        status=plan.status,
        value=shown(plan.value, gained.response, units),
        gain=shown(plan.gain, lambda v: gained.response(v, signed=True), units),
        better_share=finite(plan.better_share),
        upper_bound=finite(plan.upper_bound),
        gap=finite(plan.gap),
        shadow_price=shown(plan.shadow_price, lambda v: gained.response(v * step), units),
    )


def _row(channel: ChannelFacts, units: Units, step: float) -> PlanRow:
    response = channel.plan_response or Estimate(channel.response.value)
    marginal = channel.plan_marginal or Estimate(channel.marginal.value)
    planned = channel.planned or 0.0
    cells = (
        channel.name,
        units.spend(channel.current),
        wording.plan_cell(channel, units),
        wording.change_cell(channel, units),
        wording.span_cell(response, units.response, units),
        wording.span_cell(marginal, lambda v: units.response(v * step), units),
        wording.worth_cell(channel, units),
        wording.grade_cell(channel.grade),
    )
    return PlanRow(
        channel=channel.name,
        current=channel.current,
        planned=planned,
        change=channel.change,
        response=shown(response, units.response, units),
        marginal=shown(marginal, lambda v: units.response(v * step), units),
        binding=channel.binding,
        beyond_seen=channel.beyond_seen,
        grade=channel.grade,
        least=finite(channel.bounds[0]) if channel.bounds else None,
        most=finite(channel.bounds[1]) if channel.bounds else None,
        worth=finite(channel.worth),
        worth_share=finite(channel.worth_share),
        near=channel.near,
        setup_cost=channel.setup_cost,
        cells=cells,
    )


def _price_cell(plan: PlanFacts, units: Units, step: float) -> str:
    if wording.is_spare(plan) or plan.shadow_price.value <= 0:
        return "nothing"
    if plan.objective != "response":
        return ""
    return wording.span_cell(plan.shadow_price, lambda v: units.response(v * step), units)


def _certificate_facts(plan: PlanFacts, units: Units, step: float) -> tuple[Fact, ...]:
    if plan.status == "infeasible":
        return ()
    spare = wording.is_spare(plan)
    gained = outcome_units(plan.objective, units)
    found = [
        Fact(
            f"The plan on {'this curve' if plan.only else 'these curves'}",
            f"{wording.proven(plan.value.value, gained, named=True)} {units.a_period}",
        ),
        Fact(
            "Proven upper bound",
            f"{wording.proven(plan.upper_bound, gained, named=True)} {units.a_period}",
        ),
        Fact("Gap between the two", units.numbers.share(max(plan.gap, 0.0), 4)),
    ]
    if spare:
        found.append(
            Fact(
                "Left unspent", f"{units.spend(plan.unspent)} of {units.spend(plan.budget)} {units.a_period}"
            )
        )
    elif plan.shadow_price.value > 0:
        price = response_with_interval(plan.shadow_price, gained, scale=step)
        found.append(Fact(f"Shadow price, per {units.step(step)}", price))
    return tuple(found)
