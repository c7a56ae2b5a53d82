"""Forecasts of periods that a model has not seen, beside naive ones on the same rows.

A fit of the past says little of the future: a model with many parameters fits anything. So the last periods are held
out, the model is fitted to those before, and its forecast is scored with what came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, number
from mixcurve.foundations.errors import InputError, MixcurveError
from mixcurve.response.checks.accuracy import naive_error
from mixcurve.response.checks.forecast import Forecast
from mixcurve.response.checks.naive import naive, seasonal_naive
from mixcurve.response.checks.origins import rolling_origins, rows_of
from mixcurve.response.checks.scores import MODEL, ForecastComparison, scored, verdict
from mixcurve.tables.table import SpendTable

__all__ = ["ForecastComparison", "Predict", "holdout_forecast", "rolling_forecast"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Predict = Callable[[Any, SpendTable], tuple[Any, Any]]
Progress = Callable[[str, int, int], None]

MASE_SEASON = {"day": 1, "week": 1, "month": 12, "year": 1}
"""The season of the MASE's scale, as in the M4 competition (Makridakis, Spiliotis and Assimakopoulos 2020)."""
NAIVE = (naive, seasonal_naive)
"""What the model is compared with."""
PAST_SHOWN = {"day": 91, "week": 52, "month": 24, "year": 20}
"""Periods before the forecast that are kept for pictures."""


def holdout_forecast(
    table: SpendTable,
    refit: Callable[[SpendTable], Any],
    predict: Predict,
    *,
    horizon: int,
    level: float = 0.9,
    season: int | None = None,
) -> ForecastComparison:
    """Hold the last ``horizon`` periods out, forecast them, and compare with naive forecasts of the same rows.

    Parameters
    ----------
    table
        The whole table, groups included.
    refit
        ``refit(table)`` fits the model to a table that ends before the periods held out.
    predict
        ``predict(fit, table)`` returns the mean (rows,) and draws (m, rows) of the response, noise included, from the
        spend and controls of the periods held out; draws may be None or empty. It must not look at their response.
    horizon
        Periods held out.
    level
        Level of the intervals whose coverage is counted.
    season
        Of the MASE's scale; 12 for months and 1 otherwise, if not given.

    Returns
    -------
    ForecastComparison
        The model first, then the last value and the same period last year.

    Raises
    ------
    InputError
        If the horizon leaves no periods, the model cannot be fitted, or its forecast has not one value per row.

    Examples
    --------
    >>> from mixcurve.response.simulate import simulate_market
    >>> market = simulate_market(2, periods=120).table
    >>> found = holdout_forecast(
    ...     market,
    ...     refit=lambda table: table.response.mean(),
    ...     predict=lambda mean, table: (np.full(table.n_rows, mean), None),
    ...     horizon=13,
    ... )
    >>> [s.name for s in found.scores]
    ['model', 'last value', 'same week last year']
    """
    periods = table.n_periods
    ahead = int(
        number("horizon", horizon, low=1, high=periods - 1, remedy="Leave periods to fit the model to.")
    )
    how: dict[str, Any] = {"level": level, "season": season}
    return rolling_forecast(table, refit, predict, initial=periods - ahead, horizon=ahead, **how)


def rolling_forecast(
    table: SpendTable,
    refit: Callable[[SpendTable], Any],
    predict: Predict,
    *,
    initial: int,
    horizon: int,
    step: int | None = None,
    level: float = 0.9,
    season: int | None = None,
    progress: Progress | None = None,
) -> ForecastComparison:
    """Forecast from one origin after the other, each time from the periods before it, and score all rows together.

    Parameters
    ----------
    table, refit, predict, level, season
        As for `holdout_forecast`.
    initial, horizon, step
        As for `rolling_origins`.
    progress
        Called as ``progress(stage, done, total)`` before each origin and at the end.

    Raises
    ------
    InputError
        As `holdout_forecast` and `rolling_origins`.
    """
    number("level", level, low=0.5, high=0.999)
    tell = progress or (lambda *_: None)
    days = np.unique(table.dates)
    splits = rolling_origins(len(days), initial=initial, horizon=horizon, step=step)
    lag = MASE_SEASON[table.every] if season is None else int(number("season", season, low=1))
    origins = []
    for done, (known, ahead) in enumerate(splits):
        tell(f"forecasting from {days[known[-1]]}", done, len(splits))
        before, after = rows_of(table, days[known]), rows_of(table, days[ahead])
        origins.append(_origin(before, after, refit, predict, lag))
    tell("done", len(splits), len(splits))
    return _comparison(origins, table, days[: splits[0][0][-1] + 1], level)


