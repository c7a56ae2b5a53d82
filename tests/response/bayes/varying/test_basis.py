"""The sum of sines is the Gaussian process it stands for."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.foundations.arrays import numpy_namespace
from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.varying.basis import KERNELS, SmoothBasis, smooth_basis
from mixcurve.response.bayes.varying.smooth import TowardsZero, smooth_prior

PERIODS = 104


def kernel_of(name: str, distance: np.ndarray) -> np.ndarray:
    """Rasmussen and Williams (2006), equations 4.9 and 4.17."""
    if name == "squared exponential":
        return np.exp(-0.5 * distance**2)
    r = np.sqrt(5.0) * distance
    return (1.0 + r + r**2 / 3.0) * np.exp(-r)


def covariance(basis: SmoothBasis, lengthscale: float) -> np.ndarray:
    root = basis.columns * basis.weights(numpy_namespace, np.log(lengthscale))
    return root @ root.T


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("lengthscale", [13.0, 25.0, 50.0])
def test_covariance_is_the_kernels(kernel: str, lengthscale: float) -> None:
    time = np.arange(PERIODS)
    exact = kernel_of(kernel, np.abs(time[:, None] - time) / lengthscale)
    basis = smooth_basis(PERIODS, 13.0, 52.0, kernel)
    # Riutort-Mayol et al. (2023), section 4.4, choose their factors for a total error of about a hundredth.
    assert np.abs(covariance(basis, lengthscale) - exact).max() < 0.03


def test_a_lengthscale_outside_the_range_or_the_other_kernel_is_caught() -> None:
    time = np.arange(PERIODS)
    basis = smooth_basis(PERIODS, 26.0, 52.0)
    short = kernel_of("squared exponential", np.abs(time[:, None] - time) / 4.0)
    assert np.abs(covariance(basis, 4.0) - short).max() > 0.1
    other = kernel_of("matern 5/2", np.abs(time[:, None] - time) / 30.0)
    assert np.abs(covariance(basis, 30.0) - other).max() > 0.05


def test_standard_deviations_are_exponential_and_reach_towards_nothing() -> None:
    u = np.random.default_rng(0).standard_normal(400_000)
    drawn = TowardsZero(0.5)(numpy_namespace, u)
    assert np.mean(drawn > 0.5) == pytest.approx(0.05, abs=0.002)
    mean = 0.5 / np.log(20.0)
    for place in (0.01, 0.05, 0.1, 0.3, 0.5):
        assert np.mean(drawn < place) == pytest.approx(-np.expm1(-place / mean), abs=0.02)
    # A log-normal distribution with the same middle and 95% point would not pass.
    assert np.mean(drawn < 0.01) > 0.04


def test_lengthscales_lie_between_the_shares_of_the_table() -> None:
    prior = smooth_prior("effect", PERIODS, None, 0.5)
    assert [prior.lengthscale.quantile(q)[0].round(2) for q in (0.05, 0.95)] == [13.0, 52.0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"periods": 5}, "needs at least 8 periods, got 5"),
        ({"lengthscale": (40, 20)}, r"low < high in periods, got \(40, 20\)"),
        ({"lengthscale": (0.5, 20)}, r"low end of lengthscale of the varying effect must be in \[2, 104\]"),
        ({"lengthscale": (10, 500)}, r"high end .* got 500\. Lengthscales are in periods"),
        ({"lengthscale": 12}, r"must be a pair \(low, high\) in periods, got 12"),
        ({"largest": 0.0}, r"largest of the varying effect must be in \(0"),
        ({"kernel": "matern"}, r"no kernel called 'matern'\. Did you mean 'matern 5/2'"),
    ],
)
def test_refusals(change: dict[str, object], sentence: str) -> None:
    asked = {"name": "effect", "periods": PERIODS, "lengthscale": None, "largest": 0.5} | change
    with pytest.raises(InputError, match=sentence):
        smooth_prior(**asked)
