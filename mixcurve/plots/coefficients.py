"""The picture of a coefficient table: what a usual difference in each feature does to the odds, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.numbers import Numbers
from mixcurve.plots.message import say, settle
from mixcurve.plots.rows import interval_row, row_axes, short
from mixcurve.plots.style import PALETTE, Palette, styled
from mixcurve.propensity.inference.table import InferenceTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_coefficients"]

WIDEST = 100.0
"""Odds ratios beyond this and its inverse are cut, with an arrow."""
STEPS = (1, 1.1, 1.2, 1.5, 2, 3, 5, 10, 20, 50, 100)
"""Odds ratios that the axis may show, with their inverses."""
MOST_STEPS = 4
_WRITTEN = Numbers("en-GB")
Per = Literal["deviation", "unit"]


def plot_coefficients(
    table: InferenceTable,
    *,
    per: Per = "deviation",
    most: int = 25,
    ax: Axes | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw the odds ratio of each feature with its interval, the largest first; what leaves out 1 is coloured.

    Parameters
    ----------
    table
        From `inference_table`.
    per
        ``"deviation"``: for a difference of one standard deviation, so that features can be compared. ``"unit"``: per
        unit of the feature as given.
    most
        Features shown; the rest are left out and counted.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.propensity.fit import fit_logistic
    >>> from mixcurve.propensity.inference.build import inference_table
    >>> X, y = (
    ...     np.array([[0.0], [1.0], [2.0], [3.0]] * 20),
    ...     np.array([0.0, 1.0, 0.0, 1.0] * 19 + [1.0, 1.0, 0.0, 1.0]),
    ... )
    >>> axes = plot_coefficients(inference_table(fit_logistic(X, y, names=["visits"]), X, y))
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['visits']
    """
    rows = _rows(table, per)[:most]
    left_out = len(table.names) - 1 - len(rows)
    with styled():
        axes = row_axes(ax, [short(name) for name, *_ in rows], palette)
        axes.set_xscale("log")
        reach = _reach(rows)
        axes.set_xlim(1.0 / reach, reach)
        _ratio_axis(axes, reach)
        axes.axvline(1.0, color=palette.ink, linewidth=0.9, zorder=2)
        for y, (_, *ratio) in enumerate(rows):
            _feature(axes, y, tuple(ratio), reach, palette)
        what = "one standard deviation more" if per == "deviation" else "one unit more"
        more = f"; {left_out} weaker features left out" if left_out else ""
        say(axes, _message(rows), f"Odds ratio for {what}, {100 * table.level:.4g}% intervals{more}", palette)
        settle(axes, ax)
    return axes


def _rows(table: InferenceTable, per: Per) -> list[tuple[str, float, float, float]]:
    """Return name, odds ratio and its interval of the features, by the size of their effect."""
    if per not in ("deviation", "unit"):
        raise InputError(f"per must be 'deviation' or 'unit', got {per!r}.")
    found = []
    for name in table.ranking:
        j = table.names.index(name, 1)
        if not np.isfinite(table.standard_error[j]):
            continue
        b = table.coefficient[j]
        scale = 1.0 if per == "unit" or b == 0.0 else table.per_deviation[j] / b
        found.append((name, *np.exp(scale * np.array([b, table.low[j], table.high[j]]))))
    if not found:
        raise InputError("table holds no feature that anything is known of.")
    return found


def _reach(rows: list[tuple[str, float, float, float]]) -> float:
    """Return the largest odds ratio that the axis shows, its inverse being the smallest."""
    ends = np.array([[high, 1.0 / low] for _, _, low, high in rows])
    return float(np.clip(1.06 * ends[ends <= WIDEST].max(initial=1.2), 1.25, WIDEST))


def _ratio_axis(axes: Axes, reach: float) -> None:
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    # Steps near 1 would crowd on a wide axis.
    inside = [s for s in STEPS if 1 < s <= reach and np.log(s) > 0.12 * np.log(reach)]
    every = max(1, -(-len(inside) // MOST_STEPS))
    steps = inside[::-1][::every][::-1]
    marks = [1.0 / s for s in reversed(steps)] + [1.0] + [float(s) for s in steps]
    axes.xaxis.set_major_locator(FixedLocator(marks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FixedFormatter([f"{m:.2g}" for m in marks]))


def _feature(axes: Axes, y: int, ratio: tuple[float, ...], reach: float, palette: Palette) -> None:
    middle, low, high = ratio
    known = low > 1.0 or high < 1.0
    colour = palette.accent if known else palette.muted
    left, right = max(low, 1.0 / reach), min(high, reach)
    for end, cut, sign in ((left, low < left, "<"), (right, high > right, ">")):
        if cut:
            axes.plot([end], [y], sign, markersize=5, clip_on=False, color=colour, zorder=4)
    interval_row(axes, y, (left, right), float(np.clip(middle, left, right)), f"{middle:.2f}", colour)


def _message(rows: list[tuple[str, float, float, float]]) -> str:
    up = [name for name, _, low, _ in rows if low > 1.0]
    down = [name for name, _, _, high in rows if high < 1.0]
    if not up and not down:
        return "No feature stands out from chance by itself"
    told = []
    if up:
        told.append(f"{up[0]} raises the odds most")
    if down:
        told.append(f"{down[0]} lowers them most" if up else f"{down[0]} lowers the odds most")
    return ", ".join(told)
