"""`residual_checks`: what the residuals of a fit tell of it, each with a statistic, a status and a plain sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.response.checks.autocorrelation import (
    AutocorrelationFunction,
    autocorrelation_function,
    durbin_watson,
    ljung_box,
)
from mixcurve.response.checks.influence import influence, leverage_of, outlier_p_values
from mixcurve.response.checks.normality import LEAST_ROWS, anderson_darling
from mixcurve.response.checks.residual_result import ResidualChecks
from mixcurve.response.checks.residual_words import (
    ResidualCheck,
    gaussian_check,
    influence_check,
    left_out,
    neighbours_check,
    outlier_check,
    series_check,
    spread_check,
)
from mixcurve.response.checks.statistic import ResidualTest
from mixcurve.response.checks.variance import breusch_pagan, white_on_fitted
from mixcurve.tables.periods import grid_of

__all__ = ["ResidualCheck", "ResidualChecks", "residual_checks"]

FloatArray = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]

USUAL_LAGS, ROWS_PER_LAG = 10, 5
"""Lags tested: 10, and at most a fifth of the periods (Hyndman and Athanasopoulos 2021, section 5.4)."""
SHOWN_LAGS, ROWS_PER_SHOWN_LAG = 26, 3
"""Lags of the autocorrelation function, for pictures: half a year of weeks, and at most a third of the periods."""
SHORT_DATE = {"month": "datetime64[M]", "year": "datetime64[Y]"}
"""Months and years are named without what all their dates share."""
TESTS = {
    "autocorrelation": "Ljung-Box",
    "neighbours": "Durbin-Watson",
    "spread": "Breusch-Pagan",
    "spread with level": "White",
    "outliers": "Bonferroni",
    "influence": "Cook's distance",
    "shape": "Anderson-Darling",
}
"""What is checked, and whose test it is."""
ROUNDING = 1e-10
"""Residuals below this share of the response are what rounding leaves of a perfect fit."""


@dataclass(frozen=True, eq=False)
class _Rows:
    """The checked arguments of `residual_checks`."""

    residual: FloatArray
    fitted: FloatArray
    dates: Dates
    period: npt.NDArray[np.int64]
    groups: tuple[str, ...] | None
    jacobian: FloatArray | None
    leverage: FloatArray
    parameters: int
    every: str

    @property
    def names(self) -> tuple[str, ...]:
        """Each row's date, as short as its period allows, and its group if any."""
        days = self.dates.astype(SHORT_DATE.get(self.every, "datetime64[D]")).astype(str).tolist()
        return tuple(days if self.groups is None else (f"{d} ({g})" for d, g in zip(days, self.groups)))


def residual_checks(
    residual: npt.ArrayLike,
    fitted: npt.ArrayLike,
    *,
    dates: npt.ArrayLike,
    every: str = "week",
    jacobian: npt.ArrayLike | None = None,
    leverage: npt.ArrayLike | None = None,
    parameters: int | None = None,
    lags: int | None = None,
    groups: Sequence[str] | None = None,
    response_name: str = "response",
) -> ResidualChecks:
    """Check residuals for autocorrelation, uneven spread, influential rows, outliers and a Gaussian shape.

    A check is good where p is at least 0.05, doubtful below that, poor below 0.01; for influence, good where Cook's
    distance stays below 0.5, doubtful below 1, poor from 1 on. Each check names its rule.

    Parameters
    ----------
    residual, fitted
        Shape (n,), in the unit of the response; response = fitted + residual.
    dates
        Shape (n,): the date of each row; rows of one group after those of another.
    every
        ``"day"``, ``"week"``, ``"month"`` or ``"year"``.
    jacobian
        Shape (n, p): derivative of the fitted response with respect to the parameters. Without it the autocorrelations
        are judged by the textbook's moments, which warn too often where parameters are many, and leverage is not known.
    leverage
        Shape (n,), in place of a Jacobian that is not at hand.
    parameters
        How many the fit has; the rank of the Jacobian or the sum of the leverages if not given, else 1.
    lags
        The largest lag tested; 10, or a fifth of the periods if that is less.
    groups
        Group of each row.
    response_name
        A word for plots.

    Returns
    -------
    ResidualChecks
        Its ``checks`` are ``"autocorrelation"`` (Ljung and Box), ``"neighbours"`` (Durbin and Watson), ``"spread"``
        (Breusch and Pagan on the fitted response and time), ``"spread with level"`` (White, on the fitted response),
        ``"outliers"``, ``"influence"`` and ``"shape"`` (Anderson and Darling). One that cannot be made is
        ``"not available"`` and says why.

    Raises
    ------
    InputError
        If the shapes do not agree, a value is not finite, or there are not 2 rows more than parameters.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> week = np.datetime64("2024-01-01") + 7 * np.arange(104)
    >>> line = np.column_stack([np.ones(104), np.arange(104)])
    >>> noise = rng.normal(size=104)
    >>> off = noise - line @ np.linalg.lstsq(line, noise)[0]
    >>> found = residual_checks(off, line @ [9.0, 0.1], dates=week, jacobian=line)
    >>> found.status, found.check("autocorrelation").test
    ('good', 'Ljung-Box')
    """
    rows = _rows(residual, fitted, dates, every, jacobian, leverage, parameters, groups)
    words = {"every": every, "response_name": response_name}
    names = rows.names
    if np.abs(rows.residual).max() <= ROUNDING * max(
        np.abs(rows.fitted + rows.residual).max(), np.finfo(float).tiny
    ):
        nothing = np.full(len(names), np.nan)
        why = "The fit leaves no residuals to check."
        checks = tuple(left_out(name, test, why) for name, test in TESTS.items())
        return ResidualChecks(
            rows.dates, names, rows.residual, rows.fitted, nothing, nothing, nothing, nothing, nothing, None, checks,
            **words,
        )  # fmt: skip
    known = bool(np.isfinite(rows.leverage).all())
    each = influence(
        rows.residual,
        rows.leverage if known else np.full(len(names), rows.parameters / len(names)),
        rows.parameters,
    )
    p = outlier_p_values(each.studentised, each.degrees_of_freedom)
    cooks = each.cooks_distance if known else np.full(len(names), np.nan)
    function, serial = _serial(rows, lags)
    checks = (
        *serial,
        *_spread(rows, each.standardised),
        outlier_check(names, each.studentised, p),
        influence_check(names, cooks, rows.every),
        _shape(each.standardised),
    )
    return ResidualChecks(
        rows.dates, names, rows.residual, rows.fitted, each.standardised, each.studentised, rows.leverage, cooks, p,
        function, checks, **words,
    )  # fmt: skip


