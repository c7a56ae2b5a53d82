"""What the plan does with each group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mixcurve.foundations.numbers import Units
from mixcurve.report import wording
from mixcurve.report.facts import ChannelFacts, Estimate, PlanFacts
from mixcurve.report.pages.common import finite, shown
from mixcurve.report.payload import GroupRow

if TYPE_CHECKING:
    from mixcurve.budget.problem import GroupOutcome

__all__ = ["group_rows"]


def group_rows(
    channels: Sequence[ChannelFacts], plan: PlanFacts, units: Units, *, by_roi: bool
) -> tuple[GroupRow, ...]:
    """Return a row per group; without a value of the response the cost of one takes the place of the ROI."""
    brings = zip(plan.groups, plan.group_response, strict=True)
    return tuple(_row(group, response, channels, plan, units, by_roi) for group, response in brings)


def _row(
    group: GroupOutcome,
    response: Estimate,
    channels: Sequence[ChannelFacts],
    plan: PlanFacts,
    units: Units,
    by_roi: bool,
) -> GroupRow:
    asked = plan.constraints.groups[group.name] if plan.constraints is not None else None
    limits = wording.limits_cell(asked, group.least, group.most, units) if asked is not None else ""
    cells = (
        f"{group.name}\n{', '.join(group.channels)}",
        units.spend(group.current_money),
        units.spend(group.money),
        limits,
        wording.span_cell(response, units.response, units),
        _return(group, units, by_roi),
        wording.holds_cell(group.name, group.binding, channels),
    )
    return GroupRow(
        group=group.name,
        channels=group.channels,
        current=group.current_money,
        planned=group.money,
        least=finite(group.least),
        most=finite(group.most),
        response=shown(response, units.response, units),
        roi=finite(group.roi),
        cpa=finite(group.cpa),
        binding=group.binding,
        cells=cells,
    )


def _return(group: GroupOutcome, units: Units, by_roi: bool) -> str:
    if group.money <= 0:
        return "–"
    if by_roi:
        return "–" if group.roi is None else units.numbers.short(group.roi, 3)
    return units.numbers.money(group.cpa, 3)
