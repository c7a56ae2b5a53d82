"""The picture of residuals over time, with outliers named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.plots.labels import Label, place_labels
from mixcurve.plots.message import date_axis, framed, response_axis, say, settle
from mixcurve.plots.style import PALETTE, Palette, styled
from mixcurve.response.checks.residual_result import OUTLIER, ResidualChecks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_residuals"]

WIDTH, HEIGHT = 6.69, 2.4
BAND = 0.95
"""Level of the bands: one residual of twenty lies outside by chance."""
ROOM = 0.08
"""Room above and below the residuals, as a share of their range."""
MOST_NAMED = 5


def plot_residuals(
    checks: ResidualChecks, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw residuals over time, with the band that holds 95% of them if the noise is Gaussian, and outliers named.

    ``checks.frame`` holds the numbers.

    Parameters
    ----------
    checks
        From `residual_checks` or `check_residuals`.
    ax
        Axes to draw on; those of a new figure if not given.
    units
        How numbers are written; English if not given.
    palette
        Colours.
    """
    from matplotlib.dates import date2num

    written = units or Units(Numbers("en-GB"), checks.every, checks.response_name)
    with styled():
        axes = framed(ax, WIDTH, HEIGHT, palette)
        far = np.flatnonzero(np.nan_to_num(checks.outlier_p, nan=1.0) < OUTLIER)
        reach = _reach(checks)
        axes.axhspan(-reach, reach, color=palette.unseen, linewidth=0, zorder=0)
        axes.axhline(0.0, color=palette.muted, linewidth=0.7, zorder=1)
        near = np.setdiff1d(np.arange(len(checks.residual)), far)
        dots: dict[str, Any] = {"linestyle": "none", "markeredgewidth": 0, "marker": "o"}
        days, e = checks.dates, checks.residual
        axes.plot(days[near], e[near], color=palette.accent, markersize=3.6, alpha=0.75, **dots)
        axes.plot(days[far], e[far], color=palette.current, markersize=5.5, zorder=5, **dots)
        x: Any = date2num(checks.dates)
        axes.set_xlim(x.min() - (np.ptp(x) or 1.0) / 50, x.max() + (np.ptp(x) or 1.0) / 50)
        axes.set_ylim(*_limits(e, reach))
        date_axis(axes)
        response_axis(axes, lambda y: written.response(y, 3, signed=True), *axes.get_ylim())
        unit = f"Observed minus fitted {written.label} {written.a_period}; grey: 95% if Gaussian"
        say(axes, _far_message(checks, len(far)), unit, palette)
        settle(axes, ax)
        _name_outliers(axes, checks, far, palette)
    return axes


def _reach(checks: ResidualChecks) -> float:
    """Return how far residuals go, at the level of the band."""
    from scipy.special import ndtri

    known = np.isfinite(checks.standardised) & (checks.standardised != 0)
    if not known.any():
        return 0.0
    return float(ndtri(0.5 + BAND / 2.0) * np.median(checks.residual[known] / checks.standardised[known]))


def _limits(residual: npt.NDArray[np.float64], reach: float) -> tuple[float, float]:
    """Return limits that hold all residuals and the band, with room for names."""
    low, high = min(float(residual.min()), -reach), max(float(residual.max()), reach)
    room = ROOM * (high - low) or 1.0
    return low - room, high + room


def _far_message(checks: ResidualChecks, far: int) -> str:
    if not np.isfinite(checks.studentised).any():
        return checks.check("outliers").sentence.removesuffix(".")
    if far == 0:
        return f"No {checks.every} lies far from the fit"
    return (
        f"1 {checks.every} lies far from the fit"
        if far == 1
        else f"{far} {checks.every}s lie far from the fit"
    )


def _name_outliers(axes: Axes, checks: ResidualChecks, far: npt.NDArray[np.intp], palette: Palette) -> None:
    from matplotlib.dates import date2num

    kept = far[np.argsort(-np.abs(checks.studentised[far]), kind="stable")][:MOST_NAMED]
    x: Any = date2num(checks.dates)
    labels = [Label(checks.names[i], float(x[i]), float(checks.residual[i]), palette.current) for i in kept]
    place_labels(axes, labels, lines=[], dots=np.column_stack([x, checks.residual]), size=8.5)
