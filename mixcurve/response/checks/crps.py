"""The continuous ranked probability score: how far a forecast's whole distribution lies from what came."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.errors import InputError

__all__ = ["crps_of_draws", "crps_of_gaussian"]

FloatArray = npt.NDArray[np.float64]


def crps_of_draws(actual: npt.ArrayLike, draws: npt.ArrayLike) -> FloatArray:
    """Return the continuous ranked probability score of each row, from draws of the forecast.

    mean_i |x_i - y| - Σ_i Σ_j |x_i - x_j| / (2 m (m - 1)) with m draws x: the fair estimator, whose mean over draws is
    the score of the distribution that they come from, whatever m (it may be negative by chance). Lower is better.

    Parameters
    ----------
    actual
        Shape (rows,).
    draws
        Shape (m, rows), m of at least 2.

    Returns
    -------
    numpy.ndarray
        Shape (rows,), in the unit of the response.

    Raises
    ------
    InputError
        If there are fewer than two draws, the shapes do not agree, or a value is not finite.

    References
    ----------
    Gneiting and Raftery (2007), JASA 102, 359-378, equation 21. Ferro (2014), Quarterly Journal of the Royal
    Meteorological Society 140, 1917-1923, for the fair estimator.

    Examples
    --------
    >>> crps_of_draws([1.0], [[0.0], [2.0], [4.0]]).round(3).tolist()
    [0.333]
    """
    y, x = finite_array("actual", actual, ndim=1), finite_array("draws", draws, ndim=2)
    m = len(x)
    if m < 2 or x.shape[1] != len(y):
        raise InputError(
            f"draws must be at least 2 draws of {len(y)} rows, got shape {x.shape}. Give one column per row."
        )
    # Sorted, the sum over all pairs is a weighted sum: m log m instead of m² work.
    weight = 2.0 * np.arange(1, m + 1) - m - 1
    between = weight @ np.sort(x, axis=0)
    return np.asarray(np.abs(x - y).mean(axis=0) - between / (m * (m - 1)))


def crps_of_gaussian(actual: npt.ArrayLike, mean: npt.ArrayLike, spread: npt.ArrayLike) -> FloatArray:
    """Return the continuous ranked probability score of Gaussian forecasts.

    σ (z (2 Φ(z) - 1) + 2 φ(z) - 1 / √π) with z = (y - μ) / σ; the absolute error where σ is 0.

    Parameters
    ----------
    actual, mean, spread
        Shape (rows,), or numbers; ``spread`` is the standard deviation, not negative.

    Returns
    -------
    numpy.ndarray
        Shape (rows,), in the unit of the response.

    Raises
    ------
    InputError
        If a value is not finite, a spread is negative, or the shapes do not go together.

    References
    ----------
    Gneiting and Raftery (2007), JASA 102, 359-378, equation 20 and the text below it.

    Examples
    --------
    >>> crps_of_gaussian([0.0], [0.0], [1.0]).round(4).tolist()
    [0.2337]
    """
    from scipy.special import ndtr

    given = [finite_array(n, v) for n, v in (("actual", actual), ("mean", mean), ("spread", spread))]
    try:
        y, mu, sigma = np.broadcast_arrays(*given)
    except ValueError:
        shapes = ", ".join(str(v.shape) for v in given)
        raise InputError(
            f"actual, mean and spread must have one shape, got {shapes}. Give one value per row."
        ) from None
    if (sigma < 0).any():
        raise InputError(f"spread must not be negative, got {sigma.min():g}. Give standard deviations.")
    z = (y - mu) / np.where(sigma > 0, sigma, 1.0)
    density = np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)
    score = sigma * (z * (2.0 * ndtr(z) - 1.0) + 2.0 * density - 1.0 / np.sqrt(np.pi))
    return np.asarray(np.where(sigma > 0, score, np.abs(y - mu)))
