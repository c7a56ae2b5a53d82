"""The picture of where the response comes from: baseline, each channel, and their total."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.numbers import NBSP, Numbers, Units
from mixcurve.foundations.results import Result
from mixcurve.plots.message import say
from mixcurve.plots.style import PALETTE, Palette, fit_in_figure, new_axes, styled
from mixcurve.response.fit.results import CurveFit, MixFit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["WaterfallData", "draw_waterfall", "plot_waterfall", "waterfall_data"]

FloatArray = npt.NDArray[np.float64]

WIDTH, ROW_HEIGHT, FRAME_HEIGHT = 6.69, 0.27, 0.75
NAME_WIDTH = 34
MOST_ROWS = 10
"""Channels with a row of their own; where there are more, the smallest share one."""
SMALL = 1e-6
"""A residual in total below this share of the response has no row: it is what rounding leaves of 0."""
ROOM = 0.3
"""Room right of the longest bar for its label, as a share of the axis."""
PALE = "#a9c3de"
"""Of channels whose effect the data do not show: the accent, paler."""


@dataclass(frozen=True, eq=False)
class WaterfallData(Result):
    """What adds up to the response over all periods: a name, an amount and a kind for each row.

    ``kinds`` are ``"baseline"``, ``"channel"``, ``"not shown"`` (a channel whose effect the data do not show),
    ``"others"`` (small channels together) and ``"residual"``. The amounts add up to ``total``.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    amounts: FloatArray
    periods: int
    every: str
    currency: str | None
    response_name: str

    @property
    def total(self) -> float:
        """The response of all periods."""
        return float(self.amounts.sum())

    @property
    def incremental(self) -> float:
        """What all channels bring together."""
        return float(
            sum(a for a, kind in zip(self.amounts, self.kinds) if kind not in ("baseline", "residual"))
        )

    @property
    def frame(self) -> Any:
        """Rows with their amount and share of the response, as a pandas frame."""
        import pandas as pd

        share = self.amounts / self.total if self.total else np.full(len(self.amounts), np.nan)
        columns = {"kind": self.kinds, "amount": self.amounts, "share": share}
        return pd.DataFrame(columns, index=pd.Index(self.names, name="row"))

    def message(self, units: Units) -> str:
        """What the picture says, as a sentence for its title."""
        many = sum(kind not in ("baseline", "residual") for kind in self.kinds)
        owner = "the channels" if many > 1 else self.names[1] if len(self.names) > 1 else "the channels"
        if self.total <= 0:
            return f"What the model credits to {owner}"
        share = units.numbers.share(self.incremental / self.total)
        most = [n for n, kind in zip(self.names, self.kinds) if kind == "channel"]
        tail = f", most to {most[0]}" if many > 1 and most and self.names[1] == most[0] else ""
        return f"The model credits {share} of {units.label} to {owner}{tail}"


def waterfall_data(fit: MixFit | CurveFit, *, most: int = MOST_ROWS) -> WaterfallData:
    """Return what a waterfall shows: the baseline, at most ``most`` channels, the others together, any residual.

    Groups are added up.
    """
    channels, parts = fit.summed() if isinstance(fit, MixFit) else (fit.channels, fit.contributions)
    amounts = parts.sum(axis=0)
    order = np.argsort(-amounts, kind="stable")
    own = order if len(order) <= most + 1 else order[:most]
    shown = _shown(fit)
    names = ["baseline", *(channels[i] for i in own)]
    kinds = ["baseline", *("channel" if channels[i] in shown else "not shown" for i in own)]
    values = [float(np.sum(np.zeros(len(fit.residual)) + fit.baseline)), *amounts[own].tolist()]
    if len(own) < len(order):
        names.append(f"{len(order) - len(own)} other channels")
        kinds.append("others")
        values.append(float(amounts[order[most:]].sum()))
    left = float(fit.residual.sum())
    if abs(left) > SMALL * abs(sum(values) + left):
        names.append("residual")
        kinds.append("residual")
        values.append(left)
    else:
        values[0] += left
    return WaterfallData(
        tuple(names), tuple(kinds), np.array(values), len(np.unique(fit.dates)) if isinstance(fit, MixFit)
        else len(fit.residual), fit.every, fit.currency, fit.response_name,
    )  # fmt: skip


