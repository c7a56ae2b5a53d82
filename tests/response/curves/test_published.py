"""Curves against values computed by hand and against published fits."""

from __future__ import annotations

from math import atanh, e, exp, log, sqrt

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.response.curves import shape as shape_of

THIRD = 1 / 3

# curve, parameters, spend, response: each worked out on paper from the curve's definition
BY_HAND = [
    ("hill", {"half": 40_000, "slope": 2.2}, 40_000, 0.5),
    ("hill", {"half": 2, "slope": 2}, 4, 0.8),
    ("hill", {"half": 1, "slope": 3}, 3, 27 / 28),
    ("hill", {"half": 9, "slope": 0.5}, 1, 0.25),
    ("michaelis_menten", {"half": 5}, 5, 0.5),
    ("michaelis_menten", {"half": 1}, 3, 0.75),
    ("exponential", {"half": 7}, 7, 0.5),
    ("exponential", {"half": 7}, 21, 0.875),
    ("tanh", {"half": 3}, 3, 0.5),
    ("tanh", {"half": atanh(0.5)}, log(3) / 2, 0.5),
    ("tanh", {"half": atanh(0.5)}, log(3), 0.8),
    ("weibull", {"half": 2, "slope": 3}, 2, 0.5),
    ("weibull", {"half": 2, "slope": 2}, 4, 15 / 16),
    ("power", {"reference": 4, "exponent": 0.5}, 4, 1.0),
    ("power", {"reference": 4, "exponent": 0.5}, 1, 0.5),
    ("power", {"exponent": 0.5}, 9, 3.0),
    ("logarithm", {"scale": 10}, 10 * (e - 1), 1.0),
    ("logarithm", {"scale": 10}, 30, log(4)),
    # F(0) = 1 / (1 + 3) and F(m) = 1/2 at steepness log 3: (1/2 - 1/4) / (3/4)
    ("logistic", {"midpoint": 8, "steepness": log(3)}, 8, 1 / 3),
    ("logistic", {"midpoint": 8, "steepness": log(3)}, 16, 2 / 3),
    # F(0) = exp(-e^s), F(m) = 1/e at s = log 2: (e^-1 - e^-2) / (1 - e^-2) = 1 / (1 + e)
    ("gompertz", {"midpoint": 5, "steepness": log(2)}, 5, 1 / (1 + e)),
    # skew 3, s = log 5: F(0) = (1 + 15)^(-1/3), F(m) = (1 + 3)^(-1/3)
    ("richards", {"midpoint": 2, "steepness": log(5), "skew": 3}, 2, (4**-THIRD - 16**-THIRD) / (1 - 16**-THIRD)),
]  # fmt: skip


@pytest.mark.parametrize(("curve", "parameters", "spend", "response"), BY_HAND)
def test_values_worked_out_by_hand(curve, parameters, spend, response):
    assert float(mc.curves[curve](spend, top=3.0, **parameters)) == pytest.approx(3.0 * response, rel=1e-14)


def test_every_registered_curve_has_a_value_worked_out_by_hand():
    assert {curve for curve, *_ in BY_HAND} >= set(mc.curves)


@pytest.mark.parametrize("slope", [1.2, 1.5, 2.0, 3.0, 8.0])
def test_inflection_and_tangent_of_hill(slope):
    """Inflection K ((s - 1) / (s + 1))^(1/s), tangent from the origin at K (s - 1)^(1/s) (Udell and Boyd 2013)."""
    parameters = {"half": 250.0, "slope": slope}
    inflection = 250 * ((slope - 1) / (slope + 1)) ** (1 / slope)
    assert float(shape_of.inflection("hill", parameters)) == pytest.approx(inflection, rel=1e-13)
    assert float(shape_of.tangent("hill", 0.0, parameters)) == pytest.approx(
        250 * (slope - 1) ** (1 / slope), rel=1e-9
    )


def test_other_inflections_are_those_of_the_textbooks():
    """The Weibull density peaks at scale ((s - 1) / s)^(1/s); logistic and Gompertz bend at their midpoint."""
    scale = 6.0 / log(2) ** (1 / 3)
    assert float(shape_of.inflection("weibull", {"half": 6, "slope": 3})) == pytest.approx(
        scale * (2 / 3) ** (1 / 3)
    )
    for name in ("logistic", "gompertz"):
        assert float(shape_of.inflection(name, {"midpoint": 9, "steepness": 3})) == 9.0
    assert float(shape_of.inflection("hill", {"half": 6, "slope": 0.9})) == 0.0


