"""Time-split validation: sample the first periods, forecast the rest, and count how often intervals hold what came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.gate import Gate
from mixcurve.foundations.results import Result
from mixcurve.response.checks.accuracy import ForecastCoverage, interval_coverage
from mixcurve.response.checks.holdout import Predict, holdout_forecast
from mixcurve.response.checks.mix_holdout import HORIZON
from mixcurve.response.checks.scores import MODEL, ForecastComparison
from mixcurve.response.fit.mix.predict import predict_mix

if TYPE_CHECKING:
    from mixcurve.tables.table import SpendTable

__all__ = ["LEVELS", "PosteriorValidation", "validate_posterior"]

LEVELS = (0.5, 0.8, 0.9)
"""Levels of the intervals whose coverage is counted."""


@dataclass(frozen=True, eq=False)
class PosteriorValidation(Result):
    """The forecast of the periods held out, beside naive ones, and the coverage of its intervals.

    Parameters
    ----------
    comparison
        The model and its rivals on the same rows: WAPE, MASE, bias, CRPS.
    coverage
        Of central intervals at each of `LEVELS`, with the 95% interval of each share.
    gates
        Coverage at each level, and the CRPS against the best rival's.
    """

    comparison: ForecastComparison
    coverage: tuple[ForecastCoverage, ...]
    gates: tuple[Gate, ...]

    @property
    def table(self) -> Any:
        """A pandas frame: the share held at each level, its interval, and how many rows."""
        import pandas as pd

        rows = [{"share": c.share, "low": c.low, "high": c.high, "rows": c.rows} for c in self.coverage]
        return pd.DataFrame(rows, index=pd.Index([c.level for c in self.coverage], name="level"))


def validate_posterior(
    table: SpendTable,
    *,
    horizon: int | None = None,
    share: float | None = None,
    seed: int = 0,
    sample: Callable[..., Any] | None = None,
    predict: Predict | None = None,
    **arguments: Any,
) -> PosteriorValidation:
    """Sample a mix from the first periods, forecast the rest from their spend, and see whether its intervals hold them.

    Parameters
    ----------
    table
        From `read_spend`.
    horizon, share
        Periods held out at the end, or their share of all; a quarter of a year if neither is given.
    seed
        Of the draws and of the noise in the forecast.
    sample, predict
        How the posterior is made, ``sample(table, seed=…, **arguments)``, and how it forecasts, ``predict(posterior,
        table) -> mean, draws``; `sample_mix` and `predict_mix` if not given.
    arguments
        Passed on to ``sample``, such as ``curve``, ``carryover`` and ``priors``.

    Returns
    -------
    PosteriorValidation
        Its gates say whether intervals hold what came as often as they state.

    Raises
    ------
    InputError
        If both horizon and share are given, or the periods left cannot be sampled.

    Examples
    --------
    >>> from mixcurve.response.simulate import simulate_market
    >>> market = simulate_market(["tv"], periods=110, seed=1).table
    >>> found = validate_posterior(
    ...     market,
    ...     share=0.2,
    ...     sample=lambda table, seed: (table.response.mean(), table.response.std()),
    ...     predict=lambda fit, table: (
    ...         np.full(table.n_rows, fit[0]),
    ...         np.random.default_rng(1).normal(*fit, (500, table.n_rows)),
    ...     ),
    ... )
    >>> found.table.index.tolist(), found.comparison.dates.shape
    ([0.5, 0.8, 0.9], (22,))
    """
    if horizon is not None and share is not None:
        raise InputError(f"Give horizon or share, not both; got horizon={horizon} and share={share}.")
    ahead = HORIZON[table.every] if horizon is None else horizon
    if share is not None:
        ahead = max(1, round(number("share", share, low=0.0, high=0.9, open_low=True) * table.n_periods))
    make = sample or _sample_mix

    def refit(before: SpendTable) -> Any:
        return make(before, seed=seed, **arguments)

    def forecast(posterior: Any, after: SpendTable) -> tuple[Any, Any]:
        return predict_mix(posterior, after, seed=seed)

    found = holdout_forecast(table, refit, predict or forecast, horizon=ahead, level=LEVELS[-1])
    model = found.forecasts[0]
    if not model.has_spread:
        raise InputError(
            "The forecast has no draws, so its intervals cannot be judged. Return draws from predict."
        )
    coverage = tuple(interval_coverage(found.actual, *model.interval(level), level) for level in LEVELS)
    return PosteriorValidation(found, coverage, (*(_covers(c, found.every) for c in coverage), _beats(found)))


def _sample_mix(table: SpendTable, **arguments: Any) -> Any:
    from mixcurve.response.bayes.mix import sample_mix

    return sample_mix(table, **arguments)


def _covers(found: ForecastCoverage, every: str) -> Gate:
    name = f"share of {every}s ahead within {found.level:.0%} intervals"
    if found.low <= found.level <= found.high:
        return Gate(name, True, found.share, found.level)
    if found.share < found.level:
        cause = "Intervals of the forecast are too narrow, or its middle is off."
        remedy = "See the residuals: autocorrelated noise, a control that is missing, or a trend that ended."
    else:
        cause, remedy = "Intervals of the forecast are wider than need be.", "See the prior of the noise."
    return Gate(name, False, found.share, found.level, f"{found.rows} rows held out", cause, remedy)


def _beats(found: ForecastComparison) -> Gate:
    """Return whether the model's CRPS is below that of every rival whose spread is known, as a ratio to the best."""
    name = "CRPS of the forecast over the best naive one's"
    rivals = {s.name: s.crps.value for s in found.scores if s.name != MODEL and np.isfinite(s.crps.value)}
    mine = found.scores[0].crps.value
    if not rivals or min(rivals.values()) <= 0 or not np.isfinite(mine):
        return Gate(name, True, float("nan"), 1.0, "no rival has a spread")
    best = min(rivals, key=lambda n: rivals[n])
    ratio = mine / rivals[best]
    if ratio < 1.0:
        return Gate(name, True, ratio, 1.0, best)
    cause = f"Knowing the spend did not help: '{best}' forecast better."
    return Gate(
        name, False, ratio, 1.0, best, cause, "See trend, season and controls before trusting the curves."
    )
