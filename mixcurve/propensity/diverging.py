"""What to say when log-odds grow without bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import FitError
from mixcurve.propensity.separation.find import find_separation

__all__ = ["refuse_separation"]

REMEDY = "Give firth=True with l2=0, give l2 above 0, or leave out what separates them."


def refuse_separation(
    X: Any, y: npt.NDArray[np.float64], weights: npt.NDArray[np.float64] | None, names: Sequence[str]
) -> None:
    """Raise a `FitError` that names what separates the classes; return if nothing does, and the estimate exists."""
    found = find_separation(X, y, weights=weights, names=names)
    if found.kind != "none":
        raise FitError(f"{found.summary} No estimate exists without a penalty. {REMEDY}")