@dataclass(frozen=True, eq=False)
class _Origin:
    """The rows forecast from one origin: what came, the forecasts, and the scale of the MASE."""

    after: SpendTable
    forecasts: tuple[Forecast, ...]
    scale: FloatArray


def _origin(
    before: SpendTable, after: SpendTable, refit: Callable[[SpendTable], Any], predict: Predict, lag: int
) -> _Origin:
    try:
        fit = refit(before)
        mean, draws = predict(fit, after)
    except MixcurveError as problem:
        raise InputError(
            f"The {before.n_periods} periods up to {before.dates.max()} give no forecast: {problem}"
        ) from problem
    model = _model(mean, draws, after)
    history, rows = _members(before), _members(after)
    scale = np.full(after.n_rows, np.nan)
    for group, place in rows.items():
        if group in history:
            scale[place] = naive_error(before.response[history[group]], season=lag)
    # For yearly rows the same period last year is the last value: one rival, not two.
    rivals = {f.name: f for f in (_naive(method, before, after, history, rows) for method in NAIVE)}
    return _Origin(after, (model, *rivals.values()), scale)


def _naive(
    method: Callable[..., Forecast],
    before: SpendTable,
    after: SpendTable,
    history: dict[str, IntArray],
    rows: dict[str, IntArray],
) -> Forecast:
    """Return a naive forecast of all rows, each group from its own history; NaN for a group without one."""
    mean, spread, name = np.full(after.n_rows, np.nan), np.full(after.n_rows, np.nan), method.__name__
    for group, place in rows.items():
        if group in history:
            past = history[group]
            made = method(before.dates[past], before.response[past], after.dates[place], every=before.every)
            mean[place], spread[place], name = made.mean, made.spread, made.name
    return Forecast(name, after.dates, mean, spread, np.empty((0, after.n_rows)))


def _members(table: SpendTable) -> dict[str, IntArray]:
    """Return the rows of each group; of the whole table under an empty name where there are none."""
    if table.groups is None:
        return {"": np.arange(table.n_rows)}
    groups = np.asarray(table.groups)
    return {name: np.flatnonzero(groups == name) for name in table.group_names}


def _model(mean: Any, draws: Any, after: SpendTable) -> Forecast:
    expected = finite_array("The model's forecast", mean, ndim=1)
    rows = after.n_rows
    given = draws is not None and np.size(draws) > 0
    sample = (
        finite_array("The draws of the model's forecast", draws, ndim=2) if given else np.empty((0, rows))
    )
    if len(expected) != rows or sample.shape[1] != rows:
        raise InputError(
            f"predict must return a mean of shape ({rows},) and draws of shape (m, {rows}), "
            f"got {expected.shape} and {sample.shape}."
        )
    return Forecast(MODEL, after.dates, expected, np.full(rows, np.nan), sample)


def _comparison(
    origins: Sequence[_Origin], table: SpendTable, past: npt.NDArray[np.datetime64], level: float
) -> ForecastComparison:
    dates = np.concatenate([o.after.dates for o in origins])
    actual = np.concatenate([o.after.response for o in origins])
    scale = np.concatenate([o.scale for o in origins])
    forecasts = tuple(_joined([o.forecasts[i] for o in origins]) for i in range(len(origins[0].forecasts)))
    scores = tuple(scored(actual, f, scale, level) for f in forecasts)
    standing, sentence = verdict(scores, table.response_name)
    groups = tuple(g for o in origins for g in o.after.groups or ()) if table.groups is not None else None
    shown = past[-PAST_SHOWN[table.every] :]
    total = np.array([table.response[table.dates == day].sum() for day in shown])
    return ForecastComparison(
        dates, actual, groups, np.repeat(np.arange(len(origins)), [o.after.n_rows for o in origins]), forecasts,
        scores, shown, total, level, standing, sentence, table.every, table.currency, table.response_name,
    )  # fmt: skip


def _joined(parts: Sequence[Forecast]) -> Forecast:
    """Return the forecasts of several origins as one; of more draws as many are kept as the fewest have."""
    fewest = min(len(p.draws) for p in parts)
    draws = [p.draws[np.linspace(0, len(p.draws) - 1, fewest).astype(int)] for p in parts]
    dates, mean, spread = (
        np.concatenate([getattr(p, name) for p in parts]) for name in ("dates", "mean", "spread")
    )
    return Forecast(parts[0].name, dates, mean, spread, np.concatenate(draws, axis=1))
