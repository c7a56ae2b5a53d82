"""The picture of a schedule."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.flighting.flight import flight
from mixcurve.plots.flight import flight_data, plot_flight
from mixcurve.plots.style import new_axes, svg
from mixcurve.report.glyphs import texts_of_svg

NAMES = ("TV & <radio>", "Search $_x$", "paid_social_prospecting_thirdparty_audiences_dach")


@pytest.fixture(scope="module")
def plan():
    curves = {n: ("hill", {"top": 100, "half": 50_000, "slope": s}) for n, s in zip(NAMES, (4.0, 0.9, 4.0))}
    known = mc.response_from(curves, currency="GBP")
    return flight(known, 600_000, 13, carryover=("geometric", {"decay": 0.3}), tolerance=0.05)


def test_bars_are_the_schedule_each_row_on_its_scale(plan):
    axes = plot_flight(plan)
    heights = np.array([bar.get_height() for bar in axes.patches]).reshape(3, 13).T
    for mine, spend in zip(heights.T, plan.spend.T):
        np.testing.assert_allclose(mine * spend.max(), spend * mine.max(), atol=1e-9 * spend.max())
    data = flight_data(plan)
    np.testing.assert_array_equal(data.frame.to_numpy(), plan.spend)
    assert all(name in data.alternative for name in NAMES)
    assert f"in {int((plan.spend[:, 0] > 0).sum())} of 13 weeks" in data.alternative


def test_the_message_says_what_unevenness_brings(plan):
    axes = plot_flight(plan)
    words = " ".join(texts_of_svg(svg(axes)))
    assert f"{100 * (plan.value / plan.even_value - 1):.0f}% more than the best even spread" in words
    assert "£" in words and NAMES[0] in words and NAMES[1] in words
    even = mc.response_from({"tv": ("michaelis_menten", {"top": 1, "half": 1})})
    level = flight_data(flight(even, 6.0, 6))
    assert level.message.startswith("An even spread is nearly as good")
    assert level.pattern == ("spread",)


def test_nothing_is_clipped_and_no_label_lies_on_another(plan):
    axes = plot_flight(plan)
    axes.figure.draw_without_rendering()
    renderer, frame = axes.figure.canvas.get_renderer(), axes.figure.bbox
    boxes = [t.get_window_extent(renderer) for t in [*axes.texts, *axes.get_yticklabels(), axes.title]]
    for box in boxes:
        assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= frame.width + 1 and box.y1 <= frame.height + 1
    assert not [1 for i, a in enumerate(boxes) for b in boxes[i + 1 :] if a.overlaps(b)]


def test_draws_on_given_axes_and_without_an_even_spread():
    known = mc.response_from({"tv": ("hill", {"top": 1, "half": 1, "slope": 3})})
    plan = flight(known, 6.0, 4, period_bounds={"tv": ([0, 0, 0, 2], [2, 2, 1, 3])})
    assert np.isnan(plan.even_value)
    axes = new_axes(5.0, 3.0)
    assert plot_flight(plan, ax=axes) is axes
    assert flight_data(plan).message == "When to spend: the schedule"
