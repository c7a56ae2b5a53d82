"""A right proof of any model is confirmed; one that is broken in one place is caught, whatever was broken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.model import PriceTiers, Row
from mixcurve.budget.proof.check import verify_model
from mixcurve.budget.proof.trees import BoxTree, TreeProof

PRICE = np.array([0.3])


@pytest.fixture(scope="module")
def right(make):
    """A certificate with two boxes of six channels in three draws, and a plan that spends the budget."""
    rng = np.random.default_rng(7)
    model = make.plain(rng, 6, 3)
    return make.two_leaves(model, np.full(6, 0.5), PRICE, 2, 0.7)


def reason(certificate, fitted=None):
    found = mc.verify(certificate, fitted)
    assert not found.ok
    return " | ".join(found.reasons)


def solved(certificate, **changes):
    return replace(certificate, solution=replace(certificate.solution, **changes))


def modelled(certificate, **changes):
    return replace(certificate, model=replace(certificate.model, **changes))


def proven(certificate, **changes):
    return solved(certificate, proof=replace(certificate.solution.proof, **changes))


def treed(certificate, **changes):
    return proven(certificate, tree=replace(certificate.solution.proof.tree, **changes))


def changed(array, place, value):
    out = np.array(array)
    out[place] = value
    return out


def test_a_right_certificate_is_confirmed(right):
    found = mc.verify(right)
    assert found.ok, found.reasons
    assert found.value == pytest.approx(right.value, rel=1e-12)
    assert found.bound == pytest.approx(right.upper_bound, rel=1e-8)
    assert found.gap == pytest.approx((right.upper_bound - right.value) / right.value, rel=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_right_certificates_of_rich_models_are_confirmed(seed, make):
    rng = np.random.default_rng(seed)
    model = make.rich(rng)
    plan = make.plans(model, rng, 2_000)[0]
    multiplier = rng.uniform(0.0, 0.5, len(model.rows))
    for certificate in (
        make.one_leaf(model, plan, multiplier),
        make.two_leaves(model, plan, multiplier, 2, 0.7),
    ):
        found = verify_model(certificate)
        assert found.ok, found.reasons
        # The claim comes from an independent maximiser, so that neither a lower nor a higher bound is found.
        assert found.bound == pytest.approx(certificate.upper_bound, rel=2e-8)


def test_an_overspent_plan_is_caught(right):
    assert "more than the budget of 3" in reason(solved(right, amount=right.solution.amount * 1.0001))


@pytest.mark.parametrize(("amount", "text"), [(-0.1, "outside [0, 3]"), (3.5, "outside"), (np.nan, "finite")])
def test_a_plan_outside_its_bounds_is_caught(right, amount, text):
    assert text in reason(solved(right, amount=changed(right.solution.amount, 1, amount)))


def test_a_raised_value_is_caught(right):
    assert "the plan's value is" in reason(solved(right, value=right.value * (1 + 1e-6)))


def test_a_lowered_bound_is_caught(right):
    assert "the upper bound is" in reason(solved(right, bound=right.upper_bound * (1 - 1e-6)))


@pytest.mark.parametrize("node", [1, 2])
def test_a_lowered_leaf_is_caught(right, node):
    bound = right.solution.proof.tree.bound
    assert f"box {node} claims" in reason(treed(right, bound=changed(bound, node, bound[node] * (1 - 1e-6))))


def test_a_leaf_said_to_admit_no_plan_is_caught(right):
    assert "box 2 claims the bound -inf" in reason(
        treed(right, bound=changed(right.solution.proof.tree.bound, 2, -np.inf))
    )


@pytest.mark.parametrize("link", [-1, 0, 1, 99])
def test_a_missing_box_is_caught(right, link):
    found = mc.verify(treed(right, high=changed(right.solution.proof.tree.high, 0, link)))
    assert "do not cover every plan" in " ".join(found.reasons)
    assert found.bound == np.inf


@pytest.mark.parametrize(("cell", "cut"), [(9, 0.7), (2, np.nan), (2, np.inf)])
def test_a_cut_of_nothing_is_caught(right, cell, cut):
    tree = right.solution.proof.tree
    text = reason(treed(right, cell=changed(tree.cell, 0, cell), cut=changed(tree.cut, 0, cut)))
    assert "at a cell that the model does not have" in text or "at no cell of its own or at no amount" in text


def test_a_moved_cut_is_caught(right):
    assert "box 2 claims" in reason(treed(right, cut=changed(right.solution.proof.tree.cut, 0, 0.2)))


@pytest.mark.parametrize("multiplier", [-0.1, np.nan, np.inf])
def test_a_multiplier_that_proves_nothing_is_caught(right, multiplier):
    broken = changed(right.solution.proof.multiplier, (1, 0), multiplier)
    assert "not a number of at least 0" in reason(proven(right, multiplier=broken))


@pytest.mark.parametrize("factor", [0.0, 0.9, 1e6])
def test_a_moved_multiplier_is_caught(right, factor):
    broken = changed(right.solution.proof.multiplier, (1, 0), 0.3 * factor)
    assert "box 1 claims" in reason(proven(right, multiplier=broken))


def test_a_swapped_curve_is_caught(right):
    model = right.model
    order = np.array([1, 0, 2, 3, 4, 5])
    swapped = modelled(right, curve=tuple(model.curve[i] for i in order), draws=model.draws[:, order])
    fitted = known(model)
    assert mc.verify(right, fitted).ok
    assert "the curve of 'channel 0' is not the fit's" in reason(swapped, fitted)
    assert not mc.verify(modelled(right, draws=changed(model.draws, (1, 3, 0), 9.0))).ok


def known(model):
    return mc.response_from(
        {
            name: (c, {p: model.draws[:, i, k] for k, p in enumerate(c.names)})
            for i, (name, c) in enumerate(zip(model.channels, model.curve, strict=True))
        }
    )


def test_a_fit_with_other_channels_or_draws_is_caught(right):
    model = right.model
    fitted = known(model)
    assert "does not have" in reason(right, replace(fitted, channels=("tv", *fitted.channels[1:])))
    few = replace(fitted, draws=fitted.draws[:2], resamples=fitted.resamples[:2])
    assert "is not the fit's" in reason(right, few)


@mc.curve([mc.Parameter("half", unit="spend")])
def slow_then_fast(x, half, xp):
    """Concave first and convex after: what no bound here allows for."""
    z = x / half
    return 1.0 - xp.exp(-z) + 0.05 * z * z


@mc.curve([mc.Parameter("half", unit="spend")])
def rise_and_fall(x, half, xp):
    """x exp(-x / half)."""
    return x * xp.exp(-x / half)


@mc.curve([mc.Parameter("half", unit="spend")])
def head_start(x, half, xp):
    """(x + half) / (x + 2 half): not 0 at 0."""
    return (x + half) / (x + 2.0 * half)


@pytest.mark.parametrize(
    ("curve", "text"),
    [
        (slow_then_fast, "not convex first and concave after"),
        (rise_and_fall, "falls, or is no number"),
        (head_start, "not 0 at spend 0"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_curve_of_another_form_is_caught(right, curve, text):
    found = mc.verify(modelled(right, curve=(curve, *right.model.curve[1:])))
    assert "'channel 0'" in found.reasons[0]
    assert text in " | ".join(found.reasons)
    assert found.bound == np.inf


def test_a_curve_that_is_wrong_in_one_draw_is_caught(right):
    broken = changed(right.model.draws, (2, 4, 0), -1.0)
    assert "the response of 'channel 4' falls" in reason(modelled(right, draws=broken))
    assert "'channel 4'" in reason(modelled(right, draws=changed(right.model.draws, (1, 4, 1), np.nan)))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"weight": np.array([0.5, 0.6, -0.1])}, "model.weight must be finite and at least 0"),
        ({"weight": np.array([0.5, 0.4, 0.2])}, "add up to 1.1, not to 1"),
        ({"upper": np.full(6, np.inf)}, "model.upper must be finite"),
        ({"lower": np.full(6, 4.0)}, "model.lower is above model.upper"),
        ({"cell": np.full(6, 9)}, "names a cell that the model does not have"),
        ({"share": np.full(6, 0.5)}, "do not add up to 1"),
        ({"draws": np.zeros((3, 5, 3))}, "model.draws has the shape (3, 5, 3)"),
        ({"setup": np.zeros(2)}, "model.setup has the shape (2,)"),
        ({"money_cost": np.nan}, "money_cost must be finite"),
        ({"channels": ("tv",) * 6}, "must name each channel once"),
        ({"curve": ("hill",) * 6}, "certificate.model.curve[0] must hold a Curve, got 'hill'"),
        ({"prices": {"radio": PriceTiers(np.zeros(1), np.ones(1))}}, "'radio', which is no channel"),
        ({"prices": {"channel 1": PriceTiers(np.array([0.0, 1.0]), np.array([1.0, 0.5]))}}, "must not fall"),
        ({"prices": {"channel 1": PriceTiers(np.array([0.0, 0.0]), np.ones(2))}}, "start at rising amounts"),
        ({"rows": (Row("total", "total", np.ones(5), np.zeros(6), np.zeros(6), 3.0),)}, "money has the shape (5,)"),
        ({"rows": (Row("total", "most", np.ones(6), np.zeros(6), np.zeros(6), np.nan),)}, "must be finite"),
        ({"rows": (Row("total", "sum", np.ones(6), np.zeros(6), np.zeros(6), 3.0),)}, "must hold 'total' or"),
    ],
)  # fmt: skip
def test_a_model_that_is_none_is_told(right, changes, text):
    found = mc.verify(modelled(right, **changes))
    assert not found.ok
    assert text in " | ".join(found.reasons)
    assert found.bound == np.inf


def test_other_sizes_of_a_proof_are_told(right):
    assert "proof.multiplier has the shape (2, 1)" in reason(proven(right, multiplier=np.full((2, 1), 0.3)))
    assert "tree.cut has the shape (2,)" in reason(treed(right, cut=np.zeros(2)))
    none = np.empty(0, dtype=int)
    empty = BoxTree(none, np.empty(0), none, none, np.empty(0))
    assert "do not cover every plan" in reason(proven(right, tree=empty, multiplier=np.empty((0, 1))))
    assert "certificate.solution.proof must hold" in reason(solved(right, proof=None))


def test_rows_that_a_plan_breaks_are_named(make):
    rng = np.random.default_rng(3)
    model = make.plain(rng, 4, 2, total=2.0)
    zero, one = np.zeros(4), np.ones(4)
    first = np.array([1.0, 1.0, 0.0, 0.0])
    rows = {
        "'digital', more than its most of 0.5": Row("digital", "most", first, zero, zero, 0.5),
        "'digital', less than its least of 1.5": Row("digital", "least", -first, zero, zero, -1.5),
        "has 4 channels of 'total' on, more than 3": Row("total", "count", zero, zero, one, 3.0),
        "less than the target of 99": Row("total", "target", zero, -one, zero, -99.0),
        "misses the ROI asked of 'total'": Row("total", "roi", 90.0 * one, -one, zero, 0.0),
    }
    for text, row in rows.items():
        certificate = make.one_leaf(replace(model, rows=(row,)), np.full(4, 0.4), np.zeros(1))
        assert text in reason(certificate)


def test_an_empty_box_is_shown_by_one_row(make):
    """A box whose least is more than the budget needs no multipliers."""
    rng = np.random.default_rng(5)
    model = make.plain(rng, 3, 2, total=2.0, upper=np.full(3, 3.0))
    low = make.dual(model, PRICE, {0: (0.0, 2.5)})
    tree = make.cut_tree(0, 2.5, (low, -np.inf))
    amount = np.array([1.0, 0.5, 0.5])
    right = make.one_leaf(model, amount, PRICE)
    proof = TreeProof(tree, np.array([[0.3], [0.3], [np.nan]]), np.zeros((0, 0)))
    assert mc.verify(solved(right, bound=low, proof=proof)).ok
    closer = replace(proof, tree=make.cut_tree(0, 1.9, (low, -np.inf)), multiplier=np.full((3, 1), 0.3))
    assert "box 2 claims the bound -inf" in reason(solved(right, bound=low, proof=closer))


def test_an_empty_box_is_shown_by_weighted_rows(make):
    """Two rows that each can be met in the box, and together cannot (Farkas)."""
    rng = np.random.default_rng(6)
    model = make.plain(rng, 2, 1, total=2.0)
    zero = np.zeros(2)
    rows = (
        Row("a", "most", np.array([1.0, -1.0]), zero, zero, 0.0),
        Row("b", "most", np.array([-1.0, 1.0]), zero, zero, -0.5),
    )
    model = replace(model, rows=(*model.rows, *rows))
    right = make.one_leaf(model, zero, np.zeros(3))
    empty = TreeProof(make.leaf_tree(-np.inf), np.array([[0.0, 1.0, 1.0]]), np.zeros((0, 0)))
    found = mc.verify(solved(right, bound=-np.inf, proof=empty))
    assert found.bound == -np.inf
    assert any("less than" in r or "more than" in r for r in found.reasons), (
        "the plan itself cannot keep them"
    )
    unweighted = replace(empty, multiplier=np.array([[0.0, 1.0, 0.5]]))
    assert "box 0 claims the bound -inf" in reason(solved(right, bound=-np.inf, proof=unweighted))


def test_channels_that_may_be_off_and_set_up_costs_are_counted(make):
    """By hand: on [2, 4] or off, set-up 1, price 0.5, logarithm 3 log(1 + x / 2): best at x = 4, 3 log 3 - 2.5 > 0."""
    curve = mc.curves["logarithm"]
    rng = np.random.default_rng(0)
    model = replace(
        make.plain(rng, 1, 1, total=5.0),
        curve=(curve,), draws=np.array([[[3.0, 2.0]]]), lower=np.array([2.0]), upper=np.array([4.0]),
        optional=np.array([True]), setup=np.array([1.0]),
    )  # fmt: skip
    exact = 5.0 * 0.5 + 3.0 * np.log(3.0) - 2.5
    proof = TreeProof(make.leaf_tree(exact), np.array([[0.5]]), np.zeros((0, 0)))
    right = make.one_leaf(model, np.array([4.0]), np.array([0.5]))
    assert mc.verify(solved(right, bound=exact, proof=proof)).bound == pytest.approx(exact, rel=1e-8)
    # At a price of 2 the channel is off: the bound is the price times the budget.
    dear = replace(proof, tree=make.leaf_tree(10.0), multiplier=np.array([[2.0]]))
    assert mc.verify(solved(right, bound=10.0, proof=dear)).bound == pytest.approx(10.0, rel=1e-8)
    # A cut below the lower bound parts on from off.
    on = 10.0 + 3.0 * np.log(2.0) - 2.0 * 3.0
    parted = TreeProof(make.cut_tree(0, 1.0, (10.0, on)), np.full((3, 1), 2.0), np.zeros((0, 0)))
    assert mc.verify(solved(right, bound=10.0, proof=parted)).ok
    lower = replace(parted, tree=make.cut_tree(0, 1.0, (10.0, on - 1e-3)))
    assert "box 2 claims" in reason(solved(right, bound=10.0, proof=lower))


def test_profit_and_least_budget_are_recomputed(make):
    rng = np.random.default_rng(8)
    model = make.plain(rng, 4, 2, total=2.0, money_cost=1.0, worth=np.full(4, 2.5), setup=np.full(4, 0.01))
    right = make.one_leaf(model, np.array([0.5, 0.0, 0.7, 0.2]), np.array([0.2]))
    found = mc.verify(right)
    assert found.ok, found.reasons
    target = Row("total", "target", np.zeros(4), -np.ones(4), np.zeros(4), -0.2)
    money = replace(model, worth=np.zeros(4), rows=(*model.rows, target))
    cheapest = make.one_leaf(money, np.full(4, 0.4), np.array([0.0, 1.5]))
    found = mc.verify(cheapest)
    assert found.ok, found.reasons
    assert found.value == pytest.approx(-1.64)


def test_a_cut_below_all_amounts_parts_on_from_off(make):
    """With a set-up cost of 1 and no lower bound: off is worth 0, on at most 3 log 3 - 0.5 (4 + 1)."""
    model = replace(
        make.plain(np.random.default_rng(0), 1, 1, total=5.0),
        curve=(mc.curves["logarithm"],), draws=np.array([[[3.0, 2.0]]]), setup=np.array([1.0]),
    )  # fmt: skip
    off, on = 2.5, 2.5 + 3.0 * np.log(3.0) - 2.5
    proof = TreeProof(make.cut_tree(0, -1.0, (off, on)), np.full((3, 1), 0.5), np.zeros((0, 0)))
    right = solved(make.one_leaf(model, np.array([4.0]), np.array([0.5])), bound=on, proof=proof)
    assert mc.verify(right).ok
    for bounds, text in (((off - 1e-3, on), "box 1 claims"), ((off, on - 1e-3), "box 2 claims")):
        broken = replace(proof, tree=make.cut_tree(0, -1.0, bounds))
        assert text in reason(solved(right, proof=broken))
