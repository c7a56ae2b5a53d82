"""The linear part of a mix: baseline, trend, season and free controls, and the noise's weights and autocorrelation.

With noise of covariance σ² R and coefficients under a pull (precision λ in units of the noise), the sum of squares
after the coefficients are eliminated is that of M y, where M first whitens the rows by R^(-1/2) and then takes out the
part of the rows along each direction of the columns: all of it for a free direction, the share 1 - (1 + d²)^(-1/2) for
one that is pulled, with d² its information over its precision (Robinson 1991, Statistical Science 6, 15-32).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

__all__ = ["LinearPart", "linear_part"]

FloatArray = npt.NDArray[np.float64]

DEPENDENT = 1e-10
"""A direction of the columns that is this much shorter than the longest one is taken for a sum of others."""
FAINT = 1e-8
"""A pulled direction that loses a smaller share than this is left as it is."""


@dataclass(frozen=True, eq=False)
class LinearPart:
    """Columns that are eliminated, and the covariance of the noise.

    Parameters
    ----------
    columns
        (n × z), in the units of the search.
    precision
        (z,): the pull on each coefficient towards 0 in units of the noise variance; 0 for none.
    blocks
        The rows of each group, in the order of time: neither carryover nor autocorrelation crosses from one to another.
    root
        (n,): root of each row's weight, or None for equal weights.
    rho
        Autocorrelation of the noise from one period to the next.
    """

    columns: FloatArray
    precision: FloatArray
    blocks: tuple[slice, ...]
    root: FloatArray | None = None
    rho: float = 0.0

    @cached_property
    def _directions(self) -> tuple[FloatArray, FloatArray]:
        """Orthonormal directions (n × r) of the whitened columns, and the share that each loses (r,)."""
        white = self.whiten(self.columns.T).T
        pulled = self.precision > 0
        free = _orthonormal(white[:, ~pulled])
        if not pulled.any():
            return free, np.ones(free.shape[1])
        rest = white[:, pulled] - free @ (free.T @ white[:, pulled])
        left, size, _ = np.linalg.svd(rest / np.sqrt(self.precision[pulled]), full_matrices=False)
        share = 1.0 - 1.0 / np.sqrt(1.0 + size**2)
        kept = share > FAINT
        return np.column_stack([free, left[:, kept]]), np.concatenate([np.ones(free.shape[1]), share[kept]])

    @cached_property
    def spent(self) -> float:
        """Degrees of freedom that the columns take: the trace of their hat matrix."""
        return float((1.0 - (1.0 - self._directions[1]) ** 2).sum())

    def whiten(self, values: FloatArray) -> FloatArray:
        """Return the values (… × n) in rows of independent noise with one variance (Prais and Winsten 1954)."""
        out = values if self.root is None else values * self.root
        if self.rho == 0.0:
            return out
        white = np.empty_like(out)
        for b in self.blocks:
            one = out[..., b]
            white[..., b.start] = one[..., 0] * np.sqrt(1.0 - self.rho**2)
            white[..., b.start + 1 : b.stop] = one[..., 1:] - self.rho * one[..., :-1]
        return white

    def project(self, values: FloatArray) -> FloatArray:
        """Return the values (… × n) whitened, without what the columns take of them."""
        directions, share = self._directions
        white = self.whiten(values)
        return white - ((white @ directions) * share) @ directions.T

    def project_back(self, values: FloatArray) -> FloatArray:
        """Return Mᵀ values (… × n) for values = M y that went through `project`: ⟨M x, v⟩ = ⟨x, Mᵀ v⟩."""
        directions, share = self._directions
        rest = values - ((values @ directions) * share) @ directions.T
        return self._whiten_back(rest)

    def _whiten_back(self, values: FloatArray) -> FloatArray:
        out = values
        if self.rho != 0.0:
            out = values.copy()
            for b in self.blocks:
                one = values[..., b]
                out[..., b.start] = one[..., 0] * np.sqrt(1.0 - self.rho**2)
                out[..., b.start : b.stop - 1] -= self.rho * one[..., 1:]
        return out if self.root is None else out * self.root

    def coefficients(self, values: FloatArray) -> FloatArray:
        """Return the coefficients (… × z) of values (… × n) on the columns, pulled as they are."""
        target = self.whiten(values)
        return target @ self.coefficient_root()[:, : target.shape[-1]].T

    def log_determinant(self) -> float:
        """Return log det R + log det (I + Z Λ⁻¹ Z') of the pulled part + log det of the free part's information.

        With the sum of squares S it gives the restricted likelihood, -½ ((n - z) log S + this) (Harville 1977).
        """
        of_noise = -len(self.blocks) * np.log(1.0 - self.rho**2)
        of_noise -= 0.0 if self.root is None else 2.0 * float(np.log(self.root).sum())
        pulled = self.precision > 0
        white = self.whiten(self.columns.T).T
        inner = white[:, pulled] / np.sqrt(self.precision[pulled])
        core = np.eye(inner.shape[1]) + inner.T @ inner
        free = white[:, ~pulled]
        across = inner.T @ free
        information = free.T @ free - across.T @ np.linalg.solve(core, across)
        return float(of_noise + np.linalg.slogdet(core)[1] + _log_pseudo_determinant(information))

    def coefficient_root(self) -> FloatArray:
        """Return S (z × r) with S S' the covariance of the coefficients in units of the noise variance."""
        white = self.whiten(self.columns.T).T
        size = np.maximum(np.linalg.norm(white, axis=0), 1e-300)
        stacked = np.concatenate([white / size, np.diag(np.sqrt(self.precision) / size)])
        return np.linalg.pinv(stacked, rcond=DEPENDENT) / size[:, None]

    def with_noise(self, *, root: FloatArray | None, rho: float) -> LinearPart:
        """Return the same columns under other noise."""
        return replace(self, root=root, rho=rho)


def _log_pseudo_determinant(matrix: FloatArray) -> float:
    spectrum = np.linalg.eigvalsh(matrix) if matrix.size else np.ones(0)
    return float(np.log(spectrum[spectrum > DEPENDENT * spectrum.max(initial=0.0)]).sum())


def _orthonormal(columns: FloatArray) -> FloatArray:
    """Return an orthonormal basis of the columns' span; dependent columns are dropped."""
    if not columns.shape[1]:
        return columns
    size = np.linalg.norm(columns, axis=0)
    left, singular, _ = np.linalg.svd(columns / np.where(size > 0, size, 1.0), full_matrices=False)
    return left[:, singular > DEPENDENT * singular[0]]


def linear_part(
    columns: FloatArray, precision: FloatArray | None = None, blocks: tuple[slice, ...] | None = None
) -> LinearPart:
    """Return the linear part of columns (n × z), free and in one block of rows unless said."""
    rows, count = columns.shape
    return LinearPart(
        columns, np.zeros(count) if precision is None else precision, blocks or (slice(0, rows),)
    )
