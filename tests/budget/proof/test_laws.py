"""Bounds hold for every plan, whatever the multipliers; maxima of sums of S-curves are those of dense grids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.proof.boxes import Leaf
from mixcurve.budget.proof.duality import bounds_by_duality
from mixcurve.budget.proof.intervals import Intervals
from mixcurve.budget.proof.peaks import Tasks, proven_peaks
from mixcurve.budget.proof.responses import DrawnResponses
from mixcurve.budget.proof.trees import TreeProof

NO_WEIGHTS = np.zeros((0, 0))
PLANS = 100_000


def recomputed(make, model, multiplier, weight=NO_WEIGHTS, spans=None):
    """Return the verifier's own bound of one box, to a hundred-millionth of it."""
    proof = TreeProof(make.leaf_tree(-np.inf), multiplier[None], weight)
    return bounds_by_duality(DrawnResponses(model), proof, [Leaf(0, spans or {})], 1e-8)[0]


@pytest.mark.parametrize("seed", range(4))
def test_no_plan_is_worth_more_than_a_bound(seed, make):
    rng = np.random.default_rng(40 + seed)
    model = make.rich(rng, int(rng.integers(4, 9)), draws=2)
    plans = np.concatenate([make.plans(model, rng, 20_000) for _ in range(6)])[:PLANS]
    assert len(plans) > 2_000
    best = make.value(model, plans).max()
    for size in (0.0, 0.05, 0.3, 3.0):
        multiplier = rng.exponential(size, len(model.rows)) * rng.integers(0, 2, len(model.rows))
        bound = recomputed(make, model, multiplier)
        assert bound >= best
        independent = make.dual(model, multiplier, points=600)
        assert bound >= independent - 1e-12 * abs(independent)
        assert bound <= independent + 1e-6 * max(abs(independent), 1.0), "the bound is not what duality gives"


def test_100_000_plans_stay_below_bounds_of_their_boxes(make):
    rng = np.random.default_rng(50)
    model = make.plain(rng, 6, 2)
    parts = rng.dirichlet(np.full(6, 0.4), PLANS) * rng.uniform(0.0, 3.0, (PLANS, 1))
    value = make.value(model, parts)
    for _ in range(4):
        cell, cut = int(rng.integers(6)), float(rng.uniform(0.1, 1.5))
        multiplier = rng.exponential(0.3, 1)
        below = recomputed(make, model, multiplier, spans={cell: (0.0, cut, True)})
        above = recomputed(make, model, multiplier, spans={cell: (cut, 3.0, False)})
        low = parts[:, cell] <= cut
        assert value[low].max() <= below
        assert value[~low].max() <= above


def sums(model, rng, many, *, against=False):
    """Return tasks of one cell each, with random prices, and the model's draws weighted anew."""
    n = model.cells
    cell = rng.integers(n, size=many)
    low = rng.uniform(0.0, 1.0, many) * rng.integers(0, 2, many)
    term = [(k, c) for k in range(many) for c in np.flatnonzero(model.cell == cell[k]).tolist()]
    owner, channel = np.array(term).T
    base = rng.uniform(-0.8 if against else 0.0, 0.5, len(owner))
    return cell, Tasks(
        np.arange(many), low, low + np.exp(rng.uniform(-4.0, 1.5, many)), rng.normal(0.2, 0.6, many),
        rng.normal(0.0, 0.1, many), np.where(rng.uniform(size=many) < 0.3, 0.05, -np.inf),
        owner, channel, rng.uniform(0.0, 2.0, len(owner)), base,
        rng.dirichlet(np.full(len(model.weight), 2.0), many),
    )  # fmt: skip


def on_grid(make, model, tasks, k, cell, points=4_000):
    """Return the sum of one task at many amounts, from the definition."""
    t = np.unique(np.concatenate([
        np.linspace(tasks.low[k], tasks.high[k], points),
        tasks.low[k] + (tasks.high[k] - tasks.low[k]) * np.geomspace(1e-8, 1.0, 300),
    ]))  # fmt: skip
    amount = np.zeros((len(t), model.cells))
    amount[:, cell] = t
    drawn = make.responses(model, amount)
    total = tasks.offset[k] - tasks.price[k] * t
    for j in np.flatnonzero(tasks.owner == k).tolist():
        response = drawn[..., tasks.channel[j]]
        total = (
            total + tasks.gain[j] * (tasks.weight[k] @ response) + tasks.base[j] * (model.weight @ response)
        )
    return max(float(total.max()), float(tasks.floor[k]))


