"""The picture of the past: what the model credits to the baseline and to each channel, beside what was observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.foundations.results import Result
from mixcurve.plots.style import PALETTE, Palette, fit_in_figure, light_axes, new_axes, styled
from mixcurve.response.fit.results import CurveFit, MixFit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixcurve.budget.problem import Allocation
    from mixcurve.tables.table import SpendTable

__all__ = ["HEIGHT", "TALL", "HistoryData", "draw_history", "history_data", "plot_history"]

FloatArray = npt.NDArray[np.float64]

WIDTH, HEIGHT = 6.69, 1.65
TALL = 2.8
"""Height where the past stands alone on a page."""
MOST_AREAS = 8
"""Channels with an area of their own; those that matter less share one."""
AREAS = (
    "#4477aa", "#ee7733", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#332288", "#999933", "#bbbbbb"
)  # fmt: skip
"""Told apart in every common colour blindness. Source: Tol, P. (2021), SRON/EPS/TN/09-002, bright, vibrant, muted."""
PALE_AREAS = ("#b9c2cd", "#cbd2db")
"""For channels whose effect the data do not show: near the baseline's grey, since they may be part of it."""
TINY = float(np.finfo(np.float64).tiny)
NAME_WIDTH = 30
KEY_WIDTH, LEGEND_WIDTH = 6, 105
MOST_COLUMNS = 8
LEGEND_ROW = 0.19
"""Inches that a further row of the legend takes."""
LEGEND_BELOW = 22.0
"""Points from the axis to the legend: room for the dates between them."""
"""Widths in letters: of a legend's key with its gaps, and of the whole legend."""


@dataclass(frozen=True, eq=False)
class HistoryData(Result):
    """Baseline (n), contributions (n × channels) and observed response (n) by date; groups are added up.

    ``shown`` says of each channel whether the data show its effect; those that are not shown come first. ``own`` says
    which have an area of their own in a picture.
    """

    dates: npt.NDArray[np.datetime64]
    channels: tuple[str, ...]
    baseline: FloatArray
    contributions: FloatArray
    observed: FloatArray
    every: str
    currency: str | None
    response_name: str
    shown: tuple[bool, ...]
    own: tuple[bool, ...]

    @property
    def frame(self) -> Any:
        """The parts by date as a pandas frame."""
        import pandas as pd

        columns: dict[str, Any] = {"baseline": self.baseline}
        columns |= dict(zip(self.channels, self.contributions.T, strict=True))
        return pd.DataFrame(
            columns | {"observed": self.observed}, index=pd.DatetimeIndex(self.dates, name="date")
        )


def history_data(
    fit: MixFit | CurveFit, table: SpendTable | None = None, *, plan: Allocation | None = None
) -> HistoryData:
    """Return what a picture of the past shows; a `CurveFit` needs its table.

    Channels whose effect the data do not show come first, next to the baseline they may belong to; then the largest.
    Those that bring most, or that the plan changes most, have an area of their own.
    """
    parts = fit.contributions
    baseline = np.zeros(len(parts)) + fit.baseline
    observed = baseline + parts.sum(axis=1) + fit.residual
    if isinstance(fit, CurveFit) and table is None:
        raise InputError("table must be given with a CurveFit, which holds no dates.")
    dates = fit.dates if isinstance(fit, MixFit) else table.dates if table is not None else np.empty(0)
    shown = np.array([e.grade != "not shown" for e in fit.evidence])
    order = np.lexsort((-parts.sum(axis=0), shown))
    days, place = np.unique(dates, return_inverse=True)
    added = np.zeros((len(days), len(order) + 2))
    np.add.at(added, place, np.column_stack([baseline, observed, parts[:, order]]))
    names = tuple(fit.channels[i] for i in order)
    return HistoryData(
        days, names, added[:, 0], added[:, 2:], added[:, 1], fit.every, fit.currency, fit.response_name,
        tuple(shown[order].tolist()), tuple(_own(parts, fit.channels, plan)[order].tolist()),
    )  # fmt: skip


def _own(parts: FloatArray, channels: Sequence[str], plan: Allocation | None) -> npt.NDArray[np.bool_]:
    """Return which channels have an area of their own: the largest by contribution or by change in the plan."""
    weight = np.abs(parts.sum(axis=0))
    weight = weight / max(float(weight.max()), TINY)
    if plan is not None and plan.spend:
        change = np.abs([plan.spend[c] - plan.current[c] for c in channels])
        # A channel that the plan changes outranks one that only brought much: the reader looks for it.
        weight = weight + change / max(float(change.max()), TINY)
    most = MOST_AREAS if len(channels) > MOST_AREAS + 1 else len(channels)
    return np.asarray(np.argsort(np.argsort(-weight, kind="stable"), kind="stable") < most)


