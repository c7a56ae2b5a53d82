"""Draws on the scale where the prior is standard normal, and how far they are from it, with Monte Carlo errors."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import ndimage, special

from mixcurve.foundations.convergence import effective_size

__all__ = ["Moments", "moments", "normal_scores", "overlap"]

FloatArray = npt.NDArray[np.float64]

REACH, BINS = 9.0, 900
"""Densities are compared on so many bins between these scores; beyond them both are 0 for all purposes."""
RULE = 0.9
"""Of the bandwidth over the spread and the fifth root of the number of draws (Silverman 1986, equation 3.31)."""
PARTS = 5
"""Stretches of each chain that are left out in turn for the error of an overlap (the delete-a-group jackknife)."""


def normal_scores(values: FloatArray, reference: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return each value's rank among prior draws as a normal score; ties are broken by chance.

    If the values come from the prior too the scores are standard normal, exactly, for any figure: also for one that is
    0 in some draws.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> same = normal_scores(np.exp(rng.normal(size=4000)), np.exp(rng.normal(size=8000)), rng)
    >>> bool(abs(same.mean()) < 0.1), bool(abs(same.std() - 1) < 0.1)
    (True, True)
    """
    ordered = np.sort(reference)
    below = np.searchsorted(ordered, values, side="left")
    above = np.searchsorted(ordered, values, side="right")
    share = (below + rng.random(values.shape) * (above - below + 1.0)) / (len(ordered) + 1.0)
    return np.asarray(special.ndtri(np.clip(share, 1e-12, 1.0 - 1e-12)))


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean and variance of scores, and their Monte Carlo errors."""

    mean: float
    mean_error: float
    variance: float
    variance_error: float

    def distance(self, slack: float = 0.0) -> float:
        """Return how far mean and variance are beyond ``slack`` from 0 and 1, squared, in Monte Carlo errors.

        For standard normal scores, and no slack, χ² of two degrees of freedom.
        """
        mean = max(abs(self.mean) - slack, 0.0) / self.mean_error
        variance = max(abs(self.variance - 1.0) - slack, 0.0) / self.variance_error
        return mean**2 + variance**2


def moments(scores: FloatArray, *, reference: float = np.inf, spent: int = 0) -> Moments:
    """Return mean and variance of scores (chains × draws).

    Parameters
    ----------
    reference
        How many prior draws the scores are ranks among, whose chance is part of the error.
    spent
        How many regressors were fitted to them, which lessens their variance.
    """
    squares = (scores - scores.mean()) ** 2
    sizes = effective_size(np.stack([scores, squares], axis=-1))
    mean_size, square_size = np.where(np.isfinite(sizes), np.maximum(sizes, 1.0), 1.0)
    more = 1.0 + spent / square_size
    return Moments(
        float(scores.mean()),
        float(np.sqrt(max(scores.var(), _least(scores)) / mean_size + 1.0 / reference)),
        float(squares.mean() * more),
        float(np.sqrt(max(squares.var(), _least(squares)) / square_size + 2.0 / reference)),
    )


def _least(values: FloatArray) -> float:
    return float(np.finfo(np.float64).eps * max(1.0, np.abs(values).max()) ** 2)


def overlap(scores: FloatArray) -> tuple[float, float]:
    """Return the area that the scores' density and the standard normal one share, and its Monte Carlo error.

    Both densities are smoothed alike, so that equal ones stay equal. What chance leaves of two equal densities is about
    0.95 at 400 effective draws and 0.98 at 4,000.

    Parameters
    ----------
    scores
        (chains × draws).

    Examples
    --------
    >>> round(overlap(np.random.default_rng(1).normal(1.0, 1.0, (4, 1000)))[0], 1)
    0.6
    """
    flat = np.atleast_2d(scores)
    chains, draws = flat.shape
    size = (
        float(np.clip(effective_size(flat[..., None])[0], 1.0, flat.size)) if draws >= 8 else float(flat.size)
    )
    width = RULE * float(flat.std()) * size**-0.2
    whole = _counts(flat)
    found = _shared(whole, width)
    edges = np.linspace(0, draws, PARTS + 1).astype(int)
    left_out = [
        _shared(whole - _counts(flat[k : k + 1, a:b]), width)
        for k in range(chains)
        for a, b in pairwise(edges)
    ]
    groups = len(left_out)
    error = np.sqrt((groups - 1) / groups * ((np.array(left_out) - np.mean(left_out)) ** 2).sum())
    return found, float(error)


def _counts(scores: FloatArray) -> FloatArray:
    counts = np.histogram(np.clip(scores, -REACH, REACH), BINS, (-REACH, REACH))[0]
    return counts.astype(np.float64)


def _shared(counts: FloatArray, width: float) -> float:
    step = 2 * REACH / BINS
    edges = np.linspace(-REACH, REACH, BINS + 1)
    prior = np.diff(special.ndtr(edges / np.sqrt(1.0 + width**2)))
    mine = ndimage.gaussian_filter1d(counts / counts.sum(), width / step, mode="constant")
    return float(np.minimum(prior, mine).sum())
