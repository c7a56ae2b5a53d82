"""The picture of what experiments moved: the numbers in it, its message, and that nothing is clipped."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mixcurve.plots.experiments import plot_experiments
from mixcurve.plots.style import new_axes, svg
from mixcurve.response.bayes.experiments.report import ExperimentMove, ExperimentReport
from mixcurve.response.fit.estimates import EstimateInterval

HOSTILE = 'TV $x^2$ <b>"&' + " a name far longer than any row of a picture can hold"


def span(middle: float, reach: float) -> EstimateInterval:
    return EstimateInterval("tv", "ROI", middle, middle - reach, middle + reach, 0.9, "", "")


def move(name: str, p: float, known: bool = True) -> ExperimentMove:
    before = span(1.9, 0.8) if known else None
    lift = span(1200, 300)
    return ExperimentMove(
        name, "lift test", "tv", "incremental response", lift, lift if known else None, lift, before, span(1.5, 0.4),
        0.3, 1.0, p if known else np.nan,
    )  # fmt: skip


@pytest.fixture(scope="module")
def report() -> ExperimentReport:
    return ExperimentReport(
        (move("spring", 0.4), move(HOSTILE, 0.002), move("sharp", 0.0, known=False)), 0.9, "GBP"
    )


def test_intervals_and_verdicts_are_those_of_the_report(report: ExperimentReport) -> None:
    axes = plot_experiments(report)
    lines = [np.asarray(line.get_xdata(), dtype=float).tolist() for line in axes.lines]
    for m in report.moves:
        for found in (m.roi_before, m.roi_after):
            assert found is None or [found.low, found.high] in lines
    texts = [t.get_text() for t in axes.texts]
    assert {"agrees, p = 0.40", "disagrees, p = 0.002", "needs a further run"} <= set(texts)
    assert len(lines) == 2 * 5


@pytest.mark.parametrize(
    ("moves", "message"),
    [
        (
            [move("spring", 0.4), move("autumn", 0.01)],
            "autumn and the rest of the data disagree about tv (p = 0.010)",
        ),
        ([move("spring", 0.4)], "spring makes the interval of tv's ROI 50% narrower"),
        ([move("spring", 0.0, known=False)], "What the experiments moved needs a further run without them"),
    ],
)
def test_the_title_says_the_message(moves: list[ExperimentMove], message: str) -> None:
    axes = plot_experiments(ExperimentReport(tuple(moves), 0.9))
    assert message in " ".join(t.get_text().replace("\n", " ").replace("\u00a0", " ") for t in axes.texts)


def test_nothing_is_clipped_and_the_bytes_repeat(report: ExperimentReport) -> None:
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.text import Text

    axes = plot_experiments(report)
    figure: Any = axes.get_figure(root=True)
    renderer = RendererAgg(figure.bbox.width, figure.bbox.height, figure.dpi)
    figure.draw(renderer)  # places the legend's texts
    low, high = axes.get_xlim()
    outside = [t.label1 for t in axes.xaxis.get_major_ticks() if not low <= t.get_loc() <= high]
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text not in outside:
            box = text.get_window_extent(renderer)
            assert (
                box.x0 >= -1
                and box.y0 >= -1
                and box.x1 <= figure.bbox.width + 1
                and box.y1 <= figure.bbox.height + 1
            )
    assert svg(axes) == svg(plot_experiments(report))


def test_it_draws_on_given_axes(report: ExperimentReport) -> None:
    axes = new_axes(6, 3)
    assert plot_experiments(report, ax=axes) is axes
