"""Refits to resampled data: moving blocks of residuals, or draws from the family where the response is a count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.curve.batch import Batch
from mixcurve.response.fit.curve.descent import descend
from mixcurve.response.fit.curve.losses import Loss, NegativeBinomial, loss_of

__all__ = ["block_length", "resampled_phi"]

FloatArray = npt.NDArray[np.float64]
LARGEST_COUNT = 2.0**53
"""Largest mean of a count that is drawn: beyond it float64 tells no whole numbers apart."""
ENOUGH = 1e-13
"""Relative fall of the deviance at which a refit has converged."""


def block_length(rows: int) -> int:
    """Return the length of a block, ``n^(1/3)`` rounded (Künsch 1989), so that weekly autocorrelation is kept."""
    return max(1, round(rows ** (1 / 3)))


def resampled_phi(batch: Batch, count: int, rng: np.random.Generator) -> FloatArray:
    """Return φ of refits to resampled responses of the first campaign (count × p).

    Rows are taken to be in the order of time. Residuals are inflated by sqrt(n / (n - p)); counts and shares are drawn
    from their family at the fitted means.
    """
    problem = batch.problem
    if count == 0 or batch.status[0] == "no response":
        return np.empty((0, problem.low.shape[1]))
    zeros = np.zeros(count, dtype=np.intp)
    mean = problem.mean(batch.phi[:1], zeros[:1])[0]
    weight = problem.weight[0]
    if batch.model.counts:
        y = _drawn(problem.loss, np.clip(mean, problem.loss.low, problem.loss.high), weight, count, rng)
    else:
        y = mean + _blocks(batch, count, rng) / np.sqrt(np.where(weight > 0, weight, 1.0))
    again = replace(problem.take(zeros, loss_of(problem.loss, zeros)), y=y)
    everyone = np.arange(count)
    phi = np.tile(batch.phi[0], (count, 1))
    enough = ENOUGH * np.maximum(again(phi, everyone)[0], np.finfo(np.float64).tiny)
    found = descend(again, phi, again.low, again.high, which=everyone, free=again.free, enough=enough)
    return found.phi


def _blocks(batch: Batch, count: int, rng: np.random.Generator) -> FloatArray:
    """Return resampled weighted residuals (count × n) in the units of the search."""
    residual = batch.residual[0] / batch.response_unit[0]
    n = len(residual)
    centred = residual - residual.mean() * batch.model.baseline
    inflated = centred * np.sqrt(n / max(int(batch.degrees_of_freedom[0]), 1))
    block = block_length(n)
    first = rng.integers(0, n - block + 1, (count, -(-n // block)))
    order = (first[:, :, None] + np.arange(block)).reshape(count, -1)[:, :n]
    return np.asarray(inflated[order])


def _drawn(
    loss: Loss, mean: FloatArray, weight: FloatArray, count: int, rng: np.random.Generator
) -> FloatArray:
    """Return counts, or shares of the weight's exposures, drawn at the means (count × n)."""
    size = (count, len(mean))
    if isinstance(loss, NegativeBinomial):
        shape = 1 / float(loss.dispersion[0])
        return rng.poisson(np.minimum(rng.gamma(shape, mean / shape, size), LARGEST_COUNT)).astype(np.float64)
    if np.isfinite(loss.high):
        return np.asarray(rng.binomial(weight.astype(np.int64), mean, size) / np.maximum(weight, 1.0))
    return rng.poisson(np.minimum(mean, LARGEST_COUNT), size).astype(np.float64)
