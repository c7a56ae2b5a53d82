"""A market whose first channel's effect varied, models of it, and how to compare the languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.response.bayes.mix import mix_model
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.tables.table import SpendTable

PERIODS = 104


@pytest.fixture(scope="session")
def path() -> np.ndarray:
    """The true effect of TV over its average weighted by contribution."""
    market = mc.simulate_market(["tv", "search"], periods=PERIODS, noise=0.03, seed=3)
    own = market.truth.contributions[:, 0]
    wave = np.exp(0.5 * np.sin(2.0 * np.pi * np.arange(PERIODS) / 80.0))
    return np.asarray(wave * own.sum() / (own * wave).sum())


@pytest.fixture(scope="session")
def table(path: np.ndarray) -> SpendTable:
    market = mc.simulate_market(["tv", "search"], periods=PERIODS, noise=0.03, seed=3)
    return replace(
        market.table, response=market.table.response + market.truth.contributions[:, 0] * (path - 1)
    )


@pytest.fixture(scope="session")
def grouped() -> SpendTable:
    return mc.simulate_market(["tv", "search"], periods=40, groups={"north": 1.5, "south": 0.5}, seed=4).table


@pytest.fixture(scope="session")
def model_of() -> Callable[..., MixModel]:
    """Return a model of a table with parts."""
    return lambda table, *parts, **words: replace(mix_model(table, **words), parts=parts)


@pytest.fixture(scope="session")
def same_in_all() -> Callable[[MixModel], None]:
    """Check value and gradient of a model in the three languages."""
    return same_in_all_languages


def same_in_all_languages(model: MixModel) -> None:
    import pytensor
    import pytensor.tensor as pt

    from mixcurve.response.bayes.vectors.rows import DrawVectors
    from mixcurve.response.bayes.vectors.run import Density
    from mixcurve.response.bayes.vectors.symbolic import SymbolicVectors
    from mixcurve.response.bayes.vectors.tape import Recorder

    size = model.space.dimensions
    tape = Recorder()
    density = Density(tape.program(model.log_density(tape, tape.position(size))))
    u = 0.4 * np.random.default_rng(8).standard_normal(size)
    value, slope = density(u)
    step = 1e-6
    numeric = [(density(u + step * e)[0] - density(u - step * e)[0]) / (2 * step) for e in np.eye(size)]
    assert np.allclose(slope, numeric, rtol=1e-5, atol=1e-5 * np.abs(slope).max())
    rows = DrawVectors()
    assert model.log_density(rows, rows.position(u)).values.item() == pytest.approx(value, rel=1e-10)
    symbols, x = SymbolicVectors(), pt.dvector("x")
    told = model.log_density(symbols, symbols.position(x, size)).variable
    assert pytensor.function([x], told, mode="FAST_COMPILE")(u).item() == pytest.approx(value, rel=1e-10)
