"""The arguments of `flight` as one `FlightProblem`, or a sentence that says what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.amounts import bounds_by_channel
from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.constraints.words import Constraints
from mixcurve.foundations.checks import finite_array, known_name, number, spend_array
from mixcurve.foundations.errors import InputError
from mixcurve.response.carryover import carryovers
from mixcurve.response.fit.mix.basis import ORDERS
from mixcurve.response.fitted import Fitted

__all__ = [
    "ByPeriod",
    "KernelChoice",
    "by_period",
    "kernels_of",
    "money_bounds",
    "period_limits",
    "possible",
    "series",
    "spend_before",
    "whole_number",
]

FloatArray = npt.NDArray[np.float64]
ByPeriod = float | npt.ArrayLike
"""One figure for all periods, or one for each."""
KernelChoice = str | tuple[str, Mapping[str, float] | Sequence[float]]
"""A carryover by name, or with its parameters: ``("geometric", {"decay": 0.6})``."""

LAGS = 208
"""Lags of a kernel that comes without a fit: four years of weeks, after which decay 0.95 leaves 0.002%."""
ROUNDING = 1e-12
"""Relative excess of sums that counts as their rounding."""


def whole_number(name: str, value: Any, low: int = 1) -> int:
    """Return a whole number of at least ``low``, or raise naming the argument."""
    found = number(name, value, low=low)
    if found != int(found):
        raise InputError(f"{name} must be a whole number, got {value!r}.")
    return int(found)


def series(name: str, value: Any, periods: int, *, open_low: bool = False) -> FloatArray:
    """Return a figure for each period (T,), each at least 0, from one figure or one per period."""
    found = spend_array(name, np.atleast_1d(finite_array(name, value)), ndim=1)
    if len(found) not in (1, periods):
        raise InputError(
            f"{name} must be one figure or one for each of the {periods} periods, got {len(found)}."
        )
    if open_low and found.min() <= 0:
        raise InputError(f"{name} must be above 0, got {found.min():g} in period {int(found.argmin()) + 1}.")
    return np.broadcast_to(found, (periods,)).astype(np.float64)


def by_period(
    name: str, value: Any, channels: Sequence[str], periods: int, missing: float, *, open_low: bool = False
) -> FloatArray:
    """Return figures by period and channel (T × C): for all channels alike, or from a mapping by channel."""
    if value is None:
        return np.full((periods, len(channels)), missing)
    if not isinstance(value, Mapping):
        return np.repeat(series(name, value, periods, open_low=open_low)[:, None], len(channels), axis=1)
    out = np.full((periods, len(channels)), missing)
    for channel, given in value.items():
        place = list(channels).index(known_name("channel", channel, channels))
        out[:, place] = series(f"{name}['{channel}']", given, periods, open_low=open_low)
    return out


def kernels_of(
    fitted: Fitted, carryover: Any, length: int | None, periods: int
) -> tuple[tuple[str, ...], FloatArray, int, str]:
    """Return the kernel of each channel, its parameters (C × parameters), the lags, and the order."""
    channels, order = fitted.channels, getattr(fitted, "order", ORDERS[0])
    own = getattr(fitted, "kernel_of", None)
    chosen: dict[str, Any] = {c: own(c) if own is not None else "none" for c in channels}
    if isinstance(carryover, Mapping):
        chosen |= {known_name("channel", c, channels): k for c, k in carryover.items()}
    elif carryover is not None:
        chosen = dict.fromkeys(channels, carryover)
    found = [_kernel(f"carryover of '{c}'", k) for c, k in chosen.items()]
    width = max((len(values) for _, values in found), default=0)
    table = np.full((len(found), width), np.nan)
    for row, (_, values) in zip(table, found, strict=True):
        row[: len(values)] = values
    fitted_length = getattr(fitted, "carryover_length", None) if carryover is None else None
    lags = whole_number("length", length) if length is not None else fitted_length or max(LAGS, periods)
    return tuple(name for name, _ in found), table, int(lags), order


def _kernel(where: str, choice: Any) -> tuple[str, list[float]]:
    name, given = (choice, ()) if isinstance(choice, str) else _two(where, choice)
    kernel = carryovers[name]
    names = [p.name for p in kernel.parameters]
    if isinstance(given, Mapping):
        for key in given:
            known_name(f"parameter of the carryover {name}", key, names)
        missing = [n for n in names if n not in given]
        values = [given[n] for n in names if n in given]
    else:
        values, missing = list(given), names[len(given) :]
    if missing or len(values) > len(names):
        needs = ", ".join(names) or "no parameters"
        example = f"('{name}', {{{', '.join(f'{n!r}: …' for n in names)}}})"
        raise InputError(f"The {where}: '{name}' needs {needs}, got {values}. Write it as {example}.")
    checked = []
    for parameter, value in zip(kernel.parameters, values, strict=True):
        domain = parameter.domain
        checked.append(number(f"{where}, {parameter.name},", value, low=domain.low, high=domain.high))
    return name, checked


def _two(where: str, choice: Any) -> tuple[str, Any]:
    if isinstance(choice, tuple) and len(choice) == 2 and isinstance(choice[0], str):
        return choice
    raise InputError(
        f"The {where} must be a name or (name, parameters), got {choice!r}. "
        "For example ('geometric', {'decay': 0.6})."
    )


def money_bounds(
    bounds: Any, channels: Sequence[str], budget: float, current: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most money of each channel over the horizon, at most the budget (C,)."""
    if bounds is None:
        return np.zeros(len(channels)), np.full(len(channels), budget)
    lower, upper, _ = bounds_by_channel(Constraints(bounds=bounds), channels, budget, current)
    return lower, np.maximum(np.minimum(upper, budget), lower)


