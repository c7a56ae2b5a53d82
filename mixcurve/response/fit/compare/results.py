"""What a comparison of curves returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name, spend_array
from mixcurve.foundations.results import Result
from mixcurve.response.curves import Curve
from mixcurve.response.fit.compare.average import AverageResponse, averaged
from mixcurve.response.fit.compare.nesting import NestedTest
from mixcurve.response.fit.compare.origins import ForecastErrors
from mixcurve.response.fit.compare.replicates import LackOfFit
from mixcurve.response.fit.compare.solving import mean_response, parameter_names
from mixcurve.response.fit.rivals import LINE

__all__ = ["ComparedCurve", "Conclusion", "CurveComparison", "Kind"]

FloatArray = npt.NDArray[np.float64]
Kind = Literal["no effect", "straight line", "concave", "S-shaped", "convex", "not fitted"]
Conclusion = Literal["no effect", "straight line", "concave", "S-shaped", "convex", "undecided"]


@dataclass(frozen=True, eq=False)
class ComparedCurve(Result):
    """One curve of a comparison.

    ``kind`` is its shape as fitted over the spend seen: an S-curve without an inflection there is concave, or convex
    where the inflection lies beyond. ``curve`` is None for no effect and for the straight line, which no registry
    holds; ``parameters`` are baseline, top and shape in the units of the data. ``estimated`` counts what was
    estimated, the noise among it. ``delta`` is the distance to the least AICc, ``weight`` the Akaike weight.
    ``resamples`` (draws × parameters) are this curve's share of the draws of the average.
    """

    name: str
    curve: Curve | None
    kind: Kind
    parameters: FloatArray
    estimated: int
    squares: float
    log_likelihood: float
    aicc: float
    bic: float
    delta: float
    weight: float
    forecast: ForecastErrors
    lack_of_fit: LackOfFit
    status: str
    message: str
    resamples: FloatArray

    @property
    def formula(self) -> Curve | None:
        """The curve that gives the response: the straight line's own too, None for no effect."""
        return LINE if self.name == LINE.name else self.curve

    @property
    def named(self) -> dict[str, float]:
        """The parameters by name."""
        return dict(zip(parameter_names(self.formula), self.parameters.tolist(), strict=True))

    def response(self, spend: npt.ArrayLike) -> FloatArray:
        """Return the response, baseline included, at each spend (m,)."""
        x = spend_array("spend", spend, ndim=1)
        return mean_response(self.formula, self.parameters[None], x)[0]


@dataclass(frozen=True, eq=False)
class CurveComparison(Result):
    """Curves fitted to the same rows and compared, the least AICc first, those that failed last.

    ``verdict`` is one plain sentence, ``conclusion`` its word, and ``notes`` are sentences on what speaks against it or
    limits it. ``nested`` are the likelihood ratios. ``spend`` and ``response`` (n,) are the rows in the order of time;
    for the binomial family the response is the share of exposures.
    """

    candidates: tuple[ComparedCurve, ...]
    conclusion: Conclusion
    verdict: str
    notes: tuple[str, ...]
    nested: tuple[NestedTest, ...]
    family: str
    baseline: bool
    level: float
    spend: FloatArray
    response: FloatArray
    every: str = "week"
    currency: str | None = None
    response_name: str = "response"

    @property
    def best(self) -> ComparedCurve:
        """The curve with the least AICc."""
        return self.candidates[0]

    def __getitem__(self, name: str) -> ComparedCurve:
        known_name("curve in this comparison", name, [c.name for c in self.candidates])
        return next(c for c in self.candidates if c.name == name)

    @property
    def table(self) -> Any:
        """A pandas frame with a row per curve.

        ``forecast_error`` is the mean squared error of the rolling forecasts, ``forecast_difference`` how much larger
        it is than the least, and ``difference_error`` the standard error of that.
        """
        import pandas as pd

        rows = [
            {
                "curve": c.name,
                "kind": c.kind,
                "parameters": c.estimated,
                "log_likelihood": c.log_likelihood,
                "aicc": c.aicc,
                "bic": c.bic,
                "delta": c.delta,
                "weight": c.weight,
                "forecast_error": c.forecast.squared,
                "forecast_difference": c.forecast.squared_difference,
                "difference_error": c.forecast.squared_difference_error,
                "lack_of_fit_p": c.lack_of_fit.p,
                "status": c.status,
            }
            for c in self.candidates
        ]
        return pd.DataFrame(rows).set_index("curve")

    @property
    def nested_table(self) -> Any:
        """A pandas frame with a row per nested pair: where they meet, statistic, degrees, p, status, reason."""
        import pandas as pd

        names = ("smaller", "larger", "where", "statistic", "degrees", "p", "status", "reason")
        return pd.DataFrame([{n: getattr(t, n) for n in names} for t in self.nested], columns=list(names))

    def average(self, spend: npt.ArrayLike, *, incremental: bool = False) -> AverageResponse:
        """Return the Akaike-weighted average response at each spend (m,) with its interval at ``level``.

        The interval is unconditional: it holds the spread of the resamples within each curve and the differences
        between curves, each curve by its weight (Buckland, Burnham and Augustin 1997). ``incremental`` leaves the
        baseline out.
        """
        return averaged(self.candidates, spend_array("spend", spend, ndim=1), self.level, incremental)
