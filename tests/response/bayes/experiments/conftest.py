"""Small markets, their models, and draws from one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.response.bayes.experiments.parts import experiment_parts
from mixcurve.response.bayes.mix import mix_model
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.nuts import sample_nuts
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.response.bayes.vectors.tape import Recorder
from mixcurve.tables.experiments import LiftTest
from mixcurve.tables.table import SpendTable

DAY = np.timedelta64(1, "D")


@pytest.fixture(scope="session")
def table() -> SpendTable:
    return mc.simulate_market(["tv", "search"], periods=80, noise=0.06, seed=3).table


@pytest.fixture(scope="session")
def grouped() -> SpendTable:
    return mc.simulate_market(["tv", "search"], periods=60, groups={"north": 1.5, "south": 0.5}, seed=4).table


@pytest.fixture(scope="session")
def model(table: SpendTable) -> MixModel:
    return mix_model(table, season=0)


@pytest.fixture(scope="session")
def density_of() -> Callable[[MixModel], Density]:
    """Return the tape of a model's log density at the position itself."""

    def recorded(model: MixModel) -> Density:
        recorder = Recorder()
        position = recorder.position(model.space.dimensions)
        return Density(recorder.program(model.log_density(recorder, position)))

    return recorded


@pytest.fixture(scope="session")
def with_experiments() -> Callable[..., MixModel]:
    """Return a model with experiments among its parts."""
    return lambda model, *experiments: replace(model, parts=experiment_parts(model.problem, experiments))


@pytest.fixture(scope="session")
def lift(table: SpendTable) -> Callable[..., LiftTest]:
    """Return a lift test of TV over rows 20 to 25, with changes."""

    def make(**changes: Any) -> LiftTest:
        whole = float(table.response[20:26].sum())
        fields = {
            "channel": "tv", "start": str(table.dates[20]), "end": str(table.dates[25] + 6 * DAY), "share": "-100%",
            "response": 0.1 * whole, "error": 0.03 * whole,
        }  # fmt: skip
        return LiftTest(**{k: v for k, v in (fields | changes).items() if v is not None})

    return make


@pytest.fixture(scope="session")
def sampled(model: MixModel) -> Sampled:
    """Draws without any experiment."""
    return sample_nuts(model, chains=2, draws=300, tune=200, seed=1)
