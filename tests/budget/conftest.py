"""Random portfolios, and a dynamic programme on a grid as the independent judge of a plan."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc

S_SHAPED = ("hill", "logistic", "gompertz", "weibull", "richards")
ANY_SHAPE = (*S_SHAPED, "michaelis_menten", "exponential", "tanh", "power", "logarithm")


def random_portfolio(rng, n, families=("hill",), **words):
    """Return n channels with parameters from their typical ranges, sized so that a budget of about n is tight."""
    channels = {}
    for i in range(n):
        curve = mc.curves[families[int(rng.integers(len(families)))]]
        size = float(np.exp(0.7 * rng.normal()))
        parameters = {"top": size * float(np.exp(0.35 * rng.normal()))}
        for p in curve.parameters:
            low, high = (np.log(p.typical.low), np.log(p.typical.high)) if p.unit != "spend" else (-0.3, 0.3)
            drawn = float(np.exp(rng.uniform(low, high)))
            parameters[p.name] = drawn * size if p.unit == "spend" else drawn
        channels[f"channel {i}"] = (curve, parameters)
    return mc.response_from(channels, **words)


def total_response(fitted, spend):
    """Return the total response at spend (..., channels), from the formulas alone."""
    spend = np.asarray(spend, dtype=float)
    columns = []
    for i, curve in enumerate(fitted.curve):
        top, *shape = fitted.draws[0, i, : len(curve.names)]
        columns.append(top * curve.unit(spend[..., i], shape))
    return np.sum(columns, axis=0)


def grid_optimum(fitted, budget, cells=400, lower=None, upper=None):
    """Return the best value over plans on a grid: a dynamic programme over channels, exact on the grid."""
    amounts = budget * np.arange(cells + 1) / cells
    index = np.arange(cells + 1)[:, None] - np.arange(cells + 1)
    best = np.zeros(cells + 1)
    for i, curve in enumerate(fitted.curve):
        top, *shape = fitted.draws[0, i, : len(curve.names)]
        gain = top * curve.unit(amounts, shape)
        if lower is not None:
            gain = np.where((amounts >= lower[i]) & (amounts <= upper[i]), gain, -np.inf)
        best = np.where(index >= 0, best[np.maximum(index, 0)] + gain, -np.inf).max(axis=1)
    return float(best.max())


@pytest.fixture
def portfolio():
    return random_portfolio


@pytest.fixture
def value_of():
    return total_response


@pytest.fixture
def grid_value():
    return grid_optimum


@pytest.fixture
def plan_array():
    return lambda plan: np.array([plan.spend[c] for c in plan.channels])
