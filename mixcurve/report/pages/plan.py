"""The plan and its proof."""

from __future__ import annotations

from collections.abc import Sequence

from mixcurve.foundations.numbers import Units
from mixcurve.report import wording
from mixcurve.report.facts import ChannelFacts, Estimate, PlanFacts
from mixcurve.report.pages.common import finite, shown
from mixcurve.report.payload import Fact, PlanPage, PlanRow
from mixcurve.report.phrases import response_with_interval

__all__ = ["plan_page"]


def plan_page(channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units, step: float) -> PlanPage:
    """Return the table of the plan and what is proven of it."""
    rows = tuple(_row(c, units, step) for c in channels if c.planned is not None)
    total = (
        "All channels",
        units.spend(plan.current_total, 3),
        units.spend(plan.total, 3),
        units.spend(plan.change, 3, signed=True),
        wording.span_cell(plan.value, units.response, units),
        wording.span_cell(plan.shadow_price, lambda v: units.response(v * step), units),
        "",
    )
    return PlanPage(
        title=wording.plan_title(plan, units),
        columns=wording.plan_columns(units, step),
        rows=rows,
        figure_title=wording.marginals_title(units, step),
        figure_caption=wording.marginals_caption(plan, units, step),
        figure_alt=wording.marginals_alt(channels, units, step),
        total=total,
        note=wording.plan_note(channels, units),
        certificate_title="What is proven",
        certificate=wording.certificate_sentences(plan, units, step),
        facts=_certificate_facts(plan, units, step),
        status=plan.status,
        value=shown(plan.value, units.response, units),
        gain=shown(plan.gain, lambda v: units.response(v, signed=True), units),
        better_share=finite(plan.better_share),
        upper_bound=finite(plan.upper_bound),
        gap=finite(plan.gap),
        shadow_price=shown(plan.shadow_price, lambda v: units.response(v * step), units),
    )


def _row(channel: ChannelFacts, units: Units, step: float) -> PlanRow:
    response = channel.plan_response or Estimate(channel.response.value)
    marginal = channel.plan_marginal or Estimate(channel.marginal.value)
    planned = channel.planned or 0.0
    cells = (
        channel.name,
        units.spend(channel.current, 3),
        wording.plan_cell(channel, units),
        wording.change_cell(channel, units),
        wording.span_cell(response, units.response, units),
        wording.span_cell(marginal, lambda v: units.response(v * step), units),
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
        cells=cells,
    )


def _certificate_facts(plan: PlanFacts, units: Units, step: float) -> tuple[Fact, ...]:
    if plan.status == "infeasible":
        return ()
    return (
        Fact(
            "The plan on these curves", f"{units.response(plan.value.value, 5, named=True)} {units.a_period}"
        ),
        Fact("Proven upper bound", f"{units.response(plan.upper_bound, 5, named=True)} {units.a_period}"),
        Fact("Gap between the two", units.numbers.share(max(plan.gap, 0.0), 4)),
        Fact(
            f"Shadow price, per {units.step(step)}",
            response_with_interval(plan.shadow_price, units, scale=step),
        ),
        Fact("Left unspent", f"{units.spend(plan.unspent, 3)} {units.a_period}"),
    )
