"""The picture of a profile: how much worse the fit becomes as one figure moves away from its estimate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.foundations.results import Result
from mixcurve.plots.style import PALETTE, Palette, fit_in_figure, light_axes, new_axes, styled
from mixcurve.response.fit.results import CurveFit, EstimateInterval, ProfileTrace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ProfileData", "draw_profile", "plot_profile", "profile_data"]

FloatArray = npt.NDArray[np.float64]

WIDTH, HEIGHT = 6.69, 2.5
TALLEST = 1.35
"""Where the picture ends, in thresholds."""
REACH = 2.2
"""The picture goes this many times as far from the estimate as the interval, and as far on an open side."""
OPEN_DECADES = 1.5
IN_SPEND = ("half", "half_saturation", "inflection", "saturation", "midpoint", "scale", "spend_at_target")
"""Figures that are a spend."""
WORDS = {
    "half": "half-saturation",
    "half_saturation": "half-saturation",
    "spend_at_target": "spend at the target",
    "roi": "ROI",
    "mroi": "mROI",
}


@dataclass(frozen=True, eq=False)
class ProfileData(Result):
    """One figure's profile: values in its unit (points,), and how far the fit is from the threshold there (points,).

    ``rise`` is the root of the rise of the deviance over that at the interval's end: 0 at the estimate, 1 at a limit.
    ``delta`` is the interval of the standard error alone, where there is one.
    """

    channel: str
    name: str
    value: FloatArray
    rise: FloatArray
    interval: EstimateInterval
    delta: EstimateInterval | None
    scale: str
    every: str
    currency: str | None

    @property
    def frame(self) -> Any:
        """The points as a pandas frame."""
        import pandas as pd

        return pd.DataFrame({self.name: self.value, "rise": self.rise})


def profile_data(fit: CurveFit, name: str) -> ProfileData:
    """Return what a picture of a figure's profile shows; ``name`` is one of ``fit.profiles``."""
    if not fit.profiles:
        raise InputError(
            "This fit has no profiles. Fit with intervals=True a response that rises with spend."
        )
    names = [p.name for p in fit.profiles]
    trace: ProfileTrace = fit.profiles[names.index(known_name("profile", name, names))]
    interval = fit.interval(name)
    assert interval is not None
    return ProfileData(
        fit.channels[0], name, trace.value, np.abs(trace.signed_root), interval, fit.interval(name, "delta"),
        trace.scale, fit.every, fit.currency,
    )  # fmt: skip


def plot_profile(
    fit: CurveFit,
    name: str,
    *,
    ax: Axes | None = None,
    units: Units | None = None,
    palette: Palette = PALETTE,
) -> Axes:
    """Draw how much worse the fit becomes as a figure moves away from its estimate, and where its interval ends.

    The curve meets the dashed line where the interval ends; where it stays below, the data do not limit the figure and
    the interval is open. A pale bar shows the interval that the standard error alone would give.

    Parameters
    ----------
    fit
        From `fit_curve` with ``intervals=True``.
    name
        A figure with a profile: ``[p.name for p in fit.profiles]``.
    ax
        Axes to draw on; those of a new figure if not given.
    units
        How numbers are written; English with the fit's currency if not given.
    palette
        Colours.

    Examples
    --------
    >>> from mixcurve import curves, fit_curve
    >>> noise = np.random.default_rng(1).standard_normal(60)
    >>> spend = np.linspace(0, 100, 60)
    >>> fit = fit_curve(spend, curves["hill"](spend, top=50.0, half=30.0, slope=2.0) + noise, resamples=0)
    >>> plot_profile(fit, "half").get_title(loc="left").startswith("Half-saturation lies between")
    True
    """
    return draw_profile(profile_data(fit, name), ax=ax, units=units, palette=palette)


