"""The integrated families are the dense normal distribution, and their coefficients its conditional one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from mixcurve.response.bayes.model.noise.family import noise_values
from mixcurve.response.bayes.vectors.rows import DrawVectors

FloatArray = npt.NDArray[np.float64]
SCALE = 0.3
"""The middle of the noise's prior, in which the pulls of independent noise are measured."""
INTEGRATED = ("gaussian", "gaussian autoregressive")


def correlation(problem: Any, rho: float) -> FloatArray:
    """Return R (n × n) element by element."""
    out = np.zeros((problem.rows, problem.rows))
    for b in problem.linear.blocks:
        apart = np.abs(np.subtract.outer(np.arange(b.stop - b.start), np.arange(b.stop - b.start)))
        out[b, b] = rho**apart / (1.0 - rho**2)
    return out


def dense(case: Any, noise: float, rho: float, media: FloatArray) -> float:
    """Return the log density of the response with the coefficients integrated out, as scipy has it."""
    problem = case.problem
    columns = problem.linear.columns
    scale = noise if rho or problem.tied else SCALE
    pulled = columns / problem.linear.precision @ columns.T
    covariance = noise**2 * correlation(problem, rho) + scale**2 * pulled
    root = stats.Covariance.from_cholesky(np.linalg.cholesky(covariance))
    return float(stats.multivariate_normal.logpdf(problem.target, media, root))


def gap(case: Any, name: str, shift: float = 0.0) -> float:
    """Return how the log density less scipy's varies over several positions, relative to its size."""
    model, xp = case.model(name), DrawVectors()
    draws = np.random.default_rng(7).standard_normal((6, model.space.dimensions))
    media = case.media(model, draws)
    values = noise_values(model.likelihood, model.space, draws)
    rho = values.get("autocorrelation", np.zeros(6)) + shift
    position = xp.position(draws)
    ours = model.likelihood.log_density(xp, case.problem, model.space, position, xp.position(media)).values[
        :, 0
    ]
    theirs = [dense(case, s, r, m) for s, r, m in zip(values["noise"], rho, media, strict=True)]
    return float(np.ptp(ours - np.array(theirs)) / np.abs(theirs).max())


@pytest.mark.parametrize("name", INTEGRATED)
def test_density_is_the_dense_normal(case: Any, name: str) -> None:
    assert gap(case, name) < 1e-9


@pytest.mark.parametrize("name", INTEGRATED)
def test_density_is_the_dense_normal_where_the_level_wanders(wandering: Any, name: str) -> None:
    assert gap(wandering, name) < 1e-8


def test_another_autocorrelation_is_noticed(single: Any) -> None:
    assert gap(single, "gaussian autoregressive", shift=0.001) > 1e-6


@pytest.mark.parametrize("name", INTEGRATED)
def test_coefficients_have_the_conditional_distribution(case: Any, name: str) -> None:
    model, problem, count = case.model(name), case.problem, 4_000
    draws = np.tile(0.5 * np.random.default_rng(8).standard_normal(model.space.dimensions), (count, 1))
    media = case.media(model, draws)
    values = noise_values(model.likelihood, model.space, draws[:1])
    rho, noise = float(values.get("autocorrelation", [0.0])[0]), float(values["noise"][0])
    drawn, _ = model.likelihood.baseline(problem, model.space, draws, media, np.random.default_rng(9))

    weight = np.linalg.inv(correlation(problem, rho))
    columns = problem.linear.columns
    scale = noise if rho or problem.tied else SCALE
    pull = np.diag(problem.linear.precision) * (noise / scale) ** 2
    covariance = noise**2 * np.linalg.inv(columns.T @ weight @ columns + pull)
    mean = covariance @ columns.T @ weight @ (problem.target - media[0]) / noise**2
    root = np.linalg.cholesky(covariance)
    white = np.linalg.solve(root, (drawn - mean).T)
    assert np.abs(white.mean(axis=1)).max() < 5 / np.sqrt(count)
    assert np.abs(np.cov(white) - np.eye(len(mean))).max() < 7 / np.sqrt(count)


@pytest.mark.parametrize("name", INTEGRATED)
def test_a_row_has_its_density_given_all_others(case: Any, name: str) -> None:
    model, problem = case.model(name), case.problem
    draws = 0.5 * np.random.default_rng(10).standard_normal((3, model.space.dimensions))
    media = case.media(model, draws)
    _, rows = model.likelihood.baseline(problem, model.space, draws, media, np.random.default_rng(9))
    values = noise_values(model.likelihood, model.space, draws)
    columns = problem.linear.columns
    for k in range(3):
        rho = float(values.get("autocorrelation", np.zeros(3))[k])
        noise = values["noise"][k]
        scale = noise if rho or problem.tied else SCALE
        covariance = noise**2 * correlation(problem, rho)
        covariance += scale**2 * columns / problem.linear.precision @ columns.T
        rest = problem.target - media[k]
        for i in (0, problem.rows // 2, problem.rows - 1):
            others = np.delete(np.arange(problem.rows), i)
            pull = np.linalg.solve(covariance[np.ix_(others, others)], covariance[others, i])
            spread = np.sqrt(covariance[i, i] - pull @ covariance[others, i])
            assert rows[k, i] == pytest.approx(
                stats.norm.logpdf(rest[i], pull @ rest[others], spread), rel=1e-6
            )
