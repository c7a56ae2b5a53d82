"""Pictures of calibration: how often intervals held the truth, and where the truth fell in what was predicted."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.calibration.levels import LevelMap
from mixcurve.calibration.report import CalibrationReport, Coverage
from mixcurve.calibration.words import levels_sentence, percent, spread_sentence
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.numbers import Numbers
from mixcurve.plots.style import PALETTE, Palette, fit_in_figure, light_axes, new_axes, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_coverage", "plot_levels", "plot_pit"]

WIDTH, HEIGHT = 6.69, 2.7
"""Inches: the width of the text of a report's page, and a bit less than a third of its height."""
SIDE = 3.9
"""Inches: a picture whose two axes are the same measure."""
ROW, HEAD = 0.27, 0.95
"""Inches: the height of a row of coverage, and what title and axis need."""
NAME_WIDTH = 30
"""Characters of a group's name before it runs on in a second line."""
CHARACTERS = 16
"""Characters of a title per inch of the figure."""
MOST_DOTS = 12
"""Up to so many points a curve is drawn as points with their intervals, beyond as a line with a band."""
BAND_SHADE = 0.18
_WRITTEN = Numbers("en-GB")


def plot_coverage(report: CalibrationReport, *, ax: Axes | None = None, palette: Palette = PALETTE) -> Axes:
    """Draw the share of intervals that held the truth, with its interval, beside the level stated: a row per group.

    A share whose interval leaves out the stated level is vermilion. ``report.table`` holds the numbers.

    Parameters
    ----------
    report
        From `interval_report` or `predictive_report`.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.calibration.predictive import predictive_report
    >>> axes = plot_coverage(predictive_report([0.1, 0.4, 0.7, 0.98]))
    >>> axes.get_xlabel()
    'Share of intervals that held the truth'
    """
    rows = report.coverage
    if not rows:
        raise InputError(f"report holds no coverage, for it judges {report.kind}. Give one of intervals.")
    several = len({one.level for one in rows}) > 1
    with styled():
        axes = new_axes(WIDTH, HEAD + ROW * len(rows)) if ax is None else ax
        light_axes(axes, palette)
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x", color=palette.grid, linewidth=0.7)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_yticks(range(len(rows)), [_row_name(one, several) for one in rows])
        least = min(min(one.low, one.level) for one in rows)
        axes.set_xlim(max(0.0, np.floor(20.0 * least - 0.5) / 20.0), 1.0)
        _percent_axis(axes.xaxis)
        for y, one in enumerate(rows):
            _coverage_row(axes, y, one, palette)
        _say_stated(axes, rows[0].level, several, palette)
        _title(axes, levels_sentence(report), "Share of intervals that held the truth", "", palette, ax)
    return axes


def _row_name(one: Coverage, several: bool) -> str:
    name = "\n".join(textwrap.wrap(one.group, NAME_WIDTH)[:2]) or "all cases"
    return f"{percent(one.level)}, {name}" if several else name


def _coverage_row(axes: Axes, y: int, one: Coverage, palette: Palette) -> None:
    colour = palette.accent if one.verdict == "as stated" else palette.current
    style: dict[str, Any] = {"color": colour, "zorder": 4, "clip_on": False}
    axes.plot(
        [one.level] * 2, [y - 0.42, y + 0.42], color=palette.ink, linewidth=1.2, zorder=3, clip_on=False
    )
    axes.plot([one.low, one.high], [y, y], linewidth=2.0, solid_capstyle="butt", **style)
    axes.plot([one.held], [y], "o", markersize=6.0, markeredgecolor="white", **style)
    text = f"{_WRITTEN.share(one.held)} of {_WRITTEN.written(one.cases)}"
    beside: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center", "parse_math": False}
    axes.text(1.02, y, text, color=colour, size=9, weight=600, **beside)


def _say_stated(axes: Axes, level: float, several: bool, palette: Palette) -> None:
    """Say beside the first mark what the marks are."""
    text = "stated" if several else f"{percent(level)} stated"
    style: dict[str, Any] = {"ha": "right", "color": palette.ink, "size": 8.5, "parse_math": False}
    axes.annotate(text, (level, -0.42), xytext=(-4, 1), textcoords="offset points", **style)


