"""The comparison of curves: each part against a published table or another way to compute it, and the verdicts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.parameters import Interval, Parameter
from mixcurve.foundations.results import load_result
from mixcurve.response.curves import Curve, curves
from mixcurve.response.fit.compare.criteria import (
    akaike_weights,
    gaussian_log_likelihood,
    information_criteria,
    shares_of_draws,
)
from mixcurve.response.fit.compare.curves import compare_curves
from mixcurve.response.fit.compare.entrants import Entrant
from mixcurve.response.fit.compare.nesting import NESTINGS, Nesting, nested_tests
from mixcurve.response.fit.compare.replicates import lack_of_fit, replicate_groups
from mixcurve.response.fit.compare.results import CurveComparison
from mixcurve.response.fit.compare.solving import Rows, fit_entrant
from mixcurve.response.fit.curve.fit import fit_curve
from mixcurve.response.fit.rivals import LINE

QUICK: dict[str, Any] = {"resamples": 0, "folds": 0}
EVERY = {"straight_line": LINE, **curves}
TRUTHS: dict[str, tuple[dict[str, float], str]] = {
    "hill": ({"top": 50.0, "half": 40.0, "slope": 3.0}, "S-shaped"),
    "logistic": ({"top": 50.0, "midpoint": 40.0, "steepness": 4.0}, "S-shaped"),
    "gompertz": ({"top": 50.0, "midpoint": 40.0, "steepness": 2.5}, "S-shaped"),
    "weibull": ({"top": 50.0, "half": 40.0, "slope": 2.5}, "S-shaped"),
    "michaelis_menten": ({"top": 80.0, "half": 30.0}, "concave"),
    "exponential": ({"top": 60.0, "half": 20.0}, "concave"),
    "tanh": ({"top": 60.0, "half": 20.0}, "concave"),
    "power": ({"top": 50.0, "reference": 100.0, "exponent": 0.5}, "concave"),
    "logarithm": ({"top": 20.0, "scale": 10.0}, "concave"),
}


def campaign(mean: Any, seed: int, rows: int = 104, noise: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    spend = rng.uniform(0, 100, rows)
    return spend, 20 + mean(spend) + noise * rng.standard_normal(rows)


def s_curve(spend: Any) -> Any:
    return curves["hill"](spend, top=50.0, half=40.0, slope=3.0)


@pytest.fixture(scope="module")
def bent() -> CurveComparison:
    return compare_curves(*campaign(s_curve, 1), curves=["hill", "weibull", "richards", "logistic"])


# Criteria


def test_criteria_give_the_published_table_of_the_cement_data() -> None:
    """Burnham and Anderson 2002, section 3.2: residual sums of squares of Hald's cement data, n = 13."""
    squares = np.array([57.90, 47.97, 48.11, 74.76, 50.84, 73.81, 47.86])
    parameters = [4, 5, 5, 4, 5, 5, 6]
    # The book leaves out the constant n (log 2π + 1), which all models share.
    constant = 13 * (np.log(2 * np.pi) + 1)
    aicc = np.array(
        [
            information_criteria(gaussian_log_likelihood(rss, np.ones(13), np.ones(13)), k, 13)[0]
            for rss, k in zip(squares, parameters, strict=True)
        ]
    )
    assert aicc[0] - constant == pytest.approx(32.41, abs=0.01)
    delta, weight = akaike_weights(aicc)
    # The book rounds its variances to two decimals first.
    assert weight == pytest.approx([0.567, 0.119, 0.116, 0.107, 0.081, 0.007, 0.003], abs=0.0015)
    assert weight.sum() == pytest.approx(1.0)
    assert delta.min() == 0.0
    uncorrected, _ = akaike_weights(aicc - [2 * k * (k + 1) / (13 - k - 1) for k in parameters])
    assert np.abs(uncorrected - delta).max() > 1.0  # the correction is not lost on the check


def test_the_log_likelihood_is_the_normal_density_at_its_own_variance() -> None:
    rng = np.random.default_rng(0)
    residual, weight = rng.standard_normal(30), rng.uniform(0.5, 2.0, 30)
    squares = float(weight @ residual**2)
    density = stats.norm.logpdf(residual, scale=np.sqrt(squares / 30 / weight)).sum()
    assert gaussian_log_likelihood(squares, residual, weight) == pytest.approx(density, rel=1e-12)
    assert gaussian_log_likelihood(1.01 * squares, residual, weight) < density


