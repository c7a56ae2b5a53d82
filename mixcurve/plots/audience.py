"""The picture of an audience: how many people like the seeds each size of audience reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mixcurve.foundations.numbers import Numbers
from mixcurve.plots.message import say, settle
from mixcurve.plots.style import PALETTE, Palette, light_axes, new_axes, styled
from mixcurve.propensity.lookalike.audience import Audience

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_audience"]

WIDTH, HEIGHT = 6.69, 3.2
BAND_SHADE = 0.18
_WRITTEN = Numbers("en-GB")


def plot_audience(audience: Audience, *, ax: Axes | None = None, palette: Palette = PALETTE) -> Axes:
    """Draw the share of people like the seeds that an audience reaches by its size, with interval and chance.

    ``audience.curve.table`` holds the numbers.

    Parameters
    ----------
    audience
        From `lookalike`.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve.propensity.lookalike.build import lookalike
    >>> rng = np.random.default_rng(0)
    >>> axes = plot_audience(lookalike(rng.normal(1.0, 1.0, (200, 2)), rng.normal(size=(2000, 2))))
    >>> axes.get_xlabel()
    'Size of the audience, people'
    """
    curve = audience.curve
    with styled():
        axes = new_axes(WIDTH, HEIGHT) if ax is None else ax
        light_axes(axes, palette)
        size = np.append(0.0, curve.size)
        parts = [np.append(0.0, part) for part in (curve.reached, curve.reached_low, curve.reached_high)]
        axes.plot([0.0, curve.size[-1]], [0.0, 1.0], color=palette.faint, linewidth=1.2, zorder=2)
        axes.fill_between(
            size, parts[1], parts[2], color=palette.accent, alpha=BAND_SHADE, linewidth=0, zorder=3
        )
        axes.plot(size, parts[0], color=palette.accent, linewidth=2.0, zorder=4)
        axes.set_xlim(0.0, curve.size[-1])
        axes.set_ylim(0.0, 1.0)
        axes.yaxis.set_major_formatter(lambda value, _: _WRITTEN.share(value))
        axes.xaxis.set_major_formatter(lambda value, _: _WRITTEN.written(value))
        axes.set_xlabel("Size of the audience, people", color=palette.muted)
        middle = 0.62 * curve.size[-1]
        axes.annotate(
            "chosen by chance",
            (middle, 0.62),
            xytext=(4, -12),
            textcoords="offset points",
            color=palette.muted,
            size=9,
        )
        tenth = int(np.argmin(np.abs(curve.share - 0.1)))
        axes.plot([curve.size[tenth]], [curve.reached[tenth]], "o", color=palette.accent, markersize=6,
                  markeredgecolor="white", zorder=5)  # fmt: skip
        message = (
            f"The best {_WRITTEN.share(curve.share[tenth])} of the universe hold "
            f"{_WRITTEN.share(curve.reached[tenth])} of people like the seeds"
        )
        unit = f"Share of seeds held out that are reached, {100 * curve.level:g}% intervals"
        say(axes, message, unit, palette)
        settle(axes, ax)
    return axes
