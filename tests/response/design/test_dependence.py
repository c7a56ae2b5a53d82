"""Columns that cannot be told apart are refused by name; those that hardly can are warned of."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.design.spec import design_columns, design_spec

COUNT = 104


def spec_with(made, controls, **options):
    return design_spec(made.table(made.dates("week", COUNT), controls=controls), **options)


def noise(seed=0):
    return np.random.default_rng(seed).standard_normal(COUNT)


@pytest.mark.parametrize(
    ("controls", "options", "words"),
    [
        ({"clock": np.arange(COUNT)}, {}, "the control 'clock' is made up of the trend, so"),
        ({"a": noise(), "b": 3 - 2 * noise()}, {}, "the control 'b' is made up of the control 'a'"),
        ({"a": noise(), "b": noise(1), "c": noise() - noise(1)}, {}, "'c' is made up of the control 'a' and"),
        ({"a": noise(), "b": noise()}, {"control_signs": {"a": "positive"}}, "'a' is made up of the control 'b'"),
        ({"off": (np.arange(COUNT) > 50) * 1.0}, {"events": {"on": ("2000-01-01", "2022-02-20")}}, "the event 'on'"),
    ],
)  # fmt: skip
def test_dependent_columns_are_refused_by_name(made, controls, options, words):
    with pytest.raises(InputError, match=words) as caught:
        spec_with(made, controls, **options)
    assert "Leave one of them out" in str(caught.value)
    assert caught.value.problems[0].code == "dependent-columns"


def test_a_control_that_counts_holidays_is_refused_beside_them(made):
    pytest.importorskip("holidays")
    dates = made.dates("week", COUNT)
    days = design_columns(design_spec(made.table(dates), holidays="GB"), dates).free[:, -1]
    with pytest.raises(InputError, match="the control 'holidays' is made up of the holidays"):
        spec_with(made, {"holidays": days}, holidays="GB")
    alone = spec_with(made, {"holidays": days})
    assert design_columns(alone, dates, days[:, None]).free_names[-1] == "holidays"


def test_every_dependent_column_is_told_at_once(made):
    with pytest.raises(InputError, match="2 problems in the input"):
        spec_with(made, {"clock": np.arange(COUNT), "a": noise(), "b": noise()})


def test_a_constant_control_is_refused_by_name(made):
    with pytest.raises(
        InputError, match=r"column 'flat': the control is the same in every row.*Leave it out"
    ):
        spec_with(made, {"flat": np.full(COUNT, 0.1), "a": noise()})
    with pytest.raises(InputError, match="column 'nearly'"):
        spec_with(made, {"nearly": 1e9 + 1e-5 * noise()})
    assert spec_with(made, {"small": 1e-12 * noise()}).control_scale[0] == pytest.approx(1e-12, rel=0.3)


def test_fewer_rows_than_columns_are_refused(made):
    with pytest.raises(InputError, match="The table has 5 rows, but this model has 6 parameters"):
        design_spec(made.table(made.dates("week", 5)))


@pytest.mark.parametrize(("mixed", "warned"), [(0.05, True), (0.5, False)])
def test_what_is_nearly_the_rest_is_warned_of(made, mixed, warned):
    """R² of noise added to another control: 1 / (1 + mixed²), 0.9975 or 0.8."""
    spec = spec_with(made, {"a": noise(), "b": noise() + mixed * noise(1)})
    assert [p.code for p in spec.problems] == ["hardly-apart"] * (2 * warned)
    assert all("the control" in str(p) and p.severity == "warning" for p in spec.problems)


def test_the_share_that_a_warning_states_is_r_squared(made):
    dates = made.dates("week", COUNT)
    a, b = noise(), noise() + 0.05 * noise(1)
    spec = spec_with(made, {"a": a, "b": b})
    others = np.column_stack([design_columns(spec, dates, np.column_stack([a, b])).free[:, :-2], a])
    left = b - others @ np.linalg.lstsq(others, b, rcond=None)[0]
    r_squared = 1 - left @ left / ((b - b.mean()) @ (b - b.mean()))
    assert f"the control 'b' is {r_squared:.1%} made up" in str(spec.problems[1])


def test_names_are_known(made):
    with pytest.raises(InputError, match=r"There is no control called 'prise'. Did you mean 'price'"):
        spec_with(made, {"price": noise()}, control_signs={"prise": "positive"})
    with pytest.raises(InputError, match="There is no sign of control 'price' called 'up'"):
        spec_with(made, {"price": noise()}, control_signs={"price": "up"})


def test_a_control_may_have_the_name_of_a_part(made):
    spec = spec_with(made, {"level": noise(), "trend": noise(1), "season": noise(2)}, season=0)
    names = design_columns(spec, made.dates("week", COUNT), np.ones((COUNT, 3))).free_names
    assert names == ("level", "trend", "control level", "control trend", "season")


def test_an_event_that_is_nearly_always_is_not_taken_for_the_level(made):
    """It covers 103 of 104 weeks, so it lies along the level; what it shares with the rest beyond that is little."""
    assert not spec_with(made, {}, events={"open": ("2000-01-01", "2023-02-19")}).problems
