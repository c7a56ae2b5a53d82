"""The columns of one part of the baseline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Block"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Block:
    """Columns of one part, before groups.

    Parameters
    ----------
    part
        What the columns are to a reader: ``"trend"``, ``"season"``, the name of a control.
    values
        (n × k).
    labels
        What each column is called (k).
    penalty
        Precision of each coefficient in units of the noise variance, the same for all; 0 for unrestricted ones.
    pooled
        Whether the groups share the coefficients.
    moving
        Whether these are the steps of a local level or the changes of slope of a piecewise trend.
    """

    part: str
    values: FloatArray
    labels: tuple[str, ...]
    penalty: float = 0.0
    pooled: bool = False
    moving: bool = False
