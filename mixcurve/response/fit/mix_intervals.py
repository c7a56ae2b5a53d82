"""Profile intervals of a mix: every searched parameter, and the inflection of every S-shaped curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.response.curves.shape import inflection
from mixcurve.response.fit.intervals import EDGE, Figure, Start, coordinate, profiles
from mixcurve.response.fit.mix_basis import MixBasis
from mixcurve.response.fit.mix_search import Searched, degrees_of_freedom, linearised
from mixcurve.response.fit.results import EstimateInterval

__all__ = ["ProfiledFigure", "inflection_figure", "mix_profiles"]

FloatArray = npt.NDArray[np.float64]

NO_BEND = 1e-6
"""Inflection, relative to the largest spend, that stands for none: the curve is concave from the start."""
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
            channels[self.channel], self.name, given(self.estimate), low, given(self.high), level, open_side, "profile"
        )


def mix_profiles(basis: MixBasis, target: FloatArray, found: Searched, level: float) -> list[ProfiledFigure]:
    """Return the profiled figures. While one is profiled, no pull towards typical values acts on its own parameters."""
    low, high = basis.bounds
    dof = degrees_of_freedom(basis, found)
    funded = [j for j, p in enumerate(basis.places) if found.amplitude[p.channel] > 0]
    bent = [c for c, curve in enumerate(basis.curve) if curve.form == "sigmoid" and found.amplitude[c] > 0]
    figures = [coordinate(j, len(low), low[j], high[j]) for j in funded] + [inflection_figure(basis, c) for c in bent]
    if not figures or dof < 1:
        return []
    variance = _theta_variance(basis, found, dof)
    slopes = np.concatenate([f.slope(found.theta[None]) for f in figures])
    errors = np.sqrt(np.maximum(np.einsum("fi,ij,fj->f", slopes, variance, slopes), 0.0))
    start = Start(found.theta, found.objective, variance, found.pull)
    done = profiles(basis, target, start, (low, high), figures, errors, dof, level)
    out = []
    for j, one in zip(funded, done, strict=False):
        p = basis.places[j].parameter
        out.append(ProfiledFigure(basis.places[j].channel, p.name, p.scale, p.spend_power, found.theta[j], one.low, one.high))
    for c, figure, one in zip(bent, figures[len(funded) :], done[len(funded) :], strict=True):
        estimate = float(figure.value(found.theta[None])[0])
        concave = estimate <= np.log(NO_BEND) + EDGE
        start = -np.inf if one.low <= figure.low + EDGE or concave else one.low
        out.append(ProfiledFigure(c, "inflection", "log", 1.0, -np.inf if concave else estimate, start, one.high))
    return out


def _theta_variance(basis: MixBasis, found: Searched, dof: int) -> FloatArray:
    jacobian, free = linearised(basis, found)
    size = np.maximum(np.linalg.norm(jacobian, axis=0), 1e-300)
    gram = (jacobian / size)[:, free].T @ (jacobian / size)[:, free]
    out = np.zeros((len(free), len(free)))
    out[np.ix_(free, free)] = np.linalg.pinv(gram, rcond=1e-10) * found.objective / dof
    channels = len(basis.curve)
    return (out / np.outer(size, size))[channels:, channels:]


def inflection_figure(basis: MixBasis, channel: int) -> Figure:
    """Return the log of a channel's inflection, relative to its largest spend, as a figure of θ."""
    curve = basis.curve[channel]
    mine = [j for j in basis.of_channel(channel) if not basis.places[j].carryover]

    def value(theta: FloatArray) -> FloatArray:
        _, shape = basis.values(theta, channel)
        return np.log(np.maximum(inflection(curve, np.stack([np.ones(len(theta)), *shape], axis=-1)), NO_BEND))

    def slope(theta: FloatArray) -> FloatArray:
        out = np.zeros_like(theta)
        for j in mine:
            up, down = theta.copy(), theta.copy()
            up[:, j] += 1e-5
            down[:, j] -= 1e-5
            out[:, j] = (value(up) - value(down)) / 2e-5
        return out

    def move(theta: FloatArray, values: FloatArray) -> FloatArray:
        start = theta.copy()
        if value(start[None])[0] <= np.log(NO_BEND) + EDGE:  # concave now: give it a typical bend first
            for j in mine:
                p = basis.places[j].parameter
                if not p.unit:
                    start[j] = 0.5 * (p.to_real(p.typical.low) + p.to_real(p.typical.high))
        now = value(start[None])[0]
        out = np.tile(start, (len(values), 1))
        for j in mine:
            p = basis.places[j].parameter
            if p.unit:
                out[:, j] += p.spend_power * (values - now)
        return out

    return Figure(value, slope, float(np.log(BEND_LOW)), float(np.log(BEND_HIGH)), move, tuple(mine))
