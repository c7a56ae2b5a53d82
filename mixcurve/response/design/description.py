"""What the linear side of a mix is made of: enough to make the same columns at any dates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import Problem
from mixcurve.foundations.results import Result
from mixcurve.response.design.periods import Dated

__all__ = ["SIGNS", "TRENDS", "DesignSpec", "Event", "Sign", "Trend"]

FloatArray = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]
Trend = Literal["none", "linear", "piecewise", "local level"]
TRENDS: tuple[Trend, ...] = ("none", "linear", "piecewise", "local level")
Sign = Literal["free", "positive", "negative"]
SIGNS: tuple[Sign, ...] = ("free", "positive", "negative")


def _no_dates() -> Dates:
    return np.empty(0, dtype="datetime64[D]")


@dataclass(frozen=True, eq=False)
class Event(Result):
    """Days on which something happened.

    Parameters
    ----------
    name
        What the user calls it.
    starts, ends
        First and last day of each span (spans,), both within it.
    """

    name: str
    starts: Dates
    ends: Dates


@dataclass(frozen=True, eq=False)
class DesignSpec(Result):
    """Level, trend, season, holidays, events and controls of a mix, described so that any dates have their columns.

    `design_spec` makes one from a table; `design_columns` makes the columns.

    Parameters
    ----------
    every
        Length of a period: ``"day"``, ``"week"``, ``"month"`` or ``"year"``.
    span
        First and last date of the fit (2,).
    trend
        One of `TRENDS`.
    knots
        Dates at which a piecewise trend may change its slope.
    knot_ratio
        Variance of a change of slope, per year squared, in units of the noise variance; infinite for unrestricted ones.
    level_ratio
        Variance of the step of a local level from one period to the next, in units of the noise variance.
    season, weekly_season
        Pairs of sine and cosine over the year and, for days, over the week.
    holidays
        Country, such as ``"GB"``, or country and part, such as ``"DE-BY"``; None for none.
    holiday_names
        The holidays with a column each; empty when all share one.
    events
        Each has a column.
    control_names, control_signs
        The controls, and what is known of each one's coefficient.
    control_centre, control_scale
        (controls,): mean and standard deviation in the rows of the fit.
    groups
        Names of the groups, or empty.
    group_sizes
        (groups,): mean size of the response in each group over that of an average group.
    pooled_season, pooled_controls
        Whether season, holidays and events, and whether controls, move every group by the same share of its size.
    dated
        Whether the date of a week is its first day or its last.
    problems
        Warnings and notes.
    """

    every: str
    span: Dates
    trend: Trend = "linear"
    knots: Dates = field(default_factory=_no_dates)
    knot_ratio: float = np.inf
    level_ratio: float = 0.0
    season: int = 0
    weekly_season: int = 0
    holidays: str | None = None
    holiday_names: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    control_names: tuple[str, ...] = ()
    control_signs: tuple[Sign, ...] = ()
    control_centre: FloatArray = field(default_factory=lambda: np.empty(0))
    control_scale: FloatArray = field(default_factory=lambda: np.empty(0))
    groups: tuple[str, ...] = ()
    group_sizes: FloatArray = field(default_factory=lambda: np.empty(0))
    pooled_season: bool = True
    pooled_controls: bool = True
    dated: Dated = "first day"
    problems: tuple[Problem, ...] = ()

    @property
    def origin(self) -> np.datetime64:
        """First date of the fit."""
        return self.span[0]

    @property
    def end(self) -> np.datetime64:
        """Last date of the fit."""
        return self.span[1]

    @property
    def calendar_parts(self) -> tuple[str, ...]:
        """The parts of the baseline that dates alone make, events aside."""
        used = {
            "level": True, "trend": self.trend != "none", "season": self.season, "weekly season": self.weekly_season,
            "holidays": self.holidays is not None,
        }  # fmt: skip
        return tuple(part for part, there in used.items() if there)

    @property
    def control_parts(self) -> tuple[str, ...]:
        """The part of each control: its name, or ``"control <name>"`` where a part of the calendar has this name."""
        return tuple(f"control {n}" if n in self.calendar_parts else n for n in self.control_names)
