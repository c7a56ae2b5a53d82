"""The picture of the shape of residuals: sorted residuals against the quantiles of a Gaussian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.plots.labels import Label, place_labels
from mixcurve.plots.message import framed, headline, say, settle
from mixcurve.plots.style import PALETTE, Palette, styled
from mixcurve.response.checks.normality import normal_quantiles
from mixcurve.response.checks.residual_result import ResidualChecks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["QuantileData", "plot_residual_quantiles", "quantile_data"]

FloatArray = npt.NDArray[np.float64]

WIDTH, HEIGHT = 6.69, 3.3
BAND = 0.95
"""Level of the band of each residual."""
EDGE = 0.04
"""Room around the points, as a share of their range."""
MOST_NAMED = 5


@dataclass(frozen=True, eq=False)
class QuantileData(Result):
    """Sorted standardised residuals (n), the Gaussian quantiles they would lie at, and the band of each."""

    names: tuple[str, ...]
    expected: FloatArray
    observed: FloatArray
    low: FloatArray
    high: FloatArray
    level: float

    @property
    def frame(self) -> Any:
        """The quantiles as a pandas frame, one row per residual."""
        import pandas as pd

        kept = ("expected", "observed", "low", "high")
        return pd.DataFrame({k: getattr(self, k) for k in kept}, index=pd.Index(self.names, name="row"))


def quantile_data(checks: ResidualChecks) -> QuantileData:
    """Return what a normal quantile plot shows.

    The band holds each sorted residual with 95% if all are Gaussian: the i-th of n uniform values is beta distributed
    with i and n + 1 - i.

    Raises
    ------
    InputError
        If no residual can be standardised, such as those of a perfect fit.
    """
    from scipy.special import betaincinv, ndtri

    kept = np.flatnonzero(np.isfinite(checks.standardised))
    if not len(kept):
        raise InputError(f"These residuals have no quantiles: {checks.check('shape').sentence}")
    order = kept[np.argsort(checks.standardised[kept], kind="stable")]
    n = len(order)
    place = np.arange(1, n + 1)
    tails = np.array([[0.5 - BAND / 2.0], [0.5 + BAND / 2.0]])
    low, high = np.asarray(ndtri(betaincinv(place, n + 1.0 - place, tails)), dtype=np.float64)
    names = tuple(checks.names[i] for i in order)
    return QuantileData(names, normal_quantiles(n), checks.standardised[order], low, high, BAND)


def plot_residual_quantiles(
    checks: ResidualChecks, *, ax: Axes | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw sorted residuals against the quantiles of a Gaussian; those that lie outside their band are named.

    Parameters
    ----------
    checks
        From `residual_checks` or `check_residuals`.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Raises
    ------
    InputError
        If no residual can be standardised, such as those of a perfect fit.
    """
    data = quantile_data(checks)
    outside = (data.observed < data.low) | (data.observed > data.high)
    with styled():
        axes = framed(ax, WIDTH, HEIGHT, palette)
        axes.grid(visible=True, axis="x", color=palette.grid, linewidth=0.7)
        axes.fill_between(
            data.expected, data.low, data.high, color=palette.faint, alpha=0.5, linewidth=0, zorder=1
        )
        axes.plot(data.expected, data.expected, color=palette.muted, linewidth=0.9, zorder=2)
        for chosen, colour in ((~outside, palette.accent), (outside, palette.current)):
            axes.plot(
                data.expected[chosen],
                data.observed[chosen],
                "o",
                color=colour,
                markersize=4,
                markeredgewidth=0,
            )
        axes.set_xlabel("Standard deviations that a Gaussian has at this rank", color=palette.muted, size=9)
        say(
            axes,
            headline(checks.check("shape")),
            "Residual in standard deviations; grey: 95% of each if Gaussian",
            palette,
        )
        settle(axes, ax)
        far = np.flatnonzero(outside)
        far = far[np.argsort(-np.abs(data.observed - data.expected)[far], kind="stable")][:MOST_NAMED]
        labels = [
            Label(data.names[i], float(data.expected[i]), float(data.observed[i]), palette.current)
            for i in far
        ]
        both = np.column_stack([data.expected, data.observed])
        place_labels(axes, labels, lines=[both], dots=both, size=8.5)
    return axes