def test_families_contain_each_other():
    spend = np.geomspace(0.01, 100, 40)
    equal = [
        ("hill", {"half": 3, "slope": 1}, "michaelis_menten", {"half": 3}),
        ("weibull", {"half": 3, "slope": 1}, "exponential", {"half": 3}),
        ("richards", {"midpoint": 3, "steepness": 4, "skew": 1}, "logistic", {"midpoint": 3, "steepness": 4}),
    ]
    for first, its, second, others in equal:
        np.testing.assert_allclose(
            mc.curves[first](spend, **its), mc.curves[second](spend, **others), rtol=1e-12
        )
    narrow = mc.curves["gompertz"](spend, midpoint=3, steepness=2)
    skewed = mc.curves["richards"].unit(spend, [3.0, 2.0, 1e-7])
    np.testing.assert_allclose(skewed, narrow, rtol=1e-5, atol=1e-12)


def test_puromycin_of_bates_and_watts():
    """Michaelis-Menten fitted to Treloar's data: Vm 212.7, K 0.06412, sum of squares 1195.4 (Bates and Watts 1988)."""
    concentration = np.repeat([0.02, 0.06, 0.11, 0.22, 0.56, 1.10], 2)
    rate = np.array([76, 47, 97, 107, 123, 139, 159, 152, 191, 201, 207, 200])

    def rss(top, half):
        return float(np.sum((rate - mc.curves["michaelis_menten"](concentration, top=top, half=half)) ** 2))

    assert rss(212.7, 0.06412) == pytest.approx(1195.4, abs=0.1)
    assert min(rss(214.0, 0.06412), rss(212.7, 0.066), rss(211.0, 0.063)) > 1195.5


def nist(path):
    """Return (response, predictor) of a two-column StRD file."""
    lines = path.read_text().splitlines()
    first = max(i for i, line in enumerate(lines) if line.startswith("Data:")) + 1
    return np.array([[float(v) for v in line.split()[:2]] for line in lines[first:] if line.strip()]).T


def test_certified_fits_of_nist(shared_data):
    """The certified parameters, written as this package does, give the certified residual sums of squares."""
    y, x = nist(shared_data / "nist_strd" / "Misra1a.dat")
    fitted = mc.curves["exponential"](x, top=2.3894212918e02, half=log(2) / 5.5015643181e-04)
    assert np.sum((y - fitted) ** 2) == pytest.approx(1.2455138894e-01, rel=1e-8)
    y, x = nist(shared_data / "nist_strd" / "Rat42.dat")
    b1, b2, b3 = 7.2462237576e01, 2.6180768402e00, 6.7359200066e-02
    start = 1 / (1 + exp(b2))
    fitted = b1 * start + mc.curves["logistic"](x, top=b1 * (1 - start), midpoint=b2 / b3, steepness=b2)
    assert np.sum((y - fitted) ** 2) == pytest.approx(8.0565229338e00, rel=1e-8)
    y, x = nist(shared_data / "nist_strd" / "BoxBOD.dat")
    fitted = mc.curves["exponential"](x, top=2.1380940889e02, half=log(2) / 5.4723748542e-01)
    assert np.sum((y - fitted) ** 2) == pytest.approx(1.1680088766e03, rel=1e-8)


def test_elasticity_and_saturation_by_hand():
    assert float(shape_of.elasticity("hill", 2.0, {"half": 2.0, "slope": 3.0})) == pytest.approx(
        1.5, rel=1e-13
    )
    assert float(shape_of.elasticity("power", 123.0, {"exponent": 0.3})) == pytest.approx(0.3, rel=1e-13)
    assert float(shape_of.saturation("hill", {"half": 5.0, "slope": 2.0})) == pytest.approx(15.0, rel=1e-12)
    assert float(shape_of.half_saturation("logistic", {"midpoint": 8, "steepness": log(3)})) == pytest.approx(
        8 * (1 - log(3 / 5) / log(3)), rel=1e-12
    )
    assert float(shape_of.marginal("tanh", 0.0, {"top": 2.0, "half": atanh(0.5)})) == 2.0
    assert float(shape_of.marginal_inverse("michaelis_menten", 0.25, {"half": 1.0})) == pytest.approx(
        1.0, rel=1e-12
    )
    assert float(shape_of.inverse("power", 3.0, {"exponent": 0.5})) == pytest.approx(9.0, rel=1e-12)
    assert sqrt(2.0) * 2 == pytest.approx(
        float(shape_of.marginal_inverse("power", 1 / (2 * 8**0.25), {"exponent": 0.5}))
    )
