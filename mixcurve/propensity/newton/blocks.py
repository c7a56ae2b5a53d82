"""The rows of a table of features in blocks that stay in the processor's cache, centred and scaled on the way.

The table itself is never copied, centred or scaled. Each block is written into one buffer as ``(x - centre) / scale``
before anything is multiplied, so that a column shifted by a million loses no digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError

__all__ = ["Moments", "Standardised", "block_rows", "column_name", "dense_block", "moments", "spans"]

FloatArray = npt.NDArray[np.float64]

CACHE_BYTES = 1_500_000
"""Bytes of a block: on processors with 1 to 2 MB of cache a core, blocks of 2,048 rows × 86 columns were fastest."""
FEWEST_ROWS, MOST_ROWS = 256, 8192
"""Shorter blocks cost more in calls than they save; longer ones save nothing more."""


def block_rows(columns: int) -> int:
    """Return how many rows of float64 a block should have."""
    return int(np.clip(CACHE_BYTES // (8 * max(columns, 1)), FEWEST_ROWS, MOST_ROWS))


def spans(rows: int, length: int) -> Iterator[slice]:
    """Yield slices of at most ``length`` rows that cover all rows in order."""
    for first in range(0, rows, length):
        yield slice(first, min(first + length, rows))


def dense_block(X: Any, rows: slice) -> npt.NDArray[Any]:
    """Return some rows as a dense array: a view of a NumPy array, a copy of a sparse one."""
    block = X[rows]
    return block.toarray() if hasattr(block, "toarray") else block


def column_name(names: Any, column: int) -> str:
    """Return what to call a column in a sentence."""
    return f"'{names[column]}'" if names is not None else f"{column} (counted from 0)"


@dataclass(frozen=True)
class Moments:
    """The weighted mean and standard deviation of each column, in one pass; the deviation of a constant column is 0."""

    mean: FloatArray
    deviation: FloatArray


def moments(X: Any, weights: FloatArray | None = None, names: Any = None) -> Moments:
    """Return weighted means and standard deviations (divisor: the sum of the weights), and refuse what is not finite.

    Blocks are merged by their own means (Chan, Golub and LeVeque 1983), so that a large shift cancels nothing.
    """
    rows, columns = X.shape
    mean, squares, total = np.zeros(columns), np.zeros(columns), 0.0
    low, high = np.full(columns, np.inf), np.full(columns, -np.inf)
    origin = None
    for span in spans(rows, block_rows(columns)):
        block = np.array(dense_block(X, span), dtype=np.float64)
        _refuse_not_finite(block, span.start, names)
        w = None if weights is None else weights[span]
        if w is not None and not w.all():
            block, w = block[w > 0], w[w > 0]
        if not len(block):
            continue
        low, high = np.minimum(low, block.min(axis=0)), np.maximum(high, block.max(axis=0))
        # Around one of its own values, the mean of a shifted column keeps all digits.
        origin = block[0].copy() if origin is None else origin
        block -= origin
        weight = float(len(block) if w is None else w.sum())
        here = (block.sum(axis=0) if w is None else w @ block) / weight
        block -= here
        np.square(block, out=block)
        delta, total = here - mean, total + weight
        squares += (block.sum(axis=0) if w is None else w @ block) + delta**2 * (
            weight * (total - weight) / total
        )
        mean += delta * (weight / total)
    if origin is None:
        return Moments(mean, squares)
    constant = high == low
    deviation = np.where(constant, 0.0, np.sqrt(squares / total))
    return Moments(np.where(constant, low, origin + mean), deviation)


def _refuse_not_finite(block: FloatArray, first: int, names: Any) -> None:
    # The sum of finite numbers may overflow, so it only says where to look.
    if np.isfinite(block.sum()):
        return
    bad = ~np.isfinite(block)
    if bad.any():
        row, column = (int(i) for i in np.argwhere(bad)[0])
        kind = "NaN" if np.isnan(block[row, column]) else "inf (an infinite value)"
        raise InputError(
            f"X must be finite, but column {column_name(names, column)} holds {kind} in row {first + row}. "
            "Fill or leave out missing values first; mixcurve's FeatureEncoder does."
        )


@dataclass(frozen=True)
class Standardised:
    """A table of features as the solver sees it: ``(x - centre) / scale`` behind a column of ones for the intercept.

    Parameters
    ----------
    X
        (n, p), a NumPy array of any float or a SciPy CSR array; only read.
    centre, scale
        (p,). A column of scale 0 is constant: it is all zeros here, and its coefficient is 0.
    intercept
        Whether the column of ones is one (True) or zeros.
    """

    X: Any
    centre: FloatArray
    scale: FloatArray
    intercept: bool = True

    @property
    def rows(self) -> int:
        """The number of rows."""
        return int(self.X.shape[0])

    @property
    def columns(self) -> int:
        """The number of columns, the intercept's with them."""
        return int(self.X.shape[1]) + 1

    @property
    def multiplier(self) -> FloatArray:
        """What the columns of a centred block are yet to be multiplied by, (p + 1,): 1 and ``1 / scale``."""
        inverse = np.divide(1.0, self.scale, out=np.zeros_like(self.scale), where=self.scale > 0)
        return np.concatenate([[1.0], inverse])

    def centred_blocks(self) -> Iterator[tuple[slice, FloatArray]]:
        """Yield spans of rows with their block, (m, p + 1), centred but not scaled. The next block overwrites it."""
        length = block_rows(self.columns)
        buffer = np.empty((min(length, self.rows), self.columns))
        for span in spans(self.rows, length):
            block = buffer[: span.stop - span.start]
            block[:, 0] = float(self.intercept)
            np.subtract(dense_block(self.X, span), self.centre, out=block[:, 1:])
            yield span, block

    def blocks(self) -> Iterator[tuple[slice, FloatArray]]:
        """Yield spans of rows with their block, (m, p + 1). The next block overwrites it."""
        multiplier = self.multiplier
        for span, block in self.centred_blocks():
            block *= multiplier
            yield span, block

    def standard(self, intercept: float, coefficients: FloatArray) -> FloatArray:
        """Return coefficients of the original features as those of the standardised ones, (p + 1,)."""
        at_centre = intercept + float(self.centre @ coefficients) if self.intercept else 0.0
        return np.concatenate([[at_centre], coefficients * self.scale])

    def original(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Return intercept and coefficients on the original scale."""
        coefficients = theta[1:] * self.multiplier[1:]
        return float(theta[0] - self.centre @ coefficients), coefficients

    def original_covariance(self, covariance: FloatArray) -> FloatArray:
        """Return a covariance of the standardised coefficients on the original scale, (p + 1, p + 1)."""
        turn = np.diag(self.multiplier)
        turn[0, 1:] = -self.centre * self.multiplier[1:]
        return turn @ covariance @ turn.T
