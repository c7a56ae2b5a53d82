"""Published coefficients on raw features, to the printed digits."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.propensity.newton.solve import solve
from mixcurve.sigmoid import expit

TABLES = ("spector", "default", "birth_weight")


def errors_by_qr(X, z):
    """Return standard errors from a QR decomposition of the weighted table with long double weights: another way."""
    whole = np.column_stack([np.ones(len(X)), X])
    p = expit(z)
    root = np.linalg.qr(whole * np.sqrt(p * (1 - p))[:, None], mode="r")
    return np.sqrt((np.linalg.inv(root) ** 2).sum(axis=1))


@pytest.mark.parametrize("name", TABLES)
def test_coefficients_are_those_published(published, name) -> None:
    case = getattr(published, name)()
    found = solve(case.X, case.y)
    theta = np.append(found.intercept, found.coefficients)
    rounding = 0.5 * 10.0 ** -(case.digits - 1)
    assert found.status == "converged"
    assert theta == pytest.approx(case.coefficients, rel=1e-6 + rounding)
    assert found.log_likelihood == pytest.approx(case.log_likelihood, rel=1e-6)


@pytest.mark.parametrize("name", TABLES)
def test_standard_errors_are_those_published(published, name) -> None:
    case = getattr(published, name)()
    found = solve(case.X, case.y)
    errors = np.sqrt(np.diag(found.covariance))
    # The errors of Default were printed with 4 digits, the others with 6 or 7.
    assert errors == pytest.approx(case.errors, rel=3e-4 if name == "default" else 1e-5)
    assert errors == pytest.approx(
        errors_by_qr(case.X, found.intercept + case.X @ found.coefficients), rel=1e-8
    )


@pytest.mark.parametrize("name", TABLES)
def test_score_equations_hold_in_long_double(published, name) -> None:
    case = getattr(published, name)()
    found = solve(case.X, case.y)
    X = np.column_stack([np.ones(len(case.X)), case.X]).astype(np.longdouble)
    z = X @ np.append(found.intercept, found.coefficients).astype(np.longdouble)
    slope = X.T @ (case.y - 1 / (1 + np.exp(-z)))
    # The Newton step that would remain, in standard errors.
    step = found.covariance @ slope.astype(float) / np.sqrt(np.diag(found.covariance))
    assert np.abs(step).max() < 1e-8


def test_published_figures_can_be_missed(published) -> None:
    case = published.default()
    found = solve(case.X, case.y, l2=1.0)
    assert np.append(found.intercept, found.coefficients) != pytest.approx(case.coefficients, rel=1e-6)
