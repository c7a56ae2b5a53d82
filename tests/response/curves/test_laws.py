"""Every registered curve, and every user's curve, keeps every law; and each law catches a curve that breaks it."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mixcurve as mc
from mixcurve import Interval, Parameter
from mixcurve.foundations.dual import Dual
from mixcurve.foundations.errors import InputError, MixcurveError
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.curves.laws import LAWS, CurveLawError, check_curve


def load_user_curves():
    spec = importlib.util.spec_from_file_location("user_curves", Path(__file__).with_name("user_curves.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


USER = load_user_curves()
CURVES = [*mc.curves.values(), USER.log_logistic5, USER.root_hyperbola]
HALF = Parameter("half", unit="spend")
HILL = mc.curves["hill"]


@pytest.mark.parametrize("law", list(LAWS))
@pytest.mark.parametrize("curve", CURVES, ids=lambda c: c.name)
def test_every_curve_keeps_every_law(curve, law):
    LAWS[law](curve)


def test_check_curve_takes_a_name_a_curve_and_exceptions():
    check_curve("hill")
    check_curve(USER.log_logistic5)
    with pytest.raises(InputError, match=r"no law called 'risin'. Did you mean 'rising'"):
        check_curve("hill", leave_out=["risin"])
    with pytest.raises(InputError, match="no curve called 'hil'"):
        check_curve("hil")
    check_curve(starts_high, leave_out=["nothing from nothing", "same in any unit", *LAWS])


# Curves that each break a law, and the law.


@mc.curve([HALF], form="concave")
def starts_high(x, half, xp):
    return (x + 0.1 * half) / (half + x)


@mc.curve([HALF], form="concave")
def overflows(x, half, xp):
    return xp.expm1(x / half)


@mc.curve([HALF])
def falls_in_the_end(x, half, xp):
    return xp.tanh(x / half) * xp.exp(-0.01 * (x / half))


@mc.curve([HALF], form="concave")
def stops_short(x, half, xp):
    return 0.9 * (x / (half + x))


@mc.curve([HALF], form="concave", ceiling=False)
def has_a_ceiling_after_all(x, half, xp):
    return x / (half + x)


@mc.curve([HALF])
def overshoots(x, half, xp):
    share = x / (half + x)
    return share * (1.0 + 2.0 * (half / (half + x)))


def detached(z):
    """Return the value of a dual number, as a formula does that leaves its namespace."""
    return z.value if isinstance(z, Dual) else z


@mc.curve([HALF], form="concave")
def leaves_its_namespace(x, half, xp):
    return xp.tanh(0.5 * (x / half) + 0.5 * (detached(x) / half))


@mc.curve([HALF], form="concave")
def hides_a_parameter(x, half, xp):
    return x / (detached(half) + x)


@mc.curve([HALF], form="concave")
def bends_differently_twice(x, half, xp):
    twice = 2.0 if isinstance(x, Dual) and isinstance(x.value, Dual) else 1.0
    return xp.tanh(twice * (x / half))


@mc.curve([Parameter("half")], form="concave")
def counts_in_pounds(x, half, xp):
    return x / (half + x)


def wrong_gradient(x, half, slope):
    value, by_half, by_slope = HILL.gradient(x, half, slope)
    return value, by_half, 1.01 * by_slope


def wrong_value(x, half, slope):
    value, by_half, by_slope = HILL.gradient(x, half, slope)
    return value + 1e-6, by_half, by_slope


AT_HALF = replace(HILL, inflection=lambda half, slope: half)
WRONG = [
    ("nothing from nothing", starts_high, "at spend 0 must be 0. Found half = 0.001, spend = 0, response = 0.1"),
    ("finite everywhere", overflows, "the response must be finite"),
    ("rising", falls_in_the_end, "must not fall"),
    ("rising", overshoots, "must not fall"),
    ("tends to its ceiling", stops_short, "must tend to 1"),
    ("tends to its ceiling", overshoots, "must stay below 1"),
    ("tends to its ceiling", has_a_ceiling_after_all, "must pass 1 in the end"),
    ("true marginal", leaves_its_namespace, "must be the derivative of response by spend"),
    ("true second derivative", bends_differently_twice, "must be the derivative of the marginal"),
    ("true gradient", hides_a_parameter, "the derivative by half must be right"),
    ("true gradient", replace(HILL, gradient=wrong_gradient), "the derivative by s"),
    ("closed gradient", replace(HILL, gradient=wrong_gradient), "derivative by slope must be the formula's"),
    ("closed gradient", replace(HILL, gradient=wrong_value), "the declared value must be the formula's"),
    ("closed gradient", replace(HILL, gradient=lambda *a: HILL.gradient(*a)[:2]), "one derivative per free parameter"),
    ("same in any unit", counts_in_pounds, "must give the same response"),
    ("inflection is where it is steepest", AT_HALF, "no spend may be steeper"),
    ("same inflection by search", AT_HALF, "where the second derivative turns"),
    ("bends as declared", AT_HALF, "convex below its inflection"),
    ("bends as declared", replace(HILL, form="concave"), "convex below its inflection"),
    ("inflection is where it is steepest", replace(HILL, form="concave"), "no spend may be steeper"),
]  # fmt: skip


@pytest.mark.parametrize(("law", "curve", "message"), WRONG, ids=[f"{law}-{c.name}" for law, c, _ in WRONG])
def test_a_curve_that_breaks_a_law_is_caught(law, curve, message):
    with pytest.raises(CurveLawError, match=message) as caught:
        LAWS[law](curve)
    assert f"The curve '{curve.name}' breaks the law '{law}'" in str(caught.value)
    assert isinstance(caught.value, MixcurveError) and isinstance(caught.value, AssertionError)
    with pytest.raises(CurveLawError):
        check_curve(curve)


BROKEN = [
    ("inverse undoes response", "inverse"),
    ("half saturation is half", "saturation"),
    ("elasticity is a ratio", "elasticity"),
    ("marginal inverse undoes marginal", "marginal_inverse"),
    ("tangent touches from above", "tangent"),
    ("inflection is where it is steepest", "inflection"),
]


@pytest.mark.parametrize(("law", "name"), BROKEN)
@pytest.mark.parametrize("factor", [0.99, 1.01])
def test_a_wrong_derivation_is_caught(monkeypatch, law, name, factor):
    right = getattr(shape_of, name)
    monkeypatch.setattr(shape_of, name, lambda *a, **k: factor * right(*a, **k))
    with pytest.raises(CurveLawError, match=f"breaks the law '{law}'"):
        LAWS[law](HILL)


def test_all_laws_can_fail():
    assert {law for law, *_ in WRONG} | {law for law, _ in BROKEN} == set(LAWS)


def test_a_curve_without_parameters_but_a_fixed_one():
    @mc.curve(
        [Parameter("half", Interval(0.1, 10.0), Interval(0.2, 5.0), unit="spend", fixed=1.0)], form="concave"
    )
    def all_known(x, half, xp):
        return -xp.expm1(-(x / half))

    check_curve(all_known)


def test_the_message_says_where():
    with pytest.raises(CurveLawError) as caught:
        check_curve(falls_in_the_end)
    text = str(caught.value)
    assert text.startswith(
        "The curve 'falls_in_the_end' breaks the law 'rising': response must not fall with more spend. Found"
    )
    found = dict(part.split(" = ") for part in text.rstrip(".").split("Found ")[1].split(", "))
    half, spend = float(found["half"]), float(found["spend"])
    assert float(found["response"]) == pytest.approx(np.tanh(spend / half) * np.exp(-0.01 * spend / half))
