"""What a slope means for the operands of a sum, difference, product or quotient, and sums that vectorise."""

from __future__ import annotations

from mixcurve.response.bayes.vectors import codes
from mixcurve.response.bayes.vectors.elementwise import binary_forward
from mixcurve.response.bayes.vectors.pointers import Pointer, at, compiled, inlined

__all__ = ["add_times", "binary_backward", "product_of", "total_of"]

ADD, MULTIPLY, DIVIDE = codes.ADD, codes.MULTIPLY, codes.DIVIDE


@inlined
def total_of(n: int, a: Pointer) -> float:
    """Return the sum of n values of a."""
    total = 0.0
    for t in range(n):
        total += a[t]
    return total


@inlined
def product_of(n: int, a: Pointer, b: Pointer) -> float:
    """Return the sum of the products of n values of a and b."""
    total = 0.0
    for t in range(n):
        total += a[t] * b[t]
    return total


@inlined
def add_times(n: int, x: float, a: Pointer, out: Pointer) -> None:
    """Add x times n values of a to out."""
    for t in range(n):
        out[t] += x * a[t]


@compiled
def _of_sum(sign: float, n: int, g: Pointer, size: int, d: Pointer) -> None:
    """Add sign times g to d, of which each value served in a row."""
    if size == n:
        add_times(n, sign, g, d)
        return
    step = n // size
    for k in range(size):
        d[k] += sign * total_of(step, at(g, k * step))


@compiled
def _of_product(n: int, g: Pointer, size: int, d: Pointer, other: int, b: Pointer) -> None:
    """Add g times b (``other`` values) to d, of which each value served in a row, or of b."""
    if size == other:
        for t in range(n):
            d[t] += g[t] * b[t]
        return
    step = n // min(size, other)
    for k in range(min(size, other)):
        if size < other:
            d[k] += product_of(step, at(g, k * step), at(b, k * step))
        else:
            add_times(step, b[k], at(g, k * step), at(d, k * step))


@inlined
def binary_backward(
    code: int, varies: int, n: int, g: Pointer, o: Pointer,
    la: int, a: Pointer, da: Pointer, lb: int, b: Pointer, db: Pointer,
) -> None:  # fmt: skip
    """Add to da and db what g means for the operands that vary (bits 1 and 2); afterwards g is worthless.

    The slopes of a quotient a / b = o are g / b and -(g / b) o, so that g / b goes the way of a sum's slope.
    """
    if code == DIVIDE:
        binary_forward(DIVIDE, n, g, n, g, lb, b)
    if varies & 1:
        if code == MULTIPLY:
            _of_product(n, g, la, da, lb, b)
        else:
            _of_sum(1.0, n, g, la, da)
    if varies & 2:
        if code == DIVIDE:
            binary_forward(MULTIPLY, n, g, n, g, n, o)
        if code == MULTIPLY:
            _of_product(n, g, lb, db, la, a)
        else:
            _of_sum(1.0 if code == ADD else -1.0, n, g, lb, db)
