"""One campaign: recovery, a user's own curve, units, families, and each refusal."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import mixcurve as mc
from mixcurve import InputError, Interval, Parameter
from mixcurve.foundations.results import load_result
from mixcurve.response.bayes.curve.sample import sample_curve
from mixcurve.response.fitted import Fitted, response_draws

QUICK = {"draws": 400, "tune": 200, "seed": 3}
SPEND = np.linspace(0.0, 100.0, 60)
MEAN = 20.0 + mc.curves["hill"](SPEND, top=80.0, half=40.0, slope=2.5)
SALES = MEAN + np.random.default_rng(0).normal(0.0, 2.0, 60)


@pytest.fixture(scope="module")
def post():
    return sample_curve(SPEND, SALES, response_value=2.0, **QUICK)


def test_truth_is_recovered(post):
    truth = {"top": 80.0, "half": 40.0, "slope": 2.5, "baseline": 20.0, "noise": 2.0, "half_saturation": 40.0}
    for name, value in truth.items():
        found = post.interval("campaign", name, level=0.98)
        assert found.low < value < found.high, name
    assert post.status == "converged", post.message
    assert post.evidence[0].grade == "supported"
    assert (post.information[0] > 0.7).all()


def test_intervals_are_near_those_of_the_fit(post):
    fit = mc.fit_curve(SPEND, SALES, resamples=0)
    for name in ("half", "slope", "top", "inflection"):
        ours, theirs = post.interval("campaign", name), fit.interval(name)
        width = theirs.high - theirs.low
        assert abs(ours.low - theirs.low) < 0.35 * width, name
        assert abs(ours.high - theirs.high) < 0.35 * width, name


def test_roi_is_contribution_over_spend_in_money(post):
    brought = response_draws(post, SPEND[:, None])[..., 0].mean(axis=1)
    np.testing.assert_allclose(post.contribution[:, 0], brought, rtol=1e-6)
    np.testing.assert_allclose(post.figure("campaign", "roi"), 2.0 * brought / SPEND.mean(), rtol=1e-6)
    np.testing.assert_allclose(
        post.figure("campaign", "mroi"), 2.0 * post.figure("campaign", "marginal_response")
    )


def test_budgets_take_it(post):
    assert isinstance(post, Fitted)
    assert mc.allocate(post, budget=60.0).status == "optimal"


@pytest.mark.parametrize("progress", [False, True, None])
def test_nobody_needs_to_be_told(progress):
    found = sample_curve(SPEND, SALES, chains=1, draws=8, tune=50, progress=progress)
    assert found.draws.shape == (8, 1, 3)


def test_arviz_reads_the_tree(post):
    import arviz as az

    tree = post.inference
    assert tree["posterior"]["half"].shape == (4, 400, 1)
    assert tree["posterior"]["position"].sizes["coordinate"] == 4
    found = az.loo(tree)
    assert found.n_data_points == 60
    assert 1.0 < found.p < 10.0


def test_saves_and_tables(post, tmp_path):
    again = load_result(post.save(tmp_path / "curve.json"))
    np.testing.assert_array_equal(again.draws, post.draws)
    assert again.summary == post.summary
    assert "half" in post.summary and "supported" in post.summary
    assert post.table.loc["campaign", "half_low"] == post.interval("campaign", "half").low
    assert post.shrinkage_table.loc[("campaign", "half"), "own"] == pytest.approx(40.0, rel=0.1)


def test_units_change_no_draw(post):
    other = sample_curve(SPEND * 1e6, SALES * 1e-3, response_value=2.0, **QUICK)
    np.testing.assert_allclose(other.draws / post.draws, np.broadcast_to([1e-3, 1e6, 1.0], post.draws.shape))


def test_a_users_curve_samples_from_its_declaration():
    @mc.curve(
        [Parameter("scale", unit="spend"), Parameter("bend", Interval(0.5, 8.0), Interval(0.8, 4.0))],
    )
    def own_weibull(x, scale, bend, xp):
        return -xp.expm1(-xp.exp(bend * (xp.log(x) - xp.log(scale))))

    rng = np.random.default_rng(1)
    sales = 5.0 + own_weibull(SPEND, top=30.0, scale=35.0, bend=2.0) + rng.normal(0, 1.0, 60)
    found = sample_curve(SPEND, sales, curve=own_weibull, **QUICK)
    for name, value in {"scale": 35.0, "bend": 2.0, "top": 30.0}.items():
        one = found.interval("campaign", name, level=0.98)
        assert one.low < value < one.high, name


@pytest.mark.parametrize("family", ["student-t", "poisson", "negative binomial", "binomial"])
def test_other_families_recover(family):
    rng = np.random.default_rng(5)
    response, more = SALES.copy(), {}
    if family == "student-t":
        response[::12] += 60.0
    elif family == "poisson":
        response = rng.poisson(MEAN)
    elif family == "negative binomial":
        response = rng.poisson(MEAN * rng.gamma(50.0, 1 / 50.0, 60))
    else:
        response, more = rng.binomial(5_000, MEAN / 1_000.0), {"exposures": np.full(60, 5_000)}
    found = sample_curve(SPEND, response, family=family, **QUICK, **more)
    top = 0.08 if family == "binomial" else 80.0
    for name, value in {"half": 40.0, "slope": 2.5, "top": top}.items():
        one = found.interval("campaign", name, level=0.99)
        assert one.low < value < one.high, name
    assert found.statistics["diverging"].sum() == 0


def test_without_baseline_and_with_weights():
    weights = np.where(np.arange(60) % 2, 1.0, 100.0)
    rng = np.random.default_rng(2)
    sales = MEAN - 20.0 + rng.normal(0.0, 6.0, 60) / np.sqrt(weights)
    found = sample_curve(SPEND, sales, baseline=False, weights=weights, **QUICK)
    assert (found.baseline == 0).all()
    plain = sample_curve(SPEND, sales, baseline=False, **QUICK)
    wide, narrow = plain.interval("campaign", "half"), found.interval("campaign", "half")
    assert narrow.low < 40.0 < narrow.high
    assert narrow.high - narrow.low < 0.6 * (wide.high - wide.low)


def test_a_prior_in_words_moves_what_the_data_leave_open():
    low = SPEND < 25.0
    told = sample_curve(SPEND[low], SALES[low], priors={"half": (35.0, 45.0), "roi": (0.05, 0.5)}, **QUICK)
    half = told.interval("campaign", "half")
    assert 30.0 < half.low < half.high < 50.0
    assert "few" in told.summary or told.evidence[0].grade in ("weak", "not shown")


def test_no_effect_is_not_shown():
    noise = np.random.default_rng(4).normal(50.0, 3.0, 60)
    found = sample_curve(SPEND, noise, **QUICK)
    assert found.evidence[0].grade == "not shown"
    assert found.interval("campaign", "contribution").low < 0.5


def test_more_draws_narrow_nothing_but_errors(post):
    sizes = [post.interval("campaign", "half", level=level) for level in (0.5, 0.8, 0.95)]
    assert all(a.low > b.low and a.high < b.high for a, b in pairwise(sizes))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"response": np.full(60, 5.0)}, "response is 5 in every row"),
        ({"spend": -SPEND}, "spend must not be negative"),
        ({"response": np.where(SPEND > 50, np.nan, SALES)}, "response must be finite"),
        ({"response": SALES[:-1]}, "must have one length"),
        ({"curve": "hil"}, "Did you mean 'hill'"),
        ({"family": "gausian"}, "Did you mean 'gaussian'"),
        ({"family": "poisson"}, "whole counts"),
        ({"family": "binomial", "response": np.round(SALES)}, "needs exposures"),
        ({"family": "poisson", "response": np.round(SALES), "weights": SPEND + 1}, "weights do not go with"),
        ({"priors": {"haf": (1, 2)}}, "Did you mean 'half'"),
        ({"priors": {"half": (80, 20)}}, "the lower first, got (80, 20)"),
        ({"priors": {"half": (0, 20)}}, "two positive finite numbers"),
        ({"priors": {"half": 20}}, "priors['half'] must be two numbers, got 20"),
        ({"priors": {"half": (2e6, 8e6)}}, "Give it in the unit of the spend column"),
        ({"priors": {"slope": (1.0, 50.0)}}, "priors['slope'] must lie between 0.2 and 20"),
        ({"priors": {"roi": (5e3, 2e4)}}, "Give response per unit of spend"),
        ({"priors": [("half", (1, 2))]}, "priors must give ranges by name, got list"),
        ({"draws": 1}, "draws must be in"),
        ({"chains": 0}, "chains must be in"),
        ({"level": 1.5}, "level must be in"),
        ({"seed": -1}, "seed must be in"),
        ({"current": -3.0}, "current must be in"),
    ],
)
def test_refusals(changes, sentence):
    given = {"spend": SPEND, "response": SALES} | changes
    with pytest.raises(InputError) as caught:
        sample_curve(given.pop("spend"), given.pop("response"), **given)
    assert sentence in str(caught.value)
