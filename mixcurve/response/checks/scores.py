"""`ForecastScores` and `ForecastComparison`: how a model's forecast did beside forecasts that know nothing of spend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.numbers import Numbers
from mixcurve.foundations.results import Result
from mixcurve.response.checks.accuracy import (
    AccuracyScore,
    ForecastCoverage,
    bias,
    crps_share,
    interval_coverage,
    rmse,
    wape,
)
from mixcurve.response.checks.forecast import Forecast

__all__ = ["MODEL", "ForecastComparison", "ForecastScores", "scored", "verdict"]

FloatArray = npt.NDArray[np.float64]
Standing = Literal["ahead", "behind", "no rival"]

MODEL = "model"
"""The name of the forecast that is compared with the others."""


@dataclass(frozen=True, eq=False)
class ForecastScores(Result):
    """The accuracy of one forecast: ``coverage`` is None where its spread is not known."""

    name: str
    wape: AccuracyScore
    mase: AccuracyScore
    bias: AccuracyScore
    rmse: AccuracyScore
    crps: AccuracyScore
    coverage: ForecastCoverage | None


@dataclass(frozen=True, eq=False)
class ForecastComparison(Result):
    """A model's forecast and its rivals on the same rows.

    Parameters
    ----------
    dates, actual
        Shape (rows,). With several origins, one origin's rows come after another's; a date may come several times.
    groups
        Group of each row, or None.
    origin
        Shape (rows,): number of the origin that each row was forecast from.
    forecasts, scores
        The model first, then its rivals.
    past_dates, past
        The response before the first row forecast, added up over groups, for pictures.
    level
        Level of the intervals whose coverage was counted.
    standing
        Whether the model's WAPE is below that of every rival: ``"ahead"``, ``"behind"``, or ``"no rival"``.
    sentence
        The same for a planner.
    """

    dates: npt.NDArray[np.datetime64]
    actual: FloatArray
    groups: tuple[str, ...] | None
    origin: npt.NDArray[np.int64]
    forecasts: tuple[Forecast, ...]
    scores: tuple[ForecastScores, ...]
    past_dates: npt.NDArray[np.datetime64]
    past: FloatArray
    level: float
    standing: Standing
    sentence: str
    every: str = "week"
    currency: str | None = None
    response_name: str = "response"

    def score(self, name: str) -> ForecastScores:
        """Return the scores of the forecast of this name."""
        names = [s.name for s in self.scores]
        return self.scores[names.index(known_name("forecast", name, names))]

    @property
    def table(self) -> Any:
        """The scores as a pandas frame, one row per forecast."""
        import pandas as pd

        rows = {}
        for s in self.scores:
            share = s.coverage.share if s.coverage is not None else float("nan")
            measures = (s.wape, s.mase, s.bias, s.rmse, s.crps)
            rows[s.name] = {m.name: m.value for m in measures} | {f"coverage of {self.level:.0%}": share}
        return pd.DataFrame.from_dict(rows, orient="index")


def scored(actual: FloatArray, forecast: Forecast, scale: FloatArray, level: float) -> ForecastScores:
    """Return the scores of one forecast; none is defined where it has no value for some row.

    Parameters
    ----------
    actual
        Shape (rows,).
    forecast
        Of the same rows.
    scale
        Shape (rows,): the naive error of the history that each row was forecast from, for the MASE.
    level
        Level of the intervals.
    """
    if not np.isfinite(forecast.mean).all():
        why = f"The history does not hold what '{forecast.name}' needs for every row."
        units: tuple[tuple[str, Literal["share", "ratio", "response"]], ...] = (
            ("WAPE", "share"), ("MASE", "ratio"), ("bias", "share"), ("RMSE", "response"), ("CRPS", "share"),
        )  # fmt: skip
        none = [AccuracyScore(name, float("nan"), unit, "not defined", why) for name, unit in units]
        return ForecastScores(forecast.name, none[0], none[1], none[2], none[3], none[4], None)
    return ForecastScores(
        forecast.name,
        wape(actual, forecast.mean),
        _scaled(actual, forecast.mean, scale),
        bias(actual, forecast.mean),
        rmse(actual, forecast.mean),
        _crps(actual, forecast),
        interval_coverage(actual, *forecast.interval(level), level) if forecast.has_spread else None,
    )


def _scaled(actual: FloatArray, mean: FloatArray, scale: FloatArray) -> AccuracyScore:
    if not (scale > 0).all():
        why = "The history shows no change, or is shorter than a season: there is no scale."
        return AccuracyScore("MASE", float("nan"), "ratio", "not defined", why)
    return AccuracyScore("MASE", float(np.mean(np.abs(mean - actual) / scale)), "ratio")


def _crps(actual: FloatArray, forecast: Forecast) -> AccuracyScore:
    if not forecast.has_spread:
        why = f"The spread of '{forecast.name}' is not known."
        return AccuracyScore("CRPS", float("nan"), "share", "not defined", why)
    return crps_share(actual, forecast.crps(actual))


def verdict(scores: Sequence[ForecastScores], response_name: str) -> tuple[Standing, str]:
    """Return whether the model's forecast beats its rivals, and a sentence that says so.

    Examples
    --------
    >>> dates = np.array(["2024-01-01"], dtype="datetime64[D]")
    >>> none = np.empty((0, 1))
    >>> made = [
    ...     Forecast("model", dates, np.array([94.0]), np.ones(1), none),
    ...     Forecast("same week last year", dates, np.array([109.0]), np.ones(1), none),
    ... ]
    >>> verdict([scored(np.array([100.0]), f, np.ones(1), 0.9) for f in made], "orders")[1]
    "The model's forecast misses by 6% of orders, the same week last year by 9%."
    """
    name = " ".join(response_name.replace("_", " ").split())
    known = {s.name: s.wape.value for s in scores if s.wape.status == "measured"}
    if MODEL not in known:
        return "no rival", f"The forecast cannot be judged as a share of {name}: {scores[0].wape.message}"
    model = known.pop(MODEL)
    best, rest = (
        min(known.values(), default=float("inf")),
        dict(sorted(known.items(), key=lambda item: item[1])),
    )
    digits = 1 if any(f"{model:.0%}" == f"{v:.0%}" and v != model for v in rest.values()) else 0
    share = Numbers().share
    others = [f"the {rival} by {share(value, digits)}" for rival, value in rest.items()]
    joined = ", ".join(others[:-1]) + (" and " if len(others) > 1 else "") + "".join(others[-1:])
    said = f"The model's forecast misses by {share(model, digits)} of {name}" + (
        f", {joined}" if others else ""
    )
    if not rest:
        return "no rival", f"{said}; the history is too short for anything to compare it with."
    if model < best:
        return "ahead", f"{said}."
    return "behind", f"{said}: it looks ahead no better than the {next(iter(rest))}."
