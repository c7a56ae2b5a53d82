"""The spend at which a channel keeps its own floors, against a dense grid of the formula."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.constraints.domains import MeanCurve, marginal_range, mean_range
from mixcurve.budget.model import PriceTiers

MOST = 10.0
GRID = np.linspace(0.0, MOST, 100_001)[1:]
FAMILIES = {
    "hill": {"top": 2.0, "half": 1.5, "slope": 3.0},
    "logistic": {"top": 2.0, "midpoint": 2.0, "slope": 2.0},
    "weibull": {"top": 1.5, "half": 1.0, "slope": 2.0},
    "exponential": {"top": 2.0, "half": 1.0},
    "power": {"top": 1.0, "exponent": 0.5},
    "michaelis_menten": {"top": 3.0, "half": 2.0},
}


def mean_curve(name, draws=None, tiers=None):
    curve = mc.curves[name]
    given = {k: v for k, v in FAMILIES[name].items() if k in curve.names}
    values = np.array([[given.get(n, 1.5) for n in curve.names]])
    if draws is not None:
        values = np.repeat(values, draws, axis=0) * np.exp(
            0.4 * np.random.default_rng(0).normal(size=(draws, values.shape[1]))
        )
    return MeanCurve(curve, values, np.full(len(values), 1.0 / len(values)), tiers)


def ends(good):
    at = np.flatnonzero(good)
    return (GRID[at[0]], GRID[at[-1]]) if len(at) else None


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("setup", [0.0, 0.3])
@pytest.mark.parametrize("cost", [0.1, 0.4, 0.7, 5.0])
def test_the_floor_on_roi_holds_on_the_interval_and_nowhere_else(name, setup, cost):
    curve = mean_curve(name)
    value = curve.at(GRID)[0]
    found, judge = mean_range(curve, cost, setup, MOST), ends(value >= cost * (GRID + setup))
    if judge is None:
        assert found is None or found[1] - found[0] < GRID[0]
        return
    step = GRID[1] - GRID[0]
    assert found is not None
    assert found[0] <= judge[0] <= found[0] + 1.01 * step
    assert found[1] - 1.01 * step <= judge[1] <= found[1]
    inside = GRID[np.abs(GRID - 0.5 * sum(found)) <= 0.5 * (found[1] - found[0])]
    assert np.all(curve.at(inside)[0] >= cost * (inside + setup) * (1 - 1e-12))


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("least", [0.05, 0.3, 0.6, 4.0])
@pytest.mark.parametrize("draws", [None, 7])
def test_the_floor_on_marginal_response(name, least, draws):
    curve = mean_curve(name, draws)
    found, judge = marginal_range(curve, least, MOST), ends(curve.at(GRID)[1] >= least)
    if judge is None:
        assert found is None or found[1] - found[0] < 0.01
        return
    assert found is not None
    assert found[0] == pytest.approx(judge[0], abs=4e-4)
    assert found[1] == pytest.approx(judge[1], abs=4e-4)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("cost", [0.1, 0.4, 0.7])
def test_for_several_draws_the_interval_is_never_too_narrow(name, cost):
    for curve in (
        mean_curve(name, 9),
        mean_curve(name, None, PriceTiers(np.array([0.0, 2.0]), np.array([1.0, 1.5]))),
    ):
        judge = ends(curve.at(GRID)[0] >= cost * (GRID + 0.1))
        found = mean_range(curve, cost, 0.1, MOST)
        if judge is not None:
            assert found is not None
            assert found[0] <= judge[0]
            assert found[1] >= judge[1]


def test_marginal_response_falls_where_a_dearer_tier_begins():
    tiers = PriceTiers(np.array([0.0, 1.0]), np.array([1.0, 2.0]))
    plain, dear = mean_curve("exponential"), mean_curve("exponential", None, tiers)
    at = np.array([0.5, 1.0, 1.0 + 1e-9])
    assert dear.at(at)[1][:2] == pytest.approx(plain.at(at)[1][:2])
    assert dear.at(at)[1][2] == pytest.approx(0.5 * plain.at(at)[1][2])
    least = float(plain.at(np.array([1.0]))[1][0])
    assert marginal_range(dear, 0.9 * least, MOST)[1] == pytest.approx(1.0, abs=1e-8)
