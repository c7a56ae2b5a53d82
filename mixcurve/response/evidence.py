"""What the data can and cannot show of a channel, in words that reach the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mixcurve.foundations.results import Result

__all__ = ["GRADES", "ChannelEvidence", "Finding", "Grade"]

Grade = Literal["calibrated", "supported", "weak", "not shown"]
GRADES: tuple[Grade, ...] = ("calibrated", "supported", "weak", "not shown")
"""From the strongest to the weakest."""


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


def graded(channel: str, findings: tuple[Finding, ...], best: Grade = "supported") -> ChannelEvidence:
    """Return the evidence with the grade that the most limiting finding allows, at most ``best``."""
    worst = max([GRADES.index(best), *(GRADES.index(f.limits) for f in findings)])
    return ChannelEvidence(channel, GRADES[worst], findings)
