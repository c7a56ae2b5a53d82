"""What figures of shares have in common: axes in percent, a line with its band, a mark with its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.numbers import Numbers
from mixcurve.plots.style import Palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["banded", "marked", "percent_axis", "reference"]

FloatArray = npt.NDArray[np.float64]

BAND_SHADE = 0.18
SIDE_GAP = 7.0
"""Points between a mark and its words."""
_WRITTEN = Numbers("en-GB")


def percent_axis(axis: Any, most: int = 6) -> None:
    """Write the ticks of an axis of shares as percent, at round places."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{round(100.0 * value, 6):g}%"))


def banded(
    axes: Axes,
    x: FloatArray,
    low: FloatArray,
    high: FloatArray,
    line: tuple[FloatArray, FloatArray],
    colour: str,
) -> None:
    """Draw a line over its band; no band where it is not known."""
    known = np.isfinite(low) & np.isfinite(high)
    if known.any():
        shade: dict[str, Any] = {"color": colour, "alpha": BAND_SHADE, "linewidth": 0, "zorder": 2}
        axes.fill_between(x[known], low[known], high[known], **shade)
    axes.plot(*line, color=colour, linewidth=1.8, zorder=4, solid_joinstyle="round")


def reference(axes: Axes, x: Any, y: Any, palette: Palette) -> None:
    """Draw a dashed line to compare with."""
    axes.plot(x, y, color=palette.muted, linewidth=1.0, linestyle=(0, (4, 2.5)), zorder=3)


def marked(axes: Axes, x: float, y: float, words: str, palette: Palette, *, below: bool = False) -> None:
    """Mark a point of the curve and say beside it, to the right and below or above, what it is."""
    axes.plot(
        [x], [y], "o", color=palette.current, markersize=6.5, markeredgecolor="white", zorder=6, clip_on=False
    )
    left = x > sum(axes.get_xlim()) / 2.0
    style: dict[str, Any] = {
        "color": palette.current, "size": 9, "weight": 600, "parse_math": False, "zorder": 6, "annotation_clip": False,
    }  # fmt: skip
    axes.annotate(
        words, (x, y), xytext=(-SIDE_GAP if left else SIDE_GAP, -SIDE_GAP if below else SIDE_GAP),
        textcoords="offset points", ha="right" if left else "left", va="top" if below else "bottom", **style,
    )  # fmt: skip
