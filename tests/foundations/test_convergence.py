"""R-hat and effective sample sizes against ArviZ and against what theory says of an autoregression."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from mixcurve.foundations.convergence import convergence, effective_size, missing_information
from mixcurve.foundations.errors import InputError

FloatArray = npt.NDArray[np.float64]


def chains(draws: int, memory: float, dimensions: int = 6, seed: int = 0) -> FloatArray:
    """Return four stationary autoregressions in each dimension, of deviation 1."""
    x = np.random.default_rng(seed).standard_normal((4, draws, dimensions))
    for t in range(1, draws):
        x[:, t] = memory * x[:, t - 1] + np.sqrt(1.0 - memory**2) * x[:, t]
    return x


@pytest.mark.parametrize(
    ("draws", "memory"), [(1000, 0.6), (1001, 0.95), (37, 0.3), (36, 0.9), (8, 0.0), (200, -0.5)]
)
def test_equals_arviz(draws: int, memory: float) -> None:
    base = pytest.importorskip("arviz_stats.base.array")
    stats, x = base.BaseArray(), chains(draws, memory)
    x[..., 0] = x[..., 0].round(1)  # ties
    x[3, :, 1] += 1.0
    found, axes = convergence(x), {"chain_axis": 0, "draw_axis": 1}
    np.testing.assert_allclose(found.r_hat, stats.rhat(x, **axes), rtol=1e-12)
    np.testing.assert_allclose(found.bulk, stats.ess(x, method="bulk", **axes), rtol=1e-12)
    np.testing.assert_allclose(found.tail, stats.ess(x, method="tail", prob=(0.05, 0.95), **axes), rtol=1e-12)
    np.testing.assert_allclose(effective_size(x), stats.ess(x, method="mean", **axes), rtol=1e-12)
    np.testing.assert_allclose(missing_information(x[..., 0]), stats.bfmi(x[..., 0], **axes), rtol=1e-12)


def test_the_benchmark_of_samplers_asks_all_of_them_for_the_same_figures() -> None:
    pytest.importorskip("arviz")
    xarray = pytest.importorskip("xarray")
    script = Path(__file__).parents[2] / "benchmarks" / "peers" / "sampling_figures.py"
    x = chains(500, 0.7)
    posterior = xarray.Dataset(
        {"a": (("chain", "draw", "k"), x), "flat": (("chain", "draw"), 0.0 * x[..., 0])}
    )
    told = runpy.run_path(str(script))["diagnosis"](posterior, ["a", "flat"], np.zeros((4, 500)))
    found = convergence(x)
    assert told["least_bulk_ess"] == pytest.approx(found.bulk.min(), rel=1e-9)
    assert told["least_tail_ess"] == pytest.approx(found.tail.min(), rel=1e-9)
    assert told["worst_rhat"] == pytest.approx(found.r_hat.max(), rel=1e-9)
    assert told["parameters"] == 6


def test_autoregression_has_the_size_that_theory_gives() -> None:
    """The mean of an AR(1) of memory r is worth n (1 - r) / (1 + r) independent draws."""
    x = chains(4000, 0.7, dimensions=20)
    np.testing.assert_allclose(effective_size(x).mean(), 16_000 * 0.3 / 1.7, rtol=0.1)
    np.testing.assert_allclose(missing_information(x[..., 0]), 2.0 * (1.0 - 0.7), rtol=0.1)


def test_many_coordinates_are_as_each_alone() -> None:
    x = chains(40, 0.4, dimensions=230)
    whole, last = convergence(x), convergence(x[..., 229:])
    assert whole.r_hat[229] == last.r_hat[0]
    assert whole.tail[229] == last.tail[0]


def test_a_chain_elsewhere_and_one_of_another_spread_are_seen() -> None:
    x = chains(500, 0.0, dimensions=3)
    x[0, :, 0] += 2.0
    x[0, :, 1] *= 5.0
    found = convergence(x).r_hat
    assert found[0] > 1.1
    assert found[1] > 1.1
    assert found[2] < 1.01


def test_what_never_moved_has_no_size() -> None:
    x = chains(100, 0.0, dimensions=2)
    x[..., 1] = 3.0
    found = convergence(x)
    assert np.isnan([found.r_hat[1], found.bulk[1], found.tail[1]]).all()
    assert np.isfinite([found.r_hat[0], found.bulk[0], found.tail[0]]).all()


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(InputError, match="at least 8 draws of each chain, got 7"):
        convergence(np.zeros((4, 7, 1)))
    with pytest.raises(InputError, match="draws must be finite"):
        convergence(np.full((4, 9, 1), np.nan))
