"""How each campaign's response scatters about its mean, by family, in the vector language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from scipy import special

from mixcurve.response.bayes.curve.data import CampaignData
from mixcurve.response.bayes.curve.quantities import Quantity, noise_quantity
from mixcurve.response.bayes.model.space import LogMap
from mixcurve.response.bayes.priors.resolved import NOISE

__all__ = ["FAMILIES", "CampaignNoise", "Gaussian", "noise_of"]

FloatArray = npt.NDArray[np.float64]

EXACT = 1e-4
"""Least standard deviation of noise over that of the response: no response is known to more digits."""
DEGREES = LogMap(np.array([np.log(10.0)]), np.array([np.log(4.0) / 1.6448536269514722]))
"""Of Student's degrees of freedom: nine in ten between 2.5 (heavy tails) and 40 (all but normal)."""
DISPERSION = LogMap(np.array([np.log(0.05)]), np.array([1.5]))
"""Of the negative binomial's dispersion d, the variance being mean + d mean²: nine in ten between 0.004 and 0.6."""
BASELINE_SHARE, BASELINE_SPREAD = 0.5, 1.0
"""The baseline of counts is positive: nine in ten between a tenth and 2.6 times the mean response."""
SURE = 1e-3
"""A share of exposures comes no nearer to 1 than about this, at a price that grows from there."""
HALF_A_COUNT = 0.5
"""Added to a campaign's count, so that one without any has a positive mean."""


class CampaignNoise(Protocol):
    """A family of noise; ``sampled`` are the quantities it draws for each campaign, ``common`` those for all."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def common(self) -> tuple[str, ...]: ...  # noqa: D102

    def sampled(self, data: CampaignData) -> tuple[Quantity, ...]:
        """Return what is drawn for each campaign besides its curve."""
        ...

    def level(self, xp: Any, data: CampaignData, u: Any, contribution: Any) -> Any:
        """Return the baseline (G,), over the response unit, for its coordinates and the mean contributions."""
        ...

    def log_rows(self, xp: Any, data: CampaignData, mean: Any, values: dict[str, Any], common: Any) -> Any:
        """Return the log likelihood of each row (n,) for its mean, over the response unit."""
        ...


@dataclass(frozen=True)
class Gaussian:
    """Normal noise; its standard deviation over the response's is drawn for each campaign."""

    name: str = "gaussian"
    common: tuple[str, ...] = ()

    def sampled(self, data: CampaignData) -> tuple[Quantity, ...]:  # noqa: D102
        return (noise_quantity("noise", NOISE, data),)

    def level(self, xp: Any, data: CampaignData, u: Any, contribution: Any) -> Any:  # noqa: D102
        return data.centre + u - contribution

    def log_rows(  # noqa: D102
        self, xp: Any, data: CampaignData, mean: Any, values: dict[str, Any], common: Any
    ) -> Any:
        noise = xp.gather(deviation(values["noise"]), data.campaign)
        error = (data.response - mean) / noise
        rest = 0.5 * np.log(data.weight) - 0.5 * np.log(2.0 * np.pi)
        return -0.5 * (error**2 * data.weight) - xp.log(noise) + rest


@dataclass(frozen=True)
class StudentT:
    """Student's noise: its scale is drawn for each campaign, its degrees of freedom for all together."""

    name: str = "student-t"
    common: tuple[str, ...] = ("degrees of freedom",)

    def sampled(self, data: CampaignData) -> tuple[Quantity, ...]:
        return (noise_quantity("noise", NOISE, data),)

    def level(self, xp: Any, data: CampaignData, u: Any, contribution: Any) -> Any:
        return data.centre + u - contribution

    def log_rows(self, xp: Any, data: CampaignData, mean: Any, values: dict[str, Any], common: Any) -> Any:
        noise, degrees = xp.gather(deviation(values["noise"]), data.campaign), DEGREES(xp, common[0:1])
        error = (data.response - mean) / noise
        constant = xp.log_gamma(0.5 * degrees + 0.5) - xp.log_gamma(0.5 * degrees) - 0.5 * xp.log(degrees)
        tail = (0.5 * degrees + 0.5) * xp.log1p(error**2 * data.weight / degrees)
        return constant - tail - xp.log(noise) + (0.5 * np.log(data.weight) - 0.5 * np.log(np.pi))


