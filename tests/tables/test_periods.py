"""Periods: whatever dates are taken out of a regular run, exactly those are named as missing."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixcurve.tables.periods import grid_of, spacing_of

RULES = {"day": "D", "week": "7D", "month": "MS", "year": "YS"}


def regular(every: str, start: dt.date, periods: int) -> list[dt.date]:
    return [stamp.date() for stamp in pd.date_range(start, periods=periods, freq=RULES[every])]


@given(
    every=st.sampled_from(sorted(RULES)),
    start=st.dates(dt.date(1900, 1, 1), dt.date(2050, 1, 1)),
    periods=st.integers(12, 60),
    data=st.data(),
)
def test_the_dates_taken_out_are_the_dates_named(every, start, periods, data):
    dates = regular(every, start, periods)
    gone = data.draw(st.sets(st.integers(1, periods - 2), max_size=periods // 4))
    kept = [date for i, date in enumerate(dates) if i not in gone]
    assert spacing_of(kept)[0] == every
    grid = grid_of(kept, every)
    assert all(grid.holds(date) for date in kept)
    named = [grid.date(i) for _, run in grid.missing(kept) for i in run]
    assert named == [date for i, date in enumerate(dates) if i in gone]


@given(
    every=st.sampled_from(["week", "month", "year"]),
    place=st.integers(0, 19),
    days=st.sampled_from([-2, -1, 1, 2]),
)
def test_a_shifted_date_is_the_one_off_the_grid(every, place, days):
    dates = regular(every, dt.date(2001, 1, 1), 20)
    dates[place] += dt.timedelta(days=days)
    grid = grid_of(dates, every)
    assert [date for date in dates if not grid.holds(date)] == [dates[place]]


@pytest.mark.parametrize("start", ["2023-01-31", "2023-02-28", "2024-02-29", "2023-04-30"])
def test_months_named_by_their_last_day_are_one_grid(start):
    dates = [stamp.date() for stamp in pd.date_range(start, periods=14, freq="ME")]
    grid = grid_of(dates, "month")
    assert spacing_of(dates)[0] == "month"
    assert all(grid.holds(date) for date in dates) and grid.missing(dates) == []


def test_four_weeks_are_not_a_month():
    dates = [dt.date(2024, 1, 1) + dt.timedelta(days=28 * i) for i in range(13)]
    assert not all(grid_of(dates, "month").holds(date) for date in dates)


def test_a_run_is_listed_whole_or_by_its_ends():
    dates = [dt.date(2024, 1, 1), dt.date(2024, 1, 8), dt.date(2024, 1, 15)]
    grid = grid_of(dates, "week")
    (first, second) = (grid.index(date) for date in dates[:2])
    assert grid.listed([first, second]) == "2024-01-01, 2024-01-08"
    assert grid.listed(range(first, first + 7)) == "2024-01-01 to 2024-02-12"
    assert grid_of(regular("year", dt.date(1907, 1, 1), 3), "year", only_years=True).write(dates[0]) == "2024"
