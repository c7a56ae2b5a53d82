"""Effects and levels that vary: their laws, a truth found again, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.plots.varying import path_message, plot_path
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.whiten import laplace, modes
from mixcurve.response.bayes.varying.effect import VaryingEffect
from mixcurve.response.bayes.varying.level import VaryingLevel
from mixcurve.response.bayes.varying.path import effect_paths, level_path
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.tables.table import SpendTable

Make = Callable[..., MixModel]
COARSE = (15.0, 30.0)
"""Lengthscales that keep the tests' bases small."""


def drawn(model: MixModel, count: int = 6) -> np.ndarray:
    return np.random.default_rng(2).standard_normal((count, model.space.dimensions))


@pytest.mark.parametrize("kernel", ["squared exponential", "matern 5/2"])
def test_all_languages_agree(
    table: SpendTable, model_of: Make, same_in_all: Callable[[MixModel], None], kernel: str
) -> None:
    parts = VaryingEffect(("tv",), COARSE, kernel=kernel), VaryingLevel(COARSE, kernel=kernel)
    same_in_all(model_of(table, *parts))


def test_all_languages_agree_with_groups(
    grouped: SpendTable, model_of: Make, same_in_all: Callable[[MixModel], None]
) -> None:
    same_in_all(model_of(grouped, VaryingEffect(None, COARSE), VaryingLevel(COARSE)))


def test_a_varying_effect_leaves_each_cells_mean(grouped: SpendTable, model_of: Make) -> None:
    model = model_of(grouped, VaryingEffect(None, COARSE))
    xp, draws = DrawVectors(), drawn(model)
    channels = model.channels(xp, xp.position(draws))
    count = np.bincount(model.problem.cell_of_row)
    means = [np.bincount(model.problem.cell_of_row, row) / count for row in channels.contributions.values]
    np.testing.assert_allclose(means, np.exp(channels.size.values), rtol=1e-9)
    still = channels.top.values[:, model.problem.cell_of_row] * channels.columns.values
    assert np.abs(channels.contributions.values / still - 1.0).max() > 0.05


def test_factors_are_what_the_contributions_are_multiplied_by(grouped: SpendTable, model_of: Make) -> None:
    part = VaryingEffect(("search",), COARSE)
    model = model_of(grouped, part)
    xp, draws = DrawVectors(), drawn(model)
    channels = model.channels(xp, xp.position(draws))
    still = (channels.top.values[:, model.problem.cell_of_row] * channels.columns.values).reshape(6, 2, -1)
    np.testing.assert_allclose(
        still * part.factors(model, draws), channels.contributions.values.reshape(6, 2, -1), rtol=1e-9
    )
    place = model.problem.channels.index("tv")
    np.testing.assert_allclose(part.factors(model, draws)[:, place], 1.0, rtol=1e-12)


def test_groups_share_the_shape_of_a_varying_effect(grouped: SpendTable, model_of: Make) -> None:
    part = VaryingEffect(None, COARSE)
    model = model_of(grouped, part)
    factors = part.factors(model, drawn(model))
    north, south = (factors[..., b] for b in model.problem.linear.blocks)
    ratio = north / south
    np.testing.assert_allclose(ratio, ratio[..., :1] * np.ones(north.shape[-1]), rtol=1e-9)


def test_a_varying_level_adds_nothing_on_average(grouped: SpendTable, model_of: Make) -> None:
    part = VaryingLevel(COARSE)
    model = model_of(grouped, part)
    added = part.contribution(model.problem, model, drawn(model))
    relative = added / model.problem.mix.row_unit
    north, south = (relative[:, b] for b in model.problem.linear.blocks)
    np.testing.assert_allclose(north, south, rtol=1e-9)
    np.testing.assert_allclose(north.mean(axis=1), 0.0, atol=1e-12)
    assert np.abs(north).max() > 0.01


