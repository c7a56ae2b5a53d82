"""Laws of the frontier: it rises, its slope is the shadow price, and between budgets it says what a solve says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.constraints.words import Group
from mixcurve.budget.frontier.curve import between
from mixcurve.budget.frontier.trace import frontier
from mixcurve.foundations.results import load_result
from mixcurve.response.evidence import ChannelEvidence

S_SHAPED = ("hill", "logistic", "gompertz", "weibull", "richards")
CONCAVE = ("michaelis_menten", "exponential", "tanh", "power", "logarithm")
PROVEN = 1e-6


def solved(fitted, budgets, **words):
    return np.array([mc.allocate(fitted, float(b), **words).value for b in budgets])


def response_of(fitted, spend):
    columns = []
    for i, curve in enumerate(fitted.curve):
        top, *shape = fitted.draws[0, i, : len(curve.names)]
        columns.append(top * curve.unit(np.asarray(spend)[..., i], shape))
    return np.sum(columns, axis=0)


@pytest.mark.parametrize("seed", range(2))
def test_between_budgets_it_says_what_a_solve_says(seed, portfolio):
    rng = np.random.default_rng(seed)
    fitted = portfolio(rng, 5, (*S_SHAPED, *CONCAVE))
    found = frontier(fitted, np.linspace(0.0, 6.0, 13))
    at = rng.uniform(0.0, 6.0, 12)
    best, largest = solved(fitted, at), found.value[-1]
    assert found.complete
    np.testing.assert_allclose(found.value_at(at), best, atol=PROVEN * largest, rtol=0)
    assert np.all(found.bound_at(at) >= best)


def test_wrong_shadow_prices_would_be_caught(portfolio):
    rng = np.random.default_rng(5)
    fitted = portfolio(rng, 4, ("hill",))
    found = frontier(fitted, np.linspace(0.0, 6.0, 9))
    at = rng.uniform(0.0, 6.0, 10)
    wrong = between(at, found.budget, found.value, 0.9 * found.slope, found.switch)
    assert np.abs(wrong - solved(fitted, at)).max() > 10 * PROVEN * found.value[-1]


@pytest.mark.parametrize("seed", range(2))
def test_value_and_bound_rise(seed, portfolio):
    fitted = portfolio(np.random.default_rng(seed), 5, ("hill", "logistic", "michaelis_menten"))
    found = frontier(fitted, np.geomspace(0.01, 1e2, 10), max_nodes=5)
    assert np.all(np.diff(found.value) >= 0)
    assert np.all(np.diff(found.upper_bound) >= 0)
    assert np.all(found.upper_bound >= found.value)
    assert np.all(np.diff(found.value_at(np.linspace(0.01, 1e2, 500))) >= 0)


def test_concave_curves_give_a_concave_frontier_whose_slope_is_the_shadow_price(portfolio):
    fitted = portfolio(np.random.default_rng(6), 6, CONCAVE)
    found = frontier(fitted, np.linspace(0.5, 8.0, 16))
    slope = np.diff(found.value) / np.diff(found.budget)
    assert np.all(np.diff(slope) <= PROVEN * slope[:-1])
    assert np.all(np.diff(found.shadow_price) <= PROVEN * found.shadow_price[:-1])
    at, price = found.budget[::4], found.shadow_price[::4]
    step = 1e-4 * at
    rise = solved(fitted, at + step) - solved(fitted, at - step)
    np.testing.assert_allclose(price, rise / (2 * step), rtol=1e-5)


def test_the_slope_is_the_shadow_price_between_switches(portfolio):
    fitted = portfolio(np.random.default_rng(7), 4, ("hill", "logistic"))
    found = frontier(fitted, np.linspace(0.0, 6.0, 9))
    beside = np.concatenate([[True], found.switch]) | np.concatenate([found.switch, [True]])
    at = found.budget[~beside][::4]
    step = 1e-5 * at
    rise = solved(fitted, at + step) - solved(fitted, at - step)
    np.testing.assert_allclose(found.shadow_price[~beside][::4], rise / (2 * step), rtol=1e-4)


def test_two_alike_s_curves_switch_where_they_must():
    """All on one pays until u / (u + 1) = 2u / (u + 16), u = (B / 50)^4: at u = 14."""
    twins = {name: ("hill", {"top": 100, "half": 50, "slope": 4}) for name in ("tv", "radio")}
    found = frontier(mc.response_from(twins), np.linspace(0, 200, 21), precision=1e-5)
    switch = found.switches[-1]
    assert switch.low <= 50 * 14**0.25 <= switch.high
    assert switch.high - switch.low <= 1e-5 * 200
    assert switch.change == "on"
    assert switch.spend_low == 0.0
    assert switch.spend_high == pytest.approx(25 * 14**0.25, rel=1e-4)
    assert [s.change for s in found.switches] == ["on", "on"]


def test_logarithms_switch_on_one_by_one_where_the_closed_form_says():
    """Channel k goes on when the price Σ top / (B + Σ scale) of those on falls to its top / scale."""
    top, scale = np.array([3.0, 1.0, 0.5, 2.0]), np.array([1.0, 2.0, 0.3, 5.0])
    fitted = mc.response_from(
        {f"c{i}": ("logarithm", {"top": t, "scale": s}) for i, (t, s) in enumerate(zip(top, scale))}
    )
    order = np.argsort(-top / scale)
    on = {"c0": 0.0} | {
        f"c{k}": top[order[:m]].sum() * scale[k] / top[k] - scale[order[:m]].sum()
        for m, k in enumerate(order)
        if m
    }
    found = frontier(fitted, np.linspace(0, 20, 21))
    assert [s.channel for s in found.switches] == [f"c{k}" for k in order]
    for switch in found.switches:
        assert switch.change == "on"
        assert switch.low <= on[switch.channel] <= switch.high


def test_a_bound_is_met_where_the_closed_form_says():
    """Square roots share money as their tops squared: 9 to 1, so the first meets 45 at a budget of 50."""
    fitted = mc.response_from({n: ("power", {"top": t, "exponent": 0.5}) for n, t in (("a", 3), ("b", 1))})
    found = frontier(fitted, np.linspace(0, 100, 11), bounds={"a": (0, 45), "b": (0, 30)})
    told = [(s.channel, s.change) for s in found.switches if s.low > 1]
    assert told == [("a", "at upper bound"), ("b", "at upper bound")]
    assert found.switches[-2].low <= 50 <= found.switches[-2].high
    assert found.switches[-1].low <= 75 <= found.switches[-1].high * (1 + 1e-9)
    assert found.value_at(90) == found.value_at(75 + 0.1)
    assert found.money[-1] == pytest.approx(75)


@pytest.mark.parametrize(
    "words",
    [
        {"setup_cost": {"channel 0": 0.3, "channel 2": 0.2}},
        {"least_if_on": {"channel 1": 0.8, "channel 3": 1.0}},
        {"groups": {"pair": Group(["channel 0", "channel 1"], most=1.5)}},
    ],
    ids=["setup", "least", "group"],
)
def test_other_constraints_keep_the_laws(words, portfolio):
    rng = np.random.default_rng(8)
    fitted = portfolio(rng, 4, ("hill",))
    found = frontier(fitted, np.linspace(0.0, 5.0, 5), **words)
    at = rng.uniform(0.0, 5.0, 4)
    assert np.all(np.diff(found.value) >= 0)
    np.testing.assert_allclose(
        found.value_at(at), solved(fitted, at, **words), atol=PROVEN * found.value[-1], rtol=0
    )


def test_bounds_that_move_with_the_budget_are_part_of_the_slope(portfolio):
    """Weak channels stay near the present, both ends moved with the budget, and not at all below and above it alike."""
    rng = np.random.default_rng(15)
    now = {"channel 0": 1.4, "channel 1": 0.9, "channel 2": 0.7}
    known = portfolio(rng, 4, ("hill", "michaelis_menten"), current=now)
    grades = ("weak", "supported", "not shown", "supported")
    fitted = replace(known, evidence=tuple(map(ChannelEvidence, known.channels, grades, [()] * 4)))
    found = frontier(fitted, np.linspace(0.5, 6.0, 12))
    at = np.append(rng.uniform(0.5, 6.0, 8), [2.999, 3.001])
    np.testing.assert_allclose(found.value_at(at), solved(fitted, at), atol=PROVEN * found.value[-1], rtol=0)
    assert found.complete
    assert np.all(np.diff(found.value) >= 0)
    assert np.abs(found.slope - found.shadow_price).max() > 1e-3 * found.slope.max()


def test_a_plan_between_two_budgets_keeps_the_budget_and_is_as_good_as_said(portfolio):
    fitted = portfolio(np.random.default_rng(9), 5, CONCAVE)
    found = frontier(fitted, np.linspace(0.0, 5.0, 31))
    for budget in (0.0, 0.77, 3.3, 5.0):
        plan = found.spend_at(budget)
        spend = np.array([plan[c] for c in fitted.channels])
        assert spend.sum() <= budget * (1 + 1e-12)
        assert response_of(fitted, spend) == pytest.approx(float(found.value_at(budget)), rel=1e-3)


def test_by_default_it_runs_from_nothing_to_twice_the_current_plan(portfolio):
    now = {f"channel {i}": 1.3 for i in range(3)}
    found = frontier(portfolio(np.random.default_rng(10), 3, ("hill",), current=now))
    assert found.budget[0] == 0.0
    assert found.budget[-1] == pytest.approx(7.8)
    assert np.isclose(found.budget[found.asked], 3.9).any()
    assert found.current == pytest.approx(3.9)


def test_by_default_it_begins_at_the_least_budget_that_admits_a_plan(portfolio):
    now = {f"channel {i}": 1.3 for i in range(3)}
    fitted = portfolio(np.random.default_rng(10), 3, ("hill",), current=now)
    assert frontier(fitted, bounds={"channel 0": (0.7, 3.0)}).budget[0] == pytest.approx(0.7, rel=1e-9)
    group = Group(["channel 0", "channel 1"], least=1.1)
    assert frontier(fitted, groups={"pair": group}).budget[0] == pytest.approx(1.1, rel=1e-6)


def test_intervals_come_from_the_resamples():
    rng = np.random.default_rng(11)
    draws = {"top": rng.normal(100, 5, 200), "half": rng.normal(50, 3, 200), "slope": np.full(200, 2.0)}
    known = mc.response_from({"tv": ("hill", draws)})
    fitted = replace(known, draws=known.draws.mean(axis=0, keepdims=True))
    found = frontier(fitted, np.linspace(0, 100, 11), level=0.8)
    assert found.interval.shape == (len(found.budget), 2)
    k = int(np.flatnonzero(found.budget == 100)[0])
    at = known.draws[:, 0, 0] * 100**2 / (100**2 + known.draws[:, 0, 1] ** 2)
    np.testing.assert_allclose(found.interval[k], np.quantile(at, [0.1, 0.9]), rtol=1e-9)


def test_a_frontier_survives_a_file(tmp_path, portfolio):
    fitted = portfolio(np.random.default_rng(12), 3, ("hill",), current={"channel 0": 1.0})
    found = frontier(fitted, [0, 1, 2, 3], value=2.0)
    back = load_result(found.save(tmp_path / "frontier.json"))
    assert back.to_dict() == found.to_dict()
    np.testing.assert_array_equal(back.value_at([0.3, 2.2]), found.value_at([0.3, 2.2]))
    assert list(found.table.columns[:3]) == ["budget", "value", "upper_bound"]
    assert len(found.switch_table) == len(found.switches)


@pytest.mark.parametrize(
    ("budgets", "words", "message"),
    [
        ([-1, 5], {}, "must not be negative"),
        ([3], {}, "at least two different amounts"),
        ([1, np.nan], {}, "must be finite"),
        ([1, 5], {"bouns": {}}, "Did you mean 'bounds'"),
        ([1, 5], {"precision": 0.0}, "precision must be in"),
        ([1, 5], {"tolerance": -1.0}, "tolerance must be in"),
        ([1, 5], {"bounds": {"chanel 0": (0, 1)}}, "Did you mean 'channel 0'"),
    ],
)
def test_hostile_questions_are_refused(budgets, words, message, portfolio):
    with pytest.raises(mc.InputError, match=message):
        frontier(portfolio(np.random.default_rng(13), 3), budgets, **words)


def test_budgets_without_a_plan_are_refused(portfolio):
    fitted = portfolio(np.random.default_rng(13), 3)
    with pytest.raises(InfeasibleError, match="lower bounds add up to 2, more than the budget of 1"):
        frontier(fitted, [1, 5], bounds={"channel 0": (2, 4)})


def test_budgets_outside_are_refused(portfolio):
    found = frontier(portfolio(np.random.default_rng(14), 2), [1, 5])
    with pytest.raises(mc.InputError, match="within the frontier, 1 to 5, got 6"):
        found.value_at([2, 6])
