"""The parts of the general engine: table, Lagrangian, master programme, polish, what prices rule out."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.general.lagrange import lagrangian, sharpened
from mixcurve.budget.general.master import columns_of, mixed, nearest_mixed
from mixcurve.budget.general.polish import polished
from mixcurve.budget.general.relax import Relaxed
from mixcurve.budget.general.rows import terms_of
from mixcurve.budget.general.shear import shorn
from mixcurve.budget.general.table import Box, first_table, whole_box
from mixcurve.budget.general.tree import Grown
from mixcurve.budget.model import Row

ROUNDING = 1e-12


def dense_lagrangian(model, multiplier, box, judged, responses):
    """Return the Lagrangian's maximum over a dense grid of each cell of a box, by the formulas."""
    total = float(sum(m * r.limit for m, r in zip(multiplier, model.rows)))
    for i in range(model.cells):
        share = np.union1d(np.linspace(0, 1, 3_000), np.geomspace(1e-9, 1, 300))
        axis = box.lower[i] + (box.upper[i] - box.lower[i]) * share if box.on[i] else np.empty(0)
        plans = np.zeros((len(axis) + 1, model.cells))
        plans[1:, i] = axis
        response = responses(model, plans)[:, model.cell == i]
        weight = model.worth - sum(m * r.response for m, r in zip(multiplier, model.rows))
        rate = model.money_cost + sum(m * r.money[i] for m, r in zip(multiplier, model.rows))
        fee = sum(m * r.on[i] for m, r in zip(multiplier, model.rows))
        spent = plans[:, i] + np.where(plans[:, i] > 0, model.setup[i], 0.0)
        h = response @ weight[model.cell == i] - rate * spent - fee * (plans[:, i] > 0)
        allowed = np.append(box.off[i] or (box.on[i] and box.lower[i] <= 0), np.ones(len(axis), dtype=bool))
        total += h[allowed].max()
    return total


def test_the_lagrangian_is_above_a_dense_grid_and_sharpened_to_it(make):
    for seed in range(12):
        model = make.any(seed)
        terms, rng = terms_of(model), np.random.default_rng(seed)
        table, whole = first_table(terms), whole_box(terms)
        multiplier = rng.exponential(0.7, len(model.rows)) * (rng.random(len(model.rows)) < 0.7)
        cell = int(rng.integers(model.cells))
        cut = table.cut(cell, float(rng.uniform(0.2, 0.8) * model.upper[cell]))
        for box in (whole, whole.part(cell, cut, high=True), whole.part(cell, cut, high=False)):
            dense = dense_lagrangian(model, multiplier, box, make.judged, make.responses)
            rough = lagrangian(table, box, multiplier).bound
            fine = sharpened(table, box, multiplier, 1e-9).bound
            size = 1.0 + abs(dense) + float(multiplier.sum())
            assert rough >= fine - ROUNDING * size >= dense - 2 * ROUNDING * size, seed
            assert fine <= dense + 1e-4 * size, seed


def test_the_grid_catches_slopes_that_are_too_low(make):
    model = make.any(3)
    terms = terms_of(model)
    table, box, price = first_table(terms), whole_box(terms), np.full(len(model.rows), 0.3)
    dense = dense_lagrangian(model, price, box, make.judged, make.responses)
    table.left, table.right, table.value = 0.5 * table.left, 2.0 * table.right, 0.9 * table.value
    assert lagrangian(table, box, price).bound < dense


def test_a_box_is_parted_as_proofs_part_it():
    box = Box(np.array([2.0, 0.0]), np.array([5.0, 4.0]), np.ones(2, dtype=bool), np.array([True, True]))
    low, high = box.part(0, 1.0, high=False), box.part(0, 1.0, high=True)
    assert (low.on[0], low.off[0]) == (False, True)
    assert (high.on[0], high.off[0], high.lower[0]) == (True, False, 2.0)
    low, high = box.part(1, 1.0, high=False), box.part(1, 1.0, high=True)
    assert (low.on[1], low.off[1], low.upper[1]) == (True, True, 1.0)
    assert (high.off[1], high.lower[1]) == (False, 1.0)
    assert high.part(1, 0.5, high=False) is None


def test_nodes_stay_sorted_and_near_ones_are_one(make):
    model = make.any(5)
    table = first_table(terms_of(model))
    before = len(table.owner)
    amount = float(table.amount[table.first[1] + 3])
    assert table.cut(1, amount * (1 + 1e-15)) == amount
    assert len(table.owner) == before
    rng = np.random.default_rng(0)
    owner = rng.integers(0, model.cells, 200)
    table.add(owner, model.lower[owner] + rng.random(200) * (model.upper - model.lower)[owner])
    same = table.owner[1:] == table.owner[:-1]
    assert np.all(np.diff(table.amount)[same] > 0)
    assert np.all(np.diff(table.owner) >= 0)
    channel = terms_of(model).member[table.owner, 0]
    value = table.terms.functions.value(channel, table.amount)
    np.testing.assert_allclose(table.value[:, 0], value, rtol=1e-13)


