"""Risk objectives: their value, the weights they allow, and bounds at those weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

import mixcurve as mc
from mixcurve.budget.objectives import CVaR, MeanMinusRisk
from mixcurve.budget.proof.certificate import ModelCertificate
from mixcurve.budget.proof.risk import check_risk, weight_limits, worst_mean
from mixcurve.budget.proof.trees import TreeProof
from mixcurve.budget.solution import Solution

DRAWS = 40
OBJECTIVES = [CVaR(0.1), CVaR(0.33), CVaR(1.0), MeanMinusRisk(0.5, tail=0.2), MeanMinusRisk(0.0), None]


@pytest.mark.parametrize("objective", OBJECTIVES, ids=str)
def test_the_worst_mean_is_that_of_a_linear_programme(objective):
    rng = np.random.default_rng(1)
    values, weight = rng.normal(5.0, 2.0, DRAWS), rng.dirichlet(np.full(DRAWS, 3.0))
    low, high = weight_limits(weight, objective)
    found = linprog(values, A_eq=np.ones((1, DRAWS)), b_eq=[1.0], bounds=np.stack([low, high], axis=1))
    assert worst_mean(values, weight, objective) == pytest.approx(found.fun, rel=1e-9)


def test_mean_minus_risk_is_what_its_name_says():
    rng = np.random.default_rng(2)
    values, weight = rng.normal(5.0, 2.0, DRAWS), np.full(DRAWS, 1.0 / DRAWS)
    tail = worst_mean(values, weight, CVaR(0.25))
    assert tail == pytest.approx(np.sort(values)[:10].mean())
    expected = values.mean() - 0.3 * (values.mean() - tail)
    assert worst_mean(values, weight, MeanMinusRisk(0.3, tail=0.25)) == pytest.approx(expected)


def worst_weights(make, model, amount, objective):
    """Return the weights under which a plan is worth least."""
    values = make.responses(model, amount) @ model.worth
    low, high = weight_limits(model.weight, objective)
    return linprog(values, A_eq=np.ones((1, len(values))), b_eq=[1.0], bounds=np.stack([low, high], axis=1)).x


def certified(make, model, objective, multiplier=0.3):
    amount = np.full(model.cells, 0.4)
    weight = worst_weights(make, model, amount, objective)
    bound = make.dual(model, np.array([multiplier]), weight=weight)
    proof = TreeProof(make.leaf_tree(bound), np.array([[multiplier]]), weight[None])
    value = float(weight @ (make.responses(model, amount) @ model.worth))
    return ModelCertificate(model, Solution(amount, value, bound, 1, proof), objective)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=str)
def test_right_bounds_of_risk_are_confirmed(objective, make):
    model = make.plain(np.random.default_rng(3), 5, DRAWS)
    found = mc.verify(certified(make, model, objective))
    assert found.ok, found.reasons


@pytest.mark.parametrize("objective", [CVaR(0.1), MeanMinusRisk(0.6, tail=0.2)], ids=str)
def test_no_plan_beats_a_bound_of_risk(objective, make):
    rng = np.random.default_rng(4)
    model = make.plain(rng, 4, DRAWS)
    bound = mc.verify(certified(make, model, objective)).bound
    plans = rng.dirichlet(np.full(4, 0.6), 2_000) * rng.uniform(0.0, 3.0, (2_000, 1))
    values = make.responses(model, plans) @ model.worth
    assert max(worst_mean(values[:, k], model.weight, objective) for k in range(2_000)) <= bound


def weighed(certificate, weight):
    proof = replace(certificate.solution.proof, weight=np.asarray(weight)[None])
    return replace(certificate, solution=replace(certificate.solution, proof=proof, bound=99.0))


def test_weights_that_the_objective_does_not_allow_are_caught(make):
    model = make.plain(np.random.default_rng(5), 5, DRAWS)
    right = certified(make, model, CVaR(0.1))
    used = right.solution.proof.weight[0]
    worst = int(np.argmax(used))
    alone = np.zeros(DRAWS)
    alone[worst] = 1.0
    negative = np.where(np.arange(DRAWS) == (worst + 1) % DRAWS, -0.01, used)
    for weight in (alone, 0.9 * used, negative, np.full(DRAWS, np.nan)):
        found = mc.verify(weighed(right, weight))
        assert "weighs the draws otherwise than those of CVaR allow" in " ".join(found.reasons)
        assert found.bound == np.inf
    assert list(check_risk(right.solution, model, right.objective)) == []
    assert "the model's own allow" in next(check_risk(right.solution, model, None))


def test_another_objective_is_caught(make):
    model = make.plain(np.random.default_rng(6), 5, DRAWS)
    right = certified(make, model, CVaR(0.3))
    assert not mc.verify(replace(right, objective=CVaR(0.31))).ok
    assert "the plan's value is" in " ".join(mc.verify(replace(right, objective=CVaR(0.29))).reasons)
    found = mc.verify(replace(right, objective="response"))
    assert "certificate.objective must hold a CVaR or" in found.reasons[0]
    assert "got 'response'" in found.reasons[0]


def test_rows_count_the_mean_whatever_the_weights(make):
    """A floor on the mean response, priced: its responses keep the model's weights."""
    from mixcurve.budget.model import Row

    rng = np.random.default_rng(7)
    model = make.plain(rng, 4, DRAWS)
    floor = Row("total", "target", np.zeros(4), -np.ones(4), np.zeros(4), -0.5)
    model = replace(model, rows=(*model.rows, floor))
    amount = np.full(4, 0.5)
    weight = worst_weights(make, model, amount, CVaR(0.2))
    multiplier = np.array([0.3, 0.4])
    bound = make.dual(model, multiplier, weight=weight)
    value = float(weight @ (make.responses(model, amount) @ model.worth))
    proof = TreeProof(make.leaf_tree(bound), multiplier[None], weight[None])
    found = mc.verify(ModelCertificate(model, Solution(amount, value, bound, 1, proof), CVaR(0.2)))
    assert found.ok, found.reasons
    assert found.bound == pytest.approx(bound, rel=1e-7)
