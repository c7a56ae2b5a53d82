"""What one pass over the rows adds up: the log loss, its gradient and its Hessian."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg.blas import dsyrk

from mixcurve.propensity.newton.blocks import Standardised
from mixcurve.sigmoid import cross_entropy, cross_entropy_derivative, expit_derivative

__all__ = ["Rows", "Sums", "leverage_gradient", "pass_over"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Features, labels, weights and offset of the people to learn from.

    Parameters
    ----------
    design
        The features, standardised on the way.
    y
        (n,), 0 or 1.
    weights, offset
        (n,) or None for ones and zeros.
    """

    design: Standardised
    y: FloatArray
    weights: FloatArray | None = None
    offset: FloatArray | None = None

    def score(self, block: FloatArray, span: slice, theta: FloatArray) -> FloatArray:
        """Return the log-odds of a block of rows."""
        z: FloatArray = block @ theta
        return z if self.offset is None else z + self.offset[span]

    def weighted(self, values: FloatArray, span: slice) -> FloatArray:
        """Return values times the weights of their rows."""
        return values if self.weights is None else values * self.weights[span]


@dataclass(frozen=True)
class Sums:
    """Sums over all rows at one set of coefficients.

    Parameters
    ----------
    loss
        Σ w · cross-entropy, in nats.
    gradient, hessian
        Its derivatives in the standardised coefficients, (p + 1,) and (p + 1, p + 1).
    largest
        The largest absolute log-odds of a row.
    """

    loss: float
    gradient: FloatArray
    hessian: FloatArray
    largest: float


def pass_over(rows: Rows, theta: FloatArray) -> Sums:
    """Return all sums at ``theta`` in one pass over the rows.

    The Hessian is one symmetric product a block, of rows times the square root of their weight ``w p (1 - p)``. Blocks
    are centred only; their scale goes into the coefficients before and into the sums after.
    """
    size, multiplier = rows.design.columns, rows.design.multiplier
    scaled = theta * multiplier
    loss, largest = 0.0, 0.0
    gradient, upper = np.zeros(size), np.zeros((size, size), order="F")
    for span, block in rows.design.centred_blocks():
        z, y = rows.score(block, span, scaled), rows.y[span]
        loss += float(rows.weighted(cross_entropy(y, z), span).sum())
        largest = max(largest, float(np.abs(z).max(initial=0.0)))
        gradient += rows.weighted(cross_entropy_derivative(y, z), span) @ block
        block *= np.sqrt(rows.weighted(expit_derivative(z), span))[:, None]
        # Adds to the running sum in place and computes one triangle only: half the work of a general product.
        upper = dsyrk(1.0, block.T, beta=1.0, c=upper, overwrite_c=True)
    hessian = (np.triu(upper) + np.triu(upper, 1).T) * np.outer(multiplier, multiplier)
    return Sums(loss, gradient * multiplier, hessian, largest)


def leverage_gradient(rows: Rows, theta: FloatArray, inverse: FloatArray) -> FloatArray:
    """Return the gradient of ``½ log |information|``: ``Σ h_i (½ - p_i) z_i`` with the leverages ``h_i`` (Firth 1993).

    ``inverse`` is the inverse of the information at ``theta``; ``½ - p`` is ``-½ tanh(score / 2)``.
    """
    total = np.zeros(rows.design.columns)
    for span, block in rows.design.blocks():
        z = rows.score(block, span, theta)
        spread = np.einsum("ij,ij->i", block @ inverse, block)
        leverage = rows.weighted(expit_derivative(z), span) * spread
        total += (-0.5 * np.tanh(0.5 * z) * leverage) @ block
    return total
