"""Coordinates for many groups are a change of variables that follows what the data say; their draws are the others'."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import mixcurve as mc
from mixcurve.foundations.convergence import convergence
from mixcurve.response.bayes.build import mix_model
from mixcurve.response.bayes.model.media import hierarchies
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.arrow import ArrowRoot
from mixcurve.response.bayes.sample.cells import Cells, cells_from_draws
from mixcurve.response.bayes.sample.large import has_many_groups, sample_large
from mixcurve.response.bayes.sample.nuts import sample_nuts
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.tables.table import SpendTable

FloatArray = npt.NDArray[np.float64]
STEP = 1e-5
GROUPS = ("north", "east", "south", "west")


@cache
def table(groups: int) -> SpendTable:
    names = [f"{GROUPS[g % 4]} {g // 4}" for g in range(groups)]
    return mc.simulate_market(["tv", "search"], periods=52, groups=names, noise=0.05, seed=1).table


def model(groups: int = 3, **words: Any) -> MixModel:
    return mix_model(table(groups), season=1, **words)


def draws(posed: MixModel, spread: float = 0.3) -> FloatArray:
    return spread * np.random.default_rng(2).standard_normal((30, posed.space.dimensions))


def log_stretch(cells: Cells, z: FloatArray) -> float:
    """Return the log of the determinant of the map's slope, by differences."""
    steps = STEP * np.eye(len(z))
    slope = (cells(z + steps) - cells(z - steps)) / (2 * STEP)
    return float(np.linalg.slogdet(slope)[1])


def test_the_density_is_the_plain_one_times_the_stretch_of_the_map() -> None:
    posed = model()
    cells, plain = (
        cells_from_draws(posed, draws(posed, 0.1), np.random.default_rng(3)),
        Density(posed.program()),
    )
    assert cells.bend.max() > 0.2
    density = Density(cells.program(posed))
    places = 0.2 * np.random.default_rng(4).standard_normal((4, posed.space.dimensions))
    gaps = [density(z)[0] - plain(cells(z))[0] - log_stretch(cells, z) for z in places]
    assert np.ptp(gaps) < 1e-6
    bare = [density(z)[0] - plain(cells(z))[0] for z in places]
    assert np.ptp(bare) > 1e-2
    slope = density(places[0])[1].copy()
    steps = STEP * np.eye(len(slope))
    numeric = [(density(places[0] + e)[0] - density(places[0] - e)[0]) / (2 * STEP) for e in steps]
    np.testing.assert_allclose(slope, numeric, atol=1e-5 * np.abs(slope).max())


def test_what_is_freed_from_the_spreads_is_found_again() -> None:
    posed = model()
    cells = cells_from_draws(posed, draws(posed), np.random.default_rng(3))
    groups, size = cells.layout.groups.shape
    count = len(cells.layout.shared)
    none = ArrowRoot(np.eye(count), np.zeros((groups, size, count)), np.tile(np.eye(size), (groups, 1, 1)))
    places = draws(posed)
    identity = replace(cells, centre=np.zeros_like(cells.centre), root=none)
    found = identity(cells.unbent(places)[:, cells.layout.order])
    np.testing.assert_allclose(found, places, atol=1e-12)


def test_groups_of_which_the_data_say_much_are_freed_and_others_are_not() -> None:
    posed = model()
    share = []
    for noise in (-4.0, 6.0):  # in prior standard deviations of its log
        places = draws(posed, 0.1)
        places[:, posed.space.rows("noise")] = noise
        # The log of a spread moves by 0.5 with its coordinate, as documented.
        share.append(cells_from_draws(posed, places, np.random.default_rng(3)).bend / 0.5)
    assert np.median(share[0]) > 0.8
    assert np.median(share[1]) < 0.2
    assert min(share[0].min(), share[1].min()) >= 0.0


def test_only_a_model_of_many_groups_is_large() -> None:
    assert not has_many_groups(model())
    assert has_many_groups(model(groups=20))
    assert hierarchies(model().problem, model().space)[0].cells.shape == (2, 3)


def test_several_curves_have_the_deviations_of_each() -> None:
    posed = model(curve={"tv": "logistic", "search": "hill"})
    names = [posed.space.labels[i] for h in hierarchies(posed.problem, posed.space) for i in h.cells[:, 0]]
    assert names == [
        "size by group[tv (north 0)]", "size by group[search (north 0)]", "midpoint by group[tv (north 0)]",
        "half 2 by group[search (north 0)]",
    ]  # fmt: skip


@pytest.mark.slow
def test_the_draws_are_those_of_the_other_way() -> None:
    pytest.importorskip("nutpie")
    posed = model()
    words: dict[str, Any] = {"chains": 2, "draws": 800, "tune": 200, "rounds": 1}
    found = [sample_large(posed, seed=1, **words).positions, sample_nuts(posed, seed=2, **words).positions]
    sizes = [np.minimum(convergence(one).bulk, one.shape[0] * one.shape[1]) for one in found]
    means, deviations = ([f(one, axis=(0, 1)) for one in found] for f in (np.mean, np.std))
    error = np.sqrt(sum(s**2 / n for s, n in zip(deviations, sizes, strict=True)))
    miss = np.abs(means[0] - means[1]) / error
    assert miss.max() < 4.5
    assert np.abs(np.log(deviations[0] / deviations[1])).max() < 0.35
