"""Pictures of how much of the positives the best-ranked people hold: gains and lift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.foundations.numbers import Numbers
from mixcurve.plots.message import framed, say, settle
from mixcurve.plots.shares import banded, marked, percent_axis, reference
from mixcurve.plots.style import PALETTE, Palette, styled
from mixcurve.thresholds.curves import RankingCurves
from mixcurve.thresholds.decision import Decision

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_gains", "plot_lift"]

WIDTH, HEIGHT = 6.69, 3.3
"""Inches: the width of the text of a report's page, and a third of its height."""
LEAST_SHARE = 0.02
"""Lift among fewer people than this share is mostly noise and would set the scale."""
_WRITTEN = Numbers("en-GB")


def plot_gains(
    curves: RankingCurves,
    *,
    decision: Decision | None = None,
    ax: Axes | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw the share of the positives against the share of people contacted, the best first, with its band.

    ``curves.table`` holds the numbers. On the dashed line people are contacted at random.

    Parameters
    ----------
    curves
        From `ranking_curves`.
    decision
        From `choose_threshold` on the same people: its share of people is marked.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.thresholds.curves import ranking_curves
    >>> axes = plot_gains(ranking_curves([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], bootstrap=0))
    >>> axes.get_xlabel()
    'Share of people contacted, the best first'
    """
    with styled():
        axes = framed(ax, WIDTH, HEIGHT, palette)
        axes.set(xlim=(0.0, 1.0), ylim=(0.0, 1.0))
        reference(axes, [0.0, 1.0], [0.0, 1.0], palette)
        line = curves.cutoffs.share_of_people, curves.cutoffs.recall
        banded(axes, curves.share, curves.gains_low, curves.gains_high, line, palette.accent)
        _say_random(axes, palette)
        if decision is not None:
            share = decision.share_of_people
            held = float(np.interp(share, *line))
            words = f"top {_WRITTEN.share(share, 1)} of people: {_WRITTEN.share(held)} of positives"
            marked(axes, share, held, words, palette, below=True)
        percent_axis(axes.xaxis)
        percent_axis(axes.yaxis)
        axes.set_xlabel("Share of people contacted, the best first", color=palette.muted)
        settle(axes, ax)
        say(axes, curves.summary.partition(";")[0], _unit("Share of the positives", curves), palette)
        settle(axes, ax)
    return axes


def _unit(words: str, curves: RankingCurves) -> str:
    if not np.isfinite(curves.gains_low).any():
        return words
    return f"{words}; band: {_WRITTEN.share(curves.level)} at each point"


def _say_random(axes: Axes, palette: Palette) -> None:
    style: dict[str, Any] = {
        "color": palette.muted,
        "size": 8.5,
        "parse_math": False,
        "ha": "left",
        "va": "top",
    }
    axes.annotate("at random", (0.5, 0.5), xytext=(6, -4), textcoords="offset points", **style)


def plot_lift(
    curves: RankingCurves,
    *,
    decision: Decision | None = None,
    ax: Axes | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw how many times the base rate the best-ranked people reach, against their share of all people.

    ``curves.table`` holds the numbers. At 1 they are no better than people at random.

    Parameters
    ----------
    curves
        From `ranking_curves`.
    decision
        From `choose_threshold` on the same people: its share of people is marked.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.thresholds.curves import ranking_curves
    >>> axes = plot_lift(ranking_curves([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], bootstrap=0))
    >>> axes.get_title(loc="left")
    'Precision over the base rate of 50.0%'
    """
    shown = curves.share >= LEAST_SHARE
    share, table = curves.share[shown], curves.table[shown]
    with styled():
        axes = framed(ax, WIDTH, HEIGHT, palette)
        lift, low, high = (table[name].to_numpy() for name in ("lift", "lift_low", "lift_high"))
        top = float(np.nanmax(np.concatenate([lift, high])))
        axes.set(xlim=(0.0, 1.0), ylim=(0.0, 1.08 * max(top, 1.1)))
        reference(axes, [0.0, 1.0], [1.0, 1.0], palette)
        banded(axes, share, low, high, (share, lift), palette.accent)
        if decision is not None:
            here = decision.share_of_people
            held = float(np.interp(here, share, lift))
            words = f"top {_WRITTEN.share(here, 1)} of people: {held:.2f} times the base rate"
            marked(axes, here, held, words, palette)
        percent_axis(axes.xaxis)
        axes.set_xlabel("Share of people contacted, the best first", color=palette.muted)
        settle(axes, ax)
        tenth = float(np.interp(0.1, share, lift))
        unit = _unit(f"Precision over the base rate of {_WRITTEN.share(curves.base_rate, 1)}", curves)
        say(
            axes,
            f"The top 10% of people hold {tenth:.2g} times as many positives as people at random",
            unit,
            palette,
        )
        settle(axes, ax)
    return axes
