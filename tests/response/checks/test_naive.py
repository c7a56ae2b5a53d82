"""Naive forecasts: aligned by date, with the spread of Hyndman and Athanasopoulos (2021), section 5.5."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.checks.forecast import Forecast
from mixcurve.response.checks.naive import NAIVE_FORECASTS, drift, naive, seasonal_naive

WEEKS = np.datetime64("2022-01-03") + 7 * np.arange(120)


def test_last_year_is_52_weeks_back() -> None:
    y = np.arange(120.0)
    ahead = seasonal_naive(WEEKS[:110], y[:110], WEEKS[110:])
    assert ahead.mean.tolist() == y[58:68].tolist()
    assert ahead.name == "same week last year"


def test_a_gap_in_the_history_shifts_nothing() -> None:
    kept = np.delete(np.arange(110), [20, 59])
    y = np.arange(120.0)
    ahead = seasonal_naive(WEEKS[kept], y[kept], WEEKS[110:])
    # A week that the history lacks is taken from the year before that.
    assert ahead.mean.tolist() == [58.0, 7.0, *y[60:68]]
    assert ahead.spread[1] == pytest.approx(ahead.spread[0] * 2**0.5)


def test_beyond_a_year_the_last_year_seen_repeats() -> None:
    y = np.random.default_rng(0).normal(size=60)
    ahead = seasonal_naive(WEEKS[:60], y, WEEKS[60:])
    assert ahead.mean[:52].tolist() == y[8:60].tolist()
    assert ahead.mean[52:60].tolist() == y[8:16].tolist()
    np.testing.assert_allclose(ahead.spread[52:] / ahead.spread[0], 2**0.5)


def test_a_history_shorter_than_a_year_has_no_last_year() -> None:
    ahead = seasonal_naive(WEEKS[:30], np.ones(30), WEEKS[30:33])
    assert np.isnan(ahead.mean).all()
    assert not ahead.has_spread


def test_days_keep_their_weekday_and_months_their_name() -> None:
    days = np.datetime64("2023-01-01") + np.arange(400)
    weekday = (days.astype(int) % 7).astype(float)
    assert (
        seasonal_naive(days[:380], weekday[:380], days[380:], every="day").mean.tolist()
        == weekday[380:].tolist()
    )
    ends = (np.datetime64("2022-02") + np.arange(26)).astype("datetime64[D]") - np.timedelta64(1, "D")
    month = np.array([d.astype("datetime64[M]").astype(int) % 12 for d in ends], dtype=float)
    ahead = seasonal_naive(ends[:14], month[:14], ends[14:], every="month")
    assert ahead.mean.tolist() == month[14:].tolist()


def test_spreads_are_the_published_ones() -> None:
    y = np.random.default_rng(1).normal(size=80).cumsum()
    steps = np.diff(y)
    h = np.arange(1, 6)
    ahead = WEEKS[80:85]
    np.testing.assert_allclose(naive(WEEKS[:80], y, ahead).spread, np.sqrt(np.mean(steps**2) * h))
    np.testing.assert_allclose(
        drift(WEEKS[:80], y, ahead).spread, steps.std(ddof=1) * np.sqrt(h * (1.0 + h / 79.0))
    )
    yearly = np.sqrt(np.mean((y[52:] - y[:-52]) ** 2))
    np.testing.assert_allclose(seasonal_naive(WEEKS[:80], y, ahead).spread, yearly)


@pytest.mark.parametrize(("method", "season"), [("naive", False), ("seasonal naive", True), ("drift", False)])
def test_intervals_cover_what_they_say_where_the_forecast_is_right(method: str, season: bool) -> None:
    """A random walk (or a yearly one) over 10 periods, 400 times: 90% intervals hold about 90% of the truth."""
    rng = np.random.default_rng(4)
    months = np.datetime64("2000-01") + np.arange(250)
    hits, mistaken = 0, 0
    for _ in range(400):
        noise = rng.normal(size=250)
        y = noise.cumsum()
        if season:
            y = np.concatenate([noise, np.zeros(2)]).reshape(-1, 12).cumsum(axis=0).ravel()[:250]
        ahead = NAIVE_FORECASTS[method](months[:240], y[:240], months[240:], every="month")
        low, high = ahead.interval(0.9)
        hits += int((low[-1] <= y[-1]) & (y[-1] <= high[-1]))
        mistaken += int(abs(y[-1] - ahead.mean[-1]) <= 0.5 * (high[-1] - ahead.mean[-1]))
    error = (0.9 * 0.1 / 400) ** 0.5
    assert abs(hits / 400 - 0.9) < 3.3 * error
    assert abs(mistaken / 400 - 0.9) > 3.3 * error


def test_draws_and_the_gaussian_give_one_interval() -> None:
    draws = np.random.default_rng(5).normal(10.0, 2.0, (50_000, 1))
    unknown = np.array([np.nan])
    both = (
        Forecast("a", WEEKS[:1], np.array([10.0]), np.array([2.0]), np.empty((0, 1))),
        Forecast("b", WEEKS[:1], np.array([10.0]), unknown, draws),
    )
    np.testing.assert_allclose(*(np.array(f.interval(0.8)) for f in both), atol=0.06)
    np.testing.assert_allclose(*(f.crps([12.0]) for f in both), atol=0.02)
    assert Forecast.from_dict(both[0].to_dict()).draws.shape == (0, 1)
    nobody_knows = Forecast("c", WEEKS[:1], np.array([10.0]), unknown, np.empty((0, 1)))
    assert np.isnan(nobody_knows.crps([12.0])).all()
    assert nobody_knows.frame().shape == (1, 3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: naive(WEEKS[:3], [1.0, 2.0], WEEKS[3:5]), "a value per date, got 2 values and 3 dates"),
        (lambda: naive(WEEKS[:3][::-1], [1.0, 2.0, 3.0], WEEKS[3:5]), "dates must ascend"),
        (lambda: naive(WEEKS[[0, 0]], [1.0, 2.0], WEEKS[3:5]), "one group at a time"),
        (lambda: naive(WEEKS[:3], [1.0, 2.0, 3.0], WEEKS[2:5]), "must lie after the history"),
        (lambda: naive(["soon"], [1.0], WEEKS[2:5]), "must be dates such as"),
        (lambda: naive(WEEKS[:1], [1.0], WEEKS[2:5], every="fortnight"), "no period called 'fortnight'"),
        (lambda: drift(WEEKS[:1], [1.0], WEEKS[2:5]), "at least two periods"),
        (
            lambda: Forecast("x", WEEKS[:2], np.ones(1), np.ones(2), np.empty((0, 2))),
            "mean of the forecast 'x'",
        ),
    ],
)
def test_hostile_input_gets_a_sentence(call, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()
