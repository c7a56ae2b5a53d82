"""Pictures of one interval a row: axes with a name at each row, and an interval with its middle and figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mixcurve.plots.style import Palette, light_axes, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["interval_row", "row_axes", "short"]

WIDTH, ROW, HEAD = 6.69, 0.27, 1.1
"""Inches: the width of a report's text, the height of a row, and what title and axis need."""
NAME_LENGTH = 38
"""Characters of a name before it ends in an ellipsis."""


def row_axes(ax: Axes | None, names: Sequence[str], palette: Palette) -> Axes:
    """Return axes, new ones if there are none, with a row for each name from the top down."""
    axes = new_axes(WIDTH, HEAD + ROW * len(names)) if ax is None else ax
    light_axes(axes, palette)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", color=palette.grid, linewidth=0.7)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_yticks(range(len(names)), list(names))
    for text in axes.get_yticklabels():
        text.set_parse_math(False)
    return axes


def short(name: str) -> str:
    """Return a name, its end left out where it is long."""
    return name if len(name) <= NAME_LENGTH else name[: NAME_LENGTH - 1] + "…"


def interval_row(
    axes: Axes, y: int, ends: tuple[float, float], middle: float, told: str, colour: str
) -> None:
    """Draw an interval and its middle in a row, and the figure at the right."""
    axes.plot(ends, [y, y], linewidth=2.0, solid_capstyle="butt", color=colour, zorder=4)
    axes.plot([middle], [y], "o", markersize=6.0, markeredgecolor="white", color=colour, zorder=4)
    beside = axes.get_yaxis_transform()
    axes.text(1.02, y, told, weight=600, color=colour, transform=beside, va="center", size=9)
