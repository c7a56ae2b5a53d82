"""Arguments in, clean arrays or a full sentence out."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.foundations.checks import (
    finite_array,
    generator,
    known_name,
    nearest_name,
    number,
    spend_array,
)
from mixcurve.foundations.errors import InputError


def test_names_near_and_far():
    options = ["tv", "search", "out_of_home"]
    assert nearest_name("serch", options) == "search" and nearest_name("TV", options) == "tv"
    assert nearest_name("zzz", options) is None
    assert known_name("channel", "tv", options) == "tv"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: known_name("channel", "serch", ["tv", "search"]),
            r"Did you mean 'search'\? Known: tv, search\.",
        ),
        (lambda: known_name("channel", "zzz", ["tv"]), r"^There is no channel called 'zzz'\. Known: tv\.$"),
        (
            lambda: number("budget", "much", remedy="Give pounds."),
            "budget must be a number, got 'much'. Give pounds.",
        ),
        (lambda: number("budget", None), "budget must be a number, got None"),
        (lambda: number("budget", np.inf), "budget must be finite, got inf"),
        (lambda: number("share", 1.5, low=0, high=1), r"share must be in \[0, 1\], got 1.5"),
        (lambda: number("total", 0, low=0, open_low=True), r"total must be in \(0, inf\], got 0"),
        (
            lambda: finite_array("x", [1.0, np.nan, np.inf]),
            "2 of 3 values are not; the first is nan at position 1",
        ),
        (lambda: finite_array("x", [[1.0], [np.inf]]), r"the first is inf at position \(1, 0\)"),
        (lambda: finite_array("x", ["a"]), "x must be an array of numbers, got list"),
        (lambda: finite_array("x", []), "x is empty. Give at least one value."),
        (lambda: finite_array("x", [1.0], ndim=2), r"x must have 2 dimension\(s\), got shape \(1,\)"),
        (lambda: spend_array("spend", [0.0, -2.5]), "spend must not be negative; found -2.5 at position 1"),
        (lambda: spend_array("spend", [[0.0, -2.5]]), r"found -2.5 at position \(0, 1\)"),
    ],
)
def test_the_message_names_the_argument_the_rule_and_the_value(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_what_passes_is_a_new_float_array():
    given = np.array([1, 2])
    out = spend_array("spend", given)
    assert out.dtype == np.float64 and out is not given
    out[0] = 9.0
    assert given[0] == 1
    assert number("x", "3.5") == 3.5


def test_one_seed_one_stream():
    assert generator(3).random() == generator(3).random() != generator(4).random()
    mine = np.random.default_rng(0)
    assert generator(mine) is mine
