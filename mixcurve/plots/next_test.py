"""What to test next, and how stable a plan is: a row per channel."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.numbers import NBSP, Numbers, Units
from mixcurve.plots.message import framed, legend_above, say, settle
from mixcurve.plots.next_test_data import NextTestData, StabilityData, next_test_data, stability_data
from mixcurve.plots.style import PALETTE, Palette, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixcurve.budget.learning.results import NextTest
    from mixcurve.budget.learning.stability_result import Stability

__all__ = ["draw_next_test", "draw_stability", "plot_next_test", "plot_stability"]

FloatArray = npt.NDArray[np.float64]

WIDTH, ROW_HEIGHT, FRAME_HEIGHT = 6.69, 0.36, 1.3
NAME_WIDTH = 26
"""Characters of a channel's name before it runs on in a second line."""
MARGIN = 1.02
"""Where the column of words beside the rows begins, in widths of the axes."""


def plot_next_test(
    found: NextTest, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw what it is worth to know each channel's curve, and how much of that its best test brings.

    Parameters
    ----------
    found
        Of `next_test`.
    ax
        Axes to draw on; those of a new figure if not given.
    units
        How numbers are written; English with the result's currency if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve import response_from
    >>> from mixcurve.budget.learning.next_test import next_test
    >>> known = response_from({n: ("tanh", {"top": [1, 3], "half": 5}) for n in ("tv", "radio")})
    >>> [t.get_text() for t in plot_next_test(next_test(known, 8, noise=1)).get_yticklabels()]
    ['radio', 'tv']
    """
    return draw_next_test(next_test_data(found), ax=ax, units=units, palette=palette)


def plot_stability(
    found: Stability, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw between which amounts each channel's best spend lies, beside the plan and the spend of today.

    Parameters
    ----------
    found
        Of `plan_stability`.
    ax, units, palette
        As in `plot_next_test`.

    Examples
    --------
    >>> from mixcurve import response_from
    >>> from mixcurve.budget.learning.stability import plan_stability
    >>> known = response_from({n: ("tanh", {"top": [1, 3], "half": 5}) for n in ("tv", "radio")})
    >>> [t.get_text() for t in plot_stability(plan_stability(known, 8)).get_yticklabels()]
    ['tv', 'radio']
    """
    return draw_stability(stability_data(found), ax=ax, units=units, palette=palette)


def draw_next_test(
    data: NextTestData, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw what `next_test_data` returned."""
    plain = data.counts == "response"
    name = data.response_name if plain else f"value of {data.response_name}"
    written = units or Units(Numbers("en-GB", data.currency), data.every, name, response_is_money=not plain)
    with styled():
        axes, rows = _rows(data.channels, ax, palette)
        axes.barh(
            rows, data.curve[:, 0], height=0.6, color=palette.faint, linewidth=0, label="knowing its curve"
        )
        axes.barh(rows, data.test, height=0.3, color=palette.accent, linewidth=0, label="its best test")
        for row, (_, low, high) in enumerate(data.curve):
            axes.plot(
                [low, high], [row, row], color=palette.muted, linewidth=1.0, zorder=3, solid_capstyle="butt"
            )
        axes.set_xlim(0.0, 1.05 * float(np.nanmax(np.append(data.curve[:, 2], data.test))) or 1.0)
        _numbered(axes, written.response)
        net = [written.response(float(v), signed=True) if np.isfinite(v) else "no test" for v in data.net]
        _beside(
            axes, "net of cost", net, [palette.accent if v > 0 else palette.muted for v in data.net], palette
        )
        settle(axes, ax)
        level = written.numbers.share(data.level)
        unit = say(
            axes,
            _best_test(data, written),
            f"{_capital(written.label)} {written.a_period}, {level} interval",
            palette,
        )
        legend_above(axes, unit, palette)
        settle(axes, ax)
    return axes


def draw_stability(
    data: StabilityData, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw what `stability_data` returned."""
    written = units or Units(Numbers("en-GB", data.currency), data.every)
    with styled():
        axes, rows = _rows(data.channels, ax, palette)
        level = written.numbers.share(data.level)
        for row, (low, middle, high) in enumerate(data.best):
            range_ = axes.plot(
                [low, high], [row, row], color=palette.faint, linewidth=6.0, solid_capstyle="butt"
            )
            median = axes.plot([middle], [row], "|", color=palette.ink, markersize=10, markeredgewidth=1.6)
        marks: dict[str, Any] = {
            "markersize": 6,
            "markeredgecolor": "white",
            "clip_on": False,
            "linestyle": "none",
        }
        now = axes.plot(data.current, rows + 0.0, "o", color=palette.current, **marks)
        plan = axes.plot(data.plan, rows + 0.0, "D", color=palette.accent, **marks)
        most = float(max(data.best.max(), data.current.max(), data.plan.max()))
        axes.set_xlim(-0.02 * most, 1.05 * most or 1.0)
        _numbered(axes, written.spend)
        gains = [written.numbers.share(float(v)) for v in data.gains]
        _beside(axes, "draws with more", gains, [palette.muted] * len(gains), palette)
        settle(axes, ax)
        unit = say(axes, _steady(data, written), f"Spend {written.a_period}", palette)
        handles = [*now, *plan, *median, *range_]
        for handle, label in zip(
            handles, ("now", "plan", "median of the best", f"{level} of the draws"), strict=True
        ):
            handle.set_label(label)
        legend_above(axes, unit, palette, handles)
        settle(axes, ax)
    return axes


def _rows(channels: tuple[str, ...], ax: Axes | None, palette: Palette) -> tuple[Axes, FloatArray]:
    """Return axes with a row for each channel, the first at the top."""
    axes = framed(ax, WIDTH, ROW_HEIGHT * len(channels) + FRAME_HEIGHT, palette)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x", color=palette.grid, linewidth=0.7)
    axes.set_ylim(len(channels) - 0.4, -0.9)
    names = ["\n".join(textwrap.wrap(name, NAME_WIDTH, break_long_words=True)[:2]) for name in channels]
    axes.set_yticks(range(len(names)), names, color=palette.ink, parse_math=False)
    return axes, np.arange(len(channels), dtype=np.float64)


def _numbered(axes: Axes, write: Any) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: write(x)))


def _beside(axes: Axes, head: str, texts: list[str], colours: list[str], palette: Palette) -> None:
    """Write a column of words right of the rows, with a head."""
    style: dict[str, Any] = {
        "transform": axes.get_yaxis_transform(),
        "va": "center",
        "size": 9,
        "parse_math": False,
    }
    axes.text(MARGIN, -0.75, head, color=palette.muted, **style)
    for row, (text, colour) in enumerate(zip(texts, colours, strict=True)):
        axes.text(MARGIN, row, text, color=colour, weight=600, **style)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _best_test(data: NextTestData, units: Units) -> str:
    if not np.isfinite(data.net).any():
        return f"Knowing {data.channels[0]} better would be worth most"
    first = int(np.nanargmax(data.net))
    if data.net[first] <= 0:
        return "No test that was judged pays for itself"
    time = f"{data.horizon:g}{NBSP}{units.every}s"
    gain = units.response(float(data.net[first]), named=True)
    return f"Test {data.channels[first]} next: worth {gain} over {time}, its cost taken off"


def _steady(data: StabilityData, units: Units) -> str:
    whole = data.value + data.loss
    share = units.numbers.share(data.loss / whole if whole > 0 else 0.0, 1)
    return f"Over {data.draws} draws of the curves the plan falls {share} short of the best plan of each"
