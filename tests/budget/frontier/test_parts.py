"""The parts of the frontier by themselves: interpolation, brackets, values lifted by proof."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.frontier.bracket import narrowed
from mixcurve.budget.frontier.curve import between, doubt
from mixcurve.budget.frontier.plans import Plans, Question
from mixcurve.budget.frontier.rising import risen
from mixcurve.budget.frontier.switches import locate, switches


def nodes(function, slope, budget):
    return budget, function(budget), slope(budget), np.zeros(len(budget) - 1, dtype=bool)


@pytest.mark.parametrize("power", [0.3, 1.0, 2.5])
def test_powers_are_interpolated_exactly(power):
    budget = np.array([0.5, 1.0, 3.0, 10.0])
    made = nodes(lambda b: 2 * b**power, lambda b: 2 * power * b ** (power - 1), budget)
    at = np.linspace(0.5, 10, 50)
    np.testing.assert_allclose(between(at, *made), 2 * at**power, rtol=1e-12)


def test_a_steep_start_is_a_power():
    budget = np.array([0.0, 1.0, 2.0])
    slope = np.array([1e150, 0.3, 0.3 * 2**-0.7])
    value = np.array([0.0, 1.0, 2**0.3])
    found = between(np.array([0.0, 0.1, 0.5]), budget, value, slope, np.zeros(2, dtype=bool))
    np.testing.assert_allclose(found, np.array([0.0, 0.1, 0.5]) ** 0.3, rtol=1e-12)


def test_crossing_plans_are_the_larger_of_two_tangents():
    budget, value, slope = np.array([1.0, 2.0]), np.array([1.0, 3.0]), np.array([0.5, 3.0])
    found = between(np.array([1.2, 1.9]), budget, value, slope, np.array([True]))
    np.testing.assert_allclose(found, [1.1, 2.7])


@pytest.mark.parametrize("count", [12, 24, 48])
def test_the_doubt_is_of_the_size_of_the_error(count):
    def function(b):
        return b**2 / (1 + b**2)

    budget = np.linspace(0.2, 4.0, count)
    made = nodes(function, lambda b: 2 * b / (1 + b**2) ** 2, budget)
    middle = 0.5 * (budget[1:] + budget[:-1])
    error = np.abs(between(middle, *made) - function(middle))
    assert doubt(*made).max() >= 0.3 * error.max()
    assert doubt(*made).max() <= 30 * error.max()


def test_the_doubt_sees_wrong_slopes():
    budget = np.linspace(0.2, 4.0, 24)
    value, slope, still = np.log1p(budget), 1 / (1 + budget), np.zeros(23, dtype=bool)
    assert doubt(budget, value, 0.9 * slope, still).max() > 100 * doubt(budget, value, slope, still).max()


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x - 1 / 3,
        lambda x: x**9 - 1e-4,
        lambda x: np.inf if x > 0.7 else -1.0,
        lambda x: np.sqrt(x) - 0.9,
    ],
)
def test_a_bracket_holds_the_zero_and_is_narrow(function):
    calls = []

    def counted(x):
        calls.append(x)
        return function(x)

    low, high = narrowed(counted, 0.0, 1.0, 1e-6)
    assert function(low) < 0 <= function(high)
    assert high - low <= 1e-6 * high
    assert len(calls) < 45


@dataclass
class FakePlan:
    channels: tuple[str, ...]
    upper_bound: float
    response: dict[str, float]
    budget: SimpleNamespace


def point(total, value, bound, spend, upper=None):
    limits = SimpleNamespace(
        lower=np.zeros(1), upper=np.array([total if upper is None else upper]), total=total
    )
    plan = FakePlan(("tv",), bound, {"tv": value}, limits)
    return SimpleNamespace(budget=total, value=value, plan=plan, spend=np.array([spend]))


def test_a_better_plan_for_less_money_takes_its_place():
    found = risen([point(1, 5.0, 5.5, 1.0), point(2, 4.0, 6.0, 2.0), point(3, 7.0, 5.8, 3.0)])
    np.testing.assert_array_equal(found.value, [5.0, 5.0, 7.0])
    np.testing.assert_array_equal(found.spend[:, 0], [1.0, 1.0, 3.0])
    np.testing.assert_array_equal(found.upper_bound, [5.5, 5.8, 7.0])


def test_no_plan_is_lifted_out_of_its_bounds():
    found = risen([point(1, 5.0, 5.5, 1.0), point(2, 4.0, 4.2, 0.5, upper=0.5)])
    np.testing.assert_array_equal(found.value, [5.0, 4.0])
    np.testing.assert_array_equal(found.upper_bound, [5.5, 4.2])


def test_the_search_for_switches_ends_where_it_may_solve_no_more():
    twins = {name: ("hill", {"top": 100, "half": 50, "slope": 4}) for name in ("tv", "radio")}
    plans = Plans(Question(mc.response_from(twins), {}), most=1)
    for budget in (50.0, 150.0):
        plans.at(budget)
    locate(plans, 1e-6)
    assert plans.spare == 1
    assert switches(plans.points)[0].high - switches(plans.points)[0].low > 1


def test_a_channel_that_leaves_one_bound_for_another_is_told_twice():
    twins = {name: ("hill", {"top": 100, "half": 50, "slope": 4}) for name in ("tv", "radio")}
    plans = Plans(Question(mc.response_from(twins), {}), most=1)
    a, b = plans.at(50.0), plans.at(150.0)
    held, free = replace(a, state=("lower bound", "off")), replace(b, state=("upper bound", "on"))
    assert [s.change for s in switches([held, free])] == ["leaves lower bound", "at upper bound", "on"]
    assert [s.change for s in switches([free, held])] == ["leaves upper bound", "at lower bound", "off"]
