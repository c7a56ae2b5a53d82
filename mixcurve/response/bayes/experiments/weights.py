"""Draws weighted as if an experiment had not been made, and what weighted draws say."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["moments", "quantiles", "removal_weights"]

FloatArray = npt.NDArray[np.float64]


def removal_weights(log_density: FloatArray) -> tuple[FloatArray, float]:
    """Return weights of draws (D,) that take an experiment out of the posterior, and their Pareto k.

    The weights are proportional to exp(-log density of the experiment), their largest ones smoothed by a generalised
    Pareto distribution. Source: Vehtari, Simpson, Gelman, Yao and Gabry (2024), Pareto smoothed importance sampling.

    Examples
    --------
    >>> weight, k = removal_weights(np.zeros(100))
    >>> float(weight.max()), k
    (0.01, 0.0)
    """
    if np.ptp(log_density) == 0.0:
        return np.full(len(log_density), 1.0 / len(log_density)), 0.0
    from arviz_stats.base.array import BaseArray

    log_weight, k = BaseArray().psislw(log_density)
    raw = np.exp(log_weight - log_weight.max())
    return raw / raw.sum(), float(k)


def moments(values: FloatArray, weight: FloatArray) -> tuple[float, float]:
    """Return the mean and the standard deviation of weighted values (D,)."""
    mean = float(weight @ values)
    return mean, float(np.sqrt(weight @ (values - mean) ** 2))


def quantiles(values: FloatArray, weight: FloatArray, shares: tuple[float, ...]) -> FloatArray:
    """Return quantiles of weighted values (D,): the weight up to the middle of each value, interpolated.

    Examples
    --------
    >>> quantiles(np.array([3.0, 1.0, 2.0]), np.full(3, 1 / 3), (0.5,)).tolist()
    [2.0]
    """
    order = np.argsort(values)
    reached = np.cumsum(weight[order]) - 0.5 * weight[order]
    return np.interp(shares, reached, values[order])
