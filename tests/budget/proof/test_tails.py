"""Bounds of a quantile and of the share of draws that beat a plan: for every plan, and caught when broken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.objectives import BeatCurrent, Quantile
from mixcurve.budget.proof.boxes import Boxes, Leaf
from mixcurve.budget.proof.certificate import ModelCertificate
from mixcurve.budget.proof.responses import DrawnResponses
from mixcurve.budget.proof.tails import totals_between
from mixcurve.budget.proof.trees import TreeProof
from mixcurve.budget.solution import Solution

DRAWS, LEVEL = 30, 0.2
MULTIPLIER = np.array([0.35])


@pytest.fixture(scope="module")
def model(make):
    rng = np.random.default_rng(21)
    return make.plain(rng, 4, DRAWS, money_cost=0.1, setup=np.array([0.0, 0.05, 0.0, 0.0]))


def totals(make, model, plans):
    """Return each draw's worth (D × m), money paid for, from the definition."""
    return make.responses(model, plans) @ model.worth - model.money_cost * model.money(plans).sum(axis=-1)


def quantile(values):
    """Return the most that at least 80% of the draws reach, by counting."""
    return max(v for v in values if np.mean(values >= v) >= 1.0 - LEVEL - 1e-12)


@pytest.fixture(scope="module")
def plans(model):
    rng = np.random.default_rng(22)
    parts = rng.dirichlet(np.full(4, 0.7), 2_000) * rng.uniform(0.3, 2.9, (2_000, 1))
    return parts[model.money(parts).sum(axis=1) <= 3.0]


@pytest.fixture(scope="module")
def halves(model, make, plans):
    """A tree cut at half of the first channel's most, and the best plan for the quantile, with weights around it."""
    values = totals(make, model, plans)
    best = int(np.argmax([quantile(v) for v in values.T]))
    spread = np.exp(-0.5 * ((values[:, best] - quantile(values[:, best])) / values[:, best].std()) ** 2)
    weight = np.tile(spread / spread.sum(), (3, 1))
    tree = make.cut_tree(0, 0.6, (np.inf, np.inf))
    return plans[best], TreeProof(tree, np.tile(MULTIPLIER, (3, 1)), weight)


def certified(model, make, halves, objective, value, bound=1e9, current=None):
    amount, proof = halves
    return ModelCertificate(model, Solution(amount, value, bound, 3, proof), objective, current)


def test_no_plan_has_a_quantile_above_the_bound(model, make, halves, plans):
    values = totals(make, model, plans)
    best = max(quantile(v) for v in values.T)
    claimed = certified(model, make, halves, Quantile(LEVEL), best)
    loose = mc.verify(claimed)
    assert loose.ok, loose.reasons
    assert loose.value == pytest.approx(best, rel=1e-12)
    tight = mc.verify(replace(claimed, solution=replace(claimed.solution, bound=-np.inf)))
    assert not tight.ok
    assert best <= tight.bound <= loose.bound
    assert mc.verify(replace(claimed, solution=replace(claimed.solution, bound=tight.bound))).ok
    lowered = replace(claimed, solution=replace(claimed.solution, bound=tight.bound * (1 - 1e-6)))
    assert "the upper bound is" in " ".join(mc.verify(lowered).reasons)


def test_no_plan_beats_another_in_more_draws_than_the_bound(model, make, halves, plans):
    values = totals(make, model, plans)
    current = plans[int(np.argmax(values.mean(axis=0)))]
    target = totals(make, model, current)
    shares = np.mean(values > target[:, None], axis=0)
    assert 0.0 < shares.max() < 1.0
    _, proof = halves
    best = plans[int(np.argmax(shares))]
    gap = np.maximum(target, 0.5)
    proof = replace(proof, weight=np.tile(0.2 / (DRAWS * gap), (3, 1)))
    claimed = certified(model, make, (best, proof), BeatCurrent(), float(shares.max()), 1.0, current)
    found = mc.verify(claimed)
    assert found.ok, found.reasons
    assert found.value == pytest.approx(shares.max())
    assert shares.max() <= found.bound <= 1.0
    assert found.bound * DRAWS == pytest.approx(round(found.bound * DRAWS)), "a count of whole draws"
    none = mc.verify(replace(claimed, current=None))
    assert "certificate.current is missing" in none.reasons[0]
    other = mc.verify(replace(claimed, current=np.zeros(4)))
    assert "the plan's value is" in " ".join(other.reasons)
    assert "certificate.current" in mc.verify(replace(claimed, current=np.zeros(3))).reasons[0]


def test_totals_lie_between_what_the_box_says(model, make, plans):
    values = totals(make, model, plans)
    for low, high in ((0.0, 0.6), (0.6, 1.5)):
        span = {0: (low, high, low == 0.0)}
        box = Boxes.of(model, np.arange(4), [Leaf(0, span)])
        least, most = totals_between(DrawnResponses(model), box)
        inside = (plans[:, 0] >= low) & (plans[:, 0] <= high)
        assert np.all(values[:, inside] >= least[:, None])
        assert np.all(values[:, inside] <= most[:, None])


def test_a_proof_of_tails_needs_its_weights(model, make, halves):
    amount, proof = halves
    value = quantile(totals(make, model, amount))
    bare = certified(model, make, (amount, replace(proof, weight=np.zeros((0, 0)))), Quantile(LEVEL), value)
    assert "needs a tree of boxes with weights of the draws" in mc.verify(bare).reasons[0]
    negative = certified(model, make, (amount, replace(proof, weight=-proof.weight)), Quantile(LEVEL), value)
    assert "weighs the draws otherwise" in mc.verify(negative).reasons[0]
    uneven = replace(model, weight=np.linspace(1, 2, DRAWS) / np.linspace(1, 2, DRAWS).sum())
    found = mc.verify(certified(uneven, make, halves, Quantile(LEVEL), value))
    assert "a proof for Quantile needs draws of one weight" in found.reasons
    assert found.bound == np.inf


def test_weights_beyond_their_limits_prove_nothing_of_a_share(model, make, halves):
    """Then only the draws that can beat the plan at all are counted."""
    amount, proof = halves
    current = np.full(4, 0.7)
    value = float(np.mean(totals(make, model, amount) > totals(make, model, current)))
    steep = replace(proof, weight=np.full((3, DRAWS), 50.0))
    found = mc.verify(certified(model, make, (amount, steep), BeatCurrent(), value, 1.0, current))
    assert found.ok, found.reasons
    assert found.bound == 1.0
