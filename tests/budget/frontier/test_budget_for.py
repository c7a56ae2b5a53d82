"""The least budget for a response: it inverts the frontier, its lower end is proven, refusals say what is possible."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.frontier.least import budget_for
from mixcurve.budget.frontier.trace import frontier
from mixcurve.foundations.results import load_result

S_SHAPED = ("hill", "logistic", "gompertz", "weibull", "richards")


def square_roots(**words):
    """Σ t √x is worth √(Σ t² B) at best: 10 √B here."""
    tops = {"a": 8.0, "b": 6.0}
    return mc.response_from({n: ("power", {"top": t, "exponent": 0.5}) for n, t in tops.items()}, **words)


@pytest.mark.parametrize("target", [0.01, 3.0, 250.0, 1e5])
def test_square_roots_need_the_square_of_the_response(target):
    found = budget_for(square_roots(), target)
    assert found.status == "optimal"
    assert found.least <= (target / 10) ** 2 <= found.budget * (1 + 1e-12)
    assert found.gap <= 1e-6
    assert found.plan.value >= target


def test_it_inverts_the_frontier(portfolio):
    rng = np.random.default_rng(1)
    fitted = portfolio(rng, 4, ("hill", "logistic"))
    curve = frontier(fitted, np.linspace(0.0, 6.0, 7))
    for target in rng.uniform(0.05, 0.95, 2) * curve.value[-1]:
        found = budget_for(fitted, target)
        assert mc.allocate(fitted, found.budget).value >= target
        assert curve.value_at(found.budget * (1 + 1e-5)) >= target * (1 - 1e-6)
        assert curve.value_at(found.least * (1 - 1e-5)) <= target * (1 + 1e-6)
        assert found.short.upper_bound < target <= found.plan.value
        assert found.short.budget.total == found.least
        assert mc.verify(found.short, fitted).ok


def test_no_plan_on_a_grid_reaches_it_with_less(portfolio, grid_value):
    fitted = portfolio(np.random.default_rng(4), 4, S_SHAPED)
    target = mc.allocate(fitted, 3.0).value * 0.999
    found = budget_for(fitted, target)
    assert grid_value(fitted, found.least * 0.9999, cells=500) < target
    assert found.budget <= 3.0


def test_an_open_gap_is_stated_as_an_interval():
    rows = [(1.0 + 1e-3 * i, 1.0, 5.0) for i in range(12)]
    fitted = mc.response_from(
        {f"c{i}": ("hill", dict(zip(("top", "half", "slope"), row))) for i, row in enumerate(rows)},
        current={"c0": 5.0},
    )
    found = budget_for(fitted, 4.3, max_nodes=1)
    assert found.status == "gap"
    assert found.least < found.budget
    closed = budget_for(fitted, 4.3)
    assert found.least <= closed.budget
    assert closed.least <= found.budget
    assert "It is proven that less than" in found.message


def test_constraints_are_kept():
    found = budget_for(square_roots(), 50.0, bounds={"a": (0, 4)})
    assert found.plan.spend["a"] == pytest.approx(4.0)
    assert found.budget == pytest.approx(4.0 + ((50.0 - 16.0) / 6.0) ** 2, rel=1e-6)


def test_lower_bounds_that_reach_it_are_the_answer():
    found = budget_for(square_roots(), 10.0, bounds={"a": (4, 9)})
    assert found.budget == found.least == 4.0
    assert found.status == "optimal"


def test_nothing_is_needed_for_nothing():
    assert budget_for(square_roots(), 0.0).budget == 0.0


def test_the_probability_is_the_share_of_draws_that_reach_it():
    rng = np.random.default_rng(5)
    tops = rng.normal(10.0, 2.0, 400)
    several = mc.response_from({"tv": ("power", {"top": tops, "exponent": 0.5})})
    found = budget_for(several, 30.0)
    assert found.budget == pytest.approx((30.0 / tops.mean()) ** 2, rel=1e-6)
    assert found.probability == np.mean(tops * np.sqrt(found.budget) >= 30.0)
    one = replace(several, draws=several.draws.mean(axis=0, keepdims=True))
    assert budget_for(one, 30.0).probability == pytest.approx(found.probability, abs=0.01)
    assert budget_for(square_roots(), 30.0).probability is None


def test_what_is_out_of_reach_is_refused_with_what_is_not():
    fitted = mc.response_from(
        {"tv": ("hill", {"top": 900, "half": 40_000, "slope": 2.2})}, currency="GBP", response_name="orders"
    )
    with pytest.raises(
        mc.InputError, match=r"at most what these curves bring .* 900 orders a.week .* got 950"
    ):
        budget_for(fitted, 950)
    with pytest.raises(mc.InputError, match=r"450 orders a.week at a budget of £40k, got 500 orders"):
        budget_for(fitted, 500, bounds={"tv": (0, 40_000)})


@pytest.mark.parametrize(
    ("response", "words", "message"),
    [
        (-1.0, {}, "response must be in"),
        (np.nan, {}, "response must be finite"),
        ("many", {}, "response must be a number"),
        (5.0, {"tolerance": 0.0}, "tolerance must be in"),
        (5.0, {"lockd": ["a"]}, "Did you mean 'locked'"),
    ],
)
def test_hostile_questions_are_refused(response, words, message):
    with pytest.raises(mc.InputError, match=message):
        budget_for(square_roots(), response, **words)


def test_money_is_named_and_the_answer_survives_a_file(tmp_path):
    found = budget_for(square_roots(currency="EUR", every="month", response_name="leads"), 200.0)
    assert found.message.replace("\u00a0", " ").startswith(
        "€400 a month is the least budget that reaches 200 leads"
    )
    assert load_result(found.save(tmp_path / "least.json")).to_dict() == found.to_dict()
