"""PIT values and reports on predictive distributions: exact where they can be, and wrong ones are caught."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare, kstest, poisson

from mixcurve.calibration.binomial import share_interval
from mixcurve.calibration.pit import (
    pit_from_cdf,
    pit_from_draws,
    pit_from_quantiles,
    pit_histogram,
    uniformity_tests,
)
from mixcurve.calibration.predictive import predictive_report
from mixcurve.calibration.words import spread_sentence
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result

CHANCE = 1e-4
"""A right thing is rejected by a seeded test with this probability, once, when the seed is chosen."""


def draws_and_truth(n, m, *, spread=1.0, shift=0.0, seed=0):
    rng = np.random.default_rng(seed)
    centre = rng.normal(100.0, 20.0, (n, 1))
    return centre + rng.normal(size=(n, m)), centre[:, 0] + shift + spread * rng.normal(size=n)


@pytest.mark.parametrize("draws", [1, 4, 99])
def test_pit_of_draws_is_uniform_for_any_number_of_draws(draws):
    pit = pit_from_draws(*draws_and_truth(20_000, draws), seed=1)
    assert kstest(pit, "uniform").pvalue > CHANCE


def test_share_of_draws_below_is_not_uniform_which_is_caught():
    sample, y = draws_and_truth(20_000, 4)
    assert kstest((sample < y[:, None]).mean(axis=1), "uniform").pvalue < CHANCE


def test_pit_of_counts_is_uniform_only_when_drawn_within_jumps():
    rng = np.random.default_rng(2)
    mean = rng.uniform(0.2, 4.0, 20_000)
    y = rng.poisson(mean)
    at, before = poisson.cdf(y, mean), poisson.cdf(y - 1, mean)
    assert kstest(pit_from_cdf(at, before, seed=3), "uniform").pvalue > CHANCE
    assert kstest(pit_from_cdf(at), "uniform").pvalue < CHANCE
    tied = rng.poisson(mean[:, None], (20_000, 7))
    assert kstest(pit_from_draws(tied, y, seed=3), "uniform").pvalue > CHANCE


def test_pit_of_quantiles_is_uniform_and_lies_between_the_right_probabilities():
    rng = np.random.default_rng(4)
    at = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    scale = rng.uniform(1.0, 5.0, 20_000)
    y = scale * rng.exponential(size=20_000)
    pit = pit_from_quantiles(-np.log1p(-at) * scale[:, None], at, y, seed=5)
    exact = -np.expm1(-y / scale)
    assert kstest(pit, "uniform").pvalue > CHANCE
    assert (np.searchsorted(at, pit) == np.searchsorted(at, exact)).all()


def test_the_seed_decides():
    sample, y = draws_and_truth(50, 9)
    assert (pit_from_draws(sample, y, seed=1) == pit_from_draws(sample, y, seed=1)).all()
    assert (pit_from_draws(sample, y, seed=1) != pit_from_draws(sample, y, seed=2)).all()


@pytest.mark.parametrize("n", [10, 57, 4000])
def test_tests_agree_with_scipy(n):
    pit = np.random.default_rng(n).beta(1.3, 1.0, n)
    found = {t.name: t for t in uniformity_tests(pit, np.ones(n))}
    theirs = kstest(pit, "uniform", method="exact")
    assert found["kolmogorov_smirnov"].statistic == pytest.approx(theirs.statistic, rel=1e-10)
    assert found["kolmogorov_smirnov"].p_value == pytest.approx(theirs.pvalue, rel=1e-8)
    bins = min(max(n // 5, 2), 20)
    counted = chisquare(np.histogram(pit, bins, (0, 1))[0])
    assert found["chi_square"].statistic == pytest.approx(counted.statistic, rel=1e-10)
    assert found["chi_square"].p_value == pytest.approx(counted.pvalue, rel=1e-8)


def test_tests_reject_uniform_values_about_as_often_as_they_say():
    """1,000 samples of 60 PIT values at 5%: each share within its 99.9% binomial interval."""
    rng = np.random.default_rng(5)
    found = [{t.name: t.p_value for t in uniformity_tests(rng.random(60), np.ones(60))} for _ in range(1000)]
    for name in found[0]:
        low, high = share_interval(sum(f[name] < 0.05 for f in found), 1000, 0.999)
        assert low < 0.05 < high, name


def test_band_holds_all_bars_as_often_as_it_says():
    """2,000 histograms of 200 uniform values; Bonferroni and whole counts make the band a little wide, never narrow."""
    rng = np.random.default_rng(6)
    inside = 0
    for _ in range(2000):
        _, counts, low, high = pit_histogram(rng.random(200), np.ones(200), 20, 0.95)
        inside += ((low <= counts) & (counts <= high)).all()
    assert share_interval(inside, 2000, 0.999)[1] > 0.95
    assert inside < 2000


@pytest.mark.parametrize(
    ("change", "name", "sign", "words"),
    [
        ({"spread": 1.5}, "spread", 1, "too narrow"),
        ({"spread": 0.6}, "spread", -1, "too wide"),
        ({"shift": 0.5}, "mean", 1, "the truth lies higher than predicted"),
        ({"shift": -0.5}, "mean", -1, "the truth lies lower than predicted"),
    ],
)
def test_each_way_of_being_wrong_is_caught_and_named(change, name, sign, words):
    report = predictive_report(*draws_and_truth(400, 200, **change))
    test = report.test(name)
    assert np.sign(test.statistic) == sign and test.p_value < 1e-3
    assert ((report.bin_counts > report.bin_high) | (report.bin_counts < report.bin_low)).any()
    assert words in spread_sentence(report)


def test_right_distributions_pass(tmp_path):
    report = predictive_report(
        *draws_and_truth(400, 200, seed=1), level=[0.9, 0.5], groups=["tv", "radio"] * 200
    )
    assert {c.verdict for c in report.coverage} == {"as stated"}
    assert spread_sentence(report) == "PIT values of 400 cases are spread as evenly as chance allows"
    assert ((report.bin_low <= report.bin_counts) & (report.bin_counts <= report.bin_high)).all()
    assert report.bin_counts.sum() == pytest.approx(400) and len(report.bin_edges) == 21
    assert (np.diff(report.observed) >= 0).all()
    assert report.observed[report.stated == 0.9][0] == report.at(0.9).held
    assert report.at(0.9).mean_width == pytest.approx(2 * 1.645, rel=0.02)
    back = load_result(report.save(tmp_path / "report.json"))
    assert back.to_dict() == report.to_dict() and len(back.histogram) == 20
    with pytest.raises(
        InputError, match=r"no test 'anderson_darling'. It has: kolmogorov_smirnov, chi_square"
    ):
        back.test("anderson_darling")


def test_misses_are_counted_on_their_own_side():
    row = predictive_report([0.01, 0.04, 0.5, 0.96]).coverage[0]
    assert (row.below, row.above, row.held) == (0.5, 0.25, 0.25)
    assert np.isnan(row.mean_width)


def test_few_cases_leave_out_what_they_cannot_show():
    report = predictive_report([0.2, 0.7, 0.9])
    assert {t.name for t in report.tests} == {"kolmogorov_smirnov", "mean", "spread"}
    assert len(report.bin_counts) == 2
    one = predictive_report([0.5])
    assert "of 1 case (" in one.summary and np.isfinite(one.observed_low).all()


def test_equal_weights_change_nothing_and_weight_goes_where_it_is_put():
    pit = np.random.default_rng(7).beta(2, 1, 300)
    plain, scaled = predictive_report(pit), predictive_report(pit, weights=np.full(300, 2.5))
    np.testing.assert_allclose(plain.observed, scaled.observed, rtol=1e-12)
    np.testing.assert_allclose(plain.bin_counts, scaled.bin_counts, rtol=1e-12)
    assert [t.p_value for t in plain.tests] == pytest.approx([t.p_value for t in scaled.tests], rel=1e-9)
    # Weights 1 / density turn the sample into a uniform one.
    even = predictive_report(pit, weights=1.0 / np.maximum(2 * pit, 0.05))
    assert even.test("mean").p_value > CHANCE > plain.test("mean").p_value


@pytest.mark.parametrize(
    ("given", "change", "message"),
    [
        (
            ([0.5, 1.2],),
            {},
            r"pit must lie within \[0, 1\], got 1.2 at position 1. Give the observed values too",
        ),
        (([0.5, np.nan],), {}, "pit must be finite"),
        (([[1, 2]], [1, 2]), {}, "draws must have one row per case, got 1 rows for 2 cases"),
        (([1, 2], [1, 2]), {}, r"draws must have 2 dimension\(s\)"),
        (([[1, np.inf]], [1]), {}, "draws must be finite"),
        (([[1, 2]], [1]), {"probabilities": [0.5, 0.1]}, "probabilities must rise strictly"),
        (
            ([[1, 2]], [1]),
            {"probabilities": [0.5]},
            r"one per column of quantiles; got \[0.5\] for 2 columns",
        ),
        (
            ([[2, 1]], [1]),
            {"probabilities": [0.1, 0.9]},
            "quantiles must not fall along a row.*position 0. Sort",
        ),
        (([0.5],), {"probabilities": [0.5]}, "probabilities were given without observed"),
        (([0.5, 0.6],), {"bins": 1}, r"bins must be in \[2"),
        (([0.5, 0.6],), {"level": 1.0}, "level must lie between 0 and 1"),
    ],
)
def test_wrong_input_is_named(given, change, message):
    with pytest.raises(InputError, match=message):
        predictive_report(*given, **change)


def test_a_probability_before_above_that_at_is_named():
    with pytest.raises(InputError, match="before must hold one probability per case, none above that in at"):
        pit_from_cdf([0.5, 0.6], [0.6, 0.5])