def draw_profile(
    data: ProfileData, *, ax: Axes | None = None, units: Units | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw what `profile_data` returned."""
    written = units or Units(Numbers("en-GB", data.currency), data.every, "response")
    with styled():
        axes = new_axes(WIDTH, HEIGHT) if ax is None else ax
        light_axes(axes, palette)
        low, high = _window(data)
        if data.scale == "log" and low > 0:
            axes.set_xscale("log")
        axes.set_xlim(low, high)
        axes.set_ylim(0.0, TALLEST)
        _label(axes, data, written, palette)
        if ax is None:
            fit_in_figure(axes)
        _draw(axes, data, palette)
    return axes


def _window(data: ProfileData) -> tuple[float, float]:
    """Return the range of the figure that the picture shows."""
    positive = data.scale == "log" and data.interval.estimate > 0
    forward: Any = np.log if positive else np.asarray
    value = data.value[data.value > 0] if positive else data.value
    real, centre = forward(value), float(forward(data.interval.estimate))
    reach = [abs(float(forward(end)) - centre) for end in _closed_ends(data, positive)]
    far = REACH * max(reach, default=OPEN_DECADES * np.log(10) if positive else float(np.ptp(real)) or 1.0)
    far = max(far, OPEN_DECADES) if positive and not data.interval.closed else far
    low, high = max(centre - far, float(real.min())), min(centre + far, float(real.max()))
    pad = 0.02 * (high - low)
    ends = np.exp([low - pad, high + pad]) if positive else np.array([low - pad, high + pad])
    return float(ends[0]), float(ends[1])


def _closed_ends(data: ProfileData, positive: bool) -> list[float]:
    sides = {"low": data.interval.low, "high": data.interval.high}
    opened = {"both": ("low", "high"), "": ()}.get(data.interval.open_side, (data.interval.open_side,))
    return [v for side, v in sides.items() if side not in opened and (v > 0 or not positive)]


def _label(axes: Axes, data: ProfileData, units: Units, palette: Palette) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

    write = units.spend if data.name in IN_SPEND else units.numbers.count
    if axes.get_xscale() == "log":
        low, high = axes.get_xlim()
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_minor_formatter(NullFormatter())
        many = np.log10(high / low) > 1.2
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if many else (1, 1.5, 2, 3, 4, 5, 7)))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(7))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: write(x)))
    axes.set_yticks([0.0, 1.0], ["best fit", f"{data.interval.level:.0%} limit"])
    what = f"{_words(data.name)} {units.a_period}" if data.name in IN_SPEND else _words(data.name)
    axes.set_xlabel(
        what[0].upper() + what[1:] if what != "mROI" else what, color=palette.muted, parse_math=False
    )
    axes.set_title(
        _message(data, write), loc="left", color=palette.ink, size=10, weight=600, parse_math=False
    )


def _words(name: str) -> str:
    return WORDS.get(name, name.replace("_", " "))


def _message(data: ProfileData, write: Any) -> str:
    """Return the title: the interval, or the side that the data leave open."""
    i, what = data.interval, _words(data.name)
    first = what[0].upper() + what[1:] if what[1:].islower() else what
    if i.open_side == "":
        return f"{first} lies between {write(i.low)} and {write(i.high)} ({i.level:.0%} interval)"
    if i.open_side == "both":
        return f"The data do not limit the {what} on either side"
    limit, side = (
        (f"at least {write(i.low)}", "above")
        if i.open_side == "high"
        else (f"at most {write(i.high)}", "below")
    )
    return f"{first} is {limit} ({i.level:.0%}); the data do not limit it {side}"


def _draw(axes: Axes, data: ProfileData, palette: Palette) -> None:
    low, high = axes.get_xlim()
    order = np.argsort(data.value)
    value, rise = data.value[order], data.rise[order]
    axes.axhline(1.0, color=palette.muted, linewidth=0.9, linestyle=(0, (4, 2.5)), zorder=2)
    inside = (np.clip(data.interval.low, low, high), np.clip(data.interval.high, low, high))
    axes.axvspan(*inside, ymax=1.0 / TALLEST, color=palette.accent, alpha=0.10, linewidth=0, zorder=0)
    smooth, height = _smooth(value, rise, data)
    axes.plot(smooth, height, color=palette.accent, linewidth=2.0, zorder=4)
    shown = (value >= low) & (value <= high) & (rise <= TALLEST)
    axes.plot(value[shown], rise[shown], "o", color=palette.accent, markersize=3.2, zorder=5)
    if data.delta is not None:
        ends = [float(np.clip(e, low, high)) for e in (data.delta.low, data.delta.high)]
        axes.plot(
            ends,
            [0.06, 0.06],
            color=palette.current,
            linewidth=2.2,
            alpha=0.75,
            zorder=3,
            solid_capstyle="butt",
        )
        axes.annotate(
            "interval from the standard error alone", (ends[0], 0.06), (0, 4), textcoords="offset points",
            ha="left", va="bottom", size=8, color=palette.current, parse_math=False,
        )  # fmt: skip
    estimate = data.interval.estimate
    if low <= estimate <= high:
        axes.plot([estimate], [0.0], "o", color=palette.ink, markersize=6, zorder=6, clip_on=False)


def _smooth(value: FloatArray, rise: FloatArray, data: ProfileData) -> tuple[FloatArray, FloatArray]:
    """Return a dense line through the points: monotone cubic in the signed root, on the figure's own scale."""
    from scipy.interpolate import PchipInterpolator

    positive = data.scale == "log" and (value > 0).all()
    real = np.log(value) if positive else value
    centre = (
        np.log(data.interval.estimate) if positive and data.interval.estimate > 0 else data.interval.estimate
    )
    signed = np.where(real < centre, -rise, rise)
    real, first = np.unique(real, return_index=True)
    if len(real) < 3:
        return value, rise
    grid = np.linspace(real[0], real[-1], 400)
    line = np.abs(PchipInterpolator(real, signed[first])(grid))
    return np.exp(grid) if positive else grid, line
