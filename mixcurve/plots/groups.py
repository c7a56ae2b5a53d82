"""The picture of a coefficient that differs between groups: each group's own, and what they have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError
from mixcurve.plots.message import say, settle
from mixcurve.plots.style import PALETTE, Palette, light_axes, new_axes, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixcurve.propensity.bayes.posterior import PropensityPosterior

__all__ = ["plot_groups"]

WIDTH, ROW, HEAD = 6.69, 0.27, 1.1
"""Inches: the width of a report's text, the height of a group, and what title and axis need."""
NAME_LENGTH = 38
"""Characters of a group's name before it ends in an ellipsis."""


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
        ``"intercept"``, or the name of a feature.
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
        axes = new_axes(WIDTH, HEAD + ROW * len(rows)) if ax is None else ax
        light_axes(axes, palette)
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x", color=palette.grid, linewidth=0.7)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_yticks(range(len(rows)), [f"{_short(name)} ({n:,})" for name, n, *_ in rows])
        for text in axes.get_yticklabels():
            text.set_parse_math(False)
        axes.axvspan(common[1], common[2], color=palette.accent, alpha=0.12, linewidth=0, zorder=1)
        axes.axvline(common[0], color=palette.accent, linewidth=0.9, zorder=2)
        for y, (_, _, middle, low, high) in enumerate(rows):
            _group(axes, y, (middle, low, high), common, palette)
        left_out = len(posterior.groups) - len(rows)
        more = f"; {left_out} smaller left out" if left_out else ""
        unit = f"Log-odds, {100 * posterior.level:.4g}% intervals; band: what all have in common{more}"
        say(axes, _message(feature, rows, common), unit, palette)
        settle(axes, ax)
    return axes


def _interval(posterior: PropensityPosterior, group: str | None, j: int) -> tuple[float, float, float]:
    draws = posterior.coefficients(group)[:, j]
    low, high = np.quantile(draws, posterior.tails(None))
    return float(draws.mean()), float(low), float(high)


def _short(name: str) -> str:
    return name if len(name) <= NAME_LENGTH else name[: NAME_LENGTH - 1] + "…"


def _apart(one: tuple[float, float, float], common: tuple[float, float, float]) -> bool:
    return one[1] > common[2] or one[2] < common[1]


def _group(
    axes: Axes, y: int, one: tuple[float, float, float], common: tuple[float, float, float], palette: Palette
) -> None:
    colour = palette.current if _apart(one, common) else palette.muted
    style: dict[str, Any] = {"color": colour, "zorder": 4}
    axes.plot([one[1], one[2]], [y, y], linewidth=2.0, solid_capstyle="butt", **style)
    axes.plot([one[0]], [y], "o", markersize=6.0, markeredgecolor="white", **style)
    beside: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center", "size": 9}
    axes.text(1.02, y, f"{one[0]:+.2f}", weight=600, color=colour, **beside)


def _message(feature: str, rows: list[Any], common: tuple[float, float, float]) -> str:
    apart = [name for name, _, *one in rows if _apart((one[0], one[1], one[2]), common)]
    what = "The usual log-odds" if feature == "intercept" else f"What {feature} does"
    if not apart:
        return f"{what}: no group stands apart from what all have in common"
    if len(apart) == 1:
        return f"{what}: {apart[0]} stands apart from what all have in common"
    return f"{what}: {len(apart)} of {len(rows)} groups stand apart from what all have in common"
