"""The two slopes of `Functions` hold every registered curve, and sums of them, from above."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.atoms import Atoms
from mixcurve.budget.functions import Functions
from mixcurve.budget.model import PriceTiers

AMOUNTS = 400


def drawn(rng, curve, count):
    columns = [np.exp(0.5 * rng.normal(size=count))]
    for p in curve.parameters:
        ends = (np.log(p.typical.low), np.log(p.typical.high)) if p.unit != "spend" else (-1.0, 1.0)
        columns.append(np.exp(rng.uniform(*ends, size=count)))
    return np.stack(columns, axis=-1)


def excess(functions, rng, high=6.0):
    """Return by how much, at most, a function exceeds the lines that its slopes give, relative to its size."""
    row = rng.integers(len(functions), size=AMOUNTS)
    a = high * rng.random(AMOUNTS) ** 3
    b = a + high * rng.random(AMOUNTS) ** 3 + 1e-6
    left, right = functions.majorant(row, a, b)
    at_a, at_b = functions.value(row, a), functions.value(row, b)
    worst = -np.inf
    for share in np.linspace(0.0, 1.0, 21):
        x = a + share * (b - a)
        line = np.minimum(at_a + left * (x - a), at_b - right * (b - x))
        worst = max(worst, float(((functions.value(row, x) - line) / np.maximum(at_b, 1e-300)).max()))
    return worst


@pytest.mark.parametrize("name", list(mc.curves))
def test_every_curve_lies_below_its_lines(name):
    rng, curve = np.random.default_rng(0), mc.curves[name]
    atoms = Atoms.built([curve] * 20, drawn(rng, curve, 20), np.ones(20), np.ones(20))
    assert excess(Functions(atoms, np.arange(21)), rng) <= 1e-12


def test_sums_shares_and_tiers_lie_below_their_lines():
    rng = np.random.default_rng(1)
    curves = [mc.curves[n] for n in ("hill", "gompertz", "weibull", "power") for _ in range(10)]
    width = max(len(c.names) for c in curves)
    parameters = np.full((40, width), np.nan)
    for i, c in enumerate(curves):
        parameters[i, : len(c.names)] = drawn(rng, c, 1)[0]
    tiers = PriceTiers(np.array([0.0, 1.0, 2.5]), np.array([1.0, 1.4, 2.0]))
    prices = [tiers if i % 3 == 0 else None for i in range(40)]
    atoms = Atoms.built(curves, parameters, rng.random(40), rng.uniform(0.2, 1.0, 40), prices)
    assert excess(Functions(atoms, np.arange(0, 41, 5)), rng) <= 1e-12


def test_the_check_catches_a_curve_that_bends_the_other_way():
    rng = np.random.default_rng(2)
    turned = mc.Curve("turned", (), lambda x, xp: x - 0.5 * xp.exp(-x) + 0.1 * x**3 + 0.5, form="concave")
    atoms = Atoms.built([turned] * 3, np.ones((3, 1)), np.ones(3), np.ones(3))
    assert excess(Functions(atoms, np.arange(4)), rng) > 1e-3


def test_derivatives_match_differences():
    rng = np.random.default_rng(3)
    curve = mc.curves["hill"]
    tiers = PriceTiers(np.array([0.0, 1.0]), np.array([1.0, 1.5]))
    atoms = Atoms.built(
        [curve] * 6, drawn(rng, curve, 6), rng.random(6), rng.uniform(0.3, 1.0, 6), [tiers, None] * 3
    )
    functions = Functions(atoms, np.array([0, 2, 6]))
    row, x, step = np.repeat([0, 1], 50), rng.uniform(0.1, 0.95, 100), 1e-5
    value, slope, second = functions.curvature(row, x)
    up, down = functions.value(row, x + step), functions.value(row, x - step)
    np.testing.assert_allclose(slope, (up - down) / (2 * step), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(second, (up - 2 * value + down) / step**2, rtol=1e-3, atol=1e-4)
