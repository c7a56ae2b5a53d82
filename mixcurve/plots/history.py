"""The picture of the past: what the model credits to the baseline and to each channel, beside what was observed."""

from __future__ import annotations

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

    from mixcurve.tables.table import SpendTable

__all__ = ["HistoryData", "draw_history", "history_data", "plot_history"]

FloatArray = npt.NDArray[np.float64]

WIDTH, HEIGHT = 6.69, 2.2
MOST_AREAS = 6
"""Channels with an area of their own; the smaller ones share one."""
AREAS = ("#4477aa", "#ee7733", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb")
"""Told apart in every common colour blindness. Source: Tol, P. (2021), SRON/EPS/TN/09-002, bright and vibrant."""
NAME_WIDTH = 30


@dataclass(frozen=True, eq=False)
class HistoryData(Result):
    """Baseline (n), contributions (n × channels) and observed response (n) by date; groups are added up."""

    dates: npt.NDArray[np.datetime64]
    channels: tuple[str, ...]
    baseline: FloatArray
    contributions: FloatArray
    observed: FloatArray
    every: str
    currency: str | None
    response_name: str

    @property
    def frame(self) -> Any:
        """The parts by date as a pandas frame."""
        import pandas as pd

        columns: dict[str, Any] = {"baseline": self.baseline}
        columns |= dict(zip(self.channels, self.contributions.T, strict=True))
        return pd.DataFrame(
            columns | {"observed": self.observed}, index=pd.DatetimeIndex(self.dates, name="date")
        )


def history_data(fit: MixFit | CurveFit, table: SpendTable | None = None) -> HistoryData:
    """Return what a picture of the past shows; a `CurveFit` needs its table, the largest channel comes first."""
    parts = fit.contributions
    baseline = np.zeros(len(parts)) + fit.baseline
    observed = baseline + parts.sum(axis=1) + fit.residual
    if isinstance(fit, CurveFit) and table is None:
        raise InputError("table must be given with a CurveFit, which holds no dates.")
    dates = fit.dates if isinstance(fit, MixFit) else table.dates if table is not None else np.empty(0)
    order = np.argsort(-parts.sum(axis=0), kind="stable")
    days, place = np.unique(dates, return_inverse=True)
    added = np.zeros((len(days), len(order) + 2))
    np.add.at(added, place, np.column_stack([baseline, observed, parts[:, order]]))
    names = tuple(fit.channels[i] for i in order)
    return HistoryData(
        days, names, added[:, 0], added[:, 2:], added[:, 1], fit.every, fit.currency, fit.response_name
    )


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
    data: HistoryData, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw what `history_data` returned."""
    written = units or Units(Numbers("en-GB", data.currency), data.every, data.response_name)
    names, parts = _areas(data)
    with styled():
        axes = new_axes(WIDTH, HEIGHT + 0.2 * (len(names) // 5)) if ax is None else ax
        light_axes(axes, palette)
        handles: list[Any] = [
            axes.fill_between(data.dates, 0.0, data.baseline, color="#dfe4ea", linewidth=0, zorder=1)
        ]
        floor = np.array(data.baseline)
        for part, colour in zip(parts, AREAS):
            handles.append(
                axes.fill_between(data.dates, floor, floor + part, color=colour, linewidth=0, zorder=2)
            )
            floor = floor + part
        handles += axes.plot(data.dates, data.observed, color=palette.ink, linewidth=1.1, zorder=3)
        _dress(axes, data, written, palette)
        _legend(axes, handles, ["baseline", *names, "observed"], palette)
        if ax is None:
            fit_in_figure(axes)
    return axes


def _areas(data: HistoryData) -> tuple[list[str], list[FloatArray]]:
    count = len(data.channels)
    own = count if count <= MOST_AREAS + 1 else MOST_AREAS
    names, parts = list(data.channels[:own]), list(data.contributions.T[:own])
    if own < count:
        names.append(f"{count - own} other channels")
        parts.append(data.contributions[:, own:].sum(axis=1))
    return names, parts


def _dress(axes: Axes, data: HistoryData, units: Units, palette: Palette) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    locator = AutoDateLocator(minticks=4, maxticks=9)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
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


def _legend(axes: Axes, handles: list[Any], names: list[str], palette: Palette) -> None:
    short = [name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 1]}…" for name in names]
    columns = 2 if max(map(len, short)) > NAME_WIDTH // 2 + 3 else 5
    legend = axes.legend(
        handles,
        short,
        loc="upper left",
        bbox_to_anchor=(-0.01, -0.14),
        ncols=columns,
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
