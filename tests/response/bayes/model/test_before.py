"""Spend before the first row: the same as a table with those rows in front, in a density that stays finite."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.build import mix_model
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.response.carryover import apply_carryover, carryovers
from mixcurve.tables.table import SpendTable


@pytest.fixture(scope="module")
def table() -> SpendTable:
    return mc.simulate_market(["tv", "search"], periods=60, noise=0.05, seed=2).table


@pytest.mark.parametrize("carryover", ["geometric", "weibull_pdf"])
def test_steady_spend_is_that_of_rows_put_in_front(table: SpendTable, carryover: str) -> None:
    model = mix_model(table, season=0, carryover=carryover, before="steady")
    problem = model.problem
    length, kernel = problem.mix.basis.lags.shape[1], carryovers[carryover]
    draw = 0.4 * np.random.default_rng(1).standard_normal((1, model.space.dimensions))
    xp = DrawVectors()
    found = model.channels(xp, xp.position(draw))
    columns = found.columns.values.reshape(2, -1)
    for c in range(2):
        spend = table.spend[:, problem.order[c]]
        ran = np.full(length, spend[: length // 3].mean())
        lags = [found.carryover[0, p.name].values[0, c] for p in kernel.parameters]
        carried = apply_carryover(np.concatenate([ran, spend]), kernel, lags, length=length)[length:]
        half, slope = (found.shape[0, name].values[0, c] for name in ("half", "slope"))
        wanted = 1.0 / (1.0 + (half * problem.mix.spend_unit[c] / carried) ** slope)
        np.testing.assert_allclose(columns[c], wanted, rtol=1e-7)


def test_spend_that_stops_leaves_a_finite_density(table: SpendTable) -> None:
    """After longer than carryover lasts nothing is carried; rounding must not make it less than nothing."""
    spend = table.spend.copy()
    spend[10:55] = 0.0
    model = mix_model(replace(table, spend=spend), season=0, before="steady")
    density = Density(model.program())
    for z in np.random.default_rng(0).standard_normal((20, model.space.dimensions)):
        value, slope = density(z)
        assert np.isfinite(value)
        assert np.isfinite(slope).all()


def test_without_it_nothing_ran_before(table: SpendTable) -> None:
    none, steady = (mix_model(table, season=0, before=b) for b in ("none", "steady"))
    plain = mix_model(table, season=0)
    z = np.zeros(plain.space.dimensions)
    assert Density(none.program())(z)[0] == Density(plain.program())(z)[0]
    assert Density(steady.program())(z)[0] != pytest.approx(Density(plain.program())(z)[0], rel=1e-6)


def test_words_that_do_not_go_together(table: SpendTable) -> None:
    with pytest.raises(InputError, match=r"before='steady' goes with order='carryover first', got"):
        mix_model(table, before="steady", order="saturation first")
    with pytest.raises(InputError, match=r"spend before the first row.*'stedy'.*steady"):
        mix_model(table, before="stedy")
