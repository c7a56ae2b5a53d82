"""The best frequency against the tangent from the origin, and against the model itself run at one frequency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.plots.varying import plot_frequency
from mixcurve.response.bayes.kinds.frequency import FrequencyCurve, optimal_frequency
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.curves import curves
from mixcurve.response.curves.shape import tangent


def known(half: Any, slope: Any, seen: tuple[float, float] = (1.0, 9.0)) -> FrequencyCurve:
    shape = np.column_stack(np.broadcast_arrays(np.atleast_1d(half), np.atleast_1d(slope))).astype(float)
    count = len(shape)
    return FrequencyCurve("tv", curves["hill"], shape, np.ones(count), np.full(count, 0.1), 2.0, seen)


@pytest.mark.parametrize(("half", "slope"), [(3.0, 2.0), (2.0, 4.0), (4.0, 1.8)])
def test_it_is_where_the_tangent_from_the_origin_touches(half: float, slope: float) -> None:
    best = optimal_frequency(known(half, slope))
    touch = float(tangent("hill", 0.0, {"half": half, "slope": slope}))
    assert best.frequency == pytest.approx(touch, rel=0.005)
    assert (best.edge, best.beyond_seen) == ("", False)
    assert best.frequency != pytest.approx(half * 1.3 * (slope - 1) ** (1 / slope), rel=0.005)


def test_the_interval_is_of_each_draws_own_best() -> None:
    half = np.linspace(2.0, 4.0, 400)
    best = optimal_frequency(known(half, 2.0), level=0.8)
    assert (best.low, best.high) == pytest.approx(tuple(np.quantile(half, [0.1, 0.9])), rel=0.01)
    assert best.low < best.frequency < best.high


def test_a_concave_curve_is_best_at_the_lowest_frequency_and_that_is_said() -> None:
    best = optimal_frequency(known(3.0, 1.0))
    assert (best.frequency, best.edge) == (1.0, "lowest")
    assert "It is the lowest frequency searched" in best.summary


def test_what_was_never_seen_is_marked() -> None:
    within = optimal_frequency(known(6.0, 3.0, (1.0, 5.0)))
    assert (within.frequency, within.edge, within.beyond_seen) == (5.0, "highest", False)
    beyond = optimal_frequency(known(6.0, 3.0, (1.0, 5.0)), within=(1.0, 12.0))
    assert beyond.frequency == pytest.approx(6.0 * 2.0 ** (1 / 3), rel=0.01)
    assert beyond.beyond_seen
    assert "this one was never seen" in beyond.summary
    title = plot_frequency(beyond).texts[-1].get_text().replace("\n", " ")
    assert title.endswith("which were never seen")


def test_at_one_frequency_the_model_itself_brings_as_much(world: Any, asked: Callable[..., MixModel]) -> None:
    model = asked(world.table)
    draws = np.random.default_rng(3).standard_normal((5, model.space.dimensions))
    part = model.parts[1]
    curve = part.frequency_curve(model, draws)
    top = part.variables(model, draws)["video top"]
    for frequency in (1.5, 4.0):
        often = np.where(part.reach > 0, frequency / part.shape.unit, 0.0)
        contacts = part.reach * part.frequency
        moved = replace(part, reach=contacts / np.maximum(often, 1e-9), frequency=often)
        total = moved.contribution(model.problem, model, draws).sum(axis=1)
        # The prior holds the mean contribution, so that another frequency moves the top: the same top is taken here.
        total *= top[:, 0] / moved.variables(model, draws)["video top"][:, 0]
        np.testing.assert_allclose(
            curve.roi(np.array([frequency]))[:, 0],
            total / part.spend.sum(),
            rtol=1e-9,
        )
    np.testing.assert_allclose(
        curve.present,
        part.contribution(model.problem, model, draws).sum(axis=1) / part.spend.sum(),
    )
    reach, often = world.table.control("reach"), world.table.control("frequency")
    assert curve.mean_frequency == pytest.approx((reach * often).sum() / reach.sum())
    assert curve.seen == pytest.approx((often[reach > 0].min(), often.max()))


def test_it_is_saved_told_and_drawn(tmp_path: Any) -> None:
    best = optimal_frequency(known([3.0, 3.5], 2.0))
    again = load_result(best.save(tmp_path / "best.json"))
    assert again.summary == best.summary
    assert best.frame.index.name == "frequency"
    lines = plot_frequency(best).get_lines()
    np.testing.assert_array_equal(lines[0].get_ydata(), best.roi)
    assert lines[1].get_xdata()[0] == best.frequency
    curve = known(3.0, 2.0)
    assert load_result(curve.save(tmp_path / "curve.json")).curve is curves["hill"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"within": (5.0, 2.0)}, r"within must be \(low, high\) with low < high, got \(5, 2\)"),
        ({"within": (0.5, 2.0)}, "Whoever is reached has one contact"),
        ({"within": 3.0}, r"within must be a pair \(low, high\) of contacts, got 3\.0"),
        ({"level": 1.5}, r"level must be in \(0, 1\], got 1\.5"),
    ],
)
def test_refusals(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        optimal_frequency(known(3.0, 2.0), **options)
