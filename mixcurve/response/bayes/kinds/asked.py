"""What a user asks for: channels without spend, by reach and frequency, and treatments that are no media."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mixcurve.response.carryover import Carryover
from mixcurve.response.curves import Curve

__all__ = ["REFERENCES", "Organic", "ReachFrequency", "Treatment"]

Range = tuple[float, float]

REFERENCES = ("min", "mean", "max")
"""Reference levels of a treatment by word, over all rows of the table."""


@dataclass(frozen=True)
class Organic:
    """A channel without spend, such as newsletters sent: a control with a curve and carryover like a paid channel's.

    Parameters
    ----------
    control
        The column of the amount, among the table's controls; never negative.
    curve, carryover
        As for a paid channel.
    share
        Range that holds nine in ten contributions a priori, as shares of the mean response; by default
        `mixcurve.response.bayes.kinds.shaped.SHARE`.
    ranges
        The same for parameters of curve and carryover by name, in their own units; others have their typical range.

    Examples
    --------
    >>> Organic("newsletter", share=(0.01, 0.05)).curve
    'hill'
    """

    control: str
    curve: str | Curve = "hill"
    carryover: str | Carryover = "geometric"
    share: Range | None = None
    ranges: Mapping[str, Range] = field(default_factory=dict)


@dataclass(frozen=True)
class ReachFrequency:
    """A paid channel known by how many people it reached and how often each of them.

    Parameters
    ----------
    channel
        The channel of the table; its spend gives the ROI, and its curve by spend gives way to this one.
    reach, frequency
        Columns among the table's controls: reach per period, and mean contacts per person reached.
    curve, carryover
        The curve is of frequency, and the carryover of what the people reached respond.
    share, roi
        Range that holds nine in ten contributions a priori, as shares of the mean response; or ROIs, in response per
        unit of spend. Not both.
    ranges
        The same for parameters of curve and carryover by name: ``{"half": (2, 8)}`` in contacts.
    reach_is
        With groups: ``"people"``, a number that is larger in a larger group, or ``"share"``, of the group's population.

    Examples
    --------
    >>> ReachFrequency("tv", "tv_reach", "tv_frequency", ranges={"half": (2, 8)}).reach_is
    'people'
    """

    channel: str
    reach: str
    frequency: str
    curve: str | Curve = "hill"
    carryover: str | Carryover = "geometric"
    share: Range | None = None
    roi: Range | None = None
    ranges: Mapping[str, Range] = field(default_factory=dict)
    reach_is: Literal["people", "share"] = "people"


@dataclass(frozen=True)
class Treatment:
    """Something other than media that was changed, such as the price: its effect counts from a reference level.

    Parameters
    ----------
    control
        The column, among the table's controls.
    reference
        The level that counts as no treatment: ``"min"``, ``"mean"`` or ``"max"`` over all rows, or a number. From the
        mean the contributions of all rows add up to 0 without groups: they say when it helped, not how much in all.
    sign
        ``"positive"`` if the response can only rise with it, ``"negative"`` if only fall, or ``"free"``.

    Examples
    --------
    >>> Treatment("price", sign="negative").reference
    'min'
    """

    control: str
    reference: float | str = "min"
    sign: Literal["free", "positive", "negative"] = "free"
