"""What figures over time share: a title that says the message, the unit below it, a legend beside it, dates."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from mixcurve.foundations.numbers import NBSP
from mixcurve.plots.style import Palette, fit_in_figure, light_axes, new_axes
from mixcurve.response.checks.residual_words import ResidualCheck

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

__all__ = ["date_axis", "framed", "headline", "legend_above", "response_axis", "say", "settle"]

MESSAGE_SIZE = 10.5
LETTER = 0.46
"""Mean width of a letter of the report's semibold font over its size: 0.43 is measured, and a little more taken."""
UNIT_LINE = 17.0
"""Points from the axes to the message: room for the unit, and the legend beside it."""
UNIT_GAP, LEGEND_BELOW = 12.0, 20.0
"""Points from the unit to the legend beside it, and from the axes to a legend below them."""
LONGEST_MESSAGE = 3
"""Lines of a message; what is longer ends in an ellipsis."""


def say(axes: Axes, message: str, unit: str, palette: Palette) -> Text:
    """Write the message above the axes, wrapped to their width, and the unit below it, whose text is returned."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    width = axes.get_window_extent().width * 72.0 / figure.dpi
    letters = max(20, int(width / (LETTER * MESSAGE_SIZE)))
    lines = textwrap.wrap(message, letters, max_lines=LONGEST_MESSAGE, placeholder=" …")
    style: dict[str, Any] = {"size": MESSAGE_SIZE, "weight": 600, "linespacing": 1.15, "parse_math": False}
    axes.annotate(
        "\n".join(lines), (0.0, 1.0), xycoords="axes fraction", xytext=(0.0, UNIT_LINE),
        textcoords="offset points", va="bottom", ha="left", color=palette.ink, annotation_clip=False, **style,
    )  # fmt: skip
    return axes.set_title(unit, loc="left", color=palette.muted, size=9, parse_math=False, pad=5.0)


def legend_above(axes: Axes, unit: Text, palette: Palette, handles: list[Any] | None = None) -> None:
    """Put the legend on the line of the unit, at its right end; below the axes where it would not fit."""
    from matplotlib.transforms import offset_copy

    figure = axes.get_figure(root=True)
    assert figure is not None
    entries = handles if handles is not None else axes.get_legend_handles_labels()[0]
    style: dict[str, Any] = {
        "frameon": False, "fontsize": 9, "labelcolor": palette.muted, "handletextpad": 0.45, "handlelength": 1.4,
        "columnspacing": 1.1, "handles": entries, "borderaxespad": 0.1,
    }  # fmt: skip
    beside: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.01, 1.0)}
    legend = axes.legend(ncols=max(len(entries), 1), **beside, **style)
    free = _width(axes, axes) - _width(unit, axes) - UNIT_GAP * figure.dpi / 72.0
    if _width(legend, axes) > free:
        below = offset_copy(axes.transAxes, figure, y=-LEGEND_BELOW, units="points")
        under: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (-0.01, 0.0), "bbox_transform": below}
        for columns in range(len(entries), 0, -1):
            legend = axes.legend(ncols=columns, **under, **style)
            if _width(legend, axes) <= _width(axes, axes):
                break
    for text in legend.get_texts():
        text.set_parse_math(False)


def _width(artist: Any, axes: Axes) -> float:
    """Return the width of what is drawn, in pixels."""
    from matplotlib.backends.backend_agg import RendererAgg

    figure = axes.get_figure(root=True)
    assert figure is not None
    renderer = RendererAgg(figure.bbox.width, figure.bbox.height, figure.dpi)
    return float(artist.get_window_extent(renderer).width)


def date_axis(axes: Axes) -> None:
    """Write dates short, the year only where it changes."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=4, maxticks=9)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))


def response_axis(axes: Axes, write: Any, low: float, high: float, most: int = 5) -> None:
    """Put round ticks on the vertical axis between two values, written by ``write``."""
    from matplotlib.ticker import MaxNLocator

    places = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    reach = 1e-9 * (high - low)
    kept = [float(place) for place in places if low - reach <= place <= high + reach]
    axes.set_yticks(kept, [write(place) for place in kept])


def framed(ax: Axes | None, width: float, height: float, palette: Palette) -> Axes:
    """Return the axes given, or those of a new figure with room for a message, with a light frame."""
    axes = new_axes(width, height) if ax is None else ax
    if ax is None:
        axes.set_position((0.08, 0.12, 0.9, 0.7))
    light_axes(axes, palette)
    return axes


def settle(axes: Axes, ax: Axes | None) -> None:
    """Fit the axes in their figure, unless they are the user's."""
    if ax is None:
        fit_in_figure(axes)


def headline(check: ResidualCheck) -> str:
    """Return what a check found without what follows from it, and its p-value.

    Examples
    --------
    >>> from mixcurve.response.checks.statistic import ResidualTest
    >>> from mixcurve.response.checks.residual_words import gaussian_check
    >>> headline(gaussian_check(ResidualTest("Anderson-Darling", 9.0, 1e-9), 0.0, 9.0)).replace(NBSP, " ")
    'Residuals have more extreme values than a Gaussian has (p below 0.001)'
    """
    if check.status == "not available":
        return check.sentence.removesuffix(".")
    told = check.sentence.removesuffix(".").partition(":")[0].partition(" (")[0]
    p = "p below 0.001" if check.p_value < 0.001 else f"p = {check.p_value:.2g}"
    return f"{told} ({p.replace(' ', NBSP)})"
