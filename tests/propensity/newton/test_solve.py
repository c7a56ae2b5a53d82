"""Laws of the solver: invariance, weights, offsets, penalties, stops."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.sparse import csr_array

from mixcurve.foundations.errors import FitError, InputError
from mixcurve.propensity.newton import blocks
from mixcurve.propensity.newton.solve import solve
from mixcurve.sigmoid import cross_entropy, cross_entropy_derivative, expit


def predicted(found, X):
    return found.intercept + X @ found.coefficients


def by_optimiser(X, y, w, offset, l2):
    """Return intercept and scaled coefficients by L-BFGS on the scaled table."""
    mean = np.average(X, axis=0, weights=w)
    Z = (X - mean) / np.sqrt(np.average((X - mean) ** 2, axis=0, weights=w))

    def value(theta):
        z = theta[0] + Z @ theta[1:] + offset
        slope = w * cross_entropy_derivative(y, z)
        return (
            w @ cross_entropy(y, z) + 0.5 * l2 * theta[1:] @ theta[1:],
            np.append(slope.sum(), Z.T @ slope + l2 * theta[1:]),
        )

    options = {"maxiter": 10_000, "ftol": 1e-16, "gtol": 1e-9, "maxcor": 30}
    return minimize(value, np.zeros(X.shape[1] + 1), jac=True, method="L-BFGS-B", options=options).x


@pytest.mark.parametrize("power", [-6, 6])
@pytest.mark.parametrize("l2", [0.0, 3.0])
def test_scale_of_columns_does_not_matter(made, power, l2) -> None:
    X, y = made
    factor = 10.0 ** (power * np.array([1, 0, -1, 1, 0]))
    apart = predicted(solve(X * factor, y, l2=l2), X * factor) - predicted(solve(X, y, l2=l2), X)
    assert np.abs(apart).max() < 1e-10


@pytest.mark.parametrize("settings", [{}, {"l2": 3.0}, {"l1": 5.0}, {"firth": True}])
def test_a_shift_by_a_million_does_not_matter(made, settings) -> None:
    X, y = made
    # A shift keeps multiples of 2**-20, so that the features themselves lose nothing.
    X = np.round(X * 2**20) / 2**20
    moved = X + 1e6
    apart = predicted(solve(moved, y, **settings), moved) - predicted(solve(X, y, **settings), X)
    assert np.abs(apart).max() < 1e-8


@pytest.mark.parametrize("settings", [{}, {"l2": 2.0}, {"l1": 3.0}, {"firth": True}])
def test_a_weight_is_a_repeated_row(made, settings) -> None:
    X, y = made
    w = np.random.default_rng(3).integers(0, 4, len(y))
    twice = solve(np.repeat(X, w, axis=0), np.repeat(y, w), **settings)
    found = solve(X, y, weights=w.astype(float), **settings)
    assert found.coefficients == pytest.approx(twice.coefficients, rel=1e-9, abs=1e-12)
    assert found.covariance == pytest.approx(twice.covariance, rel=1e-8)


def test_weights_offset_and_ridge_agree_with_an_optimiser(made) -> None:
    X, y = made
    rng = np.random.default_rng(5)
    w, offset = rng.uniform(0.2, 3.0, len(y)), rng.normal(size=len(y))
    found = solve(X, y, weights=w, offset=offset, l2=4.0)
    assert found.theta == pytest.approx(by_optimiser(X, y, w, offset, 4.0), abs=2e-6)


@pytest.mark.parametrize("form", ["fortran", "float32", "sparse", "read-only", "strided"])
def test_any_form_of_table_gives_the_same(made, form) -> None:
    X, y = made
    X = X.astype(np.float32).astype(float)
    forms = {
        "fortran": np.asfortranarray(X),
        "float32": X.astype(np.float32),
        "sparse": csr_array(X),
        "read-only": X.copy(),
        "strided": np.repeat(X, 2, axis=1)[:, ::2],
    }
    table = forms[form]
    if form == "read-only":
        table.flags.writeable = False
    assert solve(table, y).coefficients == pytest.approx(solve(X, y).coefficients, rel=1e-12)


def test_blocks_do_not_matter(made, monkeypatch) -> None:
    X, y = made
    whole = solve(X, y, l2=1.0)
    monkeypatch.setattr(blocks, "FEWEST_ROWS", 1)
    monkeypatch.setattr(blocks, "MOST_ROWS", 7)
    assert solve(X, y, l2=1.0).coefficients == pytest.approx(whole.coefficients, rel=1e-12)


def test_the_table_is_only_read(made) -> None:
    X, y = made
    before = X.copy()
    solve(X, y, l2=1.0)
    assert np.array_equal(X, before)


def test_moments_of_a_shifted_column_keep_their_digits() -> None:
    column = np.arange(10_000) % 7 + 2.0**40
    about = blocks.moments(column[:, None], np.ones(10_000))
    plain = np.arange(10_000) % 7
    assert about.mean[0] - 2.0**40 == pytest.approx(plain.mean(), abs=2e-4)
    assert about.deviation[0] == pytest.approx(plain.std(), rel=1e-12)


def test_a_constant_column_gets_no_coefficient(made) -> None:
    X, y = made
    with_constant = np.column_stack([X, np.full(len(X), 0.1)])
    found = solve(with_constant, y)
    assert found.coefficients[-1] == 0.0 and found.scale[-1] == 0.0
    assert found.coefficients[:-1] == pytest.approx(solve(X, y).coefficients, rel=1e-12)


def test_a_combination_of_columns_is_named(made) -> None:
    X, y = made
    table = np.column_stack([X, 2 * X[:, 1] - X[:, 3] + 1e6])
    with pytest.raises(FitError, match=r"Column 'total' is a combination of '(b|d)', '(b|d)', so that"):
        solve(table, y, names=("a", "b", "c", "d", "e", "total"))
    assert solve(table, y, l2=0.1).status == "converged"


def test_a_column_that_is_nearly_a_combination_is_fitted(made) -> None:
    X, y = made
    near = X[:, 0] + 1e-4 * np.random.default_rng(1).normal(size=len(X))
    assert solve(np.column_stack([X, near]), y).status == "converged"


def test_fewer_rows_than_columns_is_said() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(8, 12)), np.array([0.0, 1] * 4)
    with pytest.raises(FitError, match="only 8 rows for 13 coefficients"):
        solve(X, y)
    assert solve(X, y, l2=1.0).status == "converged"


def test_a_value_that_is_not_finite_is_named(made) -> None:
    X, y = made
    X = X.copy()
    X[7, 2] = np.inf
    with pytest.raises(InputError, match=r"column 2 .* in row 7"):
        solve(X, y)


def test_separated_classes_diverge_and_a_penalty_holds_them() -> None:
    x = np.linspace(-1, 1, 40)[:, None]
    y = (x[:, 0] > 0).astype(float)
    assert solve(x, y).status == "diverging"
    for settings in ({"l2": 1.0}, {"firth": True}, {"l1": 1.0}):
        assert solve(x, y, **settings).status == "converged"


def test_large_but_finite_log_odds_are_found() -> None:
    # One row far out, on the side it belongs to: log-odds of 100 and classes that overlap elsewhere.
    rng = np.random.default_rng(2)
    x = np.append(rng.normal(size=200), 200.0)[:, None]
    y = np.append(rng.random(200) < expit(x[:-1, 0]), 1.0).astype(float)
    found = solve(x, y, guard=False)
    assert found.status == "converged" and found.largest_score > 100


def test_a_start_saves_steps_and_changes_nothing(made) -> None:
    X, y = made
    cold = solve(X, y)
    warm = solve(X, y, start=np.append(cold.intercept, cold.coefficients))
    assert warm.iterations < cold.iterations
    assert warm.coefficients == pytest.approx(cold.coefficients, rel=1e-10)


def test_too_few_steps_are_said(made) -> None:
    X, y = made
    found = solve(X, y, max_steps=2)
    assert found.status == "not converged" and found.step_in_standard_errors > 1e-8


def test_step_is_a_promise_in_standard_errors(made) -> None:
    X, y = made
    exact, loose = solve(X, y), solve(X, y, step=1e-2)
    assert loose.iterations < exact.iterations
    apart = np.abs(loose.coefficients - exact.coefficients) / np.sqrt(np.diag(exact.covariance))[1:]
    assert apart.max() < 1e-2


def test_no_intercept(made) -> None:
    X, y = made
    found = solve(X, y, intercept=False)
    slope = X.T @ cross_entropy_derivative(y, X @ found.coefficients)
    assert found.intercept == 0.0
    assert np.abs(slope).max() < 1e-7


def test_null_log_likelihood_with_an_offset(made) -> None:
    X, y = made
    offset = 3.0 * np.random.default_rng(7).normal(size=len(y))
    found = solve(X, y, offset=offset)
    least = minimize(lambda a: cross_entropy(y, a[0] + offset).sum(), [0.0], method="BFGS").fun
    assert found.null_log_likelihood == pytest.approx(-least, rel=1e-10)


@pytest.mark.parametrize("intercept", [True, False])
def test_null_log_likelihood_is_the_sum_over_rows(made, intercept) -> None:
    X, y = made
    w = np.random.default_rng(7).uniform(0.0, 2.0, len(y))
    found = solve(X, y, weights=w, intercept=intercept)
    share = (w @ y) / w.sum() if intercept else 0.5
    exact = w @ np.where(y > 0, np.log(share), np.log1p(-share))
    assert found.null_log_likelihood == pytest.approx(exact, rel=1e-12)
