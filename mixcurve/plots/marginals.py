"""The picture behind a plan: what the next step of spend brings in each channel, now and in the plan."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.foundations.results import Result
from mixcurve.plots.style import PALETTE, Palette, fit_in_figure, light_axes, new_axes, styled
from mixcurve.response.fitted import Fitted, marginal_draws

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixcurve.budget.problem import Allocation

__all__ = ["MarginalsData", "draw_marginals", "marginals_data", "plot_marginals"]

FloatArray = npt.NDArray[np.float64]

WIDTH, ROW_HEIGHT, TIGHT_ROW, FRAME_HEIGHT = 6.69, 0.34, 0.27, 0.75
FEW = 7
"""Up to so many channels the rows are taller."""
NAME_WIDTH = 34
APART = 0.17
"""Distance of the two marks of a channel from the middle of its row."""
REACH = 2.5
"""The axis ends at most this many times above the largest estimate; longer intervals run out of it."""


@dataclass(frozen=True, eq=False)
class MarginalsData(Result):
    """Marginal response per unit of spend, by channel (channels × 3: estimate, low, high), now and in the plan.

    The limits are NaN where the fit has no resamples. ``price`` is the plan's shadow price.
    """

    channels: tuple[str, ...]
    now: FloatArray
    plan: FloatArray
    price: float
    level: float
    every: str
    currency: str | None
    response_name: str


def marginals_data(fit: Fitted, plan: Allocation) -> MarginalsData:
    """Return what a picture of marginal responses shows."""
    found = []
    for values in (plan.current, plan.spend):
        spend = np.array([values.get(c, plan.current[c]) for c in fit.channels])
        middle = marginal_draws(fit, spend).mean(axis=0)
        ends = np.full((2, len(spend)), np.nan)
        if len(fit.resamples):
            ends = np.quantile(
                marginal_draws(fit, spend, fit.resamples),
                [0.5 - plan.level / 2, 0.5 + plan.level / 2],
                axis=0,
            )
        found.append(np.column_stack([middle, *ends]))
    return MarginalsData(
        fit.channels,
        found[0],
        found[1],
        plan.shadow_price,
        plan.level,
        fit.every,
        fit.currency,
        fit.response_name,
    )


def plot_marginals(
    fit: Fitted,
    plan: Allocation,
    *,
    step: float = 1.0,
    ax: Axes | None = None,
    units: Units | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw what the next ``step`` of spend brings in each channel, now and in the plan, and the shadow price.

    In the best plan the channels within their bounds stand on one line, the shadow price: no money is left that would
    work harder elsewhere.
    """
    return draw_marginals(marginals_data(fit, plan), step=step, ax=ax, units=units, palette=palette)


def draw_marginals(
    data: MarginalsData,
    *,
    step: float = 1.0,
    ax: Axes | None = None,
    units: Units | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw what `marginals_data` returned."""
    written = units or Units(Numbers("en-GB", data.currency), data.every, data.response_name)
    with styled():
        row_height = ROW_HEIGHT if len(data.channels) <= FEW else TIGHT_ROW
        axes = new_axes(WIDTH, row_height * len(data.channels) + FRAME_HEIGHT) if ax is None else ax
        light_axes(axes, palette)
        axes.grid(visible=False, axis="y")
        axes.grid(visible=True, axis="x", color=palette.grid, linewidth=0.7)
        axes.set_ylim(len(data.channels) - 0.4, -0.6)
        axes.set_xlim(0.0, step * _end(data))
        rows = np.arange(len(data.channels))
        _points(axes, data.now * step, rows - APART, palette.current, "now")
        _points(axes, data.plan * step, rows + APART, palette.accent, "plan")
        if data.price > 0:
            dashes: Any = (0, (4, 2.5))
            style: dict[str, Any] = {"color": palette.ink, "linewidth": 1.0, "linestyle": dashes, "zorder": 1}
            axes.axvline(data.price * step, label="shadow price", **style)
        _dress(axes, data, step, written, palette)
        place: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.01, 1.0), "borderaxespad": 0.1}
        axes.legend(ncols=3, frameon=False, fontsize=9, labelcolor=palette.muted, handletextpad=0.4, **place)
        if ax is None:
            fit_in_figure(axes)
    return axes


def _end(data: MarginalsData) -> float:
    both = np.concatenate([data.now, data.plan])
    middle = float(max(both[:, 0].max(), data.price, 0.0))
    high = np.nan_to_num(both[:, 2], nan=0.0, posinf=np.inf).max()
    return 1.05 * min(max(float(high), middle), REACH * middle) or 1.0


def _points(axes: Axes, values: Any, rows: Any, colour: str, label: str) -> None:
    for (_, low, high), row in zip(values, rows, strict=True):
        if np.isfinite([low, high]).all():
            axes.plot(
                [low, high],
                [row, row],
                color=colour,
                linewidth=1.4,
                alpha=0.55,
                zorder=2,
                solid_capstyle="round",
            )
    style: dict[str, Any] = {"markersize": 5.5, "markeredgecolor": "white", "label": label, "clip_on": False}
    axes.plot(values[:, 0], rows, "o", color=colour, zorder=3, **style)


def _dress(axes: Axes, data: MarginalsData, step: float, units: Units, palette: Palette) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    names = ["\n".join(textwrap.wrap(name, NAME_WIDTH, break_long_words=True)[:3]) for name in data.channels]
    axes.set_yticks(range(len(names)), names, color=palette.ink, parse_math=False)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: units.response(x, 3)))
    title = f"{units.label[:1].upper()}{units.label[1:]} from the next {units.step(step)}"
    axes.set_title(title, loc="left", color=palette.muted, size=9, parse_math=False)
