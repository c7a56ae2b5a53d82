"""The picture of one channel's response curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.plots.data import CurveData, Mark, curve_data
from mixcurve.plots.labels import Label, place_labels
from mixcurve.plots.style import PALETTE, Palette, fit_in_figure, light_axes, new_axes, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixcurve.budget.problem import Allocation
    from mixcurve.response.fitted import Fitted

__all__ = ["draw_curve", "plot_curve"]

WIDTH, HEIGHT = 6.69, 2.7
"""Inches: the width of the text of a report's page, and a bit less than a third of its height."""
BAND_SHADES = (0.34, 0.16)


def plot_curve(
    fit: Fitted,
    channel: str,
    *,
    plan: Allocation | None = None,
    ax: Axes | None = None,
    units: Units | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw one channel's curve with its bands, the periods observed, and current and planned spend.

    Grey marks spend that was never seen; the line is dashed there. `curve_data` returns the numbers.

    Parameters
    ----------
    fit
        Any fit, or curves that came from elsewhere.
    channel
        One of its channels.
    plan
        Marks the planned spend.
    ax
        Axes to draw on; those of a new figure if not given.
    units
        How numbers are written; English with the fit's currency if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.response.fitted import response_from
    >>> known = response_from(
    ...     {"tv": ("hill", {"top": 900, "half": 40_000, "slope": 2.2})}, current={"tv": 30_000}
    ... )
    >>> axes = plot_curve(known, "tv")
    >>> axes.get_title(loc="left").split()
    ['Incremental', 'response', 'a', 'week']
    """
    data = curve_data(fit, channel, plan=plan)
    return draw_curve(data, ax=ax, units=units, palette=palette)


def draw_curve(
    data: CurveData, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw what `curve_data` returned."""
    written = units or Units(Numbers("en-GB", data.currency), data.every, data.response_name)
    with styled():
        axes = new_axes(WIDTH, HEIGHT) if ax is None else ax
        light_axes(axes, palette)
        axes.set_xlim(0.0, float(data.spend[-1]))
        axes.set_ylim(*data.response_range)
        _label_axes(axes, written, palette)
        if ax is None:
            fit_in_figure(axes)
        notes = _draw_unseen(axes, data, palette)
        _draw_bands(axes, data, palette)
        _draw_dots(axes, data, palette)
        _draw_line(axes, data, palette)
        _draw_marks(axes, data, written, palette, notes)
    return axes


def _label_axes(axes: Axes, units: Units, palette: Palette) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: units.spend(x)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: units.response(y)))
    axes.set_xlabel(f"Spend {units.a_period}", color=palette.muted, parse_math=False)
    axes.set_title(
        f"Incremental {units.label} {units.a_period}",
        loc="left",
        color=palette.muted,
        size=9,
        parse_math=False,
    )


def _draw_unseen(axes: Axes, data: CurveData, palette: Palette) -> list[Any]:
    """Shade spend below the least and above the most that was seen, and say so in the wider zone."""
    low, high = data.seen
    end = float(data.spend[-1])
    zones = [(0.0, low), (min(high, end), end)]
    notes = []
    floor, ceiling = axes.get_ylim()
    edge = 0.04 * (ceiling - floor)
    for start, stop in zones:
        if stop - start > 0.01 * end:
            axes.axvspan(start, stop, color=palette.unseen, linewidth=0, zorder=0)
        if stop - start > 0.12 * end:
            text = f"no {data.every} seen\nwith this spend"
            # A rising curve is high at the right and low at the left: the note goes where it is not.
            place, side = (ceiling - edge, "top") if start == 0.0 else (floor + edge, "bottom")
            style: dict[str, Any] = {
                "color": palette.muted,
                "size": 8.5,
                "va": side,
                "ha": "center",
                "parse_math": False,
            }
            notes.append(axes.text((start + stop) / 2, place, text, **style))
    return notes


def _draw_bands(axes: Axes, data: CurveData, palette: Palette) -> None:
    for low, high, shade in reversed(list(zip(data.low, data.high, BAND_SHADES))):
        axes.fill_between(data.spend, low, high, color=palette.accent, alpha=shade, linewidth=0, zorder=2)


def _draw_dots(axes: Axes, data: CurveData, palette: Palette) -> None:
    low, high = axes.get_ylim()
    inside = (data.observed_response >= low) & (data.observed_response <= high)
    x, y = data.observed_spend, data.observed_response
    style: dict[str, Any] = {"color": palette.dots, "markeredgewidth": 0, "clip_on": False, "zorder": 3}
    axes.plot(x[inside], y[inside], "o", markersize=3.1, alpha=0.8, **style)
    for out, edge, sign in ((y < low, low, "v"), (y > high, high, "^")):
        axes.plot(x[out], np.full(out.sum(), edge), sign, markersize=4, **style)


def _draw_line(axes: Axes, data: CurveData, palette: Palette) -> None:
    seen = (data.spend >= data.seen[0]) & (data.spend <= data.seen[1])
    style: dict[str, Any] = {"color": palette.accent, "zorder": 4}
    axes.plot(data.spend, np.where(seen, data.estimate, np.nan), linewidth=2.0, **style)
    for part in (data.spend <= data.seen[0], data.spend >= data.seen[1]):
        if part.sum() > 1:
            axes.plot(data.spend[part], data.estimate[part], linewidth=1.8, linestyle=(0, (4, 2.5)), **style)


def _draw_marks(axes: Axes, data: CurveData, units: Units, palette: Palette, notes: list[Any]) -> None:
    labels = []
    for mark, text, colour in _marks_to_draw(data, units, palette):
        # The inflection is the smaller mark, and below: current spend may lie on it.
        behind = mark.kind == "inflection"
        if mark.low is not None and mark.high is not None:
            ends, height = [mark.low, mark.high], [mark.response] * 2
            axes.plot(ends, height, "|-", color=colour, linewidth=1.3, markersize=7, zorder=5)
        ring: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 1.2, "clip_on": False}
        size, order = (5.0, 5.5) if behind else (6.5, 6.0)
        axes.plot(mark.spend, mark.response, "o", color=colour, markersize=size, zorder=order, **ring)
        labels.append(Label(text, mark.spend, mark.response, colour))
    lines = [np.column_stack([data.spend, data.estimate])]
    lines += [np.array([[m.low, m.response], [m.high, m.response]]) for m in data.marks if m.low is not None]
    dots = np.column_stack([data.observed_spend, data.observed_response])
    place_labels(axes, labels, lines=lines, dots=dots, taken=notes)


def _marks_to_draw(data: CurveData, units: Units, palette: Palette) -> list[tuple[Mark, str, str]]:
    """Return each mark with its text and colour; current and planned spend are one mark where they read the same."""
    current, plan, bend = (data.mark(kind) for kind in ("current", "plan", "inflection"))
    found = []
    if current is not None:
        held = plan is not None and units.spend(plan.spend) == units.spend(current.spend)
        found.append(
            (current, f"{'now and plan' if held else 'now'} {units.spend(current.spend)}", palette.current)
        )
        plan = None if held else plan
    if plan is not None:
        found.append((plan, f"plan {units.spend(plan.spend)}", palette.accent))
    if bend is not None and bend.low is not None and bend.high is not None:
        limits = units.numbers.span(units.spend(bend.low), units.spend(bend.high))
        found.append((bend, f"inflection {units.spend(bend.spend)} ({limits})", palette.ink))
    return found
