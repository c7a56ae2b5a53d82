"""What a fit minimises: the deviance of a family of responses, or a robust loss, row by row.

Every loss is written as a deviance d(y, μ), 0 at μ = y, whose weighted sum a fit minimises. With the mean μ it has the
slope ``-½ ∂d/∂μ`` and a curvature that is never negative (expected information, or the weight of a robust loss), which
is all that Fisher scoring needs (McCullagh and Nelder 1989, chapter 2; Huber 1981, chapter 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, gammaln, xlog1py, xlogy

__all__ = [
    "FAMILIES",
    "LOSSES",
    "Binomial",
    "Family",
    "Huber",
    "Loss",
    "LossName",
    "NegativeBinomial",
    "Poisson",
    "Squares",
    "StudentT",
    "loss_of",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Rows = tuple[FloatArray, FloatArray, FloatArray]

Family = Literal["gaussian", "poisson", "negative binomial", "binomial"]
LossName = Literal["squares", "huber", "student_t"]
FAMILIES: tuple[Family, ...] = ("gaussian", "poisson", "negative binomial", "binomial")
LOSSES: tuple[LossName, ...] = ("squares", "huber", "student_t")

HUBER_CORNER = 1.345
"""Scaled residual beyond which Huber's loss is linear: 95% efficient with Gaussian noise (Holland and Welsch 1977)."""
STUDENT_DEGREES = 4.0
"""Degrees of freedom of the Student-t loss (Lange, Little and Taylor 1989)."""
LEAST_MEAN = 1e-10
"""A mean of counts or rates nearer than this to the end of its range counts as this near."""


class Loss(Protocol):
    """A deviance with its slope and curvature in the mean.

    ``low`` and ``high`` bound the mean; ``rows(y, mu, which)`` takes (B × n) arrays, ``which`` (B,) telling the problem
    of each row of the batch, and returns deviance, slope and curvature (B × n each). ``log_likelihood`` (B × n) is per
    row of data, or NaN where the loss is no likelihood.
    """

    @property
    def low(self) -> float: ...  # noqa: D102
    @property
    def high(self) -> float: ...  # noqa: D102
    def rows(self, y: FloatArray, mu: FloatArray, which: IntArray) -> Rows: ...  # noqa: D102
    def log_likelihood(self, y: FloatArray, mu: FloatArray, weight: FloatArray) -> FloatArray: ...  # noqa: D102


@dataclass(frozen=True)
class Squares:
    """Gaussian noise of one variance: d = (y - μ)²."""

    low: float = -np.inf
    high: float = np.inf

    def rows(self, y: FloatArray, mu: FloatArray, which: IntArray) -> Rows:
        """Return deviance, slope and curvature."""
        residual = y - mu
        return residual * residual, residual, np.ones_like(residual)

    def log_likelihood(self, y: FloatArray, mu: FloatArray, weight: FloatArray) -> FloatArray:
        """Return the Gaussian log-density at the maximum-likelihood variance; weights are precisions."""
        used = weight > 0
        squares = (weight * (y - mu) ** 2).sum(axis=1) / used.sum(axis=1)
        variance = np.maximum(squares[:, None], np.finfo(np.float64).tiny) / np.where(used, weight, 1.0)
        return np.where(used, -0.5 * (np.log(2 * np.pi * variance) + (y - mu) ** 2 / variance), 0.0)


@dataclass(frozen=True)
class Poisson:
    """Counts whose variance is their mean: d = 2 (y log(y / μ) - (y - μ))."""

    low: float = LEAST_MEAN
    high: float = np.inf

    def rows(self, y: FloatArray, mu: FloatArray, which: IntArray) -> Rows:
        """Return deviance, slope and curvature."""
        return 2 * (xlogy(y, y / mu) - (y - mu)), (y - mu) / mu, 1 / mu

    def log_likelihood(self, y: FloatArray, mu: FloatArray, weight: FloatArray) -> FloatArray:
        """Return the log-probability of each count, times its weight."""
        return weight * (xlogy(y, mu) - mu - gammaln(y + 1))


@dataclass(frozen=True, eq=False)
class NegativeBinomial:
    """Counts of variance μ + dispersion μ²; ``dispersion`` is one number per problem (B,)."""

    dispersion: FloatArray
    low: float = LEAST_MEAN
    high: float = np.inf

    def rows(self, y: FloatArray, mu: FloatArray, which: IntArray) -> Rows:
        """Return deviance 2 (y log(y / μ) - (y + 1/α) log((1 + α y) / (1 + α μ))), slope and curvature."""
        alpha = self.dispersion[which][:, None]
        variance = mu * (1 + alpha * mu)
        shrunk = (y + 1 / alpha) * (np.log1p(alpha * y) - np.log1p(alpha * mu))
        return 2 * (xlogy(y, y / mu) - shrunk), (y - mu) / variance, 1 / variance

    def log_likelihood(self, y: FloatArray, mu: FloatArray, weight: FloatArray) -> FloatArray:
        """Return the log-probability of each count, times its weight."""
        size = 1 / self.dispersion[:, None]
        chance = gammaln(y + size) - gammaln(size) - gammaln(y + 1)
        return weight * (chance - size * np.log1p(mu / size) + xlogy(y, mu / (size + mu)))


