"""What an allocation tells beyond spend: money, groups, floors, profit, risk, reasons; and that it saves and loads."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.constraints.words import Constraints, Group
from mixcurve.budget.objectives import CVaR, MeanMinusRisk
from mixcurve.budget.problem import Allocation
from mixcurve.budget.worth import worth_of_changes
from mixcurve.foundations.results import load_result

NOW = {"tv": 40.0, "radio": 30.0, "search": 20.0, "social": 10.0}


def known(draws=1, **words):
    rng = np.random.default_rng(5)
    curves = {
        c: ("hill", {"top": 100.0 * np.exp(0.3 * rng.normal(size=draws)), "half": 30.0 + 5 * i, "slope": 1.5})
        for i, c in enumerate(NOW)
    }
    return mc.response_from(curves, current=NOW, **words)


def test_the_budget_is_what_the_current_plan_costs():
    assert mc.allocate(known()).budget.total == 100.0
    paid = mc.allocate(known(), setup_cost={"tv": 5.0, "radio": 1.0})
    assert paid.budget.total == 106.0
    assert paid.money["tv"] == paid.spend["tv"] + 5.0 * ("tv" in paid.on)


def test_relative_bounds_are_of_the_current_plan():
    plan = mc.allocate(known(), 100.0, within="±30%", bounds={"tv": "-50%..+0%"})
    assert plan.budget.lower.tolist() == pytest.approx([20, 21, 14, 7])
    assert plan.budget.upper.tolist() == pytest.approx([40, 39, 26, 13])
    locked = mc.allocate(known(), 100.0, locked=["tv", "social"])
    assert (locked.spend["tv"], locked.spend["social"]) == (40.0, 10.0)


def test_groups_are_told():
    groups = {"digital": Group(["search", "social"], most="-50%"), "all": Group(["digital", "tv", "radio"])}
    plan = mc.allocate(known(), 100.0, groups=groups, value=2.0)
    digital = plan.groups[0]
    assert (digital.name, digital.channels, digital.current_money) == ("digital", ("search", "social"), 30.0)
    assert digital.money == pytest.approx(15.0)
    assert digital.binding == "most"
    assert digital.response == pytest.approx(plan.response["search"] + plan.response["social"])
    assert digital.roi == pytest.approx(2.0 * digital.response / 15.0)
    assert digital.cpa == pytest.approx(15.0 / digital.response)
    assert {plan.binding[c] for c in ("search", "social") if c in plan.on} == {"most of digital"}
    assert list(plan.groups_table.index) == ["digital", "all"]
    assert plan.groups_table.loc["digital", "money"] == digital.money


def test_a_cap_on_a_group_is_named_for_unspent_money():
    groups = {"digital": Group(["search", "social"], most=20.0)}
    plan = mc.allocate(known(), 100.0, groups=groups, bounds={"tv": (0, 30), "radio": (0, 30)})
    assert plan.unspent == pytest.approx(20.0)
    assert set(plan.unspent_reasons) == {
        "tv is at its upper bound of 30",
        "radio is at its upper bound of 30",
        "digital is at its most of 20",
    }
    assert plan.shadow_price == 0.0


def test_profit_is_value_less_money_and_leaves_what_does_not_pay():
    plan = mc.allocate(known(), 400.0, objective="profit", value=1.0, check_units=False)
    assert plan.objective == "profit"
    assert plan.value == pytest.approx(sum(plan.response.values()) - sum(plan.money.values()))
    assert plan.profit == pytest.approx(plan.value)
    assert plan.current_value == pytest.approx(plan.current_profit)
    assert plan.unspent > 0
    assert "more spend would cost more than it brings" in plan.unspent_reasons[0]
    # Where money is left, the last unit on each channel that is on brings what it costs.
    assert [plan.marginal[c] for c in plan.on] == pytest.approx([1.0] * len(plan.on), rel=1e-4)


def test_a_floor_on_roi_stops_spending_and_is_named():
    free = mc.allocate(known(), 400.0)
    ratio = free.value / 400.0
    plan = mc.allocate(known(), 400.0, roi=1.2 * ratio, value=1.0)
    money = sum(plan.money.values())
    assert sum(plan.response.values()) / money == pytest.approx(1.2 * ratio, rel=1e-6)
    assert plan.unspent == pytest.approx(400.0 - money)
    assert any("ROI of the plan at least" in reason for reason in plan.unspent_reasons)
    assert {plan.binding[c] for c in plan.on} == {"ROI of the plan"}
    dear = mc.allocate(known(), 400.0, cpa=1.0 / (1.2 * ratio))
    assert dear.value == pytest.approx(plan.value, rel=1e-5)


def test_a_floor_on_marginal_roi_holds_for_every_channel_that_is_on():
    plan = mc.allocate(known(), 400.0, mroi=0.8, value=1.0)
    assert plan.on
    for channel in plan.on:
        assert plan.marginal[channel] >= 0.8 * (1 - 1e-9)
    assert plan.unspent > 0
    assert any("floor on marginal ROI" in reason for reason in plan.unspent_reasons)
    assert mc.verify(plan, known()).ok


def test_responses_of_different_value():
    value = {"tv": 1.0, "radio": 1.0, "search": 5.0, "social": 1.0}
    plan, plain = mc.allocate(known(), value=value), mc.allocate(known())
    assert plan.objective == "value of the response"
    assert plan.value == pytest.approx(sum(value[c] * plan.response[c] for c in NOW))
    assert plan.spend["search"] > plain.spend["search"]
    assert mc.allocate(known(), value=3.0).spend == plain.spend


def test_prices_that_rise_make_money_buy_less():
    tiers = {"tv": [(0, 1.0), (20.0, 2.0)]}
    plan = mc.allocate(known(), bounds={"tv": (40.0, 40.0)}, prices=tiers)
    same = mc.allocate(known(), 90.0, bounds={"tv": (30.0, 30.0)})
    assert plan.response["tv"] == pytest.approx(same.response["tv"])
    assert plan.value == pytest.approx(same.value, rel=1e-6)
    assert plan.marginal["tv"] == pytest.approx(0.5 * same.marginal["tv"])


def test_several_draws_tell_their_risk():
    fitted = known(200)
    plan = mc.allocate(fitted)
    spend = np.array([plan.spend[c] for c in NOW])
    top, half, slope = np.moveaxis(fitted.draws, -1, 0)
    with np.errstate(divide="ignore"):
        totals = np.sort((top / (1 + (half / spend) ** slope)).sum(axis=1))
    assert plan.value == pytest.approx(totals.mean())
    assert plan.risk_figures.mean == pytest.approx(totals.mean())
    assert plan.risk_figures.worst_tenth == pytest.approx(totals[:20].mean())
    assert plan.risk_figures.better_share == plan.better_share
    careful = mc.allocate(fitted, objective=CVaR(0.1))
    assert careful.value >= plan.risk_figures.worst_tenth * (1 - 1e-3)
    assert careful.value == pytest.approx(careful.risk_figures.worst_tenth, rel=1e-9)
    assert careful.risk.tail == 0.1
    assert careful.current_value <= careful.value
    mixed = mc.allocate(fitted, objective=MeanMinusRisk(0.0))
    assert mixed.value == pytest.approx(plan.value, rel=2e-3)


def test_a_point_fit_with_resamples_has_draws_for_risk():
    values = {**vars(known()), "resamples": known(50).draws}
    fitted = type(known())(**values)
    plan = mc.allocate(fitted, objective=CVaR(0.2))
    assert plan.risk_figures.draws == 50
    assert plan.objective == "mean response over the worst 20% of the draws"


def test_an_objective_of_ones_own_is_local():
    plan = mc.allocate(known(), objective=lambda spend: -float(((spend - [50, 20, 20, 10]) ** 2).sum()))
    assert plan.status == "local"
    assert plan.upper_bound == float("inf")
    assert "local searches" in plan.message
    assert plan.spend == pytest.approx({"tv": 50, "radio": 20, "search": 20, "social": 10}, abs=1e-3)
    groups = {"g": Group(["tv"], most=30.0)}
    held = mc.allocate(
        known(), groups=groups, objective=lambda spend: -float(((spend - [50, 20, 20, 10]) ** 2).sum())
    )
    assert held.spend["tv"] == pytest.approx(30.0, abs=1e-3)
    assert sum(held.spend.values()) <= 100.0 * (1 + 1e-9)


def test_stated_constraints_are_kept_and_changed():
    stated = Constraints(within="±10%", most_on=4)
    assert mc.allocate(known(), constraints=stated).budget.upper[0] == pytest.approx(44.0)
    assert mc.allocate(known(), constraints=stated, within="±20%").budget.upper[0] == pytest.approx(48.0)
    assert mc.allocate(known(), constraints=stated).constraints.within == "±10%"


def test_an_allocation_survives_a_file(tmp_path):
    groups = {"digital": Group(["search", "social"], most=20.0)}
    plan = mc.allocate(known(), groups=groups, value=1.5, setup_cost={"tv": 3.0})
    back = load_result(plan.save(tmp_path / "plan.json"))
    assert mc.verify(back, known()).ok
    assert back.groups[0].money == plan.groups[0].money
    assert back.constraints.groups["digital"].most == 20.0
    assert back.unspent_reasons == plan.unspent_reasons


def test_an_allocation_saved_before_these_fields_loads():
    new = {
        "objective", "sense", "risk", "constraints", "money", "setup_cost", "on", "held", "capped",
        "unspent_reasons", "groups", "profit", "current_profit", "risk_figures",
    }  # fmt: skip
    assert new <= {f.name for f in fields(Allocation)}
    old = {k: v for k, v in mc.allocate(known()).to_dict().items() if k not in new}
    assert Allocation.from_dict(old).objective == "response"


def test_the_worth_of_a_change_keeps_the_constraints():
    groups = {"digital": Group(["search", "social"], most=20.0)}
    plan = mc.allocate(known(), groups=groups, objective="profit", value=2.0)
    worth = worth_of_changes(known(), plan)
    assert min(worth.values()) >= 0.0
    # Current spend of search alone is all that the group may have, so keeping it is possible and costs something.
    assert worth["search"] >= 0.0
    with pytest.raises(mc.InputError, match="function of your own"):
        worth_of_changes(known(), mc.allocate(known(), objective=lambda spend: -float(spend.sum())))
