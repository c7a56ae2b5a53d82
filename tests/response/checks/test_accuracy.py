"""Scores against the sums that define them, and against integrals of the definition of the CRPS."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from mixcurve.foundations.errors import InputError
from mixcurve.response.checks.accuracy import bias, crps_share, interval_coverage, mase, rmse, wape
from mixcurve.response.checks.crps import crps_of_draws, crps_of_gaussian

ACTUAL = np.array([120.0, 80.0, 100.0, 60.0])
FORECAST = np.array([110.0, 90.0, 105.0, 60.0])


def test_scores_are_the_sums_that_define_them() -> None:
    misses = [abs(f - y) for f, y in zip(FORECAST, ACTUAL)]
    assert wape(ACTUAL, FORECAST).value == pytest.approx(sum(misses) / 360.0)
    assert bias(ACTUAL, FORECAST).value == pytest.approx((-10 + 10 + 5 + 0) / 360.0)
    assert rmse(ACTUAL, FORECAST).value == pytest.approx((225.0 / 4) ** 0.5)


def test_mase_scales_by_the_naive_error_of_the_history() -> None:
    history = [10.0, 14.0, 9.0, 15.0, 12.0]
    one = np.mean([4.0, 5.0, 6.0, 3.0])
    two = np.mean([1.0, 1.0, 3.0])
    assert mase(ACTUAL, FORECAST, history).value == pytest.approx(6.25 / one)
    assert mase(ACTUAL, FORECAST, history, season=2).value == pytest.approx(6.25 / two)


def test_the_naive_forecast_of_the_history_scores_one() -> None:
    y = np.random.default_rng(0).normal(100.0, 10.0, 60)
    assert mase(y[1:], y[:-1], y).value == pytest.approx(1.0)
    assert mase(y[12:], y[:-12], y, season=12).value == pytest.approx(1.0)


@pytest.mark.parametrize("scale", [1e-9, 7.0, 1e9])
def test_scores_without_a_unit_do_not_see_it(scale: float) -> None:
    history = [10.0, 14.0, 9.0]
    for score in (wape, bias, lambda a, f: mase(a, f, np.array(history) * (a[0] / ACTUAL[0]))):
        assert score(ACTUAL * scale, FORECAST * scale).value == pytest.approx(score(ACTUAL, FORECAST).value)
    assert rmse(ACTUAL * scale, FORECAST * scale).value == pytest.approx(scale * rmse(ACTUAL, FORECAST).value)


@pytest.mark.parametrize(
    "score",
    [
        wape([0.0, 0.0], [1.0, 1.0]),
        bias([0.0], [1.0]),
        crps_share([0.0], [1.0]),
        mase([1.0], [2.0], [5.0, 5.0, 5.0]),
        mase([1.0], [2.0], [0.1 + 0.2, 0.3, 0.3]),
        mase([1.0], [2.0], [5.0, 6.0], season=52),
    ],
)
def test_no_denominator_is_a_status(score) -> None:
    assert score.status == "not defined"
    assert np.isnan(score.value)
    assert score.message.endswith(".")


def integrated(cdf, y: float, reach: float) -> float:
    """Return the score by its definition: the integral of the squared distance of cdf and step."""
    low, _ = integrate.quad(lambda x: cdf(x) ** 2, -reach, y, limit=400)
    high, _ = integrate.quad(lambda x: (1.0 - cdf(x)) ** 2, y, reach, limit=400)
    return low + high


@pytest.mark.parametrize(("y", "mean", "spread"), [(0.3, 0.0, 1.0), (-4.0, 1.5, 0.7), (9.0, 2.0, 3.0)])
def test_gaussian_score_is_the_integral(y: float, mean: float, spread: float) -> None:
    found = crps_of_gaussian([y], [mean], [spread])[0]
    assert found == pytest.approx(integrated(stats.norm(mean, spread).cdf, y, 60.0), rel=1e-7)


def test_gaussian_score_without_spread_is_the_absolute_error() -> None:
    np.testing.assert_allclose(crps_of_gaussian([1.0, 5.0], [3.0, 4.0], [0.0, 1e-12]), [2.0, 1.0])


def test_score_of_draws_is_the_double_loop() -> None:
    rng = np.random.default_rng(1)
    draws, y = rng.gamma(2.0, 3.0, (7, 3)), rng.gamma(2.0, 3.0, 3)
    for row in range(3):
        x = draws[:, row]
        pairs = sum(abs(a - b) for a in x for b in x) / (2 * 7 * 6)
        assert crps_of_draws(y, draws)[row] == pytest.approx(np.mean(np.abs(x - y[row])) - pairs)


def test_score_of_draws_is_fair() -> None:
    """Three draws score on average as the distribution does; the plug-in estimator would not."""
    rng = np.random.default_rng(2)
    y = np.full(40_000, 0.8)
    draws = rng.standard_normal((3, len(y)))
    scores = crps_of_draws(y, draws)
    error = scores.std() / len(y) ** 0.5
    truth = crps_of_gaussian([0.8], [0.0], [1.0])[0]
    assert abs(scores.mean() - truth) < 4 * error
    unfair = scores + np.abs(draws[:, None] - draws[None]).sum(axis=(0, 1)) / (2 * 3 * 2 * 3)
    assert unfair.mean() - truth > 20 * error


def test_true_spread_scores_best() -> None:
    y = np.random.default_rng(3).normal(0.0, 2.0, 4000)
    scores = [crps_of_gaussian(y, 0.0, s).mean() for s in (1.0, 2.0, 4.0)]
    assert scores[1] < min(scores[0], scores[2])


def test_point_forecast_scores_its_wape() -> None:
    exact = crps_of_gaussian(ACTUAL, FORECAST, 0.0)
    assert crps_share(ACTUAL, exact).value == pytest.approx(wape(ACTUAL, FORECAST).value)


def test_coverage_counts_limits_and_has_wilsons_interval() -> None:
    found = interval_coverage([1.0, 2.0, 3.0, 9.0], [1.0] * 4, [3.0] * 4, 0.9)
    assert (found.hits, found.rows, found.share, found.level) == (3, 4, 0.75, 0.9)
    wilson = stats.binomtest(3, 4).proportion_ci(0.95, "wilson")
    assert (found.low, found.high) == pytest.approx((wilson.low, wilson.high))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: wape([1.0, 2.0], [1.0]), "forecast must have as many rows as actual, got 1 and 2"),
        (lambda: wape([1.0, np.nan], [1.0, 2.0]), "actual must be finite"),
        (lambda: mase([1.0], [1.0], [1.0, 2.0], season=0), "season must be in"),
        (lambda: crps_of_draws([1.0], [[1.0]]), "at least 2 draws of 1 rows"),
        (lambda: crps_of_draws([1.0, 2.0], [[1.0], [2.0]]), "Give one column per row"),
        (lambda: crps_of_gaussian([1.0], [1.0], [-1.0]), "spread must not be negative"),
        (lambda: crps_of_gaussian([1.0, 2.0], [1.0, 2.0, 3.0], [1.0]), "must have one shape"),
        (lambda: interval_coverage([1.0], [2.0], [1.0], 0.9), "low must not exceed high"),
        (lambda: interval_coverage([1.0], [0.0], [1.0], 1.5), "level must be in"),
    ],
)
def test_hostile_input_gets_a_sentence(call, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()
