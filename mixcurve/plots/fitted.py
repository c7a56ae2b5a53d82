"""The picture of a fit over time: what was observed, what the model makes of it, and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.foundations.results import Result
from mixcurve.plots.message import date_axis, legend_above, response_axis, say
from mixcurve.plots.style import PALETTE, Palette, fit_in_figure, light_axes, new_axes, styled
from mixcurve.response.fit.results import CurveFit, MixFit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixcurve.tables.table import SpendTable

__all__ = ["FittedData", "draw_fitted", "fitted_data", "plot_fitted"]

FloatArray = npt.NDArray[np.float64]

WIDTH, HEIGHT = 6.69, 3.0
GAP, NAME_ROOM, EDGE = 0.06, 0.1, 0.04
"""Space between response and residuals, for the name of the residuals, and at the edges, in ranges of the response."""
FEW = 60
"""Up to so many periods each observation is a dot on the line as well."""
RESIDUALS = "residual, on the same scale"


@dataclass(frozen=True, eq=False)
class FittedData(Result):
    """Observed and fitted response by date (n); groups are added up. The residual is their difference."""

    dates: npt.NDArray[np.datetime64]
    observed: FloatArray
    fitted: FloatArray
    every: str
    currency: str | None
    response_name: str

    @property
    def residual(self) -> FloatArray:
        """Observed minus fitted response."""
        return np.asarray(self.observed - self.fitted)

    @property
    def explained(self) -> float:
        """R²: share of the variation of the response that the fit follows; NaN where nothing varies."""
        total = float(np.sum((self.observed - self.observed.mean()) ** 2))
        return 1.0 - float(np.sum(self.residual**2)) / total if total > 0 else float("nan")

    @property
    def frame(self) -> Any:
        """Observed, fitted and residual by date, as a pandas frame."""
        import pandas as pd

        columns = {"observed": self.observed, "fitted": self.fitted, "residual": self.residual}
        return pd.DataFrame(columns, index=pd.DatetimeIndex(self.dates, name="date"))

    def message(self, units: Units) -> str:
        """What the picture says, as a sentence for its title."""
        if not np.isfinite(self.explained):
            return f"The {units.label} never changed, so there is nothing to explain"
        share = units.numbers.share(max(self.explained, 0.0))
        return f"The model explains {share} of the variation in {units.label}"


def fitted_data(fit: MixFit | CurveFit, table: SpendTable | None = None) -> FittedData:
    """Return what a picture of a fit over time shows; a `CurveFit` needs its table, which holds the dates.

    Raises
    ------
    InputError
        If a `CurveFit` comes without its table, or with one of another length.
    """
    if isinstance(fit, CurveFit) and table is None:
        raise InputError("table must be given with a CurveFit, which holds no dates.")
    dates = fit.dates if isinstance(fit, MixFit) else table.dates if table is not None else np.empty(0)
    fitted = np.zeros(len(fit.residual)) + fit.baseline + fit.contributions.sum(axis=1)
    if len(dates) != len(fitted):
        raise InputError(f"table must have the {len(fitted)} rows that were fitted, got {len(dates)}.")
    days, place = np.unique(dates, return_inverse=True)
    added = np.zeros((len(days), 2))
    np.add.at(added, place, np.column_stack([fitted + fit.residual, fitted]))
    return FittedData(days, added[:, 0], added[:, 1], fit.every, fit.currency, fit.response_name)


def plot_fitted(
    fit: MixFit | CurveFit,
    *,
    table: SpendTable | None = None,
    ax: Axes | None = None,
    units: Units | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw observed and fitted response over time, and the residual below them on the same scale.

    Parameters
    ----------
    fit
        The fit of a mix, or of one campaign.
    table
        Needed with a `CurveFit`, which holds no dates.
    ax
        Axes to draw on; those of a new figure if not given.
    units
        How numbers are written; English if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.response.fit.mix.fit import fit_mix
    >>> from mixcurve.response.simulate import simulate_market
    >>> market = simulate_market(1, periods=60)
    >>> axes = plot_fitted(fit_mix(market.table, starts=8, resamples=0))
    >>> max(axes.texts, key=lambda text: text.get_fontsize()).get_text()
    'The model explains ...% of the variation in response'
    """
    return draw_fitted(fitted_data(fit, table), ax=ax, units=units, palette=palette)


def draw_fitted(
    data: FittedData, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw what `fitted_data` returned."""
    written = units or Units(Numbers("en-GB", data.currency), data.every, data.response_name)
    with styled():
        axes = new_axes(WIDTH, HEIGHT) if ax is None else ax
        light_axes(axes, palette)
        style: dict[str, Any] = {"color": palette.ink, "linewidth": 0.9, "zorder": 3, "label": "observed"}
        dots: dict[str, Any] = {"marker": "o", "markersize": 2.8} if len(data.dates) <= FEW else {}
        axes.plot(data.dates, data.observed, **style, **dots)
        axes.plot(data.dates, data.fitted, color=palette.accent, linewidth=1.8, zorder=4, label="fitted")
        _strip(axes, data, written, palette)
        date_axis(axes)
        edge = (data.dates[-1] - data.dates[0]) / 100
        axes.set_xlim(data.dates[0] - edge, data.dates[-1] + edge)
        unit = f"{written.label[:1].upper()}{written.label[1:]} {written.a_period}"
        if ax is None:
            axes.set_position((0.08, 0.1, 0.9, 0.75))
        said = say(axes, data.message(written), unit, palette)
        legend_above(axes, said, palette)
        if ax is None:
            fit_in_figure(axes)
    return axes


def _strip(axes: Axes, data: FittedData, units: Units, palette: Palette) -> None:
    """Draw the residuals below the response, on its scale: what looks small there is small."""
    both = np.concatenate([data.observed, data.fitted])
    low, high = float(both.min()), float(both.max())
    space = (high - low) or abs(high) or 1.0
    top, bottom = max(float(data.residual.max()), 0.0), min(float(data.residual.min()), 0.0)
    start = low - GAP * space
    zero = start - NAME_ROOM * space - top
    end = zero + bottom - EDGE * space
    axes.set_ylim(end, high + EDGE * space)
    axes.axhspan(end, start, color=palette.unseen, linewidth=0, zorder=0)
    axes.vlines(data.dates, zero, zero + data.residual, color=palette.current, linewidth=1.1, zorder=3)
    axes.axhline(zero, color=palette.muted, linewidth=0.7, zorder=2)
    response_axis(axes, lambda y: units.response(y, 3), low, high)
    places = [*axes.get_yticks(), zero]
    labels = [*(t.get_text() for t in axes.get_yticklabels()), "0"]
    axes.set_yticks(places, labels)
    axes.annotate(
        RESIDUALS, (0.0, start), xycoords=("axes fraction", "data"), xytext=(4.0, -1.5),
        textcoords="offset points", va="top", ha="left", size=8.5, color=palette.muted,
    )  # fmt: skip
