"""The simpler curves that every curve has to beat.

A straight line, before it may say that response saturates; every concave family, before it may say that it bends.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.parameters import Parameter
from mixcurve.response.curves import Curve, curves

__all__ = ["CONCAVE_RIVALS", "LINE", "deviance_test", "f_test"]

FloatArray = npt.NDArray[np.float64]
NOISE_FREE = 1e-24
"""Variance of the noise over a rival's sum of squares below which the curve is exact and the rival is not."""


def _straight(x: Any, reference: Any, xp: Any) -> Any:
    return x / reference


LINE = Curve(
    "straight_line",
    (Parameter("reference", unit="spend", fixed=1.0),),
    _straight,
    form="concave",
    ceiling=False,
)
CONCAVE_RIVALS = (LINE, curves["michaelis_menten"], curves["exponential"], curves["tanh"])
"""An S-curve can mimic a concave curve that levels off faster than its own family's, so the bend must beat them all."""


def f_test(full: float, squares: float, restricted: float, freed: float, degrees_of_freedom: float) -> float:
    """Return the p-value of the F test of a restricted model against the full one.

    Parameters
    ----------
    full, restricted
        The objectives of the two models; a restriction that costs nothing has the p-value 1.
    squares
        The sum of squares of the full model, from which the noise is taken.
    freed
        How many parameters the full model has more, counting what the data determine, so it need not be whole.
    """
    from scipy.special import fdtrc

    if degrees_of_freedom < 1 or freed <= 0 or restricted <= full:
        return 1.0
    if squares <= 1e-24 * restricted:
        return 0.0
    return float(
        fdtrc(freed, degrees_of_freedom, (restricted - full) / freed / (squares / degrees_of_freedom))
    )


def deviance_test(
    full: FloatArray,
    restricted: FloatArray,
    freed: int,
    unit: FloatArray,
    degrees_of_freedom: npt.NDArray | None,
) -> FloatArray:
    """Return the p-values (B,) of restricted models against the full ones from the rise of the deviance.

    Parameters
    ----------
    full, restricted
        Least deviances of the two (B,); a restriction that costs nothing has the p-value 1.
    freed
        How many parameters the full model has more.
    unit
        The rise that stands for one squared standard error (B,): the residual variance, or 1 for counts.
    degrees_of_freedom
        Those of the variance for an F test (B,); None for a chi-squared test (counts, whose variance is known).
    """
    from scipy.special import chdtrc, fdtrc

    rise = np.maximum(np.where(np.isfinite(restricted), restricted, 1e300) - full, 0.0)
    exact = unit <= NOISE_FREE * np.where(np.isfinite(restricted), restricted, 1e300)
    scaled = rise / np.where(exact, 1.0, unit)
    if degrees_of_freedom is None:
        p = chdtrc(freed, scaled)
    else:
        p = np.where(
            degrees_of_freedom < 1, 1.0, fdtrc(freed, np.maximum(degrees_of_freedom, 1), scaled / freed)
        )
    return np.where(rise <= 0, 1.0, np.where(exact, 0.0, p))
