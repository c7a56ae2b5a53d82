"""The report on probabilities, against closed forms, scikit-learn, brute force, and its own level by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from mixcurve.calibration.cells import cell_means, cell_starts
from mixcurve.calibration.probability import calibration_report
from mixcurve.calibration.words import probability_faults
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.sigmoid import expit, logit


def drawn(cases=3000, seed=0, middle=-1.0, spread=1.2):
    rng = np.random.default_rng(seed)
    z = spread * rng.normal(size=cases) + middle
    return z, (rng.random(cases) < expit(z)).astype(float)


def max_min(values, weights):
    """Return max over j <= i of min over k >= i of the mean of j..k: isotonic regression by its formula."""
    n = len(values)
    mean = lambda j, k: np.average(values[j : k + 1], weights=weights[j : k + 1])  # noqa: E731
    return np.array([max(min(mean(j, k) for k in range(i, n)) for j in range(i + 1)) for i in range(n)])


class TestScores:
    def test_parts_add_up_and_are_not_negative(self):
        for seed in range(20):
            rng = np.random.default_rng(seed)
            p = rng.choice([0.0, 0.1, 0.25, 0.5, 0.9, 1.0, *rng.random(5)], 200)
            y = rng.random(200) < np.clip(p + rng.normal(scale=0.2, size=200), 0, 1)
            weights = rng.choice([0.5, 1.0, 3.0], 200)
            scores = calibration_report(y, p, weights=weights, resamples=20).scores
            parts = [scores[f"brier {part}"] for part in ("miscalibration", "discrimination", "uncertainty")]
            assert min(parts) >= -1e-15
            assert scores["brier"] == pytest.approx(parts[0] - parts[1] + parts[2], abs=1e-13)
            assert scores["brier"] == pytest.approx(np.average((y - p) ** 2, weights=weights), abs=1e-14)

    def test_agree_with_scikit_learn_and_with_isotonic_regression_by_its_formula(self):
        metrics = pytest.importorskip("sklearn.metrics")
        z, y = drawn(60, 3)
        p = np.round(expit(2 * z), 1) * 0.98 + 0.01
        report = calibration_report(y, p)
        assert report.scores["brier"] == pytest.approx(metrics.brier_score_loss(y, p))
        assert report.scores["log loss"] == pytest.approx(metrics.log_loss(y, p))
        values, group = np.unique(p, return_inverse=True)
        counts = np.bincount(group)
        share = max_min(np.bincount(group, weights=y) / counts, counts)
        np.testing.assert_allclose(np.interp(values, report.stated, report.observed), share, atol=1e-12)
        assert report.scores["brier"] - report.scores["brier miscalibration"] == pytest.approx(
            np.mean((share[group] - y) ** 2)
        )
        fitted = metrics.log_loss(y, np.clip(share[group], 1e-15, 1 - 1e-15))
        assert report.scores["log loss"] - report.scores["log loss miscalibration"] == pytest.approx(fitted)
        base = metrics.log_loss(y, np.full(60, y.mean()))
        assert report.scores["log loss skill"] == pytest.approx(1 - report.scores["log loss"] / base)

    def test_calibrated_in_the_sample_has_no_miscalibration(self):
        p, y = np.repeat([0.25, 0.75], 4), [0, 0, 0, 1, 1, 1, 1, 0]
        report = calibration_report(y, p)
        assert report.scores["brier miscalibration"] == pytest.approx(0.0, abs=1e-15)
        assert report.scores["calibration error"] == pytest.approx(0.0, abs=1e-15)
        assert report.estimates["slope"][0] == pytest.approx(1.0)
        assert report.estimates["in the large"][0] == pytest.approx(0.0, abs=1e-9)

    def test_constant_probability_has_no_discrimination(self):
        scores = calibration_report([0, 1, 1, 0, 1], np.full(5, 0.4)).scores
        assert scores["brier discrimination"] == 0.0
        assert scores["brier miscalibration"] == pytest.approx((0.6 - 0.4) ** 2)

    def test_a_certainty_that_fails_costs_without_limit(self):
        report = calibration_report([1, 0, 1, 1, 0], [0.0, 0.2, 0.6, 1.0, 0.3])
        assert report.scores["log loss"] == np.inf and np.isfinite(report.scores["brier"])
        held = calibration_report([0, 0, 1, 1, 0], [0.0, 0.2, 0.6, 1.0, 0.3])
        assert held.scores["log loss"] == pytest.approx(-(np.log(0.8) + np.log(0.6) + np.log(0.7)) / 5)

    def test_scores_of_log_odds_tell_apart_what_rounds_to_one(self):
        report = calibration_report([0, 1, 1, 0], score=[-1.0, 50.0, 800.0, 40.0])
        assert report.scores["log loss"] == pytest.approx((np.log1p(np.exp(-1)) + 40.0) / 4)

    def test_calibration_error_by_hand_and_without_chance(self):
        """Bins of one distinct value each; calibrated probabilities err above 0, debiased near it."""
        p, y = np.repeat([0.2, 0.6], 5), [0, 0, 1, 1, 0, 1, 1, 1, 1, 0]
        assert calibration_report(y, p).scores["calibration error"] == pytest.approx((0.2 + 0.2) / 2)
        z, y = drawn(20_000, 1)
        scores = calibration_report(y, score=z).scores
        assert 0.004 < scores["calibration error"] < 0.02
        assert scores["root mean square calibration error"] < 0.01
        assert calibration_report(y, score=2 * z).scores["root mean square calibration error"] > 0.05


class TestSpiegelhalter:
    def test_by_hand(self):
        """(y - p)(1 - 2p) sums to -0.24, (1 - 2p)² p(1 - p) to 0.1152."""
        found = calibration_report([0, 1], [0.2, 0.8]).test("Spiegelhalter")
        assert found.statistic == pytest.approx(-0.24 / np.sqrt(0.1152))
        assert found.p_value == pytest.approx(0.4795, abs=1e-4)

    def test_is_the_standardised_brier_score(self):
        z, y = drawn(500, 2)
        p = expit(z)
        mean, variance = np.mean(p * (1 - p)), np.sum(p * (1 - p) * (1 - 2 * p) ** 2) / 500**2
        report = calibration_report(y, p)
        expected = (report.scores["brier"] - mean) / np.sqrt(variance)
        assert report.test("Spiegelhalter").statistic == pytest.approx(expected)

    def test_says_nothing_where_nothing_can_be_told(self):
        assert np.isnan(calibration_report([0, 1, 1], [0.5] * 3).test("Spiegelhalter").p_value)


class TestSlope:
    def test_closed_form_for_two_stated_values(self):
        """A line through two log-odds: the difference of logits, its variance 1/npq of each."""
        p, y = np.repeat([0.3, 0.6], [40, 50]), np.repeat([1.0, 0, 1, 0], [8, 32, 35, 15])
        slope, low, high = calibration_report(y, p, level=0.95).estimates["slope"]
        distance = logit(0.6) - logit(0.3)
        error = np.sqrt(1 / (40 * 0.2 * 0.8) + 1 / (50 * 0.7 * 0.3)) / distance
        assert slope == pytest.approx((logit(0.7) - logit(0.2)) / distance)
        assert (high - low) / 2 == pytest.approx(1.959964 * error, rel=1e-6)

    def test_agrees_with_scikit_learn_under_weights(self):
        linear = pytest.importorskip("sklearn.linear_model")
        z, y = drawn(800, 4)
        weights = np.random.default_rng(0).choice([1.0, 2.0, 5.0], 800)
        report = calibration_report(y, score=1.7 * z - 0.4, weights=weights)
        peer = linear.LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12)
        peer.fit((1.7 * z - 0.4)[:, None], y, sample_weight=weights)
        assert report.slope == pytest.approx(peer.coef_[0, 0], rel=1e-6)
        assert report.intercept == pytest.approx(peer.intercept_[0], rel=1e-5)

    def test_shift_in_the_large_brings_the_mean_to_what_came_true(self):
        z, y = drawn(2000, 5)
        shift = calibration_report(y, score=z + 0.8).estimates["in the large"][0]
        assert expit(z + 0.8 + shift).mean() == pytest.approx(y.mean(), abs=1e-10)

    def test_many_cases_are_fitted_to_the_last_digit_too(self):
        """From cells of cases the first fit starts; what is stated is the fit of the cases themselves."""
        z, y = drawn(30_000, 6)
        slope, intercept = (
            calibration_report(y, score=3 * z).estimates[n][0] for n in ("slope", "intercept")
        )
        residual = y - expit(slope * 3 * z + intercept)
        assert abs(residual.sum()) < 1e-6 and abs(residual @ z) < 1e-6

    @pytest.mark.parametrize("score", [[-1e4, -5, 3, 1e4], [1.0, 2.0, 3.0, 4.0]])
    def test_separated_labels_have_no_finite_slope(self, score):
        report = calibration_report([0, 0, 1, 1], score=score)
        assert report.estimates["slope"] == (np.inf, -np.inf, np.inf)
        assert "they separate the outcomes" in report.summary

    def test_huge_scores(self):
        z, y = drawn(3000, 7)
        assert calibration_report(y, score=1e4 * z).slope == pytest.approx(
            1e-4 * calibration_report(y, score=z).slope
        )


@pytest.fixture(scope="module")
def runs():
    """Return scores and reports of calibrated probabilities, many times."""
    found = []
    for seed in range(150):
        z, y = drawn(400, 1000 + seed)
        found.append((z, calibration_report(y, score=z, resamples=100, seed=seed)))
    return found


class TestLevel:
    """Under calibration, bands and intervals hold as often as they say and tests reject as rarely."""

    def test_band_holds_the_curve_at_each_point(self, runs):
        for share in (0.1, 0.3, 0.5, 0.7, 0.9):
            held = 0
            for z, report in runs:
                at = np.quantile(expit(z), share)
                curve, low, high = (
                    np.interp(at, report.stated, edge)
                    for edge in (report.observed, report.observed_low, report.observed_high)
                )
                held += bool(low - 1e-9 <= curve <= high + 1e-9)
            assert binom.cdf(held, 150, 0.9) > 1e-4 and binom.sf(held - 1, 150, 0.9) > 1e-4

    @pytest.mark.parametrize("name", ["Spiegelhalter", "slope", "in the large", "miscalibration"])
    def test_rejects_as_often_as_stated(self, runs, name):
        rejected = sum(report.test(name).p_value < 0.1 for _, report in runs)
        assert binom.sf(rejected - 1, 150, 0.1) > 1e-4 and binom.cdf(rejected, 150, 0.1) > 1e-4

    def test_intervals_hold_the_truth(self, runs):
        for name, truth in (("slope", 1.0), ("intercept", 0.0), ("in the large", 0.0)):
            held = sum(r.estimates[name][1] < truth < r.estimates[name][2] for _, r in runs)
            assert binom.cdf(held, 150, 0.9) > 1e-4

    def test_false_alarms_are_rare_and_true_ones_are_not(self, runs):
        alarms = sum(bool(probability_faults(report)) for _, report in runs)
        assert binom.sf(alarms - 1, 150, 0.1) > 1e-4
        for shift, slope in ((0.0, 1.6), (0.7, 1.0)):
            found = 0
            for seed in range(20):
                z, y = drawn(1500, 2000 + seed)
                report = calibration_report(y, score=shift + slope * z, resamples=50)
                found += bool(probability_faults(report))
            assert found >= 18

    def test_a_band_of_shifted_probabilities_is_left_by_the_curve(self):
        z, y = drawn(5000, 8)
        report = calibration_report(y, score=z + 0.7)
        out = (report.observed < report.observed_low) | (report.observed > report.observed_high)
        assert out.mean() > 0.5


class TestWords:
    def test_right(self):
        z, y = drawn(4000, 9)
        assert calibration_report(y, score=z).summary.startswith("Probabilities mean what they say: ")

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda z: 2 * z + 1.0, "too extreme"),
            (lambda z: 0.5 * z - 0.5, "not extreme enough"),
            (lambda z: z + 1.0, "too high on average"),
            (lambda z: z - 1.0, "too low on average"),
        ],
    )
    def test_wrong_in_the_way_that_they_are(self, change, words):
        z, y = drawn(4000, 9)
        found = calibration_report(y, score=change(z))
        assert words in found.summary
        assert "stated on average" in found.summary and "in 4,000 cases." in found.summary

    def test_off_in_places(self):
        """The level is right and so is the slope, yet 36% come true where 30% are stated and 8% where 10% are."""
        p = np.repeat([0.1, 0.3, 0.5, 0.7, 0.9], 2000)
        y = np.concatenate([np.arange(2000) < 2000 * came for came in (0.08, 0.36, 0.5, 0.64, 0.92)])
        report = calibration_report(y, p)
        assert probability_faults(report) == ["off in places"]
        assert report.test("slope").p_value > 0.1 and report.test("miscalibration").p_value < 0.01


class TestSegments:
    def test_each_segment_is_judged_by_itself(self):
        z, y = drawn(6000, 10)
        where = np.array(["north", "south", "only_$x"])[np.append(np.arange(5990) % 2, np.full(10, 2))]
        y[-10:] = 0.0
        report = calibration_report(y, score=z + np.where(where == "south", 1.0, 0.0), segments=where)
        rows = {row.segment: row for row in report.segments}
        assert list(rows) == ["north", "south", "only_$x"]
        assert rows["north"].verdict == "as stated" and rows["south"].verdict == "less often"
        assert np.isnan(rows["only_$x"].slope) and rows["only_$x"].observed == 0.0
        alone = calibration_report(y[where == "south"], score=z[where == "south"] + 1.0)
        assert rows["south"].slope == pytest.approx(alone.slope)
        assert rows["south"].brier == pytest.approx(alone.scores["brier"])
        assert (rows["south"].low, rows["south"].high) == pytest.approx(alone.estimates["observed"][1:])
        assert report.segment_table["segment"].tolist() == list(rows)

    def test_labels_stay_with_their_cases_under_weights(self):
        """Cases are sorted inside and those without weight left out; each must keep its segment."""
        p, y = [0.9, 0.1, 0.5, 0.3], [1, 0, 1, 0]
        report = calibration_report(y, p, weights=[1, 1, 0, 1], segments=["a", "b", "a", "b"])
        rows = {row.segment: (row.cases, row.stated) for row in report.segments}
        assert rows == {"a": (1, pytest.approx(0.9)), "b": (2, pytest.approx(0.2))}


class TestReport:
    def test_saves_and_gives_frames(self, tmp_path):
        z, y = drawn(500, 11)
        report = calibration_report(y, score=z, segments=np.arange(500) % 3)
        back = load_result(report.save(tmp_path / "report.json"))
        assert back.summary == report.summary and back.estimates == report.estimates
        assert back.segments[1].slope == report.segments[1].slope
        assert list(report.curve.columns) == ["stated", "observed", "low", "high"]
        assert (np.diff(report.curve["stated"]) > 0).all() and (np.diff(report.curve["observed"]) >= 0).all()
        assert list(report.histogram.columns) == ["left", "right", "count"]
        assert report.bin_counts.sum() == pytest.approx(500)

    def test_same_seed_same_report_and_any_order(self):
        z, y = drawn(700, 12)
        order = np.random.default_rng(0).permutation(700)
        one, two = (
            calibration_report(y, score=z, seed=3),
            calibration_report(y[order], score=z[order], seed=3),
        )
        np.testing.assert_array_equal(one.observed_low, two.observed_low)
        np.testing.assert_allclose(one.observed, two.observed)
        assert one.slope == pytest.approx(two.slope)

    def test_equal_weights_are_none(self):
        z, y = drawn(300, 13)
        one, two = calibration_report(y, score=z), calibration_report(y, score=z, weights=np.full(300, 9.0))
        assert one.scores == pytest.approx(two.scores) and one.summary == two.summary

    def test_probabilities_and_their_log_odds_agree(self):
        z, y = drawn(300, 14)
        one, two = calibration_report(y, score=z), calibration_report(y, expit(z))
        assert one.scores == pytest.approx(two.scores) and one.slope == pytest.approx(two.slope)

    @pytest.mark.parametrize(
        ("arguments", "options", "message"),
        [
            (([0, 1],), {}, "either p .* or score .*, got neither"),
            (([0, 1], [0.1, 0.2]), {"score": [1, 2]}, "got both"),
            (([0, 1], [0.1, 20.0]), {}, "p must lie within 0 and 1, got 20 at position 1.*not percent"),
            (([0, 1], [0.1, np.nan]), {}, "p must be finite"),
            (([0, 2], [0.1, 0.2]), {}, "0 and 1 only"),
            (([1, 1], [0.1, 0.2]), {}, "both classes"),
            (([0, 1], [0.1, 0.2]), {"level": 90}, "level must lie between 0 and 1"),
            (([0, 1], [0.1, 0.2]), {"resamples": 2}, "resamples must be in"),
            (([0, 1], [0.1, 0.2]), {"segments": ["a"]}, "one label per case"),
            (([0, 1], [0.1, 0.2]), {"weights": [0, 0]}, "weights are all zero"),
            (([0, 1], [0.1, 0.2]), {"seed": "x"}, "seed must be"),
        ],
    )
    def test_wrong_input_is_named(self, arguments, options, message):
        with pytest.raises(InputError, match=message):
            calibration_report(*arguments, **options)


class TestCells:
    def test_hold_all_cases_once_and_never_part_equal_values(self):
        rng = np.random.default_rng(15)
        for values in (rng.random(5000), np.round(rng.random(5000), 1), rng.integers(0, 700, 5000) / 7):
            rising = np.sort(values)
            starts = cell_starts(rising, 100)
            assert starts[0] == 0 and len(starts) <= 100 and (np.diff(starts) > 0).all()
            assert (rising[starts[1:]] > rising[starts[1:] - 1]).all()
            sizes = np.diff(np.append(starts, 5000))
            np.testing.assert_allclose(cell_means(rising, np.ones(5000), starts) @ sizes, rising.sum())

    def test_are_finest_at_the_ends(self):
        sizes = np.diff(np.append(cell_starts(np.arange(100_000.0), 1000), 100_000))
        assert sizes[0] <= 2 and sizes[-1] <= 2 and 140 < sizes.max() < 170
