"""Priors in words: nine in ten prior draws lie in the range asked for, in the planner's units, or it is refused."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.parameters import Interval, Parameter
from mixcurve.response.bayes.model.likelihood import IntegratedGaussian
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.model.problem import BayesProblem, pose_for_sampling
from mixcurve.response.bayes.priors.resolved import ResolvedPriors, parameter_map, range_map
from mixcurve.response.bayes.priors.words import ChannelPrior, resolve_priors
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.carryover import half_life
from mixcurve.response.curves import curves
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.fit.mix.options import mix_options
from mixcurve.response.simulate import simulate_market
from mixcurve.tables.table import SpendTable

DRAWS = 4000
EXACT = 3.5 * np.sqrt(0.05 * 0.95 / DRAWS)
"""A tail of 5% in so many draws, to three and a half standard errors."""


@cache
def table(groups: int | None = None) -> SpendTable:
    return simulate_market(
        ["tv", "search", "radio"], periods=104, groups=groups, response_name="orders", seed=1
    ).table


def posed(curve: Any = "hill", carryover: Any = "geometric", groups: int | None = None) -> BayesProblem:
    chosen = mix_options(
        table(groups), curve=curve, carryover=carryover, order="carryover first", noise="gaussian",
        errors="independent", groups="separate",
    )  # fmt: skip
    return pose_for_sampling(table(groups), chosen, {"trend": "linear", "season": 1})


def model_of(problem: BayesProblem, priors: ResolvedPriors) -> MixModel:
    return MixModel(problem, priors, IntegratedGaussian(priors))


def tails(values: np.ndarray, low: float, high: float) -> tuple[float, float]:
    return float((values < low).mean()), float((values > high).mean())


def totals(model: MixModel, draws: np.ndarray) -> np.ndarray:
    """Response of each channel over all rows (draws × C), summed row by row in the table's units."""
    xp = DrawVectors()
    rows = model.channels(xp, xp.position(draws)).contributions.values
    return rows.reshape(len(draws), len(model.problem.channels), -1) @ model.problem.mix.row_unit


def test_roi_is_response_over_spend_of_all_rows_and_money_with_value() -> None:
    problem = posed()
    spent = table().spend.sum(axis=0)
    for low, high, value in ((0.01, 0.04, 1.0), (0.4, 1.6, 40.0)):
        priors = resolve_priors(problem, {"tv": {"roi": (low, high)}}, value=value)
        model = model_of(problem, priors)
        draws = np.random.default_rng(0).standard_normal((DRAWS, model.space.dimensions))
        below, above = tails(totals(model, draws)[:, 0] * value / spent[0], low, high)
        assert below == pytest.approx(0.05, abs=EXACT)
        assert above == pytest.approx(0.05, abs=EXACT)


def test_a_range_taken_for_another_unit_would_be_seen() -> None:
    problem = posed()
    model = model_of(problem, resolve_priors(problem, {"tv": {"roi": (0.01, 0.04)}}))
    draws = np.random.default_rng(0).standard_normal((DRAWS, model.space.dimensions))
    roi = totals(model, draws)[:, 0] / table().spend[:, 0].sum()
    assert tails(1.3 * roi, 0.01, 0.04) != pytest.approx((0.05, 0.05), abs=EXACT)


def test_roi_in_groups_is_of_all_groups_together() -> None:
    problem = posed(groups=2)
    model = model_of(problem, resolve_priors(problem, {"tv": {"roi": (0.01, 0.04)}}))
    draws = np.random.default_rng(0).standard_normal((DRAWS, model.space.dimensions))
    draws[:, model.space.rows("size by group")] = 0.0
    roi = totals(model, draws)[:, 0] / table(2).spend[:, 0].sum()
    assert tails(roi, 0.01, 0.04) == pytest.approx((0.05, 0.05), abs=EXACT)


def test_a_contribution_is_a_share_of_all_response() -> None:
    problem = posed()
    model = model_of(problem, resolve_priors(problem, {"tv": {"contribution": (0.05, 0.2)}}))
    draws = np.random.default_rng(0).standard_normal((DRAWS, model.space.dimensions))
    share = totals(model, draws)[:, 0] / table().response.sum()
    assert tails(share, 0.05, 0.2) == pytest.approx((0.05, 0.05), abs=EXACT)


