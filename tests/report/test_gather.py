"""The facts of a report: steps that suit the spend, what present spend is, names for money."""

from __future__ import annotations

import dataclasses
from types import ModuleType

import numpy as np
import pytest

from mixcurve import allocate, response_from
from mixcurve.report.facts import ChannelFacts, Estimate
from mixcurve.report.gather import channel_facts, marginal_step, plan_facts, present_spend
from mixcurve.report.money_names import names_money


def facts(current: float, marginal: float) -> tuple[ChannelFacts, ...]:
    known = response_from({"tv": ("hill", {"top": 9.0, "half": 4.0, "slope": 2.0})}, current={"tv": current})
    return tuple(dataclasses.replace(c, marginal=Estimate(marginal)) for c in channel_facts(known, None))


@pytest.mark.parametrize("current", [0.37, 14.0, 900.0, 91_000.0, 3e7])
@pytest.mark.parametrize("is_money", [True, False])
@pytest.mark.parametrize("money_unit", [1.0, 1_000.0])
def test_the_next_step_is_a_small_part_of_spend(current: float, is_money: bool, money_unit: float) -> None:
    step = marginal_step(facts(current, 0.001), response_is_money=is_money, money_unit=money_unit)
    assert step <= 0.05 * current
    assert np.log10(step) == pytest.approx(round(np.log10(step)))


def test_the_next_step_brings_a_number_of_two_digits_where_spend_is_large() -> None:
    assert 10.0 <= 0.012 * marginal_step(facts(91_000.0, 0.012), response_is_money=False) < 100.0
    assert marginal_step(facts(91_000.0, 0.012), response_is_money=True) == 1.0


@pytest.mark.parametrize("last", [1, 13, 52, 104])
def test_present_spend_is_named_by_the_periods_it_is_the_mean_of(cases: ModuleType, last: int) -> None:
    table, fit = cases.table_and_fit(3)
    said = present_spend(table, fit, table.spend[-last:].mean(axis=0))
    names = {1: "that of the last week", 104: "the mean of all 104 weeks"}
    assert said == names.get(last, f"the mean of the last {last} weeks")
    assert present_spend(table, fit, np.full(3, 123.0)) == "present spend per week as given"


def test_worth_and_bounds_reach_the_facts() -> None:
    twins = {name: ("hill", {"top": 100.0, "half": 50.0, "slope": 4.0}) for name in ("tv", "radio")}
    known = response_from(twins, current={"tv": 30.0, "radio": 30.0})
    found = channel_facts(known, allocate(known, 60.0))
    assert [round(c.worth or 0.0, 1) for c in found] == [44.5, 44.5]
    assert [c.bounds for c in found] == [(0.0, 60.0)] * 2
    assert not any(c.held for c in found)


def test_an_upper_bound_that_leaves_money_is_no_hold_and_has_no_price() -> None:
    known = response_from({"tv": ("hill", {"top": 100.0, "half": 50.0, "slope": 4.0})}, current={"tv": 30.0})
    plan = allocate(known, 600.0, bounds={"tv": (0.0, 60.0)})
    found = plan_facts(known, plan)
    assert (found.only, found.budget, found.unspent) == ("tv", 600.0, 540.0)
    assert found.shadow_price.value == 0.0


@pytest.mark.parametrize(
    "name", ["revenue", "Umsatz", "net_sales", "sales_kusd", "Erlöse netto", "chiffre d'affaires", "turnover"]
)
def test_names_of_money_are_known(name: str) -> None:
    assert names_money(name)


@pytest.mark.parametrize("name", ["orders", "unit_sales", "sales volume", "leads", "y", "number of sales"])
def test_counts_are_not_money(name: str) -> None:
    assert not names_money(name)
