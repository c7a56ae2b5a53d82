"""The straightened coordinates: a change of variables, no more, under which long-tailed draws are normal."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

import mixcurve as mc
from mixcurve.response.bayes.build import mix_model
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.warp import Warp, warp_from_draws
from mixcurve.response.bayes.vectors.run import Density

FloatArray = npt.NDArray[np.float64]
STEP = 1e-5
DRAWS = 4000


@pytest.fixture(scope="module")
def model() -> MixModel:
    return mix_model(mc.simulate_market(["tv", "search"], periods=60, noise=0.05, seed=1).table, season=0)


def bent(size: int) -> Warp:
    """Return a map that turns, stretches, skews and lengthens."""
    rng = np.random.default_rng(2)
    root = 0.3 * np.eye(size) + 0.05 * rng.standard_normal((size, size))
    inner = np.eye(size) + np.tril(0.05 * rng.standard_normal((size, size)))
    skew = np.where(np.arange(size) % 2 == 0, 0.3, -0.2)
    return Warp(
        0.2 * rng.standard_normal(size),
        root,
        skew,
        np.full(size, 0.05),
        0.1 * rng.standard_normal(size),
        inner,
    )


def log_stretch(warp: Warp, z: FloatArray) -> float:
    """Return the log of the determinant of the map's slope, by differences."""
    slope = np.stack([(warp(z + e) - warp(z - e)) / (2 * STEP) for e in STEP * np.eye(len(z))], axis=1)
    return float(np.linalg.slogdet(slope)[1])


def test_the_density_is_the_plain_one_times_the_stretch_of_the_map(model: MixModel) -> None:
    size = model.space.dimensions
    warp, plain = bent(size), Density(model.program())
    straight = Density(warp.on(model.straightened_program()))
    constant = np.linalg.slogdet(warp.root)[1] + np.linalg.slogdet(warp.inner_root)[1]
    for z in 0.8 * np.random.default_rng(3).standard_normal((4, size)):
        value, slope = straight(z)
        expected = plain(warp(z))[0] + log_stretch(warp, z) - constant
        assert value == pytest.approx(expected, rel=1e-9, abs=1e-6)
        assert value != pytest.approx(plain(warp(z))[0], rel=1e-9, abs=1e-3)
        slope = slope.copy()
        numeric = np.array(
            [(straight(z + e)[0] - straight(z - e)[0]) / (2 * STEP) for e in STEP * np.eye(size)]
        )
        np.testing.assert_allclose(slope, numeric, atol=1e-5 * np.abs(slope).max())


def test_without_a_warp_the_program_is_nearly_the_plain_one(model: MixModel) -> None:
    x = 0.3 * np.random.default_rng(4).standard_normal(model.space.dimensions)
    plain, straight = (Density(p)(x)[0] for p in (model.program(), model.straightened_program()))
    assert straight == pytest.approx(plain, abs=0.5)


def straightened(warp: Warp, draws: FloatArray) -> FloatArray:
    """Return z of each draw, by interpolating the map of each coordinate on a fine grid."""
    turned = np.linalg.solve(warp.root, (draws - warp.centre).T).T
    grid = np.linspace(-10, 10, 20_001)
    w = np.empty_like(turned)
    for j, (skew, tail) in enumerate(zip(warp.skew, warp.tail, strict=True)):
        w[:, j] = np.interp(turned[:, j], np.expm1(skew * grid) / skew * np.exp(0.5 * tail * grid**2), grid)
    return np.linalg.solve(warp.inner_root, (w - warp.inner_centre).T).T


def test_the_map_learned_makes_skewed_draws_normal() -> None:
    normal = np.random.default_rng(5).standard_normal((DRAWS, 3))
    skewed = np.column_stack([np.expm1(0.3 * normal[:, 0]) / 0.3, normal[:, 1], 5.0 + 0.2 * normal[:, 2]])
    turn = np.linalg.qr(np.random.default_rng(6).standard_normal((3, 3)))[0]
    draws = skewed * np.array([6.0, 1.0, 1.0]) @ turn.T
    z = straightened(warp_from_draws(draws), draws)
    assert np.abs(stats.skew(skewed[:, 0])) > 0.7
    assert np.abs(stats.skew(z)).max() < 0.15
    assert np.abs(stats.kurtosis(z)).max() < 0.4
    np.testing.assert_allclose(np.cov(z.T), np.eye(3), atol=0.02)
    np.testing.assert_allclose(z.mean(axis=0), 0.0, atol=0.02)


def test_standard_normals_through_the_map_look_like_the_draws() -> None:
    rng = np.random.default_rng(7)
    draws = np.column_stack([np.log(rng.gamma(1.5, size=DRAWS)), rng.standard_t(6, DRAWS)])
    shares = [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98]
    made = np.quantile(warp_from_draws(draws)(rng.standard_normal((50_000, 2))), shares, axis=0)
    np.testing.assert_allclose(made, np.quantile(draws, shares, axis=0), atol=0.15)
    plain = draws.mean(axis=0) + draws.std(axis=0) * stats.norm.ppf(shares)[:, None]
    assert np.abs(plain - np.quantile(draws, shares, axis=0)).max() > 0.25
