"""The vector language on NumPy, for many draws at once: a vector is an array (draws × size)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from mixcurve.foundations.arrays import numpy_namespace
from mixcurve.response.bayes.vectors import codes
from mixcurve.response.bayes.vectors.vector import Vector, Vectors

__all__ = ["DrawVector", "DrawVectors"]

FloatArray = npt.NDArray[np.float64]

UNARY: dict[int, Callable[[Any], Any]] = {
    codes.EXP: np.exp,
    codes.LOG: numpy_namespace.log,
    codes.LOG1P: np.log1p,
    codes.EXPM1: np.expm1,
    codes.TANH: np.tanh,
    codes.EXPIT: numpy_namespace.expit,
    codes.SOFTPLUS: numpy_namespace.softplus,
    codes.FLOOR: numpy_namespace.floor,
    codes.SQUARE: np.square,
    codes.LOG_GAMMA: special.gammaln,
}
BINARY: dict[int, Callable[[Any, Any], Any]] = {
    codes.ADD: np.add,
    codes.SUBTRACT: np.subtract,
    codes.MULTIPLY: np.multiply,
    codes.DIVIDE: np.divide,
}


@dataclass(frozen=True, eq=False)
class DrawVector(Vector):
    """A vector for each draw: (draws × size)."""

    language: DrawVectors
    values: FloatArray

    @property
    def size(self) -> int:  # type: ignore[override]
        """Its length."""
        return self.values.shape[-1]

    def __getitem__(self, rows: slice) -> DrawVector:
        if rows.step not in (None, 1):
            raise ValueError("A vector is cut without steps.")
        return DrawVector(self.language, self.values[:, rows])


class DrawVectors(Vectors):
    """Runs what the model says on arrays of draws."""

    def position(self, draws: FloatArray) -> DrawVector:
        """Return draws (draws × dimensions) as a vector."""
        return DrawVector(self, np.atleast_2d(draws))

    def unary(self, code: int, z: Any) -> DrawVector:  # noqa: D102
        with np.errstate(all="ignore"):
            return self._of(UNARY[code](self._values(z)))

    def binary(self, code: int, left: Any, right: Any) -> DrawVector:  # noqa: D102
        a, b = self._values(left), self._values(right)
        size = max(a.shape[1], b.shape[1])
        with np.errstate(all="ignore"):
            return self._of(BINARY[code](_repeated(a, size), _repeated(b, size)))

    def gather(self, values: Any, index: npt.ArrayLike) -> DrawVector:  # noqa: D102
        return self._of(self._values(values)[:, np.asarray(index).ravel()])

    def scatter(self, values: Any, index: npt.ArrayLike, size: int) -> DrawVector:  # noqa: D102
        a, places = self._values(values), np.asarray(index).ravel()
        out = np.zeros((size, len(a)))
        np.add.at(out, places, a.T)
        return self._of(out.T)

    def segment_sum(self, values: Any, segments: int) -> DrawVector:  # noqa: D102
        a = self._values(values)
        return self._of(a.reshape(len(a), segments, -1).sum(axis=-1))

    def matvec(self, matrix: FloatArray, values: Any, name: str | None = None) -> DrawVector:  # noqa: D102
        return self._of(self._values(values) @ np.asarray(matrix).T)

    def convolve(self, signal: Any, weight: Any, blocks: npt.ArrayLike, channels: int) -> DrawVector:  # noqa: D102
        x, w = self._values(signal), self._values(weight)
        x, w = x.reshape(len(x), channels, -1), w.reshape(len(w), channels, -1)
        out = np.zeros((max(len(x), len(w)), *x.shape[1:]))
        bounds = np.asarray(blocks).tolist()
        for start, stop in itertools.pairwise(bounds):
            for lag in range(min(w.shape[2], stop - start)):
                out[:, :, start + lag : stop] += w[:, :, lag, None] * x[:, :, start : stop - lag]
        return self._of(out.reshape(len(out), -1))

    def concatenate(self, parts: Sequence[Any]) -> DrawVector:  # noqa: D102
        arrays = [self._values(p) for p in parts]
        draws = max(len(a) for a in arrays)
        return self._of(np.concatenate([np.broadcast_to(a, (draws, a.shape[1])) for a in arrays], axis=1))

    def _of(self, values: FloatArray) -> DrawVector:
        return DrawVector(self, values)

    @staticmethod
    def _values(value: Any) -> FloatArray:
        if isinstance(value, DrawVector):
            return value.values
        return np.atleast_1d(np.asarray(value, dtype=np.float64)).ravel()[None]


def _repeated(values: FloatArray, size: int) -> FloatArray:
    return values if values.shape[1] in (1, size) else np.repeat(values, size // values.shape[1], axis=1)
