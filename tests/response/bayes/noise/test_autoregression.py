"""Autocorrelated noise: its inverse covariance, what is new in each row, and the way back."""

from __future__ import annotations

from typing import Any

import numpy as np

from mixcurve.response.bayes.model.noise.autoregression import innovations, log_root, precision_times, run_on
from mixcurve.response.bayes.vectors.rows import DrawVectors


def test_precision_is_the_inverse_of_the_covariance(case: Any) -> None:
    problem, xp, rho = case.problem, DrawVectors(), 0.7
    covariance = np.zeros((problem.rows, problem.rows))
    for b in problem.linear.blocks:
        apart = np.abs(np.subtract.outer(np.arange(b.stop - b.start), np.arange(b.stop - b.start)))
        covariance[b, b] = rho**apart / (1.0 - rho**2)
    columns = precision_times(xp, problem, xp.position(np.array([[rho]])), xp.position(covariance)).values
    np.testing.assert_allclose(columns, np.eye(problem.rows), atol=1e-12)


def test_innovations_are_white_and_lead_back(case: Any) -> None:
    problem, xp = case.problem, DrawVectors()
    rng = np.random.default_rng(1)
    rho = rng.uniform(-0.5, 0.95, (4, 1))
    values = rng.standard_normal((4, problem.rows))
    new = innovations(xp, problem, xp.position(rho), xp.position(values))
    np.testing.assert_allclose(run_on(problem, rho, new.values), values, atol=1e-12)
    weighed = precision_times(xp, problem, xp.position(rho), xp.position(values))
    np.testing.assert_allclose((new.values**2).sum(axis=1), (values * weighed.values).sum(axis=1))
    # The root of det R⁻¹ is one factor a group.
    identity = np.eye(problem.rows)
    white = innovations(xp, problem, xp.position(rho[:1]), xp.position(identity)).values
    logs = len(problem.linear.blocks) * log_root(xp, xp.position(rho[:1])).values[0, 0]
    np.testing.assert_allclose(np.linalg.slogdet(white)[1], logs, atol=1e-10)
