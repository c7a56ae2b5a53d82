"""Recalibration: the level asked for really holds the truth as often as wanted, on cases the map has not seen."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from mixcurve.calibration.levels import LevelMap
from mixcurve.calibration.predictive import predictive_report
from mixcurve.calibration.recalibration import (
    cross_recalibrated,
    recalibrate_intervals,
    recalibrate_predictive,
)
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result

LEVELS = [0.5, 0.8, 0.9, 0.95, 0.99]


def pit_of_normal(n, *, error=1.0, shift=0.0, seed=0):
    """Return PIT values of unit normal predictions when the error has another scale or a shift."""
    return norm.cdf(shift + error * np.random.default_rng(seed).normal(size=n))


def really_held(asked, error=1.0):
    """Return how often a central interval that states ``asked`` holds an error of this scale: exact."""
    return 2 * norm.cdf(norm.ppf((1 + np.asarray(asked)) / 2) / error) - 1


@pytest.mark.parametrize("error", [0.6, 1.0, 1.5])
def test_map_is_the_true_map_up_to_chance(error):
    made = recalibrate_predictive(pit_of_normal(20_000, error=error))
    wanted = np.array([0.5, 0.8, 0.9, 0.95])
    held = really_held(made.recalibrated(wanted), error)
    np.testing.assert_allclose(held, wanted, atol=4 * np.sqrt(0.25 / 20_000))
    asked = np.linspace(0.1, 0.95, 18)
    np.testing.assert_allclose(made.real(asked), really_held(asked, error), atol=4 * np.sqrt(0.25 / 20_000))


def mean_held(recalibrated, error, wanted, runs=2000, cases=39):
    """Return the mean real coverage over maps from 39 cases each, and its standard error."""
    held = [
        really_held(recalibrated(pit_of_normal(cases, error=error, seed=s), wanted), error)
        for s in range(runs)
    ]
    return np.mean(held), np.std(held) / np.sqrt(runs)


def test_few_cases_hold_as_often_as_wanted_on_average():
    """With 39 cases, 0.9 is the 36th of 40 places: new cases are held 90% of the time, on average over maps."""
    mean, error = mean_held(lambda pit, wanted: recalibrate_predictive(pit).recalibrated(wanted), 1.5, 0.9)
    assert abs(mean - 0.9) < 4 * error


def test_plain_sample_quantile_holds_less_often_which_is_caught():
    mean, error = mean_held(lambda pit, wanted: np.quantile(np.abs(2 * pit - 1), wanted), 1.5, 0.9)
    assert mean < 0.9 - 4 * error


def test_range_holds_the_level_to_ask_for_about_as_often_as_it_says():
    """500 maps of 200 cases each; the true level for a real 90% is known."""
    true = 2 * norm.cdf(1.5 * norm.ppf(0.95)) - 1
    hits = 0
    for seed in range(500):
        low, high = recalibrate_predictive(pit_of_normal(200, error=1.5, seed=seed)).recalibrated_range(0.9)
        hits += low <= true <= high
    assert abs(hits / 500 - 0.95) < 0.03  # three standard errors


def test_quantile_map_mends_a_shift_that_an_interval_map_only_widens():
    pit = pit_of_normal(4000, shift=1.0)
    quantiles = recalibrate_predictive(pit, of="quantiles")
    asked = norm.ppf(quantiles.recalibrated([0.05, 0.95]))
    np.testing.assert_allclose(asked, 1.0 + norm.ppf([0.05, 0.95]), atol=0.12)
    half = norm.ppf(0.5 + recalibrate_predictive(pit).recalibrated(0.9) / 2)
    assert 2 * half > 1.3 * np.ptp(asked)


def intervals_at(levels, n, error=1.0, seed=0):
    half = np.tile(norm.ppf(0.5 + np.array(levels) / 2), (n, 1))
    return -half, half, error * np.random.default_rng(seed).normal(size=n)


def test_map_from_intervals_is_exact_between_levels_when_only_the_width_is_wrong():
    """Shares equal to their expectation: straight on the normal scale, so exact between knots too."""
    held = really_held(LEVELS, 1.5)
    made = LevelMap("intervals", np.array(LEVELS), held, held, held, 10_000, 10_000.0, 0.95)
    np.testing.assert_allclose(
        really_held(made.recalibrated(np.linspace(0.4, 0.9, 21)), 1.5), np.linspace(0.4, 0.9, 21)
    )
    np.testing.assert_allclose(
        made.real(made.recalibrated(np.linspace(0.4, 0.9, 21))), np.linspace(0.4, 0.9, 21)
    )


def test_map_from_intervals_up_to_chance():
    made = recalibrate_intervals(*intervals_at(LEVELS, 5000, 1.5), LEVELS)
    assert really_held(made.recalibrated(0.85), 1.5) == pytest.approx(0.85, abs=4 * np.sqrt(0.25 / 5000))
    assert (made.low <= made.held).all() and (made.held <= made.high).all()


def test_intervals_that_are_not_nested_are_pooled():
    low, high, truth = (
        np.array([[-1, -9], [-1, -9], [-1, -1]]),
        np.array([[1, 9], [1, -8], [1, -1]]),
        np.zeros(3),
    )
    made = recalibrate_intervals(low, high, truth, [0.8, 0.9])
    assert made.held.tolist() == pytest.approx([4 / 6, 4 / 6])
    assert made.recalibrated(made.held[0]) == 0.8  # the least level that reaches it


def test_a_flat_stretch_is_left_only_at_its_end():
    held = np.array([0.4, 0.4, 0.8])
    made = LevelMap("intervals", np.array([0.5, 0.6, 0.7]), held, held, held, 100, 100.0, 0.95)
    assert made.recalibrated(0.4) == 0.5
    assert 0.6 < made.recalibrated(0.41) < 0.61
    assert made.real(0.55) == pytest.approx(0.4)


@pytest.mark.parametrize("of", ["intervals", "quantiles"])
@pytest.mark.parametrize("n", [1, 2, 19, 5000])
def test_maps_rise_and_survive_a_file(of, n, tmp_path):
    pit = np.round(np.random.default_rng(n).beta(0.6, 0.8, n), 3)  # ties, and a few zeros and ones
    made = recalibrate_predictive(pit, of=of)
    assert (np.diff(made.asked) > 0).all() and (np.diff(made.held) >= 0).all()
    assert len(made.asked) <= 1000 and made.held[-1] == pytest.approx(n / (n + 1))
    back = load_result(made.save(tmp_path / "map.json"))
    wanted = np.linspace(made.held[0], made.held[-1], 300)
    asked = back.recalibrated(wanted)
    assert (np.diff(asked) >= 0).all() and (asked == made.recalibrated(wanted)).all()
    low, high = np.array([made.recalibrated_range(w) for w in wanted]).T
    assert (low <= asked + 1e-12).all() and (asked <= high + 1e-12).all()
    assert back.summary == made.summary and f"from {n:,} case" in made.summary


def test_few_cases_say_how_far_they_reach():
    made = recalibrate_predictive(pit_of_normal(9))
    message = (
        r"level must lie within \[0, 0.9\], got 0.95: 9 cases show real levels no further. Use more cases"
    )
    with pytest.raises(InputError, match=message):
        made.recalibrated(0.95)
    assert made.recalibrated_range(0.9)[1] == 1.0
    nineteen = recalibrate_predictive(pit_of_normal(19))
    assert nineteen.recalibrated(0.95) == nineteen.asked[-1]


@pytest.mark.parametrize("of", ["intervals", "quantiles"])
def test_cross_recalibrated_values_are_calibrated(of):
    pit = pit_of_normal(1000, error=1.6)
    assert predictive_report(pit).coverage[0].verdict == "less often"
    mended = predictive_report(cross_recalibrated(pit, of=of))
    assert mended.coverage[0].verdict == "as stated"
    assert mended.test("kolmogorov_smirnov").p_value > 0.01


def test_leaving_markets_out_shows_what_random_folds_hide():
    """Four markets, each with its own bias: a map does not carry over to a market that it has not seen."""
    markets = np.repeat(list("abcd"), 250)
    pit = np.concatenate([pit_of_normal(250, shift=s, seed=i) for i, s in enumerate([-3, -1, 1, 3])])
    within = predictive_report(cross_recalibrated(pit)).at(0.9)
    across = predictive_report(cross_recalibrated(pit, groups=markets)).at(0.9)
    assert within.verdict == "as stated"
    assert across.high < 0.8


def test_sides_are_kept_by_an_interval_map():
    pit = pit_of_normal(200, error=1.5)
    assert (np.sign(cross_recalibrated(pit, of="intervals") - 0.5) == np.sign(pit - 0.5)).all()


def test_weights_count():
    pit, weights = pit_of_normal(300, error=1.5), np.r_[np.ones(200), np.zeros(100)]
    some, alone = recalibrate_predictive(pit, weights=weights), recalibrate_predictive(pit[:200])
    assert some.recalibrated(0.9) == pytest.approx(alone.recalibrated(0.9), rel=1e-12)
    assert some.cases == alone.cases == 200
    low, high, truth = intervals_at(LEVELS, 300, 1.5)
    made = recalibrate_intervals(low, high, truth, LEVELS, weights=weights)
    np.testing.assert_allclose(
        made.held, recalibrate_intervals(low[:200], high[:200], truth[:200], LEVELS).held
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: recalibrate_intervals([0], [1], [0.5], [0.9]), "level must name at least two levels"),
        (
            lambda: recalibrate_predictive([0.5], of="sides"),
            "no map called 'sides'.*Known: intervals, quantiles",
        ),
        (lambda: cross_recalibrated([0.5, 0.6], folds=3), r"folds must be in \[2, 2\], got 3"),
        (lambda: cross_recalibrated([0.5, 0.6], groups=["a", "a"]), "groups must name at least two groups"),
        (lambda: recalibrate_predictive([0.5, 0.6]).real(0.9), "asked must lie within"),
        (lambda: recalibrate_predictive([0.5, 0.6]).recalibrated(np.nan), "level must lie within"),
    ],
)
def test_wrong_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
