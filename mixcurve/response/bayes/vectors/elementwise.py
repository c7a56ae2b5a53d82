"""Elementwise operations of a tape, one operand forwards and backwards, two forwards."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from mixcurve.foundations.arrays import SMALLEST
from mixcurve.response.bayes.vectors import codes

__all__ = ["binary_forward", "compiled", "unary_backward", "unary_forward"]

FloatArray = npt.NDArray[np.float64]

ADD, SUBTRACT, MULTIPLY = codes.ADD, codes.SUBTRACT, codes.MULTIPLY
EXP, LOG, LOG1P, EXPM1, TANH = codes.EXP, codes.LOG, codes.LOG1P, codes.EXPM1, codes.TANH
EXPIT, SOFTPLUS, FLOOR, SQUARE = codes.EXPIT, codes.SOFTPLUS, codes.FLOOR, codes.SQUARE

# Sums may be taken in any order, which lets them run in parallel lanes; not-finite numbers keep their meaning.
compiled = numba.njit(
    cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"}, error_model="numpy", boundscheck=False
)
ASYMPTOTIC = 10.0
"""From here on the digamma function's asymptotic series is exact to double precision."""


@compiled
def _digamma(x: float) -> float:
    out = 0.0
    while x < ASYMPTOTIC:
        out -= 1.0 / x
        x += 1.0
    inverse = 1.0 / (x * x)
    series = 1.0 / 252 - inverse * (1.0 / 240 - inverse * (1.0 / 132 - inverse * 691.0 / 32760))
    series = inverse * (1.0 / 12 - inverse * (1.0 / 120 - inverse * series))
    return out + math.log(x) - 0.5 / x - series


@compiled
def _expit(z: float) -> float:
    if z >= 0:
        return 1.0 / (1.0 + math.exp(-z))
    e = math.exp(z)
    return e / (1.0 + e)


@compiled
def _softplus(z: float) -> float:
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


@compiled
def unary_forward(code: int, o: FloatArray, a: FloatArray) -> None:
    """Write the function of each value of a to o."""
    n = len(o)
    if code == EXP:
        for t in range(n):
            o[t] = math.exp(a[t])
    elif code == LOG:
        for t in range(n):
            o[t] = math.log(max(a[t], SMALLEST))
    elif code == LOG1P:
        for t in range(n):
            o[t] = math.log1p(a[t])
    elif code == EXPM1:
        for t in range(n):
            o[t] = math.expm1(a[t])
    elif code == TANH:
        for t in range(n):
            o[t] = math.tanh(a[t])
    elif code == EXPIT:
        for t in range(n):
            o[t] = _expit(a[t])
    elif code == SOFTPLUS:
        for t in range(n):
            o[t] = _softplus(a[t])
    elif code == FLOOR:
        for t in range(n):
            o[t] = max(a[t], SMALLEST)
    elif code == SQUARE:
        for t in range(n):
            o[t] = a[t] * a[t]
    else:  # LOG_GAMMA
        for t in range(n):
            o[t] = math.lgamma(a[t])


@compiled
def unary_backward(code: int, g: FloatArray, o: FloatArray, a: FloatArray, da: FloatArray) -> None:
    """Add to da what g means for each value of a."""
    n = len(g)
    if code == EXP:
        for t in range(n):
            da[t] += g[t] * o[t]
    elif code == LOG:
        for t in range(n):
            if a[t] >= SMALLEST:
                da[t] += g[t] / a[t]
    elif code == LOG1P:
        for t in range(n):
            da[t] += g[t] / (1.0 + a[t])
    elif code == EXPM1:
        for t in range(n):
            da[t] += g[t] * (o[t] + 1.0)
    elif code == TANH:
        for t in range(n):
            da[t] += g[t] * (1.0 - o[t] * o[t])
    elif code == EXPIT:
        for t in range(n):
            da[t] += g[t] * o[t] * (1.0 - o[t])
    elif code == SOFTPLUS:
        for t in range(n):
            da[t] += g[t] * _expit(a[t])
    elif code == FLOOR:
        for t in range(n):
            if a[t] >= SMALLEST:
                da[t] += g[t]
    elif code == SQUARE:
        for t in range(n):
            da[t] += 2.0 * g[t] * a[t]
    else:  # LOG_GAMMA
        for t in range(n):
            da[t] += g[t] * _digamma(a[t])


@compiled
def _pairwise(code: int, o: FloatArray, a: FloatArray, b: FloatArray) -> None:
    n = len(o)
    if code == ADD:
        for t in range(n):
            o[t] = a[t] + b[t]
    elif code == SUBTRACT:
        for t in range(n):
            o[t] = a[t] - b[t]
    elif code == MULTIPLY:
        for t in range(n):
            o[t] = a[t] * b[t]
    else:
        for t in range(n):
            o[t] = a[t] / b[t]


@compiled
def _one_by_many(code: int, o: FloatArray, x: float, b: FloatArray) -> None:
    n = len(o)
    if code == ADD:
        for t in range(n):
            o[t] = x + b[t]
    elif code == SUBTRACT:
        for t in range(n):
            o[t] = x - b[t]
    elif code == MULTIPLY:
        for t in range(n):
            o[t] = x * b[t]
    else:
        for t in range(n):
            o[t] = x / b[t]


@compiled
def _many_by_one(code: int, o: FloatArray, a: FloatArray, y: float) -> None:
    n = len(o)
    if code == ADD:
        for t in range(n):
            o[t] = a[t] + y
    elif code == SUBTRACT:
        for t in range(n):
            o[t] = a[t] - y
    elif code == MULTIPLY:
        for t in range(n):
            o[t] = a[t] * y
    else:
        for t in range(n):
            o[t] = a[t] / y


@compiled
def binary_forward(code: int, o: FloatArray, a: FloatArray, b: FloatArray) -> None:
    """Write a (code) b to o, each element of the shorter repeated in a row."""
    n, la, lb = len(o), len(a), len(b)
    if la == n and lb == n:
        _pairwise(code, o, a, b)
    elif la < lb:
        step = n // la
        for k in range(la):
            _one_by_many(code, o[k * step : (k + 1) * step], a[k], b[k * step : (k + 1) * step])
    else:
        step = n // lb
        for k in range(lb):
            _many_by_one(code, o[k * step : (k + 1) * step], a[k * step : (k + 1) * step], b[k])
