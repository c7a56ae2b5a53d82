"""All subsets of k features at once, by the likelihood's quadratic approximation at the fit of all features."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError

__all__ = ["most_promising", "profiled"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

MOST_SUBSETS = 5_000_000
"""Beyond this the search takes minutes and gigabytes."""
AT_ONCE = 200_000
"""Subsets solved in one call: 3 × 3 systems of these fill 15 MB."""


def profiled(curvature: FloatArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return curvature (p, p) and right side (p,) of the quadratic in the features, the intercept profiled out.

    ``curvature`` (p + 1, p + 1) is that of the log loss at ``theta``, its minimum, intercept first.
    """
    side = curvature[0, 1:]
    inner = curvature[1:, 1:] - np.outer(side, side) / curvature[0, 0]
    return inner, inner @ theta[1:]


def most_promising(
    inner: FloatArray, right: FloatArray, k: int, keep: int
) -> tuple[IntArray, FloatArray, int]:
    r"""Return the subsets of k features with the largest :math:`r_S^\top H_{SS}^{-1} r_S`, best first.

    This is twice the gain of log-likelihood over the intercept alone that the quadratic approximation gives to a model
    of the features S.

    Parameters
    ----------
    inner, right
        H (p, p) and r (p,), see `profiled`.
    k
        Size of the subsets.
    keep
        How many to return.

    Returns
    -------
    tuple
        Subsets (keep, k), their figures (keep,), and how many there were.

    References
    ----------
    Hosmer, Jovanovic and Lemeshow (1989), Biometrics 45, 1265-1270. Lawless and Singhal (1978), Biometrics 34, 318-327.
    """
    usable = np.flatnonzero(np.diag(inner) > 0)
    count = comb(len(usable), k)
    if k < 1 or k > len(usable):
        raise InputError(
            f"k must lie between 1 and {len(usable)}, the number of features that vary, got {k}."
        )
    if count > MOST_SUBSETS:
        raise InputError(
            f"There are {count:,} subsets of {k} of {len(usable)} features, more than {MOST_SUBSETS:,}. "
            "Give a smaller k, or fewer features: those that come first in the ranking of inference_table, say."
        )
    best, value = np.empty((0, k), dtype=np.intp), np.empty(0)
    every = usable[_subsets(len(usable), k)]
    for first in range(0, count, AT_ONCE):
        some = every[first : first + AT_ONCE]
        gain = _gains(inner, right, some)
        best, value = np.concatenate([best, some]), np.concatenate([value, gain])
        if len(value) > keep:
            top = np.argpartition(-value, keep)[:keep]
            best, value = best[top], value[top]
    order = np.argsort(-value, kind="stable")
    return best[order], value[order], count


def _subsets(n: int, k: int) -> IntArray:
    """Return all subsets of k of n, (n over k, k), in order."""
    if k == 1:
        return np.arange(n)[:, None]
    if k > 3:
        flat = np.fromiter(
            (i for c in combinations(range(n), k) for i in c), dtype=np.intp, count=k * comb(n, k)
        )
        return flat.reshape(-1, k)
    pairs = np.stack(np.triu_indices(n, 1), axis=1)
    if k == 2:
        return pairs
    more = n - 1 - pairs[:, 1]
    first = np.repeat(pairs, more, axis=0)
    start = np.cumsum(more) - more
    third = np.arange(more.sum()) - np.repeat(start, more) + first[:, 1] + 1
    return np.column_stack([first, third])


def _gains(inner: FloatArray, right: FloatArray, subsets: IntArray) -> FloatArray:
    """Return ``r' H^-1 r`` of each subset, by elimination in all of them at once; 0 where columns repeat others."""
    k = subsets.shape[1]
    h = [[inner[subsets[:, i], subsets[:, j]] for j in range(k)] for i in range(k)]
    r = [right[subsets[:, i]] for i in range(k)]
    gain = np.zeros(len(subsets))
    sound = np.ones(len(subsets), dtype=bool)
    for i in range(k):
        own = inner[subsets[:, i], subsets[:, i]]
        sound &= h[i][i] > 1e-9 * own
        pivot = np.where(sound, h[i][i], 1.0)
        gain += r[i] ** 2 / pivot
        for j in range(i + 1, k):
            share = h[j][i] / pivot
            r[j] = r[j] - share * r[i]
            for m in range(i + 1, k):
                h[j][m] = h[j][m] - share * h[i][m]
    return np.where(sound, gain, 0.0)
