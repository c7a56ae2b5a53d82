"""The pictures of what to test and of a plan's stability: the numbers behind them, and that nothing is clipped."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.learning.next_test import next_test
from mixcurve.budget.learning.stability import plan_stability
from mixcurve.foundations.results import load_result
from mixcurve.plots.next_test import plot_next_test, plot_stability
from mixcurve.plots.next_test_data import next_test_data, stability_data
from mixcurve.plots.style import new_axes, svg

HOSTILE = 'TV $x^2$ <b>"&' + " a name far longer than any row of a picture can hold"


@pytest.fixture(scope="module")
def known() -> Any:
    rng = np.random.default_rng(3)
    names = ("search", HOSTILE, "radio")
    curves = {
        n: ("michaelis_menten", {"top": 1e3 * np.exp(0.4 * rng.normal(size=12)), "half": 2e4}) for n in names
    }
    return mc.response_from(
        curves, current=dict.fromkeys(names, 2e4), currency="EUR", response_name="new_customers"
    )


@pytest.fixture(scope="module")
def results(known: Any) -> tuple[Any, Any]:
    return next_test(known, 6e4, noise=50.0), plan_stability(known, 6e4)


@pytest.fixture(scope="module")
def drawn(known: Any, results: tuple[Any, Any]) -> dict[str, Any]:
    same = mc.response_from(
        {"tv": ("hill", {"top": [5.0, 5.0], "half": 3.0, "slope": 2.0})}, current={"tv": 1}
    )
    return {
        "tests": plot_next_test(results[0]),
        "no noise": plot_next_test(next_test(known, 6e4)),
        "nothing to learn": plot_next_test(next_test(same, 4.0, noise=1.0)),
        "stability": plot_stability(results[1]),
        "one channel": plot_stability(plan_stability(same, 4.0)),
    }


def texts(axes: Any) -> list[Any]:
    from matplotlib.text import Text

    low, high = axes.get_xlim()
    outside = [t.label1 for t in axes.xaxis.get_major_ticks() if not low <= t.get_loc() <= high]
    return [
        t for t in axes.figure.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in outside
    ]


def test_the_numbers_behind_are_those_of_the_result(results: tuple[Any, Any], tmp_path: Any) -> None:
    data = next_test_data(results[0])
    assert data.channels == tuple(c.channel for c in results[0].channels)
    assert data.curve[0, 0] == results[0].channels[0].value.estimate
    assert sorted(data.net, reverse=True) == [t.net for t in results[0].tests]
    steady = stability_data(results[1])
    assert steady.best[1].tolist() == list(results[1].best_spend[steady.channels[1]])
    for one in (data, steady):
        assert load_result(one.save(tmp_path / "data.json")).frame.equals(one.frame)


def test_what_is_drawn_is_what_the_data_hold(results: tuple[Any, Any], drawn: dict[str, Any]) -> None:
    data, axes = next_test_data(results[0]), drawn["tests"]
    widths = [patch.get_width() for patch in axes.patches]
    assert widths == pytest.approx([*data.curve[:, 0], *data.test])
    steady, axes = stability_data(results[1]), drawn["stability"]
    lines = [np.asarray(line.get_xdata(), dtype=float).tolist() for line in axes.lines]
    assert steady.plan.tolist() in lines
    assert steady.current.tolist() in lines
    assert all([low, high] in lines for low, _, high in steady.best.tolist())


def test_nothing_is_clipped_or_covered(drawn: dict[str, Any]) -> None:
    for name, axes in drawn.items():
        axes.figure.draw_without_rendering()
        renderer = axes.figure.canvas.get_renderer()
        whole = axes.figure.bbox
        boxes = [(t.get_text(), t.get_window_extent(renderer)) for t in texts(axes)]
        for text, box in boxes:
            assert box.x0 >= -1 and box.y0 >= -1, (name, text)
            assert box.x1 <= whole.width + 1 and box.y1 <= whole.height + 1, (name, text)
        for i, (one, box) in enumerate(boxes):
            assert not [other for other, b in boxes[i + 1 :] if b.overlaps(box)], (name, one)


def test_titles_say_the_message(drawn: dict[str, Any], results: tuple[Any, Any]) -> None:
    said = {
        name: " ".join(t.get_text().replace("\n", " ") for t in texts(axes)) for name, axes in drawn.items()
    }
    assert "would be worth most" in said["no noise"]
    assert "No test" in said["nothing to learn"]
    assert "short of the best plan of each" in said["stability"]
    best = results[0].best
    assert best is not None
    assert " ".join(best.channel.split()[:1]) in said["tests"]


def test_hostile_names_stay_text(drawn: dict[str, Any]) -> None:
    made = svg(drawn["tests"])
    assert b"<b>" not in made
    assert svg(drawn["tests"]) == made


def test_axes_that_are_given_are_used(results: tuple[Any, Any]) -> None:
    axes = new_axes(7.0, 4.0)
    assert plot_next_test(results[0], ax=axes) is axes
    assert plot_stability(results[1], ax=(other := new_axes(7.0, 4.0))) is other
