"""The numbers behind the pictures of a comparison of curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result
from mixcurve.response.fit.compare.results import CurveComparison

__all__ = ["ComparisonData", "comparison_data"]

FloatArray = npt.NDArray[np.float64]

GRID_POINTS = 161
BEYOND = 1.2
"""The axis of spend ends this many times above the largest spend seen."""
SHOWN = 0.01
"""From this weight on a curve is drawn in a colour of its own."""


@dataclass(frozen=True, eq=False)
class ComparisonData(Result):
    """Every curve over a grid of spend (curves × grid), in the order of the comparison, and their weighted average.

    ``response`` includes the baseline. Curves that were not fitted are left out. ``low`` and ``high`` are the average's
    interval at ``level``, NaN without resamples. ``seen`` is the least and the largest spend seen.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    weights: FloatArray
    delta: FloatArray
    spend: FloatArray
    response: FloatArray
    average: FloatArray
    low: FloatArray
    high: FloatArray
    level: float
    observed_spend: FloatArray
    observed_response: FloatArray
    seen: tuple[float, float]
    verdict: str
    every: str
    currency: str | None
    response_name: str

    @property
    def frame(self) -> Any:
        """The curves, the average and its interval as a pandas frame, one row per spend of the grid."""
        import pandas as pd

        columns: dict[str, Any] = {"spend": self.spend, "average": self.average}
        columns |= {f"low {self.level:.0%}": self.low, f"high {self.level:.0%}": self.high}
        return pd.DataFrame(columns | dict(zip(self.names, self.response, strict=True)))

    @property
    def weight_frame(self) -> Any:
        """The weight of each curve as a pandas frame."""
        import pandas as pd

        columns = {"curve": self.names, "kind": self.kinds, "weight": self.weights, "delta": self.delta}
        return pd.DataFrame(columns).set_index("curve")

    def leading(self, most: int) -> list[int]:
        """Return the places of the curves with the most weight, at most so many and none with hardly any."""
        return [i for i in range(len(self.names)) if self.weights[i] >= SHOWN][:most]


def comparison_data(result: CurveComparison) -> ComparisonData:
    """Return what the pictures of a comparison show.

    Examples
    --------
    >>> import numpy as np
    >>> from mixcurve.response.fit.compare.curves import compare_curves
    >>> result = compare_curves(np.arange(9.0), np.sqrt(np.arange(9.0)), curves=[], resamples=0)
    >>> comparison_data(result).names
    ('power', 'straight_line', 'no_effect')
    """
    fitted = [c for c in result.candidates if np.isfinite(c.parameters).all()]
    seen = float(result.spend.min()), float(result.spend.max())
    grid = np.linspace(0.0, BEYOND * seen[1], GRID_POINTS)
    average = result.average(grid)
    return ComparisonData(
        names=tuple(c.name for c in fitted),
        kinds=tuple(c.kind for c in fitted),
        weights=np.array([c.weight for c in fitted]),
        delta=np.array([c.delta for c in fitted]),
        spend=grid,
        response=np.array([c.response(grid) for c in fitted]).reshape(len(fitted), len(grid)),
        average=average.estimate,
        low=average.low,
        high=average.high,
        level=result.level,
        observed_spend=result.spend,
        observed_response=result.response,
        seen=seen,
        verdict=result.verdict,
        every=result.every,
        currency=result.currency,
        response_name=result.response_name,
    )
