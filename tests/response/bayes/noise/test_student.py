"""Student-t noise is scipy's, is normal in the limit, and what is drawn has its quantiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from mixcurve.response.bayes.model.noise.autoregression import AUTOCORRELATION
from mixcurve.response.bayes.model.noise.family import noise_values
from mixcurve.response.bayes.model.noise.student import FREEDOM, TAILS, student_log_density
from mixcurve.response.bayes.vectors.rows import DrawVectors

FloatArray = npt.NDArray[np.float64]


def log_density(error: FloatArray, freedom: float) -> FloatArray:
    """Return our log density of errors (n,)."""
    xp = DrawVectors()
    return student_log_density(xp, xp.position(error), xp.position(np.array([[freedom]]))).values[0]


@pytest.mark.parametrize("freedom", [1.0, 3.5, 40.0, 200.0])
def test_density_is_that_of_scipy(freedom: float) -> None:
    error = np.linspace(-30.0, 30.0, 41)
    np.testing.assert_allclose(log_density(error, freedom), stats.t.logpdf(error, freedom), rtol=1e-10)
    assert np.abs(log_density(error, freedom) - stats.t.logpdf(error, 1.1 * freedom)).max() > 1e-4


def test_many_degrees_of_freedom_are_normal() -> None:
    error = np.linspace(-4.0, 4.0, 9)
    far = [np.abs(log_density(error, v) - stats.norm.logpdf(error)).max() for v in (1e3, 1e5, 1e7)]
    assert far[0] > 10 * far[1] > 100 * far[2]
    assert far[2] < 1e-5


def test_prior_of_the_degrees_of_freedom_is_that_of_its_source() -> None:
    gamma = stats.gamma(2.0, scale=10.0)
    for share in (0.05, 0.5, 0.95):
        assert TAILS.quantile(share)[0] == pytest.approx(gamma.ppf(share), rel=0.3)


@pytest.mark.parametrize("name", ["student-t", "student-t autoregressive"])
def test_rows_are_what_a_loop_over_them_gives(case: Any, name: str) -> None:
    model, problem = case.model(name), case.problem
    draws = 0.3 * np.random.default_rng(4).standard_normal((2, model.space.dimensions))
    media = case.media(model, draws)
    coefficients, rows = model.likelihood.baseline(
        problem, model.space, draws, media, np.random.default_rng(5)
    )
    error = problem.target - media - coefficients @ problem.linear.columns.T
    values = noise_values(model.likelihood, model.space, draws)
    for k in range(2):
        rho = float(values.get(AUTOCORRELATION, np.zeros(2))[k])
        expected = []
        for block in problem.linear.blocks:
            here, first = error[k, block], np.sqrt(1.0 - rho**2)
            new = [first * here[0], *(here[t] - rho * here[t - 1] for t in range(1, len(here)))]
            logs = stats.t.logpdf(new, values[FREEDOM][k], scale=values["noise"][k])
            expected += [logs[0] + np.log(first), *logs[1:]]
        np.testing.assert_allclose(rows[k], expected, rtol=1e-8, atol=1e-8)


def test_replicates_have_the_tails_and_the_autocorrelation(single: Any) -> None:
    model, problem = single.model("student-t autoregressive"), single.problem
    draws = np.zeros((3_000, model.space.dimensions))
    values = {k: float(v[0]) for k, v in noise_values(model.likelihood, model.space, draws).items()}
    rng = np.random.default_rng(6)
    error = model.likelihood.replicate(problem, model.space, draws, np.zeros((3_000, problem.rows)), rng)
    new = (error[:, 1:] - values[AUTOCORRELATION] * error[:, :-1]).ravel() / values["noise"]
    assert stats.kstest(new, stats.t(values[FREEDOM]).cdf).pvalue > 1e-3
    assert stats.kstest(new, stats.norm.cdf).pvalue < 1e-3
    assert np.corrcoef(error[:, 20], error[:, 21])[0, 1] == pytest.approx(values[AUTOCORRELATION], abs=0.08)
