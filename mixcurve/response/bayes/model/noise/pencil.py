"""Inverse and determinant of I - ρ C + ρ² B for every ρ, from one eigendecomposition.

M(ν) = ν² I - ν C + B has 2r roots ν_k; with the eigenvectors X (r × 2r) of its companion matrix and the last r columns
Y (2r × r) of their inverse, M(ν)⁻¹ = X (ν I - J)⁻¹ Y, and so for ρ = 1/ν

    (I - ρ C + ρ² B)⁻¹ = Σ_k x_k y_k' ν_k / (1 - ρ ν_k),        det(I - ρ C + ρ² B) = Π_k (1 - ρ ν_k).

Source: Gohberg, Lancaster and Rodman (1982), Matrix Polynomials, chapter 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Pencil"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pencil:
    """The roots that are real or above the real line, k of them; the conjugates are counted by their weight.

    Parameters
    ----------
    real, imaginary
        Of the roots (k,).
    weight
        1 for a real root, 2 for a pair (k,).
    ends
        (4k × r): what takes a vector q to the real and imaginary parts of x_k' q, then to those of y_k' q.
    """

    real: FloatArray
    imaginary: FloatArray
    weight: FloatArray
    ends: FloatArray

    @classmethod
    def of(cls, across: FloatArray, inner: FloatArray) -> Pencil:
        """Return the pencil of C = ``across`` and B = ``inner``, symmetric (r × r)."""
        r = len(across)
        companion = np.block([[np.zeros((r, r)), np.eye(r)], [-inner, across]])
        roots, vectors = np.linalg.eig(companion)
        x, y = vectors[:r].T, np.linalg.inv(vectors)[:, r:]
        kept = roots.imag >= 0
        x, y, roots = x[kept], y[kept], roots[kept]
        ends = np.concatenate([x.real, x.imag, y.real, y.imag])
        return cls(roots.real, roots.imag, np.where(roots.imag > 0, 2.0, 1.0), ends)

    @classmethod
    def joined(cls, pencils: Sequence[Pencil]) -> Pencil:
        """Return the roots of several pencils one after the other; ``ends`` stay with the parts."""
        real, imaginary, weight = (
            np.concatenate([getattr(p, name) for p in pencils]) for name in ("real", "imaginary", "weight")
        )
        return cls(real, imaginary, weight, np.zeros((0, 0)))

    def _size(self, rho: Any) -> Any:
        """Return |1 - ρ ν|² (k,)."""
        return rho * (-2.0 * self.real) + rho**2 * (self.real**2 + self.imaginary**2) + 1.0

    def log_determinant(self, xp: Any, rho: Any) -> Any:
        """Return log det (1,) in any vector language."""
        return 0.5 * xp.sum(self.weight * xp.log(self._size(rho)))

    def inverse_form(self, xp: Any, rho: Any, images: Sequence[Any]) -> Any:
        """Return q' (I - ρ C + ρ² B)⁻¹ q (1,) from the four images (k,) of q that ``ends`` makes."""
        a, b, c, d = images
        steady = self.real - rho * (self.real**2 + self.imaginary**2)
        above = steady * (a * c - b * d) - self.imaginary * (a * d + b * c)
        return xp.sum(self.weight * above / self._size(rho))
