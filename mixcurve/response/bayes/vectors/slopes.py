"""What a slope means for the operands of a sum, difference, product or quotient, and sums that vectorise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.vectors import codes
from mixcurve.response.bayes.vectors.elementwise import compiled

__all__ = ["add_number", "add_times", "binary_backward", "product_of", "total_of"]

FloatArray = npt.NDArray[np.float64]

ADD, SUBTRACT, MULTIPLY = codes.ADD, codes.SUBTRACT, codes.MULTIPLY


@compiled
def total_of(a: FloatArray) -> float:
    """Return the sum of a."""
    total = 0.0
    for t in range(len(a)):
        total += a[t]
    return total


@compiled
def product_of(a: FloatArray, b: FloatArray) -> float:
    """Return the sum of the products of a and b."""
    total = 0.0
    for t in range(len(a)):
        total += a[t] * b[t]
    return total


@compiled
def _ratio_of(a: FloatArray, b: FloatArray) -> float:
    total = 0.0
    for t in range(len(a)):
        total += a[t] / b[t]
    return total


@compiled
def add_number(x: float, out: FloatArray) -> None:
    """Add x to every value of out."""
    for t in range(len(out)):
        out[t] += x


@compiled
def add_times(x: float, a: FloatArray, out: FloatArray) -> None:
    """Add x times a to out."""
    for t in range(len(out)):
        out[t] += x * a[t]


@compiled
def _add_products(sign: float, a: FloatArray, b: FloatArray, out: FloatArray) -> None:
    for t in range(len(out)):
        out[t] += sign * a[t] * b[t]


@compiled
def _slope_first(code: int, g: FloatArray, b: FloatArray, da: FloatArray, step: int, other: int) -> None:
    """Add what g means for the first operand, of which each value serves ``step`` times, those of b ``other`` times."""
    n = len(g)
    if step == 1 and other == 1:
        if code <= SUBTRACT:
            add_times(1.0, g, da)
        elif code == MULTIPLY:
            _add_products(1.0, g, b, da)
        else:
            for t in range(n):
                da[t] += g[t] / b[t]
    elif step > 1:
        for k in range(n // step):
            mine = g[k * step : (k + 1) * step]
            if code <= SUBTRACT:
                da[k] += total_of(mine)
            elif code == MULTIPLY:
                da[k] += product_of(mine, b[k * step : (k + 1) * step])
            else:
                da[k] += _ratio_of(mine, b[k * step : (k + 1) * step])
    else:
        for k in range(n // other):
            factor = 1.0 if code <= SUBTRACT else b[k] if code == MULTIPLY else 1.0 / b[k]
            add_times(factor, g[k * other : (k + 1) * other], da[k * other : (k + 1) * other])


@compiled
def _slope_second(
    code: int,
    g: FloatArray,
    o: FloatArray,
    a: FloatArray,
    b: FloatArray,
    db: FloatArray,
    step: int,
    other: int,
) -> None:
    """Add what g means for the second operand: each of its values serves ``step`` times, those of a ``other`` times."""
    n = len(g)
    if step == 1 and other == 1:
        if code <= SUBTRACT:
            add_times(1.0 if code == ADD else -1.0, g, db)
        elif code == MULTIPLY:
            _add_products(1.0, g, a, db)
        else:
            for t in range(n):
                db[t] -= g[t] * o[t] / b[t]
    elif step > 1:
        for k in range(n // step):
            mine = g[k * step : (k + 1) * step]
            if code <= SUBTRACT:
                db[k] += total_of(mine) if code == ADD else -total_of(mine)
            elif code == MULTIPLY:
                db[k] += product_of(mine, a[k * step : (k + 1) * step])
            else:
                db[k] -= product_of(mine, o[k * step : (k + 1) * step]) / b[k]
    else:
        for k in range(n // other):
            mine, out = g[k * other : (k + 1) * other], db[k * other : (k + 1) * other]
            if code <= MULTIPLY:
                add_times(a[k] if code == MULTIPLY else 1.0 if code == ADD else -1.0, mine, out)
            else:
                value, below = o[k * other : (k + 1) * other], b[k * other : (k + 1) * other]
                for t in range(len(out)):
                    out[t] -= mine[t] * value[t] / below[t]


@compiled
def binary_backward(
    code: int,
    varies: int,
    g: FloatArray,
    o: FloatArray,
    a: FloatArray,
    b: FloatArray,
    da: FloatArray,
    db: FloatArray,
) -> None:
    """Add to da and db what g means for the operands that vary (bits 1 and 2)."""
    n = len(g)
    if varies & 1:
        _slope_first(code, g, b, da, n // len(a), n // len(b))
    if varies & 2:
        _slope_second(code, g, o, a, b, db, n // len(b), n // len(a))
