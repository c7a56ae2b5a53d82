"""`CurveFits`: what fits of many campaigns return, a row each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.results import Result
from mixcurve.response.curves import Curve
from mixcurve.response.fit.estimates import EstimateInterval

__all__ = ["CurveFits"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CurveFits(Result):
    """A curve for each of many campaigns.

    ``parameters`` and ``standard_errors`` (campaigns × parameters) are in the order of ``parameter_names`` and in the
    units of the data; a campaign that failed has NaN there and its reason in ``message``. Where intervals were asked
    for, ``estimates``, ``low`` and ``high`` (campaigns × figures) hold the profile intervals of ``figures`` at
    ``level``, an open side as an infinity (0 on the low side of a positive figure), ``open_sides`` names the open
    side, and ``grades`` says how far the data support each curve.
    """

    campaigns: tuple[str, ...]
    curve: Curve
    parameter_names: tuple[str, ...]
    parameters: FloatArray
    standard_errors: FloatArray
    rss: FloatArray
    degrees_of_freedom: npt.NDArray[np.intp]
    status: tuple[str, ...]
    message: tuple[str, ...]
    log_likelihood: FloatArray = field(default_factory=lambda: np.empty(0))
    figures: tuple[str, ...] = ()
    estimates: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    low: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    high: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    open_sides: tuple[tuple[str, ...], ...] = ()
    grades: tuple[str, ...] = ()
    findings: tuple[tuple[str, ...], ...] = ()
    level: float = 0.9
    family: str = "gaussian"
    loss: str = "squares"

    @property
    def table(self) -> Any:
        """A pandas frame with a row per campaign: parameters, standard errors, intervals, grade, status, message."""
        import pandas as pd

        columns: dict[str, Any] = dict(zip(self.parameter_names, self.parameters.T, strict=True))
        columns |= {
            f"{n}_error": e for n, e in zip(self.parameter_names, self.standard_errors.T, strict=True)
        }
        for i, name in enumerate(self.figures):
            columns |= {name: self.estimates[:, i]} if name not in columns else {}
            columns |= {f"{name}_low": self.low[:, i], f"{name}_high": self.high[:, i]}
        columns |= {"rss": self.rss} | ({"grade": self.grades} if self.grades else {})
        columns |= {"status": self.status, "message": self.message}
        return pd.DataFrame(columns, index=pd.Index(self.campaigns, name="campaign"))

    def interval(self, campaign: str, name: str) -> EstimateInterval | None:
        """Return the profile interval of a campaign's figure, or None if it was not computed."""
        row = self.campaigns.index(known_name("campaign", campaign, self.campaigns))
        if name not in self.figures or not np.isfinite(self.estimates[row, self.figures.index(name)]):
            return None
        i = self.figures.index(name)
        estimate, low, high = (float(a[row, i]) for a in (self.estimates, self.low, self.high))
        side: Any = self.open_sides[row][i]
        return EstimateInterval(campaign, name, estimate, low, high, self.level, side, "profile")

    def __len__(self) -> int:
        return len(self.campaigns)
