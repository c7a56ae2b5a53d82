"""Firth's penalty against its exact answer in a fourfold table, and against an optimiser that knows no gradient."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from mixcurve.propensity.newton.solve import solve
from mixcurve.sigmoid import cross_entropy, expit


def penalised(theta, X, y, w):
    """Return the log loss less half the log-determinant of the information."""
    whole = np.column_stack([np.ones(len(X)), X])
    z = whole @ theta
    p = expit(z)
    information = whole.T @ (whole * (w * p * (1 - p))[:, None])
    return w @ cross_entropy(y, z) - 0.5 * np.linalg.slogdet(information)[1]


def by_simplex(X, y, w):
    """Return the minimum by restarts of a simplex: values only."""
    theta = np.zeros(X.shape[1] + 1)
    options = {"xatol": 1e-11, "fatol": 1e-13, "maxiter": 20_000, "maxfev": 20_000}
    for _ in range(6):
        theta = minimize(penalised, theta, args=(X, y, w), method="Nelder-Mead", options=options).x
    return theta


@pytest.mark.parametrize("cells", [(5, 3, 0, 7), (0, 12, 9, 0), (1, 0, 0, 1), (40, 2, 13, 11)])
def test_a_fourfold_table_is_a_half_added_to_each_cell(cells) -> None:
    """In a saturated model Firth's estimate is that of the table with ½ added to each cell (Firth 1993)."""
    a, b, c, d = cells
    x = np.repeat([[1.0], [1.0], [0.0], [0.0]], [a, b, c, d], axis=0)
    y = np.repeat([1.0, 0.0, 1.0, 0.0], [a, b, c, d])
    found = solve(x, y, firth=True)
    exact = np.log((a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)))
    assert found.status == "converged"
    assert found.coefficients[0] == pytest.approx(exact, rel=1e-8)
    assert found.intercept == pytest.approx(np.log((c + 0.5) / (d + 0.5)), rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_separated_data_agree_with_an_optimiser(seed) -> None:
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.normal(size=24), rng.integers(0, 2, 24)])
    y = ((X[:, 0] > 0.1) | (X[:, 1] > 0)).astype(float) if seed % 2 else (X[:, 0] > 0).astype(float)
    w = rng.integers(1, 4, 24).astype(float)
    found = solve(X, y, weights=w, firth=True)
    assert np.append(found.intercept, found.coefficients) == pytest.approx(
        by_simplex(X, y, w), rel=1e-6, abs=1e-6
    )


def test_covariance_is_the_inverse_information_at_the_estimate(made) -> None:
    X, y = made
    found = solve(X, y, firth=True)
    whole = np.column_stack([np.ones(len(X)), X])
    p = expit(whole @ np.append(found.intercept, found.coefficients))
    exact = np.linalg.inv(whole.T @ (whole * (p * (1 - p))[:, None]))
    assert found.covariance == pytest.approx(exact, rel=1e-7)


def test_scale_does_not_matter_to_firth() -> None:
    x, y = np.arange(12.0)[:, None], (np.arange(12) > 5).astype(float)
    plain, scaled = solve(x, y, firth=True), solve(x * 1e-6 + 3.0, y, firth=True)
    assert scaled.coefficients[0] * 1e-6 == pytest.approx(plain.coefficients[0], rel=1e-8)


def test_the_check_can_fail() -> None:
    x, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([0.0, 1.0, 1.0, 1.0])
    ridge = solve(x, y, l2=1.0).coefficients[0]
    assert ridge != pytest.approx(np.log(2.5 * 1.5 / (0.5 * 1.5)), rel=1e-3)
