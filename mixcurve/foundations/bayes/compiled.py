"""A log density compiled to a C function, called from Python or handed to a sampler by its address."""

from __future__ import annotations

import ctypes

import numpy as np
import numpy.typing as npt

__all__ = ["NOT_FINITE", "CompiledDensity"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

NOT_FINITE = 4
"""What the function returns where there is no density; it ends a trajectory of nutpie and not the run."""
_CALL = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)
"""The function as ctypes calls it, without holding the interpreter's lock."""


class CompiledDensity:
    """A compiled log density with memory of its own: call it with a position for the value and its gradient.

    One must not be called from two threads at a time.

    Parameters
    ----------
    address
        Of the C function (size, position, gradient, value, block) -> 0 or `NOT_FINITE`. It only reads the block.
    size
        Length of a position.
    block
        All it knows beside the position, as one array of words.
    """

    def __init__(self, address: int, size: int, block: IntArray) -> None:
        self.address, self.size, self.block = address, size, block
        self._position, self._gradient, self._value = np.zeros(size), np.zeros(size), np.zeros(1)
        arrays = (self._position, self._gradient, self._value, block)
        self._arguments = (size, *(array.ctypes.data for array in arrays))
        self._call = _CALL(address)

    def __call__(self, position: FloatArray) -> tuple[float, FloatArray]:
        """Return the log density at a position (d,) and its gradient (d,)."""
        self._position[:] = position
        self._call(*self._arguments)
        return float(self._value[0]), self._gradient.copy()
