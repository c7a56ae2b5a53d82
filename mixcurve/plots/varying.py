"""Pictures of what varies over time, and of the response per unit of spend by frequency."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.plots.message import date_axis, framed, say, settle
from mixcurve.plots.style import PALETTE, Palette, styled
from mixcurve.response.bayes.kinds.frequency import OptimalFrequency
from mixcurve.response.bayes.varying.path import SmoothPaths

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["frequency_message", "path_message", "plot_frequency", "plot_path"]

WIDTH, HEIGHT = 5.2, 2.9
MARGIN = 0.06
"""Free space above and below a path, as a share of its range."""


def plot_path(
    paths: SmoothPaths,
    name: str | None = None,
    *,
    ax: Axes | None = None,
    units: Units | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw how an effect or a level varied: the median and its interval by date.

    Parameters
    ----------
    paths
        From `effect_paths` or `level_path`.
    name
        Which path; the one shown most clearly if not given.
    ax
        Axes to draw on; those of a new figure if not given.
    units
        How numbers are written; English if not given.
    palette
        Colours.

    Raises
    ------
    InputError
        If there is no path of this name.

    Examples
    --------
    >>> days = np.array(["2024-01-01", "2024-01-08"], dtype="datetime64[D]")
    >>> one = np.ones((1, 2))
    >>> same = np.ones(1)
    >>> paths = SmoothPaths("effect", ("tv",), days, one, 0.9 * one, 1.1 * one, same, 0.9 * same, same, 0.9)
    >>> plot_path(paths).texts[0].get_text()
    "The data do not show that tv's effect changed"
    """
    place = int(np.argmax(paths.change_low))
    if name is not None:
        place = paths.names.index(known_name("path", name, paths.names))
    written = units or Units(Numbers("en-GB", paths.currency), paths.every, paths.response_name)
    with styled():
        axes = framed(ax, WIDTH, HEIGHT, palette)
        axes.axhline(paths.rest, color=palette.muted, linewidth=0.9, linestyle=(0, (4, 2.5)), zorder=2)
        axes.fill_between(
            paths.dates, paths.low[place], paths.high[place], color=palette.accent, alpha=0.15, linewidth=0
        )
        axes.plot(paths.dates, paths.middle[place], color=palette.accent, linewidth=2.0, zorder=4)
        low, high = min(paths.low[place].min(), paths.rest), max(paths.high[place].max(), paths.rest)
        room = MARGIN * (high - low)
        axes.set_ylim(low - room, high + room)
        axes.set_xlim(paths.dates[0], paths.dates[-1])
        if paths.kind == "level":
            axes.yaxis.set_major_formatter(lambda y, _: written.response(y, 3))
        date_axis(axes)
        unit = "Effect of a unit of media over its average" if paths.kind == "effect" else (
            f"Added to the baseline: {written.label} {written.a_period}"
        )  # fmt: skip
        say(axes, path_message(paths, place), f"{unit}, with {paths.level:.0%} interval", palette)
        settle(axes, ax)
    return axes


def path_message(paths: SmoothPaths, place: int = 0) -> str:
    """Return what the picture of a path says."""
    name = "the baseline" if paths.kind == "level" else paths.names[place]
    if not paths.shown[place]:
        return f"The data do not show that {name}'s {paths.kind} changed"
    top, bottom = (paths.month(place, highest=highest) for highest in (True, False))
    if paths.kind == "level":
        return f"The baseline was highest around {top} and lowest around {bottom}, beside trend and season"
    return f"A unit of {name} did {paths.change[place]:.1f} times as much around {top} as around {bottom}"


def plot_frequency(
    best: OptimalFrequency,
    *,
    ax: Axes | None = None,
    units: Units | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw the response per unit of spend by frequency, with the best frequency and the present one.

    Frequencies that were never seen have a grey ground. The present lies below the curve where the frequency changed
    from period to period: the curve is of one frequency throughout.

    Parameters
    ----------
    best
        From `optimal_frequency`.
    ax
        Axes to draw on; those of a new figure if not given.
    units
        How numbers are written; English if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.response.bayes.kinds.frequency import FrequencyCurve, optimal_frequency
    >>> from mixcurve.response.curves import curves
    >>> shape = np.array([[3.0, 2.0], [3.0, 2.0]])
    >>> known = FrequencyCurve("tv", curves["hill"], shape, np.ones(2), np.full(2, 0.1), 1.5, (1.0, 9.0))
    >>> plot_frequency(optimal_frequency(known)).texts[-1].get_text()
    'tv brings most at 3.0 contacts per person reached'
    """
    written = units or Units(Numbers("en-GB", best.currency), "week", best.response_name)
    with styled():
        axes = framed(ax, WIDTH, HEIGHT, palette)
        low, high = best.searched
        for start, stop in ((low, min(best.seen[0], high)), (max(best.seen[1], low), high)):
            if start < stop:
                axes.axvspan(start, stop, color=palette.unseen, linewidth=0, zorder=0)
        axes.axvspan(best.low, best.high, color=palette.accent, alpha=0.10, linewidth=0, zorder=1)
        axes.fill_between(
            best.grid, best.roi_low, best.roi_high, color=palette.accent, alpha=0.15, linewidth=0
        )
        axes.plot(best.grid, best.roi, color=palette.accent, linewidth=2.0, zorder=4)
        axes.plot(best.frequency, best.roi.max(), "o", color=palette.accent, markersize=6, zorder=5)
        axes.plot(best.present, best.present_roi, "o", color=palette.current, markersize=6, zorder=5)
        axes.annotate(
            "at present", (best.present, best.present_roi), (0, -14), textcoords="offset points", ha="center",
            size=8.5, color=palette.current,
        )  # fmt: skip
        axes.set_ylim(0.0, 1.08 * float(best.roi_high.max()))
        axes.set_xlim(low, high)
        axes.set_xlabel("Contacts per person reached", color=palette.muted)
        unit = f"{written.label[:1].upper()}{written.label[1:]} per unit of spend, with {best.level:.0%} intervals"
        say(axes, frequency_message(best), unit, palette)
        settle(axes, ax)
    return axes


def frequency_message(best: OptimalFrequency) -> str:
    """Return what the picture of frequencies says."""
    said = f"{best.channel} brings most at {best.frequency:.1f} contacts per person reached"
    if best.beyond_seen:
        return f"{said}, which were never seen"
    return f"{said}, the {best.edge} searched" if best.edge else said
