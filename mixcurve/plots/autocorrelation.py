"""The picture of autocorrelation: whether residuals of neighbouring periods go together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mixcurve.foundations.errors import InputError
from mixcurve.plots.message import framed, headline, response_axis, say, settle
from mixcurve.plots.style import PALETTE, Palette, styled
from mixcurve.response.checks.residual_result import ResidualChecks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_autocorrelation"]

WIDTH, HEIGHT = 6.69, 2.4
FEW_LAGS = 20
"""Up to so many lags each has a tick."""


def plot_autocorrelation(
    checks: ResidualChecks, *, ax: Axes | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw the autocorrelation of residuals at each lag, with the band that holds 95% of each if there is none.

    ``checks.autocorrelation.frame`` holds the numbers.

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
        If the residuals have no autocorrelation, such as those of a perfect fit.
    """
    found = checks.autocorrelation
    if found is None:
        raise InputError(
            f"These residuals have no autocorrelation: {checks.check('autocorrelation').sentence}"
        )
    low, high = found.band
    lag = np.arange(1, len(found.values) + 1)
    with styled():
        axes = framed(ax, WIDTH, HEIGHT, palette)
        edges = np.column_stack([lag - 0.5, lag + 0.5]).ravel()
        axes.fill_between(
            edges, np.repeat(low, 2), np.repeat(high, 2), color=palette.faint, alpha=0.5, linewidth=0
        )
        axes.axhline(0.0, color=palette.muted, linewidth=0.7)
        outside = (found.values < low) | (found.values > high)
        for chosen, colour in ((~outside, palette.accent), (outside, palette.current)):
            axes.vlines(lag[chosen], 0.0, found.values[chosen], color=colour, linewidth=2.0)
            axes.plot(lag[chosen], found.values[chosen], "o", color=colour, markersize=5.0, markeredgewidth=0)
        limit = 1.15 * float(np.max(np.abs([found.values, low, high])))
        axes.set_ylim(-limit, limit)
        axes.set_xlim(0.4, len(lag) + 0.6)
        if len(lag) <= FEW_LAGS:
            axes.set_xticks(lag)
        axes.set_xlabel(f"{checks.every}s apart", color=palette.muted, size=9)
        response_axis(axes, lambda y: f"{y:+.1f}".replace("-", "−") if y else "0", -limit, limit)
        unit = "Correlation of residuals; grey: 95% if there is none"
        say(axes, headline(checks.check("autocorrelation")), unit, palette)
        settle(axes, ax)
    return axes
