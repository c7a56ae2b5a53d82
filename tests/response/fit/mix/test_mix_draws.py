"""The draws of a mix: the density's gradient, the sampler against known distributions, and what draws must satisfy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mixcurve.response.carryover import carryovers
from mixcurve.response.curves import curves
from mixcurve.response.fit.mix.basis import ORDERS, MixBasis, mix_basis
from mixcurve.response.fit.mix.density import MixDensity, size_prior
from mixcurve.response.fit.mix.linear import linear_part
from mixcurve.response.fit.mix.sampler import climb, disagreement, sample
from mixcurve.response.fit.mix.search import search

ROWS = 60


def problem(
    order: str = ORDERS[0], signed: int = 1, rho: float = 0.3
) -> tuple[MixBasis, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    spend = rng.gamma(2.0, 0.2, (ROWS, 2)) * (rng.random((ROWS, 2)) > 0.2)
    linear = linear_part(np.column_stack([np.ones(ROWS), np.linspace(-1, 1, ROWS)]))
    linear = linear.with_noise(root=np.linspace(0.7, 1.4, ROWS), rho=rho)
    chosen, kernels = (
        [curves["hill"], curves["logistic"]],
        [carryovers["weibull_pdf"], carryovers["geometric"]],
    )
    columns = rng.standard_normal((signed, ROWS))
    basis = mix_basis(spend, linear, chosen, kernels, 6, signed=columns, order=order)
    y = 2.0 * spend[:, 0] + 0.2 * columns.sum(axis=0) + 0.3 * rng.standard_normal(ROWS)
    return basis, basis.project(y[None]), spend.mean(axis=0)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("signed", [0, 2])
def test_the_density_has_the_gradient_it_says(order: str, signed: int) -> None:
    basis, target, amount = problem(order, signed)
    found = search(basis, target, 8, np.random.default_rng(0))
    density = MixDensity(basis, target[0], found.pull, size_prior(amount, signed))
    start = density.start(found.theta, found.amplitude)
    phi = start + 0.1 * np.random.default_rng(1).standard_normal((3, len(start)))
    _, gradient = density(phi)
    step = 1e-6 * np.eye(len(start))
    for j, one in enumerate(step):
        numeric = (density(phi + one)[0] - density(phi - one)[0]) / 2e-6
        assert gradient[:, j] == pytest.approx(numeric, rel=1e-5, abs=1e-5)
    curvature = np.linalg.eigvalsh(density.curvature(start))
    assert curvature[0] > 0


def test_sizes_that_the_data_do_not_know_are_drawn_towards_their_common_size() -> None:
    prior = size_prior(np.array([1.0, 1.0, 1.0]), 0)
    near, far = prior(np.array([[1.0, 1.0, 1.0]]))[0], prior(np.array([[3.0, 1.0, -1.0]]))[0]
    assert near > far
    # The common size itself is hardly limited: moving all by 1 costs less than moving one by 1.
    moved_all, moved_one = prior(np.array([[2.0, 2.0, 2.0]]))[0], prior(np.array([[2.0, 1.0, 1.0]]))[0]
    assert near - moved_all < 0.4 * (near - moved_one)
    # Ten times the spend: equal sizes and equal returns are as likely, the middle between them is likelier.
    by_spend = size_prior(np.array([1.0, 10.0]), 0)
    sizes = np.array([[0.0, 0.0], [-0.5, 0.5], [-0.25, 0.25]]) * np.log(10.0)
    equal, returns, middle = by_spend(sizes)[0]
    assert equal == pytest.approx(returns, rel=1e-9)
    assert middle > equal


def test_channels_leave_the_baseline_a_share() -> None:
    prior = size_prior(np.array([1.0, 1.0]), 1, mean_response=4.0)
    free = size_prior(np.array([1.0, 1.0]), 1)
    z = np.log(np.array([[1.0, 1.0, 9.0], [1.5, 2.0, 9.0], [3.0, 2.0, 9.0]]))
    assert (prior(z)[0] - free(z)[0])[:2] == pytest.approx(np.log([0.5, 0.125]))
    assert prior(z)[0][2] == -np.inf
    step = 1e-6 * np.eye(3)
    numeric = [(prior(z[:1] + one)[0] - prior(z[:1] - one)[0])[0] / 2e-6 for one in step]
    assert prior(z[:1])[1][0] == pytest.approx(numeric, rel=1e-6)
    moved = prior.inside(z[2])
    assert np.exp(moved[:2]).sum() == pytest.approx(3.6)
    assert moved[2] == z[2, 2]


class Normal:
    """A normal density whose curvature is told wrongly by a factor."""

    def __init__(self, covariance: np.ndarray, told: float) -> None:
        self.precision, self.told = np.linalg.inv(covariance), told

    def __call__(self, phi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        slope = -(phi - 1.0) @ self.precision
        return 0.5 * ((phi - 1.0) * slope).sum(axis=1), slope

    def curvature(self, phi: np.ndarray) -> np.ndarray:
        return self.told * self.precision


def test_the_sampler_draws_from_a_normal_distribution() -> None:
    covariance = np.array([[4.0, 1.5, 0.0], [1.5, 1.0, 0.02], [0.0, 0.02, 0.01]])
    draws = sample(
        Normal(covariance, 2.0), climb(Normal(covariance, 2.0), np.zeros(3)), np.random.default_rng(5),
        chains=60, warm=16, keep=60, steps=5,
    )  # fmt: skip
    flat = draws.reshape(-1, 3)
    size = np.sqrt(np.diag(covariance))
    assert (flat.mean(axis=0) - 1.0) / size == pytest.approx(np.zeros(3), abs=0.08)
    assert np.cov(flat.T) / np.outer(size, size) == pytest.approx(covariance / np.outer(size, size), abs=0.12)
    assert disagreement(draws).max() < 1.1
    apart = draws + np.linspace(-3, 3, 60)[None, :, None] * size
    assert disagreement(apart).max() > 1.5


def test_the_density_takes_the_noise_from_the_data() -> None:
    basis, target, amount = problem(signed=0, rho=0.0)
    found = search(basis, target, 8, np.random.default_rng(0))
    density = MixDensity(basis, target[0], found.pull, size_prior(amount, 0))
    phi = density.start(found.theta, found.amplitude)[None]
    louder = replace(density, target=density.target * 3.0)
    moved = phi.copy()
    moved[:, -2:] += np.log(3.0)
    value = density(phi)[0] - density.sizes(phi[:, -2:])[0]
    same = louder(moved)[0] - louder.sizes(moved[:, -2:])[0]
    rows = basis.lags.shape[-1] - basis.linear.spent
    assert same + rows * np.log(3.0) == pytest.approx(value, rel=1e-9)