def test_every_row_of_the_table_follows_from_fit_curve() -> None:
    spend, response = campaign(s_curve, 2, rows=40)
    weight = np.random.default_rng(3).uniform(0.5, 2.0, 40)
    found = compare_curves(spend, response, weights=weight, **QUICK)
    for one in found.candidates:
        if one.name == "no_effect":
            mean = np.average(response, weights=weight)
            squares, count = float(weight @ (response - mean) ** 2), 2
        else:
            options: dict[str, Any] = {
                "curve": EVERY[one.name],
                "weights": weight,
                "intervals": False,
                "resamples": 0,
            }
            fit = fit_curve(spend, response, **options)
            squares, count = fit.rss, len(fit.parameter_names) + 1
        log_likelihood = 0.5 * np.log(weight).sum() - 20 * (np.log(2 * np.pi * squares / 40) + 1)
        assert one.estimated == count
        assert one.aicc == pytest.approx(-2 * log_likelihood + 2 * count * 40 / (40 - count - 1), abs=1e-6), (
            one.name
        )
        assert one.bic == pytest.approx(-2 * log_likelihood + count * np.log(40), abs=1e-6), one.name
    assert found.table["weight"].sum() == pytest.approx(1.0)
    assert found.table["aicc"].is_monotonic_increasing


def test_shares_of_draws_add_up_and_follow_the_weights() -> None:
    for seed in range(20):
        weight = np.random.default_rng(seed).dirichlet(np.full(9, 0.5))
        share = shares_of_draws(weight, 400)
        assert share.sum() == 400
        assert np.abs(share - 400 * weight).max() < 1.0


# Lack of fit


BANK_DEPOSIT = [125, 100, 200, 75, 150, 175, 75, 175, 125, 200, 100]
BANK_ACCOUNTS = [160, 112, 124, 28, 152, 156, 42, 124, 150, 104, 136]


def test_lack_of_fit_gives_the_published_bank_example() -> None:
    """Kutner, Nachtsheim, Neter and Li 2005, Applied Linear Statistical Models, section 3.7: F* = 14.80, p = 0.006."""
    found = compare_curves(BANK_DEPOSIT, BANK_ACCOUNTS, curves=[], **QUICK)["straight_line"].lack_of_fit
    assert (found.test, found.lack_degrees, found.pure_degrees) == ("F", 4, 5)
    assert found.pure_squares == pytest.approx(1148.0, abs=0.05)
    assert found.lack_squares == pytest.approx(13593.6, abs=0.05)
    assert found.statistic == pytest.approx(14.80, abs=0.005)
    assert found.p == pytest.approx(0.006, abs=0.0005)


def test_lack_of_fit_is_uniform_for_the_true_curve_and_small_for_a_wrong_one() -> None:
    levels = np.repeat(np.linspace(5, 100, 10), 6)
    right: list[float] = []
    wrong: list[float] = []
    group = replicate_groups(levels)
    for seed in range(60):
        noise = np.random.default_rng(seed).standard_normal(len(levels))
        rows = Rows(levels, s_curve(levels) + 3 * noise, np.ones(len(levels)))
        for name, found in (("hill", right), ("power", wrong)):
            fit = fit_entrant(curves[name], rows, np.zeros((0, len(rows)), dtype=bool))
            found.append(lack_of_fit(fit, rows, group).p)
    assert stats.kstest(right, "uniform").pvalue > 0.01
    assert max(wrong) < 0.01


def test_lack_of_fit_says_when_it_cannot_be_tested() -> None:
    spend, response = campaign(s_curve, 0, rows=20)
    assert compare_curves(spend, response, **QUICK).best.lack_of_fit.status == "no replicates"
    few = np.repeat([10.0, 50.0, 90.0], 8)
    noisy = few + np.random.default_rng(0).standard_normal(24)
    found = compare_curves(few, noisy, **QUICK)
    assert found["straight_line"].lack_of_fit.status == "tested"
    assert found["hill"].lack_of_fit.status == "too few levels of spend"
    levels = np.repeat(np.linspace(0, 9, 10), 2)
    assert compare_curves(levels, levels**2, **QUICK)["hill"].lack_of_fit.status == "replicates do not differ"
    near = np.linspace(0, 9, 10).repeat(2) + np.tile([0.0, 0.01], 10)
    assert compare_curves(near, noisy[:20], **QUICK)["power"].lack_of_fit.status == "no replicates"
    assert compare_curves(near, noisy[:20], same_spend=0.02, **QUICK)["power"].lack_of_fit.pure_degrees == 10


