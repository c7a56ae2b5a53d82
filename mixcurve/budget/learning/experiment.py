"""Tests of one channel: the spend levels, the noise of what is measured, and the beliefs its outcomes lead to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from scipy.stats import qmc

__all__ = ["OUTCOMES", "Design", "Outcomes", "designs", "error_covariance", "outcomes"]

FloatArray = npt.NDArray[np.float64]

OUTCOMES = 64
"""Outcomes that stand for all outcomes of a test; a power of 2, as Sobol points want."""


@dataclass(frozen=True, eq=False)
class Design:
    """A test of one channel: spend levels per period beside the planned one.

    Parameters
    ----------
    channel
        Its place.
    levels
        Spend per period that is tried, in the whole market's terms (L,).
    reference
        The planned spend per period, which the levels are compared with.
    """

    channel: int
    levels: tuple[float, ...]
    reference: float


@dataclass(frozen=True, eq=False)
class Outcomes:
    """K outcomes of a test: their chances (K,), the draws' weights after each (K × D), and the draws left by it.

    ``effective`` is the expected effective number of draws after the test, ``1 / Σ_d weight²``.
    """

    chance: FloatArray
    weight: FloatArray
    effective: float


def designs(channel: int, reference: float, base: float, multiples: Sequence[float]) -> list[Design]:
    """Return the tests of a channel: each multiple of ``base`` alone, and the lowest with the highest.

    The multiples that the plan has already are left out; a channel that the plan leaves off is tried at ``base`` too.

    Examples
    --------
    >>> [d.levels for d in designs(0, 100.0, 100.0, (0.0, 0.5, 2.0))]
    [(0.0,), (50.0,), (200.0,), (0.0, 200.0)]
    >>> [d.levels for d in designs(0, 0.0, 60.0, (0.0, 0.5, 2.0))]
    [(30.0,), (60.0,), (120.0,), (30.0, 120.0)]
    """
    tried = sorted({m * base for m in (*multiples, 1.0)} - {reference})
    found = [Design(channel, (level,), reference) for level in tried]
    if len(tried) > 1:
        found.append(Design(channel, (tried[0], tried[-1]), reference))
    return found


def error_covariance(levels: int, noise: float, periods: float, share: float) -> FloatArray:
    """Return the covariance (L × L) of the measured differences in response per period, in the whole market's terms.

    Each level runs for ``periods`` in its equal part of ``share`` of the market. The rest of the market is the control;
    with a share of 1 the control is as many periods before the test. A part p of a market whose response has the
    standard deviation ``noise`` per period measures the market's response with variance ``noise² / (p periods)``.
    """
    control = 1.0 - share if share < 1.0 else 1.0
    return noise**2 / periods * (np.eye(levels) * (levels / share) + 1.0 / control)


def outcomes(difference: FloatArray, covariance: FloatArray, seed: int) -> Outcomes:
    """Return outcomes of a test that stand for all, and the weights of the draws after each.

    The outcomes y_k are quasi-random: a draw and Gaussian noise each. Draw d leads to outcome k with probability
    ``a_kd = (p(y_k | d) / p(y_k)) / Σ_k (p(y_k | d) / p(y_k))``, which is importance sampling; the chances of the
    outcomes and the weights of the draws follow by Bayes' rule. As the a_kd of a draw add up to exactly 1, this is
    itself a test, somewhat coarser than the one it stands for: it cannot be worth more than the channel's curve.

    Parameters
    ----------
    difference
        Of the response at each level from that at the reference, in each draw (D × L).
    covariance
        Of the measurement (L × L).
    seed
        Of the scrambled Sobol points; tests with equally many levels share them.
    """
    draws, levels = difference.shape
    mean = np.linalg.solve(np.linalg.cholesky(covariance), difference.T).T
    points = qmc.Sobol(levels + 1, rng=np.random.default_rng(seed)).random(OUTCOMES)
    order = np.lexsort(mean.T[::-1])
    chosen = order[np.minimum((points[:, 0] * draws).astype(np.intp), draws - 1)]
    seen = mean[chosen] + ndtri(points[:, 1:])
    log = -0.5 * ((seen[:, None] - mean) ** 2).sum(axis=2)
    log -= _log_sum(log, axis=1)
    joint = np.exp(log - _log_sum(log, axis=0)) / draws
    chance = joint.sum(axis=1)
    kept = chance > 0
    weight = joint[kept] / chance[kept, None]
    effective = float(chance[kept] @ (1.0 / (weight**2).sum(axis=1)))
    return Outcomes(chance[kept], weight, effective)


def _log_sum(log: FloatArray, axis: int) -> FloatArray:
    top = log.max(axis=axis, keepdims=True)
    return np.asarray(top + np.log(np.exp(log - top).sum(axis=axis, keepdims=True)))
