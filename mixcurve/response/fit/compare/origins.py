"""Rolling-origin cross-validation: each block of rows is forecast from all rows before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result
from mixcurve.response.fit.compare.solving import Fit, Rows, mean_response

__all__ = ["ForecastErrors", "Origins", "forecast_errors", "rolling_origins"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

FIRST_WINDOW = 0.5
"""Share of the rows in the first window: half the rows train every forecast, the other half are forecast."""
LEAST_BLOCKS = 2
"""A standard error needs the errors of at least two forecasts."""


@dataclass(frozen=True, eq=False)
class Origins:
    """The windows (blocks × n) that each block is forecast from, the block of each row (n, -1 before the first)."""

    windows: npt.NDArray[np.bool_]
    block: IntArray
    status: str

    @property
    def first_rows(self) -> int:
        """How many rows the first window has."""
        return int(self.windows[0].sum()) if len(self.windows) else 0


@dataclass(frozen=True, eq=False)
class ForecastErrors(Result):
    """How far one curve's forecasts were from what came.

    ``absolute`` and ``squared`` are weighted means over all rows forecast, in units of response and their square;
    ``*_difference`` is how much larger they are than those of the curve with the least squared error, and
    ``*_difference_error`` the standard error of that difference, from the paired differences of the ``blocks``.
    ``status`` is ``"computed"``, or says why nothing was; then all are NaN.
    """

    status: str
    absolute: float = float("nan")
    squared: float = float("nan")
    absolute_difference: float = float("nan")
    absolute_difference_error: float = float("nan")
    squared_difference: float = float("nan")
    squared_difference_error: float = float("nan")
    blocks: int = 0


def rolling_origins(rows: Rows, folds: int) -> Origins:
    """Return the windows of a rolling origin over the rows.

    The first half of the rows is the first window. The second half is cut into ``folds`` consecutive blocks of equal
    size (at most one row more), and each is forecast from all rows before it (Tashman 2000, International Journal of
    Forecasting 16, 437-450).
    """
    n = len(rows)
    late = int(n * (1 - FIRST_WINDOW))
    blocks = min(folds, late)
    nothing = Origins(np.zeros((0, n), dtype=bool), np.full(n, -1), "not asked for")
    if folds == 0:
        return nothing
    if blocks < LEAST_BLOCKS:
        return replace(nothing, status="too few rows")
    block = np.full(n, -1)
    windows = np.zeros((blocks, n), dtype=bool)
    for k, part in enumerate(np.array_split(np.arange(n - late, n), blocks)):
        block[part] = k
        windows[k, : part[0]] = True
    first = rows.spend[windows[0]]
    if first.max() == 0 or (rows.baseline and first.min() == first.max()):
        return replace(nothing, status="spend does not change in the first window")
    return Origins(windows, block, "computed")


def forecast_errors(fits: Sequence[Fit], rows: Rows, origins: Origins) -> list[ForecastErrors]:
    """Return the errors of each fit's forecasts, and how they differ from those of the best."""
    statuses = [_status(fit, origins) for fit in fits]
    known = [i for i, status in enumerate(statuses) if status == "computed"]
    out = [ForecastErrors(status) for status in statuses]
    if not known:
        return out
    errors = np.stack([_errors(fits[i], rows, origins) for i in known])
    measures = np.abs(errors), errors**2
    total = np.stack([_by_block(m, rows, origins)[0].sum(axis=1) for m in measures])
    best = int(np.argmin(total[1]))
    apart = [_difference(m - m[best], rows, origins) for m in measures]
    for j, i in enumerate(known):
        out[i] = ForecastErrors(
            status="computed",
            absolute=float(total[0, j]),
            squared=float(total[1, j]),
            absolute_difference=float(apart[0][0][j]),
            absolute_difference_error=float(apart[0][1][j]),
            squared_difference=float(apart[1][0][j]),
            squared_difference_error=float(apart[1][1][j]),
            blocks=len(origins.windows),
        )
    return out


def _status(fit: Fit, origins: Origins) -> str:
    if origins.status != "computed":
        return origins.status
    if not np.isfinite(fit.log_likelihood):
        return "not fitted"
    if origins.first_rows <= fit.fitted:
        return "too few rows in the first window"
    if not np.isfinite(fit.parameters).all():
        return "a window could not be fitted"
    return "computed" if fit.windows_converged else "a window did not converge"


def _errors(fit: Fit, rows: Rows, origins: Origins) -> FloatArray:
    """Return response minus forecast (n,); 0 in rows of the first window, which nothing forecasts."""
    forecast = mean_response(fit.curve, fit.parameters[1:], rows.spend)
    late = origins.block >= 0
    at = np.flatnonzero(late)
    out = np.zeros(len(rows))
    out[at] = rows.response[at] - forecast[origins.block[at], at]
    return out


def _by_block(values: FloatArray, rows: Rows, origins: Origins) -> tuple[FloatArray, FloatArray]:
    """Return each block's part of the weighted mean of values (… × n), and its share of the weight."""
    late = origins.block >= 0
    member = (origins.block[:, None] == np.arange(len(origins.windows))) * (rows.weight * late)[:, None]
    return values @ member / member.sum(), member.sum(axis=0) / member.sum()


def _difference(apart: FloatArray, rows: Rows, origins: Origins) -> tuple[FloatArray, FloatArray]:
    """Return the mean of paired differences (curves × n) and its standard error.

    Rows of a block share one fit, so the blocks are what varies: the error is that of a ratio of block totals.
    """
    part, share = _by_block(apart, rows, origins)
    mean = part.sum(axis=1)
    blocks = len(share)
    around = part - mean[:, None] * share
    return mean, np.sqrt((around**2).sum(axis=1) * blocks / (blocks - 1))