def period_limits(
    bounds: Any, channels: Sequence[str], caps: FloatArray, upper: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most money per period and channel (T × C), at most what budgets and totals allow."""
    periods = len(caps)
    low = np.zeros((periods, len(channels)))
    high = np.minimum(caps[:, None], upper)
    if bounds is not None and not isinstance(bounds, Mapping):
        raise InputError(
            f"period_bounds must map a channel to (least, most) spend of a period, got {type(bounds).__name__}. "
            f"For example period_bounds={{'{channels[0]}': (0, 5_000)}}."
        )
    for channel, pair in (bounds or {}).items():
        place = list(channels).index(known_name("channel", channel, channels))
        where = f"period_bounds['{channel}']"
        try:
            least, most = pair
        except (TypeError, ValueError):
            raise InputError(f"{where} must be (least, most) spend of a period, got {pair!r}.") from None
        low[:, place] = series(f"{where}, least,", least, periods)
        # Infinity is no bound; a series may hold it in some periods.
        open_most = np.where(np.isposinf(np.asarray(most, dtype=np.float64)), np.finfo(np.float64).max, most)
        given = series(f"{where}, most,", open_most, periods)
        if np.any(low[:, place] > given):
            t = int(np.argmax(low[:, place] > given))
            raise InputError(
                f"{where}: the least, {low[t, place]:,.6g}, exceeds the most, {given[t]:,.6g}, in period {t + 1}. "
                "Exchange or widen them."
            )
        high[:, place] = np.minimum(high[:, place], given)
    return low, high


def spend_before(history: Any, channels: Sequence[str], current: FloatArray, earlier: int) -> FloatArray:
    """Return spend of the ``earlier`` periods before the first (earlier × C), in the order of time."""
    if history is None:
        return np.tile(current, (earlier, 1))
    if not isinstance(history, Mapping):
        table = spend_array("history", history)
        if table.ndim == 0:
            return np.full((earlier, len(channels)), float(table))
        if table.ndim != 2 or table.shape[1] != len(channels):
            raise InputError(
                f"history must have a row per earlier period and a column per channel ({len(channels)}), "
                f"got shape {table.shape}."
            )
        return _latest(table, earlier)
    out = np.zeros((earlier, len(channels)))
    for channel, given in history.items():
        place = list(channels).index(known_name("channel", channel, channels))
        column = spend_array(f"history['{channel}']", given)
        same = (
            np.full(earlier, float(column)) if column.ndim == 0 else _latest(column[:, None], earlier)[:, 0]
        )
        out[:, place] = same
    return out


def _latest(table: FloatArray, rows: int) -> FloatArray:
    """Return the last rows, and none before the first that is given."""
    kept = table[max(len(table) - rows, 0) :]
    return np.concatenate([np.zeros((rows - len(kept), table.shape[1])), kept])


def possible(
    channels: Sequence[str],
    budget: float,
    caps: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
    by_time: tuple[FloatArray, FloatArray],
) -> None:
    """Raise `InfeasibleError` where bounds and budgets of one period, one channel or all leave no schedule."""
    (lower, upper), (low, high) = bounds, by_time
    least = np.maximum(lower, low.sum(axis=0))
    if least.sum() > budget * (1.0 + ROUNDING):
        named = ", ".join(f"{c} {v:,.6g}" for c, v in zip(channels, least, strict=True) if v > 0)
        _refuse(
            f"the least of all channels adds up to {least.sum():,.6g} ({named})",
            f"the budget of {budget:,.6g}",
        )
    for t in np.flatnonzero(low.sum(axis=1) > caps * (1.0 + ROUNDING)).tolist():
        what = f"the least of all channels in period {t + 1} adds up to {low[t].sum():,.6g}"
        _refuse(what, f"that period's budget of {caps[t]:,.6g}")
    for c, name in enumerate(channels):
        if low[:, c].sum() > upper[c] * (1.0 + ROUNDING):
            what = f"the least of '{name}' by period adds up to {low[:, c].sum():,.6g}"
            _refuse(what, f"its most over the horizon, {upper[c]:,.6g}")
        if np.any(low[:, c] > high[:, c] * (1.0 + ROUNDING)):
            t = int(np.argmax(low[:, c] > high[:, c]))
            _refuse(
                f"the least of '{name}' in period {t + 1} is {low[t, c]:,.6g}",
                f"its most there, {high[t, c]:,.6g}",
            )
        if lower[c] > high[:, c].sum() * (1.0 + ROUNDING):
            what = f"the least of '{name}' over the horizon is {lower[c]:,.6g}"
            _refuse(what, f"what its periods hold, {high[:, c].sum():,.6g}")


def _refuse(what: str, limit: str) -> None:
    raise InfeasibleError(
        f"No schedule exists: {what}, more than {limit}. Lower the former or raise the latter.", (what, limit),
        smallest=True,
    )  # fmt: skip
