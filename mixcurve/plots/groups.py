"""The picture of a coefficient that differs between groups: each group's own, and what they have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.numbers import MINUS
from mixcurve.plots.message import say, settle
from mixcurve.plots.rows import interval_row, row_axes, short
from mixcurve.plots.style import PALETTE, Palette, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixcurve.propensity.bayes.posterior import PropensityPosterior

__all__ = ["plot_groups"]


def plot_groups(
    posterior: PropensityPosterior,
    feature: str,
    *,
    most: int = 30,
    ax: Axes | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw the coefficient of a feature in each group with its interval, over what all groups have in common.

    Parameters
    ----------
    posterior
        From `sample_propensity` with groups.
    feature
        The name of a feature, or ``"intercept"`` for the log-odds of a customer with the average of every feature.
    most
        Groups shown, those with the most customers; the rest are left out and counted.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Raises
    ------
    InputError
        If there are no groups, or no such feature.
    """
    if not posterior.groups:
        raise InputError("posterior has no groups to show. Sample it with by='…'.")
    known_name("feature", feature, posterior.names)
    j = posterior.names.index(feature)
    by_size = np.argsort(-posterior.rows_by_group, kind="stable")[:most]
    common = _interval(posterior, None, j)
    rows = sorted(
        ((posterior.groups[g], int(posterior.rows_by_group[g]), *_interval(posterior, posterior.groups[g], j))
         for g in by_size), key=lambda row: -row[2],
    )  # fmt: skip
    with styled():
        axes = row_axes(ax, [f"{short(name)} ({n:,})" for name, n, *_ in rows], palette)
        axes.axvspan(common[1], common[2], color=palette.accent, alpha=0.12, linewidth=0, zorder=1)
        axes.axvline(common[0], color=palette.accent, linewidth=0.9, zorder=2)
        for y, (_, _, middle, low, high) in enumerate(rows):
            colour = palette.current if _apart((middle, low, high), common) else palette.muted
            interval_row(axes, y, (low, high), middle, f"{middle:+.2f}".replace("-", MINUS), colour)
        left_out = len(posterior.groups) - len(rows)
        more = f"; {left_out} smaller left out" if left_out else ""
        unit = f"Log-odds, {100 * posterior.level:.4g}% intervals; band: what all have in common{more}"
        say(axes, _message(feature, rows, common), unit, palette)
        settle(axes, ax)
    return axes


def _interval(posterior: PropensityPosterior, group: str | None, j: int) -> tuple[float, float, float]:
    theta = posterior.coefficients(group)
    # An intercept is of a customer with 0 of everything; that of an average customer says more.
    draws = theta[:, 0] + theta[:, 1:] @ posterior.centre if j == 0 else theta[:, j]
    low, high = np.quantile(draws, posterior.tails(None))
    return float(draws.mean()), float(low), float(high)


def _apart(one: tuple[float, float, float], common: tuple[float, float, float]) -> bool:
    return one[1] > common[2] or one[2] < common[1]


def _message(feature: str, rows: list[Any], common: tuple[float, float, float]) -> str:
    apart = [name for name, _, *one in rows if _apart((one[0], one[1], one[2]), common)]
    what = "The log-odds of an average customer" if feature == "intercept" else f"What {feature} does"
    if not apart:
        return f"{what}: no group stands apart from what all have in common"
    if len(apart) == 1:
        return f"{what}: {apart[0]} stands apart from what all have in common"
    return f"{what}: {len(apart)} of {len(rows)} groups stand apart from what all have in common"
