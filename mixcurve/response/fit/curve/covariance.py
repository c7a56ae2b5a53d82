"""Covariances of a curve's parameters that do not trust the noise to be even or independent.

Source: MacKinnon and White (1985), Journal of Econometrics 29, 305-325, for HC3; Newey and West (1987, 1994) for HAC.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.curve.batch import Batch

__all__ = ["COVARIANCES", "CovarianceKind", "automatic_lags", "parameter_covariance", "phi_covariance"]

FloatArray = npt.NDArray[np.float64]
CovarianceKind = Literal["model", "hc3", "hac"]
COVARIANCES: tuple[CovarianceKind, ...] = ("model", "hc3", "hac")
MOST_LEVERAGE = 1 - 1e-6


def automatic_lags(rows: int) -> int:
    """Return ``floor(4 (n / 100)^(2/9))``, the lags of Newey and West (1994) for n rows.

    Examples
    --------
    >>> automatic_lags(104)
    4
    """
    return int(np.floor(4 * (rows / 100) ** (2 / 9)))


def phi_covariance(batch: Batch, kind: CovarianceKind) -> FloatArray:
    """Return the covariance of φ (B × p × p); 0 for what was held.

    ``"model"`` trusts the family's variance. The others are sandwiches ``A⁻¹ M A⁻¹`` around the inverse information:
    HC3 takes ``M = Σ (s_i / (1 - h_i))² j_i j_iᵀ`` with the slope s_i of each row's loss, its Jacobian j_i and leverage
    h_i; HAC takes Bartlett-weighted sums of ``s_t s_(t-l) j_t j_(t-l)ᵀ`` up to `automatic_lags`, times n / (n - p).
    """
    if kind == "model":
        return batch.phi_covariance
    problem, everyone = batch.problem, np.arange(len(batch.phi))
    mean, jacobian = problem.jacobian(batch.phi, everyone)
    clipped = np.clip(mean, problem.loss.low, problem.loss.high)
    _, slope, bend = problem.loss.rows(problem.y, clipped, everyone)
    inverse = batch.phi_covariance / batch.threshold_unit[:, None, None]
    # The loss is weighted, so a row's own slope and bend are too.
    score = jacobian * (problem.weight * slope)[:, None, :]
    if kind == "hc3":
        leverage = problem.weight * bend * np.einsum("bpn,bpq,bqn->bn", jacobian, inverse, jacobian)
        inflated = score / (1 - np.clip(leverage, 0.0, MOST_LEVERAGE))[:, None, :]
        meat = inflated @ inflated.transpose(0, 2, 1)
    else:
        meat = (
            _autocorrelated(score) * (problem.rows() / np.maximum(batch.degrees_of_freedom, 1))[:, None, None]
        )
    return np.asarray(inverse @ meat @ inverse)


def _autocorrelated(score: FloatArray) -> FloatArray:
    """Return the Newey-West sum of a score's products with its own past (B × p × p)."""
    total = score @ score.transpose(0, 2, 1)
    lags = automatic_lags(score.shape[2])
    for lag in range(1, lags + 1):
        cross = score[:, :, lag:] @ score[:, :, :-lag].transpose(0, 2, 1)
        total += (1 - lag / (lags + 1)) * (cross + cross.transpose(0, 2, 1))
    return total


def parameter_covariance(batch: Batch, kind: CovarianceKind) -> FloatArray:
    """Return the covariance of the first campaign's parameters in users' units (p × p); NaN for what was held."""
    if kind == "model":
        return batch.covariance[0]
    kept = slice(0 if batch.model.baseline else 1, None)
    ours, model = (c[0, kept, kept] for c in (phi_covariance(batch, kind), batch.phi_covariance))
    # The change of units is the same for both covariances, so their ratio carries it over.
    size = np.sqrt(np.diag(model))
    rate = np.sqrt(np.diag(batch.covariance[0])) / np.where(size > 0, size, np.nan)
    sign = np.where(np.arange(len(rate)) == int(batch.model.baseline), batch.problem.sign[0], 1.0)
    return np.asarray(ours * np.outer(rate * sign, rate * sign))
