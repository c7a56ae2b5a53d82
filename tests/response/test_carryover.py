"""Carryover moves spend in time and changes nothing else."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.parameters import Interval, Parameter
from mixcurve.response.carryover import (
    CarryoverRegistry,
    apply_carryover,
    carryover,
    carryovers,
    half_life,
    lagged,
    weight_gradient,
    weights,
)

LENGTH = 26
KERNELS = list(carryovers.values())
BY_NAME = [k.name for k in KERNELS]


def sets(kernel, count=8):
    """Return corners of the domain and draws from the typical ranges, one array per parameter."""
    if not kernel.parameters:
        return []
    random = np.random.default_rng(1)
    ends = np.array(np.meshgrid(*[(p.domain.low, p.domain.high) for p in kernel.parameters])).reshape(
        len(kernel.parameters), -1
    )
    draws = [random.uniform(p.typical.low, p.typical.high, count) for p in kernel.parameters]
    return [np.concatenate([e, d]) for e, d in zip(ends, draws, strict=True)]


@pytest.mark.parametrize("kernel", KERNELS, ids=BY_NAME)
def test_weights_are_shares(kernel):
    share = np.atleast_2d(weights(kernel, sets(kernel), LENGTH))
    assert np.isfinite(share).all() and (share >= 0).all()
    np.testing.assert_allclose(share.sum(axis=-1), 1.0, rtol=1e-12)


@pytest.mark.parametrize("kernel", KERNELS, ids=BY_NAME)
def test_spend_is_moved_and_neither_made_nor_lost(kernel):
    spend = np.zeros(80)
    spend[5:20] = np.random.default_rng(2).gamma(2.0, 10.0, 15)
    for values in zip(*sets(kernel), strict=True) if kernel.parameters else [()]:
        working = apply_carryover(spend, kernel, values)
        assert working.sum() == pytest.approx(spend.sum(), rel=1e-12)
        assert (working[:5] == 0).all() and (working[20 + LENGTH :] == 0).all()


@pytest.mark.parametrize("kernel", KERNELS, ids=BY_NAME)
def test_constant_spend_stays_what_it_is(kernel):
    values = [s[-1] for s in sets(kernel)]
    np.testing.assert_allclose(apply_carryover(np.full(60, 7.0), kernel, values)[LENGTH:], 7.0, rtol=1e-12)


@pytest.mark.parametrize("kernel", KERNELS, ids=BY_NAME)
def test_it_is_the_convolution_with_the_weights_column_by_column(kernel):
    spend = np.random.default_rng(3).gamma(1.0, 5.0, (40, 3))
    values = [s[-1] for s in sets(kernel)]
    by_hand = np.stack([np.convolve(c, weights(kernel, values, LENGTH))[:40] for c in spend.T], axis=1)
    np.testing.assert_allclose(apply_carryover(spend, kernel, values), by_hand, rtol=1e-12)


@pytest.mark.parametrize(
    "kernel", [k for k in KERNELS if k.parameters], ids=[k.name for k in KERNELS if k.parameters]
)
def test_the_gradient_of_the_weights_is_their_derivative(kernel):
    values = [s[-6:] for s in sets(kernel)]
    share, slopes = weight_gradient(kernel, values, LENGTH)
    np.testing.assert_allclose(share, weights(kernel, values, LENGTH), rtol=1e-13)
    for i, slope in enumerate(slopes):
        step = 1e-6 * np.maximum(values[i], 0.1)
        up, down = ([v + d * (j == i) * step for j, v in enumerate(values)] for d in (1, -1))
        difference = (weights(kernel, up, LENGTH) - weights(kernel, down, LENGTH)) / (2 * step[:, None])
        np.testing.assert_allclose(slope, difference, rtol=1e-6, atol=1e-8)
        assert not np.allclose(1.01 * slope, difference, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("kernel", KERNELS, ids=BY_NAME)
def test_weights_and_gradients_are_finite_at_the_corners(kernel):
    share, slopes = weight_gradient(kernel, sets(kernel), LENGTH)
    assert np.isfinite(share).all() and all(np.isfinite(s).all() for s in slopes)


def test_weights_worked_out_by_hand():
    assert weights("none", [], 3).tolist() == [1.0, 0.0, 0.0]
    assert weights("geometric", [0.5], 3) == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert weights("geometric", [0.0], 3) == pytest.approx([1.0, 0.0, 0.0])
    assert weights("delayed_geometric", [0.5, 1.0], 3) == pytest.approx([0.25, 0.5, 0.25])
    assert weights("binomial", [0.5], 4) == pytest.approx([0.4, 0.3, 0.2, 0.1])
    falling = np.exp(-np.array([0.0, 0.5, 1.0]))
    assert weights("weibull_cdf", [2.0, 1.0], 3) == pytest.approx(falling / falling.sum())
    assert weights("weibull_pdf", [2.0, 1.0], 3) == pytest.approx(falling / falling.sum())


def test_half_life_of_geometric_carryover():
    """After n periods 1 - decay^n has happened: with decay 1/2 and a long memory, half after one."""
    assert half_life("geometric", [0.5]) == pytest.approx(1.0, rel=1e-12)
    assert half_life("none", []) == 0.5
    assert half_life("geometric", [0.9]) > half_life("geometric", [0.8])


def test_lags_do_not_look_ahead():
    assert lagged([1.0, 2.0, 3.0], 2).tolist() == [[1.0, 0.0], [2.0, 1.0], [3.0, 2.0]]
    early, late = np.zeros(30), np.zeros(30)
    late[10:] = 5.0
    assert (
        apply_carryover(late, "geometric", [0.7])[:10] == apply_carryover(early, "geometric", [0.7])[:10]
    ).all()


def test_a_users_own_kernel():
    width = Parameter("width", Interval(1.0, 20.0), Interval(2.0, 8.0))

    @carryover([width], name="triangle")
    def triangle(lag, width, xp):
        return xp.exp(-((lag / width) ** 2))

    registry = CarryoverRegistry()
    registry.register(triangle)
    assert registry["triangle"] is triangle and len(registry) == 1
    with pytest.raises(InputError, match="A carryover called 'triangle' is registered already"):
        registry.register(triangle)
    assert weights(triangle, [2.0], 3) == pytest.approx(np.exp([0, -0.25, -1]) / np.exp([0, -0.25, -1]).sum())


def test_a_wrong_argument_is_named():
    with pytest.raises(InputError, match=r"no carryover called 'geometrik'. Did you mean 'geometric'"):
        mc.carryovers["geometrik"]
    with pytest.raises(InputError, match="spend must not be negative; found -1"):
        apply_carryover([1.0, -1.0], "geometric", [0.5])
