"""Dual numbers: exact first and second derivatives of any formula written against a namespace.

A dual number is a value with one tangent per direction; arithmetic follows the chain rule (forward-mode automatic
differentiation; Griewank and Walther 2008, chapter 3). A dual number whose value is itself dual carries second
derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mixcurve.foundations.arrays import numpy_namespace

__all__ = ["Dual", "DualNamespace"]


def _merged(a: dict[int, Any], b: dict[int, Any], scale_a: Any, scale_b: Any) -> dict[int, Any]:
    out = {k: t * scale_a for k, t in a.items()}
    for k, t in b.items():
        out[k] = out[k] + t * scale_b if k in out else t * scale_b
    return out


@dataclass(frozen=True, eq=False, slots=True)
class Dual:
    """A value and its tangents, by direction; a missing direction is a zero tangent.

    Examples
    --------
    >>> x = Dual(3.0, {0: 1.0})
    >>> (x * x).tangents[0]
    6.0
    """

    value: Any
    tangents: dict[int, Any]
    __array_ufunc__ = None  # so that ``ndarray * Dual`` reaches ``Dual.__rmul__``

    def __add__(self, other: Any) -> Dual:
        if isinstance(other, Dual):
            return Dual(self.value + other.value, _merged(self.tangents, other.tangents, 1.0, 1.0))
        return Dual(self.value + other, self.tangents)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(-self.value, {k: -t for k, t in self.tangents.items()})

    def __sub__(self, other: Any) -> Dual:
        return self + (-other)

    def __rsub__(self, other: Any) -> Dual:
        return (-self) + other

    def __mul__(self, other: Any) -> Dual:
        if isinstance(other, Dual):
            return Dual(
                self.value * other.value, _merged(self.tangents, other.tangents, other.value, self.value)
            )
        return Dual(self.value * other, {k: t * other for k, t in self.tangents.items()})

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Dual:
        if isinstance(other, Dual):
            quotient = self.value / other.value
            return Dual(
                quotient, _merged(self.tangents, other.tangents, 1.0 / other.value, -quotient / other.value)
            )
        return self * (1.0 / other)

    def __rtruediv__(self, other: Any) -> Dual:
        quotient = other / self.value
        return Dual(quotient, {k: t * (-quotient / self.value) for k, t in self.tangents.items()})

    def __pow__(self, exponent: int) -> Dual:
        if not isinstance(exponent, int) or exponent < 1:
            raise TypeError(
                "x ** n needs a whole n of at least 1; write xp.exp(power * xp.log(x)) for other powers."
            )
        slope = exponent * self.value ** (exponent - 1)
        return Dual(self.value**exponent, {k: t * slope for k, t in self.tangents.items()})


@dataclass(frozen=True)
class DualNamespace:
    """The functions a formula may use, on dual numbers whose parts live in the namespace ``inner``.

    Examples
    --------
    >>> xp = DualNamespace()
    >>> xp.exp(Dual(0.0, {0: 2.0})).tangents[0].item()
    2.0
    """

    inner: Any = numpy_namespace

    def _chain(self, z: Any, function: Callable[[Any], Any], slope: Callable[[Any, Any], Any]) -> Any:
        if not isinstance(z, Dual):
            return function(z)
        value = function(z.value)
        rate = slope(z.value, value)
        return Dual(value, {k: t * rate for k, t in z.tangents.items()})

    def exp(self, z: Any, /) -> Any:
        """Return e to the z."""
        return self._chain(z, self.inner.exp, lambda _, value: value)

    def expm1(self, z: Any, /) -> Any:
        """Return ``exp(z) - 1`` without cancellation."""
        return self._chain(z, self.inner.expm1, lambda v, _: self.inner.exp(v))

    def floor(self, z: Any, /) -> Any:
        """Return z held above the floor; the tangent passes through, which gives the limit of the derivative at 0."""
        return self._chain(z, self.inner.floor, lambda *_: 1.0)

    def log(self, z: Any, /) -> Any:
        """Return the floored logarithm; its slope is that at the floor, the limit of the derivative at 0."""
        return self._chain(z, self.inner.log, lambda v, _: 1.0 / self.inner.floor(v))

    def log1p(self, z: Any, /) -> Any:
        """Return ``log(1 + z)``."""
        return self._chain(z, self.inner.log1p, lambda v, _: 1.0 / (1.0 + v))

    def tanh(self, z: Any, /) -> Any:
        """Return the hyperbolic tangent; ``1 - tanh²`` is taken as ``4 expit(2z) expit(-2z)``, exact in the tail."""
        return self._chain(
            z, self.inner.tanh, lambda v, _: 4.0 * self.inner.expit(2.0 * v) * self.inner.expit(-2.0 * v)
        )

    def expit(self, z: Any, /) -> Any:
        """Return the logistic function."""
        return self._chain(z, self.inner.expit, lambda v, value: value * self.inner.expit(-v))

    def softplus(self, z: Any, /) -> Any:
        """Return ``log(1 + exp(z))``."""
        return self._chain(z, self.inner.softplus, lambda v, _: self.inner.expit(v))
