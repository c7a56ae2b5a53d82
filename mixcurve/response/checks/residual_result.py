"""`ResidualChecks`: the residuals of a fit with what they tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.results import Result
from mixcurve.response.checks.autocorrelation import AutocorrelationFunction
from mixcurve.response.checks.residual_words import ResidualCheck

__all__ = ["OUTLIER", "ResidualChecks"]

FloatArray = npt.NDArray[np.float64]

OUTLIER = 0.05
"""Bonferroni p-value below which a row counts as an outlier."""
STATUSES = ("not available", "good", "doubtful", "poor")
"""From the best to the worst."""


@dataclass(frozen=True, eq=False)
class ResidualChecks(Result):
    """The residuals of a fit, row by row, and the checks of them.

    With n rows: ``residual``, ``fitted``, ``standardised`` (residual over its standard deviation), ``studentised`` (the
    same with the row itself left out of the estimate), ``leverage`` and ``cooks_distance`` (NaN where the fit's
    Jacobian was not given), ``outlier_p`` (Bonferroni). ``names`` are the rows' names: their date, and their group if
    any. ``autocorrelation`` is None where nothing varies.
    """

    dates: npt.NDArray[np.datetime64]
    names: tuple[str, ...]
    residual: FloatArray
    fitted: FloatArray
    standardised: FloatArray
    studentised: FloatArray
    leverage: FloatArray
    cooks_distance: FloatArray
    outlier_p: FloatArray
    autocorrelation: AutocorrelationFunction | None
    checks: tuple[ResidualCheck, ...]
    every: str = "week"
    response_name: str = "response"

    def check(self, name: str) -> ResidualCheck:
        """Return the check of this name, such as ``"autocorrelation"``."""
        names = [c.name for c in self.checks]
        return self.checks[names.index(known_name("check", name, names))]

    @property
    def status(self) -> str:
        """The worst status of the checks."""
        return max((c.status for c in self.checks), key=STATUSES.index)

    @property
    def outliers(self) -> tuple[str, ...]:
        """The names of the rows that are outliers, the furthest first."""
        found = np.flatnonzero(self.outlier_p < OUTLIER)
        return tuple(
            self.names[i] for i in found[np.argsort(-np.abs(self.studentised[found]), kind="stable")]
        )

    @property
    def table(self) -> Any:
        """The checks as a pandas frame, one row each."""
        import pandas as pd

        kept = ("name", "test", "statistic", "p_value", "status", "sentence", "rule")
        return pd.DataFrame([{k: getattr(c, k) for k in kept} for c in self.checks]).set_index("name")

    @property
    def frame(self) -> Any:
        """The rows as a pandas frame: residual, fitted, studentised residual, leverage, Cook's distance."""
        import pandas as pd

        kept = (
            "residual",
            "fitted",
            "standardised",
            "studentised",
            "leverage",
            "cooks_distance",
            "outlier_p",
        )
        return pd.DataFrame({k: getattr(self, k) for k in kept}, index=pd.Index(self.names, name="row"))