# Nested curves


def shape_of(name: str, rng: np.random.Generator) -> dict[str, float]:
    return {
        p.name: p.fixed if p.fixed is not None else float(rng.uniform(p.typical.low, p.typical.high))
        for p in EVERY[name].parameters
    }


def apart(pair: Nesting, near: dict[str, float], rng: np.random.Generator) -> float:
    """Return how far the larger curve at the declared values is from the smaller, both scaled to 1 at the far end."""
    spend = np.linspace(0.0, 1.0, 50)
    small = shape_of(pair.smaller, rng)
    large = (
        shape_of(pair.larger, rng) | {k: v for k, v in small.items() if k in EVERY[pair.larger].names} | near
    )
    if (pair.smaller, pair.larger) == (
        "tanh",
        "logistic",
    ):  # the ratio of midpoint to steepness is what tanh keeps
        large["midpoint"] = near["steepness"] * small["half"] / (2 * np.arctanh(0.5))
    one, other = EVERY[pair.smaller](spend, **small), EVERY[pair.larger](spend, **large)
    return float(np.abs(one / one[-1] - other / other[-1]).max())


@pytest.mark.parametrize("pair", NESTINGS, ids=lambda p: f"{p.smaller} in {p.larger}")
def test_the_larger_curve_becomes_the_smaller_where_declared(pair: Nesting) -> None:
    rng = np.random.default_rng(0)
    limits = {np.inf: (1e2, 1e4), 0.0: (1e-2, 1e-4)}
    for _ in range(5):
        if not (set(pair.at.values()) & set(limits)):
            assert apart(pair, dict(pair.at), rng) < 1e-12
            continue
        seed = int(rng.integers(2**31))
        far, near = (
            apart(
                pair, {k: limits.get(v, (v, v))[i] for k, v in pair.at.items()}, np.random.default_rng(seed)
            )
            for i in (0, 1)
        )
        assert near < 2e-3
        assert near < 0.1 * far


@pytest.mark.parametrize("pair", NESTINGS, ids=lambda p: f"{p.smaller} in {p.larger}")
def test_what_is_called_inside_is_inside_the_domain(pair: Nesting) -> None:
    domains = {p.name: p.domain for p in EVERY[pair.larger].parameters}
    inside = all(domains[name].low < value < domains[name].high for name, value in pair.at.items())
    assert inside is not pair.boundary
    assert bool(pair.reason) is pair.boundary


def test_a_wrong_nesting_would_be_caught() -> None:
    rng = np.random.default_rng(0)
    assert apart(Nesting("exponential", "hill", {"slope": 1.0}), {"slope": 1.0}, rng) > 1e-2
    assert apart(Nesting("michaelis_menten", "hill", {"slope": 1.1}), {"slope": 1.1}, rng) > 1e-3


def test_the_likelihood_ratio_has_its_chi_square_under_the_smaller_curve() -> None:
    pair = [Entrant(n, curves[n]) for n in ("michaelis_menten", "hill")]
    p_values = []
    for seed in range(100):
        spend, response = campaign(
            lambda x: curves["michaelis_menten"](x, top=80.0, half=20.0), seed, noise=1.0
        )
        rows = Rows(spend, response, np.ones(len(spend)))
        found = nested_tests(
            pair, [fit_entrant(e.curve, rows, np.zeros((0, len(rows)), dtype=bool)) for e in pair]
        )
        p_values += [t.p for t in found if t.smaller == "michaelis_menten"]
    assert len(p_values) == 100
    assert np.isfinite(p_values).all()
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert stats.kstest(np.array(p_values) / 2, "uniform").pvalue < 0.01  # as a one-sided test would be


def test_ratios_are_those_of_the_log_likelihoods_and_only_inside(bent: CurveComparison) -> None:
    by_pair = {(t.smaller, t.larger): t for t in bent.nested}
    tested = by_pair["michaelis_menten", "hill"]
    twice = 2 * (bent["hill"].log_likelihood - bent["michaelis_menten"].log_likelihood)
    assert (tested.status, tested.degrees) == ("tested", 1)
    assert tested.statistic == pytest.approx(twice)
    assert tested.p == pytest.approx(stats.chi2.sf(twice, 1))
    for pair in [("straight_line", "power"), ("no_effect", "hill"), ("tanh", "logistic")]:
        assert by_pair[pair].status == "on the boundary, not tested"
        assert np.isnan(by_pair[pair].p)
        assert by_pair[pair].reason
    assert len(bent.nested_table) == len(bent.nested)


