"""Every senseless budget is refused with a sentence that names the argument, the value and the remedy."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.foundations.errors import InputError

KNOWN = mc.response_from(
    {c: ("hill", {"top": 10.0, "half": 5.0, "slope": 2.0}) for c in ("tv", "search", "social")}
)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ({"budget": -5}, ["budget must be in [0", "got -5", "unit of spend"]),
        ({"budget": float("nan")}, ["budget must be finite", "nan"]),
        ({"budget": float("inf")}, ["budget must be finite", "inf"]),
        ({"budget": "much"}, ["budget must be a number", "'much'"]),
        (
            {"bounds": {"serch": (0, 1)}},
            ["channel called 'serch'", "Did you mean 'search'?", "tv, search, social"],
        ),
        ({"bounds": {"tv": (6, 4)}}, ["bounds['tv']", "lower bound exceeds", "6 and 4"]),
        ({"bounds": {"tv": (-1, 4)}}, ["bounds['tv']", "not be negative", "-1"]),
        ({"bounds": {"tv": 4}}, ["bounds['tv']", "pair of numbers", "found 4", "Give (least, most) spend"]),
        ({"bounds": {"tv": (1, 2, 3)}}, ["bounds['tv']", "pair of numbers", "(1, 2, 3)"]),
        ({"bounds": {"tv": ("a", 2)}}, ["bounds['tv']", "pair of numbers"]),
        ({"bounds": {"tv": (float("nan"), 2)}}, ["bounds['tv']", "finite"]),
        ({"bounds": {"tv": (0, float("nan"))}}, ["bounds['tv']", "finite"]),
        ({"bounds": [(0, 1)]}, ["bounds must map a channel", "list", "bounds={'tv': (0, 10)}"]),
        (
            {"bounds": {"tv": (8, 9), "social": (4, 9)}},
            ["No plan exists", "add up to 12", "budget of 10", "tv 8, social 4", "Raise the budget by 2"],
        ),
        ({"current": {"tvv": 1}}, ["channel called 'tvv'", "'tv'"]),
        ({"current": {"tv": -1}}, ["current['tv']", "-1"]),
        ({"tolerance": 0}, ["tolerance must be in (0"]),
        ({"level": 1.5}, ["level must be in (0, 1]", "1.5"]),
        ({"max_nodes": 0}, ["max_nodes must be in [1"]),
    ],
)
def test_the_message_says_what_and_how_to_mend_it(arguments, parts):
    with pytest.raises(InputError) as caught:
        mc.allocate(KNOWN, **{"budget": 10.0, **arguments})
    for part in parts:
        assert part in str(caught.value)


def test_all_bad_bounds_are_listed_at_once():
    with pytest.raises(InputError) as caught:
        mc.allocate(KNOWN, 10.0, bounds={"tv": (6, 4), "search": (-1, 2), "social": None})
    assert str(caught.value).startswith("3 problems")


def test_an_infinite_upper_bound_is_the_budget():
    assert mc.allocate(KNOWN, 10.0, bounds={"tv": (0, float("inf"))}).budget.upper.tolist() == [10.0] * 3


def test_a_misspelt_argument_is_refused_with_the_nearest():
    with pytest.raises(InputError, match=r"no argument called 'bound'\. Did you mean 'bounds'"):
        mc.allocate(KNOWN, 10.0, bound={"tv": (0, 1)})


def test_a_falling_response_is_refused():
    with pytest.raises(InputError, match="Channel 'tv' has top -1, so its response falls"):
        mc.allocate(mc.response_from({"tv": ("hill", {"top": -1.0, "half": 1.0, "slope": 2.0})}), 1.0)


def test_a_missing_parameter_is_refused():
    holed = KNOWN.draws.copy()
    holed[0, 0, 1] = np.nan
    values = {**vars(KNOWN), "draws": holed}
    with pytest.raises(InputError, match="Channel 'tv' has a parameter that is not finite"):
        mc.allocate(type(KNOWN)(**values), 1.0)


def test_results_are_frozen():
    plan = mc.allocate(KNOWN, 10.0)
    with pytest.raises(ValueError, match="read-only"):
        plan.certificate.spend[0] = 1.0


def test_bounds_that_add_up_to_the_budget_but_for_rounding_are_met():
    fixed = mc.allocate(KNOWN, 0.3, bounds=dict.fromkeys(KNOWN.channels, (0.1, 0.1)))
    assert list(fixed.spend.values()) == [0.1, 0.1, 0.1]
    assert fixed.status == "optimal"
    assert mc.verify(fixed, KNOWN).ok
    assert set(fixed.binding.values()) <= {"lower bound", "upper bound"}
    open_above = mc.allocate(KNOWN, 0.3, bounds=dict.fromkeys(KNOWN.channels, (0.1, 0.3)))
    assert open_above.spend == pytest.approx(fixed.spend, abs=1e-12)
