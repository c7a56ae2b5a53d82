"""The picture of a forecast beside what came: the past, the model with its interval, and the naive forecasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.foundations.results import Result
from mixcurve.plots.message import date_axis, legend_above, response_axis, say
from mixcurve.plots.style import PALETTE, Palette, fit_in_figure, light_axes, new_axes, styled
from mixcurve.response.checks.scores import ForecastComparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ForecastData", "draw_forecast", "forecast_data", "plot_forecast"]

FloatArray = npt.NDArray[np.float64]

WIDTH, HEIGHT = 6.69, 3.0
RIVAL_COLOURS = ("#56616e", "#00765a", "#8a4f9e")
"""Told apart from the accent in every common colour blindness (darkened from Okabe and Ito 2008)."""
RIVAL_DASHES: tuple[tuple[int, tuple[float, ...]], ...] = (
    (0, (1, 1.3)),
    (0, (5, 2)),
    (0, (6, 1.5, 1.5, 1.5)),
)
"""The same rivals without colour."""


@dataclass(frozen=True, eq=False)
class ForecastData(Result):
    """What came and what was forecast, by date and origin (n); groups are added up.

    ``low`` and ``high`` (n) are the limits of the model's interval at ``level``, NaN where its spread is not known.
    ``rivals`` is (names × n).
    """

    dates: npt.NDArray[np.datetime64]
    origin: npt.NDArray[np.int64]
    actual: FloatArray
    model: FloatArray
    low: FloatArray
    high: FloatArray
    rival_names: tuple[str, ...]
    rivals: FloatArray
    past_dates: npt.NDArray[np.datetime64]
    past: FloatArray
    level: float
    sentence: str
    every: str
    currency: str | None
    response_name: str

    @property
    def frame(self) -> Any:
        """Actual response and forecasts by date, as a pandas frame."""
        import pandas as pd

        columns = {"origin": self.origin, "actual": self.actual, "model": self.model}
        columns |= {f"low {self.level:.0%}": self.low, f"high {self.level:.0%}": self.high}
        columns |= dict(zip(self.rival_names, self.rivals, strict=True))
        return pd.DataFrame(columns, index=pd.DatetimeIndex(self.dates, name="date"))


def forecast_data(comparison: ForecastComparison) -> ForecastData:
    """Return what a picture of a forecast shows; rivals without a value for every row are left out."""
    keys = np.column_stack([comparison.origin, comparison.dates.astype("datetime64[D]").astype(np.int64)])
    cells, place = np.unique(keys, axis=0, return_inverse=True)
    place = place.ravel()

    def added(values: FloatArray) -> FloatArray:
        out = np.zeros((*values.shape[:-1], len(cells)))
        np.add.at(out.T, place, values.T)
        return out

    model, *rivals = comparison.forecasts
    limits = np.full((2, len(cells)), np.nan)
    if len(model.draws) > 1:
        # Draws of one row number belong together, so that sums over groups keep their dependence.
        tails = [0.5 - comparison.level / 2.0, 0.5 + comparison.level / 2.0]
        limits = np.quantile(added(model.draws), tails, axis=0)
    elif model.has_spread and len(cells) == len(comparison.actual):
        limits = np.array([added(limit) for limit in model.interval(comparison.level)])
    kept = [f for f in rivals if np.isfinite(f.mean).all()]
    return ForecastData(
        cells[:, 1].astype("datetime64[D]"), cells[:, 0], added(comparison.actual), added(model.mean), limits[0],
        limits[1], tuple(f.name for f in kept),
        np.stack([added(f.mean) for f in kept]) if kept else np.empty((0, len(cells))), comparison.past_dates,
        comparison.past, comparison.level, comparison.sentence, comparison.every, comparison.currency,
        comparison.response_name,
    )  # fmt: skip


def plot_forecast(
    comparison: ForecastComparison,
    *,
    ax: Axes | None = None,
    units: Units | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw the response before and after each origin, the model's forecast with its interval, and the naive ones.

    Parameters
    ----------
    comparison
        From `holdout_forecast` or `rolling_forecast`.
    ax
        Axes to draw on; those of a new figure if not given.
    units
        How numbers are written; English if not given.
    palette
        Colours.
    """
    return draw_forecast(forecast_data(comparison), ax=ax, units=units, palette=palette)


def draw_forecast(
    data: ForecastData, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw what `forecast_data` returned."""
    written = units or Units(Numbers("en-GB", data.currency), data.every, data.response_name)
    with styled():
        axes = new_axes(WIDTH, HEIGHT) if ax is None else ax
        if ax is None:
            axes.set_position((0.07, 0.1, 0.92, 0.7))
        light_axes(axes, palette)
        _actual(axes, data, palette)
        for number, origin in enumerate(np.unique(data.origin)):
            _origin(axes, data, data.origin == origin, first=number == 0, palette=palette)
        shown = [data.past, data.actual, data.model, data.low, data.high, data.rivals.ravel()]
        finite = np.concatenate([v[np.isfinite(v)] for v in shown])
        low, high = float(finite.min()), float(finite.max())
        edge = 0.06 * ((high - low) or abs(high) or 1.0)
        axes.set_ylim(low - edge, high + edge)
        date_axis(axes)
        response_axis(axes, lambda y: written.response(y, 3), *axes.get_ylim())
        unit = f"{written.label[:1].upper()}{written.label[1:]} {written.a_period}"
        said = say(axes, data.sentence.removesuffix("."), unit, palette)
        legend_above(axes, said, palette, _in_order(axes, data))
        if ax is None:
            fit_in_figure(axes)
    return axes


def _in_order(axes: Axes, data: ForecastData) -> list[Any]:
    """Return the legend's entries, the model before its rivals."""
    order = ("observed", "model", f"{data.level:.0%} interval", *data.rival_names)
    named = {str(label): handle for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    return [named[name] for name in order if name in named]


def _actual(axes: Axes, data: ForecastData, palette: Palette) -> None:
    """Draw what was observed; a date forecast from several origins is one point."""
    dates, first = np.unique(data.dates, return_index=True)
    days, values = np.concatenate([data.past_dates, dates]), np.concatenate([data.past, data.actual[first]])
    axes.plot(days, values, color=palette.ink, linewidth=1.1, zorder=4, label="observed")
    style: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 3.0, "markeredgewidth": 0}
    axes.plot(dates, data.actual[first], color=palette.ink, zorder=5, **style)
    edge = (days[-1] - days[0]) / 100
    axes.set_xlim(days[0], days[-1] + edge)


def _origin(
    axes: Axes, data: ForecastData, rows: npt.NDArray[np.bool_], *, first: bool, palette: Palette
) -> None:
    """Draw the forecasts from one origin; the legend names them once."""
    dates = data.dates[rows]

    def name(text: str) -> str:
        return text if first else "_nolegend_"

    axes.axvline(dates[0], color=palette.faint, linewidth=0.9, zorder=1)
    for values, colour, dashes, rival in zip(data.rivals, RIVAL_COLOURS, RIVAL_DASHES, data.rival_names):
        style: dict[str, Any] = {"linestyle": dashes, "linewidth": 1.2, "color": colour, "zorder": 2}
        axes.plot(dates, values[rows], label=name(rival), **style)
    if np.isfinite(data.low[rows]).all():
        axes.fill_between(
            dates, data.low[rows], data.high[rows], color=palette.accent, alpha=0.16, linewidth=0, zorder=1,
            label=name(f"{data.level:.0%} interval"),
        )  # fmt: skip
    axes.plot(dates, data.model[rows], color=palette.accent, linewidth=1.8, zorder=3, label=name("model"))