def plot_history(
    fit: MixFit | CurveFit,
    *,
    table: SpendTable | None = None,
    ax: Axes | None = None,
    units: Units | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw baseline and contributions as stacked areas by date, and the observed response as a line."""
    return draw_history(history_data(fit, table), ax=ax, units=units, palette=palette)


def draw_history(
    data: HistoryData,
    *,
    ax: Axes | None = None,
    units: Units | None = None,
    palette: Palette = PALETTE,
    height: float = HEIGHT,
) -> Axes:
    """Draw what `history_data` returned, ``height`` inches high without the legend's further rows."""
    written = units or Units(Numbers("en-GB", data.currency), data.every, data.response_name)
    names, parts, colours = _areas(data)
    with styled():
        labels = _short(["baseline", *names, "observed"])
        rows = -(-len(labels) // _columns(labels))
        axes = new_axes(WIDTH, height + LEGEND_ROW * (rows - 1)) if ax is None else ax
        light_axes(axes, palette)
        handles: list[Any] = [
            axes.fill_between(data.dates, 0.0, data.baseline, color="#dfe4ea", linewidth=0, zorder=1)
        ]
        floor = np.array(data.baseline)
        for part, colour in zip(parts, colours, strict=True):
            handles.append(
                axes.fill_between(data.dates, floor, floor + part, color=colour, linewidth=0, zorder=2)
            )
            floor = floor + part
        handles += axes.plot(data.dates, data.observed, color=palette.ink, linewidth=1.1, zorder=3)
        _dress(axes, data, written, palette)
        _legend(axes, handles, labels, palette)
        if ax is None:
            fit_in_figure(axes)
    return axes


def _areas(data: HistoryData) -> tuple[list[str], list[FloatArray], list[str]]:
    """Return names, contributions and colours; pale where the effect is not shown, and at most so many areas."""
    own = [i for i, drawn in enumerate(data.own) if drawn]
    rest = [i for i, drawn in enumerate(data.own) if not drawn]
    names = [data.channels[i] if data.shown[i] else f"{data.channels[i]} (not shown)" for i in own]
    parts = [data.contributions[:, i] for i in own]
    bright, pale = iter(AREAS), iter(PALE_AREAS * max(len(own), 1))
    colours = [next(bright) if data.shown[i] else next(pale) for i in own]
    if rest:
        names.append(f"{len(rest)} other channels")
        parts.append(data.contributions[:, rest].sum(axis=1))
        colours.append(AREAS[-1])
    return names, parts, colours


def _dress(axes: Axes, data: HistoryData, units: Units, palette: Palette) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    locator = AutoDateLocator(minticks=4, maxticks=9)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: units.response(y, 3)))
    axes.set_xlim(data.dates[0], data.dates[-1])
    axes.set_ylim(min(0.0, float(data.baseline.min())), 1.04 * float(data.observed.max()))
    axes.set_title(
        f"{units.label[:1].upper()}{units.label[1:]} {units.a_period}",
        loc="left",
        color=palette.muted,
        size=9,
        parse_math=False,
    )


def _legend_width(names: Sequence[str], columns: int) -> int:
    """Return the width of a legend in letters, its columns filled downwards as matplotlib does."""
    parts = np.array_split(np.array([len(name) for name in names]), min(columns, len(names)))
    return sum(int(part.max()) + KEY_WIDTH for part in parts)


def _short(names: Sequence[str]) -> list[str]:
    return [name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 1]}…" for name in names]


def _columns(names: Sequence[str]) -> int:
    """Return how many columns of a legend fit side by side."""
    fitting = (n for n in range(MOST_COLUMNS, 1, -1) if _legend_width(names, n) <= LEGEND_WIDTH)
    return next(fitting, 2)


def _legend(axes: Axes, handles: list[Any], names: list[str], palette: Palette) -> None:
    from matplotlib.transforms import offset_copy

    figure = axes.get_figure(root=True)
    assert figure is not None
    legend = axes.legend(
        handles,
        names,
        loc="upper left",
        bbox_to_anchor=(-0.01, 0.0),
        bbox_transform=offset_copy(axes.transAxes, figure, y=-LEGEND_BELOW, units="points"),
        ncols=_columns(names),
        frameon=False,
        fontsize=8.5,
        labelcolor=palette.muted,
        handlelength=1.2,
        columnspacing=1.4,
        handletextpad=0.5,
        borderaxespad=0.0,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
