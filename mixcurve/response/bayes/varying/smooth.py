"""Smooth paths over the periods with priors of their own: how far they go, and how slowly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import LogMap, Space
from mixcurve.response.bayes.priors.resolved import RANGE_SPREADS
from mixcurve.response.bayes.varying.basis import SQUARED_EXPONENTIAL, SmoothBasis, smooth_basis

__all__ = ["SPAN_SHARES", "SmoothPrior", "TowardsZero", "period_of_row", "smooth_prior"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

SPAN_SHARES = (1.0 / 8.0, 1.0 / 2.0)
"""Nine in ten lengthscales lie between these shares of the table's length, unless the user says otherwise: quicker
changes are what carryover and season are made of, slower ones a trend."""
LOGISTIC = 1.79
"""Standard deviation of the normal distribution nearest to the logistic one at its 5% and 95% points."""
ONE_IN_TWENTY = float(np.log(20.0))
"""The 95% point of an exponential distribution over its mean."""


@dataclass(frozen=True)
class TowardsZero:
    """Of a standard deviation that may be 0: exponential, with 19 in 20 below ``largest``.

    The map is mean · softplus(1.79 u), since -log(1 - p) = softplus(logit p) is exponential and a logit nearly normal.
    Source: Simpson, Rue, Riebler, Martins and Sørbye (2017), Statistical Science 32, 1-28, for the prior.

    Examples
    --------
    >>> from mixcurve.foundations.arrays import numpy_namespace as xp
    >>> TowardsZero(0.5)(xp, np.array([-1.645, 0.0, 1.645])).round(3)
    array([0.009, 0.116, 0.5  ])
    """

    largest: float

    def __call__(self, xp: Any, u: Any) -> Any:
        """Return the standard deviations for coordinates u."""
        return self.largest / ONE_IN_TWENTY * xp.softplus(LOGISTIC * u)


@dataclass(frozen=True, eq=False)
class SmoothPrior:
    """Paths over P periods that share a lengthscale, each with its own standard deviation; standard normal weights.

    ``name`` heads the coordinates: ``"<name> lengthscale"``, ``"<name> variation"``, ``"<name> weight"``.
    """

    name: str
    basis: SmoothBasis
    lengthscale: LogMap
    variation: TowardsZero

    def space(self, space: Space, labels: tuple[str, ...]) -> Space:
        """Return the space with the coordinates of the paths, one path for each label."""
        weights = [f"{label} {j + 1}".strip() for label in labels for j in range(len(self.basis.frequency))]
        space = space.with_block(f"{self.name} lengthscale").with_block(f"{self.name} variation", labels)
        return space.with_block(f"{self.name} weight", weights)

    def paths(self, xp: Any, space: Space, position: Any) -> list[Any]:
        """Return each path at the periods (P,), in any vector language."""
        u = position[space.rows(f"{self.name} lengthscale")]
        root = self.basis.weights(xp, self.lengthscale.middle + self.lengthscale.spread * u)
        size = self.variation(xp, position[space.rows(f"{self.name} variation")])
        weight = position[space.rows(f"{self.name} weight")]
        count = len(self.basis.frequency)
        return [
            xp.matvec(self.basis.columns, size[p : p + 1] * root * weight[p * count : (p + 1) * count])
            for p in range(weight.size // count)
        ]

    def values(self, xp: Any, space: Space, position: Any) -> dict[str, Any]:
        """Return the lengthscale in periods and the standard deviations, by name."""
        scale, size = f"{self.name} lengthscale", f"{self.name} variation"
        return {
            scale: self.lengthscale(xp, position[space.rows(scale)]),
            size: self.variation(xp, position[space.rows(size)]),
        }


def smooth_prior(
    name: str,
    periods: int,
    lengthscale: tuple[float, float] | None,
    largest: float,
    kernel: str = SQUARED_EXPONENTIAL,
) -> SmoothPrior:
    """Return the prior of paths over so many periods.

    Parameters
    ----------
    name
        ``"effect"`` or ``"level"``.
    lengthscale
        The range in periods that holds nine in ten lengthscales; by default `SPAN_SHARES` of the periods.
    largest
        The standard deviation that is exceeded with probability 0.05.
    kernel
        One of `KERNELS`.

    Raises
    ------
    InputError
        As `smooth_basis` does, and if ``largest`` is not positive.
    """
    number(f"largest of the varying {name}", largest, low=0.0, open_low=True)
    called = f"lengthscale of the varying {name}"
    try:
        low, high = lengthscale or (max(share * periods, 2.0) for share in SPAN_SHARES)
    except (TypeError, ValueError):
        raise InputError(f"{called} must be a pair (low, high) in periods, got {lengthscale!r}.") from None
    basis = smooth_basis(periods, low, high, kernel, called)
    ends = np.log([basis.low, basis.high])
    spread = LogMap(np.array([ends.mean()]), np.array([(ends[1] - ends[0]) / RANGE_SPREADS]))
    return SmoothPrior(name, basis, spread, TowardsZero(float(largest)))


def period_of_row(problem: BayesProblem) -> tuple[npt.NDArray[np.datetime64], IntArray]:
    """Return the different dates (P,), and which of them each row has (n,)."""
    days, place = np.unique(problem.mix.table.dates, return_inverse=True)
    return days, place
