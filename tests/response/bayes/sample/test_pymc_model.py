"""The PyMC model is the same model, and its named figures are those of the formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.pymc_model import pymc_model
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.bayes.vectors.run import Density

pm = pytest.importorskip("pymc")
PLAIN = {"mode": "FAST_COMPILE"}


def _at(model: MixModel) -> np.ndarray:
    return 0.4 * np.random.default_rng(0).standard_normal(model.space.dimensions)


@pytest.mark.parametrize("market", ["small", "mixed"])
def test_it_has_the_density_of_the_tape(market: str, request: pytest.FixtureRequest) -> None:
    model: MixModel = request.getfixturevalue(market)
    found = pymc_model(model).compile_logp(**PLAIN)
    density = Density(model.program())
    constant = -0.5 * model.space.dimensions * np.log(2.0 * np.pi)  # PyMC's normal density has it
    for place in (_at(model), -_at(model)):
        assert float(found({"position": place})) - density(place)[0] == pytest.approx(constant, abs=1e-6)


def test_figures_are_in_the_users_units(mixed: MixModel) -> None:
    posed, xp, problem = pymc_model(mixed), DrawVectors(), mixed.problem
    place = _at(mixed)
    values = _evaluated(posed, place)
    channels = mixed.channels(xp, xp.position(place))
    rows = channels.contributions.values.reshape(3, -1) * problem.mix.row_unit
    assert values["contribution"] == pytest.approx(rows.sum(axis=1))
    assert values["roi"] == pytest.approx(rows.sum(axis=1) / problem.mix.table.spend.sum(axis=0))
    assert values["top"] == pytest.approx(channels.top.values[0] * problem.mix.response_unit)
    # The response to carried spend, by the curve itself in users' units, is what the channel brought.
    cells = list(problem.cells)
    family, place_of = problem.families[1], 1
    half = dict(zip(posed.coords["channel of half"], values["half"], strict=True))
    own = channels.shape[place_of, "half"].values[0] * problem.mix.spend_unit[family.channels[0]]
    assert [half[c] for c in cells if c in half] == pytest.approx(own)
    assert values["noise"] == pytest.approx(_noise(mixed, place))


def test_every_parameter_is_named_for_whom_it_is(mixed: MixModel, small: MixModel) -> None:
    posed = pymc_model(mixed)
    assert set(posed.coords["channel"]) == {"tv", "search", "radio"}
    assert posed.named_vars_to_dims["decay"] == ("channel",)
    assert set(posed.coords["channel of half"]) == {"search (north)", "search (south)"}
    assert posed.named_vars_to_dims["position"] == ("coordinate",)
    assert posed.coords["coordinate"] == mixed.space.labels
    assert pymc_model(small).named_vars_to_dims["half"] == ("channel",)


def _evaluated(posed: Any, place: np.ndarray) -> dict[str, np.ndarray]:
    import pytensor

    outputs = posed.replace_rvs_by_values(posed.deterministics)
    run = pytensor.function(posed.value_vars, outputs, mode="FAST_COMPILE")
    return dict(zip([v.name for v in posed.deterministics], run(place), strict=True))


def _noise(model: MixModel, place: np.ndarray) -> float:
    u = place[model.space.rows("noise")]
    return float(np.exp(np.log(0.3) + 0.8 * u)[0] * model.problem.mix.response_unit)
