"""Pictures of probabilities: how often what was stated came true, over all cases and by segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.calibration.report import CalibrationReport
from mixcurve.calibration.words import percent, segments_sentence
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.numbers import Numbers
from mixcurve.plots.message import framed, say, settle
from mixcurve.plots.style import PALETTE, Palette, light_axes, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_reliability", "plot_segment_calibration"]

WIDTH, HEIGHT = 4.6, 4.9
"""Inches: a picture whose two axes are the same measure, with room for the message and the histogram."""
ROW_WIDTH, ROW, HEAD = 6.69, 0.27, 1.05
"""Inches: the width of a report's text, the height of a row, and what message and axis need."""
BARS = 0.2
"""The height of the histogram as a share of the curve's, and the gap between them as a share of the histogram's."""
GAP = 0.35
BAND_SHADE = 0.18
SPARE = 0.03
"""Room beyond the largest probability, as a share of it."""
_WRITTEN = Numbers("en-GB")


def plot_reliability(
    report: CalibrationReport, *, ax: Axes | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw how often what was stated came true, with the band of right probabilities and a histogram below.

    Where the curve leaves the band, chance does not explain it. Above the diagonal more came true than stated.
    ``report.curve`` and ``report.histogram`` hold the numbers.

    Parameters
    ----------
    report
        From `calibration_report`.
    ax
        Axes to draw on; those of a new figure if not given. The histogram is drawn within them, at the bottom.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.calibration.probability import calibration_report
    >>> p = np.linspace(0.01, 0.99, 500)
    >>> axes = plot_reliability(calibration_report(np.random.default_rng(0).random(500) < p, p))
    >>> axes.get_ylabel()
    'Share that came true'
    """
    if report.kind != "probabilities":
        raise InputError(
            f"report holds no reliability curve, for it judges {report.kind}. Make one with calibration_report."
        )
    data, end = report.curve, _end(report)
    with styled():
        axes = framed(ax, WIDTH, HEIGHT, palette)
        axes.grid(axis="x", color=palette.grid, linewidth=0.7)
        axes.set(xlim=(0.0, end), ylim=(-end * BARS * (1.0 + GAP), end))
        _bars(axes, report, end, palette)
        axes.plot([0, end], [0, end], color=palette.muted, linewidth=1.0, linestyle=(0, (4, 2.5)), zorder=2)
        x = data["stated"].to_numpy()
        band: dict[str, Any] = {"color": palette.accent, "alpha": BAND_SHADE, "linewidth": 0, "zorder": 1}
        axes.fill_between(x, data["low"], data["high"], **band)
        axes.plot(x, data["observed"], color=palette.accent, linewidth=1.8, zorder=4)
        _say_sides(axes, end, palette)
        _percent_axis(axes.xaxis)
        _percent_axis(axes.yaxis)
        axes.set_yticks([tick for tick in axes.get_yticks() if 0.0 <= tick <= end])
        axes.set_ylabel("Share that came true", color=palette.muted)
        note = f"band: where {percent(report.confidence)} of curves of right probabilities lie, at each point"
        axes.set_xlabel(f"Probability stated\n{note}; bars: cases", color=palette.muted, parse_math=False)
        settle(axes, ax)
        say(axes, report.summary.removesuffix("."), "", palette)
        settle(axes, ax)
    return axes


def _end(report: CalibrationReport) -> float:
    """Return where both axes end: the whole curve is drawn, and of the band what lies beside it.

    At the largest probability, which few cases have, the band may reach up to 1 however rare the outcome is.
    """
    most = max(float(report.bin_edges[-1]), float(report.observed.max()))
    return min(1.0, most * (1.0 + SPARE))


def _bars(axes: Axes, report: CalibrationReport, end: float, palette: Palette) -> None:
    """Draw the histogram of stated probabilities below the curve, on its own scale."""
    height = end * BARS * report.bin_counts / report.bin_counts.max()
    width = np.diff(report.bin_edges)
    bottom = -end * BARS * (1.0 + GAP)
    bars: dict[str, Any] = {"color": palette.dots, "zorder": 2, "align": "edge"}
    axes.bar(report.bin_edges[:-1], height, width=0.9 * width, bottom=bottom, **bars)
    axes.axhline(0.0, color=palette.faint, linewidth=0.7, zorder=1)


def _say_sides(axes: Axes, end: float, palette: Palette) -> None:
    """Say in two corners what lies off the diagonal."""
    style: dict[str, Any] = {"color": palette.muted, "size": 8.5, "parse_math": False, "zorder": 1}
    axes.text(0.03 * end, 0.97 * end, "came true more often", va="top", **style)
    axes.text(0.97 * end, 0.03 * end, "came true less often", ha="right", **style)


def plot_segment_calibration(
    report: CalibrationReport, *, ax: Axes | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw the share that came true in each segment, with its interval, beside the mean of what was stated.

    A share whose interval leaves out what was stated is vermilion. ``report.segment_table`` holds the numbers.

    Parameters
    ----------
    report
        From `calibration_report` with segments.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.calibration.probability import calibration_report
    >>> p, where = np.linspace(0.01, 0.99, 500), ["north", "south"] * 250
    >>> happened = np.random.default_rng(0).random(500) < p
    >>> axes = plot_segment_calibration(calibration_report(happened, p, segments=where))
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['north', 'south']
    """
    rows = report.segments
    if not rows:
        raise InputError("report holds no segments. Give calibration_report a label per case as segments.")
    with styled():
        axes = framed(ax, ROW_WIDTH, HEAD + ROW * len(rows), palette)
        light_axes(axes, palette)
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x", color=palette.grid, linewidth=0.7)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_yticks(range(len(rows)), [one.segment for one in rows])
        for text in axes.get_yticklabels():
            text.set_parse_math(False)
        axes.set_xlim(0.0, min(1.0, (1.0 + SPARE) * max(max(one.high, one.stated) for one in rows)))
        _percent_axis(axes.xaxis)
        for y, one in enumerate(rows):
            colour = palette.accent if one.verdict == "as stated" else palette.current
            style: dict[str, Any] = {"color": colour, "zorder": 4, "clip_on": False}
            axes.plot([one.stated] * 2, [y - 0.36, y + 0.36], color=palette.ink, linewidth=1.2, zorder=3)
            axes.plot([one.low, one.high], [y, y], linewidth=2.0, solid_capstyle="butt", **style)
            axes.plot([one.observed], [y], "o", markersize=6.0, markeredgecolor="white", **style)
            told = f"{_WRITTEN.share(one.observed, 1)} of {_WRITTEN.written(one.cases)}"
            place: dict[str, Any] = {
                "transform": axes.get_yaxis_transform(),
                "va": "center",
                "parse_math": False,
            }
            axes.text(1.02, y, told, color=colour, size=9, weight=600, **place)
        note = f"bars across: mean probability stated; lines: {percent(report.confidence)} interval"
        axes.set_xlabel(f"Share that came true\n{note}", color=palette.muted, parse_math=False)
        settle(axes, ax)
        say(axes, segments_sentence(report), "", palette)
        settle(axes, ax)
    return axes


def _percent_axis(axis: Any) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: percent(value)))
