"""Pictures of priors: what the model expects before it has seen the response, and what the data then moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.plots.message import date_axis, framed, legend_above, response_axis, say, settle
from mixcurve.plots.style import PALETTE, Palette, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixcurve.response.bayes.learned.table import Learned, LearnedTable
    from mixcurve.response.bayes.priors.predictive import PriorPredictive

__all__ = ["plot_prior_posterior", "plot_prior_predictive"]

WIDTH, HEIGHT = 6.69, 3.0
ROW_HEIGHT, FRAME_HEIGHT = 0.23, 1.15
TALLEST = 1.25
"""Where the picture of a prior ends, in largest responses; a wider prior runs out of it."""
SIDE = 2.9
"""The picture of prior and posterior ends so many standard deviations of the prior from its middle."""
NAME_WIDTH, SHORTEST_CHANNEL = 30, 8
"""Characters of a row's name, and those that a channel has in any case."""
SAID = {
    "data": "from the data",
    "mostly prior": "mostly prior",
    "prior only": "these data say nothing",
    "other channels": "from other channels",
    "not known": "too few draws",
}
"""The first words of each verdict, and how the legend tells it."""


def plot_prior_predictive(
    predicted: PriorPredictive,
    *,
    ax: Axes | None = None,
    units: Units | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw what the priors alone expect of the response and of the channels together, beside what came.

    ``predicted.frame`` holds the numbers. The interval of the whole response is wide on purpose: the baseline's level
    is left to the data.

    Parameters
    ----------
    predicted
        From `prior_predictive`.
    ax
        Axes to draw on; those of a new figure if not given.
    units
        How numbers are written; English if not given.
    palette
        Colours.
    """
    written = units or Units(Numbers("en-GB", predicted.currency), predicted.every, predicted.response_name)
    with styled():
        axes = framed(ax, WIDTH, HEIGHT, palette)
        low, high = _heights(predicted)
        share = f"{predicted.level:.0%}"
        for values, colour, opacity, name in (
            (predicted.response, palette.faint, 0.35, f"prior of the response ({share})"),
            (predicted.incremental, palette.accent, 0.30, f"prior of all channels ({share})"),
        ):
            # A band is cut at the frame, so that a picture does not hold numbers far outside it.
            band = np.clip(values[[0, 2]], low, high)
            style: dict[str, Any] = {"color": colour, "alpha": opacity, "linewidth": 0, "label": name}
            axes.fill_between(predicted.dates, *band, zorder=1, **style)
        axes.plot(predicted.dates, predicted.incremental[1], color=palette.accent, linewidth=1.2, zorder=3)
        axes.plot(
            predicted.dates, predicted.observed, color=palette.ink, linewidth=1.1, zorder=4, label="observed"
        )
        axes.set_xlim(predicted.dates[0], predicted.dates[-1])
        axes.set_ylim(low, high)
        date_axis(axes)
        response_axis(axes, lambda y: written.response(y, 3), low, high)
        unit = f"{written.label[:1].upper()}{written.label[1:]} {written.a_period}"
        said = say(axes, _expected(predicted, written), unit, palette)
        legend_above(axes, said, palette)
        settle(axes, ax)
    return axes


def _heights(predicted: PriorPredictive) -> tuple[float, float]:
    seen = np.concatenate([predicted.observed, [0.0]])
    low, high = float(seen.min()), float(seen.max())
    most = max(high, float(predicted.incremental[2].max()))
    reach = (high - low) or 1.0
    return min(low, 0.0) - 0.04 * reach * (low < 0), min(
        most, TALLEST * high if high > 0 else most
    ) + 0.04 * reach


def _expected(predicted: PriorPredictive, units: Units) -> str:
    """Return the title: what the priors give the channels, and whether that is too much."""
    low, _, high = predicted.incremental_share.tolist()
    share = units.numbers.share
    told = f"Before the data, all channels together bring {share(low)} to {share(high)} of all {units.label}"
    if predicted.exceeding > 0.05:
        return f"{told}; {share(predicted.exceeding)} of draws brought more than all of it and were refused"
    return told


def plot_prior_posterior(
    learned: LearnedTable,
    *,
    channel: str | None = None,
    ax: Axes | None = None,
    units: Units | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw each figure's posterior on the scale where its prior is the same grey bar, and say where it comes from.

    ``learned.table`` holds the numbers.

    Parameters
    ----------
    learned
        From `prior_against_posterior`.
    channel
        Only this one; all if not given.
    ax
        Axes to draw on; those of a new figure if not given.
    units
        How numbers are written; English if not given.
    palette
        Colours.

    Raises
    ------
    InputError
        If there is no such channel, or nothing to draw.
    """
    written = units or Units(Numbers("en-GB", learned.currency), learned.every, learned.response_name)
    rows = list(learned.rows)
    if channel is not None:
        known_name("channel", channel, list(dict.fromkeys(r.channel for r in rows if r.channel)))
        rows = [r for r in rows if r.channel == channel]
    if not rows:
        raise InputError("This table has no figures. Make one with prior_against_posterior.")
    from scipy.special import ndtri

    with styled():
        axes = framed(ax, WIDTH, ROW_HEIGHT * len(rows) + FRAME_HEIGHT, palette)
        axes.grid(visible=False, axis="y")
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(-SIDE, SIDE)
        colours, tail = _colours(palette), float(ndtri(0.5 + learned.level / 2))
        for place, row in enumerate(rows):
            _row(axes, place, row, tail, colours[_kind(row)], palette)
        _dress(axes, rows, tail, written, palette)
        unit = f"Grey: prior's {learned.level:.0%}; right: posterior's"
        said = say(axes, _found(rows), unit, palette)
        legend_above(axes, said, palette, _entries(axes, rows, colours))
        settle(axes, ax)
    return axes


def _kind(row: Learned) -> str:
    return row.verdict.partition(":")[0]


def _colours(palette: Palette) -> dict[str, str]:
    return {
        "data": palette.accent, "mostly prior": palette.dots, "prior only": palette.current,
        "other channels": palette.muted, "not known": palette.faint,
    }  # fmt: skip


def _row(axes: Axes, place: int, row: Learned, tail: float, colour: str, palette: Palette) -> None:
    axes.plot(
        [-tail, tail], [place, place], color=palette.faint, linewidth=7.0, alpha=0.55, zorder=1,
        solid_capstyle="butt",
    )  # fmt: skip
    low, middle, high = np.clip(row.standard, -SIDE, SIDE).tolist()
    axes.plot([low, high], [place, place], color=colour, linewidth=2.0, zorder=3, solid_capstyle="round")
    axes.plot([middle], [place], "o", color=colour, markersize=5.0, markeredgecolor="white", zorder=4)


def _entries(axes: Axes, rows: list[Learned], colours: dict[str, str]) -> list[Any]:
    from matplotlib.lines import Line2D

    there = [kind for kind in SAID if any(_kind(r) == kind for r in rows)]
    style: dict[str, Any] = {"linewidth": 2.0, "marker": "o", "markersize": 5.0, "markeredgecolor": "white"}
    return [Line2D([], [], color=colours[kind], label=SAID[kind], **style) for kind in there]


def _dress(axes: Axes, rows: list[Learned], tail: float, units: Units, palette: Palette) -> None:
    from mixcurve.response.bayes.learned.table import figure_name

    names = [_named(r.channel, figure_name(r.name)) for r in rows]
    axes.set_yticks(range(len(rows)), names, color=palette.ink, parse_math=False)
    axes.set_xticks([-tail, 0.0, tail], ["low", "middle of the prior", "high"])
    for place, row in enumerate(rows):
        axes.annotate(
            units.numbers.span(_written(row.low, row, units), _written(row.high, row, units)), (1.0, place),
            xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points", va="center", ha="left",
            size=8.5, color=palette.muted, parse_math=False, annotation_clip=False,
        )  # fmt: skip


def _named(channel: str, figure: str) -> str:
    """Return a row's name; of one too long the channel is cut, since its rows differ by the figure."""
    room = max(NAME_WIDTH - len(figure) - len(": "), SHORTEST_CHANNEL)
    whole_words = channel[:room].rpartition(" ")[0]
    short = channel if len(channel) <= room else f"{whole_words or channel[: room - 1]}…"
    return f"{short}: {figure}" if channel else figure


def _written(value: float, row: Learned, units: Units) -> str:
    if row.unit == "spend":
        return units.spend(value)
    if row.unit == "response":
        return units.response(value)
    return units.numbers.count(value) + (
        f" {units.every}s" if row.unit == "periods" and value == row.high else ""
    )


def _found(rows: list[Learned]) -> str:
    """Return the title: how many figures the data decided, and of how many they say nothing."""
    known = sum(_kind(r) == "data" for r in rows)
    nothing = sum(_kind(r) in ("prior only", "other channels") for r in rows)
    told = f"{known} of {len(rows)} figures come from the data"
    return f"{told}; of {nothing} they say nothing" if nothing else told
