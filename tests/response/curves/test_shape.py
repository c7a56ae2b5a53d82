"""What follows from a curve, at its edges and for many curves at once."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.foundations.errors import InputError
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.curves.law_cases import law_cases

HILL = {"top": 900.0, "half": 40_000.0, "slope": 2.2}
SPENDING = [shape_of.response, shape_of.marginal, shape_of.elasticity, shape_of.tangent]
PLAIN = [shape_of.inflection, shape_of.half_saturation, shape_of.saturation]


@pytest.mark.parametrize("name", list(mc.curves))
def test_one_call_for_many_curves_equals_many_calls(name):
    curve = mc.curves[name]
    sets = law_cases(curve, corners=False)[1].parameters[:, 0, :]
    spend = np.linspace(0.0, 90_000.0, 5)
    for function in SPENDING:
        together = function(curve, spend, sets[:, None, :])
        alone = np.array([[function(curve, x, s) for x in spend] for s in sets])
        np.testing.assert_allclose(together, alone, rtol=1e-12, atol=1e-300)
    for plain in PLAIN:
        np.testing.assert_allclose(plain(curve, sets), np.array([plain(curve, s) for s in sets]), rtol=1e-12)
    levels = np.array([0.1, 0.4])
    for back in (shape_of.inverse, shape_of.marginal_inverse):
        together = back(curve, levels * 1e-4, sets[:, None, :])
        alone = np.array([[back(curve, v, s) for v in levels * 1e-4] for s in sets])
        np.testing.assert_allclose(together, alone, rtol=1e-12)


def test_what_is_never_reached_is_infinite_and_nothing_costs_nothing():
    assert shape_of.inverse("hill", [0.0, 900.0, 1_000.0], HILL).tolist() == [0.0, np.inf, np.inf]
    assert float(shape_of.marginal_inverse("hill", 0.0, HILL)) == np.inf
    peak = float(shape_of.inflection("hill", HILL))
    assert float(shape_of.marginal_inverse("hill", 1.0, HILL)) == peak
    assert float(shape_of.half_saturation("power", {"exponent": 0.5})) == np.inf
    assert float(shape_of.saturation("logarithm", {"scale": 2.0})) == np.inf


def test_the_concave_part_has_no_tangent_but_itself():
    for name in (n for n, c in mc.curves.items() if c.form == "concave"):
        sets = law_cases(mc.curves[name], corners=False)[0].parameters[:, 0, :]
        assert (shape_of.tangent(name, 0.25, sets) == 0.25).all() and (
            shape_of.inflection(name, sets) == 0.0
        ).all()


def test_elasticity_at_no_spend_is_its_limit():
    assert float(shape_of.elasticity("hill", 0.0, HILL)) == pytest.approx(2.2)
    assert float(shape_of.elasticity("exponential", 0.0, {"half": 3.0})) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: shape_of.response("hill", -1.0, HILL), "spend must not be negative; found -1"),
        (
            lambda: shape_of.response("hill", [1.0, np.nan], HILL),
            "spend must be finite, but 1 of 2 values are not",
        ),
        (lambda: shape_of.response("hil", 1.0, HILL), r"no curve called 'hil'. Did you mean 'hill'"),
        (lambda: shape_of.response("hill", 1.0, {"half": 3.0}), "The curve hill needs slope"),
        (
            lambda: shape_of.response("hill", 1.0, HILL | {"slop": 1}),
            r"parameter of the curve hill called 'slop'",
        ),
        (lambda: shape_of.saturation("hill", HILL, share=1.5), r"share must be in \[0, 1\], got 1.5"),
    ],
)
def test_a_wrong_argument_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