@pytest.mark.parametrize("against", [False, True])
def test_peaks_enclose_those_of_dense_grids(against, make):
    rng = np.random.default_rng(60 + against)
    for _ in range(3):
        model = make.rich(rng, 6, draws=4)
        cell, tasks = sums(model, rng, 40, against=against)
        peaks = proven_peaks(DrawnResponses(model), tasks, 1e-9).bound
        for k in range(40):
            seen = on_grid(make, model, tasks, k, cell[k])
            assert seen <= peaks[k] + 1e-13
            # A response that counts against the sum is bounded by intervals, and a grid misses a peak between points.
            assert peaks[k] <= seen + (1e-3 if against else 1e-4) * max(abs(seen), 1.0)


def test_lines_that_cut_through_a_curve_are_seen(make, monkeypatch):
    """The grids can tell: with lines that fall by half as much again as they may, a peak comes out too low."""
    rng = np.random.default_rng(61)
    model = make.plain(rng, 4, 4, families=("hill",))
    cell, tasks = sums(model, rng, 40)
    right = Intervals._fall
    monkeypatch.setattr(Intervals, "_fall", lambda self, tasks: 1.5 * right(self, tasks))
    peaks = proven_peaks(DrawnResponses(model), tasks, 1e-9).bound
    assert any(on_grid(make, model, tasks, k, cell[k]) > peaks[k] + 1e-6 for k in range(40))


def test_a_peak_is_found_to_precision(make):
    """The largest of 3 log(1 + x / 2) - x / 2 is at x = 4, whatever the weights of draws that are all alike."""
    model = replace(
        make.plain(np.random.default_rng(0), 1, 5),
        curve=(mc.curves["logarithm"],),
        draws=np.tile([3.0, 2.0], (5, 1, 1)),
    )
    one, none = np.ones(1), np.zeros(1)
    first = np.zeros(1, dtype=int)
    tasks = Tasks(
        first, none, 1e4 * one, 0.5 * one, none, -np.inf * one, first, first, one, none, np.full((1, 5), 0.2)
    )
    exact = 3.0 * np.log(3.0) - 2.0
    found = proven_peaks(DrawnResponses(model), tasks, 1e-12).bound[0]
    assert exact - 1e-15 <= found <= exact + 3e-12


@pytest.mark.parametrize("family", tuple(mc.curves))
def test_every_curve_is_of_its_form_in_every_draw(family, make):
    rng = np.random.default_rng(tuple(mc.curves).index(family))
    for size in (0.01, 1.0, 30.0):
        model = make.plain(rng, 4, 30, total=size, families=(family,))
        assert list(DrawnResponses(model).problems()) == []


def test_pieces_and_enough_change_no_bound(make, monkeypatch):
    """Groups in pieces, and halving that ends early, give bounds too: never too low, never above what is enough."""
    rng = np.random.default_rng(70)
    model = make.plain(rng, 5, 3)
    responses = DrawnResponses(model)
    leaves = [Leaf(k, {0: (0.1 * k, 0.1 * k + 0.1, k == 0)}) for k in range(12)]
    tree = make.leaf_tree(-np.inf)
    twelve = replace(
        tree,
        cell=np.full(12, -1),
        cut=np.zeros(12),
        low=np.full(12, -1),
        high=np.full(12, -1),
        bound=np.full(12, -np.inf),
    )
    proof = TreeProof(twelve, np.full((12, 1), 0.4), NO_WEIGHTS)
    exact = bounds_by_duality(responses, proof, leaves, 1e-9)
    loose = replace(proof, tree=replace(twelve, bound=exact + 0.01))
    early = bounds_by_duality(responses, loose, leaves, 1e-9)
    assert np.all(early >= exact - 1e-9)
    assert np.all(early <= exact + 0.01 + 1e-9)
    monkeypatch.setattr("mixcurve.budget.proof.peaks.VALUES", 500)
    assert bounds_by_duality(responses, proof, leaves, 1e-9) == pytest.approx(exact, abs=2e-9)
