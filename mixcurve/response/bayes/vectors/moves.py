"""Operations of a tape that take values from elsewhere in a vector: by index, in runs, by a matrix, over the lags.

Vectors are pointers: a and x are operands with slopes da and dx, o the result with slopes g.
"""

from __future__ import annotations

from mixcurve.response.bayes.vectors import codes
from mixcurve.response.bayes.vectors.pointers import Pointer, at, compiled
from mixcurve.response.bayes.vectors.slopes import add_times, product_of, total_of

__all__ = ["convolve_backward", "convolve_forward", "move_backward", "move_forward"]

GATHER, SCATTER, SEGMENT_SUM, PLACE = codes.GATHER, codes.SCATTER, codes.SEGMENT_SUM, codes.PLACE


@compiled
def move_forward(code: int, n: int, o: Pointer, la: int, a: Pointer, index: Pointer, matrix: Pointer) -> None:
    """Write n values of o from la values of a; the index, or the matrix (n × la), is that of the operation."""
    if code == GATHER:
        for i in range(n):
            o[i] = a[index[i]]
    elif code == SCATTER:
        for i in range(n):
            o[i] = 0.0
        for i in range(la):
            o[index[i]] += a[i]
    elif code == SEGMENT_SUM:
        step = la // n
        for i in range(n):
            o[i] = total_of(step, at(a, i * step))
    elif code == PLACE:
        for i in range(n):
            o[i] = a[i]
    else:  # MATVEC
        for i in range(n):
            o[i] = product_of(la, at(matrix, i * la), a)


@compiled
def move_backward(
    code: int, n: int, g: Pointer, la: int, da: Pointer, index: Pointer, matrix: Pointer
) -> None:
    """Add to da what g means for the values moved."""
    if code == GATHER:
        for i in range(n):
            da[index[i]] += g[i]
    elif code == SCATTER:
        for i in range(la):
            da[i] += g[index[i]]
    elif code == SEGMENT_SUM:
        step = la // n
        for i in range(n):
            for t in range(i * step, (i + 1) * step):
                da[t] += g[i]
    elif code == PLACE:
        add_times(n, 1.0, g, da)
    else:  # MATVEC
        for i in range(n):
            add_times(la, g[i], at(matrix, i * la), da)


@compiled
def convolve_forward(n: int, o: Pointer, x: Pointer, lw: int, w: Pointer, index: Pointer) -> None:
    """Write Σ_l w[c, l] x[c, t - l] to o; the index holds channels, bounds and the bounds of the blocks of rows."""
    channels, bounds = index[0], index[1]
    rows, lags = n // channels, lw // channels
    for t in range(n):
        o[t] = 0.0
    for c in range(channels):
        for b in range(2, bounds + 1):
            start, length = c * rows + index[b], index[b + 1] - index[b]
            for lag in range(min(lags, length)):
                add_times(length - lag, w[c * lags + lag], at(x, start), at(o, start + lag))


@compiled
def convolve_backward(
    varies: int, n: int, g: Pointer, x: Pointer, dx: Pointer, lw: int, w: Pointer, dw: Pointer, index: Pointer
) -> None:
    """Add to dx and dw what g means for the signal and the weights that vary (bits 1 and 2)."""
    channels, bounds = index[0], index[1]
    rows, lags = n // channels, lw // channels
    for c in range(channels):
        for b in range(2, bounds + 1):
            start, length = c * rows + index[b], index[b + 1] - index[b]
            for lag in range(min(lags, length)):
                later = at(g, start + lag)
                if varies & 2:
                    dw[c * lags + lag] += product_of(length - lag, later, at(x, start))
                if varies & 1:
                    add_times(length - lag, w[c * lags + lag], later, at(dx, start))
