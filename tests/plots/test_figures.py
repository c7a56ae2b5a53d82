"""The figures themselves: text that stays text, nothing clipped, no label on another."""

from __future__ import annotations

import itertools
import subprocess
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from mixcurve.plots.changes import plot_changes
from mixcurve.plots.curves import plot_curve
from mixcurve.plots.history import history_data, plot_history
from mixcurve.plots.labels import Label, place_labels
from mixcurve.plots.marginals import plot_marginals
from mixcurve.plots.style import FONT, new_axes, styled, svg
from mixcurve.report.glyphs import texts_of_svg


def renderer_of(axes: Any) -> Any:
    return axes.figure.canvas.get_renderer()


def texts(axes: Any) -> list[Any]:
    """Return every text that is drawn."""
    from matplotlib.text import Text

    return [t for t in axes.figure.findobj(Text) if t.get_visible() and t.get_text().strip()]


def beyond_limits(axes: Any) -> list[Any]:
    """Return the labels of ticks beyond the axes' limits, which are not drawn."""
    found = []
    for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        low, high = sorted(limits)
        reach = 1e-9 * (high - low)
        found += [t.label1 for t in axis.get_major_ticks() if not low - reach <= t.get_loc() <= high + reach]
    return found


def overlaps(axes: Any, some: list[Any]) -> list[tuple[str, str]]:
    renderer = renderer_of(axes)
    boxes = [(t.get_text(), t.get_window_extent(renderer)) for t in some]
    return [(a, b) for (a, one), (b, other) in itertools.combinations(boxes, 2) if one.overlaps(other)]


@pytest.fixture(scope="module")
def drawn(cases: ModuleType) -> dict[str, Any]:
    names = [
        "TV",
        cases.HOSTILE,
        cases.LONG,
        "paid_social_prospecting_thirdparty_audiences_dach",
        "Radio",
        *cases.NAMES[5:],
    ]
    _, fit = cases.table_and_fit(names=names)
    plan = cases.plan_for(fit, shift=0.6)
    found = {f"curve {n}": plot_curve(fit, n, plan=plan) for n in names}
    found |= {
        "changes": plot_changes(plan),
        "history": plot_history(fit),
        "marginals": plot_marginals(fit, plan),
    }
    one_table, one = cases.one_channel()
    return found | {
        "one": plot_curve(one, "advertising"),
        "past": plot_history(one, table=one_table),
    }


def test_nothing_is_clipped(drawn: dict[str, Any]) -> None:
    for name, axes in drawn.items():
        axes.figure.draw_without_rendering()
        frame = axes.figure.bbox
        for text in texts(axes):
            box = text.get_window_extent(renderer_of(axes))
            inside = (
                box.x0 >= -1 and box.y0 >= -1 and box.x1 <= frame.width + 1 and box.y1 <= frame.height + 1
            )
            if text in beyond_limits(axes):
                continue
            assert inside, (name, text.get_text(), box)


def test_no_label_lies_on_another(drawn: dict[str, Any]) -> None:
    for name, axes in drawn.items():
        labels = [t for t in axes.texts if t.get_text().strip()]
        assert not overlaps(axes, labels), name


def test_text_stays_text_in_the_report_font(drawn: dict[str, Any], cases: ModuleType) -> None:
    for axes in drawn.values():
        made = svg(axes)
        assert FONT.encode() in made
        assert b"<text" in made
        assert b"<image" not in made
    words = " ".join(texts_of_svg(svg(drawn["changes"])))
    assert cases.HOSTILE in words


def test_the_same_figure_gives_the_same_bytes(cases: ModuleType) -> None:
    _, fit = cases.table_and_fit(1)
    assert svg(plot_curve(fit, "TV")) == svg(plot_curve(fit, "TV"))