# Rolling origin


def test_forecast_errors_are_those_of_a_plain_loop() -> None:
    spend, response = campaign(s_curve, 5, rows=41)
    weight = np.random.default_rng(6).uniform(0.5, 2.0, 41)
    dates = np.datetime64("2024-01-01") + 7 * np.random.default_rng(7).permutation(41)
    found = compare_curves(spend, response, weights=weight, order=dates, folds=4, resamples=0)
    by_date = np.argsort(dates)
    blocks = [by_date[21:26], by_date[26:31], by_date[31:36], by_date[36:41]]
    assert [len(b) for b in np.array_split(np.arange(20), 4)] == [5, 5, 5, 5]
    squares = {}
    for name in ("straight_line", "hill", "exponential"):
        errors = np.full(41, np.nan)
        for block in blocks:
            before = by_date[: int(np.flatnonzero(by_date == block[0])[0])]
            fit = fit_curve(
                spend[before],
                response[before],
                curve=EVERY[name],
                weights=weight[before],
                intervals=False,
                resamples=0,
            )
            shape = {k: v for k, v in fit.parameters.items() if k != "baseline"}
            errors[block] = response[block] - fit.baseline - EVERY[name](spend[block], **shape)
        late = np.isfinite(errors)
        squares[name] = np.average(errors[late] ** 2, weights=weight[late])
        one = found[name].forecast
        assert one.status == "computed"
        assert one.squared == pytest.approx(squares[name], rel=1e-5), name
        assert one.absolute == pytest.approx(np.average(np.abs(errors[late]), weights=weight[late]), rel=1e-5)
    least = min(c.forecast.squared for c in found.candidates)
    assert found["hill"].forecast.squared_difference == pytest.approx(
        squares["hill"] - least, abs=1e-4 * least
    )


def test_the_error_of_a_difference_is_that_of_the_blocks_means() -> None:
    spend, response = campaign(s_curve, 8, rows=64)
    found = compare_curves(spend, response, curves=["hill"], folds=8, resamples=0)
    best = min(found.candidates, key=lambda c: c.forecast.squared)
    assert best.forecast.squared_difference == best.forecast.squared_difference_error == 0.0
    line = []
    for k in range(8):
        before, block = np.arange(32 + 4 * k), np.arange(32 + 4 * k, 36 + 4 * k)
        error = []
        for name in ("straight_line", best.name):
            fit = fit_curve(spend[before], response[before], curve=EVERY[name], intervals=False, resamples=0)
            shape = {n: v for n, v in fit.parameters.items() if n != "baseline"}
            error.append(response[block] - fit.baseline - EVERY[name](spend[block], **shape))
        line.append((error[0] ** 2 - error[1] ** 2).mean())
    one = found["straight_line"].forecast
    assert one.squared_difference == pytest.approx(np.mean(line), rel=1e-4)
    assert one.squared_difference_error == pytest.approx(stats.sem(line), rel=1e-4)


def test_forecasts_say_when_they_cannot_be_made() -> None:
    spend, response = campaign(s_curve, 0, rows=12)
    found = compare_curves(spend, response, curves=["hill", "richards"], resamples=0)
    assert found["hill"].forecast.status == "computed"
    eight = compare_curves(spend[:9], response[:9], curves=["hill", "richards"], resamples=0)
    assert eight["richards"].forecast.status == "too few rows in the first window"
    assert np.isnan(eight["richards"].forecast.squared)
    assert eight["straight_line"].forecast.status == "computed"
    asleep = np.where(np.arange(12) < 6, 0.0, spend)
    found = compare_curves(asleep, response, resamples=0)
    assert found.best.forecast.status == "spend does not change in the first window"
    assert any("could not be checked" in note for note in found.notes)
    assert compare_curves(spend, response, **QUICK).best.forecast.status == "not asked for"


def test_forecasts_that_speak_against_the_verdict_are_told() -> None:
    rng = np.random.default_rng(0)
    spend = np.concatenate([rng.uniform(0, 100, 60), rng.uniform(0, 100, 60)])
    mean = np.concatenate(
        [s_curve(spend[:60]), 0.5 * spend[60:]]
    )  # the market changed; the fit to all rows hides it
    found = compare_curves(spend, mean + 0.5 * rng.standard_normal(120), curves=["hill"], resamples=0)
    forecasts = {c.name: c.forecast.squared for c in found.candidates}
    assert min(forecasts, key=forecasts.__getitem__) != found.best.name
    assert any("speak against it" in note for note in found.notes)


