"""A certificate that was broken on purpose is caught, whatever was broken."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result

S_SHAPED = ("hill", "logistic", "gompertz", "weibull", "richards")


@pytest.fixture
def hard(portfolio):
    """Eight channels whose search needs several boxes, with bounds, and their plan."""
    rng = np.random.default_rng(3)
    while True:
        fitted = portfolio(rng, 8, S_SHAPED)
        plan = mc.allocate(fitted, 4.0, bounds={"channel 1": (0.1, 2.0)})
        if plan.nodes >= 5:
            return fitted, plan


def broken(plan, **changes):
    return replace(plan.certificate, **changes)


def changed(array, place, value):
    out = np.array(array)
    out[place] = value
    return out


def leaf_of(plan):
    """Return the box whose bound decides the proof."""
    proof = plan.certificate
    return int(np.argmax(np.where(proof.low < 0, proof.bound, -np.inf)))


def cut_box(plan):
    return int(np.flatnonzero(plan.certificate.low >= 0)[0])


def reason(certificate, fitted):
    found = mc.verify(certificate, fitted)
    assert not found.ok
    return " | ".join(found.reasons)


def test_a_true_certificate_is_confirmed(hard):
    fitted, plan = hard
    found = mc.verify(plan, fitted)
    assert found.ok, found.reasons
    assert found.reasons == ()
    assert found.value == pytest.approx(plan.value, rel=1e-12)
    assert found.bound == pytest.approx(plan.upper_bound, rel=1e-8)
    assert found.gap <= 1.1e-6
    assert mc.verify(plan.certificate, fitted).ok


@pytest.mark.parametrize("seed", range(6))
def test_random_plans_are_confirmed(seed, portfolio):
    rng = np.random.default_rng(100 + seed)
    fitted = portfolio(rng, 7, (*S_SHAPED, "power", "logarithm", "tanh", "exponential", "michaelis_menten"))
    for budget in (0.05, 1.0, 5.0, 80.0):
        found = mc.verify(mc.allocate(fitted, budget), fitted)
        assert found.ok, found.reasons


def test_a_certificate_survives_a_file(hard, tmp_path):
    fitted, plan = hard
    back = load_result(plan.certificate.save(tmp_path / "proof.json"))
    assert back.to_dict() == plan.certificate.to_dict()
    assert mc.verify(back, fitted).ok


def test_a_raised_value_is_caught(hard):
    fitted, plan = hard
    assert "value is" in reason(broken(plan, value=plan.value * (1 + 1e-6)), fitted)


def test_a_lowered_upper_bound_is_caught(hard):
    fitted, plan = hard
    assert "the upper bound is" in reason(broken(plan, upper_bound=plan.value * (1 - 1e-6)), fitted)


def test_a_lowered_leaf_is_caught(hard):
    fitted, plan = hard
    k = leaf_of(plan)
    lowered = changed(plan.certificate.bound, k, plan.certificate.bound[k] * (1 - 1e-6))
    assert f"box {k} claims" in reason(broken(plan, bound=lowered), fitted)


def test_a_leaf_said_to_admit_no_plan_is_caught(hard):
    fitted, plan = hard
    k = leaf_of(plan)
    assert f"box {k} claims" in reason(
        broken(plan, bound=changed(plan.certificate.bound, k, -np.inf)), fitted
    )


@pytest.mark.parametrize("factor", [0.0, 0.9, 1.1, 1e6])
def test_a_moved_price_is_caught(hard, factor):
    fitted, plan = hard
    k = leaf_of(plan)
    moved = changed(plan.certificate.price, k, plan.certificate.price[k] * factor)
    assert f"box {k} claims" in reason(broken(plan, price=moved), fitted)


@pytest.mark.parametrize("price", [-1.0, np.nan, np.inf])
def test_a_price_that_proves_nothing_is_caught(hard, price):
    fitted, plan = hard
    k = leaf_of(plan)
    assert "no price of at least 0" in reason(
        broken(plan, price=changed(plan.certificate.price, k, price)), fitted
    )


@pytest.mark.parametrize("child", [-1, 0, 10_000])
def test_a_dropped_leaf_is_caught(hard, child):
    fitted, plan = hard
    dropped = changed(plan.certificate.low, cut_box(plan), child)
    found = mc.verify(broken(plan, low=dropped), fitted)
    assert "do not cover every plan" in " ".join(found.reasons)
    assert found.bound == np.inf


def test_a_shortened_tree_is_caught(hard):
    fitted, plan = hard
    fields = ("split", "cut", "low", "high", "price", "bound")
    short = broken(plan, **{f: getattr(plan.certificate, f)[:-1] for f in fields})
    assert "do not cover every plan" in reason(short, fitted)


def test_a_moved_cut_is_caught(hard):
    fitted, plan = hard
    k = cut_box(plan)
    caught = [
        not mc.verify(broken(plan, cut=changed(plan.certificate.cut, k, to)), fitted).ok
        for to in (1e-3, 3.9, np.nan)
    ]
    assert any(caught[:2])
    assert caught[2]


def test_a_cut_at_no_channel_is_caught(hard):
    fitted, plan = hard
    assert "cut at no channel" in reason(
        broken(plan, split=changed(plan.certificate.split, cut_box(plan), 99)), fitted
    )


def test_an_overspent_plan_is_caught(hard):
    fitted, plan = hard
    spend = plan.certificate.spend * 1.0001
    assert "more than the budget" in reason(broken(plan, spend=spend), fitted)


@pytest.mark.parametrize(
    ("amount", "text"), [(0.05, "outside [0.1, "), (2.5, "outside [0.1, 2]"), (np.nan, "outside")]
)
def test_a_plan_outside_its_bounds_is_caught(hard, amount, text):
    fitted, plan = hard
    assert text in reason(broken(plan, spend=changed(plan.certificate.spend, 1, amount)), fitted)


def test_a_first_box_that_leaves_plans_out_is_caught(hard):
    fitted, plan = hard
    narrow = broken(plan, upper=np.minimum(plan.certificate.upper, plan.certificate.spend + 1e-3))
    assert "leaves out spend" in reason(replace(plan, certificate=narrow), fitted)


def test_an_allocation_that_differs_from_its_certificate_is_caught(hard):
    fitted, plan = hard
    assert "value or upper bound" in reason(replace(plan, value=plan.value * 1.01), fitted)
    assert "gap" in reason(replace(broken_gap(plan), gap=1e-9), fitted)
    other = {**plan.spend, "channel 1": 0.3}
    assert "spend is not the certificate's" in reason(replace(plan, spend=other), fitted)
    assert "another budget" in reason(replace(plan, budget=replace(plan.budget, total=5.0)), fitted)


def broken_gap(plan):
    """Return the plan with a bound far above its value, so that a small gap would be a lie."""
    high = plan.value * 1.05
    return replace(plan, upper_bound=high, certificate=broken(plan, upper_bound=high))


def test_other_curves_are_caught(hard, portfolio):
    _, plan = hard
    assert not mc.verify(plan, portfolio(np.random.default_rng(99), 8, S_SHAPED)).ok
    assert "the certificate is for" in reason(plan, portfolio(np.random.default_rng(99), 7, S_SHAPED))


def test_a_false_chain_is_caught():
    alike = {f"c{i}": ("hill", {"top": 1.0 + i, "half": 1.0, "slope": 5.0}) for i in range(4)}
    fitted = mc.response_from(alike)
    plan = mc.allocate(fitted, 2.0)
    assert plan.certificate.chains == ((3, 2, 1, 0),)
    assert mc.verify(plan, fitted).ok
    assert "does not dominate" in reason(broken(plan, chains=((0, 1, 2, 3),)), fitted)
    assert "repeats a channel" in reason(broken(plan, chains=((3, 2), (2, 1))), fitted)
    unlike = mc.response_from(alike | {"c2": ("hill", {"top": 3.0, "half": 1.0001, "slope": 5.0})})
    assert "does not dominate" in reason(plan, unlike)


def test_a_curve_that_is_not_what_it_declares_is_caught():
    @mc.curve([mc.Parameter("half", unit="spend")])
    def two_steps(x, half, xp):
        """Two S-curves one after the other."""
        return (
            0.5 * xp.expit(20.0 * (x / half - 1.0))
            + 0.5 * xp.expit(20.0 * (x / half - 3.0))
            - xp.expit(-20.0)
        )

    fitted = mc.response_from({"tv": (two_steps, {"top": 1.0, "half": 1.0})})
    found = mc.verify(mc.allocate(fitted, 5.0), fitted)
    assert not found.ok
    assert "not convex first and concave after" in found.reasons[0]


def test_several_draws_are_refused(hard):
    _, plan = hard
    many = mc.response_from(
        {c: ("hill", {"top": [1.0, 2.0], "half": 1.0, "slope": 2.0}) for c in plan.channels}
    )
    with pytest.raises(InputError, match="one draw"):
        mc.verify(plan, many)


CHECKER = ("certificate", "maxima", "cells_check")
STATEMENTS = ("problem", "model", "objectives", "solution")
"""What a checker must read beside its own code: what was asked, and what is claimed."""


def test_the_checker_shares_no_code_with_the_solvers():
    home = Path(mc.__file__).parent / "budget"
    files = [home / f"{name}.py" for name in CHECKER] + sorted((home / "proof").glob("*.py"))
    assert len(files) > 15
    allowed = {f"mixcurve.budget.{m}" for m in (*CHECKER, *STATEMENTS)}
    derived = {"mixcurve.response.curves.shape", "mixcurve.response.curves.derivatives"}
    for path in files:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
        }
        own = {m for m in imported if m.startswith("mixcurve.budget.proof")}
        assert {m for m in imported if m.startswith("mixcurve.budget")} - own <= allowed, path.name
        assert not imported & derived, "the check rests on values of the formulas alone"


def test_a_certificate_with_its_curves_is_verified_alone(hard, tmp_path):
    fitted, plan = hard
    whole = plan.certificate.with_curves(fitted)
    back = load_result(whole.save(tmp_path / "plan.cert.json"))
    assert mc.verify(back).ok
    assert mc.verify(back, fitted).ok
    other = changed(whole.parameters, (slice(None), 0), whole.parameters[:, 0] * 1.01)
    assert not mc.verify(replace(back, parameters=other)).ok
    assert "curves are not the fit's" in reason(replace(back, parameters=other), fitted)


def test_a_certificate_without_curves_asks_for_them(hard):
    _, plan = hard
    bare = replace(plan.certificate, curve=(), parameters=None)
    with pytest.raises(InputError, match=r"does not hold its curves\. Give the fit it was made for"):
        mc.verify(bare)


def test_a_plan_without_a_proof_is_refused(hard):
    fitted, plan = hard
    with pytest.raises(InputError, match="carries no proof that could be verified"):
        mc.verify(replace(plan, certificate=None), fitted)
    with pytest.raises(InputError, match="verify needs an allocation or a certificate, got KnownCurves"):
        mc.verify(fitted, fitted)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"total": "much"}, "certificate.total must hold a number, got 'much'"),
        ({"total": np.nan}, "must be finite"),
        ({"spend": np.zeros(3)}, "certificate.spend does not hold one amount per channel"),
        ({"split": np.zeros(4)}, "certificate.split must hold an array of whole numbers"),
        ({"steps": np.zeros(1, dtype=int)}, "do not cover every plan"),
        ({"upper": None}, "certificate.upper must hold an array of numbers, got NoneType"),
    ],
)
def test_a_certificate_with_the_wrong_things_in_it_is_told(hard, changes, text):
    fitted, plan = hard
    assert text in reason(broken(plan, **changes), fitted)
