"""The picture of a schedule: the spend of each channel period by period, beside the best even spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.budget.flighting.plan import FlightPlan
from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.foundations.results import Result
from mixcurve.plots.message import say
from mixcurve.plots.style import PALETTE, Palette, fit_in_figure, new_axes, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["FlightData", "draw_flight", "flight_data", "plot_flight"]

FloatArray = npt.NDArray[np.float64]

WIDTH, ROW, AROUND = 6.69, 0.32, 0.95
"""Inches: of the picture, of a channel's row, and of what stands above and below the rows."""
TALLEST = 0.86
"""Height of the largest bar, in rows."""
NAME_WIDTH = 24
"""Characters of a channel's name before it is cut."""


@dataclass(frozen=True, eq=False)
class FlightData(Result):
    """Spend by period and channel (T × C), the best even spread (C,; NaN where there is none), and the message."""

    channels: tuple[str, ...]
    spend: FloatArray
    even: FloatArray
    pattern: tuple[str, ...]
    message: str
    every: str
    currency: str | None

    @property
    def frame(self) -> Any:
        """Spend by period (rows, from 1) and channel, as a pandas frame."""
        import pandas as pd

        rows = pd.RangeIndex(1, len(self.spend) + 1, name=self.every)
        return pd.DataFrame(np.array(self.spend), index=rows, columns=list(self.channels))

    @property
    def alternative(self) -> str:
        """The picture in words, for those who do not see it."""
        told = [
            f"{name}: {kind}, spend in {int((column > 0).sum())} of {len(column)} {self.every}s"
            for name, kind, column in zip(self.channels, self.pattern, self.spend.T, strict=True)
        ]
        return f"{self.message} {'; '.join(told)}."


def flight_data(plan: FlightPlan) -> FlightData:
    """Return what a picture of a schedule shows: channels in the order given, and what unevenness brings."""
    even = plan.even_spend if len(plan.even_spend) else np.full(len(plan.channels), np.nan)
    pattern = tuple(plan.pattern[c] for c in plan.channels)
    return FlightData(plan.channels, plan.spend, even, pattern, _message(plan), plan.every, plan.currency)


def _message(plan: FlightPlan) -> str:
    gain = plan.gain_over_even / plan.even_value if plan.even_value > 0 else np.inf
    if not np.isfinite(gain):
        return "When to spend: the schedule"
    share = Numbers("en-GB", None).share(gain, 1 if gain < 0.1 else 0)
    if plan.uneven_pays:
        return f"The schedule brings {share} more than the best even spread"
    return f"An even spread is nearly as good: the schedule adds {share}"


def plot_flight(
    plan: FlightPlan, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw each channel's spend by period as a row of bars, with the best even spread as a line.

    Parameters
    ----------
    plan
        From `flight`.
    ax
        Axes to draw on; those of a new figure if not given.
    units
        How numbers are written; English with the plan's currency if not given.
    palette
        Colours.
    """
    return draw_flight(flight_data(plan), ax=ax, units=units, palette=palette)


def draw_flight(
    data: FlightData, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw what `flight_data` returned. Each row has its own scale: the picture is of time, totals stand beside it."""
    written = units or Units(Numbers("en-GB", data.currency), data.every)
    count = len(data.channels)
    with styled():
        axes = new_axes(WIDTH, AROUND + ROW * count) if ax is None else ax
        periods = np.arange(1.0, len(data.spend) + 1.0)
        for i in range(count):
            _row(axes, data, i, float(count - 1 - i), periods, palette)
        _dress(axes, data, written, palette)
        unit = f"spend {written.a_period}, each row on its own scale"
        say(axes, data.message, unit, palette)
        if ax is None:
            fit_in_figure(axes)
    return axes


def _row(axes: Axes, data: FlightData, i: int, floor: float, periods: FloatArray, palette: Palette) -> None:
    even = float(np.nan_to_num(data.even[i]))
    scale = TALLEST / (max(float(data.spend[:, i].max()), even) or 1.0)
    axes.plot([0.5, len(periods) + 0.5], [floor, floor], color=palette.faint, linewidth=0.7, zorder=1)
    axes.bar(
        periods,
        data.spend[:, i] * scale,
        bottom=floor,
        width=0.8,
        color=palette.accent,
        linewidth=0,
        zorder=2,
    )
    if even > 0:
        level = floor + even * scale
        ends = [0.5, len(periods) + 0.5]
        axes.plot(ends, [level, level], color=palette.current, linewidth=1.0, linestyle=(0, (4, 2)), zorder=3)


def _dress(axes: Axes, data: FlightData, units: Units, palette: Palette) -> None:
    from matplotlib.ticker import MaxNLocator

    count, periods = len(data.channels), len(data.spend)
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    axes.set_xlim(0.5, periods + 0.5)
    axes.set_ylim(-0.08, count)
    axes.xaxis.set_major_locator(MaxNLocator(min(13, max(periods, 2)), integer=True, min_n_ticks=1))
    axes.tick_params(axis="x", colors=palette.muted, labelsize=8.5, length=2.5, width=0.6)
    axes.tick_params(axis="y", colors=palette.ink, labelsize=9, length=0)
    names = [n if len(n) <= NAME_WIDTH else f"{n[: NAME_WIDTH - 1]}…" for n in data.channels]
    labels = axes.set_yticks([count - 1 - i + 0.4 for i in range(count)], names)
    for tick in labels:
        tick.label1.set_parse_math(False)
    axes.set_xlabel(data.every, color=palette.muted, size=9, loc="right", labelpad=2)
    style: dict[str, Any] = {"size": 9, "va": "center", "ha": "left", "parse_math": False}
    for i in range(count):
        on = int((data.spend[:, i] > 0).sum())
        text = (
            f"{units.spend(float(data.spend[:, i].sum()))} in {on} {data.every}{'s' * (on != 1)}"
            if on
            else "off"
        )
        at = (1.01, (count - 1 - i + 0.48) / (count + 0.08))
        axes.text(*at, text, transform=axes.transAxes, color=palette.muted, **style)
    if np.any(np.nan_to_num(data.even) > 0):
        axes.text(
            1.01, 1.0, "dashed: best even spread", transform=axes.transAxes, color=palette.current, size=8.5,
            va="bottom", ha="left", parse_math=False,
        )  # fmt: skip