def test_forecasts_that_differ_by_next_to_nothing_are_not_told() -> None:
    spend = np.linspace(0, 100, 30)
    found = compare_curves(spend, np.round(100 - spend), family="poisson", resamples=0)
    apart, error = found.best.forecast.squared_difference, found.best.forecast.squared_difference_error
    assert apart > 3 * error  # only the size of the difference keeps it from being told
    assert not found.notes


# Verdicts


@pytest.mark.parametrize("name", TRUTHS)
def test_each_curve_is_found_where_it_is_the_truth(name: str) -> None:
    shape, kind = TRUTHS[name]
    found = [
        compare_curves(*campaign(lambda x: curves[name](x, **shape), seed, noise=1.5), **QUICK)
        for seed in range(5)
    ]
    assert sum(c.best.name == name for c in found) >= 3
    assert sum(c.conclusion == kind for c in found) >= 4


def test_a_straight_line_is_called_a_line_and_no_effect_none() -> None:
    line = [compare_curves(*campaign(lambda x: 0.5 * x, seed), **QUICK).conclusion for seed in range(16)]
    none = [compare_curves(*campaign(lambda x: 0.0 * x, seed), **QUICK).conclusion for seed in range(16)]
    # Measured on 400 markets: 96% of lines are called a line. With 16, fewer than 12 are seen once in 2,000.
    assert line.count("straight line") >= 12
    assert none.count("no effect") >= 12
    bend = [compare_curves(*campaign(s_curve, seed), **QUICK).conclusion for seed in range(4)]
    assert bend.count("straight line") == 0


def test_verdicts_are_plain_sentences() -> None:
    def said(mean: Any, **options: Any) -> str:
        return compare_curves(*campaign(mean, 1, noise=1.0), **QUICK, **options).verdict

    assert said(s_curve).startswith(
        "An S-curve (hill) describes the data better than any concave curve: AICc "
    )
    assert said(lambda x: 0.5 * x) == (
        "A straight line describes the data as well as any curve: no saturation is shown."
    )
    assert said(lambda x: 0 * x).startswith("No curve describes the data better than no effect")
    rounder = said(lambda x: curves["michaelis_menten"](x, top=60.0, half=20.0))
    assert "describes the data as well as any S-curve" in rounder
    assert "describes the data better than a straight line" in said(
        lambda x: 5 * np.sqrt(x), curves=["power"]
    )
    assert "response rises ever faster" in said(lambda x: 0.005 * x**2)
    assert said(lambda x: -0.5 * x).startswith("No curve describes")


def test_an_s_curve_has_to_beat_the_concave_curve_that_it_can_mimic() -> None:
    """A logistic with its inflection at the first spend is a tanh: only its rivals keep it from being called an S."""
    spend, response = campaign(lambda x: curves["tanh"](x, top=60.0, half=20.0), 3, noise=0.5)
    found = compare_curves(spend, response, curves=["logistic"], **QUICK)
    assert found.conclusion == "concave"
    assert found["logistic"].delta < found["power"].delta - 100  # against these two alone it would have won
    assert found["logistic"].delta < found["straight_line"].delta - 100


def test_the_patent_medicine_shows_no_bend(shared_data: Path) -> None:
    table = np.genfromtxt(
        shared_data / "lydia_pinkham" / "lydia_pinkham_annual.csv", delimiter=",", names=True
    )
    found = compare_curves(table["advertising_kusd"], table["sales_kusd"], order=table["year"], folds=0)
    assert found.conclusion == "concave"
    assert "an S-shape is not shown" in found.verdict


def test_an_s_curve_beyond_the_spend_seen_is_convex_and_below_it_concave() -> None:
    rng = np.random.default_rng(0)
    spend = rng.uniform(0, 100, 80)
    steep = compare_curves(
        spend, curves["hill"](spend, top=9e3, half=300.0, slope=3.0), curves=["hill"], **QUICK
    )
    assert (steep["hill"].kind, steep.conclusion) == ("convex", "convex")
    late = 60 + 0.4 * spend
    flat = compare_curves(
        late, curves["hill"](late, top=50.0, half=40.0, slope=2.0), curves=["hill"], **QUICK
    )
    assert flat["hill"].kind == "concave"


