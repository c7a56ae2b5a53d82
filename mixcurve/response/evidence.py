"""What the data can and cannot show of a channel, in words that reach the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result

if TYPE_CHECKING:
    from mixcurve.response.fit.estimates import EstimateInterval

__all__ = ["GRADES", "ChannelEvidence", "Facts", "Finding", "Grade", "channel_findings", "graded"]

Grade = Literal["calibrated", "supported", "weak", "not shown"]
GRADES: tuple[Grade, ...] = ("calibrated", "supported", "weak", "not shown")
"""From the strongest to the weakest."""

SIGNIFICANCE = 0.05
"""p-value above which a channel's effect counts as not shown, and a straight line as not excluded."""
STEADY_SPEND, NEARLY_STEADY_SPEND = 0.05, 0.15
"""Standard deviation over mean of spend below which its effect cannot, or can hardly, be seen."""
CONFOUNDED = 10.0
"""Variance inflation from which a channel cannot be told from the others (Belsley, Kuh and Welsch 1980)."""
ILL_CONDITIONED = 30.0
"""Scaled condition number from which channels cannot be told apart (Belsley, Kuh and Welsch 1980)."""
CORRELATED = 0.9
"""Correlation of two channels' contributions above which they are hard to tell apart."""
CHANGE, FEW_CHANGES = 0.1, 8
"""Spend has changed where it is further from its median than this share of its mean; fewer such periods are too few."""
LONG_CARRYOVER = 0.5
"""First parameter of a kernel (a decay, or a scale in periods) up to which carryover is short: it may be none."""
FEW_LEVELS = 5
"""A curve of four parameters cannot be checked by fewer different spends."""
NO_BEND_SEEN = "The data do not show where the curve bends."
CEILING_DOUBT = 3.0
"""High limit of the half-saturation, over the largest spend seen, from which a ceiling counts as not seen."""
CEILING_REACH = 1.5
"""Largest spend over half-saturation from which the ceiling counts as seen (49 of 60 simulated profiles close)."""


@dataclass(frozen=True, eq=False)
class Finding(Result):
    """One thing that the data show or do not show.

    Parameters
    ----------
    code
        A short stable name, such as ``"ceiling_not_seen"``.
    sentence
        One plain sentence for a client.
    limits
        The best grade that a channel with this finding can have.
    """

    code: str
    sentence: str
    limits: Grade = "calibrated"


@dataclass(frozen=True, eq=False)
class ChannelEvidence(Result):
    """The findings on one channel and the grade that follows from them."""

    channel: str
    grade: Grade
    findings: tuple[Finding, ...]

    def has(self, code: str) -> bool:
        """Return whether there is a finding with this code."""
        return any(f.code == code for f in self.findings)


@dataclass(frozen=True, eq=False)
class Facts:
    """What the rules look at: spend as booked and as carried, intervals, and the p-values of two simpler models.

    ``effect_p`` is of the model without the channel, ``line_p`` of a straight line in place of its curve, ``concave_p``
    the largest of all concave rivals. ``carryover`` is the interval of the kernel's first parameter and ``carryover_p``
    the p-value of no carryover. ``condition`` is the scaled condition number of all channels' columns, ``correlation``
    the largest of the channel's contribution with another's, that of ``correlated_with``. ``second_basin`` says that
    another solution, far from the estimate, lies within the confidence region; ``falls`` that response falls as spend
    rises.
    """

    channel: str
    every: str
    spend: npt.NDArray[np.float64]
    carried: npt.NDArray[np.float64]
    form: str
    ceiling: bool
    half: EstimateInterval | None
    inflection: EstimateInterval | None
    funded: bool
    effect_p: float
    line_p: float
    concave_p: float
    at_edge: tuple[str, ...]
    variance_inflation: float
    carryover: EstimateInterval | None = None
    carryover_p: float = 0.0
    condition: float = 1.0
    correlated_with: str = ""
    correlation: float = 0.0
    second_basin: bool = False
    falls: bool = False


def channel_findings(facts: Facts) -> ChannelEvidence:
    """Return the evidence on a channel: every rule that applies, and the grade that the most limiting one allows."""
    findings = (*_spend_findings(facts), *_effect_findings(facts))
    if not any(f.limits == "not shown" for f in findings):
        findings = (*findings, *_curve_findings(facts))
    elif facts.form == "sigmoid":
        findings = (*findings, Finding("bend_not_shown", NO_BEND_SEEN, "supported"))
    return graded(facts.channel, findings)


def graded(channel: str, findings: tuple[Finding, ...], best: Grade = "supported") -> ChannelEvidence:
    """Return the evidence with the grade that the most limiting finding allows, at most ``best``."""
    worst = max([GRADES.index(best), *(GRADES.index(f.limits) for f in findings)])
    return ChannelEvidence(channel, GRADES[worst], findings)