def test_mixtures_keep_the_rows_and_lie_below_the_bound(make):
    for seed in (0, 1, 2, 4, 7):
        terms = terms_of(make.any(seed))
        table, box = first_table(terms), whole_box(terms)
        zero = np.zeros(len(terms.limit))
        columns = columns_of(table, box, lagrangian(table, box, zero), everything=True)
        mixture = mixed(terms, columns)
        if mixture is None:
            assert nearest_mixed(terms, columns).short > 0
            continue
        n = terms.model.cells
        np.testing.assert_allclose(
            np.bincount(mixture.columns.owner, mixture.weight, minlength=n), 1.0, atol=1e-8
        )
        assert np.all(mixture.multiplier >= 0)
        bound = sharpened(table, box, mixture.multiplier, 1e-10).bound
        assert mixture.value <= bound + 1e-8 * (1 + abs(bound))


def test_the_prices_of_the_nearest_mixture_prove_that_there_is_no_plan(make):
    curves, draws = make.curves(np.random.default_rng(1), 2)
    rows = [make.money("total", [1, 1], 1.0, 2), make.money("least", [-1, -1], -1.2, 2)]
    terms = terms_of(make.model(curves, draws, rows, 2.0))
    table, box = first_table(terms), whole_box(terms)
    near = nearest_mixed(terms, columns_of(table, box, lagrangian(table, box, np.zeros(2)), everything=True))
    assert near.short > 0
    assert lagrangian(table, box, near.multiplier, objective=0.0).bound < 0


def exponential_terms(make, extra=()):
    curves = (mc.curves["exponential"],) * 3
    draws = np.array([[[3.0, 1.0], [1.0, 2.0], [2.0, 0.5]]])
    return terms_of(make.model(curves, draws, [make.money("total", np.ones(3), 3.0, 3), *extra], 3.0))


def test_polish_reaches_equal_marginal_response(make):
    terms = exponential_terms(make)
    plan = polished(terms, np.array([1.0, 0.5, 1.5]), np.array([0.5]))
    tau, top = np.array([1.0, 2.0, 0.5]) / np.log(2), np.array([3.0, 1.0, 2.0])
    on = plan > 0
    marginal = top / tau * np.exp(-plan / tau)
    assert plan.sum() == pytest.approx(3.0, rel=1e-14)
    np.testing.assert_allclose(marginal[on], marginal[on][0], rtol=1e-12)
    assert np.all(marginal[~on] <= marginal[on][0])


def test_polish_brings_a_plan_back_to_its_rows(make):
    floor = Row("a", "roi", np.array([1.0, 1.0, 0.0]), np.array([-0.9, -0.9, 0.0]), np.zeros(3), 0.0)
    terms = exponential_terms(make, [floor])
    plan = polished(terms, np.array([1.4, 0.9, 0.9]), np.array([0.5, 0.1]))
    assert terms.standing(plan).keeps
    assert not terms.standing(np.array([1.4, 0.9, 0.9])).keeps


def test_polish_of_what_cannot_be_mended_is_none(make):
    terms = exponential_terms(make, [make.money("least", [-1, -1, -1], -3.5, 3)])
    assert polished(terms, np.full(3, 1.0), np.zeros(2)) is None


def test_what_is_shorn_holds_nothing_above_the_goal(make):
    cuts = 0
    for seed in range(8):
        model = make.any(seed)
        terms = terms_of(model)
        table, box = first_table(terms), whole_box(terms)
        columns = columns_of(table, box, lagrangian(table, box, np.zeros(len(terms.limit))), everything=True)
        mixture = mixed(terms, columns)
        if mixture is None:
            continue
        found = sharpened(table, box, mixture.multiplier, 1e-9)
        plans = make.grid(model)
        worth, kept = make.judged(model, plans)
        goal = worth[kept].max(initial=-np.inf)
        if not np.isfinite(goal) or found.bound <= goal:
            continue
        tree = Grown()
        tree.leaf(found.bound, mixture.multiplier)
        left, _ = shorn(table, tree, Relaxed(box, found, mixture), 0, goal)
        cuts += len(tree.cell) > 1
        inside = np.where(plans > 0, left.on & (plans >= left.lower) & (plans <= left.upper), True)
        inside &= (plans > 0) | left.off | (left.on & (left.lower <= 0))
        gone = kept & ~inside.all(axis=1)
        assert worth[gone].max(initial=-np.inf) <= goal + ROUNDING
        assert all(b <= goal for b, c in zip(tree.bound[1:], tree.cell[1:]) if c < 0 and b != tree.bound[0])
    assert cuts >= 2
