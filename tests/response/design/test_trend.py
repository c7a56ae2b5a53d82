"""Trends: lines that go on, bends where they are asked for, and a level that walks as far as it is told."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.design.spec import design_columns, design_spec
from mixcurve.response.design.trend import KNOT_RATIO, LEVEL_RATIO, even_knots

BARE = {"season": 0, "weekly_season": 0}


def trend_of(made, every, count, ahead=0, **options):
    dates = made.dates(every, count + ahead)
    return design_columns(design_spec(made.table(dates[:count], every), **BARE, **options), dates)


@pytest.mark.parametrize(("every", "count"), [("day", 400), ("week", 104), ("month", 36), ("year", 20)])
def test_the_line_rises_alike_every_period_and_by_one_over_the_fit(made, every, count):
    line = trend_of(made, every, count, 5, trend="linear").free[:, 1]
    assert np.diff(line) == pytest.approx(1 / (count - 1))
    assert line[0] == -0.5 and line[count - 1] == 0.5


def test_a_missing_week_leaves_the_line_straight_in_time(made):
    dates = np.delete(made.dates("week", 53), 20)
    line = design_columns(design_spec(made.table(dates), **BARE), dates).free[:, 1]
    assert line[20] - line[19] == pytest.approx(2 / 52)


def test_given_knots_bend_the_line_there_and_the_last_slope_goes_on(made):
    """Any line with bends at the knots is reproduced, the future included; one with a bend elsewhere is not."""
    columns = trend_of(made, "week", 100, 30, trend="piecewise", knots=["2021-10-04", "2022-05-02"])
    time = np.arange(130.0)
    corners = [0, 31, 61, 130]  # weeks from 1 March 2021 to 4 October 2021 and to 2 May 2022
    truth = np.interp(time, corners, [5.0, 9.0, 2.0, 4.0])
    weight, *_ = np.linalg.lstsq(columns.free[:100], truth[:100], rcond=None)
    assert columns.free @ weight == pytest.approx(truth, abs=1e-10)
    wrong = np.interp(time, [0, 40, 61, 130], [5.0, 9.0, 2.0, 4.0])
    weight, *_ = np.linalg.lstsq(columns.free[:100], wrong[:100], rcond=None)
    assert np.abs(columns.free[:100] @ weight - wrong[:100]).max() > 0.1
    assert not columns.penalty.any()


@pytest.mark.parametrize(
    ("every", "count", "knots"), [("week", 157, 5), ("day", 1096, 5), ("month", 37, 5), ("year", 53, 12)]
)
def test_knots_by_default_lie_every_half_year(made, every, count, knots):
    dates = made.dates(every, count, "2021-01-01")
    places = even_knots(dates[0], dates[-1], every)
    assert len(places) == knots
    cuts = np.concatenate([dates[:1], places, dates[-1:]])
    lengths = np.diff(cuts).astype(float) / 365.25
    period = {"day": 1, "week": 7, "month": 31, "year": 366}[every] / 365.25
    assert np.ptp(lengths) <= 2 * period
    assert every == "year" or np.allclose(lengths, 0.5, atol=period)
    assert np.isin(places, dates).all()


def test_a_changed_slope_has_the_variance_that_it_is_given(made):
    """With knots placed evenly the coefficient is a change of slope per year, drawn with the stated variance."""
    columns = trend_of(made, "week", 157, trend="piecewise", knots=2)
    assert columns.penalty == pytest.approx([0, 0, 1 / KNOT_RATIO, 1 / KNOT_RATIO])
    hinge = columns.free[:, 2]
    assert np.diff(hinge)[-1] == pytest.approx(7 / 365.25) and np.diff(hinge)[0] == 0
    other = trend_of(made, "week", 157, trend="piecewise", knots=2, knot_ratio=0.25)
    assert other.penalty[other.moving] == pytest.approx([4, 4])


@pytest.mark.parametrize(
    ("every", "count", "stride"), [("week", 60, 1), ("month", 30, 1), ("year", 12, 1), ("day", 50, 7)]
)
def test_a_local_level_walks_at_random(made, every, count, stride):
    """The difference of levels h periods apart has variance h · ratio: the law of a random walk (at whole steps)."""
    columns = trend_of(made, every, count, trend="local level", level_ratio=0.04)
    steps = columns.free[:, columns.moving]
    covariance = steps / columns.penalty[columns.moving] @ steps.T
    spread = np.diag(covariance)[:, None] + np.diag(covariance) - 2 * covariance
    at = np.arange(0, count, stride)
    apart = np.abs(at[:, None] - at)
    assert spread[np.ix_(at, at)] == pytest.approx(0.04 * apart, abs=1e-10)
    assert spread[np.ix_(at, at)] != pytest.approx(0.05 * apart, abs=1e-3)


def test_a_local_level_is_what_the_kalman_smoother_finds(made):
    """Ridge regression on the steps against the filter and smoother of Durbin and Koopman (2012), section 2."""
    count, ratio = 70, 0.1
    rng = np.random.default_rng(8)
    y = 20 + np.cumsum(np.sqrt(ratio) * rng.standard_normal(count)) + rng.standard_normal(count)
    columns = trend_of(made, "week", count, 10, trend="local level", level_ratio=ratio)
    seen = columns.free[:count]
    weight = np.linalg.solve(seen.T @ seen + np.diag(columns.penalty), seen.T @ y)
    level = columns.free @ weight
    assert level[:count] == pytest.approx(smoothed(y, ratio), abs=1e-6)
    assert level[:count] != pytest.approx(smoothed(y, 2 * ratio), abs=1e-2)
    assert np.ptp(level[count - 1 :]) == pytest.approx(0, abs=1e-10), "the level stays where it was last"


def smoothed(y, ratio):
    """Return the smoothed level of a random walk plus noise of variance 1, its first level unknown."""
    mean, variance = np.empty(len(y)), np.empty(len(y))
    mean[0], variance[0] = y[0], 1.0
    for t in range(1, len(y)):
        predicted = variance[t - 1] + ratio
        gain = predicted / (predicted + 1.0)
        mean[t] = mean[t - 1] + gain * (y[t] - mean[t - 1])
        variance[t] = predicted * (1.0 - gain)
    for t in range(len(y) - 2, -1, -1):
        back = variance[t] / (variance[t] + ratio)
        mean[t] += back * (mean[t + 1] - mean[t])
    return mean


@pytest.mark.parametrize("trend", ["linear", "piecewise", "local level"])
def test_a_trend_is_zero_on_average_over_the_fit(made, trend):
    columns = trend_of(made, "week", 90, trend=trend)
    assert columns.free[:, 1:].mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert set(columns.free_names[1:]) == {"trend"}


def test_no_trend_is_a_level_alone(made):
    columns = trend_of(made, "week", 30, trend="none")
    assert columns.free_names == ("level",) and (columns.free == 1).all()


def test_the_default_ratio_is_the_one_that_is_named(made):
    columns = trend_of(made, "week", 30, trend="local level")
    assert columns.penalty[1:] == pytest.approx(1 / LEVEL_RATIO)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"trend": "liner"}, "There is no trend called 'liner'. Did you mean 'linear'"),
        ({"knots": 3}, "knots is for trend='piecewise', but trend is 'linear'. Leave knots out"),
        ({"trend": "piecewise", "level_ratio": 1.0}, "level_ratio is for trend='local level'"),
        ({"trend": "local level", "level_ratio": 0.0}, "level_ratio must be in"),
        ({"trend": "piecewise", "knots": 0}, "knots must be in"),
        ({"trend": "piecewise", "knots": 29}, "knots must be in"),
        (
            {"trend": "piecewise", "knots": ["2021-03-01"]},
            "knots must lie after the first and before the last",
        ),
        ({"trend": "piecewise", "knots": ["2031-03-01"]}, "got 2031-03-01"),
        ({"trend": "piecewise", "knots": ["soon"]}, "knots must be a list of dates"),
        ({"trend": "piecewise", "knot_ratio": -1}, "knot_ratio must be in"),
    ],
)
def test_hostile_options_get_a_sentence(made, options, words):
    with pytest.raises(InputError, match=words):
        design_spec(made.table(made.dates("week", 30)), season=0, **options)


def test_one_date_has_no_trend(made):
    with pytest.raises(InputError, match=r"at least two dates.*trend='none'"):
        design_spec(made.table(made.dates("week", 1)), season=0)
