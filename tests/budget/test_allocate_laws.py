"""Laws of `allocate` under random constraints: more money, wider bounds, other orders, and the proof of each plan."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.constraints.words import Group

COUNT = 5
NAMES = tuple(f"channel {i}" for i in range(COUNT))
CLOSE = 1e-6


def random_words(rng):
    """Return constraints of a few kinds that leave a plan for budgets from about 2 to 8."""
    words = {}
    if rng.random() < 0.7:
        words["groups"] = {
            "a": Group(NAMES[:2], most=float(rng.uniform(0.8, 2.0)), least=float(rng.uniform(0, 0.4))),
            "b": Group(("a", NAMES[2]), most=float(rng.uniform(1.5, 3.0))),
        }
    if rng.random() < 0.4:
        words["least_if_on"] = {NAMES[3]: float(rng.uniform(0.5, 1.2))}
    if rng.random() < 0.4:
        words["setup_cost"] = {NAMES[0]: 0.2, NAMES[4]: float(rng.uniform(0.05, 0.4))}
    if rng.random() < 0.3:
        words["tied"] = [{NAMES[2]: 1.0, NAMES[3]: 2.0}]
    if rng.random() < 0.3:
        words["most_on"] = 3
    if rng.random() < 0.4:
        words["bounds"] = {NAMES[4]: (0.1, float(rng.uniform(0.5, 2.0)))}
    if rng.random() < 0.3:
        words |= {"value": 2.0, "roi": float(rng.uniform(0.3, 0.8))}
    return words


def problems(portfolio, count, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        fitted = portfolio(rng, COUNT, ("hill", "weibull", "exponential"))
        yield rng, fitted, random_words(rng)


@pytest.mark.parametrize("seed", range(6))
def test_the_value_never_falls_with_the_budget(seed, portfolio):
    for _, fitted, words in problems(portfolio, 1, seed):
        plans = [mc.allocate(fitted, budget, **words) for budget in (1.0, 2.0, 4.0)]
        for less, more in pairwise(plans):
            assert more.upper_bound >= less.value * (1 - CLOSE)
            assert more.value >= less.value * (1 - 2 * CLOSE)


@pytest.mark.parametrize("seed", range(6))
def test_tighter_constraints_never_help(seed, portfolio):
    for rng, fitted, words in problems(portfolio, 1, 10 + seed):
        free = mc.allocate(fitted, 3.0, **words)
        tight = {
            "most_on": {**words, "most_on": 2},
            "group": {**words, "groups": {**words.get("groups", {}), "c": Group(NAMES[1:4], most=1.0)}},
            "cost": {**words, "setup_cost": {**words.get("setup_cost", {}), NAMES[1]: 0.3}},
            "price": {**words, "prices": {NAMES[2]: [(0, 1.0), (0.4, 1.5)]}},
        }
        name = list(tight)[int(rng.integers(len(tight)))]
        try:
            less = mc.allocate(fitted, 3.0, **tight[name])
        except InfeasibleError:
            continue
        assert less.value <= free.upper_bound * (1 + CLOSE), name


@pytest.mark.parametrize("seed", range(4))
def test_the_plan_keeps_everything_and_its_proof_holds(seed, portfolio):
    for _, fitted, words in problems(portfolio, 1, 20 + seed):
        plan = mc.allocate(fitted, 3.0, **words)
        checked = mc.verify(plan, fitted)
        assert checked.ok, checked.reasons
        assert plan.status == "optimal"
        assert sum(plan.money.values()) <= 3.0 * (1 + 1e-12)
        assert len(plan.on) <= words.get("most_on", COUNT)
        for group in plan.groups:
            assert group.money <= group.most * (1 + 1e-9)
            assert group.money >= group.least * (1 - 1e-9)
        if "roi" in words:
            assert 2.0 * sum(plan.response.values()) >= words["roi"] * sum(plan.money.values()) * (1 - 1e-9)
        for name, setup in words.get("setup_cost", {}).items():
            assert plan.money[name] == pytest.approx(plan.spend[name] + (setup if name in plan.on else 0.0))


@pytest.mark.parametrize("seed", range(4))
def test_the_plan_is_never_below_the_current_one(seed, portfolio):
    for _, fitted, words in problems(portfolio, 1, 30 + seed):
        found = mc.allocate(fitted, 3.0, **words)
        # A plan that keeps every constraint, as the current one of the same problem.
        less = mc.allocate(fitted, 3.0, current=found.spend, **words, max_nodes=1)
        assert less.value >= less.current_value * (1 - 1e-9)
        assert less.current_value == pytest.approx(found.value, rel=1e-9)
        assert less.upper_bound >= found.value * (1 - 1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_channels_changes_nothing(seed, portfolio):
    for _, fitted, words in problems(portfolio, 1, 40 + seed):
        order = list(reversed(range(COUNT)))
        turned = mc.response_from(
            {
                fitted.channels[i]: (
                    fitted.curve[i],
                    dict(zip(fitted.curve[i].names, fitted.draws[0, i].tolist(), strict=False)),
                )
                for i in order
            }
        )
        one, other = mc.allocate(fitted, 3.0, **words), mc.allocate(turned, 3.0, **words)
        assert other.value == pytest.approx(one.value, rel=1e-12)
        assert {c: other.spend[c] for c in one.spend} == pytest.approx(one.spend, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_all_money_is_spent_or_the_caps_are_named(seed, portfolio):
    for _, fitted, words in problems(portfolio, 1, 50 + seed):
        plan = mc.allocate(fitted, 6.0, **words)
        assert (plan.unspent > 0) == bool(plan.unspent_reasons)
        if not plan.unspent:
            assert sum(plan.money.values()) == pytest.approx(6.0, rel=1e-7)
        else:
            for reason in plan.unspent_reasons:
                assert reason in plan.message


def test_groups_that_do_not_bind_leave_the_plain_plan(portfolio):
    for _, fitted, _ in problems(portfolio, 3, 60):
        plain = mc.allocate(fitted, 3.0)
        grouped = mc.allocate(fitted, 3.0, groups={"all": Group(NAMES, most=4.0)}, setup_cost={NAMES[0]: 0.0})
        assert grouped.value == pytest.approx(plain.value, rel=2 * CLOSE)
        assert grouped.shadow_price == pytest.approx(plain.shadow_price, rel=1e-3)


def test_a_group_of_one_channel_is_a_bound(portfolio):
    for _, fitted, _ in problems(portfolio, 3, 70):
        bound = mc.allocate(fitted, 3.0, bounds={NAMES[1]: (0.2, 0.6)})
        group = mc.allocate(fitted, 3.0, groups={"one": Group([NAMES[1]], least=0.2, most=0.6)})
        assert group.value == pytest.approx(bound.value, rel=2 * CLOSE)


def test_copies_of_one_draw_are_that_draw(portfolio):
    for _, fitted, _ in problems(portfolio, 2, 80):
        values = {**vars(fitted), "draws": np.repeat(fitted.draws, 4, axis=0)}
        one, many = mc.allocate(fitted, 3.0), mc.allocate(type(fitted)(**values), 3.0)
        assert many.value == pytest.approx(one.value, rel=2 * CLOSE)
        assert many.risk_figures.worst_tenth == pytest.approx(many.value, rel=1e-9)
        assert one.risk_figures is None


def test_the_shadow_price_under_a_binding_group_is_the_slope_of_the_value(portfolio):
    for _, fitted, _ in problems(portfolio, 3, 90):
        groups = {"a": Group(NAMES[:3], most=0.9)}
        less, plan, more = (mc.allocate(fitted, b, groups=groups) for b in (2.997, 3.0, 3.003))
        if set(less.on) == set(plan.on) == set(more.on):
            slope = (more.value - less.value) / 0.006
            assert plan.shadow_price == pytest.approx(slope, rel=2e-2, abs=1e-4)
