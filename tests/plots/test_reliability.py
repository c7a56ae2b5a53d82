"""Pictures of probabilities: they show the report's own numbers, say its message, and clip nothing."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from mixcurve.calibration.predictive import predictive_report
from mixcurve.calibration.probability import calibration_report
from mixcurve.calibration.report import CalibrationReport
from mixcurve.foundations.errors import InputError
from mixcurve.plots.reliability import plot_reliability, plot_segment_calibration
from mixcurve.plots.style import PALETTE, new_axes, svg
from mixcurve.sigmoid import expit

NAMES = ["TV", "Paid $ocial_^", "paid_social_prospecting_thirdparty_audiences_dach"]


def stated(shift: float = 0.0, middle: float = -1.0) -> CalibrationReport:
    rng = np.random.default_rng(0)
    z = rng.normal(size=3000) + middle
    y, where = rng.random(3000) < expit(z), np.array(NAMES * 1000)
    return calibration_report(y, score=z + np.where(where == "TV", shift, 0.0), segments=where)


@pytest.fixture(scope="module")
def drawn() -> dict[str, Any]:
    return {
        "right": plot_reliability(stated()),
        "wrong": plot_reliability(stated(2.0)),
        "rare": plot_reliability(stated(middle=-4.5)),
        "segments": plot_segment_calibration(stated(1.0)),
    }


def beyond_limits(axes: Any) -> list[Text]:
    """Return the labels of ticks beyond the axes' limits, which are not drawn."""
    sides = ((axes.get_xticklabels(), 0, axes.get_xlim()), (axes.get_yticklabels(), 1, axes.get_ylim()))
    return [
        t for labels, i, ends in sides for t in labels if not min(ends) <= t.get_position()[i] <= max(ends)
    ]


def test_nothing_is_clipped(drawn: dict[str, Any]) -> None:
    for name, axes in drawn.items():
        axes.figure.draw_without_rendering()
        frame, unseen = axes.figure.bbox, beyond_limits(axes)
        for text in axes.figure.findobj(Text):
            if text.get_visible() and text.get_text().strip() and text not in unseen:
                box = text.get_window_extent(axes.figure.canvas.get_renderer())
                assert box.x0 >= -1 and box.x1 <= frame.width + 1, (name, text.get_text())
                assert box.y0 >= -1 and box.y1 <= frame.height + 1, (name, text.get_text())


def said(axes: Any) -> str:
    return " ".join(" ".join(text.get_text() for text in axes.texts).split())


def test_message_is_the_summary(drawn: dict[str, Any]) -> None:
    assert stated().summary.removesuffix(".") in said(drawn["right"])
    assert "too high on average" in said(drawn["wrong"])
    assert "came true less often than stated in 1 of 3 segments" in said(drawn["segments"])


def test_curve_and_bars_are_those_of_the_report(drawn: dict[str, Any]) -> None:
    report, axes = stated(), drawn["right"]
    curve = max(axes.lines, key=lambda line: len(line.get_xdata()))
    np.testing.assert_array_equal(curve.get_xdata(), report.stated)
    np.testing.assert_array_equal(curve.get_ydata(), report.observed)
    heights = np.array([bar.get_height() for bar in axes.patches])
    np.testing.assert_allclose(heights / heights.max(), report.bin_counts / report.bin_counts.max())
    assert axes.get_xlim()[1] == axes.get_ylim()[1]


def test_axes_of_rare_outcomes_end_near_the_largest_probability(drawn: dict[str, Any]) -> None:
    report, end = stated(middle=-4.5), drawn["rare"].get_xlim()[1]
    assert report.stated[-1] <= end < 0.7 and report.observed.max() <= end


def test_a_segment_off_what_was_stated_is_vermilion(drawn: dict[str, Any]) -> None:
    axes, rows = drawn["segments"], stated(1.0).segments
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [float(dot.get_xdata()[0]) for dot in dots] == [row.observed for row in rows]
    assert [to_hex(dot.get_color()) for dot in dots] == [PALETTE.current, PALETTE.accent, PALETTE.accent]
    assert [row.verdict for row in rows] == ["less often", "as stated", "as stated"]


def test_draws_on_given_axes_and_leaves_settings_alone() -> None:
    before = dict(mpl.rcParams)
    for plot in (plot_reliability, plot_segment_calibration):
        axes = new_axes(5.0, 5.0)
        assert plot(stated(), ax=axes) is axes
    assert dict(mpl.rcParams) == before


def test_same_report_same_picture() -> None:
    assert svg(plot_reliability(stated())) == svg(plot_reliability(stated()))


def test_what_holds_no_such_numbers_is_named() -> None:
    with pytest.raises(InputError, match="holds no reliability curve, for it judges predictive"):
        plot_reliability(predictive_report([0.1, 0.4, 0.7]))
    with pytest.raises(InputError, match="holds no segments"):
        plot_segment_calibration(calibration_report([0, 1], [0.2, 0.7]))
