"""The absolute penalty and the elastic net, by the conditions that only the minimum meets."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.propensity.newton.coordinate import absolute_minimum
from mixcurve.propensity.newton.solve import solve
from mixcurve.sigmoid import cross_entropy_derivative, expit


def conditions(X, y, found, l1, l2):
    """Return by how much the conditions of the minimum are missed (Karush, Kuhn and Tucker)."""
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    b = found.coefficients * X.std(axis=0)
    residual = cross_entropy_derivative(y, found.intercept + X @ found.coefficients)
    slope = Z.T @ residual + l2 * b
    missed = np.where(b == 0, np.maximum(np.abs(slope) - l1, 0), np.abs(slope + l1 * np.sign(b)))
    return max(abs(residual.sum()), missed.max())


@pytest.mark.parametrize("l1", [0.5, 10.0, 60.0])
@pytest.mark.parametrize("l2", [0.0, 5.0])
def test_minimum(made, l1, l2) -> None:
    X, y = made
    found = solve(X, y, l1=l1, l2=l2)
    assert found.status == "converged"
    assert conditions(X, y, found, l1, l2) < 1e-6


def test_the_conditions_can_fail(made) -> None:
    X, y = made
    assert conditions(X, y, solve(X, y, l1=10.0), 11.0, 0.0) > 0.5


def test_more_columns_than_rows() -> None:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(60, 150))
    y = (rng.random(60) < expit(2 * X[:, 0])).astype(float)
    found = solve(X, y, l1=6.0)
    assert found.status == "converged"
    assert conditions(X, y, found, 6.0, 0.0) < 1e-6
    assert 0 < np.count_nonzero(found.coefficients) < 30


def test_a_strong_penalty_leaves_the_base_rate(made) -> None:
    X, y = made
    found = solve(X, y, l1=1e6)
    assert not found.coefficients.any()
    assert expit(found.intercept) == pytest.approx(y.mean(), rel=1e-12)


def test_identical_columns_share(made) -> None:
    X, y = made
    twice = np.column_stack([X, X[:, 0]])
    found = solve(twice, y, l1=3.0, l2=1e-3)
    assert found.coefficients[0] == pytest.approx(found.coefficients[5], rel=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_quadratic_minimum(seed) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(12, 8))
    curvature, linear = root.T @ root, 5 * rng.normal(size=8)
    x = absolute_minimum(np.zeros(8), linear, curvature, 2.0)
    slope = curvature @ x + linear
    assert abs(slope[0]) < 1e-9
    missed = np.where(
        x[1:] == 0, np.maximum(np.abs(slope[1:]) - 2, 0), np.abs(slope[1:] + 2 * np.sign(x[1:]))
    )
    assert missed.max() < 1e-9
