"""The half page of each channel."""

from __future__ import annotations

import numpy as np

from mixcurve.foundations.numbers import Units
from mixcurve.plots.data import CurveData
from mixcurve.report import wording
from mixcurve.report.facts import ChannelFacts
from mixcurve.report.pages.common import finite, shown
from mixcurve.report.payload import ChannelPage, Point, Series

__all__ = ["channel_page"]

MOST_FINDINGS = 2


def channel_page(facts: ChannelFacts, data: CurveData, curve: str, units: Units, step: float) -> ChannelPage:
    """Return what is shown of one channel."""
    return ChannelPage(
        name=facts.name,
        curve=curve,
        title=wording.channel_title(facts),
        grade=facts.grade,
        sentences=wording.channel_sentences(facts, units, step),
        findings=wording.findings_of(facts)[:MOST_FINDINGS],
        caption=wording.curve_caption(data, units),
        alt=wording.curve_alt(facts, data, units),
        current=facts.current,
        planned=finite(facts.planned),
        response=shown(facts.response, units.response, units),
        marginal=shown(facts.marginal, lambda v: units.response(v * step), units),
        bend_state=facts.bend_state,
        bend=shown(facts.bend, units.spend, units) if facts.bend else None,
        worth=finite(facts.worth),
        worth_share=finite(facts.worth_share),
        series=_series(data),
    )


def _plain(values: np.ndarray) -> tuple[float, ...]:
    return tuple(values.tolist())


def _series(data: CurveData) -> Series:
    return Series(
        spend=_plain(data.spend),
        estimate=_plain(data.estimate),
        levels=data.levels,
        low=tuple(_plain(row) for row in data.low),
        high=tuple(_plain(row) for row in data.high),
        observed_spend=_plain(data.observed_spend),
        observed_response=_plain(data.observed_response),
        seen_low=data.seen[0],
        seen_high=finite(data.seen[1]),
        marks=tuple(Point(m.kind, m.spend, m.response, m.low, m.high) for m in data.marks),
    )
