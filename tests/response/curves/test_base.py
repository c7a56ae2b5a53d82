"""The declaration of a curve and the registry."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.foundations.errors import InputError
from mixcurve.response.curves.base import Curve, CurveRegistry, resolve_curve

WANTED = {"hill", "logistic", "gompertz", "weibull", "richards", "michaelis_menten", "exponential", "tanh", "power",
          "logarithm"}  # fmt: skip


def test_the_registry_holds_the_families_that_were_asked_for():
    assert set(mc.curves) >= WANTED
    assert all(name == curve.name for name, curve in mc.curves.items())


@pytest.mark.parametrize("curve", mc.curves.values(), ids=lambda c: c.name)
def test_every_curve_says_where_it_comes_from_and_what_it_is(curve):
    assert curve.reference and curve.formula_text and curve.names[0] == "top"
    assert all(p.description for p in curve.parameters)
    assert len(set(curve.names)) == len(curve.names)


def test_a_name_is_taken_once():
    registry = CurveRegistry()
    registry.register(mc.curves["hill"])
    with pytest.raises(InputError, match="A curve called 'hill' is registered already"):
        registry.register(mc.curves["hill"])
    assert "hill" in registry and len(registry) == 1 and list(registry) == ["hill"]
    with pytest.raises(InputError, match=r"no curve called 'tanh'"):
        registry["tanh"]


def test_a_curve_is_frozen_and_can_be_a_key():
    hill = mc.curves["hill"]
    with pytest.raises(FrozenInstanceError):
        hill.name = "other"
    assert {hill: 1}[resolve_curve("hill")] == 1


def test_a_function_becomes_a_curve():
    @mc.curve([mc.Parameter("half", unit="spend")], form="concave", name="other_name")
    def mine(x, half, xp):
        """x / (half + x): mine."""
        return x / (half + x)

    assert isinstance(mine, Curve) and mine.name == "other_name" and mine.names == ("top", "half")
    assert mine.formula_text == "x / (half + x): mine."
    assert float(mine(6.0, half=2.0, top=4.0)) == 3.0
    assert "other_name" not in mc.curves


def test_parameters_come_by_name_or_in_order():
    hill = mc.curves["hill"]
    by_name = hill.arrays({"slope": 2.0, "half": 3.0})
    in_order = hill.arrays(np.array([[1.0, 3.0, 2.0]]))
    assert [float(v) for v in by_name] == [1.0, 3.0, 2.0] == [float(v[0]) for v in in_order]
    assert float(mc.curves["power"](4.0, exponent=0.5)) == 2.0
