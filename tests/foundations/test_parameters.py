"""Parameters and their ranges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.parameters import UNITS, Interval, Parameter


@given(st.floats(1e-3, 1e3))
def test_the_real_line_and_back(value):
    for parameter in (
        Parameter("half"),
        Parameter("shift", Interval(-5.0, 2e3), Interval(0.0, 1.0), scale="linear"),
    ):
        assert float(parameter.from_real(parameter.to_real(value))) == pytest.approx(value, rel=1e-13)


def test_the_log_scale_is_a_log():
    assert Parameter("half").to_real(np.e) == pytest.approx(1.0)
    assert Parameter("share", Interval(0.0, 1.0), Interval(0.1, 0.9), scale="linear").to_real(0.3) == 0.3


@pytest.mark.parametrize(("unit", "power"), [("", 0.0), ("spend", 1.0), ("1/spend", -1.0), ("spend^2", 2.0)])
def test_units_are_powers_of_spend(unit, power):
    assert Parameter("p", unit=unit).spend_power == power == UNITS[unit]


def test_free_and_fixed():
    assert Parameter("half").free and not Parameter("half", fixed=1.0).free


def test_intervals_contain_and_clip():
    interval = Interval(0.5, 2.0)
    assert interval.contains(0.5) is True and interval.contains(2.1) is False
    assert interval.contains([0.4, 1.0]).tolist() == [False, True]
    assert interval.clip([0.0, 1.0, 9.0]).tolist() == [0.5, 1.0, 2.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Interval(2.0, 1.0), r"needs low < high, both finite, got \[2.0, 1.0\]"),
        (lambda: Interval(0.0, np.inf), "both finite"),
        (lambda: Interval(0.0, np.nan), "both finite"),
        (
            lambda: Parameter("half", unit="pounds"),
            "Parameter 'half' has the unit 'pounds'. Known: '', 'spend'",
        ),
        (
            lambda: Parameter("half", Interval(0.0, 1.0), Interval(0.1, 0.5)),
            "'half' is searched on the log scale",
        ),
        (
            lambda: Parameter("half", Interval(1.0, 2.0), Interval(0.5, 1.5)),
            "the typical range must lie inside the domain",
        ),
    ],
)
def test_a_wrong_declaration_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
