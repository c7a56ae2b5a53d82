"""Runs a tape forwards and backwards: the log density and its gradient, called from Python."""

from __future__ import annotations

import ctypes

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.vectors.kernel import block, kernel
from mixcurve.response.bayes.vectors.tape import Program

__all__ = ["Density"]

FloatArray = npt.NDArray[np.float64]

_CALL = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)
"""The kernel as ctypes calls it, without holding the interpreter's lock."""


class Density:
    """A program with memory of its own: call it with a position for the log density and its gradient.

    One must not be called from two threads at a time; `again` gives another one for the other thread.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self._block = block(program)
        self._position, self._gradient = np.zeros(program.dimensions), np.zeros(program.dimensions)
        self._value = np.zeros(1)
        arrays = (self._position, self._gradient, self._value, self._block)
        self._arguments = (program.dimensions, *(array.ctypes.data for array in arrays))
        self._call = _CALL(kernel().address)

    def __call__(self, z: FloatArray) -> tuple[float, FloatArray]:
        """Return the log density at z (d,) and its gradient (d,)."""
        self._position[:] = z
        self._call(*self._arguments)
        return float(self._value[0]), self._gradient.copy()

    def again(self) -> Density:
        """Return the same density with memory of its own."""
        return Density(self.program)
