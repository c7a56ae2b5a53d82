"""Laws of the best schedule and of its bound."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.flighting.check import verify_flight
from mixcurve.budget.flighting.flight import flight
from mixcurve.budget.flighting.plan import FlightPlan
from mixcurve.foundations.results import load_result

SPEC = importlib.util.spec_from_file_location("flight_cases", Path(__file__).with_name("cases.py"))
cases = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(cases)
ROUNDING = 1e-9


def test_no_schedule_on_a_grid_is_better_or_beyond_the_bound():
    rng = np.random.default_rng(1)
    ways = cases.shares(6, 12) / 12
    for _ in range(8):
        fitted, decay = cases.hills(rng, 2)
        budget, season = rng.uniform(0.5, 4) * 2, rng.uniform(0.5, 1.5, 3)
        plan = flight(fitted, budget, 3, season=season, carryover=cases.geometric(fitted, decay))
        every = cases.simulated(fitted, decay, budget * ways.reshape(-1, 3, 2), season)
        assert plan.value >= every.max() * (1 - ROUNDING)
        assert (
            plan.upper_bound
            >= plan.value
            >= cases.simulated(fitted, decay, plan.spend, season) * (1 - ROUNDING)
        )
        assert plan.spend.sum() <= budget * (1 + ROUNDING)


def test_the_grid_judge_catches_an_even_spread():
    fitted, decay = cases.hills(np.random.default_rng(3), 1, slope=(5, 5), decay=(0.1, 0.1))
    half = fitted.draws[0, 0, 1]
    ways = cases.shares(3, 12) / 12 * 1.5 * half
    best = cases.simulated(fitted, decay, ways.reshape(-1, 3, 1)).max()
    assert cases.simulated(fitted, decay, np.full((3, 1), 0.5 * half)) < 0.3 * best


def test_random_schedules_never_exceed_the_bound():
    rng = np.random.default_rng(2)
    fitted, decay = cases.hills(rng, 4)
    season = 1 + 0.5 * np.sin(np.arange(10))
    plan = flight(fitted, 12.0, 10, season=season, carryover=cases.geometric(fitted, decay))
    share = rng.dirichlet(np.full(40, 0.1), 10_000).reshape(-1, 10, 4)
    found = cases.simulated(fitted, decay, 12.0 * share, season)
    assert found.max() <= plan.upper_bound
    # Schedules near the best one come close to it, so that the comparison means something.
    near = plan.spend * np.exp(0.05 * rng.normal(size=(2_000, 10, 4)))
    near *= 12.0 / near.sum(axis=(1, 2), keepdims=True)
    close = cases.simulated(fitted, decay, near, season)
    assert close.max() <= plan.upper_bound
    assert close.max() > 0.98 * plan.upper_bound


@pytest.mark.parametrize("prices", [None, "rising"])
def test_concave_curves_without_carryover_are_spread_evenly(prices):
    fitted = mc.response_from(
        {
            "tv": ("michaelis_menten", {"top": 3.0, "half": 2.0}),
            "search": ("exponential", {"top": 2.0, "half": 1.0}),
            "radio": ("power", {"top": 0.7, "exponent": 0.5}),
        }
    )
    plan = flight(fitted, 60.0, 13)
    steady = mc.allocate(fitted, 60.0 / 13)
    np.testing.assert_allclose(plan.spend, np.tile(list(steady.spend.values()), (13, 1)), rtol=1e-6)
    assert plan.value == pytest.approx(13 * steady.value, rel=1e-9)
    assert plan.even_value == pytest.approx(plan.value, rel=1e-9)
    assert set(plan.pattern.values()) == {"spread"}
    assert "An even spread is as good" in plan.verdict
    if prices:
        dear = flight(fitted, 60.0, 13, prices=np.linspace(1.0, 2.0, 13))
        assert dear.value < plan.value
        assert dear.spend[0].sum() > dear.spend[-1].sum()


def test_full_credit_makes_the_steady_plan_best_on_concave_curves():
    fitted = mc.response_from(
        {
            "tv": ("michaelis_menten", {"top": 3.0, "half": 2.0}),
            "search": ("exponential", {"top": 2.0, "half": 1.0}),
        }
    )
    steady = mc.allocate(fitted, 3.0)
    before = dict(steady.spend)
    kernel = {"tv": ("geometric", {"decay": 0.7}), "search": ("geometric", {"decay": 0.2})}
    plan = flight(fitted, 60.0, 20, carryover=kernel, history=before, terminal="full")
    np.testing.assert_allclose(plan.spend, np.tile(list(steady.spend.values()), (20, 1)), rtol=1e-5)
    assert plan.gap < 1e-4
    left = 0.7 / 0.3 * steady.spend["tv"] + 0.2 / 0.8 * steady.spend["search"]
    assert plan.credit == pytest.approx(
        steady.shadow_price
        * (left - 0.7 / 0.3 * 0.7**20 * steady.spend["tv"] - 0.25 * 0.2**20 * steady.spend["search"]),
        rel=1e-5,
    )
    dry = flight(fitted, 60.0, 20, carryover=kernel, history=before)
    assert dry.spend[-1, 0] < 0.5 * plan.spend[-1, 0]


def test_alike_convex_periods_pulse_as_the_closed_form_says():
    # Without carryover, k pulses of budget / k: the best k is known.
    fitted = mc.response_from({"tv": ("hill", {"top": 1.0, "half": 1.0, "slope": 6.0})})
    for budget in (1.0, 2.6, 6.0):
        plan = flight(fitted, budget, 12)
        by_count = [k * (budget / k) ** 6 / (1 + (budget / k) ** 6) for k in range(1, 13)]
        assert plan.value == pytest.approx(max(by_count), rel=1e-9)
        assert (plan.spend > 0).sum() == 1 + int(np.argmax(by_count))
        assert plan.pattern == {"tv": "pulse"}
        assert plan.even_value == pytest.approx(by_count[-1], rel=1e-9)
        assert plan.even_value <= plan.even_bound < plan.value
        assert "pays" in plan.verdict and "proven" in plan.verdict


def test_never_below_even_spread_or_scaled_current_plan():
    rng = np.random.default_rng(4)
    for _ in range(4):
        fitted, decay = cases.hills(rng, 3)
        now = dict(zip(fitted.channels, rng.uniform(0.2, 2, 3).tolist()))
        plan = flight(
            fitted, 15.0, 8, carryover=cases.geometric(fitted, decay), current=now, history=0, tolerance=0.5
        )
        scaled = np.tile(np.array(list(now.values())) * 15.0 / 8 / sum(now.values()), (8, 1))
        assert plan.current_value == pytest.approx(cases.simulated(fitted, decay, scaled), rel=1e-12)
        assert plan.value >= max(plan.current_value, plan.even_value) * (1 - 1e-12)
        assert plan.even_value <= plan.even_bound
        for even in rng.dirichlet(np.ones(3), 200):
            spread = np.tile(even * 15.0 / 8, (8, 1))
            assert cases.simulated(fitted, decay, spread) <= plan.even_bound


def test_value_rises_with_the_budget():
    rng = np.random.default_rng(5)
    fitted, decay = cases.hills(rng, 3)
    plans = [flight(fitted, b, 8, carryover=cases.geometric(fitted, decay)) for b in (2, 4, 8, 16, 64)]
    for less, more in pairwise(plans):
        assert more.value >= less.value
        assert more.upper_bound >= less.upper_bound * (1 - 1e-4)


def test_all_bounds_are_kept():
    rng = np.random.default_rng(6)
    fitted, decay = cases.hills(rng, 4)
    low = np.r_[np.zeros(4), np.full(4, 0.3)]
    plan = flight(
        fitted,
        20.0,
        8,
        period_budgets=np.linspace(4.0, 3.0, 8),
        bounds={"c0": (6.0, 8.0), "c3": (0.0, 2.0)},
        period_bounds={"c1": (low, 1.5), "c2": (0.0, np.inf)},
        carryover=cases.geometric(fitted, decay),
    )
    total, by_period = plan.spend.sum(axis=0), plan.spend.sum(axis=1)
    slack = ROUNDING * 20
    assert plan.spend.sum() <= 20.0 + slack
    assert np.all(by_period <= np.linspace(4.0, 3.0, 8) + slack)
    assert 6.0 - slack <= total[0] <= 8.0 + slack
    assert total[3] <= 2.0 + slack
    assert np.all(plan.spend[:, 1] >= low - slack) and np.all(plan.spend[:, 1] <= 1.5 + slack)
    assert plan.value == pytest.approx(cases.simulated(fitted, decay, plan.spend), rel=1e-9)
    assert verify_flight(plan, fitted).ok
    free = flight(fitted, 20.0, 8, carryover=cases.geometric(fitted, decay))
    assert plan.value <= free.upper_bound


@pytest.mark.parametrize(
    "kernel",
    [
        ("delayed_geometric", {"decay": 0.5, "delay": 1.0}),
        ("weibull_pdf", {"scale": 2.0, "shape": 1.5}),
        ("binomial", {"decay": 0.4}),
        "none",
    ],
)
@pytest.mark.parametrize("slope", [0.9, 3.0])
def test_any_kernel_has_a_valid_bound(kernel, slope):
    rng = np.random.default_rng(7)
    fitted, _ = cases.hills(rng, 2, slope=(slope, slope))
    plan = flight(fitted, 10.0, 8, carryover=kernel, length=9)
    assert verify_flight(plan, fitted).ok
    assert plan.upper_bound >= plan.value
    if slope < 1:
        assert plan.gap < 2e-3, "concave: the envelope is the curve"
    lags = plan.problem.lag_weights()
    share = 10.0 * rng.dirichlet(np.full(16, 0.3), 4_000).reshape(-1, 8, 2)
    total = np.zeros(len(share))
    for c in range(2):
        top, half, steep = fitted.draws[0, c]
        for t in range(8):
            state = sum(lags[c, lag] * share[:, t - lag, c] for lag in range(t + 1))
            total += top * state**steep / (half**steep + state**steep)
    assert total.max() <= plan.upper_bound


def test_several_draws_maximise_the_mean():
    rng = np.random.default_rng(8)
    top, half = rng.uniform(1, 2, (2, 20)), rng.uniform(0.5, 3, (2, 20))
    fitted = mc.response_from(
        {f"c{i}": ("hill", {"top": top[i], "half": half[i], "slope": 3.0}) for i in range(2)}
    )
    plan = flight(fitted, 8.0, 6, carryover=("geometric", {"decay": 0.4}))
    each = [
        cases.simulated(
            replace(fitted, draws=fitted.draws[d : d + 1], resamples=fitted.draws[:0]), [0.4, 0.4], plan.spend
        )
        for d in range(20)
    ]
    assert plan.value == pytest.approx(np.mean(each), rel=1e-9)
    assert plan.value_interval[0] <= np.mean(each) <= plan.value_interval[1]
    assert verify_flight(plan, fitted).ok
    share = 8.0 * rng.dirichlet(np.full(12, 0.3), 300).reshape(-1, 6, 2)
    by_draw = [replace(fitted, draws=fitted.draws[d : d + 1], resamples=fitted.draws[:0]) for d in range(20)]
    mean = np.mean([cases.simulated(one, [0.4, 0.4], share) for one in by_draw], axis=0)
    assert mean.max() <= plan.upper_bound


def test_profit_stops_where_spend_no_longer_pays():
    fitted = mc.response_from({"tv": ("michaelis_menten", {"top": 4.0, "half": 1.0})})
    plan = flight(fitted, 1e3, 5, objective="profit", value=2.0)
    # 2 × 4 / (1 + x)² = 1 at x = √8 - 1.
    np.testing.assert_allclose(plan.spend[:, 0], np.sqrt(8.0) - 1.0, rtol=1e-6)
    assert plan.unspent == pytest.approx(1e3 - plan.spend.sum())
    assert "unspent" in plan.message
    assert plan.gap < 1e-4


def test_history_and_prices_enter_the_value():
    fitted, decay = cases.hills(np.random.default_rng(9), 2, decay=(0.3, 0.6))
    kernel = cases.geometric(fitted, decay)
    spend = np.random.default_rng(0).uniform(0, 1, (7, 2))
    plan = flight(fitted, 6.0, 4, carryover=kernel, history=spend[:3], prices=[1.0, 2.0, 0.5, 1.0])
    bought = np.concatenate([spend[:3], plan.spend / np.array([[1.0], [2.0], [0.5], [1.0]])])
    counted = np.r_[np.zeros(3), np.ones(4)]
    assert plan.value == pytest.approx(cases.simulated(fitted, decay, bought, counted), rel=1e-9)
    assert plan.response.sum() == pytest.approx(plan.value, rel=1e-9)
    idle = np.concatenate([spend[:3], np.zeros((4, 2))])
    assert plan.history_value == pytest.approx(cases.simulated(fitted, decay, idle, counted), rel=1e-9)


def test_a_plan_is_read_back_from_json(tmp_path):
    fitted, decay = cases.hills(np.random.default_rng(10), 2)
    plan = flight(fitted, 5.0, 5, carryover=cases.geometric(fitted, decay))
    again = load_result(plan.save(tmp_path / "plan.json"))
    assert isinstance(again, FlightPlan)
    np.testing.assert_array_equal(again.spend, plan.spend)
    assert (again.value, again.pattern, again.verdict) == (plan.value, plan.pattern, plan.verdict)
    assert verify_flight(again, fitted).ok
    assert list(plan.table.columns) == ["spend", "even_spend", "periods_on", "largest", "response", "pattern"]
    assert plan.schedule.to_numpy().sum() == pytest.approx(plan.spend.sum())
    assert plan.schedule.index.tolist() == [1, 2, 3, 4, 5]


def test_progress_is_told():
    fitted, decay = cases.hills(np.random.default_rng(11), 2)
    told = []
    flight(fitted, 5.0, 4, carryover=cases.geometric(fitted, decay), progress=lambda *a: told.append(a))
    assert told[0][1] == 0 and told[-1][1] == told[-1][2]


@pytest.mark.parametrize("order", ["carryover first", "saturation first"])
def test_the_fit_of_a_mix_brings_its_own_carryover(order):
    market = mc.simulate_market(["tv", "search"], periods=104, noise=0.05, seed=2)
    fit = mc.fit_mix(market.table, order=order, starts=8, resamples=40, season=1)
    budget = 10 * float(fit.current.sum())
    plan = flight(fit, budget, 10)
    assert plan.problem.order == order
    assert plan.problem.length == fit.carryover_length
    assert [plan.problem.kernel[i] for i in range(2)] == [fit.kernel_of(c)[0] for c in fit.channels]
    assert verify_flight(plan, fit).ok
    assert plan.gap < 0.02
    assert plan.value >= plan.current_value
    assert plan.value_interval[0] < plan.value_interval[1]
    if order == "saturation first":
        full = flight(fit, budget, 10, terminal="full")
        assert full.value == pytest.approx(full.credit + float(full.response.sum()), rel=1e-9)
        with pytest.raises(mc.InputError, match="terminal must be 'none' or 'full'"):
            flight(fit, budget, 10, terminal=0.3)
