"""Calibration maps: laws that every method keeps, known truths found again, brute force, and hostile input."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from mixcurve.calibration.isotonic import isotonic_fit
from mixcurve.calibration.maps.cross import cross_fitted_score
from mixcurve.calibration.maps.fit import MAPS, fit_map
from mixcurve.calibration.maps.newton import solve_map
from mixcurve.calibration.maps.spline import rise
from mixcurve.calibration.maps.venn_abers import with_positive
from mixcurve.calibration.probability import calibration_report
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.sigmoid import cross_entropy, expit, logit, softplus

METHODS = sorted(MAPS)
LINES = ["beta", "platt", "spline"]
"""Methods whose map is a logistic regression with an intercept."""


def planted(cases=4000, seed=0, distort=lambda z: 2.0 * z + 1.0):
    """Return distorted scores, labels drawn from the true log-odds, and these."""
    rng = np.random.default_rng(seed)
    truth = 1.3 * rng.normal(size=cases) - 0.7
    return distort(truth), (rng.random(cases) < expit(truth)).astype(float), truth


def loss(y, z, w=1.0):
    return float(np.sum(w * cross_entropy(y, z)))


@pytest.mark.parametrize("method", METHODS)
class TestEveryMap:
    def test_rises_and_ties_no_two_scores(self, method):
        z, y, _ = planted()
        found = fit_map(method, z, y)
        at = np.sort(np.concatenate([z, np.linspace(-40.0, 40.0, 5001)]))
        at = at[np.append(True, np.diff(at) > 1e-6)]
        assert (np.diff(found.score(at)) > 0).all()

    def test_survives_saving(self, method, tmp_path):
        z, y, _ = planted(500)
        found = fit_map(method, z, y)
        back = load_result(found.save(tmp_path / "map.json"))
        assert type(back) is type(found) and back.summary == found.summary
        np.testing.assert_array_equal(back.score(z), found.score(z))

    def test_a_weight_is_as_many_copies_where_weights_are_alike(self, method):
        """Weights say how much a case counts: all the same changes nothing, and none leaves a case out."""
        z, y, _ = planted(600)
        plain = fit_map(method, z, y)
        np.testing.assert_allclose(fit_map(method, z, y, weights=np.full(600, 7.0)).score(z), plain.score(z))
        weights = np.append(np.ones(600), np.zeros(50))
        ghosts = fit_map(method, np.append(z, np.full(50, 99.0)), np.append(y, np.zeros(50)), weights=weights)
        np.testing.assert_allclose(ghosts.score(z), plain.score(z))

    def test_order_of_cases_does_not_matter(self, method):
        z, y, _ = planted(600)
        order = np.random.default_rng(1).permutation(600)
        np.testing.assert_allclose(
            fit_map(method, z[order], y[order]).score(z), fit_map(method, z, y).score(z), atol=1e-9
        )

    @pytest.mark.parametrize("size", [1e-4, 1e4, 1e150])
    def test_huge_and_tiny_scores_keep_their_ranks(self, method, size):
        """A sigmoid fitted to raw margins of 10^4 elsewhere ends flat, at an area under the ROC curve of a half."""
        z, y, _ = planted(2000, distort=lambda t: t * size)
        out = fit_map(method, z, y).score(z)
        assert np.isfinite(out).all() and "flat" not in fit_map(method, z, y).note
        kept = np.argsort(z)[np.append(True, np.diff(np.sort(z)) > 1e-6 * size)]
        assert (np.diff(out[kept]) > 0).all()
        assert loss(y, out) < 0.9 * loss(y, np.full(2000, logit(y.mean())))

    def test_separated_scores_give_finite_log_odds(self, method):
        z, y = np.array([-1e4, -3.0, -2.0, 1.0, 2.0, 1e4]), np.array([0.0, 0, 0, 1, 1, 1])
        found = fit_map(method, z, y)
        out = found.score(z)
        assert (np.abs(out[1:5]) < 20).all() and (np.diff(out) > 0).all()
        assert (out[:3] < out[3:].min()).all()
        assert ("Platt" in found.note) == (method not in ("isotonic", "venn-abers"))

    def test_scores_that_rank_the_wrong_way_give_no_falling_map(self, method):
        z, y, _ = planted(1000)
        out = fit_map(method, -z, y).score(np.linspace(-9, 9, 50))
        assert (np.diff(out) >= 0).all()
        if method in ("beta", "platt", "spline", "temperature"):
            assert "do not rank" in fit_map(method, -z, y).note

    def test_infinite_scores_are_as_far_as_numbers_go_and_missing_ones_named(self, method):
        z, y, _ = planted(500)
        found = fit_map(method, z, y)
        low, high = found.probability([-np.inf, np.inf])
        assert 0 <= low < 0.2 and 0.7 < high <= 1
        with pytest.raises(InputError, match="must not be missing, but at position 1"):
            found.score([0.0, np.nan])
        assert found.score([]).shape == (0,)

    def test_equal_scores_state_the_base_rate(self, method):
        y = np.array([0.0, 0, 0, 1] * 25)
        found = fit_map(method, np.full(100, 2.0), y)
        expected = 0.5 if method == "temperature" else 0.25
        assert found.probability(2.0) == pytest.approx(expected, abs=0.01 if method == "venn-abers" else 1e-6)

    def test_cross_fitted_scores_are_calibrated(self, method):
        """Of the truth distorted as the method can undo it."""
        z, y, _ = planted(6000, 5, lambda t: 3.0 * t)
        out = cross_fitted_score(method, z, y)
        low, high = calibration_report(y, score=out, level=0.999).estimates["slope"][1:]
        assert low < 1.0 < high
        low, high = calibration_report(y, score=z, level=0.999).estimates["slope"][1:]
        assert high < 0.5  # the distortion, uncalibrated, is caught


@pytest.mark.parametrize("method", LINES)
def test_sum_of_probabilities_is_that_of_positives(method):
    z, y, _ = planted(3000)
    weights = np.random.default_rng(2).choice([0.5, 1.0, 4.0], 3000)
    stated = fit_map(method, z, y, weights=weights).probability(z)
    # The spline is fitted to cells of neighbours, whose spread the sum feels a little.
    assert weights @ stated == pytest.approx(weights @ y, rel=1e-4 if method == "spline" else 1e-9)


class TestKnownTruths:
    """Planted distortions are found again, within three to four standard errors of 100,000 cases."""

    def test_platt(self):
        z, y, _ = planted(100_000)
        found = fit_map("platt", z, y)
        assert found.slope == pytest.approx(0.5, abs=0.02)
        assert found.intercept == pytest.approx(-0.5, abs=0.03)

    def test_temperature(self):
        z, y, _ = planted(100_000, distort=lambda t: 2.5 * t)
        assert fit_map("temperature", z, y).temperature == pytest.approx(2.5, abs=0.08)

    def test_beta(self):
        rng = np.random.default_rng(3)
        z = 1.5 * rng.normal(size=200_000)
        truth = 1.6 * softplus(z) - 0.6 * softplus(-z) - 0.4
        y = (rng.random(len(z)) < expit(truth)).astype(float)
        found = fit_map("beta", z, y)
        assert (found.low, found.high, found.intercept) == pytest.approx((0.6, 1.6, -0.4), abs=0.06)

    @pytest.mark.parametrize("method", ["spline", "isotonic", "venn-abers"])
    def test_a_bent_distortion(self, method):
        z, y, truth = planted(60_000, 4, lambda t: np.sinh(t))
        found = fit_map(method, z, y)
        middle = np.abs(truth + 0.7) < 2.0
        off = found.probability(z[middle]) - expit(truth[middle])
        assert np.sqrt(np.mean(off**2)) < 0.015
        # No straight line on log-odds undoes it.
        straight = fit_map("platt", z, y).probability(z[middle]) - expit(truth[middle])
        assert np.sqrt(np.mean(straight**2)) > 0.03

    def test_spline_is_straight_where_the_truth_is(self):
        z, y, _ = planted(20_000, 6)
        slopes = fit_map("spline", z, y).slopes
        assert np.ptp(slopes) < 0.25 * slopes.mean()


def test_platt_and_beta_are_the_optimum_of_an_independent_optimiser():
    z, y, _ = planted(800, 7)
    w = np.random.default_rng(8).choice([1.0, 3.0], 800)
    columns = {"platt": [z], "beta": [-softplus(-z), softplus(z)]}
    for method, own in columns.items():
        x = np.column_stack([*own, np.ones(800)])
        bounds = [(0, None)] * len(own) + [(None, None)]
        peer = minimize(lambda c: loss(y, x @ c, w), np.zeros(x.shape[1]), method="L-BFGS-B", bounds=bounds)  # noqa: B023
        out = fit_map(method, z, y, weights=w).score(z)
        assert loss(y, out, w) <= peer.fun + 1e-9
        assert loss(y, out, w) == pytest.approx(peer.fun, rel=1e-6)
        assert loss(y, out + 0.05, w) > peer.fun + 0.01  # a wrong map is caught


def test_bounds_hold_and_are_optimal():
    """At a coefficient of 0 the loss must rise with it; at the others it is level."""
    rng = np.random.default_rng(9)
    x = rng.normal(size=(500, 3))
    y = (rng.random(500) < expit(x @ [1.0, -1.0, 0.5])).astype(float)
    found = solve_map(x, y, np.ones(500))
    slope = x.T @ (expit(x @ found.coefficients + found.intercept) - y)
    assert found.coefficients[1] == 0.0 and slope[1] > 1.0
    np.testing.assert_allclose(slope[[0, 2]], 0.0, atol=1e-6)


def test_platt_targets_are_labels_after_a_uniform_prior():
    """With one score only, Platt's targets give the mean of (N+ + 1)/(N+ + 2) and 1/(N- + 2), weighted by class."""
    y = np.array([1.0] * 3 + [0.0] * 7)
    z = np.zeros(10)
    expected = (3 * 4 / 5 + 7 * 1 / 9) / 10
    assert fit_map("platt", z, y, platt_targets=True).probability(0.0) == pytest.approx(expected)
    assert fit_map("platt", z, y).probability(0.0) == pytest.approx(0.3)


