"""A market with newsletters, television by reach and frequency, and a price; models of it; languages compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.response.bayes.kinds.parts import other_parts
from mixcurve.response.bayes.mix import mix_model
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.carryover import apply_carryover
from mixcurve.response.curves import curves
from mixcurve.tables.table import SpendTable


@dataclass(frozen=True)
class World:
    table: SpendTable
    newsletter: np.ndarray
    video: np.ndarray
    price_effect: float


@pytest.fixture(scope="session")
def world() -> World:
    """What newsletters and video truly brought in each row, beside the table."""
    rng, periods, hill = np.random.default_rng(4), 120, curves["hill"]
    market = mc.simulate_market(["tv", "search"], periods=periods, noise=0.03, price=-1.5, seed=3)
    sent = rng.gamma(2.0, 500.0, periods) * (rng.random(periods) < 0.7)
    reach = rng.uniform(1e5, 9e5, periods) * (rng.random(periods) < 0.8)
    often = np.where(reach > 0, rng.uniform(1.0, 9.0, periods), 0.0)
    newsletter = hill(apply_carryover(sent, "geometric", [0.4]), top=1500, half=900, slope=1.8)
    video = apply_carryover(reach * hill(often, top=1, half=3.5, slope=2.5), "geometric", [0.5])
    video *= 1800.0 / video.mean()
    return World(
        with_columns(market.table, newsletter + video, sent, reach, often), newsletter, video,
        market.truth.control_effects["price"],
    )  # fmt: skip


def with_columns(
    table: SpendTable, more: Any, sent: np.ndarray, reach: np.ndarray, often: np.ndarray
) -> SpendTable:
    return replace(
        table, response=table.response + more, spend=np.column_stack([table.spend, 0.01 * reach * often]),
        channels=(*table.channels, "video"), controls=np.column_stack([table.controls, sent, reach, often]),
        control_names=(*table.control_names, "newsletter", "reach", "frequency"),
    )  # fmt: skip


@pytest.fixture(scope="session")
def grouped() -> SpendTable:
    rng = np.random.default_rng(5)
    table = mc.simulate_market(
        ["tv", "search"], periods=50, price=-1.0, groups={"north": 1.5, "south": 0.5}, seed=4
    ).table
    rows = table.n_rows
    return with_columns(
        table, 0.0, rng.gamma(2.0, 9.0, rows), rng.uniform(0.0, 50.0, rows), rng.uniform(1, 9, rows)
    )


Asked = Callable[..., MixModel]


@pytest.fixture(scope="session")
def asked() -> Asked:
    """Return the model of a table with newsletters, video and price as parts; arguments go to `other_parts`."""

    def make(table: SpendTable, *, order: str = "carryover first", **changes: Any) -> MixModel:
        usual: dict[str, Any] = {
            "organic": "newsletter", "reach_frequency": {"video": ("reach", "frequency")},
            "treatments": {"price": "min"},
        }  # fmt: skip
        rest, parts = other_parts(table, order=order, **(usual | changes))
        return replace(mix_model(rest, order=order), parts=parts)

    return make


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
