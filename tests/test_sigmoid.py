"""The logistic maths against exact decimal arithmetic, scipy, and differences, over the whole of float64."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from mixcurve import sigmoid

EXTREME = np.array(
    [-1e308, -1e4, -746.0, -745.0, -709.0, -40.0, -36.7, -1.0, -1e-8, -5e-324, 0.0, 1e-300, 1e-8, 0.5, 36.0, 37.0,
     709.0, 745.0, 1e4, 1e308]
)  # fmt: skip
MODERATE = np.concatenate(
    [np.linspace(-700, 700, 57), np.geomspace(1e-12, 30, 25), -np.geomspace(1e-12, 30, 25)]
)


def exact(function, z: float) -> float:
    """Return a function of z in decimal arithmetic of 400 digits, rounded once."""
    with localcontext() as context:
        context.prec = 400
        return float(function(Decimal(z)))


def share(z):
    return 1 / (1 + (-z).exp())


ONE = Decimal(1)
EXACT = {
    "expit": share,
    "expit_derivative": lambda z: share(z) * share(-z),
    "expit_second_derivative": lambda z: share(z) * share(-z) * (1 - 2 * share(z)),
    "softplus": lambda z: (1 + z.exp()).ln(),
    "softplus_derivative": share,
    "log_expit": lambda z: share(z).ln(),
    "log_expit_derivative": lambda z: share(-z),
    "cross_entropy_second_derivative": lambda z: share(z) * share(-z),
}


@pytest.mark.parametrize("name", list(EXACT))
def test_full_precision_in_both_tails(name):
    found = getattr(sigmoid, name)(MODERATE)
    wanted = np.array([exact(EXACT[name], z) for z in MODERATE])
    np.testing.assert_allclose(found, wanted, rtol=2e-15 if name != "expit_second_derivative" else 4e-15)


@pytest.mark.parametrize("y", [0.0, 1.0, 0.3])
def test_cross_entropy_and_its_derivative_keep_their_precision(y):
    entropy = np.array([exact(lambda z: (1 + z.exp()).ln() - Decimal(y) * z, z) for z in MODERATE])
    slope = np.array([exact(lambda z: share(z) - Decimal(y), z) for z in MODERATE])
    np.testing.assert_allclose(sigmoid.cross_entropy(y, MODERATE), entropy, rtol=1e-15 * 4, atol=0)
    np.testing.assert_allclose(
        sigmoid.cross_entropy_derivative(y, MODERATE), slope, rtol=4e-15, atol=1e-16 * (y == 0.3)
    )


@pytest.mark.parametrize("name", [n for n in sigmoid.__all__ if n not in {"logit", "logit_derivative"}])
def test_nothing_overflows_and_nothing_is_undefined(name):
    function = getattr(sigmoid, name)
    value = (
        function(1.0, EXTREME) if name in {"cross_entropy", "cross_entropy_derivative"} else function(EXTREME)
    )
    assert np.isfinite(value).all() and value.shape == EXTREME.shape


def test_against_scipy():
    np.testing.assert_allclose(sigmoid.expit(EXTREME), special.expit(EXTREME), rtol=1e-15, atol=1e-320)
    np.testing.assert_allclose(sigmoid.log_expit(EXTREME), special.log_expit(EXTREME), rtol=1e-15)
    p = np.array([0.0, 5e-324, 1e-300, 1e-9, 0.2, 0.3, 0.4999999, 0.5, 0.6, 0.7, 1 - 1e-12, 1.0])
    np.testing.assert_allclose(sigmoid.logit(p), special.logit(p), rtol=1e-13)
    assert sigmoid.logit([0.0, 0.5, 1.0]).tolist() == [-np.inf, 0.0, np.inf]
    assert sigmoid.logit_derivative([0.0, 0.5, 0.9]) == pytest.approx([np.inf, 4.0, 1 / 0.09])


def test_logit_near_one_half_in_exact_arithmetic():
    near = 0.5 + np.concatenate([np.geomspace(1e-15, 0.19, 30), -np.geomspace(1e-15, 0.19, 30)])
    wanted = [exact(lambda p: (p / (1 - p)).ln(), p) for p in near]
    np.testing.assert_allclose(sigmoid.logit(near), wanted, rtol=1e-15 * 3)


def test_a_naive_formula_would_be_caught():
    """Shows that the checks above can fail."""
    with np.errstate(over="ignore", invalid="ignore"):
        naive = np.exp(EXTREME) / (1 + np.exp(EXTREME))
        cancelling = np.log(1 + np.exp(-40.0))
    assert not np.isfinite(naive).all()
    assert cancelling == 0.0 != sigmoid.softplus(-40.0)


@given(st.floats(-700, 700))
def test_symmetry_and_order(z):
    assert float(sigmoid.expit(z)) + float(sigmoid.expit(-z)) == pytest.approx(1.0, abs=3e-16)
    assert sigmoid.expit(np.nextafter(z, np.inf)) >= sigmoid.expit(z) - 2e-16
    assert float(sigmoid.softplus(z)) - float(sigmoid.softplus(-z)) == pytest.approx(z, rel=1e-14, abs=1e-14)


@given(st.floats(1e-12, 1 - 1e-12))
def test_logit_undoes_expit(p):
    assert float(sigmoid.expit(sigmoid.logit(p))) == pytest.approx(p, rel=1e-13)
