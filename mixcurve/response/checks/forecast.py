"""`Forecast`: the response expected in periods that a model has not seen, with its spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.response.checks.crps import crps_of_draws, crps_of_gaussian

__all__ = ["Forecast"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Forecast(Result):
    """The response expected in each of ``rows`` rows, with its spread as draws or as a standard deviation.

    Parameters
    ----------
    name
        What made it, such as ``"model"`` or ``"same week last year"``.
    dates
        Shape (rows,).
    mean
        Shape (rows,), in the unit of the response.
    spread
        Shape (rows,): standard deviation of a Gaussian forecast; NaN where nobody knows it.
    draws
        Shape (m, rows), noise included; m is 0 for none. Where there are draws, intervals and scores come from them.

    Raises
    ------
    InputError
        If the shapes do not agree.

    Examples
    --------
    >>> dates = np.array(["2024-01-01"], dtype="datetime64[D]")
    >>> flat = Forecast("naive", dates, np.array([10.0]), np.array([2.0]), np.empty((0, 1)))
    >>> [limit.round(2).item() for limit in flat.interval(0.9)]
    [6.71, 13.29]
    """

    name: str
    dates: npt.NDArray[np.datetime64]
    mean: FloatArray
    spread: FloatArray
    draws: FloatArray

    def __post_init__(self) -> None:
        rows = len(self.dates)
        shapes = {"mean": (rows,), "spread": (rows,), "draws": (len(self.draws), rows)}
        for field, shape in shapes.items():
            if np.shape(getattr(self, field)) != shape:
                raise InputError(
                    f"{field} of the forecast '{self.name}' must have shape {shape}, one column per date, "
                    f"got {np.shape(getattr(self, field))}."
                )
        super().__post_init__()

    @property
    def has_spread(self) -> bool:
        """Whether every row has an interval."""
        return len(self.draws) > 1 or bool(np.isfinite(self.spread).all())

    def interval(self, level: float = 0.9) -> tuple[FloatArray, FloatArray]:
        """Return the central interval of each row, (rows,) low and high; NaN where the spread is not known.

        It comes from the quantiles of the draws, or from the Gaussian where there are none.
        """
        tail = (1.0 - number("level", level, low=0.5, high=0.999)) / 2.0
        if len(self.draws) > 1:
            low, high = np.quantile(self.draws, [tail, 1.0 - tail], axis=0)
            return low, high
        from scipy.special import ndtri

        reach = -float(ndtri(tail)) * self.spread
        return self.mean - reach, self.mean + reach

    def crps(self, actual: npt.ArrayLike) -> FloatArray:
        """Return the continuous ranked probability score of each row, (rows,); NaN where the spread is not known."""
        if len(self.draws) > 1:
            return crps_of_draws(actual, self.draws)
        known = np.isfinite(self.spread)
        scores = crps_of_gaussian(actual, self.mean, np.where(known, self.spread, 0.0))
        return np.where(known, scores, np.nan)

    def frame(self, level: float = 0.9) -> Any:
        """Return mean and interval by date, as a pandas frame."""
        import pandas as pd

        low, high = self.interval(level)
        columns = {"mean": self.mean, f"low {level:.0%}": low, f"high {level:.0%}": high}
        return pd.DataFrame(columns, index=pd.DatetimeIndex(self.dates, name="date"))