def _spend_findings(facts: Facts) -> Iterator[Finding]:
    mean = max(float(np.mean(facts.spend)), 1e-300)
    variation = float(np.std(facts.spend)) / mean
    changes = int((np.abs(facts.spend - np.median(facts.spend)) > CHANGE * mean).sum())
    levels = len(np.unique(facts.spend))
    if variation < STEADY_SPEND:
        text = (
            f"Spend hardly changed from {facts.every} to {facts.every}, so the data cannot show what it does."
        )
        yield Finding("spend_steady", text, "not shown")
    elif variation < NEARLY_STEADY_SPEND:
        yield Finding(
            "spend_nearly_steady", "Spend changed little, so its effect is seen only faintly.", "weak"
        )
    elif changes < FEW_CHANGES:
        text = f"Spend left its usual level in only {changes} {facts.every}s, too few to tell its effect from chance."
        yield Finding("few_changes", text, "weak")
    if 1 < levels < FEW_LEVELS:
        text = f"Spend took only {levels} different values, too few to show the shape of a curve."
        yield Finding("few_levels", text, "weak")


def _effect_findings(facts: Facts) -> Iterator[Finding]:
    if not facts.funded or facts.effect_p > SIGNIFICANCE:
        yield Finding(
            "effect_not_shown", "The data do not show that this spend changes the response.", "not shown"
        )
    elif facts.falls:
        yield Finding("response_falls", "Response falls as this spend rises.", "not shown")
    if facts.variance_inflation > CONFOUNDED or facts.condition > ILL_CONDITIONED:
        text = "This spend moves together with other channels, so the data cannot tell their effects apart."
        yield Finding("confounded", text, "weak")
    elif facts.correlated_with and facts.correlation > CORRELATED:
        text = f"Its effect moves together with that of {facts.correlated_with}, so the two are hard to tell apart."
        yield Finding("correlated", text, "supported")
    if facts.second_basin:
        yield Finding("second_basin", "Two different curves describe the data about equally well.", "weak")


def _curve_findings(facts: Facts) -> Iterator[Finding]:
    if facts.line_p > SIGNIFICANCE:
        text = "A straight line describes the data as well as the curve does, so no saturation is shown."
        yield Finding("line_not_excluded", text, "weak")
    yield from _ceiling_findings(facts)
    yield from _bend_findings(facts)
    yield from _carryover_findings(facts)
    edges = [e for e in facts.at_edge if e != "decay"]
    if edges:
        yield Finding(
            "at_bound", f"The {' and '.join(edges)} lies at the edge of the range searched.", "weak"
        )


def _carryover_findings(facts: Facts) -> Iterator[Finding]:
    if "decay" in facts.at_edge:
        text = "Carryover is as long as the model allows; it cannot be told from the baseline."
        yield Finding("carryover_at_bound", text, "weak")
    elif facts.carryover is not None and (
        facts.carryover.open_side == "both"
        or (facts.carryover_p > SIGNIFICANCE and facts.carryover.high > LONG_CARRYOVER)
    ):
        text = "The data do not show how long the effect of this spend lasts."
        yield Finding("carryover_not_separable", text, "supported")


def _ceiling_findings(facts: Facts) -> Iterator[Finding]:
    if not facts.ceiling or facts.half is None:
        return
    largest = float(facts.carried.max())
    beyond = facts.half.open_side in ("high", "both") or facts.half.high > CEILING_DOUBT * largest
    if beyond or largest < facts.half.estimate:
        text = "The data do not show where response levels off: no spend seen came near the ceiling."
        yield Finding("ceiling_not_seen", text, "weak")
    elif largest < CEILING_REACH * facts.half.estimate or facts.half.high > largest:
        yield Finding(
            "ceiling_barely_seen", "Spend only just reached the range where response levels off.", "supported"
        )
    else:
        yield Finding("ceiling_seen", "Spend reached the range where response levels off.")


def _bend_findings(facts: Facts) -> Iterator[Finding]:
    bend = facts.inflection
    if facts.form != "sigmoid" or bend is None:
        return
    largest = float(facts.carried.max())
    if facts.concave_p > SIGNIFICANCE or bend.estimate == 0.0:
        text = f"{NO_BEND_SEEN} A curve without a bend describes them as well."
        yield Finding("bend_not_shown", text, "supported")
    elif bend.estimate > largest:
        text = f"{NO_BEND_SEEN} It would lie beyond any spend seen."
        yield Finding("bend_not_shown", text, "weak")
        yield Finding("inflection_outside", "The estimated bend lies outside the spend seen.", "weak")
    elif not bend.closed or bend.high > largest:
        yield Finding("bend_not_shown", NO_BEND_SEEN, "supported")
    else:
        yield Finding("bend_shown", "The data show where the curve bends.", "calibrated")
