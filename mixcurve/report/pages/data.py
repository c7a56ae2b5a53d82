"""The data, the fit, and what to keep in mind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mixcurve.foundations.numbers import Units
from mixcurve.report import wording
from mixcurve.report.facts import ChannelFacts
from mixcurve.report.glyphs import printable
from mixcurve.report.payload import Card, DataPage, Fact, Notice, RangeRow
from mixcurve.response.carryover import half_life
from mixcurve.response.fit.results import CurveFit, MixFit
from mixcurve.response.fitted import Fitted
from mixcurve.tables.table import SpendTable

__all__ = ["data_page", "quality_card", "r_squared"]


def r_squared(table: SpendTable, fit: Fitted) -> float | None:
    """Return the share of the response's variance that the fit explains, or None where that is not known."""
    if isinstance(fit, MixFit):
        return fit.r_squared
    if isinstance(fit, CurveFit):
        spread = float(((table.response - table.response.mean()) ** 2).sum())
        return 1.0 - fit.rss / spread if spread > 0 else None
    return None


def quality_card(table: SpendTable, fit: Fitted, units: Units) -> Card:
    """Return how much of the response's ups and downs the fit explains."""
    found = r_squared(table, fit)
    text = "not known" if found is None else units.numbers.share(found)
    return Card("Variance explained", text, f"R², {wording.rows_of(table, units)}", found)


def data_page(
    table: SpendTable, fit: Fitted, channels: Sequence[ChannelFacts], units: Units, *, has_plan: bool
) -> DataPage:
    """Return the page on data and caveats."""
    facts = [
        Fact("Source", printable(table.source)),
        Fact(
            "Response",
            f"{units.label}, {units.response(float(table.response.mean()))} {units.a_period} on average",
        ),
        Fact("Observed", f"{wording.period_of(table.dates, table.every)}, {wording.rows_of(table, units)}"),
        Fact("Currency", wording.currency_of(units)),
    ]
    facts += [Fact("Controls", ", ".join(table.control_names))] if table.control_names else []
    return DataPage(
        title=wording.data_title(table, units, wording.tests_of(fit)),
        facts=tuple(facts),
        columns=wording.range_columns(units),
        ranges=tuple(_range(table, fit, i, c, units) for i, c in enumerate(channels)),
        fit_title="How well the model fits",
        fit=wording.fit_sentences(fit, r_squared(table, fit), units),
        notices_title="Warnings and notes on the data",
        notices=tuple(Notice(p.severity, printable(str(p))) for p in table.problems),
        caveats_title="What to keep in mind",
        caveats=wording.caveats(channels, units, has_plan=has_plan, fit=fit),
    )


def _range(table: SpendTable, fit: Fitted, i: int, channel: ChannelFacts, units: Units) -> RangeRow:
    spend = (
        table.spend_of(channel.name)
        if channel.name in table.channels
        else table.spend[:, min(i, table.spend.shape[1] - 1)]
    )
    cells = (
        channel.name,
        units.spend(float(spend.min())),
        units.spend(float(spend.mean())),
        units.spend(float(spend.max())),
        units.numbers.share(float(np.mean(spend == 0.0))),
        _carryover(fit, i, units),
        fit.curve[i].name,
    )
    return RangeRow(channel.name, cells)


def _carryover(fit: Fitted, i: int, units: Units) -> str:
    if not isinstance(fit, MixFit):
        return "none"
    kernel, values = fit.kernel_of(fit.channels[i])
    if kernel == "none":
        return "none"
    found = half_life(kernel, values, length=max(fit.carryover_length, 1))
    return f"{units.numbers.count(found)} {units.every}s"
