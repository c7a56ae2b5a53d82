"""Most profitable and break-even budgets against closed forms, and what they say where there are none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

import mixcurve as mc
from mixcurve.budget.frontier.break_even import break_even
from mixcurve.budget.frontier.trace import frontier


def power(top=2.0, **words):
    return mc.response_from({"tv": ("power", {"top": top, "exponent": 0.5})}, **words)


def test_square_root_follows_the_closed_form():
    """20 √x - x is largest at x = 100, where it is 100, and 0 at x = 400."""
    found = break_even(power(), value=10.0)
    low, high = found.most_profitable_interval
    assert found.status == "found"
    assert found.most_profitable == pytest.approx(100.0, rel=1e-3)
    assert low <= 100.0 <= high
    assert high - low < 0.5
    assert found.profit == pytest.approx(100.0, rel=1e-6)
    assert found.profit <= 100.0 * (1 + 1e-12) <= found.profit_bound * (1 + 1e-12)
    assert found.break_even_interval[0] <= 400.0 <= found.break_even_interval[1]
    assert found.break_even == pytest.approx(400.0, rel=2e-6)


def test_logarithms_follow_the_closed_form():
    """v Σ t log(1 + x / s) - Σ x is largest where each v t / (s + x) is 1."""
    top, scale, value = np.array([3.0, 1.0]), np.array([4.0, 2.0]), 5.0
    fitted = mc.response_from(
        {n: ("logarithm", {"top": t, "scale": s}) for n, t, s in zip("ab", top, scale)}, current={"a": 6.0}
    )
    found = break_even(fitted, value=value)
    best = value * top - scale
    assert found.most_profitable == pytest.approx(best.sum(), rel=1e-3)
    assert found.profit == pytest.approx((value * top * np.log(1 + best / scale) - best).sum(), rel=1e-6)

    def profit(budget):
        spend = top * (budget + scale.sum()) / top.sum() - scale
        return value * (top * np.log(1 + spend / scale)).sum() - budget

    assert found.break_even == pytest.approx(brentq(profit, 20, 200), rel=2e-6)


def test_the_interval_holds_the_best_budget_of_s_curves(portfolio):
    fitted = portfolio(np.random.default_rng(3), 4, ("hill",))
    found = break_even(fitted, value=2.5)
    curve = frontier(fitted, np.linspace(0.0, 8.0, 9))
    budgets = np.linspace(0.0, 8.0, 4001)
    profit = 2.5 * curve.value_at(budgets) - budgets
    low, high = found.most_profitable_interval
    assert low <= budgets[np.argmax(profit)] + 0.002
    assert budgets[np.argmax(profit)] - 0.002 <= high
    assert found.profit == pytest.approx(profit.max(), rel=1e-4)


def test_a_frontier_with_a_value_tells_profit():
    found = frontier(power(current={"tv": 20.0}), value=10.0)
    assert found.budget[-1] >= 1.2 * 100
    assert found.break_even.most_profitable == pytest.approx(100.0, rel=1e-3)
    np.testing.assert_allclose(found.profit, 20 * np.sqrt(found.budget) - found.budget, atol=1e-4)
    assert "profit" in found.table.columns


def test_a_response_worth_too_little_earns_nothing():
    fitted = mc.response_from({"tv": ("michaelis_menten", {"top": 10.0, "half": 20.0})}, current={"tv": 5.0})
    found = break_even(fitted, value=1.9)  # the first unit of spend brings half a unit of response
    assert (found.status, found.break_even, found.most_profitable) == ("no profit", None, 0.0)
    assert "Every plan costs more" in found.message


def test_bounds_may_end_before_profit_does():
    found = break_even(power(), value=10.0, bounds={"tv": (0, 50)})
    assert found.status == "beyond bounds"
    assert found.most_profitable == pytest.approx(50.0)
    assert found.break_even is None
    assert "No budget within these constraints" in found.message


def test_refusals():
    with pytest.raises(mc.InputError, match="break_even needs value"):
        break_even(power())
    with pytest.raises(mc.InputError, match=r"value must be in \[0"):
        break_even(power(), value=-1.0)
    line = mc.response_from({"tv": ("power", {"top": 1.0, "exponent": 1.0})}, current={"tv": 5.0})
    with pytest.raises(mc.InputError, match="Profit still grows"):
        break_even(line, value=2.0)


def test_money_is_named():
    found = break_even(power(currency="GBP", every="month"), value=10.0)
    told = found.message.replace("\u00a0", " ")
    assert told.startswith("The most profitable budget is £100 a month: it earns £100 a month after its cost")
    assert told.endswith("break-even budget of £400 a month.")
