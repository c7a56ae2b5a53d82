"""The picture of a plan: how each channel's spend changes."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.foundations.results import Result
from mixcurve.plots.style import PALETTE, Palette, new_axes, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixcurve.budget.problem import Allocation

__all__ = ["ChangesData", "changes_data", "draw_changes", "plot_changes"]

WIDTH, ROW_HEIGHT, LEAST_HEIGHT = 6.53, 0.3, 0.9
NAME_WIDTH = 32
"""Characters of a channel's name before it runs on in a second line."""
LEFT, RIGHT = 0.29, 0.76
"""Where the bars' part of the picture starts and ends, as shares of its width."""


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
) -> Axes:  # fmt: skip
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


def draw_changes(data: ChangesData, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE) -> Axes:
    """Draw what `changes_data` returned."""
    written = units or Units(Numbers("en-GB", data.currency), data.every)
    names = ["\n".join(textwrap.wrap(name, NAME_WIDTH, break_long_words=True)[:3]) for name in data.channels]
    lines = [name.count("\n") + 1 for name in names]
    with styled():
        height = max(LEAST_HEIGHT, ROW_HEIGHT * sum(1.0 + 0.5 * (n - 1) for n in lines) + 0.25)
        axes = new_axes(WIDTH, height) if ax is None else ax
        if ax is None:
            axes.set_position((LEFT, 0.0, RIGHT - LEFT, 1.0))
        _frame(axes, data, lines, palette)
        for row, (name, y) in enumerate(zip(names, _rows(lines), strict=True)):
            _bar(axes, data, row, y, name, written, palette)
    return axes


def _rows(lines: list[int]) -> list[float]:
    """Return the middle of each row, from the top down; names of several lines take more room."""
    heights = [1.0 + 0.5 * (n - 1) for n in lines]
    starts = np.concatenate([[0.0], np.cumsum(heights)[:-1]])
    return [float(s + h / 2) for s, h in zip(starts, heights, strict=True)]


def _frame(axes: Axes, data: ChangesData, lines: list[int], palette: Palette) -> None:
    total = sum(1.0 + 0.5 * (n - 1) for n in lines)
    reach = float(np.abs(data.change).max(initial=0.0)) or 1.0
    low = min(0.0, float(data.change.min(initial=0.0))) - 0.3 * reach * bool((data.change < 0).any())
    high = max(0.0, float(data.change.max(initial=0.0))) + 0.3 * reach * bool((data.change > 0).any())
    axes.set_xlim(*((low, high) if high > low else (-1.0, 1.0)))
    axes.set_ylim(total + 0.02, -0.75)
    axes.spines[["top", "right", "bottom", "left"]].set_visible(False)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.plot([0, 0], [0.05, total - 0.05], color=palette.faint, linewidth=0.9, zorder=1)


def _bar(axes: Axes, data: ChangesData, row: int, y: float, name: str, units: Units, palette: Palette) -> None:
    change = float(data.change[row])
    now, then = units.spend(float(data.current[row]), 3), units.spend(float(data.planned[row]), 3)
    colour = palette.accent if change > 0 else palette.current
    beside = axes.get_yaxis_transform()
    axes.text(-0.03, y, name, transform=beside, ha="right", va="center", color=palette.ink, size=9, parse_math=False, linespacing=1.05)
    pair = f"{now} → {then}" if now != then else f"{now}, held"
    axes.text(1.32, y, pair, transform=beside, ha="right", va="center", color=palette.muted, size=9, parse_math=False)
    if row == 0:
        head = {"transform": beside, "va": "center", "color": palette.muted, "size": 8.5, "parse_math": False}
        axes.text(1.32, -0.4, "now → plan", ha="right", **head)
    if now == then:
        axes.plot([0], [y], "o", color=palette.muted, markersize=4, zorder=3)
        return
    axes.barh(y, change, height=0.58, color=colour, zorder=2)
    step = 0.012 * float(np.ptp(axes.get_xlim()))
    side = "left" if change > 0 else "right"
    label = units.spend(change, 3, signed=True)
    axes.text(
        change + (step if change > 0 else -step), y, label, ha=side, va="center", color=colour, size=9, weight=600, parse_math=False
    )
