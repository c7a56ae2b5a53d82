"""The log density of a hierarchy and its slope, compiled: one pass over the rows, and nothing in memory but θ."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from mixcurve.foundations.bayes.compiled import NOT_FINITE

__all__ = ["kernel", "words_of"]

NUMBERS, WORDS = numba.types.CPointer(numba.types.float64), numba.types.CPointer(numba.types.int64)
RULES: dict[str, Any] = {"fastmath": {"reassoc", "contract", "nsz"}, "error_model": "numpy"}
"""Sums may be taken in any order, so that they run in parallel lanes; not-finite numbers keep their meaning."""
HEADER = 4
"""Words before the data: n, q, G and k."""


def words_of(*parts: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return arrays of whole numbers and floats one after the other, as `kernel` takes them."""
    return np.concatenate([
        (part.view(np.int64) if part.dtype == np.float64 else part.astype(np.int64)).ravel()
        for part in map(np.ascontiguousarray, parts)
    ])  # fmt: skip


@numba.njit(**RULES)
def _row(x: Any, theta: Any, y: float, w: float, slope: Any) -> float:
    """Return the log likelihood of one row, and add its gradient to the slope of its group."""
    z = 0.0
    for j in range(len(theta)):
        z += x[j] * theta[j]
    small = math.exp(-abs(z))
    share = (1.0 if z >= 0.0 else small) / (1.0 + small)
    away = w * (y - share)
    for j in range(len(theta)):
        slope[j] += away * x[j]
    return w * (y * z - max(z, 0.0) - math.log1p(small))


@numba.njit(**RULES)
def _common(beta: Any, middle: Any, width: Any, d_beta: Any) -> float:
    """Return the log density of β under its prior, and set its gradient."""
    total = 0.0
    for i in range(len(beta)):
        off = (beta[i] - middle[i]) / width[i]
        total -= 0.5 * off * off
        d_beta[i] = -off / width[i]
    return total


@numba.njit(**RULES)
def _spreads(log_s: Any, spread: Any, d_log_s: Any) -> float:
    """Return the log density of log s under the half-normal prior of s, and set its gradient."""
    total = 0.0
    for i in range(len(log_s)):
        square = (math.exp(log_s[i]) / spread[i]) ** 2
        total += log_s[i] - 0.5 * square
        d_log_s[i] = 1.0 - square
    return total


@numba.njit(**RULES)
def _deviations(
    w: Any, c: Any, delta: Any, log_s: Any, d_theta: Any, d_w: Any, d_log_s: Any, d_delta: Any
) -> float:
    """Return the log density of one group's w, and add what it and the slope of θ mean for all coordinates."""
    total = 0.0
    for i in range(len(w)):
        power, narrow = math.exp((1.0 - c[i]) * log_s[i]), math.exp(-c[i] * log_s[i])
        away = w[i] - c[i] * delta[i]
        standard = away * narrow
        total -= 0.5 * standard * standard + c[i] * log_s[i]
        d_w[i] = d_theta[i] * power - standard * narrow
        d_log_s[i] += d_theta[i] * (1.0 - c[i]) * power * away + c[i] * standard * standard - c[i]
        d_delta[i] = -c[i] * d_w[i]
    return total


@numba.njit(**RULES)
def _groups(
    z: Any,
    g: Any,
    beta: Any,
    d_beta: Any,
    mode: Any,
    c: Any,
    varying: Any,
    cuts: Any,
    weights: Any,
    y: Any,
    design: Any,
) -> float:
    """Return the log density of all groups' rows and deviations, and add to the gradients g and d_beta."""
    q, (groups, k) = len(beta), c.shape
    log_s, d_log_s = z[q : q + k], g[q : q + k]
    theta, slope, total = np.empty(q), np.empty(q), 0.0
    delta, d_theta, d_delta = (beta - mode)[varying], np.empty(k), np.empty(k)
    for m in range(groups):
        w, d_w = z[q + k + m * k : q + k + (m + 1) * k], g[q + k + m * k : q + k + (m + 1) * k]
        theta[:], slope[:] = beta, 0.0
        for i in range(k):
            theta[varying[i]] += math.exp((1.0 - c[m, i]) * log_s[i]) * (w[i] - c[m, i] * delta[i])
        for row in range(cuts[m], cuts[m + 1]):
            total += _row(design[row], theta, y[row], weights[row], slope)
        for i in range(k):
            d_theta[i] = slope[varying[i]]
        total += _deviations(w, c[m], delta, log_s, d_theta, d_w, d_log_s, d_delta)
        for i in range(q):
            d_beta[i] += slope[i]
        for i in range(k):
            d_beta[varying[i]] += d_delta[i]
    return total


@cache
def kernel() -> Any:
    """Return the C function (count, position, gradient, value, words) -> 0 or `NOT_FINITE`.

    The position is z (q), log s (k), w (G, k), see `Coordinates`. The words, only read, are n, q, G, k; ``varying`` (k)
    and ``cuts`` (G + 1); then numbers: mode (q), L (q, q), c (G, k), middle (q), width (q), spread (k), weights (n),
    y (n) and design (n, q).
    """

    @numba.cfunc(numba.types.int64(numba.types.uint64, NUMBERS, NUMBERS, NUMBERS, WORDS), cache=True, **RULES)
    def log_density(count, position, gradient, value, words):  # type: ignore[no-untyped-def]
        n, q, groups, k = words[0], words[1], words[2], words[3]
        first = HEADER + k + groups + 1
        whole = numba.carray(words, first + q * (q + 3) + groups * k + k + n * (q + 2))
        varying, cuts = whole[HEADER : HEADER + k], whole[HEADER + k : first]
        f = whole[first:].view(np.float64)
        mode, lower, f = f[:q], f[q : q + q * q].reshape(q, q), f[q + q * q :]
        c, f = f[: groups * k].reshape(groups, k), f[groups * k :]
        middle, width, spread, f = f[:q], f[q : 2 * q], f[2 * q : 2 * q + k], f[2 * q + k :]
        weights, y, design = f[:n], f[n : 2 * n], f[2 * n :].reshape(n, q)
        z, g = numba.carray(position, np.int64(count)), numba.carray(gradient, np.int64(count))

        beta, d_beta = mode.copy(), np.empty(q)
        for i in range(q):
            for j in range(i + 1):
                beta[i] += lower[i, j] * z[j]
        total = _common(beta, middle, width, d_beta) + _spreads(z[q : q + k], spread, g[q : q + k])
        total += _groups(z, g, beta, d_beta, mode, c, varying, cuts, weights, y, design)
        for j in range(q):
            g[j] = 0.0
            for i in range(j, q):
                g[j] += d_beta[i] * lower[i, j]
        finite = math.isfinite(total)
        for i in range(len(g)):
            finite = finite and math.isfinite(g[i])
        value[0] = total
        return 0 if finite else NOT_FINITE

    return log_density