@pytest.mark.parametrize("groups", [None, 2])
def test_marginal_roi_is_the_derivative_of_the_steady_response_at_the_present_plan(
    groups: int | None,
) -> None:
    problem = posed(groups=groups)
    model = model_of(
        problem, resolve_priors(problem, {"tv": {"mroi": (0.4, 1.6)}}, value=40.0, current={"tv": 30_000})
    )
    draws = np.random.default_rng(0).standard_normal((DRAWS, model.space.dimensions))
    for block in ("size by group", "half by group"):
        if model.space.has(block):
            draws[:, model.space.rows(block)] = 0.0
    xp = DrawVectors()
    found = model.channels(xp, xp.position(draws))
    sizes, count = problem.sizes, len(problem.groups)
    half, slope = (found.shape[0, name].values for name in ("half", "slope"))
    total = 0.0
    for g, size in enumerate(sizes):
        # The plan goes to the groups by their size; each responds by its own curve, in its own units.
        scale = size * problem.mix.spend_unit[0]
        spend = 30_000 * size / sizes.sum()
        parameters = {
            "top": found.top.values[:, g] * size * problem.mix.response_unit,
            "half": half[:, 0 if half.shape[1] == len(problem.channels) else g] * scale,
            "slope": slope[:, 0],
        }
        total = total + shape_of.marginal("hill", spend, parameters) * size / sizes.sum()
    assert count == (groups or 1)
    assert tails(40.0 * np.asarray(total), 0.4, 1.6) == pytest.approx((0.05, 0.05), abs=EXACT)


@pytest.mark.parametrize(
    "kernel", ["geometric", "binomial", "weibull_pdf", "weibull_cdf", "delayed_geometric"]
)
def test_a_half_life_is_that_of_the_weights_at_both_ends(kernel: str) -> None:
    problem = posed(carryover=kernel)
    priors = resolve_priors(problem, {"tv": {"half_life": (2.0, 2.6)}})
    first, *others = problem.options.kernel[0].parameters
    middles = [float(priors.maps[0, p.name].quantile(0.5)[0]) for p in others]
    for share, life in ((0.05, 2.0), (0.95, 2.6)):
        value = float(priors.maps[0, first.name].quantile(share)[0])
        assert half_life(kernel, [value, *middles], length=problem.options.length) == pytest.approx(life)
    assert (" where " in priors.words[f"{first.name}[tv]"]) == bool(others)


@pytest.mark.parametrize("name", [n for n, c in curves.items() if c.ceiling])
def test_half_saturation_is_in_money_a_period_for_every_curve_with_a_ceiling(name: str) -> None:
    problem = posed(curve=name, groups=2)
    priors = resolve_priors(problem, {"tv": {"half_saturation": (20_000, 80_000)}})
    scale = problem.mix.spend_unit[0] * 2
    for share, spend in ((0.05, 20_000), (0.95, 80_000)):
        values = {}
        for p in curves[name].parameters:
            quantile = priors.maps[0, p.name].quantile(share if p.spend_power else 0.5)
            values[p.name] = float(quantile[0]) * scale**p.spend_power
        assert float(shape_of.half_saturation(name, values)) == pytest.approx(spend)
    label = next(p.name for p in curves[name].parameters if p.spend_power)
    assert priors.words[f"{label}[tv]"].startswith("half-saturation £20k to £80k a week, as asked")
    assert (" where " in priors.words[f"{label}[tv]"]) == (label == "midpoint")


def test_an_inflection_is_turned_at_the_middle_of_the_slope_and_said() -> None:
    problem = posed()
    priors = resolve_priors(problem, {"tv": {"inflection": (20_000, 40_000), "slope": (2, 4)}})
    middle = float(priors.maps[0, "slope"].quantile(0.5)[0])
    half = float(priors.maps[0, "half"].quantile(0.95)[0]) * problem.mix.spend_unit[0]
    assert float(shape_of.inflection("hill", {"half": half, "slope": middle})) == pytest.approx(40_000)
    assert "where slope is 2.83" in priors.words["half[tv]"]


