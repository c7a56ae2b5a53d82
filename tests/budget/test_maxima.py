"""The verifier's maxima of f(x) - price x, against dense grids."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.maxima import Responses, form_problems

ALL = tuple(mc.curves)
PRECISION = 1e-9


@pytest.mark.parametrize("family", ALL)
def test_maxima_enclose_the_truth(family, portfolio, value_of):
    rng = np.random.default_rng(ALL.index(family))
    fitted = portfolio(rng, 12, (family,))
    responses = Responses(fitted.curve, fitted.draws[0])
    channel = np.repeat(np.arange(12), 10)
    low = rng.uniform(0, 2, 120) * rng.integers(0, 2, 120)
    high = low + np.exp(rng.uniform(-4, 4, 120))
    price = np.exp(rng.uniform(-6, 2, 120))
    proven = responses.maxima(channel, low, high, price, PRECISION)
    share = np.concatenate([np.linspace(0, 1, 20_000), np.geomspace(1e-9, 1, 2_000)])
    for i in range(120):
        x = low[i] + (high[i] - low[i]) * share
        seen = (responses.at(np.full(len(x), channel[i]), x) - price[i] * x).max()
        assert seen <= proven[i] + 1e-15
        assert proven[i] <= seen + 1e-4 * max(abs(seen), 1e-2), "the grid itself misses that much"


def test_a_maximum_between_grid_points_is_found_to_precision():
    responses = Responses((mc.curves["logarithm"],), np.array([[3.0, 2.0]]))
    # max of 3 log(1 + x / 2) - x / 2 is at x = 4
    exact = 3 * np.log(3.0) - 2.0
    found = responses.maxima(np.array([0]), np.array([0.0]), np.array([1e4]), np.array([0.5]), 1e-12)
    assert exact <= found[0] <= exact + 3e-12


def test_declared_forms_hold_for_every_curve(portfolio):
    rng = np.random.default_rng(5)
    for family in ALL:
        fitted = portfolio(rng, 20, (family,))
        responses = Responses(fitted.curve, fitted.draws[0])
        for size in (0.01, 1.0, 30.0, 1e6):
            assert list(form_problems(responses, fitted.channels, np.full(20, size))) == []


def test_a_falling_curve_is_named():
    @mc.curve([mc.Parameter("half", unit="spend")])
    def up_and_down(x, half, xp):
        """x exp(-x / half)."""
        return x * xp.exp(-x / half)

    responses = Responses((up_and_down,), np.array([[1.0, 1.0]]))
    assert "the response of 'tv' falls" in next(form_problems(responses, ("tv",), np.array([5.0])))
