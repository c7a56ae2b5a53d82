"""The response averaged over all curves, each by its Akaike weight, with an interval for all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result
from mixcurve.response.fit.compare.solving import mean_response

if TYPE_CHECKING:
    from mixcurve.response.fit.compare.results import ComparedCurve

__all__ = ["AverageResponse", "averaged"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AverageResponse(Result):
    """The Akaike-weighted average response at each spend (m,), and its interval at ``level``.

    Without resamples ``low`` and ``high`` are NaN. ``incremental`` tells whether the baseline is left out.
    """

    spend: FloatArray
    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    level: float
    incremental: bool

    @property
    def frame(self) -> Any:
        """A pandas frame with a row per spend: estimate, low, high."""
        import pandas as pd

        columns = {"spend": self.spend, "estimate": self.estimate, "low": self.low, "high": self.high}
        return pd.DataFrame(columns)


def averaged(
    candidates: Sequence[ComparedCurve], spend: FloatArray, level: float, incremental: bool
) -> AverageResponse:
    """Return the average response and its unconditional interval.

    The estimate is Σ weight × response of each curve. The interval is between percentiles of resamples of all curves
    together, each curve with a share of them equal to its weight, so that it holds the spread within the curves and
    between them (Buckland, Burnham and Augustin 1997, Biometrics 53, 603-618). The weights themselves are held.
    """
    used = [c for c in candidates if c.weight > 0]
    estimate = sum(
        (c.weight * _response(c, c.parameters[None], spend, incremental)[0] for c in used),
        np.zeros(len(spend)),
    )
    low = high = np.full(len(spend), np.nan)
    draws = [_response(c, c.resamples, spend, incremental) for c in used if len(c.resamples)]
    if draws:
        low, high = np.quantile(np.concatenate(draws), [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return AverageResponse(spend, estimate, low, high, level, incremental)


def _response(one: ComparedCurve, parameters: FloatArray, spend: FloatArray, incremental: bool) -> FloatArray:
    """Return the response (B × m) for rows of parameters (B × p)."""
    total = mean_response(one.formula, parameters, spend)
    return total - parameters[:, :1] if incremental else total
