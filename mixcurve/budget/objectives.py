"""What a plan may be asked to maximise, beyond the mean response and the profit."""

from __future__ import annotations

from dataclasses import dataclass

from mixcurve.foundations.checks import number
from mixcurve.foundations.results import Result

__all__ = ["BeatCurrent", "CVaR", "MeanMinusRisk", "Quantile"]


@dataclass(frozen=True, eq=False)
class CVaR(Result):
    """The mean response over the worst ``tail`` of the draws (conditional value at risk; Rockafellar and Uryasev 2000).

    ``CVaR(x) = min Σ_d w_d f_d(x)`` over weights ``0 <= w_d <= 1 / (tail D)`` that add up to 1.

    Examples
    --------
    >>> CVaR(0.1).tail
    0.1
    """

    tail: float = 0.1

    def __post_init__(self) -> None:
        number("tail", self.tail, low=0.0, high=1.0, open_low=True)


@dataclass(frozen=True, eq=False)
class Quantile(Result):
    """The response that the plan reaches or exceeds in at least a share ``1 - level`` of the draws.

    Examples
    --------
    >>> Quantile(0.1).level
    0.1
    """

    level: float = 0.1

    def __post_init__(self) -> None:
        number("level", self.level, low=0.0, high=1.0, open_low=True)


@dataclass(frozen=True, eq=False)
class MeanMinusRisk(Result):
    """``mean - aversion (mean - CVaR)``: risk is how far the mean over the worst ``tail`` lies below the mean.

    Both are in the unit of the response. ``aversion`` is between 0, the mean, and 1, the CVaR; the weights of the draws
    then stay positive, which a variance would not grant.

    Examples
    --------
    >>> MeanMinusRisk(0.5, tail=0.1).aversion
    0.5
    """

    aversion: float = 0.5
    tail: float = 0.1

    def __post_init__(self) -> None:
        number("aversion", self.aversion, low=0.0, high=1.0)
        number("tail", self.tail, low=0.0, high=1.0, open_low=True)


@dataclass(frozen=True, eq=False)
class BeatCurrent(Result):
    """The share of the draws in which the plan brings more than the current plan does.

    Examples
    --------
    >>> BeatCurrent()
    BeatCurrent()
    """