def _shown(fit: MixFit | CurveFit) -> set[str]:
    """Return the channels whose effect the data show, in some group where there are groups."""
    cells = fit.cells if isinstance(fit, MixFit) else ()
    owner = [channel for channel, _ in cells] if cells else list(fit.channels)
    return {name for name, e in zip(owner, fit.evidence, strict=True) if e.grade != "not shown"}


def plot_waterfall(
    fit: MixFit | CurveFit,
    *,
    most: int = MOST_ROWS,
    ax: Axes | None = None,
    units: Units | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw baseline and channels as bars that start where the one before ends, and their total.

    Pale bars are of channels whose effect the data do not show.

    Parameters
    ----------
    fit
        The fit of a mix, or of one campaign.
    most
        Channels with a bar of their own; the others share one.
    ax
        Axes to draw on; those of a new figure if not given.
    units
        How numbers are written; English if not given.
    palette
        Colours.
    """
    return draw_waterfall(waterfall_data(fit, most=most), ax=ax, units=units, palette=palette)


def draw_waterfall(
    data: WaterfallData, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw what `waterfall_data` returned."""
    written = units or Units(Numbers("en-GB", data.currency), data.every, data.response_name)
    shown = [
        f"{n} (not{NBSP}shown)" if k == "not shown" else n
        for n, k in zip(data.names, data.kinds, strict=True)
    ]
    names = ["\n".join(textwrap.wrap(n, NAME_WIDTH, break_long_words=True)[:3]) for n in (*shown, "total")]
    room = [1.0 + 0.5 * n.count("\n") for n in names]
    middle = np.cumsum(room) - np.array(room) / 2.0
    with styled():
        axes = new_axes(WIDTH, ROW_HEIGHT * sum(room) + FRAME_HEIGHT) if ax is None else ax
        axes.spines[["top", "right", "bottom", "left"]].set_visible(False)
        axes.tick_params(length=0, pad=6, labelsize=9)
        axes.set_xticks([])
        axes.set_yticks(middle, names, color=palette.ink, parse_math=False)
        axes.set_ylim(sum(room) + 0.1, -0.1)
        _bars(axes, data, middle, written, palette)
        if ax is None:
            axes.set_position((0.25, 0.02, 0.73, 0.8))
        unit = f"{written.label[:1].upper()}{written.label[1:]} in {data.periods} {data.every}s"
        say(axes, data.message(written), unit, palette)
        if ax is None:
            fit_in_figure(axes)
    return axes


def _bars(axes: Axes, data: WaterfallData, middle: FloatArray, units: Units, palette: Palette) -> None:
    ends = np.cumsum(data.amounts)
    starts = ends - data.amounts
    low, high = (
        min(0.0, float(starts.min()), float(ends.min())),
        max(0.0, float(ends.max()), float(starts.max())),
    )
    space = (high - low) or 1.0
    axes.set_xlim(low, high + ROOM * space)
    colours = {
        "baseline": palette.faint,
        "not shown": PALE,
        "others": palette.dots,
        "residual": palette.current,
        "total": palette.ink,
    }
    for i, (start, amount) in enumerate(zip((*starts, 0.0), (*data.amounts, data.total), strict=True)):
        kind = (*data.kinds, "total")[i]
        last = kind == "total"
        colour = colours.get(kind, palette.accent)
        axes.barh(middle[i], amount, left=start, height=0.62, color=colour, zorder=2)
        right = max(start, start + amount)
        share = (
            f" · {units.numbers.share(amount / data.total)}"
            if data.total > 0 and kind not in ("residual", "total")
            else ""
        )
        axes.text(
            right + 0.012 * space, middle[i], f"{units.response(amount, 3)}{share}", va="center", ha="left",
            size=9, color=palette.ink if last else palette.muted, weight=600 if last else 400, parse_math=False,
        )  # fmt: skip
        if not last:
            axes.plot(
                [start + amount] * 2, [middle[i], middle[i + 1]], color=palette.faint, linewidth=0.8, zorder=1
            )
