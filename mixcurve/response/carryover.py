"""Carryover: how the spend of one period keeps working in later ones. Kernels are declared like curves.

A kernel gives a weight to each lag 0, 1, …; the weights are divided by their sum, so that carryover moves spend in time
and never changes its amount. Constant spend is then the same after carryover, and has the response of the curve itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.arrays import Namespace, numpy_namespace
from mixcurve.foundations.checks import known_name, spend_array
from mixcurve.foundations.dual import Dual, DualNamespace
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.parameters import Interval, Parameter

__all__ = [
    "Carryover",
    "CarryoverRegistry",
    "apply_carryover",
    "carryover",
    "carryovers",
    "half_life",
    "lagged",
    "steady_spend",
    "weight_gradient",
    "weights",
]

FloatArray = npt.NDArray[np.float64]

STEADY_SHARE = 3
"""Of the lags kept, the part whose first periods tell what was spent before them."""


@dataclass(frozen=True)
class Carryover:
    """A carryover kernel: its name, its parameters, and the unnormalised weight of each lag.

    Parameters
    ----------
    formula
        ``formula(lag, *parameters, xp)``; ``lag`` is an array 0, 1, …, in periods.
    reference
        Where the kernel comes from.
    """

    name: str
    parameters: tuple[Parameter, ...]
    formula: Callable[..., Any]
    reference: str = ""
    __hash__ = object.__hash__


@dataclass
class CarryoverRegistry(Mapping[str, Carryover]):
    """Carryover kernels by name: ``carryovers["geometric"]``."""

    _kernels: dict[str, Carryover] = field(default_factory=dict)

    def register(self, new: Carryover) -> Carryover:
        """Add a kernel under its name and return it; a name is never taken twice."""
        if new.name in self._kernels:
            raise InputError(f"A carryover called '{new.name}' is registered already. Choose another name.")
        self._kernels[new.name] = new
        return new

    def __getitem__(self, name: str) -> Carryover:
        return self._kernels[known_name("carryover", name, self._kernels)]

    def __contains__(self, name: object) -> bool:
        return name in self._kernels

    def __iter__(self) -> Iterator[str]:
        return iter(self._kernels)

    def __len__(self) -> int:
        return len(self._kernels)


carryovers = CarryoverRegistry()


def carryover(
    parameters: Sequence[Parameter], *, name: str | None = None, reference: str = ""
) -> Callable[..., Carryover]:
    """Declare a carryover kernel from its formula."""
    return lambda formula: Carryover(name or formula.__name__, tuple(parameters), formula, reference)


DECAY = Parameter(
    "decay",
    Interval(0.0, 0.95),
    Interval(0.0, 0.8),
    scale="linear",
    description="share of an effect left after a period",
)


@carryovers.register
@carryover([], name="none")
def no_carryover(lag: Any, xp: Namespace) -> Any:
    """All in the period of the spend."""
    return np.where(np.asarray(lag) == 0, 1.0, 0.0)


@carryovers.register
@carryover([DECAY], reference="Broadbent, S. (1979), Journal of the Market Research Society 21, 139-166")
def geometric(lag: Any, decay: Any, xp: Namespace) -> Any:
    """decay^lag: the same share is lost in every period."""
    # At decay 0 the floored logarithm gives weight 1 at lag 0 and 0 elsewhere, with the right derivative at lag 1.
    return xp.exp(lag * xp.log(decay))


@carryovers.register
@carryover(
    [
        DECAY,
        Parameter(
            "delay", Interval(0.0, 12.0), Interval(0.0, 4.0), scale="linear", description="lag of the peak"
        ),
    ],
    reference="Jin, Y. et al. (2017), Bayesian methods for media mix modeling with carryover and shape effects",
)
def delayed_geometric(lag: Any, decay: Any, delay: Any, xp: Namespace) -> Any:
    """decay^((lag - delay)^2): the effect peaks after ``delay`` periods."""
    return xp.exp((lag - delay) ** 2 * xp.log(decay))


WEIBULL_SCALE = Parameter(
    "scale", Interval(0.1, 30.0), Interval(0.5, 8.0), description="lag scale in periods"
)
WEIBULL_SHAPE = Parameter(
    "shape", Interval(0.2, 10.0), Interval(0.6, 4.0), description="above 1 the density has a peak"
)


@carryovers.register
@carryover(
    [WEIBULL_SCALE, WEIBULL_SHAPE], reference="Weibull, W. (1951), Journal of Applied Mechanics 18, 293-297"
)
def weibull_pdf(lag: Any, scale: Any, shape: Any, xp: Namespace) -> Any:
    """The Weibull density at lag + 1/2: a late peak is possible."""
    log_ratio = xp.log(lag + 0.5) - xp.log(scale)
    # Relative to lag 0, which changes no share: the density itself vanishes at every lag when scale is small.
    first = xp.exp(shape * (xp.log(0.5) - xp.log(scale)))
    return xp.exp((shape - 1.0) * log_ratio - (xp.exp(shape * log_ratio) - first))


@carryovers.register
@carryover(
    [WEIBULL_SCALE, WEIBULL_SHAPE], reference="Weibull, W. (1951), Journal of Applied Mechanics 18, 293-297"
)
def weibull_cdf(lag: Any, scale: Any, shape: Any, xp: Namespace) -> Any:
    """The Weibull survival function at the lag: slow decay first, then fast, or the reverse."""
    return xp.exp(-xp.exp(shape * (xp.log(lag + 0.0) - xp.log(scale))))


@carryovers.register
@carryover(
    [
        Parameter(
            "decay",
            Interval(0.01, 0.99),
            Interval(0.2, 0.9),
            scale="linear",
            description="slowness of the decay",
        )
    ],
    reference="Google Meridian (2025), binomial adstock",
)
def binomial(lag: Any, decay: Any, xp: Namespace) -> Any:
    """(1 - lag / window)^(1 / decay - 1), with the window the number of lags: exactly 0 at its end."""
    window = float(np.max(lag)) + 1.0
    return xp.exp((1.0 / decay - 1.0) * np.log1p(-np.asarray(lag) / window))


def weights(kernel: str | Carryover, parameters: Sequence[Any], length: int) -> FloatArray:
    """Return the normalised weights of lags 0 … length - 1, shape (..., length), for parameters of shape (...).

    Examples
    --------
    >>> weights("geometric", [0.5], 3).round(4).tolist()
    [0.5714, 0.2857, 0.1429]
    """
    chosen = carryovers[kernel] if isinstance(kernel, str) else kernel
    lag = np.arange(length, dtype=np.float64)
    wide = [np.asarray(p, dtype=np.float64)[..., None] for p in parameters]
    with np.errstate(under="ignore", over="ignore"):
        raw = np.asarray(chosen.formula(lag, *wide, xp=numpy_namespace))
    return raw / raw.sum(axis=-1, keepdims=True)


def weight_gradient(
    kernel: Carryover, parameters: Sequence[Any], length: int
) -> tuple[FloatArray, list[FloatArray]]:
    """Return the normalised weights and their derivative by each parameter, each of shape (..., length)."""
    lag = np.arange(length, dtype=np.float64)
    wide = [Dual(np.asarray(p, dtype=np.float64)[..., None], {i: 1.0}) for i, p in enumerate(parameters)]
    with np.errstate(under="ignore", over="ignore"):
        raw = kernel.formula(lag, *wide, xp=DualNamespace())
    if not isinstance(raw, Dual):
        return raw / raw.sum(axis=-1, keepdims=True), []
    total = raw.value.sum(axis=-1, keepdims=True)
    share = raw.value / total
    slopes = [raw.tangents[i] + np.zeros_like(raw.value) for i in range(len(wide))]
    return share, [(s - share * s.sum(axis=-1, keepdims=True)) / total for s in slopes]


def lagged(spend: npt.ArrayLike, length: int, before: npt.ArrayLike = 0.0) -> FloatArray:
    """Return spend at lags 0 … length - 1: shape (periods, ...) gives (periods, ..., length).

    ``before`` (...) is the spend of every period before the start.

    Examples
    --------
    >>> lagged([8.0, 0.0, 2.0], 3, before=5.0).tolist()
    [[8.0, 5.0, 5.0], [0.0, 8.0, 5.0], [2.0, 0.0, 8.0]]
    """
    x = np.asarray(spend, dtype=np.float64)
    out = np.empty((*x.shape, length))
    out[...] = np.asarray(before, dtype=np.float64)[..., None]
    for lag in range(min(length, len(x))):
        out[lag:, ..., lag] = x[: len(x) - lag]
    return out


def steady_spend(spend: npt.ArrayLike, length: int) -> FloatArray:
    """Return what a channel that was running before the first period spent there: the mean of the first ones (...).

    Of the periods that carryover reaches, the first third is taken: the next to what is not known, and enough of them
    that one quiet week does not decide.

    Examples
    --------
    >>> float(steady_spend([4.0, 6.0, 90.0, 90.0], 6))
    5.0
    """
    return np.asarray(np.asarray(spend, dtype=np.float64)[: max(1, length // STEADY_SHARE)].mean(axis=0))


def apply_carryover(
    spend: npt.ArrayLike, kernel: str | Carryover, parameters: Sequence[Any] = (), *, length: int = 26
) -> FloatArray:
    """Return spend after carryover, of the same shape, period by period along the first axis; nothing before the start.

    Examples
    --------
    >>> apply_carryover([8.0, 0.0, 0.0], "geometric", [0.5], length=3).round(3).tolist()
    [4.571, 2.286, 1.143]
    """
    x = spend_array("spend", spend)
    return lagged(x, min(length, len(x))) @ weights(kernel, parameters, length)[..., : min(length, len(x))]


def half_life(kernel: str | Carryover, parameters: Sequence[Any], *, length: int = 260) -> float:
    """Return after how many periods half of the effect has happened, interpolated linearly between periods.

    Examples
    --------
    >>> half_life("geometric", [0.0])
    0.5
    """
    reached = np.concatenate([[0.0], np.cumsum(weights(kernel, parameters, length))])
    return float(np.interp(0.5, reached, np.arange(length + 1.0)))