def test_draws_on_given_axes_and_leaves_settings_alone(cases: ModuleType) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    _, fit = cases.table_and_fit(2)
    axes = new_axes(5.0, 3.0)
    assert plot_curve(fit, "TV", ax=axes) is axes
    assert plot_history(fit, ax=new_axes(5.0, 3.0)).get_title(loc="left").startswith("Orders")
    assert dict(mpl.rcParams) == before


def test_unseen_spend_is_grey_and_dashed(cases: ModuleType) -> None:
    _, fit = cases.one_channel()
    axes = plot_curve(fit, "advertising")
    dashed = [line for line in axes.lines if line.get_linestyle() == "--"]
    assert len(dashed) == 2
    for line in dashed:
        x = line.get_xdata()
        assert x.max() <= fit.spend_range[0, 0] or x.min() >= fit.spend_range[0, 1]
    assert sum("no year seen" in t.get_text() for t in axes.texts) == 2


def test_held_spend_is_one_mark(cases: ModuleType) -> None:
    _, fit = cases.table_and_fit(2)
    axes = plot_curve(fit, "TV", plan=cases.plan_for(fit, shift=0.0))
    assert sum(t.get_text().startswith("now and plan") for t in axes.texts) == 1


@pytest.mark.parametrize("seed", range(20))
def test_labels_keep_apart_wherever_the_points_are(seed: int) -> None:
    rng = np.random.default_rng(seed)
    with styled():
        axes = new_axes(6.0, 2.7)
        axes.set_position((0.1, 0.1, 0.85, 0.8))
        axes.set(xlim=(0, 1), ylim=(0, 1))
        x = np.linspace(0.0, 1.0, 100)
        line = np.column_stack([x, x**2 / (x**2 + 0.25)])
        near = np.sort(rng.uniform(0.2, 0.6) + rng.uniform(0.0, 0.03, 3))
        labels = [Label(f"label {i} £33.4k", p, p**2 / (p**2 + 0.25), "#000000") for i, p in enumerate(near)]
        placed = place_labels(axes, labels, lines=[line])
    assert not overlaps(axes, placed)
    frame = axes.get_window_extent(renderer_of(axes))
    for text in placed:
        box = text.get_window_extent(renderer_of(axes))
        assert frame.x0 <= box.x0
        assert box.x1 <= frame.x1


@pytest.mark.parametrize("count", [1, 3, 5, 8, 12])
def test_the_legend_of_the_past_is_clear_of_the_dates_and_inside(cases: ModuleType, count: int) -> None:
    _, fit = cases.table_and_fit(count)
    axes = plot_history(fit)
    axes.figure.draw_without_rendering()
    renderer = renderer_of(axes)
    legend = axes.get_legend().get_window_extent(renderer)
    for tick in axes.get_xticklabels():
        if tick not in beyond_limits(axes) and tick.get_text():
            assert not legend.overlaps(tick.get_window_extent(renderer))
    assert legend.x1 <= axes.figure.bbox.width + 1


def test_the_past_never_hides_the_channels_that_a_plan_changes(cases: ModuleType) -> None:
    _, fit = cases.table_and_fit(12)
    moved = cases.plan_for(fit)
    data = history_data(fit, plan=moved)
    change = {c: abs(moved.spend[c] - moved.current[c]) for c in fit.channels}
    largest = max(change, key=lambda c: change[c])
    drawn = [c for c, own in zip(data.channels, data.own, strict=True) if own]
    assert largest in drawn
    assert len(drawn) == 8
    assert all(history_data(cases.table_and_fit(9)[1]).own)


def test_overlapping_labels_are_caught() -> None:
    axes = new_axes(4.0, 2.0)
    some = [axes.text(0.5, 0.5, "one"), axes.text(0.5, 0.52, "two")]
    assert overlaps(axes, some) == [("one", "two")]


def test_no_window_system_and_no_pyplot() -> None:
    code = "import sys, mixcurve.plots.curves, mixcurve.report.spend as s; "
    code += "print('matplotlib' in sys.modules, 'typst' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "False"]