class TestSteps:
    def test_isotonic_states_the_share_of_each_step(self):
        z, y, _ = planted(3000, 10)
        fit = isotonic_fit(z, y)
        inner = (fit.at(z) > fit.fitted[0]) & (fit.at(z) < fit.fitted[-1])
        np.testing.assert_allclose(
            fit_map("isotonic", z, y).probability(z)[inner], fit.at(z)[inner], atol=3e-7
        )

    def test_outermost_steps_keep_clear_of_certainty(self):
        """Three negatives: 1 in 5. One positive: half way from the step before to 1, nearer to 1 than 1 / 3."""
        found = fit_map("isotonic", [1.0, 2, 3, 4, 5, 6], [0, 0, 0, 1, 0, 1])
        assert expit(found.level).tolist() == pytest.approx([1 / 5, 1 / 2, 3 / 4])

    @pytest.mark.parametrize("added", [0.5, 1.0, 2.3])
    def test_venn_abers_is_the_isotonic_fit_with_one_more_case(self, added):
        rng = np.random.default_rng(11)
        for _ in range(200):
            k = int(rng.integers(1, 12))
            weight = rng.integers(1, 4, k).astype(float)
            share = rng.integers(0, weight + 1) / weight
            found = with_positive(share, weight, added)
            for i in range(k):
                more = isotonic_fit(
                    np.append(np.arange(k), i), np.append(share, 1.0), np.append(weight, added)
                )
                assert found[i] == pytest.approx(more.at(i), abs=1e-12)

    def test_venn_abers_bounds_anywhere(self):
        """By adding a case at the score and fitting twice, between, at and beyond the scores seen."""
        z, y, _ = planted(60, 12)
        z = np.round(z)
        found = fit_map("venn-abers", z, y)
        at = np.array([-30.0, *np.unique(z), 0.5, 1.5, 30.0])
        low, high = found.bounds(at)
        for s, p0, p1 in zip(at, low, high):
            own = [isotonic_fit(np.append(z, s), np.append(y, label)).at(s) for label in (0.0, 1.0)]
            assert (p0, p1) == pytest.approx(tuple(own), abs=1e-12)
        seen = np.unique(z)
        low, high = found.bounds(seen)
        np.testing.assert_allclose(found.probability(seen), high / (1 - low + high), atol=1e-6)
        assert (low <= found.probability(seen) + 1e-6).all() and (
            found.probability(seen) <= high + 1e-6
        ).all()

    def test_one_of_the_two_venn_abers_fits_is_calibrated(self):
        """The mean of the fit that names the label that came true is the share that came true (Vovk and Petej)."""
        rng = np.random.default_rng(13)
        chosen, came = [], []
        for _ in range(3000):
            z = rng.normal(size=21)
            y = (rng.random(21) < expit(2.0 * z - 0.5)).astype(float)
            if 0 < y[:20].sum() < 20:
                low, high = fit_map("venn-abers", z[:20], y[:20]).bounds(z[20])
                chosen.append(high if y[20] else low)
                came.append(y[20])
        error = np.std(np.array(came) - chosen) / np.sqrt(len(came))
        assert abs(np.mean(came) - np.mean(chosen)) < 4 * error


