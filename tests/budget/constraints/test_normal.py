"""The model says what the words say: random plans keep its rows exactly when they keep the words, read here anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.constraints.question import least_budget_model, question_of
from mixcurve.budget.constraints.words import Group, constraints_from
from mixcurve.budget.outcome import Outcomes

NAMES = ("tv", "radio", "search", "social", "print")
NOW = dict(zip(NAMES, (5.0, 4.0, 3.0, 2.0, 1.0), strict=True))
SETUP = {"tv": 0.5, "radio": 0.2, "search": 0.1}
VALUE = {"digital": 2.0, "tv": 1.5, "radio": 1.0, "print": 0.5}
WORDS = {
    "bounds": {"tv": (1.0, 6.0), "print": "-100%..+100%"},
    "groups": {
        "digital": Group(["search", "social"], least=2.0, most=7.0, roi=0.6),
        "all but tv": Group(["digital", "radio", "print"], most=10.0, cpa=2.5, most_on=3),
    },
    "least_if_on": {"radio": 1.0},
    "setup_cost": SETUP,
    "tied": [{"search": 2, "radio": 1}],
    "most_on": 4,
    "roi": 0.7,
    "value": VALUE,
    "prices": {"tv": [(0, 1.0), (2, 1.3)]},
    "check_units": False,
}
VALUES = np.array([1.5, 1.0, 2.0, 2.0, 0.5])


def known(draws=1):
    rng = np.random.default_rng(3)
    curves = {
        c: (
            "hill",
            {
                "top": 4.0 * np.exp(0.2 * rng.normal(size=draws)),
                "half": 2.0 * np.exp(0.2 * rng.normal(size=draws)),
                "slope": 1.8 + 0.2 * rng.random(draws),
            },
        )
        for c in NAMES
    }
    return mc.response_from(curves, current=NOW)


def responses(fitted, spend):
    """Return the mean response by channel, from the formula."""
    bought = np.array(spend)
    bought[0] = min(spend[0], 2.0) + max(spend[0] - 2.0, 0.0) / 1.3
    top, half, slope = np.moveaxis(fitted.draws, -1, 0)
    with np.errstate(divide="ignore"):
        return (top / (1.0 + (half / bought) ** slope)).mean(axis=0)


def keeps_words(fitted, spend, budget):
    """Return whether spend keeps every word of `WORDS`, and by how little in relative terms."""
    tv, radio, search, _, print_ = spend
    setup = np.array([SETUP.get(c, 0.0) for c in NAMES])
    money = np.where(spend > 0, spend + setup, 0.0)
    gained = responses(fitted, spend)
    on = spend > 0
    digital, rest = [2, 3], [1, 2, 3, 4]
    room = [
        budget - money.sum(),
        7.0 - money[digital].sum(),
        money[digital].sum() - 2.0,
        10.0 - money[rest].sum(),
        VALUES[digital] @ gained[digital] - 0.6 * money[digital].sum(),
        2.5 * gained[rest].sum() - money[rest].sum(),
        VALUES @ gained - 0.7 * money.sum(),
        6.0 - tv,
        tv - 1.0,
        2.0 - print_,
    ]
    joint = (
        on.sum() <= 4 and on[rest].sum() <= 3 and np.isclose(search, 2 * radio) and (radio == 0 or radio >= 1)
    )
    return joint and min(room) >= 0, min(abs(r) for r in room)


@pytest.mark.parametrize("draws", [1, 5])
def test_plans_keep_the_rows_exactly_when_they_keep_the_words(draws):
    fitted, budget = known(draws), 14.0
    question = question_of(fitted, budget, "response", constraints_from(WORDS), None)
    outcomes = Outcomes(question, question.model)
    rng = np.random.default_rng(0)
    agreed = {True: 0, False: 0}
    for _ in range(4000):
        spend = rng.uniform(0, [6.5, 3, 0, 5, 2.3]) * (rng.random(5) < [1, 0.7, 1, 0.8, 0.7])
        if rng.random() < 0.9:
            spend[2] = 2 * spend[1]
        wanted, close = keeps_words(fitted, spend, budget)
        if close > 1e-6:
            assert (outcomes.amount(spend) is not None) == wanted
            agreed[bool(wanted)] += 1
    assert min(agreed.values()) > 50


def test_the_comparison_can_fail():
    fitted, budget = known(), 14.0
    question = question_of(fitted, budget, "response", constraints_from(WORDS), None)
    free = Outcomes(question, replace(question.model, setup=np.zeros(question.model.cells)))
    spend = np.array([5.0, 0.0, 0.0, 6.95, 1.8])
    assert not keeps_words(fitted, spend, budget)[0]
    assert free.amount(spend) is not None


def test_values_and_money_are_those_of_the_words():
    fitted = known(5)
    spend = np.array([3.0, 1.0, 2.0, 1.0, 0.0])
    money = spend.sum() + sum(SETUP.values())
    profit = question_of(fitted, 14.0, "profit", constraints_from(WORDS), None)
    worth = question_of(fitted, 14.0, "response", constraints_from(WORDS), None)
    assert Outcomes(profit, profit.model).value(spend) == pytest.approx(
        VALUES @ responses(fitted, spend) - money
    )
    assert Outcomes(worth, worth.model).value(spend) == pytest.approx(VALUES @ responses(fitted, spend))
    assert (profit.goal.text, worth.goal.text) == ("profit", "value of the response")


def test_the_order_of_channels_and_groups_changes_nothing():
    fitted = known()
    turned = mc.response_from(
        {
            c: (fitted.curve[i], dict(zip(("top", "half", "slope"), fitted.draws[0, i], strict=True)))
            for i, c in reversed(list(enumerate(NAMES)))
        },
        current=NOW,
    )
    words = {**WORDS, "groups": dict(reversed(list(WORDS["groups"].items())))}
    one = question_of(fitted, 14.0, "response", constraints_from(WORDS), None).model
    other = question_of(turned, 14.0, "response", constraints_from(words), None).model
    assert one.to_dict() == other.to_dict()


def test_one_tie_is_one_cell_with_the_bounds_of_both():
    words = {"tied": [{"tv": 3, "radio": 1}], "bounds": {"tv": (1.5, 9.0), "radio": (0.2, 2.0)}}
    model = question_of(known(), 14.0, "response", constraints_from(words), None).model
    cell = model.cell[model.channels.index("tv")]
    assert model.cells == 4
    assert cell == model.cell[model.channels.index("radio")]
    assert model.lower[cell] == pytest.approx(2.0)
    assert model.upper[cell] == pytest.approx(8.0)
    assert not model.optional[cell]


def test_a_plain_question_has_no_model():
    assert (
        question_of(known(), 14.0, "response", constraints_from({"bounds": {"tv": (1, 2)}}), None).model
        is None
    )
    assert question_of(known(), 14.0, "response", constraints_from({"value": 3.0}), None).model is None
    assert question_of(known(5), 14.0, "response", constraints_from({}), None).model is not None


def test_the_least_budget_is_a_model_of_money():
    fitted = known()
    model = least_budget_model(fitted, 3.0, most=14.0, groups={"g": Group(["tv"], most=4.0)})
    assert model.money_cost == 1.0
    assert not model.worth.any()
    target = next(row for row in model.rows if row.kind == "target")
    assert (target.limit, set(target.response.tolist())) == (-3.0, {-1.0})
    with pytest.raises(mc.InputError, match=r"response of 50.*cannot be kept together"):
        least_budget_model(fitted, 50.0, most=14.0)
