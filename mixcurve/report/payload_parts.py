"""The small parts that the pages of a payload are made of."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Card", "Fact", "Interval", "Notice", "Point", "RangeRow", "Series", "Tag"]


@dataclass(frozen=True)
class Interval:
    """A figure with its interval and as it is written; a limit of None is open, or was not computed."""

    value: float | None
    low: float | None
    high: float | None
    level: float
    text: str


@dataclass(frozen=True)
class Fact:
    """A line of a two-column list."""

    label: str
    text: str


@dataclass(frozen=True)
class Card:
    """One of the large figures on the first page."""

    label: str
    text: str
    note: str
    value: float | None


@dataclass(frozen=True)
class Tag:
    """The colours of a grade of evidence, as hex."""

    grade: str
    text: str
    ground: str


@dataclass(frozen=True)
class Point:
    """A spend marked on a curve, with its interval if it has one."""

    kind: str
    spend: float
    response: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Series:
    """The numbers behind the picture of a curve, in the units of the data; bands are empty without resamples."""

    spend: tuple[float, ...]
    estimate: tuple[float, ...]
    levels: tuple[float, ...]
    low: tuple[tuple[float, ...], ...]
    high: tuple[tuple[float, ...], ...]
    observed_spend: tuple[float, ...]
    observed_response: tuple[float, ...]
    seen_low: float
    seen_high: float | None
    marks: tuple[Point, ...]


@dataclass(frozen=True)
class RangeRow:
    """What spend of one channel was seen."""

    channel: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Notice:
    """A warning or a note that the data came with."""

    severity: str
    text: str