def test_a_lack_of_fit_of_the_best_curve_is_told() -> None:
    levels = np.repeat(np.linspace(0, 100, 21), 5)
    wave = 10 * np.sin(levels / 6) + np.random.default_rng(0).standard_normal(len(levels))
    found = compare_curves(levels, 0.5 * levels + wave, **QUICK)
    assert any("misses part of the pattern" in note for note in found.notes)


# The average


def test_the_average_is_the_weighted_sum_and_holds_both_uncertainties(bent: CurveComparison) -> None:
    at = np.array([0.0, 20.0, 50.0, 100.0, 150.0])
    found = bent.average(at)
    by_hand = sum(c.weight * c.response(at) for c in bent.candidates)
    assert found.estimate == pytest.approx(by_hand, rel=1e-12)
    assert (found.low < found.estimate).all() and (found.estimate < found.high).all()
    incremental = bent.average(at, incremental=True)
    assert incremental.estimate[0] == incremental.low[0] == incremental.high[0] == 0.0
    assert sum(len(c.resamples) for c in bent.candidates) == 400
    alone = replace(
        bent, candidates=tuple(c for c in bent.candidates if c.name == bent.best.name), notes=bent.notes
    ).average(at)
    assert (
        found.high[-1] - found.low[-1] > alone.high[-1] - alone.low[-1]
    )  # beyond the data the curves differ
    assert np.isnan(compare_curves(*campaign(s_curve, 1, rows=30), **QUICK).average(at).low).all()
    assert found.frame.shape == (5, 4)


def test_the_interval_of_the_average_covers_what_it_should() -> None:
    at = np.array([15.0, 40.0, 70.0])
    inside = np.zeros(3)
    runs = 30
    for seed in range(runs):
        spend, response = campaign(
            lambda x: curves["weibull"](x, top=50.0, half=40.0, slope=2.0), seed, rows=78
        )
        average = compare_curves(
            spend, response, curves=["hill", "gompertz", "logistic"], folds=0, resamples=120, seed=seed
        ).average(at)
        truth = 20 + curves["weibull"](at, top=50.0, half=40.0, slope=2.0)
        inside += (average.low <= truth) & (truth <= average.high)
    low, high = stats.binom.ppf([0.0005, 0.9995], runs, 0.9)
    assert (inside >= low).all() and (inside <= high).all(), inside
    assert not (low <= runs * 0.5 <= high)  # an interval half as good would be caught


# Counts and shares


def steep(spend: Any) -> Any:
    return 20 + curves["hill"](spend, top=150.0, half=45.0, slope=4.0)


def counted(family: str, seed: int = 0) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    rng = np.random.default_rng(seed)
    spend = np.repeat(np.linspace(5, 100, 16), 4)
    mean = steep(spend)
    if family == "poisson":
        return spend, rng.poisson(mean), {}
    if family == "negative binomial":
        return spend, rng.negative_binomial(60, 60 / (60 + mean)), {}
    exposures = rng.integers(800, 1200, len(spend))
    return spend, rng.binomial(exposures, mean / 400), {"exposures": exposures}


@pytest.mark.parametrize("family", ["poisson", "negative binomial", "binomial"])
def test_counts_and_shares_are_compared_by_their_own_likelihood(family: str) -> None:
    spend, response, extra = counted(family)
    found = compare_curves(spend, response, family=family, curves=["hill"], folds=0, resamples=100, **extra)
    noise = int(family == "negative binomial")
    assert [found[n].estimated for n in ("no_effect", "straight_line", "hill")] == [
        1 + noise,
        2 + noise,
        4 + noise,
    ]
    fit = fit_curve(spend, response, family=family, intervals=False, resamples=0, **extra)
    assert found["hill"].log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-6)
    assert found.conclusion == "S-shaped"
    average = found.average([40.0])
    truth = steep(40.0) / (400 if family == "binomial" else 1)
    assert average.low[0] < truth < average.high[0]
    exposed = extra.get("exposures", np.ones(len(spend)))
    share = response.sum() / exposed.sum()
    assert found["no_effect"].parameters[0] == pytest.approx(share, rel=1e-6)
    if family == "poisson":
        by_scipy = stats.poisson.logpmf(response, share).sum()
    elif family == "binomial":
        by_scipy = stats.binom.logpmf(response, exposed, share).sum()
    else:
        heights = [
            stats.nbinom.logpmf(response, size, size / (size + share)).sum()
            for size in np.geomspace(1, 100, 2001)
        ]
        by_scipy = max(heights)
    assert found["no_effect"].log_likelihood == pytest.approx(by_scipy, abs=1e-3)


