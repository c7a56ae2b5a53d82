"""Whether the channels of a mix can be told apart: inflation, condition, correlation, and a second solution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.mix.basis import MixBasis
from mixcurve.response.fit.mix.profiles import threshold
from mixcurve.response.fit.mix.search import Searched, pulled

__all__ = ["Collinearity", "collinearity", "second_basin"]

FloatArray = npt.NDArray[np.float64]

FAR = 0.25
"""Share by which a channel's contribution differs in another solution for it to count as another answer."""


@dataclass(frozen=True)
class Collinearity:
    """Of the channels' columns with the baseline projected out.

    Parameters
    ----------
    inflation
        (C,): 1 / (1 - R²) of each channel's column on all others (variance inflation).
    condition
        Largest over smallest singular value of the columns at unit length (Belsley, Kuh and Welsch 1980).
    correlation, partner
        The largest absolute correlation of each channel's column with another's, and which channel that is.
    """

    inflation: FloatArray
    condition: float
    correlation: FloatArray
    partner: tuple[str, ...]


def collinearity(basis: MixBasis, theta: FloatArray, channels: tuple[str, ...]) -> Collinearity:
    """Return how far the channels' columns, and those of signed controls, move together at θ (k,)."""
    columns = basis.projected(theta[None])[0].T
    size = np.linalg.norm(columns, axis=0)
    scaled = columns / np.where(size > 0, size, 1.0)
    count = len(channels)
    products = np.abs(scaled[:, :count].T @ scaled[:, :count]) - 2.0 * np.eye(count)
    nearest = products.argmax(axis=1)
    alone = count == 1
    singular = np.linalg.svd(scaled[:, size > 0], compute_uv=False)
    condition = float(singular[0] / max(singular[-1], 1e-12)) if singular.size else 1.0
    return Collinearity(
        np.array([_inflation(scaled, c) for c in range(count)]),
        condition,
        np.zeros(1) if alone else np.clip(products.max(axis=1), 0.0, 1.0),
        ("",) if alone else tuple(channels[i] for i in nearest),
    )


def _inflation(scaled: FloatArray, c: int) -> float:
    others = np.delete(scaled, c, axis=1)
    rest = scaled[:, c]
    if not rest.any():
        return 1.0
    if others.size:
        rest = rest - others @ np.linalg.lstsq(others, rest, rcond=None)[0]
    return 1.0 / max(float(rest @ rest), 1e-12)


def second_basin(basis: MixBasis, found: Searched, level: float) -> npt.NDArray[np.bool_]:
    """Return for each channel whether another solution of the search, within the confidence region, says otherwise.

    The region is that of one figure: objective at most (1 + F / dof) times the least. Otherwise means a total
    contribution that differs by more than `FAR`.
    """
    least = found.objective + pulled(found)
    limit = threshold(least, max(found.degrees_of_freedom, 1.0), level)
    own = _totals(basis, found.theta, found.amplitude)
    differs = np.zeros(len(own), dtype=bool)
    for other in found.basins:
        if other.objective <= limit:
            total = _totals(basis, other.theta, other.amplitude)
            differs |= np.abs(total - own) > FAR * np.maximum(own, total)
    return differs & (own > 0)


def _totals(basis: MixBasis, theta: FloatArray, amplitude: FloatArray) -> FloatArray:
    columns = basis.columns(theta[None])[0]
    return amplitude[: len(columns)] * columns.sum(axis=1)
