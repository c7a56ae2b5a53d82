"""The pictures of a comparison: all curves over the data with their average, and how the weight is shared."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.plots.comparison_data import ComparisonData, comparison_data
from mixcurve.plots.style import PALETTE, Palette, fit_in_figure, light_axes, new_axes, styled
from mixcurve.response.fit.compare.results import CurveComparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_comparison", "draw_weights", "plot_comparison", "plot_weights"]

WIDTH, HEIGHT = 6.69, 3.6
ROW_HEIGHT, FRAME_HEIGHT = 0.25, 0.85
"""Inches: the width of the text of a report's page, and the rows of the picture of weights."""
COLOURS = ("#c4500c", "#00765a", "#8a4f9e", "#a07800")
"""Of the curves with the most weight, after the accent of the average: told apart in every common colour blindness
(darkened from Okabe and Ito 2008, Color Universal Design)."""
DASHES: tuple[tuple[int, tuple[float, ...]], ...] = (
    (0, (5, 2)),
    (0, (2, 1.5)),
    (0, (6, 1.5, 1.5, 1.5)),
    (0, (1, 1.2)),
)
"""The same curves without colour."""
BAND_SHADE = 0.18
COLUMNS, LEGEND_BELOW = 3, 36.0
"""Of the legend, and points from the axis to it: room for the numbers and the name of the axis between."""
EDGE, REACH = 0.05, 0.3
"""Room around the dots, and how far beyond them an interval may push the axis, in ranges of the dots."""
FROM_ZERO = 0.5
"""Where the least response is below this share of the most, the axis begins at 0."""
LETTERS_PER_INCH = 17.0
LEAST_LETTERS = 20
"""Of a line of the title."""
EQUALLY_GOOD = 2.0
"""AICc this near the least is drawn in the accent: as good as the best (see the comparison's verdict)."""


def plot_comparison(
    result: CurveComparison, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw every curve over the data with its weight, and their average with its interval.

    Curves with hardly any weight are faint and without a name. Grey marks spend that was never seen.
    `comparison_data` returns the numbers.

    Parameters
    ----------
    result
        Of `compare_curves`.
    ax
        Axes to draw on; those of a new figure if not given.
    units
        How numbers are written; English with the result's currency if not given.
    palette
        Colours.

    Examples
    --------
    >>> import numpy as np
    >>> from mixcurve.response.fit.compare.curves import compare_curves
    >>> result = compare_curves(np.arange(9.0), np.sqrt(np.arange(9.0)), curves=[], resamples=0)
    >>> plot_comparison(result).get_title(loc="left").split()[:3]
    ['A', 'concave', 'curve']
    """
    return draw_comparison(comparison_data(result), ax=ax, units=units, palette=palette)


def draw_comparison(
    data: ComparisonData, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw what `comparison_data` returned."""
    written = units or Units(Numbers("en-GB", data.currency), data.every, data.response_name)
    with styled():
        axes = new_axes(WIDTH, HEIGHT) if ax is None else ax
        light_axes(axes, palette)
        axes.set_xlim(0.0, float(data.spend[-1]))
        axes.set_ylim(*_response_range(data))
        _label_axes(axes, data, written, palette)
        _draw_unseen(axes, data, palette)
        _draw_curves(axes, data, written, palette)
        _titled(axes, data, palette, alone=ax is None)
    return axes


def _response_range(data: ComparisonData) -> tuple[float, float]:
    """Return the range of all dots and, within reason, of the interval over the spend seen; curves may leave it."""
    dots = data.observed_response
    least, most = float(dots.min()), float(dots.max())
    room = (most - least) or abs(most) or 1.0
    inside = (data.spend >= data.seen[0]) & (data.spend <= data.seen[1])
    wanted = np.concatenate(
        [v[inside & np.isfinite(v)] for v in (data.average, data.low, data.high)] + [dots]
    )
    low = max(float(wanted.min()), least - REACH * room) - EDGE * room
    high = min(float(wanted.max()), most + REACH * room) + EDGE * room
    return (0.0 if 0 <= least < FROM_ZERO * most else low), high


def _label_axes(axes: Axes, data: ComparisonData, units: Units, palette: Palette) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: units.spend(x)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: units.response(y)))
    plain: dict[str, Any] = {"color": palette.muted, "parse_math": False}
    axes.set_xlabel(f"Spend {units.a_period}", **plain)
    axes.set_ylabel(f"{units.label[:1].upper()}{units.label[1:]} {units.a_period}", **plain)


