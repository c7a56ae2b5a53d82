"""The payload: every number and every sentence that any face of a spend report shows, as plain values."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mixcurve.report.payload_parts import (
    Card,
    Fact,
    Interval,
    Notice,
    Point,
    RangeRow,
    Series,
    Tag,
)

__all__ = [
    "FORMAT",
    "VERSION",
    "Card",
    "ChannelPage",
    "DataPage",
    "Decision",
    "Document",
    "Fact",
    "GroupRow",
    "History",
    "Interval",
    "Notice",
    "PlanPage",
    "PlanRow",
    "Point",
    "RangeRow",
    "ReportPayload",
    "Series",
    "Tag",
    "schema",
]

FORMAT = "mixcurve/spend-report"
VERSION = 2


@dataclass(frozen=True)
class Document:
    """What the report is, for whom, and how its numbers are written."""

    title: str
    client: str
    agency: str
    period: str
    footer: str
    language: str
    region: str | None
    locale: str
    currency: str | None
    every: str
    response: str
    created: str
    accent: str
    current: str
    tags: tuple[Tag, ...]


@dataclass(frozen=True)
class Decision:
    """The first page. ``kind`` is what the headline asks for."""

    kind: Literal["move", "test", "keep", "infeasible", "data"]
    title: str
    headline: str
    cards: tuple[Card, ...]
    figure_title: str
    figure_caption: str
    figure_alt: str
    actions_title: str
    actions: tuple[str, ...]
    unknown_title: str
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class ChannelPage:
    """What is shown of one channel. ``bend`` is None where the data do not show an inflection.

    ``worth`` is the response lost if this channel alone stayed as it is, ``worth_share`` its share of the plan's.
    """

    name: str
    curve: str
    title: str
    grade: str | None
    sentences: tuple[str, ...]
    findings: tuple[str, ...]
    caption: str
    alt: str
    current: float
    planned: float | None
    response: Interval
    marginal: Interval
    bend_state: Literal["shown", "not shown", "none"]
    bend: Interval | None
    worth: float | None
    worth_share: float | None
    series: Series


@dataclass(frozen=True)
class PlanRow:
    """One channel of the plan, as numbers and as text; ``least`` and ``most`` are the bounds that the plan kept to.

    ``near`` is why it stays near current spend, empty where nothing keeps it there; ``setup_cost`` is paid beside
    its spend.
    """

    channel: str
    current: float
    planned: float
    change: float
    response: Interval
    marginal: Interval
    binding: str
    beyond_seen: bool
    grade: str | None
    least: float | None
    most: float | None
    worth: float | None
    worth_share: float | None
    near: str
    setup_cost: float
    cells: tuple[str, ...]


@dataclass(frozen=True)
class GroupRow:
    """What the plan does with one group, as numbers and as text; a limit of None is none."""

    group: str
    channels: tuple[str, ...]
    current: float
    planned: float
    least: float | None
    most: float | None
    response: Interval
    roi: float | None
    cpa: float | None
    binding: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class PlanPage:
    """The plan, what was asked of it, and its proof.

    ``objective`` is what ``value``, ``gain``, ``upper_bound`` and ``shadow_price`` count. ``setup`` is the table's row
    of set-up costs, empty where there are none.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[PlanRow, ...]
    setup: tuple[str, ...]
    total: tuple[str, ...]
    figure_title: str
    figure_caption: str
    figure_alt: str
    note: str
    asked_title: str
    asked: tuple[str, ...]
    groups_title: str
    groups_columns: tuple[str, ...]
    groups: tuple[GroupRow, ...]
    groups_note: str
    objective: str
    certificate_title: str
    certificate: tuple[str, ...]
    facts: tuple[Fact, ...]
    status: str
    value: Interval
    gain: Interval
    better_share: float | None
    upper_bound: float | None
    gap: float | None
    shadow_price: Interval


@dataclass(frozen=True)
class DataPage:
    """The data, the fit, and what to keep in mind."""

    title: str
    facts: tuple[Fact, ...]
    columns: tuple[str, ...]
    ranges: tuple[RangeRow, ...]
    fit_title: str
    fit: tuple[str, ...]
    notices_title: str
    notices: tuple[Notice, ...]
    caveats_title: str
    caveats: tuple[str, ...]


@dataclass(frozen=True)
class Reproduction:
    """What it takes to make the report again."""

    title: str
    text: str
    facts: tuple[Fact, ...]
    configuration_title: str
    configuration: tuple[Fact, ...]


@dataclass(frozen=True)
class History:
    """The picture of the past: a row of ``contributions`` per channel; ``shown``: whether the data show its effect."""

    title: str
    caption: str
    alt: str
    dates: tuple[str, ...]
    channels: tuple[str, ...]
    baseline: tuple[float, ...]
    contributions: tuple[tuple[float, ...], ...]
    observed: tuple[float, ...]
    shown: tuple[bool, ...]


@dataclass(frozen=True)
class ReportPayload:
    """One spend report as plain values. The same number is the same in all faces because all faces read it here."""

    document: Document
    decision: Decision
    channels_title: str
    channels: tuple[ChannelPage, ...]
    history: History | None
    plan: PlanPage | None
    data: DataPage
    reproduction: Reproduction
    format: str = FORMAT
    version: int = VERSION

    def to_dict(self) -> dict[str, Any]:
        """Return the payload as dictionaries, lists, strings and finite numbers."""
        plain: dict[str, Any] = json.loads(self.to_json())
        return plain

    def to_json(self) -> str:
        """Return the payload as JSON, the same text for the same payload."""
        return json.dumps(asdict(self), ensure_ascii=False, allow_nan=False)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the payload that ships with the package."""
    from importlib.resources import files

    file = files("mixcurve.report") / "schema/spend_report.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found