def test_gaussian_log_likelihoods_are_those_of_fit_curve() -> None:
    spend, response = campaign(s_curve, 2, rows=40)
    found = compare_curves(spend, response, curves=["hill"], **QUICK)
    fit = fit_curve(spend, response, intervals=False, resamples=0)
    assert found["hill"].log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-8)


def test_the_deviance_test_of_grouped_counts_is_a_plain_loop() -> None:
    spend, response, _ = counted("poisson")
    found = compare_curves(spend, response, family="poisson", curves=["hill"], **QUICK)
    for name in ("hill", "straight_line"):
        mean, deviance = found[name].response(spend), 0.0
        for level in np.unique(spend):
            here = spend == level
            total, expected = response[here].sum(), mean[here].sum()
            deviance += 2 * (total * np.log(total / expected) - (total - expected))
        test = found[name].lack_of_fit
        assert (test.test, test.lack_degrees) == ("chi-square", 16 - found[name].estimated)
        assert test.statistic == pytest.approx(deviance, rel=1e-6)
        assert test.p == pytest.approx(stats.chi2.sf(deviance, test.lack_degrees), abs=1e-9)
    assert found["hill"].lack_of_fit.p > 0.01 > found["straight_line"].lack_of_fit.p


# What comes in, what goes out


def test_units_and_order_change_nothing(bent: CurveComparison) -> None:
    spend, response = campaign(s_curve, 9, rows=60)
    plain = compare_curves(spend, response)
    scaled = compare_curves(spend * 1e5, response * 1e-3)
    assert plain.table["delta"].to_numpy() == pytest.approx(scaled.table["delta"].to_numpy(), abs=1e-5)
    assert plain.table["weight"].to_numpy() == pytest.approx(scaled.table["weight"].to_numpy(), abs=1e-6)
    assert scaled.average([5e6]).estimate == pytest.approx(1e-3 * plain.average([50.0]).estimate, rel=1e-6)
    shuffled = np.random.default_rng(1).permutation(60)
    again = compare_curves(spend[shuffled], response[shuffled], order=shuffled)
    assert again.table["forecast_error"].to_numpy() == pytest.approx(
        plain.table["forecast_error"].to_numpy(), rel=1e-6
    )
    assert plain.table["aicc"].to_numpy() == pytest.approx(again.table["aicc"].to_numpy(), rel=1e-8)


def test_the_result_is_saved_and_loaded(bent: CurveComparison, tmp_path: Path) -> None:
    again = load_result(bent.save(tmp_path / "comparison.json"))
    assert again.table.equals(bent.table)
    assert again.verdict == bent.verdict
    at = [0.0, 40.0, 90.0]
    assert (again.average(at).high == bent.average(at).high).all()
    assert (again["straight_line"].response(at) == bent["straight_line"].response(at)).all()
    json.dumps(bent.to_dict(), allow_nan=False)
    with pytest.raises(ValueError, match="read-only"):
        again.spend[0] = 1.0


def test_the_same_seed_gives_the_same_and_another_seed_another() -> None:
    rows = campaign(s_curve, 4, rows=50)
    one, same, other = (compare_curves(*rows, folds=0, seed=s).average([40.0]) for s in (0, 0, 1))
    assert one.low == same.low
    assert one.low != other.low


def bad_formula(x: Any, half: Any, xp: Any) -> Any:
    return x / half * np.nan


def test_a_curve_that_fails_carries_its_status_and_the_rest_go_on() -> None:
    broken = Curve(
        "broken", (Parameter("half", Interval(1e-3, 1e3), Interval(0.1, 1.0), unit="spend"),), bad_formula
    )
    seen: list[tuple[int, int]] = []
    found = compare_curves(
        *campaign(s_curve, 0, rows=40),
        curves=["hill", broken],
        **QUICK,
        progress=lambda _, done, total: seen.append((done, total)),
    )
    assert found["broken"].status == "failed"
    assert found["broken"].weight == 0.0
    assert found.candidates[-1].name == "broken"
    assert found.conclusion == "S-shaped"
    assert any("broken (failed)" in note for note in found.notes)
    assert seen == [(i, 8) for i in range(1, 9)]


