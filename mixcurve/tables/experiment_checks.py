"""The fields of an experiment, checked one after the other; all that is wrong is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.special import ndtri

from mixcurve.foundations.errors import InputError, Problem
from mixcurve.tables.dates import CalendarDate, read_date
from mixcurve.tables.locales import LOCALES
from mixcurve.tables.raw import shown

__all__ = ["Fields", "standard_error"]

ISO = "Write it like 2024-01-31"


@dataclass
class Fields:
    """What was given for one experiment, and what was found wrong with it.

    Each method returns the clean value of a field, or a stand-in after it has noted why there is none.
    """

    kind: str
    given: Mapping[str, Any]
    found: list[Problem] = field(default_factory=list)

    def wrong(self, name: str, rule: str, remedy: str = "") -> None:
        """Note that a field breaks a rule."""
        value = self.given.get(name)
        text = None if value is None else shown(list(value) if isinstance(value, tuple) else value)
        self.found.append(
            Problem(f"{name} {rule}", remedy, column=name, value=text, code=f"experiment-{name}")
        )

    def settle(self) -> None:
        """Raise all that was found, naming the kind of experiment and its channel."""
        if self.found:
            source = f"{self.kind} of {shown(self.given.get('channel'))}"
            raise InputError([replace(problem, column=None, source=source) for problem in self.found])

    def text(self, name: str) -> str:
        """Return a name that must be there."""
        value = self.given.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.wrong(
            name, "must be a name", "Give the channel as the table calls it" if name == "channel" else ""
        )
        return ""

    def names(self, name: str) -> tuple[str, ...] | None:
        """Return the names of a list, of one name given alone, or None."""
        value = self.given.get(name)
        if value is None:
            return None
        listed = (value,) if isinstance(value, str) else tuple(value)
        if not listed or not all(isinstance(one, str) and one.strip() for one in listed):
            self.wrong(name, "must be names of the table's groups", "Leave it out for all groups")
            return None
        return tuple(dict.fromkeys(one.strip() for one in listed))

    def number(self, name: str, *, positive: bool = False, remedy: str = "") -> float:
        """Return a finite number, above 0 if it must be."""
        value = _number(self.given.get(name))
        if not np.isfinite(value):
            self.wrong(name, "must be a finite number", remedy)
        elif positive and value <= 0:
            self.wrong(name, "must be above 0", remedy)
        else:
            return value
        return float("nan")

    def date(self, name: str, *, needed: bool = True) -> str | None:
        """Return a day as ISO text."""
        value = self.given.get(name)
        if value is None and not needed:
            return None
        if isinstance(value, dt.datetime):
            value = value.date()  # an experiment's day is that of the calendar, whatever the hour
        found = None if isinstance(value, str) and "/" in value else read_date(value, LOCALES["en-GB"])
        if isinstance(found, CalendarDate):
            return found.value.isoformat()
        self.wrong(name, "must be a date", ISO)
        return None

    def days(self, first: str, last: str, *, needed: bool = True) -> tuple[str | None, str | None]:
        """Return the first and the last day of a span, in order."""
        start, end = self.date(first, needed=needed), self.date(last, needed=needed)
        if start is not None and end is not None and end < start:
            self.wrong(
                last, f"must not lie before {first}, {start}", "Give first day and last day in this order"
            )
        return start, end

    def level(self, name: str, of: str) -> float | None:
        """Return the level of an interval; there is none for one standard error."""
        value = self.given.get(name)
        if not _is_interval(self.given.get(of)):
            if value is not None:
                self.wrong(
                    name, f"belongs to an interval, but {of} is one number, a standard error", "Leave it out"
                )
            return None
        level = _number(value)
        if not 0.0 < level < 1.0:
            self.wrong(
                name, "must say how sure the interval is, above 0 and below 1", "Write level=0.9 for 90%"
            )
            return None
        return level

    def error(self, name: str, of: str, estimate: float, *, positive: bool = False) -> Any:
        """Return a standard error, or the two ends of an interval around ``estimate``."""
        value = self.given.get(name)
        if value is None or not _is_interval(value):
            return self.number(
                name, positive=True, remedy=f"Give the standard error of {of}, or its interval and the level"
            )
        ends = [_number(v) for v in value]
        if len(ends) != 2 or not np.isfinite(ends).all() or ends[0] >= ends[1] or (positive and ends[0] <= 0):
            above = ", both above 0" if positive else ""
            self.wrong(name, f"must be an interval of two finite numbers, the lower one first{above}")
        elif np.isfinite(estimate) and not ends[0] < estimate < ends[1]:
            self.wrong(name, f"must be an interval that holds {of}, {estimate:g}", "Check both")
        else:
            return ends[0], ends[1]
        return float("nan")


def standard_error(error: float | tuple[float, float], level: float | None) -> float:
    """Return the standard error: itself, or the half-width of a normal interval over its quantile.

    Examples
    --------
    >>> round(standard_error((80.4, 119.6), 0.95), 6)
    10.000184
    """
    if not isinstance(error, tuple):
        return error
    assert level is not None
    return (error[1] - error[0]) / (2.0 * float(ndtri(0.5 + 0.5 * level)))


def _is_interval(value: Any) -> bool:
    return isinstance(value, (tuple, list, np.ndarray))


def _number(value: Any) -> float:
    if isinstance(value, (bool, np.bool_)) or value is None:
        return float("nan")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")
