"""The oracle is right on problems small enough to enumerate, and the package never loses to it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from oracle import judge, programme
from oracle.cases import Case, Club, value, violation
from oracle.generate import KINDS, PLAIN, random_case
from oracle.plans import anywhere, near

EACH = 5
COARSE = 24
"""Steps that every plan can be enumerated on, for three channels."""


def small_cases(kind, count):
    """Return cases of three channels on a grid of 24 steps."""
    found, seed = [], 0
    while len(found) < count:
        case = random_case(kind, 1_000 + seed)
        seed += 1
        if case.n == 3:
            found.append(coarser(case))
    return found


def coarser(case: Case) -> Case:
    """Return the case with a tenth of the steps, each ten times as long, rounded so as to keep the current plan."""
    tenth = {k: getattr(case, k) // 10 for k in ("lower", "least_if_on", "setup", "current")}
    clubs = tuple(
        replace(c, least=c.least // 10, most=None if c.most is None else -(-c.most // 10)) for c in case.clubs
    )
    tiers = {i: tuple({s // 10: p for s, p in t}.items()) for i, t in case.tiers.items()}
    more = {"upper": -(-case.upper // 10), "steps": COARSE, "step": 10 * case.step}
    return replace(case, clubs=clubs, tiers=tiers, **tenth, **more)


def enumerated(case):
    """Return the best value over every plan in whole steps of money, by trying all of them."""
    paid = np.array(list(product(range(COARSE + 1), repeat=len(case.cells))))
    paid = paid[paid.sum(axis=1) <= COARSE]
    spend, real = np.zeros((len(paid), case.n)), np.ones(len(paid), dtype=bool)
    for (channels, shares), steps in zip(case.cells, paid.T):
        amount = np.where(steps > 0, steps - case.setup[list(channels)].sum(), 0)
        real &= (steps == 0) | (amount > 0)
        spend[:, list(channels)] = np.maximum(amount, 0)[:, None] * case.step * shares
    spend = spend[real]
    return float(value(case, spend)[violation(case, spend) <= 1e-12].max())


@pytest.mark.parametrize("kind", KINDS)
def test_the_programme_is_exact_on_its_grid(kind):
    for case in small_cases(kind, 2):
        (grid, *_) = programme.first_grids(case)
        found, best = programme.solve(case, grid)
        spend = programme.plan_of(case, found, 1)
        assert violation(case, spend) <= 1e-12
        assert best == pytest.approx(float(value(case, spend)), rel=1e-12)
        assert best == pytest.approx(enumerated(case), rel=1e-12)


def test_enumeration_catches_a_programme_that_forgets_a_rule():
    (case,) = small_cases("free", 1)
    (grid, *_) = programme.first_grids(case)
    _, without = programme.solve(case, grid)
    pair = replace(case, clubs=(Club("pair", (0, 1), most=4), Club("rest", (2,), most=6)))
    assert without > enumerated(pair) * (1 + 1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_finer_grid_ends_where_no_nearby_plan_is_better(kind):
    rng = np.random.default_rng(3)
    for seed in range(2):
        case = random_case(kind, seed)
        plan, best = programme.best_plan(case)
        assert violation(case, plan) <= 1e-12
        others = np.concatenate([near(rng, case, plan, 400), anywhere(rng, case, 400)])
        assert len(others) > 40
        assert value(case, others).max() <= best + 1e-12 * abs(best)


def test_square_roots_are_filled_as_the_closed_form_says():
    """Σ a_i √x_i is best at shares a_i² / Σ a_j²."""
    tops = np.array([1.0, 2.0, 3.0])
    curves = tuple(("power", {"top": t, "reference": 1.0, "exponent": 0.5}) for t in tops.tolist())
    zero = np.zeros(3, dtype=int)
    case = Case("free", (0,), curves, 240, 1.0, zero, zero + 240, zero, zero)
    plan, best = programme.best_plan(case)
    assert plan == pytest.approx(240 * tops**2 / (tops @ tops), rel=1e-6)
    assert best == pytest.approx(np.sqrt(240 * (tops @ tops)), rel=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_the_package_never_loses_to_the_oracle(kind):
    if kind not in judge.supported():
        pytest.skip(f"allocate does not take problems of the kind '{kind}' yet")
    for seed in range(EACH):
        found = judge.judged(random_case(kind, seed), points=50, stops=(1,))
        assert not found.wrong, (found.kind, found.seed, found.wrong)


@pytest.mark.parametrize("kind", PLAIN)
def test_the_judge_catches_a_poor_plan_and_a_low_bound(kind, monkeypatch):
    import mixcurve as mc

    honest = mc.allocate

    def poor(fitted, budget, **words):
        plan = honest(fitted, budget, **words)
        spend = dict.fromkeys(plan.spend, budget / len(plan.spend))
        return replace(plan, spend=spend)

    def low(fitted, budget, **words):
        plan = honest(fitted, budget, **words)
        return replace(plan, upper_bound=plan.value * (1 - 1e-6))

    case = random_case(kind, 1)
    monkeypatch.setattr(mc, "allocate", poor)
    assert any("loses" in w or "breaks" in w for w in judge.judged(case, stops=()).wrong)
    monkeypatch.setattr(mc, "allocate", low)
    assert any("below the oracle" in w for w in judge.judged(case, stops=()).wrong)