def test_few_rows_have_a_defined_status() -> None:
    spend, response = campaign(s_curve, 0, rows=6)
    found = compare_curves(spend, response, curves=["hill", "richards"])
    assert found["richards"].status == "too few rows for AICc"
    assert found["richards"].weight == 0.0
    assert found["hill"].status == "too few rows for AICc"
    assert np.isfinite(found.best.aicc)
    three = compare_curves(spend[:3], response[:3])
    assert three.conclusion == "undecided"
    assert three.verdict == "There are too few rows to compare curves."
    assert np.isnan(three.average([1.0]).low).all()


@pytest.mark.parametrize(
    ("spend", "response", "conclusion"),
    [
        (np.arange(30.0), np.full(30, 7.0), "no effect"),
        (np.arange(30.0), -np.arange(30.0), "no effect"),
        (np.full(30, 5.0), np.arange(30.0) % 7, "no effect"),
        (np.repeat([0.0, 5.0], 15), np.repeat([1.0, 4.0], 15) + np.tile([0, 0.1, -0.1], 10), "straight line"),
        (np.arange(30.0) * 1e9, np.arange(30.0) * 1e9 + np.tile([0, 1e7, -1e7], 10), "straight line"),
    ],
)
def test_hard_cases_have_a_verdict(spend: np.ndarray, response: np.ndarray, conclusion: str) -> None:
    found = compare_curves(spend, response, resamples=40)
    assert found.conclusion == conclusion
    assert np.isfinite(found.table["weight"]).all()
    assert np.isfinite(found.average([float(spend.max())]).low).all()


def test_noiseless_values_are_recognised() -> None:
    spend = np.linspace(0, 100, 40)
    found = compare_curves(spend, 3 + s_curve(spend), curves=["hill", "logistic"], **QUICK)
    assert (found.best.name, found.conclusion) == ("hill", "S-shaped")
    assert compare_curves(spend, 2 * spend, **QUICK).conclusion == "straight line"


def test_without_a_baseline_the_floor_is_no_response() -> None:
    spend, response = campaign(s_curve, 0)
    found = compare_curves(spend, response - 20, baseline=False, **QUICK)
    assert found["no_effect"].estimated == 1
    assert found["no_effect"].parameters.tolist() == [0.0]
    assert found["hill"].named["baseline"] == 0.0
    assert found.conclusion == "S-shaped"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"curves": "hill"}, "curves must be a list of names or curves, got 'hill'"),
        ({"curves": ["hil"]}, "no curve called 'hil'. Did you mean 'hill'"),
        ({"curves": [replace(curves["hill"], form="concave")], "name": 1}, "Two different curves are called"),
        ({"weights": [1.0]}, "must have one length"),
        ({"weights": np.zeros(20)}, "weights must be positive, got 0 at position 0"),
        ({"order": np.arange(3)}, r"order needs one value per row \(20\)"),
        ({"order": [*range(19), np.nan]}, "order has no value at position 19"),
        ({"family": "normal"}, "no family called 'normal'"),
        ({"family": "binomial", "response": np.ones(20)}, "needs exposures"),
        ({"family": "poisson"}, "whole counts"),
        ({"folds": 1}, "folds must be 0 or at least 2"),
        ({"folds": 2.5}, "folds must be a whole number, got 2.5"),
        ({"resamples": -1}, "resamples must be in"),
        ({"level": 1.0}, "level must be below 1"),
        ({"level": 0.0}, "level must be in"),
        ({"same_spend": -1.0}, "same_spend must be in"),
        ({"spend": np.zeros(20)}, "spend is 0 in every row"),
        ({"spend": np.full(20, -1.0)}, "spend must not be negative"),
        ({"response": np.full(20, np.nan)}, "response must be finite"),
    ],
)
def test_bad_input_is_told_in_a_sentence(change: dict[str, Any], message: str) -> None:
    spend, response = campaign(s_curve, 0, rows=20)
    options: dict[str, Any] = {"spend": spend, "response": response} | change
    if options.pop("name", None):
        options["curves"] = [*options["curves"], "hill"]
    with pytest.raises(InputError, match=message):
        compare_curves(options.pop("spend"), options.pop("response"), **options)


def test_unknown_names_of_a_comparison_are_told(bent: CurveComparison) -> None:
    with pytest.raises(InputError, match=r"no curve in this comparison called 'hil'\. Did you mean 'hill'"):
        bent["hil"]
