"""Plans on tables: their bound against random plans and against a search of each belief by itself."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.learning import optima
from mixcurve.budget.learning.beliefs import Beliefs, everything_known, nothing_known
from mixcurve.budget.learning.boxing import boxed
from mixcurve.budget.learning.coupling import coupled
from mixcurve.budget.learning.gridded import Mixed, gridded, mixed
from mixcurve.budget.learning.optima import Optimiser, expected
from mixcurve.budget.learning.question import asked_question, model_of

FAMILIES = ("hill", "logistic", "gompertz", "weibull", "michaelis_menten", "power", "tanh")


def portfolio(seed, channels=5, draws=40, **words):
    """Return a model of S-shaped and concave channels over draws, with a tight budget."""
    rng = np.random.default_rng(seed)
    curves = {}
    for i in range(channels):
        curve = mc.curves[FAMILIES[int(rng.integers(len(FAMILIES)))]]
        size = float(np.exp(0.5 * rng.normal()))
        parameters = {"top": 10 * size * np.exp(0.3 * rng.normal(size=draws))}
        for p in curve.parameters:
            low, high = (np.log(p.typical.low), np.log(p.typical.high)) if p.unit != "spend" else (-0.3, 0.3)
            value = np.exp(rng.uniform(low, high) + 0.1 * (high - low) * rng.normal(size=draws))
            parameters[p.name] = value * size if p.unit == "spend" else value
        curves[f"channel {i}"] = (curve, parameters)
    known = mc.response_from(curves)
    return model_of(asked_question(known, known.draws, 0.5 * channels, None, None, words))


def some_beliefs(seed, asked, count=6):
    """Return beliefs that weight the draws at random, each channel by itself."""
    rng = np.random.default_rng(seed)
    draws, channels = asked.draws.shape[:2]
    rows = tuple(rng.dirichlet(np.full(draws, 0.3), size=count) for _ in range(channels))
    pick = rng.integers(count, size=(count, channels))
    return Beliefs(rows, pick, np.full(count, 1 / count))


@pytest.mark.parametrize("seed", range(8))
def test_no_random_plan_exceeds_the_bound(seed):
    asked = portfolio(seed)
    beliefs = some_beliefs(seed, asked)
    found = Optimiser(asked, 1e-6).best(beliefs)
    rng = np.random.default_rng(seed)
    plans = 2.5 * rng.dirichlet(np.full(5, 0.4), size=2_000)
    for b in range(len(beliefs)):
        one = Beliefs(
            beliefs.rows, np.repeat(beliefs.pick[b : b + 1], len(plans), axis=0), np.ones(len(plans))
        )
        assert expected(asked, one, plans).max() <= found.bound[b]
    assert np.all(found.amount.sum(axis=1) <= 2.5 * (1 + 1e-12))
    assert np.all(found.value <= found.bound)
    assert np.all(found.bound - found.value <= 1e-3 * found.value)


@pytest.mark.parametrize("seed", range(4))
def test_tables_find_what_a_search_of_each_belief_finds(seed, monkeypatch):
    asked = portfolio(seed, draws=6)
    beliefs = some_beliefs(seed, asked)
    tabled = Optimiser(asked, 1e-6)
    monkeypatch.setattr(optima, "FEW", 0)
    fast = tabled.best(beliefs)
    monkeypatch.setattr(optima, "FEW", 10**6)
    sure = Optimiser(asked, 1e-8).best(beliefs)
    assert fast.value == pytest.approx(sure.value, rel=1e-7)
    assert np.all(fast.bound >= sure.value * (1 - 1e-12))


def test_identical_channels_do_not_multiply_the_search():
    curves = {f"channel {i}": ("hill", {"top": [8.0, 12.0], "half": 1.0, "slope": 4.0}) for i in range(8)}
    known = mc.response_from(curves)
    asked = model_of(asked_question(known, known.draws, 5.0, None, None, {}))
    found = Optimiser(asked, 1e-6)._tabled(nothing_known(2, 8), np.array([0]))
    share = 1.0 / (1.0 + np.array([5.0 / k for k in range(1, 9)]) ** -4.0)
    best = max(10.0 * k * share[k - 1] for k in range(1, 9))
    assert expected(asked, nothing_known(2, 8), asked.spend(found[0]))[0] == pytest.approx(best, rel=1e-9)
    assert best <= found[1][0]


def test_a_majorant_that_is_too_low_is_caught():
    """The check of bounds can fail: with the majorants' slopes left out, plans lie above the bound."""
    asked = portfolio(1)
    beliefs = some_beliefs(1, asked)
    tables = gridded(asked, 2.5)
    good = mixed(tables, beliefs, beliefs.pick)
    low = Mixed(good.row, 0.99 * good.value, 0.99 * good.slope, 0.99 * good.left, 0.99 * good.right)
    words = (asked.optional, asked.setup, 2.5, 1e-5)
    right, wrong = boxed(tables.grid, good, *words), boxed(tables.grid, low, *words)
    value = expected(asked, beliefs, asked.spend(right.amount))
    assert np.all(value <= right.bound)
    assert np.all(value > wrong.bound)


@pytest.mark.parametrize(
    "words",
    [
        {"bounds": {"channel 0": (0.2, 0.9)}},
        {"setup_cost": {"channel 1": 0.2}},
        {"least_if_on": {"channel 2": 0.6}},
        {"tied": [{"channel 0": 2, "channel 3": 1}]},
        {"prices": {"channel 1": [(0, 1.0), (0.3, 1.5)]}},
        {"value": {f"channel {i}": float(1 + i) for i in range(5)}},
    ],
    ids=lambda words: next(iter(words)),
)
def test_tables_keep_the_words_that_leave_one_budget(words, monkeypatch):
    asked = portfolio(7, draws=6, **words)
    beliefs = everything_known(6, 5)
    monkeypatch.setattr(optima, "FEW", 0)
    fast = Optimiser(asked, 1e-6).best(beliefs)
    monkeypatch.setattr(optima, "FEW", 10**6)
    sure = Optimiser(asked, 1e-8).best(beliefs)
    assert fast.value == pytest.approx(sure.value, rel=1e-6)
    assert np.all(fast.bound >= sure.value * (1 - 1e-12))
    assert np.all(asked.money(fast.amount).sum(axis=1) <= 2.5 * (1 + 1e-9))


def test_a_belief_as_a_model_has_the_same_value():
    asked = portfolio(3)
    beliefs = some_beliefs(3, asked)
    plans = 2.5 * np.random.default_rng(1).dirichlet(np.ones(5), size=len(beliefs))
    by_weights = expected(asked, beliefs, plans)
    for b in range(len(beliefs)):
        alone = coupled(asked, beliefs, b)
        rows = tuple(alone.weight[None] for _ in alone.channels)
        one = Beliefs(rows, np.zeros((1, 5), dtype=np.intp), np.ones(1))
        assert expected(alone, one, plans[b : b + 1])[0] == pytest.approx(by_weights[b], rel=1e-10)
