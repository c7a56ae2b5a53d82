"""Information criteria and the weights that follow from them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["akaike_weights", "gaussian_log_likelihood", "information_criteria", "shares_of_draws"]

FloatArray = npt.NDArray[np.float64]

ROUNDING = 1e-12
"""Residuals below this share of the largest response are taken for rounding: about 4,000 steps of float64."""


def gaussian_log_likelihood(squares: float, response: FloatArray, weight: FloatArray) -> float:
    """Return the largest Gaussian log-likelihood of n rows: ½ Σ log w - n/2 (log(2π squares / n) + 1).

    Parameters
    ----------
    squares
        The weighted sum of squared residuals; the variance is its mean, the maximum-likelihood estimate.
    response, weight
        (n,); weights are precisions, and a perfect fit counts as one with residuals of rounding.

    Examples
    --------
    >>> import numpy as np
    >>> round(gaussian_log_likelihood(10.0, np.arange(10.0), np.ones(10)), 4)
    -14.1894
    """
    n = len(response)
    floor = (
        n
        * (ROUNDING * max(float(np.abs(response).max()), np.finfo(np.float64).tiny)) ** 2
        * float(weight.mean())
    )
    variance = max(squares, floor, np.finfo(np.float64).tiny) / n
    return float(0.5 * np.log(weight).sum() - 0.5 * n * (np.log(2 * np.pi * variance) + 1.0))


def information_criteria(log_likelihood: float, parameters: int, rows: int) -> tuple[float, float]:
    """Return AICc and BIC; AICc is NaN where ``rows - parameters - 1`` is not positive.

    AICc = -2 log L + 2 k + 2 k (k + 1) / (n - k - 1) and BIC = -2 log L + k log n, with n rows and k ``parameters``,
    the noise among them.

    References
    ----------
    Burnham, K. P. and Anderson, D. R. (2002), Model Selection and Multimodel Inference, sections 2.4 and 6.4.

    Examples
    --------
    >>> information_criteria(-20.0, 3, 11)
    (49.42857142857143, 47.19368581839511)
    """
    bic = -2.0 * log_likelihood + parameters * float(np.log(rows))
    left = rows - parameters - 1
    if left <= 0:
        return float("nan"), bic
    return -2.0 * log_likelihood + 2.0 * parameters + 2.0 * parameters * (parameters + 1) / left, bic


def akaike_weights(criterion: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return each model's distance to the least criterion, and its weight exp(-distance / 2) over their sum.

    A model without a criterion (NaN) has no distance and the weight 0.

    Examples
    --------
    >>> import numpy as np
    >>> delta, weight = akaike_weights(np.array([10.0, 12.0, np.nan]))
    >>> delta.tolist(), weight.round(3).tolist()
    ([0.0, 2.0, nan], [0.731, 0.269, 0.0])
    """
    known = np.isfinite(criterion)
    if not known.any():
        return np.full(len(criterion), np.nan), np.zeros(len(criterion))
    delta = criterion - criterion[known].min()
    weight = np.where(known, np.exp(-0.5 * np.where(known, delta, 0.0)), 0.0)
    return delta, weight / weight.sum()


def shares_of_draws(weight: FloatArray, total: int) -> npt.NDArray[np.intp]:
    """Return how many of ``total`` draws each model gets, in proportion to its weight (largest remainders).

    Examples
    --------
    >>> import numpy as np
    >>> shares_of_draws(np.array([0.55, 0.30, 0.15]), 10).tolist()
    [6, 3, 1]
    """
    exact = weight * total
    count = np.floor(exact).astype(np.intp)
    missing = total - int(count.sum()) if weight.any() else 0
    # A stable sort gives a tie to the earlier model, so the shares do not depend on the machine.
    count[np.argsort(-(exact - count), kind="stable")[:missing]] += 1
    return count
