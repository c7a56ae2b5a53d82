"""Near-alike channels, and the bound by cells that closes them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.cells import cell_bound
from mixcurve.budget.cells_check import bound_by_cells
from mixcurve.budget.channels import channels_from
from mixcurve.budget.maxima import Responses

S_SHAPED = ("hill", "logistic", "gompertz", "weibull", "richards")


def nearly_alike(seed, count, which):
    rng = np.random.default_rng(seed)
    rows = np.tile([1.0, 1.0, 5.0], (count, 1))
    rows[:, which] *= 1 + 1e-3 * rng.uniform(-1, 1, count)
    return mc.response_from(
        {f"c{i}": ("hill", dict(zip(("top", "half", "slope"), row))) for i, row in enumerate(rows.tolist())}
    )


def sorted_channels(fitted):
    order = np.argsort([c.name for c in fitted.curve], kind="stable")
    names = [fitted.channels[i] for i in order]
    return order, channels_from(names, [fitted.curve[i] for i in order], fitted.draws[0][order])


@pytest.mark.parametrize(("count", "which"), [(8, 1), (16, 2), (30, 1)])
def test_nearly_alike_channels_are_closed_and_confirmed(count, which):
    fitted = nearly_alike(count, count, which)
    plan = mc.allocate(fitted, 0.6 * count)
    assert plan.status == "optimal"
    assert plan.gap <= 1e-6
    assert plan.certificate.steps.max() > 0
    found = mc.verify(plan, fitted)
    assert found.ok, found.reasons


def test_they_are_funded_best_first():
    fitted = nearly_alike(3, 12, 1)
    plan = mc.allocate(fitted, 6.0)
    half = dict(zip(fitted.channels, fitted.draws[0, :, 1]))
    funded = [half[c] for c, x in plan.spend.items() if x > 0]
    unfunded = [half[c] for c, x in plan.spend.items() if x == 0]
    assert max(funded) < min(unfunded)


@pytest.mark.parametrize("seed", range(8))
def test_no_plan_exceeds_the_bound(seed, portfolio, value_of, grid_value):
    rng = np.random.default_rng(seed)
    fitted = portfolio(rng, 5, (*S_SHAPED, "tanh", "power"))
    order, channels = sorted_channels(fitted)
    lower, upper = rng.uniform(0, 0.3, 5), np.full(5, 2.5)
    price = float(np.exp(rng.uniform(-3, 1)))
    found = cell_bound(channels, lower, upper, 4.0, price=price, steps=int(rng.integers(20, 3000)), goal=0.0)
    free = 4.0 - lower.sum()
    plans = np.minimum(lower + free * rng.dirichlet(np.full(5, 0.5), 4000), upper)
    assert found.bound >= channels.value(plans).sum(axis=1).max()
    back = np.empty(5, dtype=int)
    back[order] = np.arange(5)
    assert found.bound >= grid_value(fitted, 4.0, 400, (lower + 0.01)[back], upper[back]) * (1 - 1e-9)
    own = Responses(channels.curve, channels.parameters)
    again = bound_by_cells(own, lower, upper, 4.0, price, found.steps, 0.0, 1e-10)
    assert again == pytest.approx(found.bound, rel=1e-6)


def test_the_bound_tightens_with_finer_cells():
    fitted = nearly_alike(1, 8, 1)
    _, channels = sorted_channels(fitted)
    best = mc.allocate(fitted, 4.8)
    lower, upper = np.zeros(8), np.full(8, 4.8)
    bounds = [
        cell_bound(channels, lower, upper, 4.8, price=best.shadow_price, steps=k, goal=0.0).bound
        for k in (50, 200, 800, 3200)
    ]
    assert bounds[-1] == min(bounds)
    assert best.value <= bounds[-1] <= best.value * (1 + 1e-5)
    assert bounds[0] > best.value * 1.001, "coarse cells must show, or the check proves nothing"


def test_money_left_over_has_no_cells(portfolio):
    _, channels = sorted_channels(portfolio(np.random.default_rng(0), 4))
    assert cell_bound(channels, np.zeros(4), np.ones(4), 9.0, price=0.1, steps=100, goal=0.0) is None


@pytest.fixture(scope="module")
def closed():
    fitted = nearly_alike(5, 10, 1)
    return fitted, mc.allocate(fitted, 6.0)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: {"bound": c.bound * (1 - 1e-5), "upper_bound": c.value * (1 - 1e-6)},
        lambda c: {"price": c.price * 0.7},
        lambda c: {"price": c.price * 1.5},
        lambda c: {"steps": np.full_like(c.steps, 30)},
        lambda c: {"steps": np.full_like(c.steps, 10**9)},
        lambda c: {"steps": np.full_like(c.steps, -4)},
        lambda c: {"steps": np.zeros_like(c.steps)},
    ],
    ids=["lower bound", "lower price", "higher price", "coarser", "endless", "negative", "no cells"],
)
def test_a_broken_proof_by_cells_is_caught(closed, change):
    fitted, plan = closed
    assert plan.certificate.steps[0] > 0
    assert mc.verify(plan.certificate, fitted).ok
    found = mc.verify(replace(plan.certificate, **change(plan.certificate)), fitted)
    assert not found.ok
    assert "claims" in " ".join(found.reasons)