def _rows(
    residual: npt.ArrayLike, fitted: npt.ArrayLike, dates: npt.ArrayLike, every: str,
    jacobian: npt.ArrayLike | None, leverage: npt.ArrayLike | None, parameters: int | None,
    groups: Sequence[str] | None,
) -> _Rows:  # fmt: skip
    e, f = finite_array("residual", residual, ndim=1), finite_array("fitted", fitted, ndim=1)
    days = np.asarray(dates, dtype="datetime64[D]")
    sizes = {"fitted": len(f), "dates": days.size, "groups": len(groups) if groups is not None else len(e)}
    for name, size in sizes.items():
        if size != len(e):
            raise InputError(f"{name} must have a value for each of the {len(e)} residuals, got {size}.")
    known_name("period", every, ("day", "week", "month", "year"))
    columns = finite_array("jacobian", jacobian, ndim=2) if jacobian is not None else None
    if columns is not None:
        h = leverage_of(columns)
    else:
        h = finite_array("leverage", leverage, ndim=1) if leverage is not None else np.full(len(e), np.nan)
    count = parameters if parameters is not None else max(1, round(float(np.nan_to_num(h).sum())))
    number("parameters", count, low=1, high=len(e) - 2, remedy="Checks need 2 rows more than parameters.")
    grid = grid_of(days.tolist(), every)
    period = np.array([grid.index(day) for day in days.tolist()])
    return _Rows(
        e, f, days, period, tuple(groups) if groups is not None else None, columns, h, int(count), every
    )


def _tried(name: str, make: Callable[[], ResidualCheck]) -> ResidualCheck:
    """Return a check, or the reason why the data do not allow it."""
    try:
        return make()
    except InputError as problem:
        return left_out(name, TESTS[name], str(problem))


def _serial(
    rows: _Rows, lags: int | None
) -> tuple[AutocorrelationFunction | None, tuple[ResidualCheck, ResidualCheck]]:
    periods = len(np.unique(rows.period))
    most = lags if lags is not None else max(1, min(USUAL_LAGS, periods // ROWS_PER_LAG))
    shown = max(most, min(SHOWN_LAGS, periods // ROWS_PER_SHOWN_LAG))
    how: dict[str, Any] = {"jacobian": rows.jacobian, "period": rows.period, "groups": rows.groups}
    found: list[AutocorrelationFunction] = []

    def series() -> ResidualCheck:
        found.append(autocorrelation_function(rows.residual, shown, **how))
        return series_check(found[0].values[:most], ljung_box(rows.residual, most, **how), rows.every)

    def nearest() -> ResidualCheck:
        return neighbours_check(durbin_watson(rows.residual, **how), rows.every)

    checks = _tried("autocorrelation", series), _tried("neighbours", nearest)
    return found[0] if found else None, checks


def _spread(rows: _Rows, standardised: FloatArray) -> tuple[ResidualCheck, ResidualCheck]:
    kept = np.isfinite(standardised)
    e, f, t = standardised[kept], rows.fitted[kept], rows.period[kept].astype(np.float64)
    columns = np.column_stack([f, t - t.mean()])

    def over() -> ResidualCheck:
        slopes = np.array([np.corrcoef(np.abs(e), c)[0, 1] if np.ptp(c) else 0.0 for c in (f, t)])
        return spread_check("spread", breusch_pagan(e, columns), slopes)

    def level() -> ResidualCheck:
        return spread_check("spread with level", white_on_fitted(e, f), None)

    return _tried("spread", over), _tried("spread with level", level)


def _shape(standardised: FloatArray) -> ResidualCheck:
    kept = standardised[np.isfinite(standardised)]

    def shape() -> ResidualCheck:
        found: ResidualTest = anderson_darling(kept)
        return gaussian_check(found, float(np.mean(kept**3)), float(np.mean(kept**4)))

    if len(kept) < LEAST_ROWS:
        return left_out("shape", TESTS["shape"], f"{len(kept)} residuals are too few to tell their shape.")
    return _tried("shape", shape)
