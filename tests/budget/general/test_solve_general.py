"""Laws of the general engine, against grids, enumerations and closed forms."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.general.solve import solve_general
from mixcurve.budget.model import Row
from mixcurve.budget.proof.certificate import ModelCertificate
from mixcurve.budget.proof.check import verify_model
from mixcurve.budget.solution import Solution
from mixcurve.foundations.errors import InputError

PROVEN = 1e-6
ROUNDING = 1e-12
MOST = 400


def solved(model, **words):
    return solve_general(model, **({"tolerance": PROVEN, "max_nodes": MOST} | words))


def hills(count, top=1.0, half=1.0, slope=5.0):
    return (mc.curves["hill"],) * count, np.tile([top, half, slope], (1, count, 1))


def exponentials(top, half):
    return (mc.curves["exponential"],) * len(top), np.stack([top, half], axis=1)[None]


def count_row(n, most, channels=None):
    return Row("row", "count", np.zeros(n), np.zeros(channels or n), np.ones(n), float(most))


@pytest.mark.parametrize("part", range(4))
def test_any_rows_against_the_best_plan_on_a_grid(part, make):
    for seed in range(7 * part, 7 * part + 7):
        model = make.any(seed)
        found = solved(model)
        plans = make.grid(model)
        worth, kept = make.judged(model, plans)
        best = worth[kept].max(initial=-np.inf)
        assert best <= found.bound, seed
        if not np.isfinite(found.value):
            assert found.bound == -np.inf, seed
            continue
        assert best <= found.value + PROVEN * abs(found.value) + ROUNDING, seed
        assert found.bound <= found.value + PROVEN * abs(found.value) + ROUNDING, seed
        again, keeps = make.judged(model, found.amount[None])
        assert keeps[0], seed
        assert again[0] == pytest.approx(found.value, rel=1e-11, abs=ROUNDING)
        some = plans[kept][np.random.default_rng(seed).integers(0, kept.sum(), 100)] if kept.any() else []
        if len(some):
            assert np.all(make.judged(model, some)[0] <= make.leaf_bound(found, some) + ROUNDING), seed


def test_the_leaves_catch_a_bound_that_is_too_low(make):
    model = make.any(0)
    found = solved(model)
    tree = replace(found.proof.tree, bound=found.proof.tree.bound * 0.99)
    forged = replace(found, proof=replace(found.proof, tree=tree))
    best = found.amount[None]
    assert make.leaf_bound(found, best)[0] >= found.value
    assert make.leaf_bound(forged, best)[0] < found.value


def test_a_grid_catches_a_plan_that_is_not_the_best(make):
    curves, draws = hills(3)
    model = make.model(curves, draws, [make.money("total", np.ones(3), 1.5, 3)], 1.5)
    worth, kept = make.judged(model, make.grid(model))
    assert make.judged(model, np.full((1, 3), 0.5))[0][0] < 0.5 * worth[kept].max()


def test_proofs_are_confirmed_by_the_independent_check(make):
    for seed in (0, 1, 2, 4, 5, 6):
        model = make.any(seed)
        found = solved(model)
        if np.isfinite(found.value):
            checked = verify_model(ModelCertificate(model, found))
            assert checked.ok, checked.reasons


@pytest.mark.parametrize(("money_cost", "budget"), [(0.0, 1.5), (1.0, 2.3)])
def test_the_bound_holds_wherever_the_search_stops(money_cost, budget, make):
    curves, draws = hills(3)
    rows = [make.money("total", np.ones(3), budget, 3), make.money("most", [1, 1, 0], 1.9, 3)]
    worth = np.array([1.0, 1.001, 1.002]) * (1 + 2 * money_cost)
    model = make.model(curves, draws, rows, budget, worth=worth, money_cost=money_cost)
    best = solved(model).value
    plans = np.random.default_rng(0).uniform(0, 1.5, (4_000, 3)) * (
        np.random.default_rng(1).random((4_000, 3)) < 0.6
    )
    worth, kept = make.judged(model, plans)
    stopped = 0
    for nodes in range(1, 51):
        found = solved(model, max_nodes=nodes)
        assert found.nodes <= nodes
        assert found.bound >= best - ROUNDING
        assert found.value <= best + PROVEN * abs(best)
        assert np.all(worth[kept] <= make.leaf_bound(found, plans[kept]) + ROUNDING)
        stopped += found.bound > found.value + PROVEN * abs(found.value)
        if found.nodes < nodes:
            break
    assert stopped


def test_random_plans_never_exceed_the_bound(make):
    rng = np.random.default_rng(3)
    curves, draws = make.curves(rng, 8)
    groups = [[1, 1, 1, 0, 0, 0, 0, 0], [0, 0, 1, 1, 1, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1]]
    rows = [make.money("total", np.ones(8), 3.6, 8), make.money("most", groups[0], 1.1, 8)]
    rows += [make.money("least", -np.array(groups[1]), -1.4, 8), make.money("most", groups[2], 1.8, 8)]
    model = make.model(curves, draws, rows, 3.6)
    found = solved(model)
    plans = 3.6 * rng.dirichlet(np.full(8, 0.5), 100_000)
    worth, kept = make.judged(model, plans)
    assert kept.sum() > 100
    assert worth[kept].max() <= found.bound
    assert found.bound <= found.value * (1 + PROVEN)


@pytest.mark.parametrize("count", [4, 8])
def test_count_of_alike_concave_channels(count, make):
    curves = (mc.curves["michaelis_menten"],) * count
    draws = np.tile([1.0, 0.5], (1, count, 1))
    rows = [make.money("total", np.ones(count), 3.0, count), count_row(count, 3)]
    found = solved(make.model(curves, draws, rows, 3.0))
    np.testing.assert_allclose(np.sort(found.amount)[::-1], [1, 1, 1] + [0] * (count - 3), atol=1e-8)
    assert found.value == pytest.approx(3 * 1 / 1.5, rel=1e-12)
    assert found.bound <= found.value * (1 + PROVEN)


def test_alike_steep_channels_with_a_count(make):
    curves, draws = hills(6)
    rows = [make.money("total", np.ones(6), 3.0, 6), count_row(6, 2)]
    found = solved(make.model(curves, draws, rows, 3.0))
    assert np.sum(found.amount > 0) <= 2
    assert found.value == pytest.approx(2 * 1.5**5 / (1 + 1.5**5), rel=1e-9)


def test_alike_steep_channels_under_one_total(make):
    curves, draws = hills(4)
    found = solved(make.model(curves, draws, [make.money("total", np.ones(4), 3.9, 4)], 3.9))
    by_count = [m * (3.9 / m) ** 5 / (1 + (3.9 / m) ** 5) for m in range(1, 5)]
    assert found.value == pytest.approx(max(by_count), rel=1e-9)
    assert found.bound <= found.value * (1 + PROVEN)


def test_exponentials_follow_the_closed_form_in_two_groups(make):
    top, half = np.array([3.0, 1.0, 0.5, 2.0]), np.array([1.0, 2.0, 0.3, 1.5])
    curves, draws = exponentials(top, half)
    rows = [make.money("most", [1, 1, 0, 0], 4.0, 4), make.money("most", [0, 0, 1, 1], 5.0, 4)]
    rows.append(make.money("total", np.ones(4), 20.0, 4))  # never binds
    found = solved(make.model(curves, draws, rows, 6.0))
    tau = half / np.log(2)
    for group, budget in (([0, 1], 4.0), ([2, 3], 5.0)):
        t = tau[group]
        log_price = ((t * np.log(top[group] / t)).sum() - budget) / t.sum()
        np.testing.assert_allclose(found.amount[group], t * (np.log(top[group] / t) - log_price), rtol=1e-10)


def test_setup_costs_against_every_choice_of_channels(make):
    rng = np.random.default_rng(5)
    for _ in range(3):
        curves, draws = make.curves(rng, 4, ("hill", "exponential"))
        setup, budget = rng.uniform(0.05, 0.3, 4), 2.0
        found = solved(
            make.model(curves, draws, [make.money("total", np.ones(4), budget, 4)], budget, setup=setup)
        )
        best = 0.0
        for chosen in product([False, True], repeat=4):
            on = np.flatnonzero(chosen)
            left = budget - setup[on].sum()
            if len(on) and left > 0:
                known = {f"c{i}": (curves[i], dict(zip(curves[i].names, draws[0, i]))) for i in on}
                best = max(best, mc.allocate(mc.response_from(known), left).value)
        assert found.value == pytest.approx(best, rel=2 * PROVEN)
        assert found.bound >= best * (1 - 1e-12)


def test_least_budget_against_bisection_over_the_best_plan(make):
    rng = np.random.default_rng(6)
    curves, draws = make.curves(rng, 4, ("hill", "gompertz", "exponential"))
    known = mc.response_from({f"c{i}": (c, dict(zip(c.names, draws[0, i]))) for i, c in enumerate(curves)})
    target = 0.6 * mc.allocate(known, 8.0).value
    row = Row("target", "target", np.zeros(4), -np.ones(4), np.zeros(4), -target)
    found = solved(make.model(curves, draws, [row], 8.0, worth=np.zeros(4), money_cost=1.0))
    low, high = 0.0, 8.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if mc.allocate(known, middle).value >= target else (middle, high)
    assert -found.value == pytest.approx(high, rel=2 * PROVEN)
    assert -found.bound <= high
    assert found.bound <= found.value + PROVEN * abs(found.value)


def test_a_floor_on_roi_binds_and_is_met_exactly(make):
    curves, draws = exponentials(np.array([3.0, 1.0]), np.array([1.0, 2.0]))
    free = make.model(curves, draws, [make.money("total", np.ones(2), 6.0, 2)], 6.0)
    floor = Row("total", "roi", np.ones(2), -np.ones(2), np.zeros(2), 0.0)
    held = replace(free, rows=(*free.rows, floor))
    loose, tight = solved(free), solved(held)
    roi = make.responses(held, tight.amount[None]).sum() / tight.amount.sum()
    assert make.responses(free, loose.amount[None]).sum() / loose.amount.sum() < 1.0
    assert roi == pytest.approx(1.0, abs=1e-12)
    assert tight.value < loose.value


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([("most", [1, 1, 0], 1.0), ("least", [-1, -1, -1], -3.5)], "the third cell has at most 2"),
        ([("total", [1, 1, 1], 1.0), ("least", [0, -1, -1], -1.001)], "more asked than there is"),
    ],
)
def test_rows_that_no_plan_keeps(rows, why, make):
    curves, draws = hills(3)
    model = make.model(curves, draws, [make.money(k, m, b, 3) for k, m, b in rows], 2.0)
    found = solved(model)
    assert (found.value, found.bound) == (-np.inf, -np.inf), why
    assert np.all(np.isnan(found.amount))


def test_roi_that_cannot_be_had_with_the_least_that_must_be_spent(make):
    curves, draws = exponentials(np.array([3.0, 1.0]), np.array([1.0, 2.0]))
    best = (1 - 2.0**-1.5) * 3.0  # the first channel alone, to its upper bound
    rows = [make.money("least", [-1, -1], -1.5, 2)]
    for asked, possible in ((1.9, False), (1.2, True)):
        floor = Row("total", "roi", np.full(2, asked), -np.ones(2), np.zeros(2), 0.0)
        found = solved(make.model(curves, draws, [*rows, floor], 1.5))
        assert np.isfinite(found.value) == possible
        assert (asked * 1.5 <= best) == possible or not possible


def test_groups_that_must_be_met_exactly(make):
    rng = np.random.default_rng(8)
    curves, draws = make.curves(rng, 4)
    rows = [make.money("most", [1, 1, 0, 0], 0.7, 4), make.money("least", [-1, -1, 0, 0], -0.7, 4)]
    rows.append(make.money("total", np.ones(4), 2.0, 4))
    found = solved(make.model(curves, draws, rows, 2.0))
    assert found.amount[:2].sum() == pytest.approx(0.7, rel=1e-12)
    assert found.bound <= found.value * (1 + PROVEN)


def test_ties_are_one_channel(make):
    curves, draws = hills(3)
    tied = make.model(
        curves,
        draws,
        [make.money("total", np.ones(2), 2.0, 3)],
        2.0,
        cell=np.array([0, 0, 1]),
        share=np.array([0.5, 0.5, 1.0]),
    )
    # Two halves of a Hill with half-saturation 1 are one of twice the top at half-saturation 2.
    alone = make.model(
        curves[:2],
        np.array([[[2.0, 2.0, 5.0], [1.0, 1.0, 5.0]]]),
        [make.money("total", np.ones(2), 2.0, 2)],
        2.0,
    )
    assert solved(tied).value == pytest.approx(solved(alone).value, rel=PROVEN)


def test_the_order_of_cells_changes_nothing(make):
    rng = np.random.default_rng(9)
    curves, draws = make.curves(rng, 5)
    mask, order = np.array([1.0, 1, 1, 0, 0]), np.array([3, 1, 4, 0, 2])
    rows = [make.money("total", np.ones(5), 2.0, 5), make.money("most", mask, 0.7, 5)]
    turned_rows = [rows[0], make.money("most", mask[order], 0.7, 5)]
    one = solved(make.model(curves, draws, rows, 2.0))
    other = solved(make.model([curves[i] for i in order], draws[:, order], turned_rows, 2.0))
    assert one.value == pytest.approx(other.value, rel=PROVEN)
    assert max(one.bound, other.bound) <= min(one.value, other.value) * (1 + 2 * PROVEN)


def test_a_start_is_never_lost(make):
    curves, draws = hills(6)
    model = make.model(curves, draws, [make.money("total", np.ones(6), 3.9, 6)], 3.9)
    best = solved(model)
    early = solved(model, max_nodes=1, starts=[best.amount])
    assert early.value >= best.value
    over = solved(model, max_nodes=1, starts=[np.full(6, 2.0)])  # spends three times the budget
    assert np.all(make.judged(model, over.amount[None])[1])


def test_without_rows_every_cell_is_its_own_problem(make):
    curves, draws = exponentials(np.array([3.0, 1.0]), np.array([1.0, 2.0]))
    found = solved(make.model(curves, draws, [], 10.0, money_cost=1.0))
    tau = np.array([1.0, 2.0]) / np.log(2)
    np.testing.assert_allclose(
        found.amount, np.maximum(tau * np.log(np.array([3.0, 1.0]) / tau), 0.0), atol=1e-9
    )


@pytest.mark.parametrize("smallest", [0.0, 1e-9])
def test_a_setup_cost_that_meets_a_row_by_itself(smallest, make):
    """Being on is asked for, at whatever amount: no cut parts that from off unless the cell has a least amount."""
    curves, draws = exponentials(np.array([0.1, 3.0]), np.array([1.0, 1.0]))
    rows = [make.money("total", [1, 1], 1.0, 2), make.money("least", [-1, 0], -0.1, 2)]
    words = {"setup": np.array([0.2, 0.0]), "lower": np.array([smallest, 0.0])}
    model = make.model(curves, draws, rows, 1.0, optional=np.array([True, False]), **words)
    found = solved(model)
    assert 0 < found.amount[0] < 1e-8
    assert found.value == pytest.approx((1 - 2.0**-0.8) * 3.0, rel=1e-7)
    assert found.bound >= found.value
    assert (found.bound <= found.value * (1 + PROVEN)) == (smallest > 0)


def test_locked_cells_stay(make):
    curves, draws = hills(3)
    lower, upper = np.array([0.4, 0.0, 0.0]), np.array([0.4, 0.0, 2.0])
    rows = [make.money("total", np.ones(3), 1.5, 3), count_row(3, 2)]
    found = solved(make.model(curves, draws, rows, upper, lower=lower))
    np.testing.assert_allclose(found.amount, [0.4, 0.0, 1.1], atol=1e-12)


def test_a_row_that_limits_response_is_refused(make):
    curves, draws = hills(2)
    row = Row("search", "target", np.zeros(2), np.ones(2), np.zeros(2), 0.5)
    with pytest.raises(InputError, match=r"Row 'search' \(target\) limits response from above"):
        solved(make.model(curves, draws, [row], 1.0))


def test_a_solution_saves_and_loads(make, tmp_path):
    from mixcurve.foundations.results import load_result

    found = solved(make.any(1))
    again = load_result(found.save(tmp_path / "solution.json"))
    assert isinstance(again, Solution)
    np.testing.assert_array_equal(again.proof.multiplier, found.proof.multiplier)
    np.testing.assert_array_equal(again.proof.tree.bound, found.proof.tree.bound)
