"""Noise that carries over from one period to the next, within groups: e_t = ρ e_(t-1) + new noise, stationary.

With new noise of standard deviation σ the covariance is σ² R, R_st = ρ^|s-t| / (1 - ρ²), and R⁻¹ has three diagonals:
(1 + ρ²) I - ρ² E - ρ T, with E the first and last row of each group, and T neighbours in time.
Source: Prais and Winsten (1954), Cowles Commission Discussion Paper 383.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import LogitMap

__all__ = [
    "AUTOCORRELATION", "RHO", "diagonal", "first_rows", "inner_rows", "innovations", "log_root", "neighbours",
    "precision_times", "run_on",
]  # fmt: skip

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

AUTOCORRELATION = "autocorrelation"
"""The block of ρ."""
RHO = LogitMap(np.zeros(1), np.ones(1), np.array([-0.5]), np.array([0.95]))
"""Of the autocorrelation: nine in ten between -0.27 and 0.72. The bounds are those of `fit_mix`: more negative ones
hardly occur, larger ones are a level that wanders."""


def first_rows(problem: BayesProblem) -> FloatArray:
    """Return 1 in the first row of each group, else 0 (n,)."""
    out = np.zeros(problem.rows)
    out[problem.bounds[:-1]] = 1.0
    return out


def inner_rows(problem: BayesProblem) -> FloatArray:
    """Return the diagonal of I - E (n,): a group of a single row counts as first and as last."""
    out = 1.0 - first_rows(problem)
    out[problem.bounds[1:] - 1] -= 1.0
    return out


def neighbours(problem: BayesProblem) -> tuple[IntArray, IntArray]:
    """Return the rows and columns of the ones in T."""
    later = np.flatnonzero(first_rows(problem) == 0)
    return np.concatenate([later, later - 1]), np.concatenate([later - 1, later])


def diagonal(problem: BayesProblem, rho: FloatArray) -> FloatArray:
    """Return the diagonal of R⁻¹ (draws × n); ρ is (draws × 1)."""
    return 1.0 + rho**2 * inner_rows(problem)


def precision_times(xp: Any, problem: BayesProblem, rho: Any, values: Any) -> Any:
    """Return R⁻¹ values (n,) in any vector language; ρ is a vector (1,)."""
    into, source = neighbours(problem)
    beside = xp.scatter(xp.gather(values, source), into, problem.rows)
    return values + rho**2 * (values * inner_rows(problem)) - rho * beside


def innovations(xp: Any, problem: BayesProblem, rho: Any, values: Any) -> Any:
    """Return what is new in each row (n,): e_t - ρ e_(t-1), and (1 - ρ²)^½ e_t in a group's first row."""
    new = xp.convolve(values, xp.concatenate([np.ones(1), -rho]), problem.bounds, 1)
    return new + (xp.exp(log_root(xp, rho)) - 1.0) * (values * first_rows(problem))


def log_root(xp: Any, rho: Any) -> Any:
    """Return ½ log(1 - ρ²) (1,): what the first row of each group adds to the log density."""
    return 0.5 * xp.log1p(-(rho**2))


def run_on(problem: BayesProblem, rho: FloatArray, new: FloatArray) -> FloatArray:
    """Return noise (draws × n) from what is new in each row; ρ is (draws × 1). The reverse of `innovations`."""
    out = new.copy()
    for start, stop in zip(problem.bounds[:-1].tolist(), problem.bounds[1:].tolist(), strict=True):
        out[:, start] /= np.sqrt(1.0 - rho[:, 0] ** 2)
        for t in range(start + 1, stop):
            out[:, t] += rho[:, 0] * out[:, t - 1]
    return out
