"""Where the laws of curves are tried, derivatives by an independent way, and the sentence that names a broken law."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.arrays import SMALLEST
from mixcurve.foundations.errors import MixcurveError
from mixcurve.foundations.parameters import Parameter
from mixcurve.response.curves.base import Curve

__all__ = [
    "Case",
    "ComplexNamespace",
    "CurveLawError",
    "complex_marginal",
    "complex_slope",
    "law_cases",
    "require",
]

FloatArray = npt.NDArray[np.float64]

REFERENCES = (1.0, 40_000.0, 1e-3)
"""Reference spends: the laws hold in any currency and any unit of it."""
TYPICAL_DRAWS = 16
SEED = 20_240_607
STEP = 1e-30
"""Imaginary step, relative to the value: so small that its square vanishes, which costs a complex step no digits."""


class CurveLawError(MixcurveError, AssertionError):
    """A curve breaks a law; the message names the law, the parameters, the spend and the values."""


@dataclass(frozen=True)
class Case:
    """A curve with many sets of shape parameters at one reference spend.

    ``shape`` holds one array (sets, 1) per parameter, so that spend (points,) or (sets, points) broadcasts against it.
    """

    curve: Curve
    shape: tuple[FloatArray, ...]
    reference: float

    @property
    def parameters(self) -> FloatArray:
        """The sets as an array (sets, 1, parameters) with top 1 first, as the functions of ``shape`` take them."""
        return (
            np.stack([np.ones_like(self.shape[0]), *self.shape], axis=-1)
            if self.shape
            else np.ones((1, 1, 1))
        )

    def spends(self, relative: npt.ArrayLike) -> FloatArray:
        """Return spends (points,) at these multiples of the reference."""
        return self.reference * np.asarray(relative, dtype=np.float64)


def _ends(parameter: Parameter) -> tuple[float, ...]:
    if parameter.fixed is not None:
        return (parameter.fixed,)
    return (parameter.domain.low, parameter.domain.high)


def law_cases(curve: Curve, *, corners: bool = True) -> list[Case]:
    """Return the cases of a curve, one per reference: corners of the domain, and draws from the typical ranges."""
    random = np.random.default_rng(SEED)
    sets = [list(corner) for corner in product(*(_ends(p) for p in curve.parameters))] if corners else []
    for _ in range(TYPICAL_DRAWS):
        real = [
            random.uniform(*(p.to_real(v) for v in (p.typical.low, p.typical.high))) for p in curve.parameters
        ]
        sets.append(
            [p.fixed if p.fixed is not None else p.from_real(z) for p, z in zip(curve.parameters, real)]
        )
    values = np.array(sets, dtype=np.float64).reshape(len(sets), len(curve.parameters))
    return [
        Case(curve, tuple(values[:, i : i + 1] * r**p.spend_power for i, p in enumerate(curve.parameters)), r)
        for r in REFERENCES
    ]


class ComplexNamespace:
    """Formulas on complex numbers, for derivatives by a complex step (Squire and Trapp 1998, SIAM Review 40, 110-112).

    The derivative of f at x is ``Im f(x + ih) / h``, exact to rounding, and shares no code with dual numbers.
    """

    exp = staticmethod(np.exp)
    expm1 = staticmethod(np.expm1)
    tanh = staticmethod(np.tanh)

    @staticmethod
    def floor(z: Any, /) -> Any:
        """Return z with its real part held at the floor."""
        return np.maximum(np.real(z), SMALLEST) + 1j * np.imag(z)

    @staticmethod
    def log(z: Any, /) -> Any:
        """Return the floored logarithm."""
        return np.log(ComplexNamespace.floor(z))

    @staticmethod
    def log1p(z: Any, /) -> Any:
        """Return ``log(1 + z)`` for a small imaginary part; that of NumPy loses the digits of a small real part."""
        return np.log1p(np.real(z)) + 1j * np.imag(z) / (1.0 + np.real(z))

    @staticmethod
    def expit(z: Any, /) -> Any:
        """Return the logistic function, with exponentials of numbers whose real part is not positive."""
        high = np.real(z) >= 0
        small = np.exp(np.where(high, -z, z))
        return np.where(high, 1.0, small) / (1.0 + small)

    @staticmethod
    def softplus(z: Any, /) -> Any:
        """Return ``log(1 + exp(z))``, likewise."""
        high = np.real(z) >= 0
        return np.where(high, z, 0.0) + ComplexNamespace.log1p(np.exp(np.where(high, -z, z)))


def _stepped(curve: Curve, x: Any, shape: Sequence[Any], at: Any) -> FloatArray:
    with np.errstate(all="ignore"):
        return np.imag(curve.unit(x, shape, ComplexNamespace())) / (STEP * at)


def complex_marginal(curve: Curve, x: FloatArray, shape: Sequence[Any]) -> FloatArray:
    """Return the derivative of the unit curve by spend at positive spend, by a complex step."""
    return _stepped(curve, x * (1 + 1j * STEP), shape, x)


def complex_slope(curve: Curve, x: FloatArray, shape: Sequence[Any], index: int) -> FloatArray:
    """Return the derivative of the unit curve by one shape parameter, by a complex step."""
    moved = [s * (1 + 1j * STEP) if i == index else s for i, s in enumerate(shape)]
    return _stepped(curve, np.asarray(x, dtype=np.complex128), moved, shape[index])


def require(
    case: Case,
    law: str,
    good: npt.ArrayLike,
    sentence: str,
    spend: npt.ArrayLike | None = None,
    **values: npt.ArrayLike,
) -> None:
    """Raise `CurveLawError` at the first place that is not good.

    Parameters
    ----------
    case
        The curve and its parameters; ``good``, ``spend`` and ``values`` broadcast against its sets.
    law
        The broken law.
    good
        Where the law holds.
    sentence
        What should be, in plain words.
    spend
        The spend of each place.
    **values
        What was found, by name.
    """
    ok = np.atleast_2d(np.asarray(good))
    if ok.all():
        return
    place = tuple(int(i) for i in np.argwhere(~ok)[0])
    size = np.broadcast_shapes(ok.shape, *(np.shape(s) for s in case.shape))

    def at(value: npt.ArrayLike) -> float:
        return float(np.broadcast_to(np.asarray(value, dtype=np.float64), size)[place])

    names = [p.name for p in case.curve.parameters]
    found = {name: at(s) for name, s in zip(names, case.shape, strict=True)}
    if spend is not None:
        found["spend"] = at(spend)
    found |= {name: at(value) for name, value in values.items()}
    listed = ", ".join(f"{name.replace('_', ' ')} = {value:.12g}" for name, value in found.items())
    raise CurveLawError(f"The curve '{case.curve.name}' breaks the law '{law}': {sentence}. Found {listed}.")


Law = Callable[[Curve], None]
