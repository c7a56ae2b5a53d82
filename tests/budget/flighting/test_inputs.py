"""What makes no sense is refused by its name."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.flighting.flight import flight

CHANNELS = ("tv", "search")


@pytest.fixture(scope="module")
def known():
    return mc.response_from(
        {c: ("hill", {"top": 1.0, "half": 1.0, "slope": 2.0}) for c in CHANNELS},
        current={"tv": 1.0, "search": 2.0},
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"budget": -1}, "budget must be in"),
        ({"budget": "much"}, "budget must be a number"),
        ({"periods": 0}, "periods must be in"),
        ({"periods": 2.5}, "periods must be a whole number"),
        (
            {"period_budgets": [1, 2]},
            "period_budgets must be one figure or one for each of the 4 periods, got 2",
        ),
        ({"period_budgets": [1, 2, np.nan, 3]}, "period_budgets must be finite"),
        ({"bounds": {"tvv": (0, 1)}}, "Did you mean 'tv'"),
        ({"bounds": {"tv": (3, 1)}}, "the lower bound exceeds the upper bound"),
        ({"bounds": {"tv": "30%"}}, "this is no range of changes"),
        ({"period_bounds": {"radio": (0, 1)}}, "There is no channel called 'radio'"),
        ({"period_bounds": {"tv": 3}}, r"period_bounds\['tv'\] must be \(least, most\)"),
        ({"period_bounds": {"tv": (2, 1)}}, "the least, 2, exceeds the most, 1, in period 1"),
        ({"period_bounds": (0, 1)}, "period_bounds must map a channel"),
        ({"season": [1, 2, 3]}, "season must be one figure or one for each"),
        ({"season": {"tv": [1, 2, -3, 1]}}, r"season\['tv'\] must not be negative"),
        ({"prices": [1, 0, 1, 1]}, "prices must be above 0, got 0 in period 2"),
        ({"carryover": "geometrc"}, "Did you mean 'geometric'"),
        ({"carryover": "geometric"}, "'geometric' needs decay"),
        ({"carryover": ("geometric", {"dcay": 0.5})}, "Did you mean 'decay'"),
        ({"carryover": ("geometric", {"decay": 1.5})}, "carryover of 'tv', decay, must be in"),
        ({"carryover": {"tv": 3}}, "must be a name or"),
        ({"carryover": {"radio": "none"}}, "There is no channel called 'radio'"),
        ({"length": 0}, "length must be in"),
        ({"history": -1}, "history must not be negative"),
        ({"history": np.ones((3, 3))}, "a column per channel"),
        ({"terminal": "all"}, "There is no terminal called 'all'"),
        ({"terminal": -0.5}, "terminal must be in"),
        ({"objective": "roi"}, "There is no objective called 'roi'"),
        ({"value": -2}, "value must be in"),
        ({"current": {"radio": 1}}, "There is no channel called 'radio'"),
        ({"tolerance": 0}, "tolerance must be in"),
        ({"level": 2}, "level must be in"),
    ],
)
def test_bad_input_is_refused_by_name(known, words, sentence):
    asked = {"budget": 10.0, "periods": 4} | words
    with pytest.raises(mc.InputError, match=sentence):
        flight(known, **asked)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"bounds": {"tv": (6, 8), "search": (5, 8)}}, "adds up to 11"),
        ({"period_bounds": {"tv": (2, 4)}, "period_budgets": 1.0}, "in period 1"),
        ({"period_bounds": {"tv": (2, 3)}, "bounds": {"tv": (0, 5)}}, "by period adds up to 8"),
        ({"period_bounds": {"tv": (0, 1)}, "bounds": {"tv": (5, 9)}}, "what its periods hold, 4"),
        ({"bounds": {"tv": (5, 10), "search": (5, 10)}, "period_budgets": 2.0}, "No schedule exists"),
    ],
)
def test_contradictions_are_named(known, words, sentence):
    with pytest.raises(InfeasibleError, match=sentence) as found:
        flight(known, 10.0, 4, **words)
    assert found.value.conflict


def test_a_response_that_falls_is_refused():
    falling = mc.response_from({"tv": ("hill", {"top": -1.0, "half": 1.0, "slope": 2.0})})
    with pytest.raises(mc.InputError, match="response falls with spend"):
        flight(falling, 10.0, 4)


def test_bounds_relative_to_the_current_plan(known):
    plan = flight(known, 12.0, 4, bounds={"tv": "±25%", "search": "0%..+0%"})
    assert 3.0 - 1e-9 <= plan.spend[:, 0].sum() <= 5.0
    assert plan.spend[:, 1].sum() == pytest.approx(8.0)


def test_history_in_every_form(known):
    kernel = ("geometric", {"decay": 0.5})
    by_default = flight(known, 6.0, 3, carryover=kernel)
    assert np.all(by_default.problem.history == [1.0, 2.0])
    none = flight(known, 6.0, 3, carryover=kernel, history=0)
    assert none.history_value < 1e-100 < by_default.history_value
    named = flight(known, 6.0, 3, carryover=kernel, history={"tv": [5.0, 1.0], "search": 2.0})
    assert named.problem.history[-3:, 0].tolist() == [0.0, 5.0, 1.0]
    assert np.all(named.problem.history[:, 1] == 2.0)


@pytest.mark.parametrize("budget", [0.0, 1e-9, 1e12])
def test_extreme_budgets(known, budget):
    plan = flight(known, budget, 4, carryover=("geometric", {"decay": 0.5}), history=0)
    assert np.all(np.isfinite(plan.spend)) and plan.spend.sum() <= budget * (1 + 1e-12)
    assert plan.upper_bound >= plan.value >= 0
    assert plan.value <= 8.0
    assert budget < 1 or plan.value > 7.9


def test_one_period_is_a_plain_budget(known):
    plan, plain = flight(known, 3.0, 1, history=0), mc.allocate(known, 3.0, beyond_seen=True)
    assert plan.value == pytest.approx(plain.value, rel=1e-9)
    carried = flight(known, 3.0, 1, carryover=("geometric", {"decay": 0.5}))
    assert carried.value > carried.history_value > 0


def test_channels_without_effect_get_nothing():
    fitted = mc.response_from(
        {
            "tv": ("hill", {"top": 1, "half": 1, "slope": 2}),
            "none": ("hill", {"top": 0, "half": 1, "slope": 2}),
        }
    )
    plan = flight(fitted, 6.0, 4)
    assert plan.pattern["none"] == "off" and plan.spend[:, 1].sum() == 0
    nothing = flight(mc.response_from({"none": ("hill", {"top": 0, "half": 1, "slope": 2})}), 6.0, 4)
    assert (nothing.value, nothing.gap, nothing.status) == (0.0, 0.0, "optimal")
