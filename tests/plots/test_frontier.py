"""Pictures of frontiers: what is marked, what is written, nothing clipped."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.frontier.sensitivity import sensitivity
from mixcurve.budget.frontier.trace import frontier
from mixcurve.plots.frontier import plot_frontier, plot_sensitivity
from mixcurve.plots.style import new_axes, svg

LONG = "paid social prospecting of third-party audiences in the north"


@pytest.fixture(scope="module")
def known() -> Any:
    return mc.response_from(
        {
            "tv": ("hill", {"top": 900, "half": 40_000, "slope": 3.2}),
            LONG: ("hill", {"top": 300, "half": 15_000, "slope": 2.5}),
            "search": ("michaelis_menten", {"top": 800, "half": 30_000}),
        },
        current={"tv": 30_000, LONG: 10_000, "search": 20_000},
        currency="GBP",
        response_name="orders",
    )


@pytest.fixture(scope="module")
def traced(known: Any) -> Any:
    return frontier(known, np.linspace(0, 160_000, 17), value=100.0)


def texts(axes: Any) -> list[Any]:
    from matplotlib.text import Text

    axes.figure.draw_without_rendering()
    beyond = [
        t.label1
        for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, sorted(axes.get_ylim())))
        for t in axis.get_major_ticks()
        if not low <= t.get_loc() <= high
    ]
    return [
        t for t in axes.figure.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in beyond
    ]


@pytest.mark.parametrize("show", ["value", "profit"])
def test_nothing_is_clipped_and_every_mark_is_named(traced: Any, show: Any) -> None:
    axes = plot_frontier(traced, show=show)
    written = " ".join(t.get_text() for t in texts(axes))
    for text in texts(axes):
        box = text.get_window_extent(axes.figure.canvas.get_renderer())
        assert box.x0 >= -1
        assert box.x1 <= axes.figure.bbox.x1 + 1
        assert box.y1 <= axes.figure.bbox.y1 + 1
    for mark in ("now £60k", "most profitable", "break-even"):
        assert mark in written
    assert ("tv on" in written) == (show == "value")


def test_the_line_is_the_frontier(traced: Any) -> None:
    line = max(plot_frontier(traced).lines, key=lambda part: len(part.get_xdata()))
    np.testing.assert_allclose(line.get_ydata(), traced.value_at(line.get_xdata()))
    profit = max(plot_frontier(traced, show="profit").lines, key=lambda part: len(part.get_xdata()))
    np.testing.assert_allclose(
        profit.get_ydata(), 100 * traced.value_at(profit.get_xdata()) - profit.get_xdata(), atol=1.0
    )


def test_the_message_speaks_of_today(traced: Any) -> None:
    written = " ".join(t.get_text() for t in plot_frontier(traced).texts).replace("\n", " ")
    assert "today\u2019s budget of £60k" in written.replace("\u00a0", " ")
    assert "the next £1,000 bring" in written


def test_it_draws_on_axes_given_and_the_same_each_time(traced: Any) -> None:
    axes = new_axes(5.0, 3.0)
    assert plot_frontier(traced, ax=axes) is axes
    assert svg(plot_frontier(traced)) == svg(plot_frontier(traced))


def test_profit_needs_a_value(known: Any) -> None:
    with pytest.raises(mc.InputError, match="made with value"):
        plot_frontier(frontier(known, [0, 50_000]), show="profit")
    with pytest.raises(mc.InputError, match="There is no show called 'prof'"):
        plot_frontier(frontier(known, [0, 50_000]), show="prof")  # type: ignore[arg-type]


def test_bars_are_the_changes_of_the_value(known: Any) -> None:
    found = sensitivity(known, 60_000, value=100.0)
    axes = plot_sensitivity(found)
    bars = [patch.get_width() for patch in axes.patches]
    rows = [c.value - found.plan.value for c in found.changes if c.kind != "value of response"]
    assert sorted(bars) == pytest.approx(sorted(rows))
    assert np.all(np.diff(np.abs(bars)) <= 0)
    with pytest.raises(mc.InputError, match="nothing to draw"):
        plot_sensitivity(sensitivity(known, 60_000, budgets=(), around=()))
