"""The density of a hierarchy written down in NumPy, to hold the compiled one to, and people to learn from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixcurve.propensity.bayes.density import Coordinates
from mixcurve.propensity.bayes.hierarchy import Hierarchy, PropensityPriors, hierarchy
from mixcurve.sigmoid import expit
from mixcurve.tables.customer_table import CustomerTable
from mixcurve.tables.customers import read_customers

FloatArray = npt.NDArray[np.float64]


def log_density(h: Hierarchy, at: Coordinates, position: FloatArray) -> float:
    """Return what the docstrings of `Hierarchy` and `Coordinates` say, term by term, up to a constant."""
    delta, log_s, w = at.parts(position)
    s, c = np.exp(log_s), at.centred
    total = float((-0.5 * ((at.mode + delta - h.middle) / h.width) ** 2).sum())
    total += float((-0.5 * (s / h.spread) ** 2 + log_s).sum())
    for g in range(h.groups):
        theta = at.mode + delta
        theta[h.varying] += s ** (1.0 - c[g]) * (w[g] - c[g] * delta[h.varying])
        p = expit(h.design[h.spans[g]] @ theta)
        y, weight = h.y[h.spans[g]], h.weights[h.spans[g]]
        total += float((weight * (y * np.log(p) + (1.0 - y) * np.log1p(-p))).sum())
        total += float((-0.5 * ((w[g] - c[g] * delta[h.varying]) / s ** c[g]) ** 2 - c[g] * log_s).sum())
    return total


def problem(groups: int, rows: int, features: int, seed: int = 0, *, weighted: bool = False) -> Hierarchy:
    """Return people of several groups whose coefficients differ by 0.3."""
    rng = np.random.default_rng(seed)
    x, group = rng.standard_normal((rows, features)), rng.integers(0, groups, rows)
    group[:groups] = np.arange(groups)
    theta = rng.normal(0.0, 0.5, features) + 0.3 * rng.standard_normal((groups, features))
    y = (rng.random(rows) < expit((x * theta[group]).sum(axis=1) - 1.0)).astype(np.float64)
    weights = rng.integers(1, 4, rows).astype(np.float64) if weighted else None
    return hierarchy(x, y, weights, group, np.arange(features) % 2 == 0, PropensityPriors())


def clients(
    sizes: tuple[int, ...], spread: float, seed: int = 0
) -> tuple[CustomerTable, FloatArray, pd.DataFrame]:
    """Return customers of several clients, the true θ (G, 3) of intercept, visits and age, and the frame."""
    rng = np.random.default_rng(seed)
    theta = np.array([-1.0, 0.8, -0.4]) + spread * rng.standard_normal((len(sizes), 3))
    group = np.repeat(np.arange(len(sizes)), sizes)
    x = rng.standard_normal((len(group), 2))
    z = theta[group, 0] + (x * theta[group, 1:]).sum(axis=1)
    frame = pd.DataFrame({
        "visits": x[:, 0], "age": 40.0 + 10.0 * x[:, 1], "client": [f"client {g}" for g in group],
        "bought": rng.random(len(group)) < expit(z),
    })  # fmt: skip
    return read_customers(frame, label="bought", segments=["client"]), theta, frame
