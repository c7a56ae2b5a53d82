"""Covariances of coefficients: by the model, robust to it, and by clusters of rows that belong together."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.propensity.newton.sums import Rows
from mixcurve.sigmoid import cross_entropy_derivative

__all__ = ["ERRORS", "Errors", "sandwich"]

FloatArray = npt.NDArray[np.float64]
Errors = Literal["model", "robust", "clustered"]
ERRORS: tuple[Errors, ...] = ("model", "robust", "clustered")


def sandwich(
    rows: Rows,
    theta: FloatArray,
    inverse: FloatArray,
    *,
    counts: bool,
    clusters: npt.NDArray[np.intp] | None = None,
) -> FloatArray:
    r"""Return :math:`c\, H^{-1} \left(\sum_g s_g s_g^\top\right) H^{-1}`, with the summed scores of each cluster.

    A row's score is :math:`w (p - y) x`. Without clusters each row is its own, and :math:`c = n / (n - k)` for k
    coefficients (HC1); with G clusters :math:`c = G / (G - 1) \cdot (n - 1) / (n - k)`.

    Parameters
    ----------
    rows, theta
        The data and the coefficients of the standardised features.
    inverse
        :math:`H^{-1}`, (k, k), of the information.
    counts
        Whether a weight of 2 is the row twice (its score is then squared once for each of the two) rather than a
        sampling weight.
    clusters
        (n,), numbers from 0.

    References
    ----------
    Huber (1967); White (1982), Econometrica 50, 1-25. Liang and Zeger (1986), Biometrika 73, 13-22. The factors are
    those of MacKinnon and White (1985), Journal of Econometrics 29, 305-325, and of common statistical packages.
    """
    size = rows.design.columns
    people = float(rows.design.rows if rows.weights is None or not counts else rows.weights.sum())
    meat = np.zeros((size, size))
    sums = None if clusters is None else np.zeros((int(clusters.max()) + 1, size))
    for span, block in rows.design.blocks():
        slope = cross_entropy_derivative(rows.y[span], rows.score(block, span, theta))
        if sums is None or clusters is None:
            root = (
                np.ones(len(block))
                if rows.weights is None
                else rows.weights[span] ** (0.5 if counts else 1.0)
            )
            scores = block * (slope * root)[:, None]
            meat += scores.T @ scores
        else:
            np.add.at(sums, clusters[span], block * rows.weighted(slope, span)[:, None])
    free = people - np.count_nonzero(np.diag(inverse))
    factor = people / free
    if sums is not None:
        groups = len(sums)
        meat, factor = sums.T @ sums, groups / (groups - 1) * (people - 1) / free
    return np.asarray(factor * inverse @ meat @ inverse)