def test_spline_rise_is_the_integral_of_its_slope():
    knots, slopes = np.array([-1.0, 0.0, 0.5, 3.0]), np.array([0.2, 1.0, 0.0, 2.0])
    grid = np.linspace(-3.0, 5.0, 80_001)
    slope = np.interp(grid, knots, slopes)
    summed = np.concatenate([[0.0], np.cumsum((slope[1:] + slope[:-1]) / 2 * np.diff(grid))])
    np.testing.assert_allclose(rise(grid, knots, slopes), summed - np.interp(-1.0, grid, summed), atol=1e-7)


class TestSegments:
    def shifted(self):
        z, y, truth = planted(6000, 14)
        where = np.array(["north", "south", "islet"])[np.append(np.arange(5900) % 2, np.full(100, 2))]
        return z + np.where(where == "south", 2.0, 0.0), y, truth, where

    def test_each_segment_with_enough_cases_has_its_map(self, tmp_path):
        z, y, truth, where = self.shifted()
        found = fit_map("platt", z, y, segments=where)
        assert set(found.maps) == {"north", "south"} and found.unmapped == ("islet",)
        assert "mapped with all cases: islet" in found.note
        assert np.abs(found.score(z, where) - truth)[:5900].max() < 1.0
        own = fit_map("platt", z[where == "north"], y[where == "north"])
        np.testing.assert_allclose(found.score(z, where)[where == "north"], own.score(z[where == "north"]))
        np.testing.assert_allclose(found.score(z, where)[5900:], fit_map("platt", z, y).score(z[5900:]))
        back = load_result(found.save(tmp_path / "map.json"))
        np.testing.assert_array_equal(back.score(z, where), found.score(z, where))

    def test_a_segment_not_seen_is_mapped_with_all_cases(self):
        z, y, _, where = self.shifted()
        found = fit_map("platt", z, y, segments=where)
        np.testing.assert_array_equal(found.score([0.3], ["nowhere"]), found.pooled.score([0.3]))

    def test_segments_must_come_with_the_scores(self):
        z, y, _, where = self.shifted()
        found = fit_map("platt", z, y, segments=where)
        with pytest.raises(InputError, match="segments must be given"):
            found.score(z)
        with pytest.raises(InputError, match="one label per case"):
            found.score(z, where[:5])

    def test_cross_fitted_by_segment(self):
        z, y, _, where = self.shifted()
        out = cross_fitted_score("platt", z, y, segments=where)
        rows = calibration_report(y, score=out, segments=where).segments
        assert [row.segment for row in rows] == ["north", "south", "islet"]
        pooled = calibration_report(y, score=cross_fitted_score("platt", z, y), segments=where).segments
        assert {row.verdict for row in pooled[:2]} == {"less often", "more often"}
        assert {row.verdict for row in rows[:2]} == {"as stated"}


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("plat", [1.0, 2], [0, 1]), {}, "no method of calibration called 'plat'. Did you mean 'platt'"),
        (("platt", [1.0, 2], [0, 1, 1]), {}, "one value per label, got 2 scores for 3 labels"),
        (("platt", [1.0, np.inf], [0, 1]), {}, "score must be finite"),
        (("platt", [1.0, 2, 3], [0, 1, 2]), {}, "0 and 1 only.*got 2 at position 2"),
        (("platt", [1.0, 2], [1, 1]), {}, "both classes among cases with weight, got 1 only"),
        (
            ("platt", [1.0, 2], [0, 1]),
            {"weights": [1, 0]},
            "both classes among cases with weight, got 0 only",
        ),
        (("platt", [1.0, 2], [0, 1]), {"weights": [1, -1]}, "weights must not be negative"),
        (("platt", [1.0, 2], [0, 1]), {"segments": ["a"]}, "one label per case"),
        (("platt", [1.0, 2], [0, 1]), {"segments": ["a", "b"], "least_cases": 0}, "least_cases must be in"),
        (("platt", [], []), {}, "score is empty"),
        (("platt", ["a", "b"], [0, 1]), {}, "score must be an array of numbers"),
    ],
)
def test_wrong_input_is_named(arguments, options, message):
    with pytest.raises(InputError, match=message):
        fit_map(*arguments, **options)


@pytest.mark.parametrize(
    ("folds", "message"),
    [(1, "folds must be in"), (["a"] * 4, "at least two different"), (["a", "b"], "a label per case")],
)
def test_wrong_folds_are_named(folds, message):
    with pytest.raises(InputError, match=message):
        cross_fitted_score("platt", [1.0, 2, 3, 4], [0, 1, 0, 1], folds=folds)
