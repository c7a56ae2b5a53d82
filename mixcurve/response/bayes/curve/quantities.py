"""What is drawn for each campaign, and how campaigns are drawn towards one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.parameters import Parameter
from mixcurve.response.bayes.curve.data import CampaignData, gridded
from mixcurve.response.bayes.model.space import LogMap
from mixcurve.response.bayes.priors.resolved import RANGE_SPREADS, range_map
from mixcurve.response.fit.mix.density import (
    COMMON_SPREAD,
    SIZE_SPREAD,
    SPEND_POWER,
    SPEND_POWER_SPREAD,
)

__all__ = ["Quantity", "noise_quantity", "shape_quantity", "size_quantity"]

FloatArray = npt.NDArray[np.float64]

COMMON_SHARE, AMONG_SHARE = float(np.sqrt(0.75)), 0.5
"""A parameter's prior variance is shared: three quarters lie in the campaigns' middle, one quarter among them, since
the campaigns of one table are more alike than campaigns anywhere, which the typical range is of."""
AMONG = 0.75
"""Standard deviation of the log of the spread among campaigns: nine in ten within a factor of 3.4 of the middle."""


@dataclass(frozen=True, eq=False)
class Quantity:
    """A figure of each campaign: real value = ``middle`` + m + ``tilt`` p + s e for standard normal e.

    The population's m ~ N(0, ``common``²), p ~ N(0, ``tilt_spread``²) and log s ~ N(log ``among``, `AMONG`²); a single
    campaign has N(``middle``, ``common``² + ``among``²).

    Parameters
    ----------
    name
        What it is called.
    middle
        (G,) on the real line.
    common, among
        Standard deviations.
    domain
        Ends of a parameter that lies between two; None for a positive one, whose log is the real value.
    tilt
        (G,) what the real value may grow with, or None.
    """

    name: str
    middle: FloatArray
    common: float
    among: float
    domain: tuple[float, float] | None = None
    tilt: FloatArray | None = None
    tilt_spread: float = SPEND_POWER_SPREAD

    @property
    def population(self) -> tuple[str, ...]:
        """The names of the population's coordinates."""
        names = (f"{self.name} middle", f"{self.name} spread")
        return names if self.tilt is None else (*names, f"{self.name} by spend")

    def take(self, places: npt.NDArray[np.intp]) -> Quantity:
        """Return the quantity of some of the campaigns."""
        tilt = None if self.tilt is None else self.tilt[places]
        return Quantity(
            self.name, self.middle[places], self.common, self.among, self.domain, tilt, self.tilt_spread
        )

    def alone(self, u: Any) -> Any:
        """Return the real value of a single campaign (1,) for its coordinate."""
        return self.middle + float(np.hypot(self.common, self.among)) * u

    def spread(self, xp: Any, population: Any) -> Any:
        """Return the standard deviation among campaigns (1,) for the population's coordinates."""
        return LogMap(np.array([np.log(self.among)]), np.array([AMONG]))(xp, population[1:2])

    def pooled(self, xp: Any, population: Any, u: Any) -> Any:
        """Return the real values (G,) for the population's coordinates and the campaigns'."""
        value = self.middle + self.common * population[0:1] + self.spread(xp, population) * u
        return value if self.tilt is None else value + self.tilt * (self.tilt_spread * population[2:3])

    def natural(self, xp: Any, real: Any) -> Any:
        """Return the parameter for its real value."""
        if self.domain is None:
            return xp.exp(real)
        low, high = self.domain
        return low + (high - low) * xp.expit(real)


def shape_quantity(parameter: Parameter, data: CampaignData, given: tuple[float, float] | None) -> Quantity:
    """Return the quantity of a curve's parameter, over a power of the spend unit.

    Campaigns are alike relative to their largest spend, unless a range is ``given`` in units of spend.
    """
    scale = data.spend_unit**parameter.spend_power
    low, high = (
        (np.full_like(scale, end) for end in (parameter.typical.low, parameter.typical.high))
        if given is None
        else (end / scale for end in given)
    )
    maps = [range_map(parameter, *ends) for ends in zip(low.tolist(), high.tolist(), strict=True)]
    middle = gridded(np.array([m.middle[0] for m in maps]))
    spread = float(np.median([m.spread[0] for m in maps]))
    domain = None if parameter.scale == "log" else (parameter.domain.low, parameter.domain.high)
    return Quantity(parameter.name, middle, COMMON_SHARE * spread, AMONG_SHARE * spread, domain)


def size_quantity(data: CampaignData, given: tuple[float, float] | None) -> Quantity:
    """Return the quantity of the log mean contribution per row, over the response unit.

    Campaigns' contributions scatter around a common one times a power of their mean spend; where a range of ROI is
    ``given`` (response per unit of spend), around that ROI.
    """
    if given is not None:
        ends = np.log(given)
        middle = gridded(ends.mean() + np.log(data.mean_spend / data.response_unit))
        spread = float(ends[1] - ends[0]) / RANGE_SPREADS
        return Quantity("size", middle, COMMON_SHARE * spread, AMONG_SHARE * spread)
    amount = np.log(data.mean_spend)
    amount = gridded(amount - amount.mean())
    level = gridded(np.log(np.median(data.response_unit) / data.response_unit))
    tilt = amount if len(data.names) > 1 else None
    return Quantity("size", level + SPEND_POWER * amount, COMMON_SPREAD, SIZE_SPREAD, tilt=tilt)


def noise_quantity(name: str, prior: LogMap, data: CampaignData) -> Quantity:
    """Return the quantity of a noise: its standard deviation over the response unit, or a dispersion."""
    spread = float(prior.spread[0])
    return Quantity(
        name, np.full(len(data.names), prior.middle[0]), COMMON_SHARE * spread, AMONG_SHARE * spread
    )
