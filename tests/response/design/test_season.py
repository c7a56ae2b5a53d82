"""Seasons: their periods, the middle of a period, months of every length, and how many waves rows can tell apart."""

from __future__ import annotations

import calendar
import datetime as dt

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.design.periods import middle, period_bounds
from mixcurve.response.design.spec import design_columns, design_spec


def season(made, every, dates, part="season", **options):
    fit = made.dates(every, 200 if every == "day" else 60)
    spec = design_spec(made.table(fit, every), trend="none", **options)
    columns = design_columns(spec, dates)
    return columns.free[:, [n == part for n in columns.free_names]]


@pytest.mark.parametrize("every", ["day", "month"])
def test_four_years_later_the_season_is_the_same(made, every):
    count = {"day": 1461, "month": 48}[every]
    dates = made.dates(every, 2 * count)
    columns = season(made, every, dates, season=4)
    assert columns[:count] == pytest.approx(columns[count:], abs=1e-9)
    assert np.abs(columns[: count // 4] - columns[count // 2 : count // 2 + count // 4]).max() < 0.1
    assert np.abs(columns[: count // 8] - columns[count // 8 : 2 * (count // 8)]).max() > 0.5


@pytest.mark.parametrize("pairs", [1, 2, 5])
def test_waves_are_orthogonal_over_four_years_of_days(made, pairs):
    columns = season(made, "day", made.dates("day", 1461), season=pairs)
    assert columns.T @ columns == pytest.approx(1461 / 2 * np.eye(2 * pairs), abs=1e-6)


def test_the_week_repeats_after_seven_days_whatever_the_clock_does(made):
    dates = made.dates("day", 60, "2024-03-01")  # the clocks of Europe and America change within
    columns = season(made, "day", dates, "weekly season")
    assert columns[:-7] == pytest.approx(columns[7:], abs=1e-9)
    assert np.linalg.matrix_rank(np.column_stack([np.ones(60), columns])) == 7
    weekday = np.array([d.weekday() for d in dates.tolist()])
    assert made.same_span(np.column_stack([np.ones(60), columns]), np.eye(7)[weekday])


def test_a_month_stands_for_its_middle_in_leap_years_too(made):
    dates = made.dates("month", 60, "2019-01-01")
    for date, found in zip(dates.tolist(), middle(dates, "month"), strict=True):
        length = calendar.monthrange(date.year, date.month)[1]
        assert found == (date - dt.date(2000, 1, 1)).days + length / 2
    ends = np.array(
        [d.replace(day=calendar.monthrange(d.year, d.month)[1]) for d in dates.tolist()], "datetime64[D]"
    )
    assert np.array_equal(season(made, "month", dates), season(made, "month", ends))


@pytest.mark.parametrize("every", ["day", "week", "month", "year"])
def test_periods_follow_each_other_without_a_gap(made, every):
    dates = made.dates(every, 60, "2019-01-01")
    first, after = period_bounds(dates, every)
    assert np.array_equal(first, dates) and np.array_equal(after[:-1], first[1:])


def test_weeks_may_be_named_by_their_last_day(made):
    dates = made.dates("week", 10)
    first, after = period_bounds(dates + np.timedelta64(6, "D"), "week", "last day")
    assert np.array_equal(first, dates) and np.array_equal(after - first, np.full(10, np.timedelta64(7, "D")))


def test_years_have_no_season(made):
    assert season(made, "year", made.dates("year", 10), season=2).shape == (10, 0)


@pytest.mark.parametrize(
    ("every", "options", "words"),
    [
        ("week", {"season": 26}, "season must be at most 25 when a period is a week, got 26"),
        ("month", {"season": 6}, "season must be at most 5 when a period is a month, got 6"),
        ("week", {"season": -1}, "season must be in"),
        ("week", {"season": 1.5}, "season must be a whole number of pairs"),
        ("week", {"season": "yearly"}, "season must be a number"),
        ("week", {"weekly_season": 1}, "weekly_season must be 0 to 3 for daily rows and 0 for others, got 1"),
        ("day", {"weekly_season": 4}, "weekly_season must be 0 to 3"),
        ("week", {"dated": "middle"}, "There is no dated called 'middle'"),
    ],
)
def test_hostile_options_get_a_sentence(made, every, options, words):
    with pytest.raises(InputError, match=words):
        design_spec(made.table(made.dates(every, 60), every), **options)


@pytest.mark.parametrize(("every", "most"), [("week", 25), ("month", 5), ("day", 182)])
def test_the_most_pairs_can_be_told_apart(made, every, most):
    dates = made.dates(every, {"day": 500, "week": 120, "month": 48}[every])
    spec = design_spec(made.table(dates, every), season=most, weekly_season=0)
    assert np.linalg.matrix_rank(design_columns(spec, dates).free) == 2 + 2 * most
