"""Proofs of groups within groups: confirmed when right, caught when broken, never below the worth of a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.model import Row
from mixcurve.budget.proof.certificate import ModelCertificate
from mixcurve.budget.proof.groups import groups_of
from mixcurve.budget.proof.nested import block_bound
from mixcurve.budget.proof.responses import DrawnResponses
from mixcurve.budget.proof.trees import BlockProof
from mixcurve.budget.solution import Solution

TOTAL, DIGITAL, BRAND = 3.0, (0.0, 1.0), (0.4, 3.0)


def member(n, cells):
    return np.isin(np.arange(n), cells).astype(float)


def grouped(make, rng, draws=2):
    """Return eight channels, three of them digital with at most 1, three of brand with at least 0.4."""
    model = make.plain(rng, 8, draws, total=TOTAL, setup=np.where(np.arange(8) % 3 == 0, 0.05, 0.0))
    zero, first, second = np.zeros(8), member(8, [0, 1, 2]), member(8, [3, 4, 5])
    rows = (
        Row("digital", "most", first, zero, zero, DIGITAL[1]),
        Row("brand", "least", -second, zero, zero, -BRAND[0]),
    )
    return replace(model, rows=(*model.rows, *rows))


def group_part(make, model, cells, price, span=None):
    """Return the sum of the cells' maxima at a price, by dense grids."""
    alone = replace(model, rows=(Row("total", "total", np.ones(8), np.zeros(8), np.zeros(8), 0.0),))
    parts = make.lagrangian(alone, np.array([price]))
    total = 0.0
    for i in cells:
        low, high = (span or {}).get(i, (0.0, TOTAL))
        best = 0.0 if low == 0 else -np.inf
        total += max(best, make.highest(parts[i], max(low, 1e-300), high))
    return total


def asked_at(price, asked, least, most):
    return max(price - asked, 0.0) * most - max(asked - price, 0.0) * least


def nested_proof(make, model, root=0.3, digital=(0.35, 0.5), brand=0.25):
    """Return a proof made by hand: digital is cut once, brand and the rest are not, each with a price of its own."""
    cut, below, above = 0.4, {1: (0.0, 0.4)}, {1: (0.4, TOTAL)}
    leaves = [
        group_part(make, model, [0, 1, 2], price, span) + asked_at(price, root, *DIGITAL)
        for price, span in zip(digital, (below, above), strict=True)
    ]
    inner = group_part(make, model, [3, 4, 5], brand) + asked_at(brand, root, 0.4, TOTAL)
    bound = group_part(make, model, [6, 7], root) + max(leaves) + inner + root * TOTAL
    within = (
        BlockProof(
            "digital",
            np.array([0, 1, 2]),
            *DIGITAL,
            make.cut_tree(1, cut, tuple(leaves)),
            np.array([[0.0], *([p] for p in digital)]),
            (),
        ),
        BlockProof("brand", np.array([3, 4, 5]), *BRAND, make.leaf_tree(inner), np.array([[brand]]), ()),
    )
    return BlockProof(
        "total", np.array([6, 7]), 0.4, TOTAL, make.leaf_tree(bound), np.array([[root]]), within
    )


def certified(make, model, proof):
    amount = np.full(8, 0.2)
    value = float(make.value(model, amount))
    return ModelCertificate(model, Solution(amount, value, float(proof.tree.bound.max()), 4, proof))


@pytest.fixture(scope="module")
def right(make):
    model = grouped(make, np.random.default_rng(11))
    return certified(make, model, nested_proof(make, model))


def reason(certificate):
    found = mc.verify(certificate)
    assert not found.ok
    return " | ".join(found.reasons)


def proven(certificate, **changes):
    proof = replace(certificate.solution.proof, **changes)
    return replace(certificate, solution=replace(certificate.solution, proof=proof))


def inner(certificate, k, **changes):
    within = list(certificate.solution.proof.within)
    within[k] = replace(within[k], **changes)
    return proven(certificate, within=tuple(within))


def test_a_right_proof_is_confirmed(right):
    found = mc.verify(right)
    assert found.ok, found.reasons
    assert found.bound == pytest.approx(right.upper_bound, rel=2e-8)


@pytest.mark.parametrize(
    "prices",
    [(0.3, (0.35, 0.5), 0.25), (0.1, (0.0, -0.2), 0.6), (0.0, (0.0, 0.0), 0.0), (2.0, (3.0, 1.0), 2.5)],
)
def test_no_plan_is_worth_more_whatever_the_prices(prices, make):
    rng = np.random.default_rng(12)
    model = grouped(make, rng)
    proof = nested_proof(make, model, *prices)
    root, problems = groups_of(model, proof)
    assert problems == []
    bound, _ = block_bound(DrawnResponses(model), root, 1e-8)
    assert bound == pytest.approx(proof.tree.bound[0], rel=1e-6)
    parts = rng.dirichlet(np.full(8, 0.5), 100_000) * rng.uniform(0.0, TOTAL, (100_000, 1))
    plans = parts[make.keeps(model, parts)]
    assert len(plans) > 1_000
    assert make.value(model, plans).max() <= bound


