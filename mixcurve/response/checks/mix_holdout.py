"""`holdout_mix` and `rolling_mix`: how well `fit_mix` forecasts periods that it has not seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mixcurve.foundations.errors import InputError
from mixcurve.response.checks.holdout import holdout_forecast, rolling_forecast
from mixcurve.response.checks.scores import ForecastComparison
from mixcurve.response.fit.mix.fit import fit_mix
from mixcurve.response.fit.mix.predict import predict_mix

if TYPE_CHECKING:
    from mixcurve.tables.table import SpendTable

__all__ = ["HORIZON", "holdout_mix", "rolling_mix"]

Progress = Callable[[str, int, int], None]

HORIZON = {"day": 91, "week": 13, "month": 3, "year": 1}
"""Periods forecast unless said otherwise: a quarter, for which budgets are planned; a year where rows are years."""


def holdout_mix(
    table: SpendTable, *, horizon: int | None = None, level: float = 0.9, seed: int = 0, **fit_arguments: Any
) -> ForecastComparison:
    """Fit a mix to all periods but the last, forecast those from their spend, and compare with naive forecasts.

    The forecast knows the spend and the controls of the periods held out, as a plan does, and not their response.

    Parameters
    ----------
    table
        From `read_spend`.
    horizon
        Periods held out; a quarter if not given.
    level
        Level of the intervals whose coverage is counted.
    seed
        Of the noise in the draws.
    fit_arguments
        Passed on to `fit_mix`, such as ``curve`` and ``carryover``.

    Returns
    -------
    ForecastComparison
        Its ``sentence`` says whether the model forecasts better than the same period last year.

    Raises
    ------
    InputError
        If the periods left cannot be fitted, or an argument is none of `fit_mix`.

    Examples
    --------
    >>> from mixcurve.response.simulate import simulate_market
    >>> market = simulate_market(2, periods=156, noise=0.02, seed=3)
    >>> found = holdout_mix(market.table, season=1, starts=16, resamples=20)
    >>> found.standing, len(found.actual)
    ('ahead', 13)
    """
    refit, predict = _callables(fit_arguments, seed)
    return holdout_forecast(table, refit, predict, horizon=_horizon(table, horizon), level=level)


def rolling_mix(
    table: SpendTable,
    *,
    initial: int | None = None,
    horizon: int | None = None,
    step: int | None = None,
    level: float = 0.9,
    seed: int = 0,
    progress: Progress | None = None,
    **fit_arguments: Any,
) -> ForecastComparison:
    """Refit a mix from one origin after the other, and score its forecasts together, beside naive ones.

    Parameters
    ----------
    table, level, seed, fit_arguments
        As for `holdout_mix`.
    initial
        The least number of periods to fit to; two thirds of them if not given.
    horizon
        Periods forecast from each origin; a quarter if not given.
    step
        Periods from one origin to the next; the horizon if not given.
    progress
        Called as ``progress(stage, done, total)`` before each origin and at the end.

    Raises
    ------
    InputError
        As `holdout_mix`, and if the periods do not suffice.
    """
    refit, predict = _callables(fit_arguments, seed)
    first = max(1, table.n_periods * 2 // 3) if initial is None else initial
    return rolling_forecast(
        table, refit, predict, initial=first, horizon=_horizon(table, horizon), step=step, level=level,
        progress=progress,
    )  # fmt: skip


def _horizon(table: SpendTable, horizon: int | None) -> int:
    return HORIZON[table.every] if horizon is None else horizon


def _callables(
    fit_arguments: dict[str, Any], seed: int
) -> tuple[Callable[[SpendTable], Any], Callable[[Any, SpendTable], tuple[Any, Any]]]:
    """Return how a mix is fitted and how it forecasts.

    The present plan and the progress of each fit are no matter here: only the forecast leaves this function.
    """
    allowed = set(fit_mix.__kwdefaults__ or {}) - {"progress", "current", "level"}
    unknown = sorted(set(fit_arguments) - allowed)
    if unknown:
        raise InputError(f"fit_mix takes no {', '.join(unknown)} here. Known: {', '.join(sorted(allowed))}.")

    def refit(before: SpendTable) -> Any:
        return fit_mix(before, **fit_arguments)

    def predict(fit: Any, after: SpendTable) -> tuple[Any, Any]:
        return predict_mix(fit, after, seed=seed)

    return refit, predict
