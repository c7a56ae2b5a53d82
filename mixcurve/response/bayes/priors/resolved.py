"""Priors as the model takes them: a map from a normal coordinate to each parameter, a prior of sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.parameters import Parameter
from mixcurve.response.bayes.model.space import LogitMap, LogMap, ParameterMap

__all__ = ["NOISE", "RANGE_SPREADS", "ResolvedPriors", "SizeRule", "parameter_map", "range_map"]

FloatArray = npt.NDArray[np.float64]

RANGE_SPREADS = 2 * 1.6448536269514722
"""A range holds 90% of a normal distribution: this many of its standard deviations."""
EDGE = 0.03
"""A range that starts or ends at the edge of the domain is taken to start or end this share of it inside, or a tenth as
far inside as its other end if that is less."""
AT_EDGE = 1e-9
"""Share of the domain within which a range's end lies at the edge."""
NOISE = LogMap(np.array([np.log(0.3)]), np.array([0.8]))
"""Of the noise's standard deviation over the response's: nine in ten between 0.08 and 1.1."""


@dataclass(frozen=True)
class SizeRule:
    """What is known of a channel's effect beforehand.

    ``kind`` is ``"pooled"`` (the default: drawn towards the other channels, `mixcurve.response.fit.mix.density`),
    ``"size"``: the log of the mean contribution per row, over the unit of the response, is normal; or ``"mroi"``: the
    log of the marginal response at ``spend`` (over the channel's spend unit) per unit of it is.
    """

    kind: str = "pooled"
    middle: float = 0.0
    spread: float = 1.0
    spend: float = 0.0


@dataclass(frozen=True, eq=False)
class ResolvedPriors:
    """Priors in the units of the search.

    Parameters
    ----------
    sizes
        One rule for each channel.
    maps
        Of each free parameter of each channel's kernel and curve: {(channel, parameter name): map of one value}.
    noise
        Of the noise's standard deviation over the unit of the response.
    words
        What each is in the planner's words, for the report: {coordinate label: sentence}.
    """

    sizes: tuple[SizeRule, ...]
    maps: dict[tuple[int, str], ParameterMap]
    noise: LogMap = NOISE
    words: dict[str, str] = field(default_factory=dict)

    def stacked(self, channels: Sequence[int], name: str) -> ParameterMap:
        """Return the maps of one parameter for several channels as one map of as many values."""
        maps = [self.maps[c, name] for c in channels]
        middle, spread = (np.concatenate([getattr(m, f) for m in maps]) for f in ("middle", "spread"))
        if isinstance(maps[0], LogMap):
            return LogMap(middle, spread)
        low, high = (np.concatenate([getattr(m, f) for m in maps]) for f in ("low", "high"))
        return LogitMap(middle, spread, low, high)


def parameter_map(parameter: Parameter) -> ParameterMap:
    """Return the map whose 90% range is the parameter's typical range."""
    return range_map(parameter, parameter.typical.low, parameter.typical.high)


def range_map(parameter: Parameter, low: float, high: float) -> ParameterMap:
    """Return the map under which nine in ten values lie between low and high."""
    if parameter.scale == "log":
        ends = np.log([low, high])
        return LogMap(np.array([ends.mean()]), np.array([(ends[1] - ends[0]) / RANGE_SPREADS]))
    bottom, top = parameter.domain.low, parameter.domain.high
    first, last = ((end - bottom) / (top - bottom) for end in (low, high))
    first = first if first > AT_EDGE else min(EDGE, 0.1 * last)
    last = last if last < 1.0 - AT_EDGE else 1.0 - min(EDGE, 0.1 * (1.0 - first))
    share = np.array([first, last])
    ends = np.log(share / (1.0 - share))
    return LogitMap(
        np.array([ends.mean()]),
        np.array([(ends[1] - ends[0]) / RANGE_SPREADS]),
        np.array([bottom]),
        np.array([top]),
    )
