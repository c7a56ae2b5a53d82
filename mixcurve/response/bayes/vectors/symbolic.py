"""The vector language in PyTensor: the same model as a `pymc.Model`, for PyMC's own sampler, NumPyro, and readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytensor.tensor as pt

from mixcurve.foundations.arrays import SMALLEST
from mixcurve.response.bayes.vectors import codes
from mixcurve.response.bayes.vectors.vector import Vector, Vectors

__all__ = ["SymbolicVector", "SymbolicVectors"]

FloatArray = npt.NDArray[np.float64]

UNARY: dict[int, Callable[[Any], Any]] = {
    codes.EXP: pt.exp,
    codes.LOG: lambda z: pt.log(pt.maximum(z, SMALLEST)),
    codes.LOG1P: pt.log1p,
    codes.EXPM1: pt.expm1,
    codes.TANH: pt.tanh,
    codes.EXPIT: pt.sigmoid,
    codes.SOFTPLUS: pt.softplus,
    codes.FLOOR: lambda z: pt.maximum(z, SMALLEST),
    codes.SQUARE: pt.sqr,
    codes.LOG_GAMMA: pt.gammaln,
}
BINARY: dict[int, Callable[[Any, Any], Any]] = {
    codes.ADD: pt.add,
    codes.SUBTRACT: pt.sub,
    codes.MULTIPLY: pt.mul,
    codes.DIVIDE: pt.true_div,
}


@dataclass(frozen=True, eq=False)
class SymbolicVector(Vector):
    """A PyTensor vector of known length."""

    language: SymbolicVectors
    variable: Any
    size: int

    def __getitem__(self, rows: slice) -> SymbolicVector:
        if rows.step not in (None, 1):
            raise ValueError("A vector is cut without steps.")
        first, stop, _ = rows.indices(self.size)
        return SymbolicVector(self.language, self.variable[first:stop], stop - first)


class SymbolicVectors(Vectors):
    """Writes what the model says as a PyTensor graph."""

    def position(self, variable: Any, size: int) -> SymbolicVector:
        """Return a PyTensor vector of the given length."""
        return SymbolicVector(self, variable, size)

    def unary(self, code: int, z: Any) -> SymbolicVector:  # noqa: D102
        node = self._vector(z)
        return self._of(UNARY[code](node.variable), node.size)

    def binary(self, code: int, left: Any, right: Any) -> SymbolicVector:  # noqa: D102
        a, b = self._vector(left), self._vector(right)
        size, least = max(a.size, b.size), min(a.size, b.size)
        if a.size == b.size:
            return self._of(BINARY[code](a.variable, b.variable), size)
        x, y = (_folded(v, least) for v in (a, b))
        return self._of(BINARY[code](x, y).reshape((size,)), size)

    def gather(self, values: Any, index: npt.ArrayLike) -> SymbolicVector:  # noqa: D102
        places = np.asarray(index, dtype=np.int64).ravel()
        return self._of(self._vector(values).variable[places], len(places))

    def scatter(self, values: Any, index: npt.ArrayLike, size: int) -> SymbolicVector:  # noqa: D102
        places = np.asarray(index, dtype=np.int64).ravel()
        return self._of(pt.zeros(size)[places].inc(self._vector(values).variable), size)

    def segment_sum(self, values: Any, segments: int) -> SymbolicVector:  # noqa: D102
        node = self._vector(values)
        folded = node.variable.reshape((segments, node.size // segments))
        return self._of(folded.sum(axis=1), segments)

    def matvec(self, matrix: FloatArray, values: Any, name: str | None = None) -> SymbolicVector:  # noqa: D102
        constant = np.ascontiguousarray(matrix, dtype=np.float64)
        return self._of(pt.dot(constant, self._vector(values).variable), constant.shape[0])

    def convolve(self, signal: Any, weight: Any, blocks: npt.ArrayLike, channels: int) -> SymbolicVector:  # noqa: D102
        x, w = self._vector(signal), self._vector(weight)
        rows, lags = x.size // channels, w.size // channels
        start = np.zeros(rows, dtype=np.int64)
        for first in np.asarray(blocks)[:-1].tolist():
            start[first:] = first
        source = np.arange(rows)[None] - np.arange(lags)[:, None]
        inside = source >= start[None]
        shifted = x.variable.reshape((channels, rows))[:, np.where(inside, source, 0)] * inside
        out = (shifted * w.variable.reshape((channels, lags))[:, :, None]).sum(axis=1)
        return self._of(out.reshape((x.size,)), x.size)

    def concatenate(self, parts: Sequence[Any]) -> SymbolicVector:  # noqa: D102
        nodes = [self._vector(p) for p in parts]
        return self._of(pt.concatenate([n.variable for n in nodes]), sum(n.size for n in nodes))

    def _of(self, variable: Any, size: int) -> SymbolicVector:
        return SymbolicVector(self, variable, size)

    def _vector(self, value: Any) -> SymbolicVector:
        if isinstance(value, SymbolicVector):
            return value
        flat = np.atleast_1d(np.asarray(value, dtype=np.float64)).ravel()
        return self._of(pt.as_tensor_variable(flat), len(flat))


def _folded(vector: SymbolicVector, blocks: int) -> Any:
    return vector.variable.reshape((blocks, vector.size // blocks))
