"""The picture of a penalty path: how well people held out are predicted at each strength, and what is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mixcurve.plots.message import say, settle
from mixcurve.plots.style import PALETTE, Palette, light_axes, new_axes, styled
from mixcurve.propensity.path import PenaltyPath

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_penalty_path"]

SIZE = (6.69, 3.3)
"""Inches: the width of a report's text, and a height."""


def plot_penalty_path(path: PenaltyPath, *, ax: Axes | None = None, palette: Palette = PALETTE) -> Axes:
    """Draw the cross-validated log loss over the strength of the penalty, a standard error about it, and the choices.

    Parameters
    ----------
    path
        From `penalty_path`.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.propensity.path import penalty_path
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(300, 3))
    >>> y = (rng.random(300) < 1 / (1 + np.exp(-X[:, 0]))).astype(int)
    >>> plot_penalty_path(penalty_path(X, y)).get_xlabel()
    'Strength of the penalty, l2 in total'
    """
    from matplotlib.ticker import FuncFormatter

    used = np.count_nonzero(path.coefficients, axis=1)
    at = int(np.argmin(path.loss))
    with styled():
        axes = new_axes(*SIZE) if ax is None else ax
        light_axes(axes, palette)
        axes.set_xscale("log")
        low, high = path.loss - path.loss_error, path.loss + path.loss_error
        axes.fill_between(path.strengths, low, high, color=palette.accent, alpha=0.18, linewidth=0)
        axes.plot(path.strengths, path.loss, color=palette.accent, linewidth=2.0)
        axes.axhline(path.null_loss, color=palette.muted, linewidth=1.0, linestyle=(0, (4, 3)))
        axes.annotate(
            "base rate alone", (0.01, path.null_loss), xycoords=axes.get_yaxis_transform(), xytext=(0, -3),
            textcoords="offset points", color=palette.muted, size=9, va="top",
        )  # fmt: skip
        for strength, words, colour in (
            (path.best, "best", palette.accent),
            (path.one_standard_error, "one standard error", palette.current),
        ):
            if words == "best" or strength != path.best:
                axes.axvline(strength, color=colour, linewidth=1.0, zorder=1)
                axes.annotate(
                    words, (strength, 0.5), xycoords=axes.get_xaxis_transform(), xytext=(3, 0), rotation=90,
                    textcoords="offset points", color=colour, size=9, va="center", annotation_clip=True,
                )  # fmt: skip
        axes.xaxis.set_major_formatter(FuncFormatter(lambda strength, _: f"{strength:,g}"))
        axes.set_xlabel(f"Strength of the penalty, {path.kind} in total", color=palette.muted)
        few = f" with {used[at]} of {used.max()} features" if used.min() < used.max() else ""
        message = f"A penalty of {path.best:.3g} predicts people held out best{few}"
        say(axes, message, f"Log loss a person in nats, {path.folds} folds; band: a standard error", palette)
        settle(axes, ax)
    return axes