def plot_pit(report: CalibrationReport, *, ax: Axes | None = None, palette: Palette = PALETTE) -> Axes:
    """Draw the histogram of PIT values, with the band that holds all bars when the predictions are right.

    Bars outside the band are vermilion. High at both ends: too narrow; high in the middle: too wide; high at one end:
    the truth lies on that side. ``report.histogram`` holds the numbers.

    Parameters
    ----------
    report
        From `predictive_report`.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.calibration.predictive import predictive_report
    >>> axes = plot_pit(predictive_report(np.linspace(0.005, 0.995, 100)))
    >>> axes.get_title(loc="left")
    'PIT values of 100 cases are spread as evenly as chance allows'
    """
    if report.kind != "predictive":
        raise InputError(
            f"report holds no PIT values, for it judges {report.kind}. Make one with predictive_report."
        )
    from matplotlib.ticker import MaxNLocator

    data = report.histogram
    outside = ((data["count"] < data["low"]) | (data["count"] > data["high"])).to_numpy()
    with styled():
        axes = new_axes(WIDTH, HEIGHT) if ax is None else ax
        light_axes(axes, palette)
        axes.set_xlim(0.0, 1.0)
        axes.set_ylim(0.0, 1.12 * float(data[["count", "high"]].to_numpy().max()))
        colours = np.where(outside, palette.current, palette.dots).tolist()
        widths = data["right"] - data["left"]
        axes.bar(data["left"], data["count"], width=0.94 * widths, align="edge", color=colours, zorder=2)
        # The band lies behind the bars, its limits before them, so that a bar outside it shows on either side.
        low, high = (data[name].to_numpy()[[0, *range(len(data))]] for name in ("low", "high"))
        band: dict[str, Any] = {"color": palette.accent, "linewidth": 0, "alpha": BAND_SHADE, "zorder": 1}
        axes.fill_between(report.bin_edges, low, high, step="pre", **band)
        limit: dict[str, Any] = {
            "color": palette.accent,
            "linewidth": 0.8,
            "linestyle": (0, (4, 2.5)),
            "zorder": 3,
        }
        for edge in (low, high):
            axes.plot(report.bin_edges, edge, drawstyle="steps-pre", **limit)
        axes.axhline(report.effective_cases / len(data), color=palette.accent, linewidth=1.2, zorder=4)
        _percent_axis(axes.xaxis)
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10], integer=True))
        note = f"band: all bars of right predictions, {percent(report.confidence)} of the time"
        axes.set_ylabel("Cases", color=palette.muted)
        label = "Predicted probability of at most what happened (PIT value)"
        _title(axes, spread_sentence(report), label, note, palette, ax)
    return axes


def plot_levels(
    result: CalibrationReport | LevelMap, *, ax: Axes | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw how often the truth was held against the level stated, with the interval at each level by itself.

    On the diagonal intervals hold the truth as often as stated; below it less often. ``result.curve`` holds the data.

    Parameters
    ----------
    result
        From `interval_report`, `predictive_report`, `recalibrate_intervals` or `recalibrate_predictive`.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.calibration.predictive import predictive_report
    >>> axes = plot_levels(predictive_report([0.1, 0.4, 0.7, 0.98]))
    >>> axes.get_ylabel()
    'Share that held the truth'
    """
    data = result.curve
    quantiles = isinstance(result, LevelMap) and result.of == "quantiles"
    with styled():
        axes = new_axes(SIDE, SIDE) if ax is None else ax
        light_axes(axes, palette)
        axes.grid(axis="x", color=palette.grid, linewidth=0.7)
        axes.set(xlim=(0.0, 1.0), ylim=(0.0, 1.0))
        axes.plot(
            [0.0, 1.0], [0.0, 1.0], color=palette.muted, linewidth=1.0, linestyle=(0, (4, 2.5)), zorder=2
        )
        _curve(axes, data, palette)
        _say_sides(axes, quantiles, palette)
        _percent_axis(axes.xaxis)
        _percent_axis(axes.yaxis)
        axes.set_ylabel(
            "Share at most the quantile" if quantiles else "Share that held the truth", color=palette.muted
        )
        note = f"{'bars' if len(data) <= MOST_DOTS else 'band'}: {percent(result.confidence)} interval at each level"
        label = "Probability stated" if quantiles else "Level stated"
        message = (
            result.summary.removesuffix(".") if isinstance(result, LevelMap) else levels_sentence(result)
        )
        _title(axes, message, label, note, palette, ax)
    return axes


def _curve(axes: Axes, data: Any, palette: Palette) -> None:
    x, y, low, high = (data[name].to_numpy() for name in ("stated", "observed", "low", "high"))
    if len(data) > MOST_DOTS:
        axes.fill_between(x, low, high, color=palette.accent, alpha=BAND_SHADE, linewidth=0, zorder=3)
        axes.plot(x, y, color=palette.accent, linewidth=1.8, zorder=4)
        return
    axes.vlines(x, low, high, color=palette.accent, linewidth=2.0, zorder=3)
    style: dict[str, Any] = {"markeredgecolor": "white", "zorder": 4, "clip_on": False}
    axes.plot(x, y, "o", color=palette.accent, markersize=6.0, **style)


def _say_sides(axes: Axes, quantiles: bool, palette: Palette) -> None:
    """Say in the two corners what lies off the diagonal."""
    style: dict[str, Any] = {"color": palette.muted, "size": 8.5, "parse_math": False, "zorder": 1}
    above, below = (
        ("quantile too high", "quantile too low") if quantiles else ("held more often", "held less often")
    )
    axes.text(0.03, 0.97, above, va="top", **style)
    axes.text(0.97, 0.03, below, ha="right", **style)


def _percent_axis(axis: Any) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: percent(value)))


def _title(axes: Axes, message: str, label: str, note: str, palette: Palette, given: Axes | None) -> None:
    """Write the message above, the label of the axis and a note below; fit them in the figure if it is ours."""
    axes.set_xlabel(f"{label}\n{note}" if note else label, color=palette.muted, parse_math=False)
    if given is None:
        fit_in_figure(axes)
    figure, place = axes.get_figure(root=True), axes.get_position()
    assert figure is not None
    room = figure.get_figwidth() * (place.width if given is not None else 1.0 - place.x0)
    style: dict[str, Any] = {"color": palette.ink, "size": 9, "weight": 600, "parse_math": False}
    axes.set_title("\n".join(textwrap.wrap(message, max(int(CHARACTERS * room), 20))), loc="left", **style)
    if given is None:
        fit_in_figure(axes)
