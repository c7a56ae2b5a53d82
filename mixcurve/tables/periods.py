"""Periods: how far apart dates are, which dates are missing, which stand off the grid."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Every", "Grid", "grid_of", "spacing_of"]

Every = Literal["auto", "day", "week", "month", "year"]

_UNIT_OF_DAYS = {
    1: "day",
    7: "week",
    28: "month",
    29: "month",
    30: "month",
    31: "month",
    365: "year",
    366: "year",
}
_UNITS = ("day", "week", "month", "year")
_LONGEST_MONTH = 31
_MOST_DATES = 6


@dataclass(frozen=True)
class Grid:
    """The regular dates that periods of one length have.

    Parameters
    ----------
    every
        ``"day"``, ``"week"``, ``"month"`` or ``"year"``.
    anchor
        The month (for years, else 1) and day that dates fall on; for weeks the weekday (Monday 0) stands as the day.
    only_years
        Whether the dates came as bare years, and are written so.
    """

    every: str
    anchor: tuple[int, int] = (1, 1)
    only_years: bool = False

    def index(self, date: dt.date) -> int:
        """Return the number of the period that holds a date."""
        if self.every == "day":
            return date.toordinal()
        if self.every == "week":
            return (date.toordinal() - 1 - self.anchor[1]) // 7
        return date.year * 12 + date.month - 1 if self.every == "month" else date.year

    def date(self, index: int) -> dt.date:
        """Return the date that names a period."""
        if self.every == "day":
            return dt.date.fromordinal(index)
        if self.every == "week":
            return dt.date.fromordinal(index * 7 + 1 + self.anchor[1])
        year, month = divmod(index, 12) if self.every == "month" else (index, self.anchor[0] - 1)
        last = calendar.monthrange(year, month + 1)[1]
        return dt.date(year, month + 1, min(self.anchor[1], last))

    def holds(self, date: dt.date) -> bool:
        """Return whether a date is one of the grid's."""
        return self.date(self.index(date)) == date

    def write(self, date: dt.date) -> str:
        """Return a date as text, as the table writes it."""
        return str(date.year) if self.only_years else date.isoformat()

    def count(self, number: int) -> str:
        """Return ``"1 week"`` or ``"3 weeks"``.

        Examples
        --------
        >>> Grid("week").count(3)
        '3 weeks'
        """
        return f"{number} {self.every}{'' if number == 1 else 's'}"

    def missing(self, dates: Sequence[dt.date]) -> list[tuple[dt.date, list[int]]]:
        """Return each run of periods without a date between the first and the last, after the date before it.

        Examples
        --------
        >>> weeks = [dt.date(2024, 1, 1), dt.date(2024, 1, 22)]
        >>> [
        ...     [str(grid_of(weeks, "week").date(i)) for i in run]
        ...     for _, run in grid_of(weeks, "week").missing(weeks)
        ... ]
        [['2024-01-08', '2024-01-15']]
        """
        ordered = sorted(set(dates))
        runs = []
        for before, after in itertools.pairwise(ordered):
            run = list(range(self.index(before) + 1, self.index(after)))
            if run:
                runs.append((after, run))
        return runs

    def listed(self, run: Sequence[int]) -> str:
        """Return the dates of a run of periods: all of a few, or the first and the last."""
        names = [self.write(self.date(i)) for i in (run if len(run) <= _MOST_DATES else (run[0], run[-1]))]
        return ", ".join(names) if len(run) <= _MOST_DATES else " to ".join(names)


def spacing_of(dates: Sequence[dt.date]) -> tuple[str | None, int]:
    """Return the unit that most neighbouring dates are apart, or None, and their commonest distance in days.

    Examples
    --------
    >>> spacing_of([dt.date(2024, month, 1) for month in (1, 2, 3, 4)])
    ('month', 31)
    >>> spacing_of([dt.date(2024, 1, 1), dt.date(2024, 1, 15)])
    (None, 14)
    """
    ordered = sorted(set(dates))
    days = Counter((after - before).days for before, after in itertools.pairwise(ordered))
    units: Counter[str | None] = Counter()
    for distance, number in days.items():
        units[_UNIT_OF_DAYS.get(distance)] += number
    best = max(units, key=lambda unit: (units[unit], -_UNITS.index(unit) if unit else -len(_UNITS)))
    same = {distance: n for distance, n in days.items() if _UNIT_OF_DAYS.get(distance) == best}
    return best, min(same, key=lambda distance: (-same[distance], distance))


def grid_of(dates: Sequence[dt.date], every: str, *, only_years: bool = False) -> Grid:
    """Return the grid that most dates fall on.

    Months may be named by their last day: 31 January, 28 February, 31 March are one grid.
    """
    if every == "day":
        return Grid(every)
    if every == "week":
        return Grid(every, (1, _commonest([date.weekday() for date in dates])))
    if every == "month":
        return Grid(every, (1, _month_day(dates)))
    month = _commonest([date.month for date in dates])
    return Grid(every, (month, _month_day([date for date in dates if date.month == month])), only_years)


def _month_day(dates: Sequence[dt.date]) -> int:
    ends = all(date.day == calendar.monthrange(date.year, date.month)[1] for date in dates)
    return _LONGEST_MONTH if ends else _commonest([date.day for date in dates])


def _commonest(values: Sequence[int]) -> int:
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value))
