"""Every senseless constraint is refused with a sentence that names it, what was found and what to do."""

from __future__ import annotations

import pytest

import mixcurve as mc
from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.constraints.words import Group
from mixcurve.budget.objectives import CVaR
from mixcurve.foundations.errors import InputError

NAMES = ("tv", "radio", "search", "social")
NOW = {"tv": 40.0, "radio": 30.0, "search": 20.0, "social": 10.0}
KNOWN = mc.response_from(
    {c: ("hill", {"top": 100.0, "half": 50.0, "slope": 2.0}) for c in NAMES}, current=NOW
)
BARE = mc.response_from({c: ("hill", {"top": 100.0, "half": 50.0, "slope": 2.0}) for c in NAMES})
DIGITAL = Group(["search", "social"])
NAN = float("nan")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ({"within": "30%"}, ["within", "no range of changes", "'30%'", "±30%"]),
        ({"bounds": {"tv": "+20%..-20%"}}, ["bounds['tv']", "no range of changes"]),
        ({"locked": "tv"}, ["locked must be a list", "locked=['tv']"]),
        ({"locked": ["tvv"]}, ["channel called 'tvv'", "'tv'"]),
        ({"locked": ["tv"], "bounds": {"tv": (0, 10)}}, ["'tv' is locked", "of 40", "0 to 10", "Keep one"]),
        ({"groups": [DIGITAL]}, ["groups must map", "list", "Group(["]),
        ({"groups": {"d": ["search"]}}, ["groups['d'] must be a Group", "list"]),
        ({"groups": {"tv": DIGITAL}}, ["groups['tv']", "name of a channel", "another name"]),
        ({"groups": {"total": DIGITAL}}, ["groups['total']", "the whole budget"]),
        ({"groups": {"d": Group(["serch"])}}, ["groups['d']", "called 'serch'", "Did you mean 'search'?"]),
        (
            {"groups": {"a": Group(["b"]), "b": Group(["a", "tv"])}},
            ["groups['a'] is a member of itself", "a > b > a", "Take one"],
        ),
        ({"groups": {"a": Group(["a"])}}, ["member of itself", "a > a"]),
        ({"groups": {"d": Group(["search"], least=5, most=4)}}, ["groups['d']", "least of 5", "most of 4"]),
        ({"groups": {"d": Group(["search"], least=-5)}}, ["groups['d'].least", "-5"]),
        ({"groups": {"d": Group(["search"], most=NAN)}}, ["groups['d'].most must be finite"]),
        (
            {"groups": {"d": Group(["search"], most="20%")}},
            ["groups['d'].most cannot be read", "'20%'", "'+10%'"],
        ),
        ({"groups": {"d": Group(["search"], most_on=1.5)}}, ["groups['d'].most_on", "whole number", "1.5"]),
        ({"most_on": -1}, ["most_on", "-1"]),
        ({"most_on": "two"}, ["most_on must be a number", "'two'"]),
        ({"least_if_on": 5}, ["least_if_on must map a channel", "int"]),
        ({"least_if_on": {"tv": -5}}, ["least_if_on['tv']", "-5"]),
        ({"setup_cost": {"tvv": 5}}, ["channel called 'tvv'"]),
        ({"setup_cost": {"tv": NAN}}, ["setup_cost['tv'] must be finite"]),
        ({"tied": {"tv": 2, "radio": 1}}, ["tied must be a list", "tied=[{"]),
        ({"tied": [{"tv": 2}]}, ["tied[0]", "at least two channels"]),
        ({"tied": [{"tv": 2, "radio": 0}]}, ["tied[0]['radio']", "(0"]),
        ({"tied": [{"tv": 2, "radio": 1}, {"tv": 1, "search": 1}]}, ["'tv' is tied twice", "Join"]),
        ({"tied": [{"tv": 2, "raddio": 1}]}, ["channel called 'raddio'", "'radio'"]),
        ({"roi": 2.0}, ["roi compares money with response", "value=1"]),
        ({"groups": {"d": Group(["search"], mroi=1)}}, ["groups['d'].mroi", "value="]),
        ({"roi": {"digitl": 2.0}, "value": 1, "groups": {"digital": DIGITAL}}, ["'digitl'", "'digital'"]),
        ({"roi": NAN, "value": 1}, ["roi must be finite"]),
        ({"cpa": 0}, ["cpa must be in (0"]),
        ({"value": {"tv": 1}}, ["value says nothing of 'radio'", "0 if"]),
        (
            {
                "value": {"a": 1, "b": 2, "tv": 1, "radio": 1, "search": 1},
                "groups": {"a": DIGITAL, "b": DIGITAL},
            },
            ["gives 'social' two values", "1 by 'a'", "2 by 'b'"],
        ),
        ({"value": -1}, ["value must be in [0", "-1"]),
        (
            {"prices": {"tv": [(0, 1.0), (10, 0.9)]}},
            ["prices['tv']", "falls from 1 to 0.9 at 10", "not fall"],
        ),
        ({"prices": {"tv": [(5, 1.0)]}}, ["prices['tv'] must begin at spend 0"]),
        (
            {"prices": {"tv": [(0, 1.0), (10, 1.1), (10, 1.2)]}},
            ["prices['tv']", "more spend than the one before"],
        ),
        ({"prices": {"tv": [(0, 0.0)]}}, ["prices['tv']", "prices above 0"]),
        ({"prices": {"tv": 1.2}}, ["prices['tv'] must be a list", "(50_000, 1.2)"]),
        ({"prices": [(0, 1.0)]}, ["prices must map a channel"]),
        ({"objective": "profits"}, ["objective called 'profits'", "'profit'"]),
        ({"objective": "profit"}, ["'profit' needs value=", "value=1"]),
        ({"objective": CVaR}, ["got the class CVaR", "CVaR()"]),
        ({"objective": CVaR(0.1)}, ["needs several draws", "worst 10%"]),
        ({"objective": 3}, ["objective must be", "got 3"]),
        ({"objective": lambda spend: float("nan")}, ["The objective must return a finite number", "nan"]),
        ({"objective": lambda spend: "much"}, ["The objective must return", "'much'"]),
    ],
)
def test_the_message_says_what_and_how_to_mend_it(arguments, parts):
    with pytest.raises(InputError) as caught:
        mc.allocate(KNOWN, 100.0, **arguments)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ({"within": "±30%"}, ["within", "no current plan"]),
        (
            {"groups": {"d": Group(["tv"], least="-10%")}},
            ["groups['d'].least", "cost nothing in the current plan"],
        ),
        ({}, ["budget is needed"]),
    ],
)
def test_what_needs_a_current_plan_says_so(arguments, parts):
    with pytest.raises(InputError) as caught:
        mc.allocate(BARE, **({"budget": 100.0} if arguments else {}), **arguments)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("budget", "arguments", "where", "meant"),
    [
        (100_000.0, {}, "budget", "100"),
        (0.1, {}, "budget", "100"),
        (100.0, {"bounds": {"tv": (0.02, 0.09)}}, "bounds['tv']", "(20, 90)"),
        (100.0, {"bounds": {"tv": (20_000, 90_000)}}, "bounds['tv']", "(20, 90)"),
        (100.0, {"bounds": {"tv": (0, 90_000)}}, "bounds['tv']", "(0, 90)"),
        (100.0, {"groups": {"d": Group(["tv"], most=0.05)}}, "groups['d'].most", "50"),
        (100.0, {"groups": {"d": Group(["tv"], least=50_000)}}, "groups['d'].least", "50"),
        (100.0, {"least_if_on": {"tv": 20_000}}, "least_if_on['tv']", "20"),
    ],
)
def test_figures_a_thousand_times_off_are_asked_about(budget, arguments, where, meant):
    with pytest.raises(InputError) as caught:
        mc.allocate(KNOWN, budget, **arguments)
    for part in (where, "about a thousand times off", f"did you mean {meant}?", "check_units=False"):
        assert part in str(caught.value)
    try:
        mc.allocate(KNOWN, budget, **arguments, check_units=False)
    except InfeasibleError:  # it was meant, and is refused for what it is
        assert where != "budget"


def test_without_a_current_plan_bounds_are_compared_with_the_budget():
    with pytest.raises(InputError, match="did you mean"):
        mc.allocate(BARE, 250_000.0, bounds=dict.fromkeys(NAMES, (20.0, 90.0)))
    with pytest.raises(InputError, match="did you mean"):
        mc.allocate(BARE, 100.0, bounds={"tv": (0, 90_000)})


@pytest.mark.parametrize(
    "arguments",
    [
        {"bounds": {"social": (0, 100)}},
        {"bounds": {"tv": (0, 5)}},
        {"bounds": {"tv": (0, float("inf"))}},
        {"bounds": {"tv": (0, 1e12)}},
        {"groups": {"d": Group(["social"], most=100)}},
    ],
)
def test_ordinary_figures_are_not_asked_about(arguments):
    assert mc.allocate(KNOWN, 100.0, **arguments).status == "optimal"
