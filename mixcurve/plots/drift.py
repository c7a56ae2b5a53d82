"""The picture of drift: what has moved the mean score, column by column, and how far each column has moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.plots.message import say, settle
from mixcurve.plots.style import PALETTE, Palette, light_axes, new_axes, styled
from mixcurve.propensity.stability.report import StabilityReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_drift"]

WIDTH, ROW, HEAD = 6.69, 0.27, 1.15
NAME_LENGTH = 34


def plot_drift(
    report: StabilityReport, *, most: int = 15, ax: Axes | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw what each column's movement adds to the mean score, the largest first, with its stability index.

    Columns that have moved beyond chance are coloured. ``report.table`` holds the numbers.

    Parameters
    ----------
    report
        From `stability`.
    most
        Columns shown.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.propensity.fit import fit_logistic
    >>> from mixcurve.propensity.stability.report import stability
    >>> X = np.random.default_rng(0).normal(size=(400, 1))
    >>> fit = fit_logistic(X, (X[:, 0] > np.tile([0.0, 1.0, -1.0, 0.5], 100)).astype(float), names=["usage"])
    >>> axes = plot_drift(stability(fit, X[:200], X[200:]))
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['usage']
    """
    by_name = {one.name: one for one in report.features}
    shown = sorted(report.drift, key=lambda name: -abs(report.drift[name]))[:most]
    with styled():
        axes = new_axes(WIDTH, HEAD + ROW * len(shown)) if ax is None else ax
        light_axes(axes, palette)
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x", color=palette.grid, linewidth=0.7)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        names = [name if len(name) <= NAME_LENGTH else name[: NAME_LENGTH - 1] + "…" for name in shown]
        axes.set_yticks(range(len(shown)), names)
        for text in axes.get_yticklabels():
            text.set_parse_math(False)
        axes.axvline(0.0, color=palette.ink, linewidth=0.9, zorder=2)
        widest = max(abs(report.drift[name]) for name in shown)
        axes.set_xlim(*(np.array([-1.1, 1.1]) * max(widest, 1e-6)))
        for y, name in enumerate(shown):
            one = by_name[name]
            colour = palette.muted if one.verdict == "as before" else palette.current
            axes.barh([y], [report.drift[name]], height=0.62, color=colour, zorder=3)
            beside: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center", "size": 9}
            axes.text(1.02, y, f"{one.index:.2f} {one.verdict}", color=colour, parse_math=False, **beside)
        change = report.mean_score[1] - report.mean_score[0]
        say(
            axes,
            _message(report, shown),
            f"Part of the change of {change:+.2f} in mean log-odds; stability index",
            palette,
        )
        settle(axes, ax)
    return axes


def _message(report: StabilityReport, shown: list[str]) -> str:
    if report.score.verdict == "as before":
        return "Scores have not moved beyond chance"
    way = "up" if report.drift[shown[0]] > 0 else "down"
    return f"Scores have {report.score.verdict}; {shown[0]} moved them {way} most"
