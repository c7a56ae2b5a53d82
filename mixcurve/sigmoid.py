"""The logistic maths that both halves of mixcurve stand on.

Everything is stable over the whole of float64: no overflow, no NaN for finite input, full relative precision in
both tails. Hill is ``expit(slope * (log(spend) - log(half)))``; a propensity is ``expit(score)``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "cross_entropy",
    "cross_entropy_derivative",
    "cross_entropy_second_derivative",
    "expit",
    "expit_derivative",
    "expit_second_derivative",
    "log_expit",
    "log_expit_derivative",
    "logit",
    "logit_derivative",
    "softplus",
    "softplus_derivative",
]

FloatArray = npt.NDArray[np.float64]


def _real(values: npt.ArrayLike) -> FloatArray:
    """Return the values as floats: float32 stays float32, everything else becomes float64."""
    array = np.asarray(values)
    return array if array.dtype in (np.float64, np.float32) else array.astype(np.float64)


def expit(z: npt.ArrayLike) -> Any:
    """Return the logistic function ``1 / (1 + exp(-z))``, elementwise.

    ``exp`` is only ever taken of a non-positive number, so it cannot overflow; below ``z = -745`` the result is 0.

    Parameters
    ----------
    z
        Log-odds, any shape, no unit.

    Examples
    --------
    >>> expit([-800.0, 0.0, 800.0]).tolist()
    [0.0, 0.5, 1.0]
    """
    z = _real(z)
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


def expit_derivative(z: npt.ArrayLike) -> Any:
    """Return ``d expit / dz = expit(z) * expit(-z)``, without cancellation in either tail.

    Examples
    --------
    >>> float(expit_derivative(0.0))
    0.25
    """
    small = np.exp(-np.abs(_real(z)))
    return small / (1.0 + small) ** 2


def expit_second_derivative(z: npt.ArrayLike) -> Any:
    """Return ``d² expit / dz² = expit'(z) * (1 - 2 expit(z)) = -expit'(z) * tanh(z / 2)``.

    Examples
    --------
    >>> float(expit_second_derivative(0.0))
    -0.0
    """
    z = _real(z)
    return -expit_derivative(z) * np.tanh(z / 2)


def logit(p: npt.ArrayLike) -> Any:
    """Return the log-odds ``log(p / (1 - p))`` of probabilities in [0, 1]; 0 gives -inf and 1 gives +inf.

    Near one half ``log p - log(1 - p)`` cancels, so ``2 atanh(2p - 1)`` is used there.

    Examples
    --------
    >>> float(logit(0.5)), float(logit(1.0))
    (0.0, inf)
    """
    p = _real(p)
    middle = (p > 0.3) & (p < 0.7)
    with np.errstate(divide="ignore"):
        tails = np.log(p) - np.log1p(-p)
    return np.where(middle, 2 * np.arctanh(np.where(middle, 2 * p - 1, 0.0)), tails)


def logit_derivative(p: npt.ArrayLike) -> Any:
    """Return ``d logit / dp = 1 / (p (1 - p))``; infinite at 0 and 1.

    Examples
    --------
    >>> float(logit_derivative(0.5))
    4.0
    """
    p = _real(p)
    with np.errstate(divide="ignore"):
        return 1.0 / (p * (1.0 - p))


def softplus(z: npt.ArrayLike) -> Any:
    """Return ``log(1 + exp(z)) = max(z, 0) + log1p(exp(-|z|))``.

    Examples
    --------
    >>> float(softplus(1000.0))
    1000.0
    """
    z = _real(z)
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def softplus_derivative(z: npt.ArrayLike) -> Any:
    """Return ``d softplus / dz = expit(z)``.

    Examples
    --------
    >>> float(softplus_derivative(0.0))
    0.5
    """
    return expit(z)


def log_expit(z: npt.ArrayLike) -> Any:
    """Return ``log(expit(z)) = -softplus(-z)``, exact where ``expit`` itself would round to 0 or 1.

    Examples
    --------
    >>> float(log_expit(-1000.0))
    -1000.0
    """
    return -softplus(-_real(z))


def log_expit_derivative(z: npt.ArrayLike) -> Any:
    """Return ``d log_expit / dz = expit(-z)``.

    Examples
    --------
    >>> float(log_expit_derivative(0.0))
    0.5
    """
    return expit(-_real(z))


def cross_entropy(y: npt.ArrayLike, z: npt.ArrayLike) -> Any:
    """Return the cross-entropy of labels or shares ``y`` in [0, 1] against log-odds ``z``: ``softplus(z) - y z``.

    Written as ``softplus(-z) + (1 - y) z`` for positive ``z``, so that a sure and right score costs exactly nothing.

    Examples
    --------
    >>> cross_entropy([1.0, 0.0], [800.0, 800.0]).tolist()
    [0.0, 800.0]
    """
    y, z = _real(y), _real(z)
    return np.log1p(np.exp(-np.abs(z))) + np.where(z >= 0, (1.0 - y) * z, -y * z)


def cross_entropy_derivative(y: npt.ArrayLike, z: npt.ArrayLike) -> Any:
    """Return ``d cross_entropy / dz = expit(z) - y``.

    Written as ``(1 - y) - expit(-z)`` for positive ``z``, so that the far tail keeps its precision.

    Examples
    --------
    >>> float(cross_entropy_derivative(1.0, 0.0))
    -0.5
    """
    y, z = _real(y), _real(z)
    return np.where(z >= 0, (1.0 - y) - expit(-np.abs(z)), expit(-np.abs(z)) - y)


def cross_entropy_second_derivative(z: npt.ArrayLike) -> Any:
    """Return ``d² cross_entropy / dz² = expit(z) expit(-z)``, whatever the label.

    Examples
    --------
    >>> float(cross_entropy_second_derivative(0.0))
    0.25
    """
    return expit_derivative(z)
