"""The pictures of a comparison: the numbers behind them, the message, and that nothing is clipped or covered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mixcurve.foundations.results import load_result
from mixcurve.plots.comparison import plot_comparison, plot_weights
from mixcurve.plots.comparison_data import comparison_data
from mixcurve.plots.style import new_axes, svg
from mixcurve.response.curves import curves
from mixcurve.response.fit.compare.curves import compare_curves
from mixcurve.response.fit.compare.results import CurveComparison


def compared(seed: int, **options: Any) -> CurveComparison:
    rng = np.random.default_rng(seed)
    spend = rng.uniform(5e3, 1e5, 60)
    mean = 200 + curves["hill"](spend, top=900.0, half=4e4, slope=2.2)
    words = {"currency": "EUR", "response_name": "new_customers", "folds": 0, "resamples": 100}
    return compare_curves(spend, mean + 45 * rng.standard_normal(60), **(words | options))


@pytest.fixture(scope="module")
def result() -> CurveComparison:
    return compared(3)


@pytest.fixture(scope="module")
def drawn(result: CurveComparison) -> dict[str, Any]:
    flat = compare_curves(np.arange(20.0), np.full(20, -3.0), resamples=20)
    return {
        "comparison": plot_comparison(result),
        "weights": plot_weights(result),
        "flat": plot_comparison(flat),
        "flat weights": plot_weights(flat),
        "no band": plot_comparison(compared(4, resamples=0)),
    }


def test_the_numbers_behind_are_those_of_the_comparison(result: CurveComparison, tmp_path: Any) -> None:
    data = comparison_data(result)
    assert data.names == tuple(c.name for c in result.candidates)
    average = result.average(data.spend)
    assert (data.average == average.estimate).all() and (data.high == average.high).all()
    assert data.response[0] == pytest.approx(result.best.response(data.spend))
    assert list(data.frame.columns[:4]) == ["spend", "average", "low 90%", "high 90%"]
    assert data.weight_frame["weight"].sum() == pytest.approx(1.0)
    assert load_result(data.save(tmp_path / "data.json")).frame.equals(data.frame)


def test_what_is_drawn_is_what_the_data_hold(result: CurveComparison, drawn: dict[str, Any]) -> None:
    data, axes = comparison_data(result), drawn["comparison"]
    lines = [np.asarray(line.get_ydata(), dtype=float) for line in axes.lines]
    for name, curve in (*zip(data.names, data.response, strict=True), ("average", data.average)):
        assert any(len(y) == len(curve) and (y == curve).all() for y in lines), name
    assert not any(len(y) == len(data.average) and (y == data.average + 1).all() for y in lines)
    assert drawn["weights"].patches[0].get_width() == data.weights[0]


def test_the_title_is_the_verdict_and_the_labels_tell_the_weight(
    result: CurveComparison, drawn: dict[str, Any]
) -> None:
    for name in ("comparison", "weights"):
        assert " ".join(drawn[name].get_title(loc="left").split()) == result.verdict
    labels = [t.get_text() for t in drawn["comparison"].get_legend().get_texts()]
    assert labels[0] == "average by weight, 90% interval"
    assert labels[1] == f"{result.best.name}, weight {result.best.weight:.0%}"
    assert labels[-1] == "the other curves"
    assert drawn["no band"].get_legend().get_texts()[0].get_text() == "average by weight"
    assert "New customers" in drawn["comparison"].get_ylabel()


def test_nothing_is_clipped_and_the_legend_covers_nothing(drawn: dict[str, Any]) -> None:
    for name, axes in drawn.items():
        axes.figure.draw_without_rendering()
        renderer = axes.figure.canvas.get_renderer()
        frame = axes.figure.bbox
        box = axes.get_tightbbox(renderer)
        assert box.x0 >= -1 and box.y0 >= -1, name
        assert box.x1 <= frame.width + 1 and box.y1 <= frame.height + 1, name
        if axes.get_legend() is not None:
            legend = axes.get_legend().get_window_extent(renderer)
            assert legend.y1 < axes.get_window_extent(renderer).y0, name
            assert not legend.overlaps(axes.xaxis.label.get_window_extent(renderer)), name


def test_every_dot_and_the_zone_without_weeks_are_in_the_picture(
    result: CurveComparison, drawn: dict[str, Any]
) -> None:
    low, high = drawn["comparison"].get_ylim()
    assert low <= result.response.min() and result.response.max() <= high
    assert drawn["comparison"].get_xlim()[1] == pytest.approx(1.2 * result.spend.max())
    assert any("no week" in t.get_text() for t in drawn["comparison"].texts)


def test_an_interval_that_runs_away_does_not_squeeze_the_dots() -> None:
    rng = np.random.default_rng(3)
    spend = np.concatenate([[0.01], rng.uniform(1, 10, 39)])
    response = rng.standard_normal(40) - np.where(
        spend < 1, 6.0, 0.0
    )  # all that is known of the curve's first steps
    result = compare_curves(spend, response, folds=0)
    low, high = plot_comparison(result).get_ylim()
    dots = np.ptp(response)
    assert high - low <= 1.8 * dots
    assert comparison_data(result).average.min() < low - 0.5 * dots  # it would have squeezed them


def test_pictures_repeat_and_go_on_given_axes(result: CurveComparison) -> None:
    assert svg(plot_comparison(result)) == svg(plot_comparison(result))
    axes = new_axes(5.0, 3.0)
    assert plot_comparison(result, ax=axes) is axes
    assert plot_weights(result, ax=new_axes(5.0, 3.0)).get_title(loc="left")
