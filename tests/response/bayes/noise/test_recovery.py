"""Each family finds the noise and the baseline that made the data, and the wrong family does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import optimize

from mixcurve.response.bayes.model.noise.autoregression import AUTOCORRELATION
from mixcurve.response.bayes.model.noise.count_families import DISPERSION
from mixcurve.response.bayes.model.noise.family import noise_maps
from mixcurve.response.bayes.model.noise.student import FREEDOM
from mixcurve.response.bayes.model.space import LogMap, Space
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.response.bayes.vectors.tape import Recorder

FloatArray = npt.NDArray[np.float64]
TRUTH = {"noise": 0.3, AUTOCORRELATION: 0.5, FREEDOM: 4.0, DISPERSION: 0.02}
SETS, DRAWS = 3, 250
OFF = 1.5
"""Posterior deviations by which the mean of the data sets may miss the truth: 2.6 of its standard errors."""


def coordinate(value: float, m: Any) -> float:
    """Return the coordinate of a value."""
    if isinstance(m, LogMap):
        raw = np.log(value)
    else:
        share = (value - m.low[0]) / (m.high[0] - m.low[0])
        raw = np.log(share / (1.0 - share))
    return float((raw - m.middle[0]) / m.spread[0])


def simulated(case: Any, name: str, media: FloatArray, seed: int) -> tuple[Any, FloatArray]:
    """Return the case with data that the family made, and the baseline (n,) that they were made about."""
    problem, family = case.problem, case.family(name)
    space = family.space(problem, Space())
    u = np.zeros((1, space.dimensions))
    for block, m in noise_maps(family).items():
        u[0, space.rows(block)] = coordinate(TRUTH[block], m)
    columns = problem.linear.columns
    baseline = columns @ np.linalg.lstsq(columns, problem.target - media, rcond=None)[0]
    mean = (problem.offset + media + baseline)[None]
    y = family.replicate(problem, space, u, mean, np.random.default_rng(seed))[0]
    return case.with_response(y), baseline


def sampled(case: Any, name: str, media: FloatArray, seed: int) -> tuple[Any, Space, FloatArray]:
    """Return family, space and draws for known channels: mode, curvature, then nutpie."""
    nutpie = pytest.importorskip("nutpie")
    from nutpie.compiled_pyfunc import from_pyfunc

    problem, family = case.problem, case.family(name)
    space = family.space(problem, Space())
    d, tape = space.dimensions, Recorder()
    z = tape.position(d)
    position = tape.matvec(np.eye(d), z, "root") + tape.matvec(np.zeros((d, 1)), 1.0, "centre")
    value = family.log_density(tape, problem, space, position, tape.constant(media))
    program = tape.program(value - 0.5 * tape.sum(position**2))
    density = Density(program)
    mode = optimize.minimize(
        lambda x: tuple(-np.asarray(v) for v in density(x)), np.zeros(d), jac=True, method="L-BFGS-B"
    ).x
    bend = [(density(mode - 1e-4 * e)[1] - density(mode + 1e-4 * e)[1]) / 2e-4 for e in np.eye(d)]
    values, vectors = np.linalg.eigh(0.5 * (np.array(bend) + np.array(bend).T))
    root = vectors / np.sqrt(np.maximum(values, 0.3))
    moved = program.with_matrices(root=root, centre=mode[:, None])
    compiled = from_pyfunc(
        d, lambda: Density(moved), lambda *_: lambda x: {"z": np.asarray(x)}, [np.dtype(float)], [(d,)], ["z"],
        make_initial_point_fn=lambda s: np.random.default_rng(s).uniform(-1, 1, d),
    )  # fmt: skip
    run = nutpie.sample(compiled, draws=DRAWS, tune=150, chains=2, cores=1, seed=seed, progress_bar=False)
    return family, space, run.posterior["z"].to_numpy().reshape(-1, d) @ root.T + mode


def misfit(case: Any, name: str, told: str, seed: int) -> tuple[float, dict[str, float]]:
    """Return the mean square of the baseline's error, and the error of each parameter, over posterior deviations."""
    media = 0.5 * np.abs(case.problem.spend[0])
    made, baseline = simulated(case, name, media, seed)
    family, space, draws = sampled(made, told, media, seed)
    rows = np.broadcast_to(media, (len(draws), len(media)))
    drawn, _ = family.baseline(made.problem, space, draws, rows, np.random.default_rng(seed))
    fitted = drawn @ made.problem.linear.columns.T
    errors = {}
    for block, m in noise_maps(family).items():
        u = draws[:, space.rows(block)]
        errors[block] = float((u.mean() - coordinate(TRUTH[block], m)) / u.std())
    return float((((fitted.mean(axis=0) - baseline) / fitted.std(axis=0)) ** 2).mean()), errors


@pytest.mark.parametrize(
    "name",
    [
        "gaussian autoregressive",
        "student-t",
        "student-t autoregressive",
        "poisson",
        "negative binomial",
        "binomial",
    ],
)
def test_noise_and_baseline_are_found(single: Any, name: str) -> None:
    squares, errors = zip(*(misfit(single, name, name, seed) for seed in range(1, SETS + 1)), strict=True)
    assert 0.2 < np.mean(squares) < 2.5
    for block in errors[0]:
        assert abs(np.mean([e[block] for e in errors])) < OFF, block


@pytest.mark.parametrize(
    ("name", "told"), [("negative binomial", "poisson"), ("gaussian autoregressive", "gaussian")]
)
def test_the_wrong_family_is_too_sure(single: Any, name: str, told: str) -> None:
    right, wrong = ([misfit(single, name, t, seed)[0] for seed in range(1, 7)] for t in (name, told))
    assert np.mean(wrong) > 2.5
    assert np.mean(wrong) > 2.0 * np.mean(right)
