"""The parts of the solver, each by its law."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.model import PriceTiers
from mixcurve.budget.objectives import CVaR, MeanMinusRisk
from mixcurve.budget.risk.ascent import ascended, excess_of
from mixcurve.budget.risk.beating import BeatingMeasure
from mixcurve.budget.risk.bound import peaks, tops
from mixcurve.budget.risk.draws import draws_of
from mixcurve.budget.risk.growth import SWITCH, corners, halves, whole
from mixcurve.budget.risk.quantile import QuantileMeasure, proven_quantile, reached_by
from mixcurve.budget.risk.rounding import filled
from mixcurve.budget.risk.tables import first_nodes, refined, tables_of
from mixcurve.budget.risk.weights import Weights, weights_of

FAMILIES = ("hill", "logistic", "weibull", "michaelis_menten")


def mixed_draws(rng, many):
    """Return draws of one channel of each family, NaN after the last parameter."""
    draws = np.full((many, len(FAMILIES), 4), np.nan)
    for c, name in enumerate(FAMILIES):
        curve = mc.curves[name]
        draws[:, c, 0] = np.exp(0.3 * rng.normal(size=many))
        for j, parameter in enumerate(curve.parameters):
            middle = 1.0 if parameter.unit == "spend" else 2.5
            draws[:, c, j + 1] = middle * np.exp(0.3 * rng.normal(size=many))
    return draws


def priced(model, rng):
    tiers = {"channel 0": PriceTiers(np.array([0.0, 0.7]), np.array([1.0, 1.6]))}
    return model(mixed_draws(rng, 6), curve=FAMILIES, total=4.0, prices=tiers)


def test_draws_match_the_formulas(model, totals):
    rng = np.random.default_rng(0)
    problem = model(mixed_draws(rng, 6), curve=FAMILIES, total=4.0, money_cost=0.2)
    draws = draws_of(problem)
    plan = rng.uniform(0.1, 1.0, 4)
    value, slope = draws.slopes(plan)
    assert value == pytest.approx(totals(problem, plan)[0], rel=1e-12)
    for i in range(4):
        step = 1e-6 * np.eye(4)[i]
        change = (totals(problem, plan + step) - totals(problem, plan - step))[0] / 2e-6
        assert slope[:, i] == pytest.approx(change, rel=1e-6)


def test_tables_hold_every_draw_between_nodes(model):
    problem = priced(model, np.random.default_rng(1))
    draws = draws_of(problem)
    tables = tables_of(draws, first_nodes(problem, draws.size))
    tables = refined(tables, np.array([0, 5, 40]), 4)
    assert np.all(np.diff(tables.amount)[tables.start] > 0)
    assert np.array_equal(tables.cell[tables.start], tables.cell[tables.start + 1])
    for k in range(len(tables.start)):
        a, i = tables.start[k], tables.cell[tables.start[k]]
        for part in (0.25, 0.5, 0.9):
            amount = np.zeros(4)
            width = tables.amount[a + 1] - tables.amount[a]
            amount[i] = tables.amount[a] + part * width
            value = draws.totals(amount)
            assert np.all(value <= tables.value[a] + tables.left[k] * part * width + 1e-12)
            assert np.all(value <= tables.value[a + 1] - tables.right[k] * (1 - part) * width + 1e-12)


def test_bounds_of_boxes_are_above_random_plans_and_near_the_maximum(model):
    rng = np.random.default_rng(2)
    problem = priced(model, rng)
    draws = draws_of(problem)
    tables = tables_of(draws, first_nodes(problem, draws.size))
    box = halves(whole(problem), 1, float(tables.amount[tables.cell == 1][12]))[1]
    weight, price = rng.dirichlet(np.ones(6)), np.array([0.1])
    found, alone = peaks(tables, box, weight, 0.3, price), tops(tables, box, price)
    best = 0.0
    for cell in range(4):
        grid = np.linspace(box.low[cell], box.high[cell], 4_001)
        amounts = np.zeros((len(grid), 4))
        amounts[:, cell] = grid
        value = np.array([weight @ draws.totals(a) for a in amounts[::20]]) - 0.1 * grid[::20]
        best += value.max()
    best += 0.3 + 0.1 * 4.0
    assert best <= found.bound <= best + 0.05
    for _ in range(2_000):
        plan = 4.0 * rng.dirichlet(np.full(4, 0.4))
        if plan[1] >= box.low[1]:
            assert weight @ draws.totals(plan) + 0.3 <= found.bound
            assert np.all(draws.totals(plan) <= alone)


def test_a_negative_weight_would_break_the_tables(model):
    """Weights below 0 turn the lines that hold draws from above into lines below: the check of the tables sees it."""
    problem = priced(model, np.random.default_rng(3))
    draws = draws_of(problem)
    tables = tables_of(draws, first_nodes(problem, draws.size))
    k = int(np.argmax((tables.left - tables.right).sum(axis=1)))
    a, i = tables.start[k], tables.cell[tables.start[k]]
    width = tables.amount[a + 1] - tables.amount[a]
    amount = np.zeros(4)
    amount[i] = tables.amount[a] + 0.5 * width
    weight = -np.ones(draws.size)
    assert weight @ draws.totals(amount) > weight @ (tables.value[a] + tables.left[k] * 0.5 * width)


def test_worst_weights_are_least_of_all(tail):
    rng = np.random.default_rng(4)
    weights = weights_of(CVaR(0.35), np.full(10, 0.1))
    for _ in range(50):
        y = rng.normal(size=10)
        assert weights.value(y) == pytest.approx(tail(y[None], 0.35)[0], rel=1e-12)
        other = np.clip(rng.dirichlet(np.ones(10)), 0, weights.cap)
        other, _ = weights.mended(other)
        assert other.sum() == pytest.approx(1.0, abs=1e-12)
        assert np.all(other <= weights.cap)
        assert weights.value(y) <= other @ y + 1e-12
    risk = MeanMinusRisk(0.25, 0.2)
    y = rng.normal(size=10)
    expected = 0.75 * y.mean() + 0.25 * tail(y[None], 0.2)[0]
    assert weights_of(risk, np.full(10, 0.1)).value(y) == pytest.approx(expected, rel=1e-12)


def test_cuts_of_a_quantile_hold_it_on_its_box():
    rng = np.random.default_rng(5)
    for _ in range(200):
        low = rng.uniform(0, 1, 12)
        high = low + rng.uniform(0, 1, 12) * rng.integers(0, 2)
        measure = QuantileMeasure(int(rng.integers(1, 13)))
        inside = low + (high - low) * rng.uniform(size=(40, 12))
        values = np.array([measure.value(y) for y in inside])
        goal = float(np.quantile(values, 0.3)) - 0.01
        concave = measure.on(low, high, np.inf, goal)
        if concave.empty:
            assert values.max() <= goal
            continue
        for y in inside[:10]:
            weight, constant = concave.cut(y)
            mended, least = concave.mended(weight)
            for w, b in ((weight, constant), (mended, least)):
                assert np.all(np.maximum(inside @ w + b, goal) >= values - 1e-9)
            most = float((inside @ weight).max())
            assert proven_quantile(weight, most, low, high, measure.reach) >= values.max() - 1e-9


def test_cuts_of_a_share_hold_it_on_its_box():
    rng = np.random.default_rng(6)
    for _ in range(100):
        low = rng.uniform(0, 1, 12)
        high = low + rng.uniform(0, 1, 12)
        measure = BeatingMeasure(np.full(12, 1 / 12), rng.uniform(0.2, 1.5, 12))
        concave = measure.on(low, high, 1.0, 0.0)
        inside = low + (high - low) * rng.uniform(size=(40, 12))
        values = np.array([measure.value(y) for y in inside])
        for y in inside[:10]:
            weight, constant = concave.cut(y)
            assert np.all(inside @ weight + constant >= values - 1e-9)
            most = float((inside @ weight).max())
            assert measure.proven(weight, most, low, high) >= values.max() - 1e-9


def test_a_quantile_is_reached_by_enough_draws():
    y = np.array([5.0, 1.0, 3.0, 2.0, 4.0])
    assert [QuantileMeasure(reached_by(level, 5)).value(y) for level in (0.01, 0.2, 0.5, 1.0)] == [1, 2, 3, 5]


def test_boxes_cover_every_plan(model, drawn):
    problem = model(drawn(np.random.default_rng(7), 3, 2), total=3.0, lower=np.array([0.5, 0.0]))
    off, on = halves(whole(problem), 1, SWITCH)
    assert off.off[1]
    assert not off.on[1]
    assert on.on[1]
    assert not on.off[1]
    low, high = corners(problem, whole(problem))
    assert low.tolist() == [0.5, 0.0]
    assert high.tolist() == [3.0, 2.5]


def test_a_climb_mends_rows_and_does_not_lose(model, drawn, totals, tail):
    rng = np.random.default_rng(8)
    problem = model(drawn(rng, 30, 4), total=3.0)
    draws = draws_of(problem)
    weights = weights_of(CVaR(0.2), problem.weight)
    for _ in range(5):
        start = 3.0 * rng.dirichlet(np.ones(4))
        plan = ascended(draws, weights, start, 1.0, still=1e-8)
        assert excess_of(draws, plan) <= 1e-12
        assert tail(totals(problem, plan), 0.2)[0] >= tail(totals(problem, start), 0.2)[0] - 1e-8
        # A local optimum: no exchange of a little money between two channels that are on helps.
        full = filled(problem, plan)
        on = np.flatnonzero(full > 1e-3)
        near = np.array([full + 1e-4 * (np.eye(4)[i] - np.eye(4)[j]) for i in on for j in on])
        assert tail(totals(problem, near), 0.2).max() <= tail(totals(problem, full), 0.2)[0] + 1e-6
    too_much = np.full(4, 1.5)
    assert excess_of(draws, too_much) > 0.1
    mended = ascended(draws, weights, too_much, 1.0, still=1e-6)
    assert mended.sum() <= 3.0 * (1 + 1e-12)


def test_weights_keep_their_mass_whatever_they_are_mended_from():
    weights = Weights(np.full(4, 0.1), np.full(4, 0.3), 0.6)
    for bad in (np.zeros(4), np.ones(4), np.array([1.0, 0, 0, 0])):
        mended, _ = weights.mended(bad)
        assert mended.sum() == pytest.approx(1.0)
        assert np.all((mended >= 0.1 - 1e-15) & (mended <= 0.4 + 1e-15))
