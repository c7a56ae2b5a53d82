"""Runs a tape forwards and backwards: the log density and its gradient, by one routine compiled once for all models.

The compiled routine is kept in Numba's cache on disk, so that neither another model nor another run compiles again.
Source: Griewank and Walther (2008), Evaluating Derivatives, chapter 3, for the reverse sweep.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.vectors import codes
from mixcurve.response.bayes.vectors.elementwise import (
    binary_forward,
    compiled,
    unary_backward,
    unary_forward,
)
from mixcurve.response.bayes.vectors.slopes import (
    add_number,
    add_times,
    binary_backward,
    product_of,
    total_of,
)
from mixcurve.response.bayes.vectors.tape import Program

__all__ = ["Density", "backward", "forward"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

DIVIDE, LOG_GAMMA = codes.DIVIDE, codes.LOG_GAMMA
GATHER, SCATTER, SEGMENT_SUM, MATVEC = codes.GATHER, codes.SCATTER, codes.SEGMENT_SUM, codes.MATVEC
CONVOLVE, PLACE = codes.CONVOLVE, codes.PLACE


@compiled
def _move_forward(
    row: IntArray, o: FloatArray, a: FloatArray, integers: IntArray, matrices: FloatArray
) -> None:
    code, place = row[0], row[7]
    if code == GATHER:
        for i in range(len(o)):
            o[i] = a[integers[place + i]]
    elif code == SCATTER:
        o[:] = 0.0
        for i in range(len(a)):
            o[integers[place + i]] += a[i]
    elif code == SEGMENT_SUM:
        step = len(a) // len(o)
        for k in range(len(o)):
            o[k] = total_of(a[k * step : (k + 1) * step])
    elif code == PLACE:
        o[:] = a
    else:  # MATVEC
        width = len(a)
        for i in range(len(o)):
            o[i] = product_of(matrices[place + i * width : place + (i + 1) * width], a)


@compiled
def _move_backward(
    row: IntArray, g: FloatArray, da: FloatArray, integers: IntArray, matrices: FloatArray
) -> None:
    code, place = row[0], row[7]
    if code == GATHER:
        for i in range(len(g)):
            da[integers[place + i]] += g[i]
    elif code == SCATTER:
        for i in range(len(da)):
            da[i] += g[integers[place + i]]
    elif code == SEGMENT_SUM:
        step = len(da) // len(g)
        for k in range(len(g)):
            add_number(g[k], da[k * step : (k + 1) * step])
    elif code == PLACE:
        for i in range(len(g)):
            da[i] += g[i]
    else:  # MATVEC
        width = len(da)
        for i in range(len(g)):
            add_times(g[i], matrices[place + i * width : place + (i + 1) * width], da)


@compiled
def _convolve_forward(place: int, o: FloatArray, x: FloatArray, w: FloatArray, integers: IntArray) -> None:
    channels, bounds = integers[place], integers[place + 1]
    rows, lags = len(o) // channels, len(w) // channels
    o[:] = 0.0
    for c in range(channels):
        for b in range(bounds - 1):
            start = c * rows + integers[place + 2 + b]
            stop = c * rows + integers[place + 3 + b]
            for lag in range(min(lags, stop - start)):
                add_times(w[c * lags + lag], x[start : stop - lag], o[start + lag : stop])


@compiled
def _convolve_backward(
    place: int, varies: int, g: FloatArray, x: FloatArray, w: FloatArray, dx: FloatArray, dw: FloatArray,
    integers: IntArray,
) -> None:  # fmt: skip
    channels, bounds = integers[place], integers[place + 1]
    rows, lags = len(g) // channels, len(w) // channels
    for c in range(channels):
        for b in range(bounds - 1):
            start = c * rows + integers[place + 2 + b]
            stop = c * rows + integers[place + 3 + b]
            for lag in range(min(lags, stop - start)):
                if varies & 2:
                    dw[c * lags + lag] += product_of(g[start + lag : stop], x[start : stop - lag])
                if varies & 1:
                    add_times(w[c * lags + lag], g[start + lag : stop], dx[start : stop - lag])


@compiled
def forward(operations: IntArray, integers: IntArray, matrices: FloatArray, v: FloatArray) -> None:
    """Fill the memory v with the value of every operation."""
    for k in range(len(operations)):
        row = operations[k]
        code = row[0]
        o, a = v[row[1] : row[1] + row[2]], v[row[3] : row[3] + row[4]]
        b = v[row[5] : row[5] + row[6]]
        if code <= DIVIDE:
            binary_forward(code, o, a, b)
        elif code <= LOG_GAMMA:
            unary_forward(code, o, a)
        elif code == CONVOLVE:
            _convolve_forward(row[7], o, a, b, integers)
        else:
            _move_forward(row, o, a, integers, matrices)


@compiled
def backward(
    operations: IntArray, integers: IntArray, matrices: FloatArray, v: FloatArray, d: FloatArray
) -> None:
    """Add to the slopes d what that of the last operation means for all before it."""
    for k in range(len(operations) - 1, -1, -1):
        row = operations[k]
        code, varies = row[0], row[9]
        if varies == 0:
            continue
        g, da = d[row[1] : row[1] + row[2]], d[row[3] : row[3] + row[4]]
        db, a = d[row[5] : row[5] + row[6]], v[row[3] : row[3] + row[4]]
        b, o = v[row[5] : row[5] + row[6]], v[row[1] : row[1] + row[2]]
        if code <= DIVIDE:
            binary_backward(code, varies, g, o, a, b, da, db)
        elif code <= LOG_GAMMA:
            unary_backward(code, g, o, a, da)
        elif code == CONVOLVE:
            _convolve_backward(row[7], varies, g, a, b, da, db, integers)
        else:
            _move_backward(row, g, da, integers, matrices)


@compiled
def _value_and_gradient(
    z: FloatArray, operations: IntArray, integers: IntArray, matrices: FloatArray, v: FloatArray, d: FloatArray,
    position: int, value: int,
) -> tuple[float, FloatArray]:  # fmt: skip
    v[position : position + len(z)] = z
    forward(operations, integers, matrices, v)
    d[:] = 0.0
    d[value] = 1.0
    backward(operations, integers, matrices, v, d)
    return v[value], d[position : position + len(z)].copy()


class Density:
    """A program with memory of its own: call it with a position for the log density and its gradient.

    One must not be called from two threads at a time; `again` gives another one for the other thread.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self._values = program.initial.copy()
        self._slopes = np.zeros_like(self._values)
        self._rest = (program.operations, program.integers, program.matrices)
        self._ends = (program.position, program.value)

    def __call__(self, z: FloatArray) -> tuple[float, FloatArray]:
        """Return the log density at z (d,) and its gradient (d,)."""
        return _value_and_gradient(z, *self._rest, self._values, self._slopes, *self._ends)

    def again(self) -> Density:
        """Return the same density with memory of its own."""
        return Density(self.program)
