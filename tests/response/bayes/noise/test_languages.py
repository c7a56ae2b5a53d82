"""Each family says the same in all three languages, and the tape's gradient is that of its value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.bayes.vectors.run import Density

NAMES = (
    "gaussian", "gaussian autoregressive", "student-t", "student-t autoregressive", "poisson", "negative binomial",
    "binomial",
)  # fmt: skip
STEP = 1e-5


@pytest.mark.parametrize("name", NAMES)
def test_gradient_is_that_of_finite_differences(case: Any, name: str) -> None:
    model = case.model(name)
    density = Density(model.program())
    x = 0.2 * np.random.default_rng(1).standard_normal(model.space.dimensions)
    slope = density(x)[1].copy()
    numeric = np.array(
        [(density(x + STEP * e)[0] - density(x - STEP * e)[0]) / (2 * STEP) for e in np.eye(len(x))]
    )
    assert np.abs(slope - numeric).max() < 1e-6 * np.abs(slope).max()
    assert np.abs(1.001 * slope - numeric).max() > 1e-6 * np.abs(slope).max()


@pytest.mark.parametrize("name", NAMES)
def test_tape_and_draws_agree(case: Any, name: str) -> None:
    model = case.model(name)
    density, xp = Density(model.program()), DrawVectors()
    draws = 0.3 * np.random.default_rng(2).standard_normal((5, model.space.dimensions))
    rows = model.log_density(xp, xp.position(draws)).values[:, 0]
    tape = np.array([density(x)[0] for x in draws])
    np.testing.assert_allclose(rows, tape, rtol=1e-10, atol=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_tape_and_pytensor_agree(single: Any, name: str) -> None:
    pytensor = pytest.importorskip("pytensor")
    from mixcurve.response.bayes.vectors.symbolic import SymbolicVectors

    model, xp = single.model(name), SymbolicVectors()
    variable = pytensor.tensor.dvector("position")
    value = model.log_density(xp, xp.position(variable, model.space.dimensions)).variable
    run = pytensor.function([variable], value, mode="FAST_COMPILE")
    density = Density(model.program())
    for x in 0.3 * np.random.default_rng(3).standard_normal((2, model.space.dimensions)):
        np.testing.assert_allclose(np.ravel(run(x))[0], density(x)[0], rtol=1e-10, atol=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_every_coordinate_matters_and_is_named(single: Any, name: str) -> None:
    model = single.model(name)
    density = Density(model.program())
    here = np.full(model.space.dimensions, 0.1)
    assert len(set(model.space.labels)) == model.space.dimensions
    assert (np.abs(density(here)[1] + here) > 1e-9).all()
