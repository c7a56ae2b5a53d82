"""Bands of a feature's values, cut where many people are and at numbers that read well."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

__all__ = ["band_of", "band_words", "cuts"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

MOST_MOVED = 0.02
"""A cut is rounded to as few digits as move no more than this share of people to the next band."""
MOST_DIGITS = 12


def cuts(values: FloatArray, bands: int) -> FloatArray:
    """Return the cuts between at most ``bands`` bands of nearly as many people, rising; a value on a cut is above it.

    A feature of no more values than bands is cut between each two of them.

    Examples
    --------
    >>> cuts(np.arange(1.0, 101.0), 4).tolist()
    [26.0, 50.0, 76.0]
    """
    distinct = np.unique(values)
    if len(distinct) <= bands:
        return distinct[1:]
    wanted = np.quantile(values, np.arange(1, bands) / bands, method="higher")
    ordered = np.sort(values)
    found = [_readable(cut, ordered) for cut in np.unique(wanted)]
    return np.array([cut for cut in sorted(set(found)) if ordered[0] < cut <= ordered[-1]])


def _readable(cut: float, ordered: FloatArray) -> float:
    place = np.searchsorted(ordered, cut)
    for digits in range(1, MOST_DIGITS):
        rounded = float(f"{cut:.{digits - 1}e}")
        if abs(np.searchsorted(ordered, rounded) - place) <= MOST_MOVED * len(ordered):
            return rounded
    return cut


def band_of(values: FloatArray, edges: FloatArray) -> IntArray:
    """Return the band of each value, from 0."""
    return np.searchsorted(edges, values, side="right")


def band_words(edges: FloatArray, values: FloatArray | None = None) -> tuple[str, ...]:
    """Return what to call the bands; with ``values``, those that the feature takes, one in each band.

    Examples
    --------
    >>> band_words(np.array([10.0, 20.0]))
    ('below 10', '10 to below 20', '20 or more')
    """
    if values is not None and len(values) == len(edges) + 1:
        return tuple(f"{value:.12g}" for value in values)
    said = [f"{edge:.12g}" for edge in edges]
    if not said:
        return ("any",)
    between = [f"{low} to below {high}" for low, high in pairwise(said)]
    return (f"below {said[0]}", *between, f"{said[-1]} or more")
