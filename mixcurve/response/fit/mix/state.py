"""What a fitted mix keeps to forecast later rows: the linear side, the last spend, the noise, and draws of them all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result
from mixcurve.response.design.description import DesignSpec

__all__ = ["MixState"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MixState(Result):
    """With C channels, G groups (1 without groups), z free and s signed columns, R draws, and L lags.

    Parameters
    ----------
    design
        The linear side; `design_columns` makes its columns for any rows.
    channels, sizes
        The channels without their groups, and the size of each group relative to the mean group (G,).
    parameters
        (1 + R) × C × parameters of the curves in the mean group: the estimate first, ``top`` first, NaN after the last.
        Where groups have curves of their own, (1 + R) × G · C × parameters, one group after the other, in each group's
        own units.
    carryover
        (1 + R) × C × parameters of the kernels, the estimate first; NaN after a kernel's last.
    coefficients, signed
        (1 + R) × z and (1 + R) × s: response per unit of each column, the estimate first.
    recent
        (G × (L - 1) × C): the last spend of the fitted rows, in the order of time; 0 before the first.
    deviation
        (1 + R,): standard deviation of an innovation of the mean group, or with noise ``"poisson"`` the root of the
        variance over the expected response.
    poisson
        Whether the variance is in proportion to the expected response.
    rho
        Autocorrelation of the noise from one period to the next.
    last_residual, last_expected
        (G,): of the last fitted row of each group.
    """

    design: DesignSpec
    channels: tuple[str, ...]
    sizes: FloatArray
    parameters: FloatArray
    carryover: FloatArray
    coefficients: FloatArray
    signed: FloatArray
    recent: FloatArray
    deviation: FloatArray
    poisson: bool
    rho: float
    last_residual: FloatArray
    last_expected: FloatArray
