"""Figures that are profiled beside the parameters themselves, and their way back to users' units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.response.curves import Curve
from mixcurve.response.curves.shape import inflection
from mixcurve.response.fit.mix.profiles import EDGE, Figure, Profile
from mixcurve.response.fit.results import EstimateInterval

__all__ = ["ProfiledFigure", "inflection_figure", "profiled_inflection"]

FloatArray = npt.NDArray[np.float64]

NO_BEND = 1e-6
"""Inflection, relative to the largest spend, that stands for none: the curve is concave from the start."""
DIFFERENCE = 1e-5
BEND_LOW, BEND_HIGH = 0.01, 3.0
"""Inflections looked for, relative to the largest spend seen."""


@dataclass(frozen=True)
class ProfiledFigure:
    """A profiled figure on the real line, with what is needed to give it its unit back."""

    channel: int
    name: str
    scale: Literal["log", "linear"]
    spend_power: float
    estimate: float
    low: float
    high: float

    def in_units(self, spend_unit: FloatArray, channels: tuple[str, ...], level: float) -> EstimateInterval:
        """Return the interval in users' units."""
        unit = spend_unit[self.channel] ** self.spend_power

        def given(real: float) -> float:
            return float(np.exp(real) * unit) if self.scale == "log" else float(real * unit)

        sides = ("low" if np.isneginf(self.low) else "") + ("high" if np.isposinf(self.high) else "")
        open_side: Literal["", "low", "high", "both"] = "both" if sides == "lowhigh" else sides  # type: ignore[assignment]
        low = 0.0 if np.isneginf(self.low) else given(self.low)
        return EstimateInterval(
            channels[self.channel],
            self.name,
            given(self.estimate),
            low,
            given(self.high),
            level,
            open_side,
            "profile",
        )


def inflection_figure(
    curve: Curve, mine: Sequence[int], shape_of: Callable[[FloatArray], Sequence[FloatArray]]
) -> Figure:
    """Return the log of a curve's inflection, relative to the largest spend, as a figure of θ.

    Parameters
    ----------
    curve
        The curve.
    mine
        The positions in θ of its free shape parameters.
    shape_of
        ``shape_of(theta (B × k))`` gives all its shape parameters, each (B,).
    """
    free = [p for p in curve.parameters if p.free]

    def value(theta: FloatArray) -> FloatArray:
        columns = np.stack([np.ones(len(theta)), *shape_of(theta)], axis=-1)
        return np.log(np.maximum(inflection(curve, columns), NO_BEND))

    def slope(theta: FloatArray) -> FloatArray:
        out = np.zeros_like(theta)
        for j in mine:
            up, down = theta.copy(), theta.copy()
            up[:, j] += DIFFERENCE
            down[:, j] -= DIFFERENCE
            out[:, j] = (value(up) - value(down)) / (2 * DIFFERENCE)
        return out

    def move(theta: FloatArray, values: FloatArray) -> FloatArray:
        start = theta.copy()
        if value(start[None])[0] <= np.log(NO_BEND) + EDGE:  # concave now: give it a typical bend first
            for j, p in zip(mine, free, strict=True):
                if not p.unit:
                    start[j] = 0.5 * (p.to_real(p.typical.low) + p.to_real(p.typical.high))
        now = value(start[None])[0]
        out = np.tile(start, (len(values), 1))
        for j, p in zip(mine, free, strict=True):
            if p.unit:
                out[:, j] += p.spend_power * (values - now)
        return out

    return Figure(value, slope, float(np.log(BEND_LOW)), float(np.log(BEND_HIGH)), move, tuple(mine))


def profiled_inflection(channel: int, figure: Figure, theta: FloatArray, profile: Profile) -> ProfiledFigure:
    """Return the profiled inflection; an interval that reaches down to no bend at all is open on its low side."""
    estimate = float(figure.value(theta[None])[0])
    concave = estimate <= np.log(NO_BEND) + EDGE
    low = -np.inf if concave or profile.low <= figure.low + EDGE else profile.low
    return ProfiledFigure(
        channel, "inflection", "log", 1.0, -np.inf if concave else estimate, low, profile.high
    )
