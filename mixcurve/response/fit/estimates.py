"""An estimate with its interval, and the words for how a fit ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mixcurve.foundations.results import Result

__all__ = ["EstimateInterval", "FitStatus"]

FitStatus = Literal["converged", "at bound", "not converged", "no response"]
"""``at bound``: converged with a parameter at the edge of its domain; ``no response``: the best amplitude is 0."""


@dataclass(frozen=True, eq=False)
class EstimateInterval(Result):
    """An estimate with its interval; a side that did not close is open and holds an infinite limit.

    Parameters
    ----------
    channel, name
        What was estimated: a parameter's name, ``"inflection"``, or another derived figure.
    estimate, low, high
        In the unit of the figure.
    level
        Confidence level, such as 0.9.
    open_side
        ``""`` for a closed interval, else ``"low"``, ``"high"`` or ``"both"``: the data do not limit that side.
    method
        How it was made, such as ``"profile"``.
    """

    channel: str
    name: str
    estimate: float
    low: float
    high: float
    level: float
    open_side: Literal["", "low", "high", "both"]
    method: str

    @property
    def closed(self) -> bool:
        """Whether the data limit both sides."""
        return self.open_side == ""
