"""What each experiment moved: the ROI of its channel without it and with it, a row per experiment."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.foundations.numbers import NBSP
from mixcurve.plots.message import framed, legend_above, say, settle
from mixcurve.plots.style import PALETTE, Palette, styled
from mixcurve.response.bayes.experiments.words import CONFLICT, p_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixcurve.response.bayes.experiments.report import ExperimentMove, ExperimentReport

__all__ = ["plot_experiments"]

WIDTH, ROW_HEIGHT, FRAME_HEIGHT = 6.69, 0.52, 1.3
NAME_WIDTH = 26
"""Characters of an experiment's name before it runs on in a second line."""
MARGIN = 1.02
"""Where the column of words beside the rows begins, in widths of the axes."""
APART = 0.14
"""Of a row: from its middle to the interval without the experiment above, and to the one with it below."""


def plot_experiments(report: ExperimentReport, *, ax: Axes | None = None, palette: Palette = PALETTE) -> Axes:
    """Draw the ROI of each experiment's channel without it and with it, and whether it and the data agree.

    The numbers behind are those of ``report.table``.

    Parameters
    ----------
    report
        Of `what_experiments_moved`, with at least one experiment.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.response.bayes.experiments.report import ExperimentMove, ExperimentReport
    >>> from mixcurve.response.fit.estimates import EstimateInterval
    >>> def roi(middle, reach):
    ...     return EstimateInterval("tv", "ROI", middle, middle - reach, middle + reach, 0.9, "", "")
    >>> lift = roi(1200.0, 300.0)
    >>> move = ExperimentMove(
    ...     "tv, spring", "lift test", "tv", "", lift, lift, lift, roi(1.9, 0.8), roi(1.5, 0.3), 0.2, 0.4, 0.7
    ... )
    >>> [t.get_text() for t in plot_experiments(ExperimentReport((move,), 0.9)).get_yticklabels()]
    ['tv, spring']
    """
    with styled():
        axes = framed(ax, WIDTH, ROW_HEIGHT * max(len(report.moves), 1) + FRAME_HEIGHT, palette)
        axes.grid(visible=False, axis="y")
        axes.grid(visible=True, axis="x", color=palette.grid, linewidth=0.7)
        axes.set_ylim(len(report.moves) - 0.4, -0.9)
        names = [
            "\n".join(textwrap.wrap(m.name, NAME_WIDTH, break_long_words=True)[:2]) for m in report.moves
        ]
        axes.set_yticks(range(len(names)), names, color=palette.ink, parse_math=False)
        for row, move in enumerate(report.moves):
            _row(axes, row, move, palette)
        axes.set_xlim(0.0, 1.05 * _largest(report))
        settle(axes, ax)
        unit = say(axes, _message(report), f"ROI, {report.level:.0%} interval", palette)
        legend_above(axes, unit, palette, _handles(palette))
        settle(axes, ax)
    return axes


def _row(axes: Axes, row: int, move: ExperimentMove, palette: Palette) -> None:
    """Draw one experiment, and beside it whether it agrees with the rest."""
    for found, side, colour in (
        (move.roi_before, -APART, palette.muted),
        (move.roi_after, APART, palette.accent),
    ):
        if found is not None:
            axes.plot(
                [found.low, found.high], [row + side] * 2, color=colour, linewidth=3.0, solid_capstyle="butt"
            )
            axes.plot(
                [found.estimate], [row + side], "o", color=colour, markersize=6, markeredgecolor="white"
            )
    known = np.isfinite(move.p_value)
    verdict = "disagrees" if known and move.p_value < CONFLICT else "agrees"
    text = f"{verdict}, {p_words(move.p_value)}" if known else "needs a further run"
    style: dict[str, Any] = {
        "transform": axes.get_yaxis_transform(), "va": "center", "size": 9, "weight": 600, "parse_math": False,
    }  # fmt: skip
    axes.text(
        MARGIN,
        row,
        text,
        color=palette.ink if verdict == "disagrees" or not known else palette.muted,
        **style,
    )


def _largest(report: ExperimentReport) -> float:
    ends = [f.high for m in report.moves for f in (m.roi_before, m.roi_after) if f is not None]
    return max(ends, default=1.0)


def _handles(palette: Palette) -> list[Any]:
    from matplotlib.lines import Line2D

    return [
        Line2D(
            [],
            [],
            color=colour,
            linewidth=3.0,
            marker="o",
            markersize=6,
            markeredgecolor="white",
            label=label,
        )
        for colour, label in ((palette.muted, "without it"), (palette.accent, "with it"))
    ]


def _message(report: ExperimentReport) -> str:
    """Return what the figure says: the worst conflict, or the experiment that taught most."""
    against = [m for m in report.moves if m.p_value < CONFLICT]
    if against:
        worst = min(against, key=lambda m: m.p_value)
        p = p_words(worst.p_value).replace(" ", NBSP)
        return f"{worst.name} and the rest of the data disagree about {worst.channel} ({p})"
    known = [m for m in report.moves if m.roi_before is not None]
    if not known:
        return (
            "What the experiments moved needs a further run without them"
            if report.moves
            else "No experiments"
        )
    most = max(known, key=lambda m: m.narrower)
    return f"{most.name} makes the interval of {most.channel}'s ROI {max(most.narrower, 0.0):.0%} narrower"