def test_parameters_by_name_hold_nine_in_ten_and_the_others_their_typical_range() -> None:
    problem = posed()
    priors = resolve_priors(
        problem, {"tv": ChannelPrior(slope=(1.5, 3.0), decay=(0.2, 0.6), half=(9e3, 9e4))}
    )
    unit = problem.mix.spend_unit[0]
    for name, low, high, scale in (("slope", 1.5, 3.0, 1), ("decay", 0.2, 0.6, 1), ("half", 9e3, 9e4, unit)):
        prior = priors.maps[0, name]
        assert float(prior.quantile(0.05)[0]) * scale == pytest.approx(low)
        assert float(prior.quantile(0.95)[0]) * scale == pytest.approx(high)
    usual = parameter_map(problem.options.curve[1].parameters[1])
    assert priors.maps[1, "slope"].quantile(0.05) == pytest.approx(usual.quantile(0.05))
    assert [r.kind for r in priors.sizes] == ["pooled"] * 3


def test_every_coordinate_of_the_channels_has_its_words() -> None:
    problem = posed(curve={"tv": "hill", "search": "logistic", "radio": "hill"})
    priors = resolve_priors(problem)
    labels = {label for label in model_of(problem, priors).space.labels if label != "noise"}
    assert set(priors.words) == labels


def test_a_star_stands_for_every_channel_and_gives_way_to_what_is_said_of_one() -> None:
    problem = posed(curve={"tv": "power", "search": "hill", "radio": "logistic"})
    said = {
        "*": {"roi": (0.01, 0.04), "half_saturation": (2e4, 8e4)},
        "search": {"contribution": (0.05, 0.1)},
    }
    priors = resolve_priors(problem, said)
    words = priors.words
    assert words["size[tv]"].startswith("ROI 0.01 to 0.04")
    assert words["size[search]"].startswith("contribution 5% to 10%")
    assert words["half 2[search]"].startswith("half-saturation £20k to £80k")
    assert words["midpoint 3[radio]"].startswith("half-saturation £20k to £80k")


def test_a_range_near_the_edge_of_a_domain_is_kept_and_one_at_it_starts_inside() -> None:
    decay = Parameter("decay", Interval(0.0, 1.0), Interval(0.0, 0.8), scale="linear")
    near = range_map(decay, 0.002, 0.02)
    assert near.quantile(0.05) == pytest.approx(0.002)
    assert near.quantile(0.95) == pytest.approx(0.02)
    for low, high in ((0.0, 0.01), (0.99, 1.0), (0.0, 1.0)):
        found = range_map(decay, low, high)
        assert (found.spread > 0).all()
        assert 0 < found.quantile(0.05)[0] < found.quantile(0.95)[0] < 1


