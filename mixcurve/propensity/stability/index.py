"""The population stability index: how far a distribution has moved, and how far chance alone would move it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from mixcurve.foundations.results import Result

__all__ = ["Moved", "moved", "stability_index"]

FloatArray = npt.NDArray[np.float64]

BINS = 10
NOTICED, LARGE = 0.1, 0.25
"""The usual marks of credit scoring: below 0.1 little has moved, from 0.25 much (Siddiqi 2006)."""
SURE = 0.01
"""Probability of so much movement by chance, below which it is not taken for chance."""
HALF = 0.5
"""Added to the count of each bin, so that an empty one is finite."""
MOST_LEVELS = 30
Verdict = Literal["as before", "moved a little", "moved", "moved much"]


@dataclass(frozen=True, eq=False)
class Moved(Result):
    r"""How far one distribution has moved.

    Parameters
    ----------
    name
        Of what.
    index
        :math:`\sum_b (q_b - p_b) \log(q_b / p_b)` over the bins, p before and q after.
    by_chance
        The index that samples of these sizes have on average with nothing moved.
    p_value
        Of so large an index by chance: over ``1/n + 1/m`` it is chi-square with bins - 1 degrees of freedom.
    bins, before, after
        What the bins are called, and the share of people in each.
    """

    name: str
    index: float
    by_chance: float
    p_value: float
    bins: tuple[str, ...]
    before: FloatArray
    after: FloatArray

    @property
    def verdict(self) -> Verdict:
        """How much has moved, chance apart."""
        if self.p_value >= SURE:
            return "as before"
        return "moved much" if self.index >= LARGE else "moved" if self.index >= NOTICED else "moved a little"


def stability_index(before: FloatArray, after: FloatArray) -> tuple[float, float, float]:
    """Return the index of two arrays of counts, the index expected by chance, and its p-value.

    References
    ----------
    Yurdakul and Naranjo (2020), Statistical properties of the population stability index, Journal of Risk Model
    Validation 14(4).

    Examples
    --------
    >>> index, chance, p = stability_index(np.array([500.0, 500.0]), np.array([300.0, 700.0]))
    >>> round(index, 2), p < 0.001
    (0.17, True)
    """
    a, b = before + HALF, after + HALF
    p, q = a / a.sum(), b / b.sum()
    index = float(((q - p) * np.log(q / p)).sum())
    width = 1.0 / before.sum() + 1.0 / after.sum()
    free = max(len(before) - 1, 1)
    return index, free * width, float(stats.chi2.sf(index / width, free))


def moved(name: str, before: Any, after: Any) -> Moved:
    """Return how far the values of one column have moved: numbers by tenths of those before, others by level."""
    import pandas as pd

    first, second = (
        pd.Series(np.asarray(before)).infer_objects(),
        pd.Series(np.asarray(after)).infer_objects(),
    )
    numeric = pd.api.types.is_numeric_dtype(first) and not pd.api.types.is_bool_dtype(first)
    if numeric and first.nunique() > BINS:
        edges = np.unique(np.quantile(first.dropna().to_numpy(float), np.arange(1, BINS) / BINS))
        words = [
            f"up to {edges[0]:.4g}",
            *(f"to {e:.4g}" for e in edges[1:]),
            f"above {edges[-1]:.4g}",
            "missing",
        ]
        codes = [
            np.where(part.isna(), len(edges) + 1, np.searchsorted(edges, part.fillna(0.0).to_numpy(float)))
            for part in (first, second)
        ]
    else:
        texts = [part.astype(str).where(part.notna(), "missing") for part in (first, second)]
        words = [str(level) for level in texts[0].value_counts().index[:MOST_LEVELS]]
        codes = [pd.Index(words).get_indexer(pd.Index(part)) for part in texts]
        codes = [np.where(code < 0, len(words), code) for code in codes]
        words.append("other")
    return _counted(name, words, codes)


def _counted(name: str, words: list[str], codes: list[npt.NDArray[Any]]) -> Moved:
    counts = [np.bincount(c.astype(np.intp), minlength=len(words)).astype(np.float64) for c in codes]
    held = (counts[0] + counts[1]) > 0
    before, after = counts[0][held], counts[1][held]
    shown = tuple(word for word, kept in zip(words, held) if kept)
    return Moved(name, *stability_index(before, after), shown, before / before.sum(), after / after.sum())
