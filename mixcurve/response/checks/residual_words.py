"""What each check of residuals says: its status, its rule, and one plain sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result
from mixcurve.response.checks.statistic import ResidualTest

__all__ = [
    "CheckStatus",
    "ResidualCheck",
    "gaussian_check",
    "influence_check",
    "left_out",
    "neighbours_check",
    "outlier_check",
    "series_check",
    "spread_check",
]

FloatArray = npt.NDArray[np.float64]
CheckStatus = Literal["good", "doubtful", "poor", "not available"]

DOUBTFUL, POOR = 0.05, 0.01
"""p-values below which a check is doubtful, and poor: the usual levels."""
NOTABLE, LARGE = 0.5, 1.0
"""Cook's distance from which a row is notable, and from which it moves the fit far: Cook and Weisberg (1982)."""
SKEWED, HEAVY = 0.5, 4.0
"""Skewness that counts as one (Bulmer 1979, Principles of Statistics); kurtosis one above a Gaussian's."""
RULE = f"good if p is at least {DOUBTFUL}, doubtful below that, poor below {POOR}"
RULE_OF_INFLUENCE = f"good if below {NOTABLE}, doubtful below {LARGE:g}, poor from {LARGE:g} on"
MOST_NAMED = 3


@dataclass(frozen=True, eq=False)
class ResidualCheck(Result):
    """One check of residuals.

    Parameters
    ----------
    name
        What is checked, such as ``"autocorrelation"``.
    test
        Whose test it is.
    statistic, p_value
        NaN where there is none.
    status
        Follows from the ``rule``.
    sentence
        What it means, for a planner.
    rule
        When the status is which.
    """

    name: str
    test: str
    statistic: float
    p_value: float
    status: CheckStatus
    sentence: str
    rule: str = RULE


def _judged(name: str, test: ResidualTest, good: str, bad: str) -> ResidualCheck:
    status = _status(test.p_value)
    sentence = good if status == "good" else bad
    return ResidualCheck(
        name, test.name, test.statistic, test.p_value, status, f"{sentence} ({_p(test.p_value)})."
    )


def _status(p: float) -> CheckStatus:
    return "good" if p >= DOUBTFUL else "doubtful" if p >= POOR else "poor"


def _p(p: float) -> str:
    return "p below 0.001" if p < 0.001 else f"p = {p:.{2 if p >= 0.1 else 3}f}"


def _count(number: int, every: str) -> str:
    return f"{number} {every}{'s' if number > 1 else ''}"


def _some(names: Sequence[str]) -> str:
    rest = len(names) - MOST_NAMED
    shown = ", ".join(names[:MOST_NAMED])
    return f"{shown} and {rest} more" if rest > 0 else shown


def left_out(name: str, test: str, why: str) -> ResidualCheck:
    """Return the check that could not be made, and why."""
    return ResidualCheck(name, test, float("nan"), float("nan"), "not available", why)


def series_check(values: FloatArray, test: ResidualTest, every: str) -> ResidualCheck:
    """Return the check of the autocorrelations at all lags."""
    lag = int(np.argmax(np.abs(values))) + 1
    lags = _count(len(values), every)
    good = f"Residuals up to {lags} apart do not go together"
    bad = (
        f"Residuals up to {lags} apart go together, most those {_count(lag, every)} apart "
        f"(correlation {values[lag - 1]:.2f}): "
        "the model lacks something that lasts, and intervals may be too narrow"
    )
    return _judged("autocorrelation", test, good, bad)


def neighbours_check(test: ResidualTest, every: str) -> ResidualCheck:
    """Return the check of neighbouring periods."""
    good = f"The residual of one {every} says nothing of the next"
    bad = (
        f"A {every} above the fit tends to be followed by another above it: intervals may be too narrow"
        if test.statistic < 2.0
        else f"A {every} above the fit tends to be followed by one below it"
    )
    return _judged("neighbours", test, good, bad)


def spread_check(name: str, test: ResidualTest, slopes: FloatArray | None) -> ResidualCheck:
    """Return a check of even spread; ``slopes`` are the correlations of |residual| with fitted response and time."""
    good = "Residuals spread evenly over low and high response" + (
        " and over time" if slopes is not None else ""
    )
    bad = "Residuals spread unevenly over low and high response"
    if slopes is not None:
        with_level = abs(slopes[0]) >= abs(slopes[1])
        grows = slopes[0 if with_level else 1] > 0
        bad = (
            f"Residuals {'grow' if grows else 'shrink'} {'with the response' if with_level else 'over time'}"
        )
    return _judged(
        name, test, good, f"{bad}: intervals are too narrow in some periods and too wide in others"
    )


def outlier_check(names: Sequence[str], studentised: FloatArray, p: FloatArray) -> ResidualCheck:
    """Return the check of outliers, which are named."""
    if np.isnan(p).all():
        return left_out(
            "outliers", "Bonferroni", "Every row sets a parameter on its own, so none can be judged."
        )
    worst, least = float(np.nanmax(np.abs(studentised))), float(np.nanmin(p))
    far = np.flatnonzero(p < DOUBTFUL)
    named = _some([names[i] for i in far[np.argsort(-np.abs(studentised[far]), kind="stable")]])
    good = f"No row lies far from the fit; the furthest is {names[int(np.nanargmax(np.abs(studentised)))]}"
    verb = "lies" if len(far) == 1 else "lie"
    bad = f"{named} {verb} far from the fit: look for an event or an error in the data"
    return _judged("outliers", ResidualTest("Bonferroni", worst, least), good, bad)


def influence_check(names: Sequence[str], cooks: FloatArray, every: str) -> ResidualCheck:
    """Return the check of Cook's distance; rows with a large one are named."""
    if np.isnan(cooks).all():
        why = "The leverage of rows is not known, since the fit's Jacobian was not given."
        return left_out("influence", "Cook's distance", why)
    largest = float(np.nanmax(cooks))
    status: CheckStatus = "good" if largest < NOTABLE else "doubtful" if largest < LARGE else "poor"
    strong = np.flatnonzero(np.nan_to_num(cooks) >= NOTABLE)
    named = _some([names[i] for i in strong[np.argsort(-cooks[strong], kind="stable")]])
    sentence = (
        f"No single {every} moves the fit much"
        if status == "good"
        else f"The fit leans on {named}: it would change much without {'it' if len(strong) == 1 else 'them'}"
    )
    return ResidualCheck(
        "influence", "Cook's distance", largest, float("nan"), status, f"{sentence} (largest {largest:.2f}).",
        RULE_OF_INFLUENCE,
    )  # fmt: skip


def gaussian_check(test: ResidualTest, skewness: float, kurtosis: float) -> ResidualCheck:
    """Return the check of the Gaussian shape; skewness and kurtosis (3 for a Gaussian) say how it is missed."""
    if abs(skewness) > SKEWED:
        how = f"a longer tail {'above' if skewness > 0 else 'below'} the fit"
    else:
        how = (
            "more extreme values than a Gaussian has" if kurtosis > HEAVY else "another shape than a Gaussian"
        )
    bad = f"Residuals have {how}: intervals for single periods may be wrong, those of parameters less so"
    return _judged("shape", test, "Residuals look Gaussian", bad)
