"""Counts have scipy's probabilities in the response's own units, add up, stay possible, and meet in the limit."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from mixcurve.response.bayes.model.noise.count_families import (
    DISPERSION,
    Binomial,
    NegativeBinomial,
    Poisson,
    SeenCounts,
)
from mixcurve.response.bayes.model.noise.family import noise_values
from mixcurve.response.bayes.vectors.rows import DrawVectors

FloatArray = npt.NDArray[np.float64]
COUNTS = ("poisson", "negative binomial", "binomial")


def scipy_log(
    name: str, counts: FloatArray, mean: FloatArray, dispersion: float, trials: FloatArray
) -> FloatArray:
    """Return scipy's log probabilities."""
    if name == "poisson":
        return stats.poisson.logpmf(counts, mean)
    if name == "binomial":
        return stats.binom.logpmf(counts, trials, mean / trials)
    return stats.nbinom.logpmf(counts, 1.0 / dispersion, 1.0 / (1.0 + dispersion * mean))


@pytest.mark.parametrize("name", COUNTS)
def test_probabilities_are_those_of_scipy_in_the_units_of_the_response(case: Any, name: str) -> None:
    model, problem = case.model(name), case.problem
    draws = 0.02 * np.random.default_rng(1).standard_normal((3, model.space.dimensions))
    media = np.full((3, problem.rows), 0.1)
    coefficients, rows = model.likelihood.baseline(
        problem, model.space, draws, media, np.random.default_rng(2)
    )
    relative = problem.mix.y.mean() + 0.1 + coefficients @ problem.linear.columns.T
    # The test's own way to the units: a group's rows count in proportion to its mean response.
    response = problem.mix.table.response
    blocks = problem.linear.blocks
    size = np.concatenate([np.full(b.stop - b.start, response[b].mean()) for b in blocks])
    size = size / np.mean([response[b].mean() for b in blocks])
    mean = relative * size * np.std(response / size)
    assert mean.min() > 0.5 * response.mean() * size.min()
    values = noise_values(model.likelihood, model.space, draws)
    for k in range(3):
        spread = float(values.get(DISPERSION, np.ones(3))[k])
        expected = scipy_log(name, response, mean[k], spread, case.trials)
        np.testing.assert_allclose(rows[k], expected, rtol=1e-5, atol=1e-3)
        other = scipy_log(name, response, mean[k] * 1.05, spread, case.trials)
        assert np.abs(rows[k] - other).max() > 0.01


def test_no_dispersion_is_poisson() -> None:
    xp, counts = DrawVectors(), np.array([0.0, 3.0, 40.0, 900.0])
    seen, mean = SeenCounts(counts, np.full(4, 200.0)), xp.position(np.array([[2.0, 5.0, 60.0, 800.0]]))
    poisson = Poisson().log_probability(xp, seen, mean, {}).values
    far = [
        np.abs(
            NegativeBinomial()
            .log_probability(xp, seen, mean, {DISPERSION: xp.position(np.array([[d]]))})
            .values
            - poisson
        ).max()
        for d in (1e-3, 1e-5, 1e-7)
    ]
    assert far[0] > 10 * far[1] > 100 * far[2]
    assert far[2] < 1e-2


@pytest.mark.parametrize("family", [Poisson(), NegativeBinomial(), Binomial()], ids=lambda f: f.name)
def test_contributions_add_up_and_the_mean_stays_possible(family: Any) -> None:
    xp, typical = DrawVectors(), np.full(5, 400.0)
    seen = SeenCounts(typical, typical, np.full(5, 2_000.0))
    usual = np.array([[200.0, 300.0, 400.0, 600.0, 1_000.0]])
    np.testing.assert_allclose(family.mean(xp, seen, xp.position(usual)).values, usual, rtol=1e-4)
    hostile = family.mean(xp, seen, xp.position(np.array([[-1e4, -500.0, 0.0, 1_999.0, 5_000.0]]))).values
    assert (hostile >= 0).all()
    assert (np.diff(hostile) > 0).all()
    if family.name == "binomial":
        assert (hostile <= 2_000.0).all()
        assert hostile[0, 3] == pytest.approx(1_999.0, rel=0.05)
    values = {DISPERSION: xp.position(np.array([[0.1]]))}
    assert np.isfinite(family.log_probability(xp, seen, xp.position(hostile), values).values).all()
    far = xp.position(np.array([[-1e4, -500.0, 0.0, 1_999.0, 5_000.0]]))
    assert np.isfinite(family.log_probability(xp, seen, far, values).values).all()


def test_rows_without_trials_say_nothing() -> None:
    xp = DrawVectors()
    seen = SeenCounts(np.array([0.0, 3.0]), np.full(2, 2.0), np.array([0.0, 10.0]))
    logs = Binomial().log_probability(xp, seen, xp.position(np.array([[1.0, 3.0]])), {}).values
    assert logs[0, 0] == 0.0
    assert logs[0, 1] == pytest.approx(stats.binom.logpmf(3, 10, 0.3), abs=1e-4)


@pytest.mark.parametrize("name", COUNTS)
def test_replicates_are_counts_of_the_right_mean_and_variance(case: Any, name: str) -> None:
    model, problem = case.model(name), case.problem
    draws = np.zeros((4_000, model.space.dimensions))
    mean = np.full((4_000, problem.rows), problem.mix.y.mean())
    drawn = model.likelihood.replicate(problem, model.space, draws, mean, np.random.default_rng(3))
    counts, expected = drawn * problem.mix.row_unit, (mean * problem.mix.row_unit)[0]
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-6)
    dispersion = float(noise_values(model.likelihood, model.space, draws).get(DISPERSION, np.zeros(1))[0])
    variance = expected + dispersion * expected**2
    if name == "binomial":
        variance = expected * (1.0 - expected / case.trials)
    deviation = np.sqrt(variance / 4_000)
    assert np.abs((counts.mean(axis=0) - expected) / deviation).max() < 5
    assert (counts.var(axis=0) / variance).mean() == pytest.approx(1.0, abs=0.03)
