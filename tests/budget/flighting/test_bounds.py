"""The parts of the bound, each against exhaustive search."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.flighting.bounding import Fineness, bounding
from mixcurve.budget.flighting.course import course_of, mean_curves
from mixcurve.budget.flighting.dual import lowered
from mixcurve.budget.flighting.flight import flight
from mixcurve.budget.flighting.grid import geometric_cover, state_grid, upper_response
from mixcurve.budget.flighting.rows import rows_of
from mixcurve.budget.flighting.sweep import sweep, sweep_path
from mixcurve.budget.flighting.windows import windowed, windows_of
from mixcurve.response.carryover import weights

SPEC = importlib.util.spec_from_file_location("flight_cases", Path(__file__).with_name("cases.py"))
cases = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(cases)


def course(rng, channels=1, periods=4, **words):
    fitted, decay = cases.hills(rng, channels)
    plan = flight(fitted, 6.0, periods, carryover=cases.geometric(fitted, decay), tolerance=10.0, **words)
    return fitted, decay, course_of(plan.problem, mean_curves(fitted))


@pytest.mark.parametrize("name", ["hill", "logistic", "gompertz", "weibull", "michaelis_menten", "power"])
def test_the_response_on_knots_interpolates_from_above(name):
    curve = mc.curves[name]
    rng = np.random.default_rng(1)
    for _ in range(10):
        values = {p.name: np.exp(rng.uniform(*np.log([p.typical.low, p.typical.high]))) for p in curve.parameters
                  if p.unit != "spend"}  # fmt: skip
        values |= {p.name: 1.0 for p in curve.parameters if p.unit == "spend"}
        fitted = mc.response_from({"a": (curve, values | {"top": 2.0})})
        knots = np.concatenate([[0.0], np.geomspace(1e-4, 30.0, 40)])
        upper = upper_response(mean_curves(fitted), 0, knots)
        x = np.concatenate([np.geomspace(1e-6, 30.0, 4_000), knots])
        exact = 2.0 * curve.unit(x, [values[p.name] for p in curve.parameters])
        assert np.all(np.interp(x, knots, upper) >= exact * (1 - 1e-12))
        bare = np.concatenate([[0.0], exact[4_001:]])
        assert np.any(np.interp(x, knots, bare) < exact * (1 - 1e-9)), (
            "the curve itself would fail this check"
        )


def test_a_kernel_is_covered_by_the_geometric_one_found():
    for kernel, values in (
        ("weibull_pdf", [3.0, 2.0]),
        ("delayed_geometric", [0.6, 2.0]),
        ("binomial", [0.4]),
    ):
        share = weights(kernel, values, 26)
        decay, gain = geometric_cover(share)
        assert np.all(gain * decay ** np.arange(26) >= share * (1 - 1e-12))
        assert not np.all(0.99 * gain * decay ** np.arange(26) >= share), "no smaller gain would do"
    decay, gain = geometric_cover(0.3 * 0.7 ** np.arange(40))
    assert (decay, gain) == (pytest.approx(0.7, rel=1e-12), pytest.approx(0.3, rel=1e-12))
    assert geometric_cover(np.array([1.0, 0.0, 0.0])) == (0.0, 1.0)


@pytest.mark.parametrize("bounded", [False, True])
def test_the_programme_bounds_and_attains_the_best_priced_schedule(bounded):
    rng = np.random.default_rng(2)
    amounts = np.linspace(0.0, 3.0, 25)
    least, most = (0.125, 1.5) if bounded else (0.0, np.inf)
    allowed = amounts[(amounts >= least) & (amounts <= most)]
    every = np.stack(np.meshgrid(*[allowed] * 4, indexing="ij"), axis=-1).reshape(-1, 4, 1)
    for price in (0.05, 0.2, 0.4, 0.8):
        fitted, decay, one = course(rng, season=[1.0, 0.5, 2.0, 1.0])
        grid = state_grid(one, np.array([12.0]), np.array([1.0]), 0.01)
        windows = {0: [windows_of(grid.knots[0], grid.decay[0], grid.gain[0], least, most)] * 4}
        cost = np.full((4, 1), price)
        found = sweep(grid, one.scale, cost, windows if bounded else None)
        season = [1.0, 0.5, 2.0, 1.0]
        best = (cases.simulated(fitted, decay, every, season) - price * every.sum(axis=(1, 2))).max()
        path = sweep_path(grid, found, np.full((4, 1), least), np.full((4, 1), most))
        attained = cases.simulated(fitted, decay, path, season) - price * path.sum()
        size = one.curves.value(0, np.array([12.0]))[0]
        assert found.bound[0] >= max(best, attained) - 1e-12
        assert found.bound[0] <= max(attained, best) + 5e-4 * size
        assert np.all(path >= least - 1e-9) and np.all(path <= most + 1e-9)


def test_windows_are_nowhere_below_the_largest_within():
    rng = np.random.default_rng(3)
    for _ in range(40):
        knots = np.concatenate([[0.0], np.sort(rng.uniform(0, 10, 30))])
        held = rng.normal(size=31)
        decay, gain = rng.uniform(0, 0.95), rng.uniform(0.1, 1)
        least = rng.uniform(0, 1)
        most = least + rng.uniform(0, 3)
        found = windowed(held, windows_of(knots, decay, gain, least, most))
        for z in rng.uniform(0, knots[-1], 40):
            low, high = decay * z + gain * least, decay * z + gain * most
            if low > knots[-1]:
                continue
            within = np.linspace(low, min(high, knots[-1]), 400)
            exact = np.interp(within, knots, held).max()
            assert np.interp(z, knots, found) >= exact - 1e-12
    # With no room at all, and knots that map onto knots, it is the value there itself.
    knots = np.concatenate([[0.0], 0.5 ** np.arange(10.0, -1, -1)])
    held = rng.normal(size=12)
    exact = windowed(held, windows_of(knots, 0.5, 1.0, 0.0, 0.0))
    np.testing.assert_allclose(exact[2:], held[1:-1], atol=1e-12)


def test_gradient_and_curvature_are_those_of_the_value():
    rng = np.random.default_rng(4)
    _, _, one = course(rng, channels=2, periods=5, history=1.0, terminal=0.1, prices=[1, 2, 1, 1, 0.5])
    spend, way = rng.uniform(0.2, 2, (5, 2)), rng.normal(size=(5, 2))
    value, slope, hessian = one.second(spend)
    assert value == pytest.approx(one.value(spend), rel=1e-13)
    np.testing.assert_allclose(one.gradient(spend)[1], slope, rtol=1e-12)
    step = 1e-5
    ends = [one.gradient(spend + s * step * way) for s in (1, -1)]
    assert (ends[0][0] - ends[1][0]) / (2 * step) == pytest.approx(np.sum(slope * way), rel=1e-7)
    bend = np.einsum("cst,tc->sc", hessian, way)
    np.testing.assert_allclose((ends[0][1] - ends[1][1]) / (2 * step), bend, rtol=1e-5, atol=1e-8)


def test_every_evaluation_of_the_dual_is_attained_and_below_the_others():
    rng = np.random.default_rng(5)
    _, _, one = course(rng, channels=3, periods=8, period_budgets=1.2)
    rows = rows_of(one.problem)
    assert rows.kind.count("period") == 8
    bounds = bounding(one, rows, Fineness(0.01, 24))
    found = lowered(bounds.evaluate, rows, 0.3, 1e-5)
    for each in found.every:
        money = np.sum(rows.cost(each.price) * each.spend)
        attained = one.value(each.spend) - money + rows.limit @ each.price
        assert each.bound * (1 - 1e-3) <= attained <= each.bound
        # A schedule's plane lies below D wherever D was evaluated.
        for other in found.every:
            money = np.sum(rows.cost(other.price) * each.spend)
            assert one.value(each.spend) - money + rows.limit @ other.price <= other.bound * (1 + 1e-12)
    assert found.best.bound == min(each.bound for each in found.every)
    for _ in range(30):
        price = found.best.price * np.exp(0.3 * rng.normal(size=len(rows.limit)))
        assert bounds.evaluate(price).bound >= found.best.bound * (1 - 1e-4)
