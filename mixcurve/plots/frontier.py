"""Pictures of outcome against budget, and of what a plan rests on."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import one_of
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.plots.labels import Label, place_labels
from mixcurve.plots.message import framed, response_axis, say, settle
from mixcurve.plots.style import PALETTE, Palette, fit_in_figure, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixcurve.budget.frontier.result import Frontier
    from mixcurve.budget.frontier.sensitivity import Sensitivity

__all__ = ["plot_frontier", "plot_sensitivity"]

FloatArray = npt.NDArray[np.float64]

WIDTH, HEIGHT = 6.69, 3.0
"""Inches: the width of the text of a report's page, and a third of its height."""
POINTS = 400
"""Budgets between which the line is straight: more than a printed page resolves."""
STEPS = 50.0
"""The next step of budget that the message speaks of is a power of ten of at least this part of the budget."""
MOST_NAMED = 6
"""Switches that are named in the picture; all are in the result."""
ROW_HEIGHT, FRAME_HEIGHT = 0.27, 1.1
NAME_WIDTH = 46


def plot_frontier(
    found: Frontier,
    *,
    show: Literal["value", "profit"] = "value",
    ax: Axes | None = None,
    units: Units | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw the best outcome against the budget, today's budget on it, and where channels go on.

    The band is the interval of the result at its level, where the curves have resamples.

    Parameters
    ----------
    found
        From `mixcurve.frontier`.
    show
        ``"value"``, or ``"profit"`` of a frontier that was made with the value of response.
    ax
        Axes to draw on; those of a new figure if not given.
    units
        How numbers are written; English with the frontier's currency if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.budget.frontier.trace import frontier
    >>> from mixcurve.response.fitted import response_from
    >>> known = response_from(
    ...     {"tv": ("hill", {"top": 900, "half": 40_000, "slope": 2.2})}, current={"tv": 30_000}
    ... )
    >>> axes = plot_frontier(frontier(known, [0, 20_000, 40_000, 60_000]))
    >>> axes.get_xlabel().split()
    ['Budget', 'a', 'week']
    """
    one_of("show", show, ("value", "profit"))
    if show == "profit" and not len(found.profit):
        raise InputError("show='profit' needs a frontier made with value, what a unit of response is worth.")
    written = units or Units(Numbers("en-GB", found.currency), found.every, found.response_name)
    budget = np.linspace(found.budget[0], found.budget[-1], POINTS)
    line = found.value_at(budget) if show == "value" else found.profit_at(budget)
    money = show == "profit" or found.objective != "response"
    with styled():
        axes = framed(ax, WIDTH, HEIGHT, palette)
        axes.set_xlim(float(budget[0]), float(budget[-1]))
        unit = f"{'Profit' if show == 'profit' else f'Incremental {written.label}'} {written.a_period}"
        say(axes, _message(found, written, show), unit, palette)
        _budget_axis(axes, written, palette)
        low, high = _band(axes, found, budget, line, show, palette)
        axes.set_ylim(low, high + 0.06 * (high - low))
        response_axis(axes, written.spend if money else written.response, low, high)
        settle(axes, ax)
        axes.plot(budget, line, color=palette.accent, linewidth=2.0, zorder=4)
        place_labels(
            axes,
            _marks(axes, found, budget, line, written, show, palette),
            lines=[np.column_stack([budget, line])],
        )
    return axes


def _band(
    axes: Axes, found: Frontier, budget: FloatArray, line: FloatArray, show: str, palette: Palette
) -> tuple[float, float]:
    """Draw the interval of the value, and return what the vertical axis must hold."""
    if show == "profit" or not len(found.interval):
        return min(0.0, float(line.min())), float(line.max()) or 1.0
    low, high = (np.interp(budget, found.budget, found.interval[:, k]) for k in (0, 1))
    axes.fill_between(budget, low, high, color=palette.accent, alpha=0.16, linewidth=0, zorder=2)
    return min(0.0, float(low.min())), float(max(high.max(), line.max())) or 1.0


def _budget_axis(axes: Axes, units: Units, palette: Palette) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: units.spend(x)))
    axes.set_xlabel(f"Budget {units.a_period}", color=palette.muted, parse_math=False)


def _marks(
    axes: Axes,
    found: Frontier,
    budget: FloatArray,
    line: FloatArray,
    units: Units,
    show: str,
    palette: Palette,
) -> list[Label]:
    """Draw today's budget, the profitable ones and the largest switches; return their labels, the first first."""
    at = [(found.current, "now", palette.current, 6.5)]
    if found.break_even is not None:
        at.append((found.break_even.most_profitable, "most profitable", palette.accent, 6.5))
        at += [(b, "break-even", palette.accent, 6.5) for b in [found.break_even.break_even] if b is not None]
    if show == "value":
        jumps = sorted(found.switches, key=lambda s: -abs(s.spend_high - s.spend_low))
        told = [s for s in jumps if s.change == "on" and s.low > found.budget[0]][:MOST_NAMED]
        at += [(s.budget, f"{s.channel} on", palette.muted, 4.0) for s in told]
    labels = []
    for x, text, colour, size in at:
        if not budget[0] < x <= budget[-1]:
            continue
        y = float(np.interp(x, budget, line))
        ring: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 1.0, "clip_on": False}
        axes.plot(x, y, "o", color=colour, markersize=size, zorder=6, **ring)
        name = "\n".join(textwrap.wrap(text, NAME_WIDTH // 2)[:2])
        labels.append(Label(f"{name} {units.spend(x)}", x, y, colour))
    return labels


def _message(found: Frontier, units: Units, show: str) -> str:
    """Return what the picture says."""
    even = found.break_even
    if show == "profit" and even is not None and even.status != "no profit":
        return (
            f"Profit is largest, {units.spend(even.profit)} {units.a_period}, at a budget of "
            f"{units.spend(even.most_profitable)}"
        )
    now, money = found.current, found.objective != "response"
    write = units.spend if money else (lambda v: units.response(v, named=True))
    if not found.budget[0] < now < found.budget[-1]:
        return f"The best plan brings up to {write(float(found.value[-1]))} {units.a_period}"
    step = 10.0 ** np.floor(np.log10(now / STEPS))
    further = min(now + step, float(found.budget[-1]))
    next_one, end = float(found.value_at(further) - found.value_at(now)), float(found.budget[-1])
    more = float(found.value[-1] / found.value_at(now)) - 1.0 if found.value_at(now) > 0 else np.nan
    return (
        f"At today\u2019s budget of {units.spend(now)} {units.a_period} the next {units.step(further - now)} bring "
        f"{write(next_one)}; {units.spend(end)} bring {units.numbers.share(more)} more than today\u2019s"
    )


def plot_sensitivity(
    found: Sensitivity,
    *,
    ax: Axes | None = None,
    units: Units | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw how far each change of what was assumed moves the value of the best plan, the largest first.

    Changes of the value of response are left out where the value is response: they change profit, not response.

    Examples
    --------
    >>> from mixcurve.budget.frontier.sensitivity import sensitivity
    >>> from mixcurve.response.fitted import response_from
    >>> known = response_from(
    ...     {"tv": ("hill", {"top": 900, "half": 40_000, "slope": 2.2})}, current={"tv": 30_000}
    ... )
    >>> [t.get_text() for t in plot_sensitivity(sensitivity(known, 30_000)).get_yticklabels()][0]
    'budget -20%'
    """
    plan = found.plan
    written = units or Units(Numbers("en-GB", plan.currency), plan.every, plan.response_name)
    rows = [
        (c.what, c.value - plan.value)
        for c in found.changes
        if c.kind != "value of response" and np.isfinite(c.value)
    ]
    if not rows:
        raise InputError(
            "There is nothing to draw: no change of budget, bounds or curve family was asked for."
        )
    rows.sort(key=lambda row: -abs(row[1]))
    with styled():
        axes = framed(ax, WIDTH, ROW_HEIGHT * len(rows) + FRAME_HEIGHT, palette)
        axes.grid(visible=False, axis="y")
        axes.grid(visible=True, axis="x", color=palette.grid, linewidth=0.7)
        change = np.array([row[1] for row in rows])
        colours = [palette.accent if v >= 0 else palette.current for v in change]
        axes.barh(range(len(rows)), change, color=colours, height=0.6, zorder=3)
        axes.axvline(0.0, color=palette.muted, linewidth=0.8, zorder=4)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        names = ["\n".join(textwrap.wrap(row[0], NAME_WIDTH)[:2]) for row in rows]
        axes.set_yticks(range(len(rows)), names, color=palette.ink, parse_math=False)
        _change_axis(axes, written, money=plan.objective != "response")
        message = f"What the best plan brings changes most with {rows[0][0]}"
        say(axes, message, f"Change of {written.label} {written.a_period}", palette)
        if ax is None:
            fit_in_figure(axes)
    return axes


def _change_axis(axes: Axes, units: Units, *, money: bool) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    write = units.spend if money else units.response
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: write(x, signed=True)))
