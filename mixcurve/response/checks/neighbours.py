"""Rows that lie so many periods apart, and the moments of sums over such pairs when the noise is independent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError

__all__ = ["Neighbours", "moments", "moments_of_differences", "neighbours"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """For a lag, the rows (later, earlier) of one group that lie so many periods apart."""

    later: IntArray
    earlier: IntArray

    def lag(self, x: FloatArray) -> FloatArray:
        """Return A x with A symmetric and x'Ax the sum of products over all pairs."""
        out = np.zeros_like(x)
        out[self.later] += 0.5 * x[self.earlier]
        out[self.earlier] += 0.5 * x[self.later]
        return out


def neighbours(
    e: FloatArray, period: npt.ArrayLike | None, groups: Sequence[str] | None, lag: int
) -> Neighbours:
    """Return the pairs of residuals ``e`` that lie ``lag`` periods apart within a group."""
    rows = len(e)
    number_of = np.arange(rows) if period is None else np.asarray(period, dtype=np.int64)
    _, member = np.unique(np.asarray(groups) if groups is not None else np.zeros(rows), return_inverse=True)
    if number_of.shape != (rows,) or member.shape != (rows,):
        raise InputError(
            f"period and groups must have a value for each of the {rows} residuals, "
            f"got {len(number_of)} and {len(member)}."
        )
    # One number per group and period, groups further apart than any lag.
    key = (number_of - number_of.min()) + member * (int(np.ptp(number_of)) + rows + 1)
    order = np.argsort(key, kind="stable")
    place = np.clip(np.searchsorted(key[order], key - lag), 0, rows - 1)
    later = np.flatnonzero(key[order][place] == key - lag)
    if not len(later):
        raise InputError(f"No two residuals lie {lag} periods apart. Use fewer lags.")
    return Neighbours(later, order[place[later]])


def moments(pairs: Sequence[Neighbours], q: FloatArray, n: int) -> tuple[FloatArray, FloatArray]:
    """Return mean (L) and covariance (L × L) of e'A_k e / e'e, of n residuals e free of the columns of q (n × p)."""
    free = n - q.shape[1]
    lagged = [p.lag(q) for p in pairs]
    inner = [q.T @ a for a in lagged]
    trace = np.array([-np.trace(a) for a in inner])
    cross = np.array(
        [
            [np.sum(i * j) - 2.0 * np.sum(x * y) for j, y in zip(inner, lagged, strict=True)]
            for i, x in zip(inner, lagged, strict=True)
        ]
    )
    cross[np.diag_indices(len(pairs))] += [len(p.later) / 2.0 for p in pairs]
    second = (np.outer(trace, trace) + 2.0 * cross) / (free * (free + 2.0))
    expected = trace / free
    return expected, second - np.outer(expected, expected)


def moments_of_differences(pairs: Neighbours, q: FloatArray, n: int) -> tuple[float, float]:
    """Return mean and variance of e'Ae / e'e with A the matrix of squared differences."""
    free, count = n - q.shape[1], len(pairs.later)
    degree = np.bincount(pairs.later, minlength=n) + np.bincount(pairs.earlier, minlength=n)
    changed = degree[:, None] * q - 2.0 * pairs.lag(q)
    inner = q.T @ changed
    first = 2.0 * count - np.trace(inner)
    second = float(degree @ degree) + 2.0 * count - 2.0 * np.sum(changed**2) + np.sum(inner**2)
    mean = float(first) / free
    return mean, float(2.0 * (second * free - first**2) / (free**2 * (free + 2.0)))
