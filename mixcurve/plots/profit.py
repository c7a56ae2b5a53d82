"""Pictures of what contacting more people is worth: profit, net benefit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.foundations.numbers import Numbers
from mixcurve.plots.message import framed, response_axis, say, settle
from mixcurve.plots.shares import banded, marked, percent_axis, reference
from mixcurve.plots.style import PALETTE, Palette, styled
from mixcurve.thresholds.decision import Decision
from mixcurve.thresholds.net_benefit import NetBenefitCurve
from mixcurve.thresholds.profit import ProfitCurve
from mixcurve.thresholds.words import probability_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_net_benefit", "plot_profit"]

WIDTH, HEIGHT = 6.69, 3.3
"""Inches: the width of the text of a report's page, and a third of its height."""
DEPTH = 0.25
"""How far below 0 the axis reaches at most, relative to the highest value: losses further down teach nothing."""
BEYOND = 1.05
"""How far the axis goes on after the last break-even probability at which anybody is contacted."""
_WRITTEN = Numbers("en-GB")


def plot_profit(
    curve: ProfitCurve,
    *,
    decision: Decision | None = None,
    ax: Axes | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw the net worth of contacts against the share of people contacted, the best first, with the highest marked.

    ``curve.table`` holds the numbers.

    Parameters
    ----------
    curve
        From `profit_curve`.
    decision
        From `choose_threshold` on the same people, marked in place of the highest point.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.thresholds.profit import profit_curve
    >>> axes = plot_profit(profit_curve([0.9, 0.5, 0.1], value=10.0, contact_cost=2.0, currency="GBP"))
    >>> axes.get_xlabel()
    'Share of people contacted, the best first'
    """
    numbers = Numbers("en-GB", curve.currency)
    with styled():
        axes = framed(ax, WIDTH, HEIGHT, palette)
        axes.set_xlim(0.0, 1.0)
        values = np.concatenate([curve.net_worth, curve.low, curve.high])
        bottom, top = min(float(np.nanmin(values)), 0.0), max(float(np.nanmax(values)), 0.0)
        axes.set_ylim(bottom - 0.02 * (top - bottom), top + 0.14 * (top - bottom))
        reference(axes, [0.0, 1.0], [0.0, 0.0], palette)
        line = curve.share_of_people, curve.net_worth
        banded(axes, curve.share_of_people, curve.low, curve.high, line, palette.accent)
        share = float(curve.share_of_people[curve.best]) if decision is None else decision.share_of_people
        least = float(curve.threshold[curve.best]) if decision is None else decision.threshold
        words = (
            f"top {_WRITTEN.share(share, 1)} of people: {numbers.money(float(np.interp(share, *line)), 3)}"
        )
        if np.isfinite(least):
            words += f"\nprobability of at least {probability_text(least)}"
        marked(axes, share, float(np.interp(share, *line)), words, palette)
        percent_axis(axes.xaxis)
        response_axis(axes, numbers.money, *axes.get_ylim())
        axes.set_xlabel("Share of people contacted, the best first", color=palette.muted)
        settle(axes, ax)
        unit = "Net worth: value of positives less cost of contacts"
        if np.isfinite(curve.low).any():
            unit += f"; band: {_WRITTEN.share(curve.level)} at each point"
        say(axes, curve.summary.removesuffix("."), unit, palette)
        settle(axes, ax)
    return axes


def plot_net_benefit(curve: NetBenefitCurve, *, ax: Axes | None = None, palette: Palette = PALETTE) -> Axes:
    """Draw net benefit against the break-even probability: by the score, of contacting everybody, and nobody.

    ``curve.table`` holds the numbers.

    Parameters
    ----------
    curve
        From `net_benefit_curve`.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.thresholds.net_benefit import net_benefit_curve
    >>> axes = plot_net_benefit(net_benefit_curve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]))
    >>> axes.get_xlabel()
    'Break-even probability of a contact'
    """
    with styled():
        axes = framed(ax, WIDTH, HEIGHT, palette)
        top = float(np.nanmax(np.concatenate([curve.high, curve.everybody])))
        axes.set_ylim(-DEPTH * top, 1.05 * top)
        reached = curve.threshold[curve.share_of_people > 0]
        axes.set_xlim(0.0, min(float(curve.threshold[-1]), BEYOND * float(reached.max(initial=0.1))))
        reference(axes, curve.threshold, curve.everybody, palette)
        axes.axhline(0.0, color=palette.ink, linewidth=1.0, zorder=3)
        banded(
            axes, curve.threshold, curve.low, curve.high, (curve.threshold, curve.net_benefit), palette.accent
        )
        _name_lines(axes, curve, palette)
        percent_axis(axes.xaxis)
        response_axis(axes, lambda v: f"{100.0 * v:.3g}".replace("-", "\u2212"), -DEPTH * top, 1.05 * top)
        axes.set_xlabel("Break-even probability of a contact", color=palette.muted)
        settle(axes, ax)
        unit = f"Net positives per 100 people; band: {_WRITTEN.share(curve.level)} at each point"
        say(axes, curve.summary.partition(" (")[0].removesuffix("."), unit, palette)
        settle(axes, ax)
    return axes


def _name_lines(axes: Axes, curve: NetBenefitCurve, palette: Palette) -> None:
    """Write beside each line what it is."""
    style: dict[str, Any] = {"size": 8.5, "parse_math": False, "textcoords": "offset points"}
    low, high = axes.get_ylim()
    gone = curve.everybody < low + 0.12 * (high - low)
    k = int(np.argmax(gone)) if gone.any() else len(gone) - 1
    place = float(curve.threshold[k]), float(max(curve.everybody[k], low))
    axes.annotate("everybody", place, xytext=(8, 4), ha="left", va="bottom", color=palette.muted, **style)
    end = axes.get_xlim()[1]
    axes.annotate("nobody", (end, 0.0), xytext=(0, -3), ha="right", va="top", color=palette.ink, **style)
    middle = int(np.argmin(np.abs(curve.threshold - 0.5 * end)))
    at = float(curve.threshold[middle]), float(curve.high[middle])
    axes.annotate("by the score", at, xytext=(4, 3), va="bottom", color=palette.accent, weight=600, **style)
