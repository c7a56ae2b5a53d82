"""The simpler curves that every curve has to beat.

A straight line, before it may say that response saturates; every concave family, before it may say that it bends.
"""

from __future__ import annotations

from typing import Any

from mixcurve.foundations.parameters import Parameter
from mixcurve.response.curves import Curve, curves

__all__ = ["CONCAVE_RIVALS", "LINE", "f_test"]


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


def f_test(full: float, squares: float, restricted: float, freed: float, degrees_of_freedom: int) -> float:
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