REFUSED = [
    ({"tv": {"roi": (3, 1)}}, r"prior of 'tv' says roi=\(3, 1\), but the range is upside down\. Write roi=\(1, 3\)"),
    ({"tv": {"roi": (0, 1)}}, r"'tv' says roi=\(0, 1\), but roi must be above 0.*roi=\(0\.05, 1\)"),
    ({"tv": {"contribution": (-0.1, 0.1)}}, r"contribution=\(-0\.1, 0\.1\), but contribution must be above 0"),
    ({"tv": {"roi": (1, float("inf"))}}, r"roi=\(1, inf\), but both ends must be finite"),
    ({"tv": {"roi": (1, 1)}}, r"a low end below its high end"),
    ({"tv": {"roi": 2}}, r"roi=2, but a range is two numbers\. Give two numbers that nine in ten values lie between"),
    ({"tv": {"roi": "20k"}}, r"a range is two numbers"),
    ({"tv": {"roi": "12"}}, r"a range is two numbers"),
    ({"tv": {"roi": (1, 2, 3)}}, r"a range is two numbers"),
    ({"telly": {"roi": (1, 2)}}, r"There is no channel called 'telly'\. .*Known: tv, search, radio"),
    ({"serch": {"roi": (1, 2)}}, r"Did you mean 'search'\?"),
    ({"tv": {"half_saturaton": (1, 2)}}, r"no word 'half_saturaton' for a prior\. Did you mean 'half_saturation'\?"),
    ({"*": {"sloppe": (1, 2)}}, r"prior of every channel says sloppe=.*Did you mean 'slope'\?"),
    ({"tv": {"roi": (0.01, 0.02), "mroi": (0.01, 0.02)}}, r"roi and mroi speak of the same thing"),
    ({"tv": {"half": (2e4, 8e4), "half_saturation": (2e4, 8e4)}}, r"half sets the same parameter, half\. Keep one"),
    ({"tv": {"roi": (2, 4)}}, r"times all orders\. Did you mean money per unit of spend\?"),
    ({"tv": {"roi": (1e-8, 1e-7)}}, r"at most .* of all orders for 43% of all spend\. Did you mean"),
    ({"tv": {"contribution": (5, 20)}}, r"between 0 and 1\. Did you mean percent\? Write contribution=\(0\.05, 0\.2\)"),
    ({"tv": {"contribution": (0.5, 1.0)}}, r"between 0 and 1\. Give shares below 1"),
    ({"*": {"contribution": (0.4, 0.8)}}, r"low ends of the priors of tv, search, radio are 120% of the mean response"),
    ({"tv": {"half_saturation": (20, 80)}}, r"more than 50 times below it\. Did you mean another unit of money\?"),
    ({"tv": {"half_saturation": (2e7, 8e7)}}, r"more than 50 times above it"),
    ({"tv": {"half_life": (2, 40)}}, r"over the 26 weeks kept has a half-life of at most 8\.95 weeks"),
    ({"tv": {"half_life": (0.1, 4)}}, r"shortest half-life that 'geometric' can have is 0\.5 weeks.*\(0\.5, 4\)"),
    ({"tv": {"slope": (0.01, 2)}}, r"slope must lie within \[0\.2, 20\]"),
    ({"tv": {"half": (0.3, 2)}}, r"half must lie within .* in spend a week"),
    ({"tv": 3}, r"must be a ChannelPrior or a mapping of ranges"),
    ([("tv", 3)], r"priors must be a mapping by channel"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "sentence"), REFUSED)
def test_what_cannot_be_meant_is_refused_in_a_sentence(words: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        resolve_priors(posed(), words)


@pytest.mark.parametrize(
    ("curve", "kernel", "words", "sentence"),
    [
        (
            "power",
            "geometric",
            {"tv": {"half_saturation": (2e4, 8e4)}},
            "curve 'power' has no half-saturation",
        ),
        ("exponential", "geometric", {"tv": {"inflection": (2e4, 8e4)}}, "'exponential' has no inflection"),
        ("hill", "none", {"tv": {"half_life": (1, 2)}}, "carryover 'none' has no half-life"),
        ("logarithm", "weibull_pdf", {}, "both have a parameter 'scale', which cannot be told apart"),
        ("hill", "none", {"*": {"half_life": (1, 2)}}, "carryover 'none' has no half-life"),
        (
            "hill",
            "geometric",
            {"tv": {"inflection": (2e4, 8e4), "slope": (0.5, 0.9)}},
            "has none where slope is",
        ),
    ],
)
def test_a_word_that_the_curve_or_kernel_cannot_have_is_refused(
    curve: str, kernel: str, words: Any, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        resolve_priors(posed(curve, kernel), words)


def test_the_wrong_unit_with_a_value_is_asked_about_the_other_way_round() -> None:
    with pytest.raises(InputError, match=r"Did you mean orders per unit of spend\? With value=0.001"):
        resolve_priors(posed(), {"tv": {"roi": (0.02, 0.04)}}, value=0.001)
    with pytest.raises(InputError, match="value must be in"):
        resolve_priors(posed(), {"tv": {"roi": (0.02, 0.04)}}, value=0.0)


def test_marginal_roi_needs_spend_in_the_present_plan() -> None:
    with pytest.raises(
        InputError, match=r"the present plan spends nothing there.*Give current=\{'tv': \.\.\.\}"
    ):
        resolve_priors(posed(), {"tv": {"mroi": (0.1, 0.2)}}, current={"tv": 0.0})


def test_a_small_channel_may_bring_little() -> None:
    small = posed()
    priors = resolve_priors(small, {"tv": {"roi": (1e-4, 1e-3)}})
    assert priors.sizes[0].kind == "size"