@dataclass(frozen=True)
class Binomial:
    """Shares y of w exposures (the weights): d = 2 (y log(y / μ) + (1 - y) log((1 - y) / (1 - μ)))."""

    low: float = LEAST_MEAN
    high: float = 1 - LEAST_MEAN

    def rows(self, y: FloatArray, mu: FloatArray, which: IntArray) -> Rows:
        """Return deviance, slope and curvature of one exposure."""
        variance = mu * (1 - mu)
        deviance: FloatArray = np.asarray(xlogy(y, y / mu) + xlogy(1 - y, (1 - y) / (1 - mu)))
        return 2 * deviance, (y - mu) / variance, 1 / variance

    def log_likelihood(self, y: FloatArray, mu: FloatArray, weight: FloatArray) -> FloatArray:
        """Return the log-probability of y × weight conversions out of ``weight`` exposures."""
        hits = y * weight
        ways = -np.log1p(weight) - betaln(weight - hits + 1, hits + 1)
        return np.where(weight > 0, ways + xlogy(hits, mu) + xlog1py(weight - hits, -mu), 0.0)


@dataclass(frozen=True, eq=False)
class Huber:
    """Squares up to a corner of 1.345 scales, a straight line beyond.

    ``scale`` is one per problem (B,); ``root`` (B × n) are the roots of weights that are precisions: the scale of a row
    is then ``scale / root``. None where all are 1.
    """

    scale: FloatArray
    root: FloatArray | None = None
    low: float = -np.inf
    high: float = np.inf

    def rows(self, y: FloatArray, mu: FloatArray, which: IntArray) -> Rows:
        """Return deviance, slope and weight."""
        corner: FloatArray = HUBER_CORNER * _row_scale(self, which)
        residual = y - mu
        size: FloatArray = np.abs(residual)
        inside: FloatArray = np.minimum(size, corner)
        weight = np.minimum(1.0, corner / np.maximum(size, np.finfo(np.float64).tiny))
        return inside * (2 * size - inside), residual * weight, weight

    def bends(self, y: FloatArray, mu: FloatArray) -> FloatArray:
        """Return the derivative of the slope by the residual."""
        corner = HUBER_CORNER * _row_scale(self, np.arange(len(y)))
        return (np.abs(y - mu) <= corner).astype(np.float64)

    def log_likelihood(self, y: FloatArray, mu: FloatArray, weight: FloatArray) -> FloatArray:
        """Return NaN: the loss is no likelihood, so nothing may be compared by it."""
        return np.full_like(y, np.nan)


@dataclass(frozen=True, eq=False)
class StudentT:
    """The Student-t log-density with 4 degrees of freedom: d = (ν + 1) σ² log(1 + r² / (ν σ²)).

    ``scale`` and ``root`` are as in `Huber`.
    """

    scale: FloatArray
    root: FloatArray | None = None
    low: float = -np.inf
    high: float = np.inf

    def rows(self, y: FloatArray, mu: FloatArray, which: IntArray) -> Rows:
        """Return deviance, slope and weight."""
        square, residual = _row_scale(self, which) ** 2, y - mu
        ratio = residual * residual / (STUDENT_DEGREES * square)
        weight = (STUDENT_DEGREES + 1) / STUDENT_DEGREES / (1 + ratio)
        return (STUDENT_DEGREES + 1) * square * np.log1p(ratio), residual * weight, weight

    def bends(self, y: FloatArray, mu: FloatArray) -> FloatArray:
        """Return the derivative of the slope by the residual."""
        ratio = (y - mu) ** 2 / (STUDENT_DEGREES * _row_scale(self, np.arange(len(y))) ** 2)
        return (STUDENT_DEGREES + 1) / STUDENT_DEGREES * (1 - ratio) / (1 + ratio) ** 2

    def log_likelihood(self, y: FloatArray, mu: FloatArray, weight: FloatArray) -> FloatArray:
        """Return the log-density of each row; weights are precisions."""
        nu, used = STUDENT_DEGREES, weight > 0
        scale = self.scale[:, None] / np.sqrt(np.where(used, weight, 1.0))
        peak = gammaln((nu + 1) / 2) - gammaln(nu / 2) - 0.5 * np.log(nu * np.pi) - np.log(scale)
        return np.where(used, peak - 0.5 * (nu + 1) * np.log1p((y - mu) ** 2 / (nu * scale**2)), 0.0)


def _row_scale(loss: Huber | StudentT, which: IntArray) -> FloatArray:
    """Return the scale of every row (B × n), or of every problem (B × 1) where no row has a weight of its own."""
    scale: FloatArray = loss.scale[which][:, None]
    return scale if loss.root is None else np.asarray(scale / loss.root[which])


def loss_of(loss: Loss, rows: IntArray) -> Loss:
    """Return the loss of these problems of a batch: the numbers that it holds per problem go along."""
    if isinstance(loss, NegativeBinomial):
        return NegativeBinomial(loss.dispersion[rows])
    if isinstance(loss, Huber | StudentT):
        return type(loss)(loss.scale[rows], None if loss.root is None else loss.root[rows])
    return loss
