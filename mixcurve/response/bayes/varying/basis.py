"""A Gaussian process over the periods as a short sum of sines: the Hilbert-space approximation.

g(t) = Σ_j S(ω_j)^(1/2) φ_j(t) β_j with φ_j(t) = L^(-1/2) sin(ω_j (t + L)), ω_j = j π / (2 L) and β_j standard normal;
S is the spectral density of the kernel, t the period counted from the middle of the table, and L > T / 2 a boundary.

Sources: Solin and Särkkä (2020), Statistics and Computing 30, 419-446; Riutort-Mayol, Bürkner, Andersen, Solin and
Vehtari (2023), Statistics and Computing 33, 17, for the boundary and the number of functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError

__all__ = ["KERNELS", "SmoothBasis", "smooth_basis"]

FloatArray = npt.NDArray[np.float64]

SQUARED_EXPONENTIAL, MATERN = "squared exponential", "matern 5/2"
KERNELS = (SQUARED_EXPONENTIAL, MATERN)
"""exp(-r² / 2) and (1 + √5 r + 5 r² / 3) exp(-√5 r) of the distance r in lengthscales."""
REACH = {SQUARED_EXPONENTIAL: 3.2, MATERN: 4.1}
"""Boundary over the longest lengthscale (Riutort-Mayol et al. 2023, section 4.4)."""
LEAST_REACH = 1.2
"""Boundary over half the table, at least (there)."""
FUNCTIONS = {SQUARED_EXPONENTIAL: 1.75, MATERN: 2.65}
"""Functions needed, over the boundary in shortest lengthscales (there)."""
SHORTEST = 2.0
"""Periods of the shortest lengthscale: below it neighbouring periods hardly share anything."""
LEAST_PERIODS = 8
"""Periods with fewer than which no change of effect can be told from noise."""


@dataclass(frozen=True, eq=False)
class SmoothBasis:
    """Sines over P periods, for lengthscales between ``low`` and ``high`` periods.

    Parameters
    ----------
    columns
        (P × m): φ_j at each period.
    frequency
        (m,): ω_j per period.
    kernel
        One of `KERNELS`.
    low, high
        The lengthscales for which the approximation is good, in periods.

    Examples
    --------
    >>> basis = smooth_basis(104, 13.0, 52.0)
    >>> basis.columns.shape
    (104, 23)
    """

    columns: FloatArray
    frequency: FloatArray
    kernel: str
    low: float
    high: float

    def weights(self, xp: Any, log_lengthscale: Any) -> Any:
        """Return S(ω_j)^(1/2) of a process of variance 1 (m,), in any vector language; its log lengthscale is (1,)."""
        squared = self.frequency**2
        if self.kernel == SQUARED_EXPONENTIAL:
            level = 0.5 * (log_lengthscale + 0.5 * float(np.log(2.0 * np.pi)))
            return xp.exp(level - 0.25 * squared * xp.exp(2.0 * log_lengthscale))
        level = 0.5 * float(np.log(16.0 / 3.0 * 5.0**2.5)) - 2.5 * log_lengthscale
        return xp.exp(level - 1.5 * xp.log(5.0 * xp.exp(-2.0 * log_lengthscale) + squared))


def smooth_basis(
    periods: int, low: float, high: float, kernel: str = SQUARED_EXPONENTIAL, name: str = "lengthscale"
) -> SmoothBasis:
    """Return the basis for a table of so many periods and lengthscales between low and high.

    ``name`` is what the range is called in an error.

    Raises
    ------
    InputError
        If there are too few periods, the kernel is unknown, or the range is upside down, below two periods, or beyond
        the table.
    """
    known_name("kernel", kernel, KERNELS)
    if periods < LEAST_PERIODS:
        raise InputError(
            f"An effect that varies over time needs at least {LEAST_PERIODS} periods, got {periods}. "
            "Leave varying out, or give a longer table."
        )
    shortest = number(
        f"the low end of {name}", low, low=SHORTEST, high=periods, remedy="Lengthscales are in periods."
    )
    longest = number(f"the high end of {name}", high, high=periods, remedy="Lengthscales are in periods.")
    if not shortest < longest:
        raise InputError(f"{name} must be (low, high) with low < high in periods, got ({low:g}, {high:g}).")
    half = 0.5 * (periods - 1)
    boundary = max(REACH[kernel] * longest, LEAST_REACH * half)
    count = min(int(np.ceil(FUNCTIONS[kernel] * boundary / shortest)), periods)
    frequency = np.arange(1, count + 1, dtype=np.float64) * (0.5 * np.pi / boundary)
    time = np.arange(periods) - half
    columns: FloatArray = np.sin(frequency * (time[:, None] + boundary)) / np.sqrt(boundary)
    return SmoothBasis(columns, frequency, kernel, shortest, longest)
