"""`simulate_lookalike`: a seed audience and a universe, of 85 correlated features, with the best score known."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import optimize
from scipy.special import ndtri

from mixcurve.foundations.checks import generator, number, one_of
from mixcurve.propensity.simulate.people import count_of

__all__ = ["LookalikeSample", "simulate_lookalike"]

FloatArray = npt.NDArray[np.float64]

FEATURES, FACTORS, LEADING = 85, 6, (11, 42, 73)
"""Features, common factors behind them, and the three that tell most."""
AUC_ALL, AUC_THREE = 0.74, 0.71
SHARED = 0.35
"""The share of a feature's variance that comes from common factors."""
WEIGHTS = np.array([1.0, 0.9, 0.8])
DESIGN_SEED = 85
ROWS_AT_ONCE = 100_000


@dataclass(frozen=True, eq=False)
class LookalikeSample:
    """Seeds and universe as arrays; the first rows are the seeds.

    Parameters
    ----------
    X
        (seeds + universe, 85).
    y
        (n,), 1 for a known seed, 0 for the universe.
    hidden
        (n,), whether a row of the universe is like a seed without being known as one.
    names
        (85,), of the features.
    coefficients
        (85,), the truth: those of the best score, which is exactly linear.
    log_odds
        (n,), the truth: log-odds of being like a seed rather than an ordinary person, of a row drawn from as many.
    leading
        The three features that tell most.
    seed
        What it was drawn with.
    """

    X: npt.NDArray[Any] = field(repr=False)
    y: npt.NDArray[np.int64] = field(repr=False)
    hidden: npt.NDArray[np.bool_] = field(repr=False)
    names: tuple[str, ...] = field(repr=False)
    coefficients: FloatArray = field(repr=False)
    log_odds: FloatArray = field(repr=False)
    leading: tuple[str, ...]
    seed: int

    @property
    def table(self) -> Any:
        """A pandas frame: key, features, and whether the person is a known seed."""
        import pandas as pd

        frame = pd.DataFrame(self.X, columns=list(self.names))
        frame.insert(0, "person", [f"p{k:08d}" for k in range(len(frame))])
        frame["seed"] = self.y
        return frame


@cache
def _design() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return loadings (85, factors), the mean of seeds (85,) and the coefficients of the best score (85,)."""
    rng = np.random.default_rng(DESIGN_SEED)
    loadings = rng.normal(size=(FEATURES, FACTORS))
    loadings *= np.sqrt(SHARED / (loadings**2).sum(axis=1))[:, None]
    covariance = loadings @ loadings.T + (1.0 - SHARED) * np.eye(FEATURES)
    others = rng.normal(size=FEATURES)
    others[list(LEADING)] = 0.0
    three = list(LEADING)

    def coefficients(sizes: FloatArray) -> FloatArray:
        found = sizes[1] * others
        found[three] = sizes[0] * WEIGHTS
        return found

    def missed(sizes: FloatArray) -> FloatArray:
        b = coefficients(sizes)
        mean = covariance @ b
        within = mean[three] @ np.linalg.solve(covariance[np.ix_(three, three)], mean[three])
        return np.array([b @ mean - _distance(AUC_ALL) ** 2, within - _distance(AUC_THREE) ** 2])

    b = coefficients(optimize.fsolve(missed, np.array([0.5, 0.05])))
    return loadings, covariance @ b, b


def _distance(auc: float) -> float:
    """Return how far apart two normal distributions lie, in deviations, whose best score has this AUC."""
    return float(np.sqrt(2.0) * ndtri(auc))


def simulate_lookalike(
    seed: int = 0,
    universe: int = 100_000,
    seeds: int = 18_000,
    *,
    hidden_share: float = 0.0,
    dtype: str = "float64",
) -> LookalikeSample:
    r"""Return a seed audience and a universe of people with 85 correlated features.

    Ordinary people are :math:`N(0, \Sigma)`, those like seeds :math:`N(\mu, \Sigma)`, so the best score is linear with
    coefficients :math:`\Sigma^{-1}\mu` and its AUC is :math:`\Phi(\sqrt{\mu^\top\Sigma^{-1}\mu / 2})`: 0.74 with all
    features, 0.71 with the best three. :math:`\Sigma` has six common factors.

    Parameters
    ----------
    seed
        Of the draw.
    universe, seeds
        How many people of each.
    hidden_share
        The share of the universe that is like the seeds without being known as such.
    dtype
        ``"float64"`` or ``"float32"``: 4.2 million people take 2.9 or 1.4 GB.

    Examples
    --------
    >>> sample = simulate_lookalike(seed=1, universe=2000, seeds=500)
    >>> sample.X.shape, int(sample.y.sum())
    ((2500, 85), 500)
    """
    one_of("dtype", dtype, ("float64", "float32"))
    number("hidden_share", hidden_share, low=0.0, high=1.0)
    rng = generator(seed)
    known, others = count_of("seeds", seeds), count_of("universe", universe)
    loadings, mean, b = _design()
    n = known + others
    X, log_odds = np.empty((n, FEATURES), dtype=dtype), np.empty(n)
    like = np.zeros(n, dtype=bool)
    like[:known] = True
    like[known:] = rng.random(others) < hidden_share
    middle = 0.5 * float(mean @ b)
    for first in range(0, n, ROWS_AT_ONCE):
        span = slice(first, min(first + ROWS_AT_ONCE, n))
        m = span.stop - span.start
        block = rng.standard_normal((m, FEATURES)) * np.sqrt(1.0 - SHARED)
        block += rng.standard_normal((m, FACTORS)) @ loadings.T + np.outer(like[span], mean)
        X[span] = block
        log_odds[span] = block @ b - middle
    names = tuple(f"feature_{k + 1:02d}" for k in range(FEATURES))
    y = (np.arange(n) < known).astype(np.int64)
    hidden = like & (y == 0)
    return LookalikeSample(X, y, hidden, names, b, log_odds, tuple(names[j] for j in LEADING), seed)