def test_a_lowered_bound_is_caught(right, make):
    bound = right.upper_bound * (1 - 1e-6)
    lowered = replace(right, solution=replace(right.solution, bound=bound))
    assert "the upper bound is" in reason(lowered)
    assert "box 0 claims the bound" in reason(proven(right, tree=make.leaf_tree(bound)))


def test_moved_prices_are_caught(right):
    assert "box 0 claims" in reason(proven(right, price=np.array([[0.2]])))
    assert "box 0 claims" in reason(inner(right, 1, price=np.array([[0.0]])))
    for price in (np.nan, np.inf, -np.inf):
        found = mc.verify(inner(right, 1, price=np.array([[price]])))
        assert not found.ok
        assert found.bound == np.inf


def test_a_missing_box_is_caught(right):
    tree = right.solution.proof.within[0].tree
    assert "do not cover every plan" in reason(
        inner(right, 0, tree=replace(tree, high=np.array([-1, -1, -1])))
    )


def test_a_missing_or_doubled_cell_is_caught(right):
    assert "every cell exactly once" in reason(proven(right, cells=np.array([6])))
    assert "every cell exactly once" in reason(proven(right, cells=np.array([5, 6, 7])))
    assert "every cell exactly once" in reason(proven(right, within=right.solution.proof.within[:1]))
    assert "a cell that the model does not have" in reason(proven(right, cells=np.array([6, 8])))


def test_a_cut_at_the_cell_of_another_group_is_caught(right):
    tree = right.solution.proof.within[0].tree
    assert "at no cell of its own" in reason(inner(right, 0, tree=replace(tree, cell=np.array([6, -1, -1]))))


@pytest.mark.parametrize(
    ("k", "changes"), [(0, {"most": 0.9}), (0, {"least": 0.1}), (1, {"least": 0.5}), (1, {"most": 2.0})]
)
def test_money_that_the_model_does_not_rule_out_is_caught(right, k, changes):
    found = mc.verify(inner(right, k, **changes))
    assert "leaves out plans: it holds money in" in " ".join(found.reasons)
    assert found.bound == np.inf


def test_wider_limits_only_raise_the_bound(right, make):
    wide = inner(inner(right, 0, most=2.0), 1, least=0.0)
    found = mc.verify(proven(wide, tree=make.leaf_tree(99.0)))
    assert found.bound > right.upper_bound
    assert "the upper bound is" in found.reasons[0]
    endless = inner(right, 0, most=np.inf)
    assert mc.verify(endless).bound == np.inf


def test_boxes_that_cannot_hold_the_money_are_left_out(right, make):
    """Digital has at most 1: what is above 1.2 of one of its channels admits no plan; above 0.9 may."""
    cells = right.solution.proof.within[0]
    empty = replace(
        cells,
        tree=make.cut_tree(1, 1.2, (cells.tree.bound.max(), -np.inf)),
        price=np.array([[0], [0.5], [np.nan]]),
    )
    bound = mc.verify(proven(right, within=(empty, right.solution.proof.within[1]))).bound
    assert np.isfinite(bound)
    not_empty = replace(empty, tree=make.cut_tree(1, 0.9, (cells.tree.bound.max(), -np.inf)))
    found = mc.verify(proven(right, within=(not_empty, right.solution.proof.within[1])))
    assert "box 2 of 'digital' is said to admit no plan, but may" in " ".join(found.reasons)
    assert found.bound == np.inf


def test_profit_prices_the_outermost_money(make):
    rng = np.random.default_rng(13)
    model = replace(grouped(make, rng), money_cost=0.4)
    proof = nested_proof(make, model)
    # Outermost money costs 0.4 in the objective, and the price of 0.3 leaves 0.1 a unit for its least.
    plain = replace(model, money_cost=0.0)
    base = nested_proof(make, plain).tree.bound[0] - 0.3 * TOTAL
    bound = base + asked_at(0.3, 0.4, 0.4, TOTAL)
    found = mc.verify(certified(make, model, replace(proof, tree=make.leaf_tree(bound))))
    assert found.ok, found.reasons
    assert found.bound == pytest.approx(bound, rel=1e-7)


def test_groups_nested_too_deep_are_told(right, make):
    proof = right.solution.proof
    for _ in range(60):
        proof = BlockProof(
            "outer", np.array([], dtype=int), 0.0, TOTAL, make.leaf_tree(9.0), np.array([0.3]), (proof,)
        )
    deep = replace(right, solution=replace(right.solution, proof=proof))
    assert "results deep" in reason(deep)
