"""statsmodels, glum and firthmodels on one table, without penalty; run by the Python of their own environment.

    run_logistic.py TABLE.npz

Each gets features scaled to unit variance, as their documentation advises, and the median of three runs is kept. The
coefficients printed are those of the features as they came.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import numpy as np

REPEATS = 3
FIRTH_ROWS = 50_000
"""Firth's penalty is for small data; on larger tables it is left out."""


def with_statsmodels(Z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return intercept and coefficients by Newton's method, its default."""
    from statsmodels.api import Logit, add_constant

    return Logit(y, add_constant(Z)).fit(disp=False, tol=1e-8).params


def with_glum(Z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return them by its iteratively reweighted least squares."""
    from glum import GeneralizedLinearRegressor

    model = GeneralizedLinearRegressor(family="binomial", alpha=0, gradient_tol=1e-8).fit(Z, y)
    return np.append(model.intercept_, model.coef_)


def with_firthmodels(Z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return Firth's estimates."""
    from firthmodels import FirthLogisticRegression

    model = FirthLogisticRegression(gtol=1e-8, xtol=1e-8, max_iter=200).fit(Z, y)
    return np.append(model.intercept_, model.coef_)


def measured(
    fit: Callable[[np.ndarray, np.ndarray], np.ndarray], Z: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return what a peer finds, and its median seconds after a warm-up."""
    times = []
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        theta = fit(Z, y)
        times.append(time.perf_counter() - start)
    return theta, float(np.median(times[1:]))


def main() -> None:
    """Fit the table of the file with every peer."""
    data = np.load(sys.argv[1])
    X, y = data["X"], data["y"]
    mean, scale = X.mean(axis=0), X.std(axis=0)
    Z = (X - mean) / scale
    peers = {"statsmodels": ("statsmodels Logit", with_statsmodels), "glum": ("glum", with_glum)}
    if len(y) <= FIRTH_ROWS:
        peers["firthmodels"] = ("firthmodels, Firth", with_firthmodels)
    out = {}
    for name, (what, fit) in peers.items():
        theta, taken = measured(fit, Z, y)
        coefficients = theta[1:] / scale
        out[name] = {"what": what, "seconds": taken, "theta": [theta[0] - mean @ coefficients, *coefficients]}
    print(json.dumps(out))


if __name__ == "__main__":
    main()
