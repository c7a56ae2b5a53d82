"""The picture of a plan: how each channel's spend changes."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.foundations.results import Result
from mixcurve.plots.style import PALETTE, Palette, new_axes, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixcurve.budget.problem import Allocation

__all__ = ["ChangesData", "changes_data", "draw_changes", "plot_changes"]

WIDTH, LEAST_HEIGHT, USUAL_HEIGHT = 6.69, 0.9, 3.2
TIGHT_ROW, WIDE_ROW = 0.22, 0.3
"""Rows are as high as the usual height allows, within these limits."""
NAME_WIDTH = 34
"""Characters of a channel's name before it runs on in a second line."""
LEFT, RIGHT = 0.31, 0.78
"""Where the bars' part of the picture starts and ends, as shares of its width."""
PAIRS = (1.0 - LEFT) / (RIGHT - LEFT)
"""The right edge of the picture, in widths of the bars' part."""


@dataclass(frozen=True, eq=False)
class ChangesData(Result):
    """Current and planned spend per period, by channel."""

    channels: tuple[str, ...]
    current: npt.NDArray[np.float64]
    planned: npt.NDArray[np.float64]
    every: str
    currency: str | None

    @property
    def change(self) -> npt.NDArray[np.float64]:
        """Planned minus current spend."""
        return np.asarray(self.planned - self.current)


def changes_data(plan: Allocation) -> ChangesData:
    """Return what a picture of a plan shows; a plan that does not exist changes nothing."""
    now = np.array([plan.current[c] for c in plan.channels])
    then = np.array([plan.spend.get(c, plan.current[c]) for c in plan.channels])
    return ChangesData(plan.channels, now, then, plan.every, plan.currency)


def plot_changes(
    plan: Allocation, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw a bar per channel for planned minus current spend, with both figures beside it.

    Parameters
    ----------
    plan
        The plan with the current spend beside it.
    ax
        Axes to draw on; those of a new figure if not given.
    units
        How numbers are written; English with the plan's currency if not given.
    palette
        Colours.
    """
    return draw_changes(changes_data(plan), ax=ax, units=units, palette=palette)


def draw_changes(
    data: ChangesData, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw what `changes_data` returned."""
    written = units or Units(Numbers("en-GB", data.currency), data.every)
    names = ["\n".join(textwrap.wrap(name, NAME_WIDTH, break_long_words=True)[:3]) for name in data.channels]
    lines = [name.count("\n") + 1 for name in names]
    with styled():
        rows = sum(1.0 + 0.5 * (n - 1) for n in lines)
        height = max(LEAST_HEIGHT, rows * min(max(USUAL_HEIGHT / rows, TIGHT_ROW), WIDE_ROW) + 0.25)
        axes = new_axes(WIDTH, height) if ax is None else ax
        if ax is None:
            axes.set_position((LEFT, 0.0, RIGHT - LEFT, 1.0))
        _frame(axes, data, lines, written, palette)
        for row, (name, y) in enumerate(zip(names, _rows(lines), strict=True)):
            _bar(axes, data, row, y, name, written, palette)
    return axes


def _rows(lines: list[int]) -> list[float]:
    """Return the middle of each row, from the top down; names of several lines take more room."""
    heights = [1.0 + 0.5 * (n - 1) for n in lines]
    starts = np.concatenate([[0.0], np.cumsum(heights)[:-1]])
    return [float(s + h / 2) for s, h in zip(starts, heights, strict=True)]


def _limits(axes: Axes, data: ChangesData, units: Units) -> tuple[float, float]:
    """Return limits that leave room for the labels at the ends of the bars."""
    change = data.change
    low, high = min(0.0, float(change.min(initial=0.0))), max(0.0, float(change.max(initial=0.0)))
    if high <= low:
        return -1.0, 1.0
    left, right = (_label_width(axes, change[side], units) for side in (change < 0, change > 0))
    unit = (high - low) / max(1.0 - left - right, 0.2)
    return low - left * unit, high + right * unit


def _label_width(axes: Axes, change: npt.NDArray[np.float64], units: Units) -> float:
    """Return the width of the widest label, as a share of the axes' width."""
    from matplotlib.backends.backend_agg import RendererAgg

    figure = axes.get_figure(root=True)
    assert figure is not None
    renderer = RendererAgg(figure.bbox.width, figure.bbox.height, figure.dpi)
    widest = 0.0
    for value in change:
        text = axes.text(
            0.0, 0.0, units.spend(float(value), signed=True), size=9, weight=600, parse_math=False
        )
        widest = max(widest, text.get_window_extent(renderer).width)
        text.remove()
    return (
        (widest + 12.0 * figure.dpi / 72.0) / axes.get_window_extent(renderer).width if len(change) else 0.0
    )


def _frame(axes: Axes, data: ChangesData, lines: list[int], units: Units, palette: Palette) -> None:
    total = sum(1.0 + 0.5 * (n - 1) for n in lines)
    axes.set_xlim(*_limits(axes, data, units))
    axes.set_ylim(total + 0.02, -0.75)
    axes.spines[["top", "right", "bottom", "left"]].set_visible(False)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.plot([0, 0], [0.05, total - 0.05], color=palette.faint, linewidth=0.9, zorder=1)


def _bar(
    axes: Axes, data: ChangesData, row: int, y: float, name: str, units: Units, palette: Palette
) -> None:
    change = float(data.change[row])
    now, then = (units.spend(float(values[row])) for values in (data.current, data.planned))
    _beside(axes, -0.03, y, name, palette.ink)
    _beside(axes, PAIRS, y, f"{now} → {then}" if now != then else f"{now}, as now", palette.muted)
    if row == 0:
        _beside(axes, PAIRS, -0.4, "now → plan", palette.muted)
    if now == then:
        axes.plot([0], [y], "o", color=palette.muted, markersize=4, zorder=3, clip_on=False)
        return
    colour = palette.accent if change > 0 else palette.current
    axes.barh(y, change, height=0.58, color=colour, zorder=2)
    step = 0.012 * float(np.ptp(axes.get_xlim())) * float(np.sign(change))
    style: dict[str, Any] = {"color": colour, "size": 9, "weight": 600, "va": "center", "parse_math": False}
    label = units.spend(change, signed=True)
    axes.text(change + step, y, label, ha="left" if change > 0 else "right", **style)


def _beside(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    """Write a text that ends at ``x``, in widths of the bars' part, beside a row."""
    style: dict[str, Any] = {
        "ha": "right",
        "va": "center",
        "size": 9,
        "linespacing": 1.05,
        "parse_math": False,
    }
    axes.text(x, y, text, transform=axes.get_yaxis_transform(), color=colour, **style)
