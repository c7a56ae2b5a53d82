"""Cells of neighbouring cases: as fine as needed where cases are many, single cases at both ends."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["cell_means", "cell_starts"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


def cell_starts(rising: FloatArray, most: int) -> IntArray:
    r"""Return where each cell of sorted values starts: a cell per distinct value if there are at most ``most``.

    Else the cuts are at ranks :math:`n \sin^2(\pi t / 2)` for t on an even grid: cells hold fewer cases towards both
    ends, in proportion to the deviation :math:`\sqrt{u(1-u)}` of a rank u, and single ones at the very ends. Equal
    values are never parted.

    Parameters
    ----------
    rising
        (n,), sorted.
    most
        The number of cells at most, 2 or more.

    Examples
    --------
    >>> cell_starts(np.array([0.1, 0.2, 0.2, 0.7]), 10).tolist()
    [0, 1, 3]
    >>> cell_starts(np.arange(100.0), 5).tolist()
    [0, 9, 34, 65, 90]
    """
    starts = np.flatnonzero(np.append(True, np.diff(rising) > 0))
    if len(starts) <= most:
        return starts
    ranks = len(rising) * np.sin(0.5 * np.pi * np.arange(most) / most) ** 2
    return np.unique(np.searchsorted(rising, rising[ranks.astype(np.intp)], side="left")).astype(np.intp)


def cell_means(values: FloatArray, weight: FloatArray, starts: IntArray) -> FloatArray:
    """Return the weighted mean of sorted cases in each cell.

    Examples
    --------
    >>> cell_means(np.array([1.0, 2.0, 5.0]), np.array([1.0, 3.0, 1.0]), np.array([0, 2])).tolist()
    [1.75, 5.0]
    """
    return np.add.reduceat(weight * values, starts) / np.add.reduceat(weight, starts)
