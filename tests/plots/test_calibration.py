"""Pictures of calibration: they show the report's own numbers, say its message, and clip nothing."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text
from scipy.stats import norm

from mixcurve.calibration.interval import interval_report
from mixcurve.calibration.predictive import predictive_report
from mixcurve.calibration.recalibration import recalibrate_intervals, recalibrate_predictive
from mixcurve.calibration.report import CalibrationReport
from mixcurve.foundations.errors import InputError
from mixcurve.plots.calibration import plot_coverage, plot_levels, plot_pit
from mixcurve.plots.style import PALETTE, new_axes, svg

LEVELS = [0.5, 0.8, 0.9]
NAMES = ["TV", "Paid $ocial_^", "paid_social_prospecting_thirdparty_audiences_dach"]


def intervals(level: Any, error: float = 1.5, groups: bool = False) -> CalibrationReport:
    half = np.tile(norm.ppf(0.5 + np.atleast_1d(level) / 2), (300, 1))
    truth = error * np.random.default_rng(0).normal(size=300)
    return interval_report(-half, half, truth, level, groups=NAMES * 100 if groups else None)


def predicted(error: float = 1.0) -> CalibrationReport:
    return predictive_report(norm.cdf(error * np.random.default_rng(1).normal(size=300)))


@pytest.fixture(scope="module")
def drawn() -> dict[str, Any]:
    half = np.tile(norm.ppf(0.5 + np.array(LEVELS) / 2), (300, 1))
    levels = recalibrate_intervals(-half, half, 1.5 * np.random.default_rng(0).normal(size=300), LEVELS)
    return {
        "coverage": plot_coverage(intervals(0.9)),
        "groups": plot_coverage(intervals(LEVELS, groups=True)),
        "pit": plot_pit(predicted(1.5)),
        "levels": plot_levels(intervals(LEVELS)),
        "curve": plot_levels(predicted()),
        "map": plot_levels(levels),
        "quantiles": plot_levels(recalibrate_predictive([0.2, 0.5, 0.6], of="quantiles")),
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


def test_titles_say_the_message(drawn: dict[str, Any]) -> None:
    titles = {name: " ".join(axes.get_title(loc="left").split()) for name, axes in drawn.items()}
    assert titles["coverage"] == intervals(0.9).summary.removesuffix(".")
    assert titles["groups"] == "Intervals held the truth less often than stated at 3 of 3 levels in 300 cases"
    assert titles["pit"] == "PIT values are uneven: the predictive distributions are too narrow"
    assert titles["map"].startswith("For intervals of a real")
    assert (
        plot_levels(intervals(LEVELS, 1.0))
        .get_title(loc="left")
        .startswith("Intervals held the truth as often")
    )


def test_coverage_shows_the_table() -> None:
    report = intervals(LEVELS, groups=True)
    axes = plot_coverage(report)
    dots = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert dots == report.table["held"].tolist()
    names = [t.get_text().replace("\n", "") for t in axes.get_yticklabels()]
    assert names[:3] == ["50%, all cases", "50%, TV", "50%, Paid $ocial_^"]
    colours = {to_hex(line.get_color()) for line in axes.lines if line.get_marker() == "o"}
    assert PALETTE.current in colours
    right = plot_coverage(intervals(0.9, 1.0))
    assert {to_hex(line.get_color()) for line in right.lines} == {PALETTE.accent, PALETTE.ink}


@pytest.mark.parametrize("error", [1.0, 1.8])
def test_histogram_shows_its_frame_and_marks_bars_outside(error: float) -> None:
    report = predicted(error)
    bars = plot_pit(report).patches
    assert [bar.get_height() for bar in bars] == report.histogram["count"].tolist()
    outside = (report.bin_counts < report.bin_low) | (report.bin_counts > report.bin_high)
    assert outside.any() == (error > 1)
    assert [to_hex(bar.get_facecolor()) == PALETTE.current for bar in bars] == outside.tolist()


def test_levels_show_the_curve() -> None:
    report = predicted()
    line = plot_levels(report).lines[-1]
    assert line.get_xdata().tolist() == report.curve["stated"].tolist()
    assert line.get_ydata().tolist() == report.curve["observed"].tolist()


def test_draws_on_given_axes_repeats_itself_and_leaves_settings_alone() -> None:
    before = dict(mpl.rcParams)
    for draw, report in ((plot_coverage, predicted()), (plot_pit, predicted()), (plot_levels, predicted())):
        axes = new_axes(5.0, 3.0)
        assert draw(report, ax=axes) is axes
        assert svg(draw(report)) == svg(draw(report))
    assert dict(mpl.rcParams) == before


def test_what_a_report_does_not_hold_is_named() -> None:
    with pytest.raises(
        InputError, match=r"no PIT values, for it judges intervals. Make one with predictive_report"
    ):
        plot_pit(intervals(0.9))
    empty = np.empty(0)
    other = CalibrationReport("probabilities", "", 5, 5.0, 0.95, (), empty, empty, empty, empty)
    with pytest.raises(InputError, match="no coverage, for it judges probabilities"):
        plot_coverage(other)
