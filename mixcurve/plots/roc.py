"""Pictures of how well a score parts positives from others: ROC, precision against recall."""

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

__all__ = ["plot_precision_recall", "plot_roc"]

SIDE, HEIGHT = 4.4, 4.5
"""Inches: two axes of the same measure, with room for the message above."""
BELOW_PEAK, WORDS_REACH = 0.12, 0.42
"""Of the axes: room for a mark's words at the peak, and the length of the words beside the distance."""
_WRITTEN = Numbers("en-GB")


def plot_roc(
    curves: RankingCurves,
    *,
    decision: Decision | None = None,
    ax: Axes | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw recall against the false positive rate, with its band, and the area with DeLong's interval.

    The vertical line is the Kolmogorov-Smirnov distance. ``curves.table`` and ``curves.cutoffs`` hold the numbers.

    Parameters
    ----------
    curves
        From `ranking_curves`.
    decision
        From `choose_threshold` on the same people: its cut-off is marked.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.thresholds.curves import ranking_curves
    >>> axes = plot_roc(ranking_curves([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], bootstrap=0))
    >>> axes.get_xlabel()
    'False positive rate'
    """
    cutoffs = curves.cutoffs
    with styled():
        axes = framed(ax, SIDE, HEIGHT, palette)
        axes.grid(axis="x", color=palette.grid, linewidth=0.7)
        axes.set(xlim=(0.0, 1.0), ylim=(0.0, 1.0))
        reference(axes, [0.0, 1.0], [0.0, 1.0], palette)
        line = cutoffs.false_positive_rate, cutoffs.recall
        banded(axes, curves.share, curves.roc_low, curves.roc_high, line, palette.accent)
        _distance(axes, curves, palette)
        if decision is not None:
            k = int(np.argmin(np.abs(cutoffs.share_of_people - decision.share_of_people)))
            words = f"top {_WRITTEN.share(decision.share_of_people, 1)} of people"
            marked(axes, float(line[0][k]), float(line[1][k]), words, palette, below=True)
        percent_axis(axes.xaxis, 5)
        percent_axis(axes.yaxis, 5)
        axes.set_xlabel("False positive rate", color=palette.muted)
        settle(axes, ax)
        unit = (
            "Recall"
            if curves.resamples == 0
            else f"Recall; band: {_WRITTEN.share(curves.level)} at each point"
        )
        say(axes, curves.auc.summary.removesuffix("."), unit, palette)
        settle(axes, ax)
    return axes


def _distance(axes: Axes, curves: RankingCurves, palette: Palette) -> None:
    """Draw the largest vertical distance to the diagonal and say how long it is."""
    k = int(np.argmax(curves.cutoffs.youden))
    x, y = float(curves.cutoffs.false_positive_rate[k]), float(curves.cutoffs.recall[k])
    axes.plot([x, x], [x, y], color=palette.ink, linewidth=1.0, zorder=3)
    style: dict[str, Any] = {"color": palette.ink, "size": 8.5, "parse_math": False, "va": "center"}
    words = f"Kolmogorov-Smirnov {curves.kolmogorov_smirnov:.2f}"
    # Beside the line, above the diagonal as far as the words reach.
    place = min(y - BELOW_PEAK, max((x + y) / 2.0, x + WORDS_REACH))
    axes.annotate(words, (x, place), xytext=(5, 0), textcoords="offset points", **style)


def plot_precision_recall(
    curves: RankingCurves,
    *,
    decision: Decision | None = None,
    ax: Axes | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw precision against recall, with its band; the dashed line is the base rate, that of people at random.

    ``curves.table`` holds the numbers.

    Parameters
    ----------
    curves
        From `ranking_curves`.
    decision
        From `choose_threshold` on the same people: its cut-off is marked.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.thresholds.curves import ranking_curves
    >>> axes = plot_precision_recall(ranking_curves([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], bootstrap=0))
    >>> axes.get_xlabel()
    'Recall: share of the positives reached'
    """
    with styled():
        axes = framed(ax, SIDE, HEIGHT, palette)
        axes.grid(axis="x", color=palette.grid, linewidth=0.7)
        axes.set(xlim=(0.0, 1.0), ylim=(0.0, 1.0))
        reference(axes, [0.0, 1.0], [curves.base_rate] * 2, palette)
        line = curves.share, curves.precision
        banded(axes, curves.share, curves.precision_low, curves.precision_high, line, palette.accent)
        style: dict[str, Any] = {"color": palette.muted, "size": 8.5, "parse_math": False, "va": "top"}
        words = f"base rate {_WRITTEN.share(curves.base_rate, 1)}"
        axes.annotate(words, (0.02, curves.base_rate), xytext=(0, -3), textcoords="offset points", **style)
        if decision is not None and "recall" in decision.expected:
            recall = decision.expected["recall"].value
            held = float(np.interp(recall, *line))
            words = f"top {_WRITTEN.share(decision.share_of_people, 1)} of people"
            marked(axes, recall, held, words, palette, below=True)
        percent_axis(axes.xaxis, 5)
        percent_axis(axes.yaxis, 5)
        axes.set_xlabel("Recall: share of the positives reached", color=palette.muted)
        settle(axes, ax)
        half = float(np.interp(0.5, *line))
        message = (
            f"To reach half of the positives, {_WRITTEN.share(half)} of the people contacted are positives"
        )
        unit = "Precision: share of positives among those contacted"
        say(axes, message, unit, palette)
        settle(axes, ax)
    return axes
