"""Dual numbers against derivatives worked out by hand and by finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixcurve.foundations.arrays import SMALLEST, numpy_namespace
from mixcurve.foundations.dual import Dual, DualNamespace

XP = DualNamespace()
TWICE = DualNamespace(DualNamespace())
SAFE = st.floats(0.1, 4.0)

ONE_ARGUMENT = {
    "add": lambda x, xp: 2.0 + x + 1.0,
    "sub": lambda x, xp: 2.0 - x - x * 3.0,
    "mul": lambda x, xp: 3.0 * x * x,
    "div": lambda x, xp: 1.0 / x + x / 3.0 + (x + 1.0) / (x * x),
    "neg": lambda x, xp: -x,
    "pow": lambda x, xp: x**3,
    "exp": lambda x, xp: xp.exp(-x),
    "expm1": lambda x, xp: xp.expm1(-x),
    "log": lambda x, xp: xp.log(x),
    "log1p": lambda x, xp: xp.log1p(x),
    "tanh": lambda x, xp: xp.tanh(x),
    "expit": lambda x, xp: xp.expit(x),
    "softplus": lambda x, xp: xp.softplus(x),
    "floor": lambda x, xp: xp.floor(x),
    "mixed": lambda x, xp: xp.expit(2.0 * (xp.log(x) - xp.log(1.5))) * xp.exp(-x / 3.0),
}


@pytest.mark.parametrize("name", list(ONE_ARGUMENT))
@given(x=SAFE)
def test_first_and_second_derivatives(name, x):
    function = ONE_ARGUMENT[name]
    step = 1e-4
    up, middle, down = (function(x + d, numpy_namespace) for d in (step, 0.0, -step))
    first = function(Dual(x, {0: 1.0}), XP)
    assert first.value == pytest.approx(middle, rel=1e-13)
    assert first.tangents[0] == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-6)
    second = function(Dual(Dual(x, {0: 1.0}), {0: 1.0}), TWICE).tangents[0]
    curvature = second.tangents.get(0, 0.0) if isinstance(second, Dual) else 0.0
    assert curvature == pytest.approx(
        (up - 2 * middle + down) / step**2, rel=1e-4, abs=1e-5 * max(1.0, abs(middle)) + 1e-3
    )


def test_several_directions_and_arrays():
    x, a = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    out = Dual(x, {0: 1.0}) * Dual(a, {1: 1.0}) + x * Dual(a, {1: 1.0})
    assert out.value.tolist() == [6.0, 20.0]
    assert out.tangents[0].tolist() == a.tolist() and out.tangents[1].tolist() == (2 * x).tolist()


def test_an_array_on_the_left_does_not_swallow_a_dual_number():
    out = np.array([2.0, 3.0]) * Dual(4.0, {0: 1.0})
    assert isinstance(out, Dual) and out.tangents[0].tolist() == [2.0, 3.0]
    assert isinstance(np.array([2.0]) - Dual(4.0, {0: 1.0}), Dual)
    assert isinstance(np.array([2.0]) / Dual(4.0, {0: 1.0}), Dual)


def test_the_logarithm_at_no_spend_has_the_slope_at_its_floor():
    out = XP.log(Dual(0.0, {0: 1.0}))
    assert float(out.value) == pytest.approx(np.log(SMALLEST)) and float(out.tangents[0]) == pytest.approx(
        1 / SMALLEST
    )


def test_the_tail_of_tanh_keeps_its_slope():
    assert float(XP.tanh(Dual(30.0, {0: 1.0})).tangents[0]) == pytest.approx(4 * np.exp(-60.0), rel=1e-12)
    assert 1 - np.tanh(30.0) ** 2 == 0.0  # what the textbook formula would give


@pytest.mark.parametrize("exponent", [0, -1, 0.5, 2.0])
def test_other_powers_say_what_to_write_instead(exponent):
    with pytest.raises(TypeError, match=r"write xp.exp\(power \* xp.log\(x\)\)"):
        Dual(2.0, {0: 1.0}) ** exponent


def test_constants_pass_through():
    assert XP.exp(0.0) == 1.0 and not isinstance(XP.log(1.0), Dual)
