"""Elementwise operations of a tape, one operand forwards and backwards, two forwards.

Vectors are pointers, each with its length: a and b the operands, o the result, g and da the slopes of o and of a.
"""

from __future__ import annotations

import math

from mixcurve.foundations.arrays import SMALLEST
from mixcurve.response.bayes.vectors import codes
from mixcurve.response.bayes.vectors.pointers import Pointer, at, compiled, inlined

__all__ = ["binary_forward", "unary_backward", "unary_forward"]

ADD, SUBTRACT, MULTIPLY, DIVIDE = codes.ADD, codes.SUBTRACT, codes.MULTIPLY, codes.DIVIDE
EXP, LOG, LOG1P, EXPM1, TANH = codes.EXP, codes.LOG, codes.LOG1P, codes.EXPM1, codes.TANH
EXPIT, SOFTPLUS, FLOOR, SQUARE = codes.EXPIT, codes.SOFTPLUS, codes.FLOOR, codes.SQUARE
ASYMPTOTIC = 10.0
"""From here on the digamma function's asymptotic series is exact to double precision."""


@inlined
def _digamma(x: float) -> float:
    out = 0.0
    while x < ASYMPTOTIC:
        out -= 1.0 / x
        x += 1.0
    inverse = 1.0 / (x * x)
    series = 1.0 / 252 - inverse * (1.0 / 240 - inverse * (1.0 / 132 - inverse * 691.0 / 32760))
    series = inverse * (1.0 / 12 - inverse * (1.0 / 120 - inverse * series))
    return out + math.log(x) - 0.5 / x - series


@inlined
def _expit(x: float) -> float:
    e = math.exp(-abs(x))
    return (1.0 if x >= 0.0 else e) / (1.0 + e)


@inlined
def _value(code: int, x: float) -> float:
    if code == EXP:
        return math.exp(x)
    if code == LOG:
        return math.log(max(x, SMALLEST))
    if code == LOG1P:
        return math.log1p(x)
    if code == EXPM1:
        return math.expm1(x)
    if code == TANH:
        return math.tanh(x)
    if code == EXPIT:
        return _expit(x)
    if code == SOFTPLUS:
        return max(x, 0.0) + math.log1p(math.exp(-abs(x)))
    if code == FLOOR:
        return max(x, SMALLEST)
    if code == SQUARE:
        return x * x
    return math.lgamma(x)


@inlined
def _slope(code: int, x: float, value: float) -> float:
    if code == EXP:
        return value
    if code == LOG:
        return 1.0 / x if x >= SMALLEST else 0.0
    if code == LOG1P:
        return 1.0 / (1.0 + x)
    if code == EXPM1:
        return value + 1.0
    if code == TANH:
        return 1.0 - value * value
    if code == EXPIT:
        return value * (1.0 - value)
    if code == SOFTPLUS:
        return _expit(x)
    if code == FLOOR:
        return 1.0 if x >= SMALLEST else 0.0
    if code == SQUARE:
        return 2.0 * x
    return _digamma(x)


@compiled
def unary_forward(code: int, n: int, o: Pointer, a: Pointer) -> None:
    """Write the function of each of n values of a to o."""
    for t in range(n):
        o[t] = _value(code, a[t])


@compiled
def unary_backward(code: int, n: int, g: Pointer, o: Pointer, a: Pointer, da: Pointer) -> None:
    """Add to da what g means for each of n values of a, of which o is the function."""
    for t in range(n):
        da[t] += g[t] * _slope(code, a[t], o[t])


@inlined
def _pairwise(code: int, n: int, o: Pointer, a: Pointer, b: Pointer) -> None:
    if code == MULTIPLY:
        for t in range(n):
            o[t] = a[t] * b[t]
    elif code == DIVIDE:
        for t in range(n):
            o[t] = a[t] / b[t]
    else:
        sign = 1.0 if code == ADD else -1.0
        for t in range(n):
            o[t] = a[t] + sign * b[t]


@inlined
def _with_number(code: int, flipped: bool, n: int, o: Pointer, a: Pointer, x: float) -> None:
    """Write a (code) x, or x (code) a where flipped; all but a number over a is a straight line of a."""
    if code == DIVIDE and flipped:
        for t in range(n):
            o[t] = x / a[t]
        return
    factor, level = 1.0, x
    if code >= MULTIPLY:
        factor, level = x if code == MULTIPLY else 1.0 / x, 0.0
    elif code == SUBTRACT:
        factor, level = (-1.0, x) if flipped else (1.0, -x)
    for t in range(n):
        o[t] = factor * a[t] + level


@compiled
def binary_forward(code: int, n: int, o: Pointer, la: int, a: Pointer, lb: int, b: Pointer) -> None:
    """Write a (la values) (code) b (lb values) to o, each value of the shorter repeated in a row."""
    if la == lb:
        _pairwise(code, n, o, a, b)
        return
    flipped = la < lb
    short, long, count = (a, b, la) if flipped else (b, a, lb)
    step = n // count
    for k in range(count):
        _with_number(code, flipped, step, at(o, k * step), at(long, k * step), short[k])
