"""The words of constraints are declared once, and every reader derives from them."""

from __future__ import annotations

import inspect
from dataclasses import fields

import pytest

from mixcurve.budget.constraints.words import Constraints, ConstraintWords, Group, constraints_from
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import from_plain, to_plain


def test_the_keywords_are_the_fields():
    assert set(ConstraintWords.__annotations__) == {f.name for f in fields(Constraints)}


def test_each_word_is_documented():
    text = inspect.getdoc(Constraints) or ""
    assert [f.name for f in fields(Constraints) if f"\n{f.name}\n" not in text] == []


def test_words_take_the_place_of_stated_constraints():
    stated = Constraints(most_on=3, within="±10%")
    changed = constraints_from({"within": None, "locked": ["tv"]}, stated)
    assert (changed.most_on, changed.within, list(changed.locked)) == (3, None, ["tv"])
    assert stated.within == "±10%"


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("bound", "'bounds'"),
        ("lockd", "'locked'"),
        ("objectiv", "'objective'"),
        ("zzz", "Known: bounds, within"),
    ],
)
def test_a_misspelt_word_gets_the_nearest(word, hint):
    with pytest.raises(InputError) as caught:
        constraints_from({word: 1}, also=("objective",))
    assert f"no argument called '{word}'" in str(caught.value)
    assert hint in str(caught.value)


def test_constraints_of_another_kind_are_refused():
    with pytest.raises(InputError, match="constraints must be Constraints, got dict"):
        constraints_from({}, {"most_on": 3})


def test_constraints_survive_a_file():
    kept = constraints_from(
        {
            "bounds": {"tv": (1.0, float("inf")), "radio": "±30%"},
            "groups": {"digital": Group(["search", "social"], most="+10%")},
            "tied": [{"tv": 2, "radio": 1}],
            "prices": {"tv": [(0, 1.0), (5, 1.2)]},
        }
    )
    back = from_plain(to_plain(kept))
    assert back.bounds == kept.bounds
    assert back.groups["digital"].channels == ("search", "social")
    assert back.tied == kept.tied
    assert back.prices == kept.prices


@pytest.mark.parametrize("channels", ["tv", None, 3, [], ()])
def test_a_group_needs_channels(channels):
    with pytest.raises(InputError, match="A Group needs"):
        Group(channels)
