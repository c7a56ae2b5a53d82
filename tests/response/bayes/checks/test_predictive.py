"""Posterior predictive p-values and prior-data conflict: right models pass, each wrong one is caught by its check."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from scipy import special, stats

from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.checks.conflict import conflict_p, prior_data_conflict
from mixcurve.response.bayes.checks.predictive import (
    DISCREPANCIES,
    PredictiveChecks,
    check_predictive,
    judge_residuals,
)
from mixcurve.response.bayes.checks.sampling import check_sampling, sampling_gates
from mixcurve.response.bayes.checks.words import coordinates
from mixcurve.response.bayes.mix import mix_model
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.simulate import simulate_market

FloatArray = npt.NDArray[np.float64]
ROWS, DRAWS = 156, 300


@pytest.fixture(scope="module")
def model() -> MixModel:
    """Return a model of two channels."""
    return mix_model(simulate_market(["tv", "search"], periods=104, noise=0.05, seed=3).table)


def judged(noise: FloatArray, mean: FloatArray | None = None, deviation: float = 1.0) -> PredictiveChecks:
    """Return the checks of a normal model of known mean and deviation for data with this noise."""
    rng = np.random.default_rng(7)
    level = np.zeros(len(noise)) if mean is None else mean
    fitted = level + deviation / np.sqrt(len(noise)) * rng.standard_normal((DRAWS, 1))
    replicated = fitted + deviation * rng.standard_normal((DRAWS, len(noise)))
    return judge_residuals(level + noise, fitted, replicated)


def failed(found: PredictiveChecks) -> set[str]:
    return {c.name for c, g in zip(found.checks, found.gates, strict=True) if not g.passed}


def test_a_right_model_passes_and_its_p_values_are_not_extreme_too_often() -> None:
    misses = [len(failed(judged(np.random.default_rng(s).standard_normal(ROWS)))) for s in range(60)]
    assert np.sum(misses) <= stats.binom.ppf(0.999, 60 * len(DISCREPANCIES), 0.01)


def test_each_wrong_model_is_caught_by_its_own_check() -> None:
    rng = np.random.default_rng(4)
    white = rng.standard_normal(ROWS)
    memory = white.copy()
    for t in range(1, ROWS):
        memory[t] = 0.5 * memory[t - 1] + np.sqrt(0.75) * white[t]
    high, low = white.copy(), white.copy()
    high[40], low[50] = 7.0, -7.0
    level = np.linspace(1.0, 4.0, ROWS)
    assert "correlation of neighbouring residuals" in failed(judged(memory))
    assert "largest residual" in failed(judged(high))
    assert "smallest residual" in failed(judged(low))
    assert "deviation of the residuals" in failed(judged(white, deviation=2.0))
    assert "mean of the residuals" in failed(judged(white + 0.5))
    assert failed(judged(white * level / 2.7, level)) == {"growth of the residuals with the level"}
    gate = judged(high).check("largest residual").gate
    assert gate.parameter == "row 40"
    assert "Student-t" in gate.remedy


def test_neighbours_do_not_reach_across_groups() -> None:
    noise = np.repeat([3.0, -3.0], 2)  # two groups of two rows: neighbours within are equal
    once = judge_residuals(noise, np.zeros((2, 4)), np.ones((2, 4)), bounds=[0, 2, 4])
    assert once.check("correlation of neighbouring residuals").observed[0] == pytest.approx(18.0 / 36.0)


def test_a_model_of_a_mix_passes_on_its_own_data_and_fails_on_others(model: MixModel) -> None:
    truth = model.prior_draws(1, np.random.default_rng(2))
    truth[:, model.space.rows("noise")] = -0.5
    sampled = Sampled(np.repeat(truth, 200, axis=0)[None], "nutpie", 0)
    mean = np.full((1, model.problem.rows), model.problem.mix.y.mean())
    rng = np.random.default_rng(5)
    media = _media(model, truth)
    mine = media + mean - media.mean()
    noise = model.likelihood.replicate(model.problem, model.space, truth, 0.0 * mine, rng)[0]

    def checked(response: FloatArray) -> set[str]:
        mix = replace(model.problem.mix, y=response)
        own = replace(model, problem=replace(model.problem, mix=mix, offset=float(response.mean())))
        return failed(check_predictive(own, sampled, seed=1))

    assert checked(mine[0] + noise) == set()
    outlier = noise.copy()
    outlier[17] += 9.0 * noise.std()
    assert "largest residual" in checked(mine[0] + outlier)


def _media(model: MixModel, positions: FloatArray) -> FloatArray:
    from mixcurve.response.bayes.vectors.rows import DrawVectors

    position = DrawVectors().position(positions)
    return np.asarray(
        model.summed(position.language, position, model.channels(position.language, position)).values
    )


def test_conflict_is_exact_for_a_normal_mean() -> None:
    """The prior predictive of the observation is normal with the variance of prior and noise together."""
    prior, noise, observed = 0.7, 0.4, np.linspace(-3.0, 3.0, 13)
    v = 1.0 / (1.0 / prior**2 + 1.0 / noise**2)
    ones = np.ones(13)
    found = conflict_p(
        1.0 * ones, prior * ones, v * (1.0 / prior**2 + observed / noise**2), np.sqrt(v) * ones
    )
    exact = 2.0 * special.ndtr(-np.abs(observed - 1.0) / np.hypot(prior, noise))
    np.testing.assert_allclose(found, exact, rtol=1e-9)


def test_nothing_learned_is_no_conflict() -> None:
    assert conflict_p([0.0], [1.0], [0.4], [0.99])[0] == 1.0
    with pytest.raises(InputError, match="one value per parameter"):
        conflict_p([0.0], [1.0], [0.4, 1.0], [0.99])


def test_the_parameter_in_conflict_is_named_with_its_values(model: MixModel) -> None:
    rng = np.random.default_rng(1)
    prior = model.prior_draws(800, rng).reshape(4, 200, -1)
    assert prior_data_conflict(model, Sampled(prior, "nutpie", 0)).gate.passed
    far, place = 0.5 * prior, model.space.labels.index("half[search]")
    far[..., place] = 5.0 + 0.1 * prior[..., place]
    found = prior_data_conflict(model, Sampled(far, "nutpie", 0))
    assert not found.gate.passed
    assert found.gate.parameter == "the half-saturation of search"
    one = coordinates(model)[place]
    assert f"near {one.told(5.0)}" in found.gate.cause.replace(
        one.told(float(far[..., place].mean())), one.told(5.0)
    )
    parameter = next(p for p in model.problem.families[0].curve.parameters if p.name == "half")
    unit = model.problem.mix.spend_unit[model.problem.channels.index("search")]
    assert one.value is not None
    np.testing.assert_allclose(
        one.value(special.ndtri(np.array([0.05, 0.95]))),
        unit * np.array([parameter.typical.low, parameter.typical.high]),
    )
    assert found.table.loc["half[search]", "p_value"] < 1e-5


def test_the_prior_of_a_size_is_that_of_the_channel(model: MixModel) -> None:
    """Pooled sizes: the coordinates are mixed by a root, and each channel is judged by its own log size."""
    found = prior_data_conflict(
        model, Sampled(model.prior_draws(400, np.random.default_rng(1))[None], "nutpie", 0)
    )
    rows = model.space.rows("size")
    spread = np.sqrt((model.sizes.root**2).sum(axis=1))
    assert np.all(found.prior_deviation[rows] <= 1.1 * spread)
    assert np.all(found.prior_deviation[rows] > 0.5 * spread)


def test_sampling_gates_of_a_model_name_its_parameters(model: MixModel) -> None:
    x = np.random.default_rng(1).standard_normal((4, 200, model.space.dimensions))
    x[0, :, model.space.labels.index("slope[tv]")] += 9.0
    gates = sampling_gates(model, Sampled(x, "nutpie", 0))
    assert gates[0].parameter == "the slope of tv"
    assert "1 near" in gates[0].cause
    assert check_sampling(model, Sampled(x, "nutpie", 0)).labels == model.space.labels


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(InputError, match="one column for each of the 3 rows"):
        judge_residuals(np.zeros(3), np.zeros((2, 4)), np.zeros((2, 4)))
    with pytest.raises(InputError, match="There is no posterior predictive check called 'median'"):
        judged(np.zeros(5)).check("median")
