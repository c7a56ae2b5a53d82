"""The engine: amplitudes against scipy's non-negative least squares, and solutions at stationary points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import nnls

from mixcurve.response.curves import curves
from mixcurve.response.fit.amplitudes import amplitudes
from mixcurve.response.fit.curve.campaigns import CampaignBasis, shape_bounds, solve_campaigns
from mixcurve.response.fit.projection import minimise


@given(seed=st.integers(0, 10_000), columns=st.integers(1, 7))
def test_amplitudes_equal_scipy(seed: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.standard_normal((3, 20, columns)) + 0.5 * rng.standard_normal((3, 20, 1))
    target = rng.standard_normal((3, 20))
    found = amplitudes(matrix.transpose(0, 2, 1) @ matrix, np.einsum("bnc,bn->bc", matrix, target))
    for b in range(3):
        expected, norm = nnls(matrix[b], target[b])
        assert np.linalg.norm(matrix[b] @ found[b] - target[b]) == pytest.approx(norm, rel=1e-9)
        assert found[b] == pytest.approx(expected, abs=1e-7)


def test_a_zero_column_gets_no_amplitude() -> None:
    matrix = np.zeros((1, 10, 2))
    matrix[0, :, 0] = 1.0
    target = np.full((1, 10), 3.0)
    found = amplitudes(matrix.transpose(0, 2, 1) @ matrix, np.einsum("bnc,bn->bc", matrix, target))
    assert found[0].tolist() == pytest.approx([3.0, 0.0])


def problem(count: int = 30, noise: float = 0.05) -> tuple[CampaignBasis, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, (count, 60))
    shape = [rng.uniform(0.2, 0.6, (count, 1)), rng.uniform(1.2, 4.0, (count, 1))]
    y = curves["hill"].unit(x, shape) + noise * rng.standard_normal(x.shape)
    basis = CampaignBasis(curves["hill"], x, None, baseline=True)
    return basis, basis.project(y, np.arange(count))


def test_solutions_are_stationary() -> None:
    basis, target = problem()
    found = solve_campaigns(basis, target)
    assert found.converged.all()
    everyone = np.arange(len(target))

    def objective(theta: np.ndarray) -> np.ndarray:
        columns, _ = basis(theta, everyone)
        gram = np.einsum("bcn,bdn->bcd", columns, columns)
        a = amplitudes(gram, np.einsum("bcn,bn->bc", columns, target))
        return ((target - np.einsum("bc,bcn->bn", a, columns)) ** 2).sum(1)

    for j in range(2):
        for step in (-1e-3, 1e-3):
            moved = found.theta.copy()
            moved[:, j] += step
            assert (objective(moved) >= found.objective * (1 - 1e-9)).all()


def test_a_held_parameter_stays_and_bounds_are_kept() -> None:
    basis, target = problem()
    start = np.tile(np.log([0.4, 2.0]), (len(target), 1))
    low, high = shape_bounds(basis.curve)
    free = np.tile([True, False], (len(target), 1))
    held = minimise(basis, target, start, low, high, free=free)
    assert (held.theta[:, 1] == np.log(2.0)).all()
    tight = minimise(basis, target, start, np.log([0.35, 1.5]), np.log([0.45, 2.5]))
    assert (tight.theta >= np.log([0.35, 1.5])).all()
    assert (tight.theta <= np.log([0.45, 2.5])).all()


def test_a_search_cut_short_says_so() -> None:
    basis, target = problem()
    low, high = shape_bounds(basis.curve)
    start = np.tile(np.log([3.0, 0.5]), (len(target), 1))
    assert not minimise(basis, target, start, low, high, max_iterations=1).converged.all()
