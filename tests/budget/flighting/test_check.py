"""The check of a schedule catches whatever is forged."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mixcurve.budget.flighting.cells import best_over_cells, cell_edges
from mixcurve.budget.flighting.check import verify_flight
from mixcurve.budget.flighting.flight import flight

SPEC = importlib.util.spec_from_file_location("flight_cases", Path(__file__).with_name("cases.py"))
cases = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(cases)


@pytest.fixture(scope="module")
def made():
    fitted, decay = cases.hills(np.random.default_rng(1), 3)
    plan = flight(fitted, 20.0, 12, carryover=cases.geometric(fitted, decay), period_budgets=6.0)
    return fitted, plan


def test_a_true_plan_passes(made):
    fitted, plan = made
    check = verify_flight(plan, fitted)
    assert check.ok and check.reasons == ()
    assert check.value == pytest.approx(plan.value, rel=1e-12)
    assert plan.upper_bound * (1 - 1e-4) <= check.bound <= plan.upper_bound * 1.002


FORGED = {
    "a bound below what is proven": (lambda p: replace(p, upper_bound=0.99 * p.upper_bound), "the upper bound is"),
    "a value above": (lambda p: replace(p, value=1.001 * p.value), "the value is"),
    "a gap": (lambda p: replace(p, gap=0.0), "the gap is"),
    "an even spread made worse": (lambda p: replace(p, even_value=0.5 * p.even_value), "value of the even spread is"),
    "an overspent plan": (lambda p: replace(p, spend=1.1 * p.spend), "breaks the budget by"),
    "a period overspent": (
        lambda p: replace(p, spend=np.vstack([[7.0, 0, 0], 0.9 * p.spend[1:]])),
        "breaks the budget of a period",
    ),
    "negative spend": (lambda p: replace(p, spend=p.spend - 0.01), "the least of a channel in a period"),
    "a missing period": (lambda p: replace(p, spend=p.spend[1:]), "of 12 periods"),
    "not a number": (lambda p: replace(p, spend=np.nan * p.spend), "finite"),
    "a kernel too small": (
        lambda p: replace(p, proof=replace(p.proof, cover=p.proof.cover * 0.9)),
        "lies below it",
    ),
    "a negative price": (
        lambda p: replace(p, proof=replace(p.proof, most_price=np.array([-1.0, 0, 0]))),
        "no number of at least 0",
    ),
    "another price": (
        lambda p: replace(p, proof=replace(p.proof, budget_price=3 * p.proof.budget_price)),
        "the upper bound is",
    ),
    "an open gap called optimal": (lambda p: replace(p, status="optimal", tolerance=1e-9), "the status is optimal"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_plan_is_caught(made, name):
    fitted, plan = made
    forge, sentence = FORGED[name]
    check = verify_flight(forge(plan), fitted)
    assert not check.ok
    assert any(sentence in reason for reason in check.reasons), check.reasons


def test_other_curves_are_caught(made):
    fitted, plan = made
    better = replace(fitted, draws=fitted.draws * np.array([1.2, 1.0, 1.0]))
    assert not verify_flight(plan, better).ok
    renamed = replace(fitted, channels=("a", "b", "c"))
    assert "the schedule is for c0, c1, c2" in verify_flight(plan, renamed).reasons[0]


def test_cells_bound_every_schedule():
    rng = np.random.default_rng(2)
    amounts = np.linspace(0.1, 1.9, 37)
    every = np.stack(np.meshgrid(*[amounts] * 3, indexing="ij"), axis=-1).reshape(-1, 3, 1)
    for _ in range(10):
        fitted, decay = cases.hills(rng, 1)
        gain = (1 - decay[0]) / (1 - decay[0] ** cases.LAGS)
        cost = rng.uniform(0.05, 0.5, 3)
        edges = cell_edges(gain * 6.0, 20_000)
        response = fitted.curve[0].unit(edges, fitted.draws[0, 0, 1:]) * fitted.draws[0, 0, 0]
        scale, ends = np.ones(3), (np.full(3, 0.1), np.full(3, 1.9))
        bound = best_over_cells(edges, response, scale, cost, (decay[0], gain, 0.0), ends)
        value = cases.simulated(fitted, decay, every) - every[:, :, 0] @ cost
        assert value.max() <= bound <= value.max() + 0.01
        free = best_over_cells(
            edges, response, scale, cost, (decay[0], gain, 0.0), (np.zeros(3), np.full(3, np.inf))
        )
        assert free >= bound - 1e-12


def test_a_forged_slope_is_caught():
    fitted, _ = cases.hills(np.random.default_rng(3), 2)
    plan = flight(fitted, 8.0, 6, carryover=("binomial", {"decay": 0.4}), length=6, tolerance=1.0)
    assert np.isnan(plan.proof.cover[0]).all() and np.isfinite(plan.proof.slopes[:, 0]).all()
    assert verify_flight(plan, fitted).ok
    for wrong in (0.0 * plan.proof.slopes, -plan.proof.slopes, 3.0 * plan.proof.slopes):
        assert not verify_flight(replace(plan, proof=replace(plan.proof, slopes=wrong)), fitted).ok
