"""How counts scatter about their mean: Poisson, negative binomial, binomial, row by row, in any vector language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from scipy import special

from mixcurve.response.bayes.model.space import LogMap, ParameterMap

__all__ = [
    "DISPERSION",
    "SOFT",
    "SPREAD",
    "Binomial",
    "CountFamily",
    "NegativeBinomial",
    "Poisson",
    "SeenCounts",
]

FloatArray = npt.NDArray[np.float64]

SOFT = 0.05
"""Share of the mean response over which the expected count bends so as to stay positive: where baseline and channels
bring in half of it their sum changes by two millionths of the mean, where they bring in nothing, by 3.5% of it."""
DISPERSION = "dispersion"
"""The block of d: the variance of a count is mean + d · mean²."""
SPREAD = LogMap(np.array([np.log(0.05)]), np.array([1.5]))
"""Of the dispersion: nine in ten between 0.004 and 0.6, so that large counts scatter by 7% to 77% of their mean."""


@dataclass(frozen=True, eq=False)
class SeenCounts:
    """The counts of the rows (n,), the mean response at each row's group size (n,), and trials (n,) if there are."""

    values: FloatArray
    typical: FloatArray
    trials: FloatArray | None = None


class CountFamily(Protocol):
    """What a family of counts says; ``expected`` (n,) is what baseline and channels make, of whatever sign."""

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def maps(self) -> dict[str, ParameterMap]:
        """The map of each block of the noise."""
        ...

    def mean(self, xp: Any, seen: SeenCounts, expected: Any) -> Any:
        """Return the mean count (n,), kept where counts can be."""
        ...

    def log_probability(self, xp: Any, seen: SeenCounts, expected: Any, values: Mapping[str, Any]) -> Any:
        """Return the log probability of each count (n,); ``values`` are the noise's parameters by block, (1,) each."""
        ...

    def draw(
        self, seen: SeenCounts, mean: FloatArray, values: Mapping[str, FloatArray], rng: np.random.Generator
    ) -> FloatArray:
        """Return counts (draws × n) about their mean; ``values`` are (draws × 1) each."""
        ...


def positive(xp: Any, value: Any, width: Any) -> Any:
    """Return width · softplus(value / width): the value where it is several widths above 0, and positive always.

    Source: Dugas et al. (2001), Advances in Neural Information Processing Systems 13, for the softplus.
    """
    return width * xp.softplus(value * (1.0 / width))


@dataclass(frozen=True)
class Poisson:
    """Counts whose variance is their mean."""

    name: str = "poisson"

    @property
    def maps(self) -> dict[str, ParameterMap]:  # noqa: D102
        return {}

    def mean(self, xp: Any, seen: SeenCounts, expected: Any) -> Any:  # noqa: D102
        return positive(xp, expected, SOFT * seen.typical)

    def log_probability(self, xp: Any, seen: SeenCounts, expected: Any, values: Mapping[str, Any]) -> Any:  # noqa: D102
        mean = self.mean(xp, seen, expected)
        return seen.values * xp.log(mean) - mean - special.gammaln(seen.values + 1.0)

    def draw(  # noqa: D102
        self, seen: SeenCounts, mean: FloatArray, values: Mapping[str, FloatArray], rng: np.random.Generator
    ) -> FloatArray:
        return rng.poisson(mean).astype(np.float64)


@dataclass(frozen=True)
class NegativeBinomial:
    """Counts of variance mean + d · mean², d the dispersion; at d = 0 they are Poisson's."""

    spread: LogMap = SPREAD
    name: str = "negative binomial"

    @property
    def maps(self) -> dict[str, ParameterMap]:  # noqa: D102
        return {DISPERSION: self.spread}

    def mean(self, xp: Any, seen: SeenCounts, expected: Any) -> Any:  # noqa: D102
        return positive(xp, expected, SOFT * seen.typical)

    def log_probability(self, xp: Any, seen: SeenCounts, expected: Any, values: Mapping[str, Any]) -> Any:  # noqa: D102
        mean, dispersion = self.mean(xp, seen, expected), values[DISPERSION]
        shape, relative = 1.0 / dispersion, dispersion * mean
        ways = xp.log_gamma(seen.values + shape) - xp.log_gamma(shape) - special.gammaln(seen.values + 1.0)
        return ways + seen.values * xp.log(relative) - (seen.values + shape) * xp.log1p(relative)

    def draw(  # noqa: D102
        self, seen: SeenCounts, mean: FloatArray, values: Mapping[str, FloatArray], rng: np.random.Generator
    ) -> FloatArray:
        rate = mean * values[DISPERSION] * rng.standard_gamma(1.0 / values[DISPERSION], mean.shape)
        return rng.poisson(rate).astype(np.float64)


@dataclass(frozen=True)
class Binomial:
    """Successes among so many trials in each row; baseline and channels add up to the expected number of successes.

    The share of successes, expected / trials, is kept between 0 and 1 smoothly at both ends.
    """

    name: str = "binomial"

    @property
    def maps(self) -> dict[str, ParameterMap]:  # noqa: D102
        return {}

    def mean(self, xp: Any, seen: SeenCounts, expected: Any) -> Any:  # noqa: D102
        succeed, fail = _odds(xp, seen, expected)
        return _trials(seen) * succeed / (succeed + fail)

    def log_probability(self, xp: Any, seen: SeenCounts, expected: Any, values: Mapping[str, Any]) -> Any:  # noqa: D102
        trials, (succeed, fail) = _trials(seen), _odds(xp, seen, expected)
        ways = special.gammaln(trials + 1.0) - special.gammaln(seen.values + 1.0)
        ways = ways - special.gammaln(trials - seen.values + 1.0)
        hit = seen.values * xp.log(succeed) + (trials - seen.values) * xp.log(fail)
        return hit - trials * xp.log(succeed + fail) + ways

    def draw(  # noqa: D102
        self, seen: SeenCounts, mean: FloatArray, values: Mapping[str, FloatArray], rng: np.random.Generator
    ) -> FloatArray:
        trials = _trials(seen)
        share = np.clip(mean / np.maximum(trials, 1.0), 0.0, 1.0)
        return rng.binomial(trials.astype(np.int64), share).astype(np.float64)


def _trials(seen: SeenCounts) -> FloatArray:
    assert seen.trials is not None
    return seen.trials


def _odds(xp: Any, seen: SeenCounts, expected: Any) -> tuple[Any, Any]:
    """Return the shares of successes and failures, each made positive; they add up to 1 but for their bends."""
    trials = _trials(seen)
    overall = float(seen.values.sum() / trials.sum())
    share = expected * (1.0 / np.maximum(trials, 1.0))
    return positive(xp, share, SOFT * overall), positive(xp, 1.0 - share, SOFT * (1.0 - overall))