def _titled(axes: Axes, data: ComparisonData, palette: Palette, *, alone: bool) -> None:
    """Write the verdict above the axes, in lines as long as the axes are wide, all within the figure if ``alone``."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    if alone:
        fit_in_figure(axes)
    letters = int(axes.get_position().width * figure.get_size_inches()[0] * LETTERS_PER_INCH)
    lines = textwrap.fill(data.verdict, max(letters, LEAST_LETTERS))
    axes.set_title(lines, loc="left", color=palette.ink, size=9, parse_math=False)
    if alone:
        fit_in_figure(axes)


def _draw_unseen(axes: Axes, data: ComparisonData, palette: Palette) -> None:
    end = float(data.spend[-1])
    for start, stop in ((0.0, data.seen[0]), (data.seen[1], end)):
        if stop - start > 0.01 * end:
            axes.axvspan(start, stop, color=palette.unseen, linewidth=0, zorder=0)
    low, high = axes.get_ylim()
    axes.text(
        (data.seen[1] + end) / 2, low + 0.03 * (high - low), f"no {data.every}\nseen", color=palette.muted,
        size=8.5, va="bottom", ha="center", parse_math=False,
    )  # fmt: skip


def _draw_curves(axes: Axes, data: ComparisonData, units: Units, palette: Palette) -> None:
    x, y = data.observed_spend, data.observed_response
    axes.plot(
        x, y, "o", color=palette.dots, markersize=3.1, alpha=0.7, markeredgewidth=0, clip_on=False, zorder=3
    )
    banded = bool(np.isfinite(data.low).all())
    if banded:
        shade: dict[str, Any] = {"color": palette.accent, "alpha": BAND_SHADE, "linewidth": 0, "zorder": 2}
        axes.fill_between(data.spend, data.low, data.high, **shade)
    interval = f", {units.numbers.share(data.level)} interval" if banded else ""
    style: dict[str, Any] = {"color": palette.accent, "linewidth": 2.2, "zorder": 5}
    handles = axes.plot(data.spend, data.average, label=f"average by weight{interval}", **style)
    for i in range(len(data.names)):
        if i not in data.leading(len(COLOURS)):
            axes.plot(data.spend, data.response[i], color=palette.faint, linewidth=1.0, zorder=1.5)
    for place, i in enumerate(data.leading(len(COLOURS))):
        label = f"{_words(data.names[i])}, weight {units.numbers.share(float(data.weights[i]))}"
        look: dict[str, Any] = {
            "color": COLOURS[place],
            "linestyle": DASHES[place],
            "linewidth": 1.4,
            "zorder": 5,
        }
        handles += axes.plot(data.spend, data.response[i], label=label, **look)
    if len(data.leading(len(COLOURS))) < len(data.names):
        handles += axes.plot([], [], color=palette.faint, linewidth=1.0, label="the other curves")
    _legend(axes, handles, palette)


def _legend(axes: Axes, handles: list[Any], palette: Palette) -> None:
    """Put the legend below the axes, where it covers nothing."""
    from matplotlib.transforms import offset_copy

    figure = axes.get_figure(root=True)
    assert figure is not None
    legend = axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(-0.01, 0.0), ncols=COLUMNS, frameon=False, fontsize=8.5,
        bbox_transform=offset_copy(axes.transAxes, figure, y=-LEGEND_BELOW, units="points"),
        handlelength=2.6, columnspacing=1.6, borderaxespad=0.0, labelcolor=palette.ink,
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_parse_math(False)


def _words(name: str) -> str:
    return name.replace("_", " ")


def plot_weights(
    result: CurveComparison, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw the Akaike weight of every curve, the most weight at the top, with its distance to the least AICc.

    Examples
    --------
    >>> import numpy as np
    >>> from mixcurve.response.fit.compare.curves import compare_curves
    >>> result = compare_curves(np.arange(9.0), np.sqrt(np.arange(9.0)), curves=[], resamples=0)
    >>> [t.get_text() for t in plot_weights(result).get_yticklabels()]
    ['power', 'straight line', 'no effect']
    """
    return draw_weights(comparison_data(result), ax=ax, units=units, palette=palette)


def draw_weights(
    data: ComparisonData, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw the weights that `comparison_data` returned."""
    numbers = units.numbers if units else Numbers("en-GB", data.currency)
    with styled():
        rows = np.arange(len(data.names))
        axes = new_axes(WIDTH, ROW_HEIGHT * len(rows) + FRAME_HEIGHT) if ax is None else ax
        light_axes(axes, palette)
        axes.grid(visible=False)
        leading = data.delta <= EQUALLY_GOOD
        colours = [palette.accent if lead else palette.faint for lead in leading]
        axes.barh(rows, data.weights, height=0.62, color=colours, linewidth=0)
        axes.set(xlim=(0.0, 1.16 * float(data.weights.max(initial=0.01))), ylim=(len(rows) - 0.4, -0.6))
        axes.set_yticks(rows, [_words(n) for n in data.names])
        _write_weights(axes, data, numbers, palette)
        _titled(axes, data, palette, alone=ax is None)
    return axes


def _write_weights(axes: Axes, data: ComparisonData, numbers: Numbers, palette: Palette) -> None:
    from matplotlib.ticker import FuncFormatter

    axes.xaxis.set_major_formatter(FuncFormatter(lambda w, _: f"{numbers.written(100 * w)}%"))
    axes.set_xlabel("Akaike weight, and AICc above the least", color=palette.muted, parse_math=False)
    for row, (weight, delta) in enumerate(zip(data.weights, data.delta, strict=True)):
        if np.isfinite(delta):
            above = f"+{numbers.written(float(delta), 1)}" if delta > 0 else "least"
            text = f"{numbers.share(float(weight))}, AICc {above}"
            axes.annotate(
                text, (float(weight), row), xytext=(4, 0), textcoords="offset points", va="center", size=8.5,
                color=palette.ink, parse_math=False,
            )  # fmt: skip