@dataclass(frozen=True)
class Poisson:
    """Counts whose variance is their mean."""

    name: str = "poisson"
    common: tuple[str, ...] = ()

    def sampled(self, data: CampaignData) -> tuple[Quantity, ...]:
        return ()

    def level(self, xp: Any, data: CampaignData, u: Any, contribution: Any) -> Any:
        return positive_level(xp, data, u)

    def log_rows(self, xp: Any, data: CampaignData, mean: Any, values: dict[str, Any], common: Any) -> Any:
        unit = data.response_unit[data.campaign]
        count, expected = counts(data), mean * unit
        return count * xp.log(expected) - expected - special.gammaln(count + 1.0)


@dataclass(frozen=True)
class NegativeBinomial:
    """Counts of variance mean + dispersion × mean²; the dispersion is drawn for each campaign."""

    name: str = "negative binomial"
    common: tuple[str, ...] = ()

    def sampled(self, data: CampaignData) -> tuple[Quantity, ...]:
        return (noise_quantity("dispersion", DISPERSION, data),)

    def level(self, xp: Any, data: CampaignData, u: Any, contribution: Any) -> Any:
        return positive_level(xp, data, u)

    def log_rows(self, xp: Any, data: CampaignData, mean: Any, values: dict[str, Any], common: Any) -> Any:
        count = counts(data)
        dispersion = xp.gather(values["dispersion"], data.campaign)
        shape = 1.0 / dispersion
        relative = dispersion * (mean * data.response_unit[data.campaign])
        counted = xp.log_gamma(shape + count) - xp.log_gamma(shape) - special.gammaln(count + 1.0)
        return counted + count * xp.log(relative) - (shape + count) * xp.log1p(relative)


@dataclass(frozen=True)
class Binomial:
    """Conversions out of exposures, whose share follows the curve."""

    name: str = "binomial"
    common: tuple[str, ...] = ()

    def sampled(self, data: CampaignData) -> tuple[Quantity, ...]:
        return ()

    def level(self, xp: Any, data: CampaignData, u: Any, contribution: Any) -> Any:
        return positive_level(xp, data, u)

    def log_rows(self, xp: Any, data: CampaignData, mean: Any, values: dict[str, Any], common: Any) -> Any:
        share, tried = mean * data.response_unit[data.campaign], data.weight
        hit = np.round(data.response * data.response_unit[data.campaign] * tried)
        ways = special.gammaln(tried + 1.0) - special.gammaln(hit + 1.0) - special.gammaln(tried - hit + 1.0)
        rest = SURE * xp.softplus((1.0 - share) * (1.0 / SURE))
        return hit * xp.log(share) + (tried - hit) * xp.log(rest) + ways


FAMILIES: dict[str, CampaignNoise] = {
    family.name: family for family in (Gaussian(), StudentT(), Poisson(), NegativeBinomial(), Binomial())
}


def noise_of(name: str) -> CampaignNoise:
    """Return the family of that name."""
    return FAMILIES[name]


def deviation(noise: Any) -> Any:
    """Return the standard deviation over the response unit, kept from vanishing."""
    return noise + EXACT


def counts(data: CampaignData) -> FloatArray:
    """Return the counts of a campaign's rows (n,)."""
    return np.asarray(np.round(data.response * data.response_unit[data.campaign]))


def positive_level(xp: Any, data: CampaignData, u: Any) -> Any:
    """Return a positive baseline (G,) over the response unit, its prior in shares of the mean response."""
    seen = np.bincount(data.campaign, data.weight, len(data.names))
    mean = data.centre + HALF_A_COUNT / (seen * data.response_unit)
    return xp.exp(np.log(BASELINE_SHARE * mean) + BASELINE_SPREAD * u)
