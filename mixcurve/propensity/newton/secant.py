"""What earlier steps say about a curvature that is only known in part: Firth's penalty has one of its own."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

__all__ = ["LEAST_SHARE", "MOST_PAIRS", "with_secants"]

FloatArray = npt.NDArray[np.float64]

MOST_PAIRS = 8
"""Steps remembered; steps from further back were taken at another place."""
LEAST_SHARE = 0.05
"""A step that met less than this share of the curvature known is left out, so that the result stays positive."""


def with_secants(curvature: FloatArray, pairs: Iterable[tuple[FloatArray, FloatArray]]) -> FloatArray:
    """Return a curvature that agrees with what the gradient did along earlier steps.

    ``C - C s sᵀ C / sᵀ C s + g gᵀ / sᵀ g`` for each step ``s`` and change of gradient ``g``, the update of Broyden,
    Fletcher, Goldfarb and Shanno. Fisher scoring alone may swing about Firth's estimate for ever: along a step into
    separation the true curvature has been twice the information.
    """
    known = curvature
    for step, change in pairs:
        along = known @ step
        before, met = float(step @ along), float(step @ change)
        if before > 0 and met > LEAST_SHARE * before:
            known = known - np.outer(along, along) / before + np.outer(change, change) / met
    return known
