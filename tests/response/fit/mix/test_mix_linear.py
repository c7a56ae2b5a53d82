"""The linear part of a mix against generalised least squares written out with the whole covariance matrix."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.response.fit.mix.linear import LinearPart

ROWS = 30
BLOCKS = (slice(0, 18), slice(18, 30))


def part(rho: float = 0.0, weighted: bool = False, pulled: bool = True) -> LinearPart:
    rng = np.random.default_rng(1)
    columns = np.column_stack([np.ones(ROWS), np.linspace(-1, 1, ROWS), rng.standard_normal((ROWS, 4))])
    precision = np.array([0.0, 0.0, 3.0, 0.5, 20.0, 1e-3]) * pulled
    root = np.sqrt(rng.uniform(0.3, 3.0, ROWS)) if weighted else None
    return LinearPart(columns, precision, BLOCKS, root, rho)


def noise_covariance(linear: LinearPart) -> np.ndarray:
    """Return the covariance of the noise in units of the innovations' variance, written out."""
    out = np.zeros((ROWS, ROWS))
    for b in BLOCKS:
        lag = np.abs(np.subtract.outer(np.arange(b.start, b.stop), np.arange(b.start, b.stop)))
        out[b, b] = linear.rho**lag / (1 - linear.rho**2)
    root = np.ones(ROWS) if linear.root is None else linear.root
    return out / np.outer(root, root)


CASES = [
    part(),
    part(pulled=False),
    part(0.6),
    part(-0.3, weighted=True),
    part(0.6, weighted=True, pulled=False),
]


@pytest.mark.parametrize("linear", CASES)
def test_the_sum_of_squares_is_that_of_generalised_least_squares(linear: LinearPart) -> None:
    rng = np.random.default_rng(2)
    y, other = rng.standard_normal((2, ROWS))
    inverse = np.linalg.inv(noise_covariance(linear))
    z, pull = linear.columns, np.diag(linear.precision)
    information = z.T @ inverse @ z + pull
    weight = np.linalg.solve(information, z.T @ inverse @ y)
    squares = (y - z @ weight) @ inverse @ (y - z @ weight) + weight @ pull @ weight
    projected = linear.project(y)
    assert projected @ projected == pytest.approx(squares, rel=1e-9)
    assert linear.coefficients(y) == pytest.approx(weight, rel=1e-8)
    root = linear.coefficient_root()
    assert root @ root.T == pytest.approx(np.linalg.inv(information), rel=1e-7, abs=1e-12)
    hat = np.trace(z @ np.linalg.solve(information, z.T @ inverse))
    assert linear.spent == pytest.approx(hat, rel=1e-8)
    assert linear.project(other) @ projected == pytest.approx(
        other @ linear.project_back(projected), rel=1e-9
    )


@pytest.mark.parametrize("linear", CASES)
def test_the_determinant_is_that_of_the_restricted_likelihood(linear: LinearPart) -> None:
    pulled = linear.precision > 0
    inner = linear.columns[:, pulled] / np.sqrt(linear.precision[pulled])
    covariance = noise_covariance(linear) + inner @ inner.T
    free = linear.columns[:, ~pulled]
    information = free.T @ np.linalg.solve(covariance, free)
    expected = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(information)[1]
    assert linear.log_determinant() == pytest.approx(expected, rel=1e-9)
    assert linear.with_noise(root=linear.root, rho=0.2).log_determinant() != pytest.approx(expected, rel=1e-3)


def test_columns_that_others_make_up_change_nothing() -> None:
    linear = part(pulled=False)
    doubled = LinearPart(
        np.column_stack([linear.columns, linear.columns[:, :2].sum(axis=1)]), np.zeros(7), BLOCKS
    )
    y = np.random.default_rng(3).standard_normal(ROWS)
    assert doubled.project(y) == pytest.approx(linear.project(y), abs=1e-10)
    assert doubled.columns @ doubled.coefficients(y) == pytest.approx(linear.columns @ linear.coefficients(y))
