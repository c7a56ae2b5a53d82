"""Coverage of intervals: by hand, by law, and against intervals that are known to be right or wrong."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy.stats import norm

from mixcurve.calibration.binomial import share_interval
from mixcurve.calibration.interval import interval_report, interval_score
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result

INF = np.inf


def normal_cases(n, level, *, error=1.0, shift=0.0, seed=0):
    """Return intervals for a unit normal error, and truths whose error has another scale or a shift."""
    rng = np.random.default_rng(seed)
    centre = rng.normal(50.0, 10.0, n)
    half = norm.ppf(0.5 + level / 2)
    return centre - half, centre + half, centre + shift + error * rng.normal(size=n)


def test_six_cases_by_hand():
    low, high = [0, 0, 0, -INF, 0, -INF], [1, 1, 1, 1, INF, INF]
    report = interval_report(low, high, [0.5, 1.5, -1.0, 5.0, 7.0, 7.0], 0.9, groups=list("aabbcc"))
    total = report.coverage[0]
    assert (total.held, total.below, total.above, total.open) == (3 / 6, 1 / 6, 2 / 6, 3 / 6)
    assert total.mean_width == 1.0
    assert total.interval_score == pytest.approx((1 + (1 + 20 * 0.5) + (1 + 20 * 1.0)) / 3)
    assert (total.low, total.high) == share_interval(3, 6)
    assert [(c.group, c.cases, c.held) for c in report.coverage[1:]] == [
        ("a", 2, 0.5),
        ("b", 2, 0.0),
        ("c", 2, 1.0),
    ]
    assert np.isnan(report.at(0.9, "c").mean_width) and np.isnan(report.at(0.9, "c").interval_score)
    assert report.summary == (
        "90% intervals held the truth in 50% of 6 cases (19% to 81% at 95% confidence), less often than stated; "
        "50% of them have an open side, which cannot miss."
    )


def test_a_limit_that_equals_the_truth_holds_it():
    assert interval_report([1.0, 0.0], [2.0, 1.0], [1.0, 1.0], 0.9).coverage[0].held == 1.0


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
def test_right_intervals_hold_as_stated_and_wrong_ones_are_caught(level):
    assert interval_report(*normal_cases(1000, level), level).coverage[0].verdict == "as stated"
    narrow = interval_report(*normal_cases(1000, level, error=1.5), level).coverage[0]
    wide = interval_report(*normal_cases(1000, level, error=0.6), level).coverage[0]
    shifted = interval_report(*normal_cases(1000, level, shift=1.5), level).coverage[0]
    assert (narrow.verdict, wide.verdict, shifted.verdict) == ("less often", "more often", "less often")
    assert shifted.above > 5 * shifted.below
    expected = 2 * norm.cdf(norm.ppf(0.5 + level / 2) / 1.5) - 1
    assert narrow.low < expected < narrow.high


def test_calibrated_intervals_are_rarely_called_wrong():
    """At 95% confidence the verdict is wrong in about 5% of reports; 400 reports of 100 cases, 99.9% binomial limit."""
    wrong = sum(
        interval_report(*normal_cases(100, 0.8, seed=s), 0.8).coverage[0].verdict != "as stated"
        for s in range(400)
    )
    low, high = share_interval(wrong, 400, 0.999)
    assert low < 0.05 < high


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_interval_score_is_two_quantile_losses(level):
    """The identity of Bracher et al. (2021), PLOS Computational Biology 17, e1008618, equation 2."""
    rng = np.random.default_rng(3)
    (low, high), y = np.sort(rng.normal(size=(50, 2)), axis=1).T, rng.normal(size=50)
    tail = (1 - level) / 2
    loss = [(y - q) * (p - (y < q)) for q, p in ((low, tail), (high, 1 - tail))]
    np.testing.assert_allclose(interval_score(low, high, y, level), (loss[0] + loss[1]) / tail, rtol=1e-12)


def test_interval_score_rewards_the_true_quantiles():
    y = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    best = norm.ppf(0.95)
    mean = [
        interval_score(-h + s, h + s, y, 0.9).mean() for h, s in ((best, 0), (1.3, 0), (2.1, 0), (best, 0.3))
    ]
    assert np.argmin(mean) == 0


def test_units_change_nothing_but_widths():
    low, high, y = normal_cases(200, 0.8, error=1.2)
    one = interval_report(low, high, y, 0.8).coverage[0]
    other = interval_report(low * 1e9, high * 1e9, y * 1e9, 0.8).coverage[0]
    assert (one.held, one.low, one.high, one.below) == (other.held, other.low, other.high, other.below)
    assert other.mean_width == pytest.approx(1e9 * one.mean_width, rel=1e-12)
    assert other.interval_score == pytest.approx(1e9 * one.interval_score, rel=1e-12)


def test_weights_scale_away_and_zero_weight_is_absence():
    low, high, y = normal_cases(60, 0.8, error=1.5)
    weights = np.r_[np.ones(40), np.zeros(20)]
    some = interval_report(low, high, y, 0.8, weights=7.0 * weights).coverage[0]
    alone = interval_report(low[:40], high[:40], y[:40], 0.8).coverage[0]
    for name in ("held", "low", "high", "below", "above", "mean_width", "interval_score", "effective_cases"):
        assert getattr(some, name) == pytest.approx(getattr(alone, name), rel=1e-12), name
    uneven = interval_report(low, high, y, 0.8, weights=np.geomspace(1, 100, 60)).coverage[0]
    assert 1 < uneven.effective_cases < 60
    assert uneven.high - uneven.low > alone.high - alone.low


def test_several_levels_make_a_curve(tmp_path):
    levels = [0.9, 0.5]
    columns = [normal_cases(300, level) for level in levels]
    low, high = (np.column_stack([c[i] for c in columns]) for i in (0, 1))
    report = interval_report(low, high, columns[0][2], levels, groups=["tv", "radio"] * 150)
    assert report.stated.tolist() == [0.5, 0.9]
    assert report.observed.tolist() == [report.at(0.5).held, report.at(0.9).held]
    assert [c.level for c in report.coverage] == [0.9] * 3 + [0.5] * 3
    back = load_result(report.save(tmp_path / "report.json"))
    assert back.to_dict() == report.to_dict()
    assert list(back.table["group"]) == ["", "tv", "radio"] * 2
    assert list(back.curve.columns) == ["stated", "observed", "low", "high"]
    with pytest.raises(FrozenInstanceError):
        back.cases = 1
    with pytest.raises(ValueError, match="read-only"):
        back.observed[0] = 1.0
    with pytest.raises(InputError, match=r"no coverage at level 0.7 of group 'tv'. It has: 0.9, 0.9 tv"):
        back.at(0.7, "tv")


def test_exact_method_is_wider():
    cases = normal_cases(50, 0.8)
    wilson, exact = (
        interval_report(*cases, 0.8, share_method=m).coverage[0] for m in ("wilson", "clopper-pearson")
    )
    assert exact.low < wilson.low < wilson.high < exact.high


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"low": [0, np.nan]}, "low must be a number, or -inf .* 1 of 2 intervals.* position 1"),
        ({"high": [-INF, 2]}, "high must be a number, or inf where the side is open"),
        ({"low": [INF, 0], "high": [INF, 2]}, "low must be a number, or -inf where"),
        ({"low": [0, 3]}, r"low must be at most high.*position 1 the interval is \[3, 2\]"),
        ({"truth": [1, INF]}, "truth must be finite"),
        ({"truth": []}, "truth is empty"),
        ({"high": [1, 2, 3]}, r"high must have shape \(2,\), as truth and level have, got \(3,\)"),
        ({"low": "many"}, "low must be an array of numbers, got str"),
        ({"level": 90}, "level must lie between 0 and 1, both excluded, got 90. Write 90% as 0.9"),
        ({"level": []}, "level must name at least one level"),
        ({"level": [0.9, 0.9]}, "each once"),
        ({"level": [0.8, 0.9]}, r"low must have shape \(2, 2\): one column per level"),
        ({"groups": ["tv"]}, "groups must have one label per case, 2 in all, got 1"),
        ({"groups": ["tv", None]}, "groups has no label at position 1"),
        ({"groups": ["tv", float("nan")]}, "groups has no label at position 1"),
        ({"weights": [1, -1]}, "weights must not be negative; found -1 at position 1"),
        ({"weights": [0, 0]}, "weights are all zero"),
        ({"weights": [1]}, "weights must have one value per case, got 1 for 2 cases"),
        ({"weights": [1, 0], "groups": ["tv", "radio"]}, "weights are all 0 in group 'radio'"),
        ({"confidence": 1.0}, "confidence must lie between 0 and 1"),
        ({"share_method": "wald"}, "Known: wilson, clopper-pearson"),
    ],
)
def test_wrong_input_is_named(change, message):
    given = {"low": [0, 1], "high": [1, 2], "truth": [0.5, 1.5], "level": 0.9} | change
    with pytest.raises(InputError, match=message):
        interval_report(**given)
