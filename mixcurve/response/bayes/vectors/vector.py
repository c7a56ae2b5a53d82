"""The vector language in which the model is written once: taped for speed, run on NumPy, told to PyTensor.

Every value is a vector. Of two operands of different length the shorter is repeated, each element as often in a row as
needed: a value per channel goes with the rows of that channel. The functions of `foundations/arrays` are among these,
so a curve's one formula runs as it stands.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.vectors import codes

__all__ = ["Vector", "Vectors"]

FloatArray = npt.NDArray[np.float64]


class Vector(ABC):
    """A vector with arithmetic; which language it belongs to is ``language``, its length ``size``."""

    language: Vectors
    size: int

    __array_ufunc__ = None

    def __add__(self, other: Any) -> Any:
        return self.language.binary(codes.ADD, self, other)

    def __radd__(self, other: Any) -> Any:
        return self.language.binary(codes.ADD, other, self)

    def __sub__(self, other: Any) -> Any:
        return self.language.binary(codes.SUBTRACT, self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.language.binary(codes.SUBTRACT, other, self)

    def __mul__(self, other: Any) -> Any:
        return self.language.binary(codes.MULTIPLY, self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.language.binary(codes.MULTIPLY, other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.language.binary(codes.DIVIDE, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.language.binary(codes.DIVIDE, other, self)

    def __neg__(self) -> Any:
        return self.language.binary(codes.MULTIPLY, -1.0, self)

    def __pow__(self, power: Any) -> Any:
        if np.ndim(power) == 0 and not isinstance(power, Vector) and power == 2:
            return self.language.unary(codes.SQUARE, self)
        return self.language.exp(power * self.language.log(self))

    def __rpow__(self, base: Any) -> Any:
        return self.language.exp(self * float(np.log(base)))

    @abstractmethod
    def __getitem__(self, rows: slice) -> Any: ...


class Vectors(ABC):
    """What a model may say. An array or number stands for a constant vector, its rows one after the other."""

    @abstractmethod
    def unary(self, code: int, z: Any) -> Any:
        """Return a function of each value."""

    @abstractmethod
    def binary(self, code: int, left: Any, right: Any) -> Any:
        """Return the sum, difference, product or quotient, the shorter vector repeated."""

    @abstractmethod
    def gather(self, values: Any, index: npt.ArrayLike) -> Any:
        """Return values[index]."""

    @abstractmethod
    def scatter(self, values: Any, index: npt.ArrayLike, size: int) -> Any:
        """Return the sums of the values that share an index (size,)."""

    @abstractmethod
    def segment_sum(self, values: Any, segments: int) -> Any:
        """Return the sum of each of so many runs of equal length."""

    @abstractmethod
    def matvec(self, matrix: FloatArray, values: Any, name: str | None = None) -> Any:
        """Return matrix (m × k) times values (k,)."""

    @abstractmethod
    def convolve(self, signal: Any, weight: Any, blocks: npt.ArrayLike, channels: int) -> Any:
        """Return Σ_l weight[c, l] signal[c, t - l] (channels × rows), within blocks of rows with the given bounds."""

    @abstractmethod
    def concatenate(self, parts: Sequence[Any]) -> Any:
        """Return vectors one after the other."""

    def exp(self, z: Any) -> Any:
        """Return exp(z)."""
        return self.unary(codes.EXP, z)

    def log(self, z: Any) -> Any:
        """Return log(max(z, SMALLEST)); its gradient below the floor is 0."""
        return self.unary(codes.LOG, z)

    def log1p(self, z: Any) -> Any:
        """Return log(1 + z)."""
        return self.unary(codes.LOG1P, z)

    def expm1(self, z: Any) -> Any:
        """Return exp(z) - 1."""
        return self.unary(codes.EXPM1, z)

    def tanh(self, z: Any) -> Any:
        """Return tanh(z)."""
        return self.unary(codes.TANH, z)

    def expit(self, z: Any) -> Any:
        """Return 1 / (1 + exp(-z))."""
        return self.unary(codes.EXPIT, z)

    def softplus(self, z: Any) -> Any:
        """Return log(1 + exp(z))."""
        return self.unary(codes.SOFTPLUS, z)

    def floor(self, z: Any) -> Any:
        """Return max(z, SMALLEST)."""
        return self.unary(codes.FLOOR, z)

    def log_gamma(self, z: Any) -> Any:
        """Return the logarithm of the gamma function."""
        return self.unary(codes.LOG_GAMMA, z)

    def sum(self, values: Any) -> Any:
        """Return the sum of all values (1,)."""
        return self.segment_sum(values, 1)
