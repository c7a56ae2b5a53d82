"""Stacking weights by their optimality; stacked curves by the definition of a mixture, and in a budget."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import optimize

import mixcurve as mc
from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.checks.loo import LeaveOneOut
from mixcurve.response.bayes.compare.posteriors import (
    PosteriorComparison,
    _same_rows,
    compare_posteriors,
    compared,
)
from mixcurve.response.bayes.compare.stacked import stacked_curve, stacked_curves, stacked_response
from mixcurve.response.bayes.compare.weights import stacking_weights
from mixcurve.response.curves import curves
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.fitted import KnownCurves, response_draws, response_from

FloatArray = npt.NDArray[np.float64]


def loo(pointwise: FloatArray, k: float = 0.2) -> LeaveOneOut:
    rows = tuple(f"row {i}" for i in range(len(pointwise)))
    return LeaveOneOut(rows, pointwise, 3.0, np.full(len(pointwise), k), 0.7, 4000)


@pytest.mark.parametrize("seed", range(8))
def test_weights_satisfy_the_conditions_of_the_optimum(seed: int) -> None:
    """At the maximum the mean of p_k / Σ w p is 1 where a weight is positive, and at most 1 elsewhere."""
    rng = np.random.default_rng(seed)
    density = rng.normal(-1.0, 0.7, (4, 150)) + rng.normal(0.0, 0.2, (4, 1))
    weights = stacking_weights(density)
    ratio = (np.exp(density) / (weights @ np.exp(density))).mean(axis=1)
    assert weights.sum() == pytest.approx(1.0)
    assert ratio.max() < 1.0 + 1e-6
    np.testing.assert_allclose(ratio[weights > 1e-4], 1.0, atol=1e-6)


def test_a_model_given_twice_gets_its_weight_once() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.normal(-1.0, 1.0, (2, 200))
    once, twice = stacking_weights([one, other]), stacking_weights([one, other, other])
    assert twice[1] + twice[2] == pytest.approx(once[1], abs=1e-4)


def test_two_weights_equal_a_search_over_one() -> None:
    rng = np.random.default_rng(5)
    density = rng.normal(-1.0, 0.5, (2, 80))
    best = optimize.minimize_scalar(
        lambda w: -np.log(w * np.exp(density[0]) + (1 - w) * np.exp(density[1])).sum(), bounds=(0, 1), method="bounded",
        options={"xatol": 1e-10},
    )  # fmt: skip
    assert stacking_weights(density)[0] == pytest.approx(best.x, abs=1e-5)


def test_the_best_comes_first_with_differences_and_a_verdict() -> None:
    rng = np.random.default_rng(2)
    good = rng.normal(-1.0, 0.3, 100)
    found = compared({"logistic": loo(good - 0.5 - 0.1 * rng.random(100)), "hill": loo(good)})
    assert found.best == "hill"
    assert found.difference[0] == found.difference_error[0] == 0.0
    assert found.difference[1] == pytest.approx(found.loo[0].elpd - found.loo[1].elpd)
    apart = found.loo[0].pointwise - found.loo[1].pointwise
    assert found.difference_error[1] == pytest.approx(10.0 * apart.std(ddof=1))
    assert found.verdict == "hill predicts best, clearly better than logistic."
    assert found.weight("hill") == pytest.approx(1.0, abs=1e-6)
    assert found.table.loc["logistic", "doubtful_rows"] == 0
    near = compared({"a": loo(good), "b": loo(good - 0.01, k=0.9)})
    assert near.verdict == "a and b predict about equally well, but rows of b could not be left out."


@pytest.fixture(scope="module")
def families() -> dict[str, KnownCurves]:
    """Return two families of two channels, 40 draws each; the second channel has the same curve in both."""
    rng = np.random.default_rng(3)

    def near(value: float) -> FloatArray:
        return np.asarray(value * np.exp(0.1 * rng.standard_normal(40)))

    ranges = {"tv": (0.0, 100.0), "search": (0.0, 60.0)}
    search: dict[str, Any] = {"top": near(50.0), "half": near(20.0), "slope": near(1.5)}
    return {
        "hill": response_from(
            {"tv": ("hill", {"top": near(90.0), "half": near(50.0), "slope": near(3.0)}), "search": ("hill", search)},
            spend_range=ranges,
        ),
        "logistic": response_from(
            {"tv": ("logistic", {"top": near(80.0), "midpoint": near(40.0), "steepness": near(4.0)}),
             "search": ("hill", search)},
            spend_range=ranges,
        ),
    }  # fmt: skip


def weighted(share: float) -> PosteriorComparison:
    base = compared({"hill": loo(np.array([-1.0, -1.1])), "logistic": loo(np.array([-1.2, -1.3]))})
    return replace(base, weights=np.array([share, 1.0 - share]))


def test_a_stacked_curve_is_one_of_its_curves_in_each_draw() -> None:
    hill, logistic = curves["hill"], curves["logistic"]
    both = stacked_curve([hill, logistic])
    x = np.linspace(0.0, 9.0, 19)
    rows = np.array([[2.0, 1.0, 3.0, 2.5, 0.0, 4.0, 3.0], [2.0, 0.0, 3.0, 2.5, 1.0, 4.0, 3.0]])
    alone = [(hill, [2.0, 3.0, 2.5]), (logistic, [2.0, 4.0, 3.0])]
    for row, (curve, own) in zip(rows, alone, strict=True):
        for function in (shape_of.response, shape_of.marginal):
            np.testing.assert_allclose(function(both, x, row), function(curve, x, own), rtol=1e-12)
        assert shape_of.inflection(both, row) == shape_of.inflection(curve, own)
    assert shape_of.inflection(both, rows).shape == (2,)


def test_stacked_curves_have_the_weighted_mean(families: dict[str, KnownCurves]) -> None:
    made = stacked_curves(weighted(0.75), families, draws=160)
    spend = np.array([[10.0, 5.0], [55.0, 33.0]])
    wanted = sum(
        w * response_draws(f, spend).mean(axis=0)
        for w, f in zip((0.75, 0.25), families.values(), strict=True)
    )
    np.testing.assert_allclose(response_draws(made, spend).mean(axis=0), wanted, rtol=1e-9)
    assert [c.name for c in made.curve] == ["stacked hill and logistic", "hill"]
    over = stacked_response(weighted(0.75), families, spend)
    np.testing.assert_allclose(over.mean, wanted, rtol=1e-12)
    assert over.frame("tv").columns.tolist() == ["spend", "mean", "low", "high", "hill", "logistic"]
    assert ((over.low < over.mean) & (over.mean < over.high)).all()
    assert stacked_response(weighted(0.5), families).spend[-1].tolist() == [120.0, 72.0]


def test_an_interval_of_a_mixture_holds_both_families(families: dict[str, KnownCurves]) -> None:
    spend = np.array([[30.0, 10.0]])
    alone = [stacked_response(weighted(w), families, spend) for w in (1.0, 0.0)]
    both = stacked_response(weighted(0.5), families, spend, level=0.99)
    assert both.low[0, 0] <= max(a.low[0, 0] for a in alone)
    assert both.high[0, 0] >= max(a.mean[0, 0] for a in alone)
    np.testing.assert_allclose(
        alone[0].low,
        np.quantile(response_draws(families["hill"], spend), 0.05, axis=0, method="inverted_cdf"),
    )


def test_a_budget_takes_stacked_curves(families: dict[str, KnownCurves]) -> None:
    """The plan is as good as the best of a fine grid of splits of the stacked mean."""
    made = stacked_curves(weighted(0.5), families, draws=80)
    plan = mc.allocate(made, budget=100.0)
    tv = np.linspace(0.0, 100.0, 2001)
    grid = response_draws(made, np.column_stack([tv, 100.0 - tv])).sum(axis=-1).mean(axis=0)
    assert plan.value >= grid.max() * (1.0 - 1e-6)
    assert plan.upper_bound >= grid.max()


def test_what_does_not_compare_is_refused(families: dict[str, KnownCurves]) -> None:
    with pytest.raises(InputError, match="no posterior called 'logistic'"):
        stacked_response(weighted(0.5), {"hill": families["hill"]})
    other = replace(families["logistic"], channels=("tv", "radio"))
    with pytest.raises(InputError, match="same channels, but 'hill' has tv, search and 'logistic' tv, radio"):
        stacked_curves(weighted(0.5), families | {"logistic": other})
    with pytest.raises(InputError, match="at least two to compare, got 0"):
        compare_posteriors({})


class Rows:
    """What `_same_rows` looks at of a posterior."""

    def __init__(
        self, response: FloatArray, noise: str = "gaussian", first: int = 0, width: float = 2.0
    ) -> None:
        self.contributions = response[:, None]
        self.baseline, self.residual = np.zeros(len(response)), np.zeros(len(response))
        self.dates = np.arange(first, first + len(response)).astype("datetime64[D]")
        self.noise, self.variables = noise, {"noise": np.full((1, 4), width)}


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (Rows(np.arange(4.0)), "same rows, but 'a' has 5 and 'b' 4"),
        (Rows(np.arange(5.0), first=1), "their dates differ"),
        (Rows(np.arange(5.0) + 1.0), "same response"),
    ],
)
def test_posteriors_of_other_data_are_refused(other: Any, words: str) -> None:
    mine: Any = Rows(np.arange(5.0))
    _same_rows({"a": mine, "b": mine})
    with pytest.raises(InputError, match=words):
        _same_rows({"a": mine, "b": other})


def test_noise_narrower_than_a_count_does_not_compare_with_counts() -> None:
    counts: Any = Rows(np.arange(5.0), "poisson")
    wide, narrow = (Rows(np.arange(5.0), "student-t", width=w) for w in (1.5, 0.4))
    both: dict[str, Any] = {"a": counts, "b": wide}
    _same_rows(both)
    _same_rows({"a": wide, "b": narrow})  # type: ignore[dict-item]
    with pytest.raises(
        InputError, match=r"'a' has poisson noise and 'c' student-t noise of 0\.4, less than one"
    ):
        _same_rows(both | {"c": narrow})


def counted(noise: float) -> Any:
    """Return a market of whole numbers of about 400 a week."""
    table = mc.simulate_market(["tv"], periods=104, noise=noise, seed=2).table
    response = np.round(400.0 * table.response / table.response.mean())
    return replace(table, response=response)


QUICK: dict[str, Any] = {"season": 1, "quick": True, "draws": 300, "checks": False, "seed": 1}


def test_other_units_of_the_response_shift_every_row_alike() -> None:
    """Of thousands instead of ones, a density per one is a thousandth: pointwise densities differ by log 1000."""
    table = counted(0.05)
    ones = mc.sample_mix(table, **QUICK)
    thousands = mc.sample_mix(replace(table, response=table.response / 1000.0), **QUICK)
    np.testing.assert_allclose(thousands.log_likelihood - ones.log_likelihood, np.log(1000.0), rtol=1e-10)


@pytest.mark.slow
def test_normal_noise_compares_with_counts_as_theory_says() -> None:
    """Poisson noise of 400 is nearly normal with deviation 20: both predict the rows about equally well."""
    table = counted(0.0001)
    rng = np.random.default_rng(3)
    table = replace(table, response=rng.poisson(table.response).astype(float))
    normal, poisson = (mc.sample_mix(table, noise=n, **QUICK) for n in ("gaussian", "poisson"))
    found = compare_posteriors({"normal": normal, "poisson": poisson})
    assert np.abs(found.loo[0].pointwise - found.loo[1].pointwise).mean() < 0.15
    assert found.difference[1] < 4.0
    wide = replace(table, response=np.round(table.response + 60.0 * rng.standard_normal(104)))
    normal, poisson = (mc.sample_mix(wide, noise=n, **QUICK) for n in ("gaussian", "poisson"))
    worse = compare_posteriors({"normal": normal, "poisson": poisson})
    assert worse.best == "normal"
    assert worse.difference[1] > 50.0