def test_variation_is_told_in_its_own_units(table: SpendTable, model_of: Make) -> None:
    part, level = VaryingEffect(None, COARSE), VaryingLevel(COARSE)
    model = model_of(table, part, level)
    draws = np.zeros((1, model.space.dimensions))
    found = part.variables(model, draws) | level.variables(model, draws)
    assert found["effect lengthscale"].item() == pytest.approx(np.sqrt(15.0 * 30.0))
    assert found["effect variation"].shape == (1, 2)
    median = 0.5 / np.log(20.0) * np.log(2.0)
    np.testing.assert_allclose(found["effect variation"], median, rtol=1e-9)
    assert found["level variation"].item() == pytest.approx(median * model.problem.mix.response_unit)


@pytest.fixture(scope="module")
def sampled(table: SpendTable, model_of: Make) -> tuple[MixModel, np.ndarray]:
    """Draws of the normal distribution at the mode: quick, and another method than the sampler's."""
    model = model_of(table, VaryingEffect())
    density, rng = Density(model.program()), np.random.default_rng(1)
    place, _ = modes(density, model.space.dimensions, rng)[0]
    near = laplace(density, place)
    return model, near.centre + rng.standard_normal((600, len(place))) @ near.root.T


def test_a_true_path_is_found_and_a_still_channel_is_not_said_to_move(
    sampled: tuple[MixModel, np.ndarray], path: np.ndarray
) -> None:
    model, draws = sampled
    part = model.parts[0]
    assert isinstance(part, VaryingEffect)
    paths = effect_paths(part, model, draws)
    middle, inside = paths.middle[0], (paths.low[0] <= path) & (path <= paths.high[0])
    assert np.corrcoef(middle, path)[0, 1] > 0.9
    assert inside.mean() > 0.8
    assert paths.shown.tolist() == [True, False]
    assert paths.change_low[0] < path.max() / path.min() < paths.change_high[0]
    assert "search: the data do not show that its effect changed." in paths.summary
    assert "times the effect of" in paths.summary
    # The check can fail: the same path a half wave later is not covered.
    later = np.roll(path, 40)
    assert ((paths.low[0] <= later) & (later <= paths.high[0])).mean() < 0.5


def test_paths_are_saved_and_drawn(sampled: tuple[MixModel, np.ndarray], tmp_path: object) -> None:
    model, draws = sampled
    paths = effect_paths(model.parts[0], model, draws[:50])
    again = load_result(paths.save(f"{tmp_path}/paths.json"))
    np.testing.assert_array_equal(again.middle, paths.middle)
    assert list(paths.frame.columns) == ["date", "name", "median", "low", "high"]
    axes = plot_path(paths, "tv")
    np.testing.assert_allclose(axes.get_lines()[1].get_ydata(), paths.middle[0])
    said = " ".join(text.get_text() for text in axes.texts).replace("\n", " ")
    assert path_message(paths, 0) in said
    assert "do not show that search's effect changed" in path_message(paths, 1)
    with pytest.raises(InputError, match=r"no path called 'vt'"):
        plot_path(paths, "vt")


def test_a_level_is_told_by_date(grouped: SpendTable, model_of: Make) -> None:
    part = VaryingLevel(COARSE)
    model = model_of(grouped, part)
    draws = drawn(model, 40)
    paths = level_path(part, model, draws)
    added = part.contribution(model.problem, model, draws)
    both = added[:, :40] + added[:, 40:]
    np.testing.assert_allclose(paths.middle[0], np.median(both, axis=0))
    assert paths.names == ("level",)
    assert "the data do not show that its level changed" in paths.summary
    assert plot_path(paths).get_lines()[0].get_ydata()[0] == 0.0
    shown = replace(paths, change_low=np.array([10.0]))
    assert "The baseline was highest around" in path_message(shown)
    assert "in units of the response against" in shown.summary


@pytest.mark.parametrize(
    ("channels", "sentence"),
    [
        (("tv", "serch"), r"no channel called 'serch'\. Did you mean 'search'"),
        ("tv", r"channels of VaryingEffect must be a list of names, got 'tv'"),
        ((), r"None means all channels"),
    ],
)
def test_refusals(table: SpendTable, model_of: Make, channels: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        model_of(table, VaryingEffect(channels)).space  # noqa: B018
