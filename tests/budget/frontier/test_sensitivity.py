"""What a plan rests on: each row is a certified plan, and the cost of keeping the plan is what it says."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.frontier.sensitivity import sensitivity
from mixcurve.foundations.results import load_result

CURRENT = {"a": 60.0, "b": 40.0}


def square_roots(a=8.0, b=6.0, **words):
    tops = {"a": a, "b": b}
    return mc.response_from(
        {n: ("power", {"top": t, "exponent": 0.5}) for n, t in tops.items()}, current=CURRENT, **words
    )


def by_name(found):
    return {change.what: change for change in found.changes}


def test_budgets_follow_the_closed_form():
    """The best plan for B is worth 10 √B."""
    rows = by_name(sensitivity(square_roots(), 100.0))
    for text, times in (("-20%", 0.8), ("-10%", 0.9), ("+10%", 1.1), ("+20%", 1.2)):
        assert rows[f"budget {text}"].value == pytest.approx(100 * np.sqrt(times), rel=1e-9)
    assert np.isnan(rows["budget -20%"].cost_of_keeping)
    assert rows["budget +20%"].cost_of_keeping == pytest.approx(100 * (np.sqrt(1.2) - 1), rel=1e-9)


def test_margins_follow_the_closed_form():
    """v 10 √B - B is largest at B = (5 v)²; at v = 2 all 100 are worth spending, at v = 1 only 25 are."""
    rows = by_name(sensitivity(square_roots(), 100.0, value=2.0, margins=["-50%", "+50%"]))
    less, more = rows["value of response -50%"], rows["value of response +50%"]
    assert less.money == pytest.approx(25.0, rel=1e-3)
    assert less.profit == pytest.approx(25.0, rel=1e-6)
    assert less.cost_of_keeping == pytest.approx(25.0, rel=1e-5)  # all 100 spent earn 100 - 100
    assert more.money == pytest.approx(100.0)
    assert more.cost_of_keeping == pytest.approx(0.0, abs=1e-3)


def test_families_say_what_the_plan_brings_on_other_curves():
    other = square_roots(a=6.0, b=8.0)
    row = by_name(sensitivity(square_roots(), 100.0, families={"other": other}))["other curves"]
    assert row.value == pytest.approx(100.0, rel=1e-9)
    kept = 6 * np.sqrt(64.0) + 8 * np.sqrt(36.0)
    assert row.cost_of_keeping == pytest.approx(100.0 - kept, rel=1e-6)
    assert row.moved == pytest.approx(28.0, rel=1e-6)


def test_wider_bounds_never_hurt_and_tighter_ones_never_help(portfolio):
    now = {f"channel {i}": 1.0 for i in range(4)}
    fitted = portfolio(np.random.default_rng(3), 4, ("hill",), current=now)
    found = sensitivity(fitted, 4.0, bounds=dict.fromkeys(now, (0.6, 1.4)))
    rows = by_name(found)
    assert rows["room of the bounds -50%"].value <= found.plan.value * (1 + 1e-9)
    assert rows["room of the bounds +50%"].value >= found.plan.value * (1 - 1e-9)
    assert all(0.8 - 1e-9 <= x <= 1.2 + 1e-9 for x in rows["room of the bounds -50%"].spend.values())
    assert all(c.status == "optimal" for c in found.changes)


def test_the_price_of_a_bound_is_what_a_little_more_room_brings():
    bounds = {"a": (0.0, 50.0)}
    found = sensitivity(square_roots(), 100.0, bounds=bounds, budgets=(), around=())
    step = 1e-3
    wider = mc.allocate(square_roots(), 100.0, bounds={"a": (0.0, 50.0 + step)}).value
    assert found.bound_price == {"a": pytest.approx((wider - found.plan.value) / step, rel=1e-4)}


def test_without_bounds_channels_are_held_near_the_present():
    rows = by_name(sensitivity(square_roots(), 100.0))
    held = rows["every channel within ±20%"]
    assert 48 <= held.spend["a"] <= 72


def test_changes_that_leave_no_plan_say_so():
    found = sensitivity(square_roots(), 100.0, bounds={"a": (90.0, 95.0)}, room=(), around=())
    row = by_name(found)["budget -20%"]
    assert row.status == "infeasible"
    assert np.isnan(row.value)
    assert row.sentence == "With budget -20% no plan keeps all constraints."


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"budgets": ["20%"]}, r"budgets: '20%' is no change. Write it with its sign"),
        ({"margins": [0.2], "value": 1.0}, "margins: 0.2 is no change"),
        ({"around": ["30 percent"]}, "30 percent"),
        (
            {"families": {"x": mc.response_from({"c": ("power", {"top": 1, "exponent": 0.5})})}},
            "same channels, got c",
        ),
        ({"bound": {}}, "Did you mean 'bounds'"),
    ],
)
def test_hostile_questions_are_refused(words, message):
    with pytest.raises(mc.InputError, match=message):
        sensitivity(square_roots(), 100.0, **words)


def test_sentences_name_money_and_the_table_holds_every_row(tmp_path):
    fitted = square_roots(currency="GBP", every="month", response_name="orders")
    found = sensitivity(fitted, 100.0, value=2.0, families={"same": square_roots()})
    assert len(found.table) == len(found.changes) == len(found.sentences)
    told = [s.replace("\u00a0", " ") for s in found.sentences]
    assert told[4] == "With budget -20% the best plan brings 89.44 orders a month, 10.56 orders less."
    assert told[0].startswith(
        "With value of response -20% the most profitable plan within the budget costs £64 a month"
    )
    assert told[-1].endswith("the plan asked for is as good.")
    assert load_result(found.save(tmp_path / "s.json")).to_dict() == found.to_dict()
