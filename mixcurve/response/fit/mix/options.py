"""What a mix is asked for: the choices of `fit_mix`, checked against the table before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.response.carryover import Carryover, carryovers
from mixcurve.response.curves import Curve, resolve_curve
from mixcurve.response.fit.mix.basis import ORDERS

if TYPE_CHECKING:
    from mixcurve.tables.table import SpendTable

__all__ = ["CarryoverChoice", "CurveChoice", "MixOptions", "mix_options", "present_plan"]

FloatArray = npt.NDArray[np.float64]
CurveChoice = str | Curve | Mapping[str, str | Curve]
CarryoverChoice = str | Carryover | Mapping[str, str | Carryover]

NOISES = ("gaussian", "poisson")
ERRORS = ("independent", "autocorrelated")
GROUPS = ("separate", "pooled")
BEFORE = ("none", "steady")
"""What was spent before the first row: nothing, or what was spent in the first rows (`steady_spend`)."""
LONGEST_CARRYOVER = {"day": 56, "week": 26, "month": 12, "year": 12}
"""Lags kept, by the spacing of rows; never more than a third of the rows."""


@dataclass(frozen=True)
class MixOptions:
    """The choices that decide the model: curves and kernels, their order, noise, errors, groups, earlier spend."""

    curve: tuple[Curve, ...]
    kernel: tuple[Carryover, ...]
    length: int
    order: str
    noise: str
    errors: str
    groups: str
    before: str = BEFORE[0]


def mix_options(
    table: SpendTable, *, curve: CurveChoice, carryover: CarryoverChoice, order: str, noise: str, errors: str,
    groups: str, before: str = BEFORE[0],
) -> MixOptions:  # fmt: skip
    """Return the choices, each known by name, with a curve and a kernel for every channel."""
    if known_name("spend before the first row", before, BEFORE) != BEFORE[0] and order != ORDERS[0]:
        raise InputError(
            f"before='{before}' goes with order='{ORDERS[0]}', got order='{order}'. Leave one of them out."
        )
    kernels = _by_channel("carryover", carryover, table.channels)
    resolved = tuple(carryovers[k] if isinstance(k, str) else k for k in kernels)
    chosen = tuple(resolve_curve(c) for c in _by_channel("curve", curve, table.channels))
    nowhere = all(k.name == "none" for k in resolved)
    length = 1 if nowhere else max(2, min(LONGEST_CARRYOVER[table.every], table.n_periods // 3))
    return MixOptions(
        chosen, resolved, length, known_name("order", order, ORDERS), known_name("noise", noise, NOISES),
        known_name("kind of errors", errors, ERRORS), known_name("treatment of groups", groups, GROUPS),
        before,
    )  # fmt: skip


def _by_channel(what: str, choice: Any, channels: tuple[str, ...]) -> list[Any]:
    if not isinstance(choice, Mapping):
        return [choice] * len(channels)
    for name in choice:
        known_name("channel", name, channels)
    missing = [c for c in channels if c not in choice]
    if missing:
        raise InputError(f"{what} names no {what} for {', '.join(missing)}. Give one for every channel.")
    return [choice[c] for c in channels]


def present_plan(table: SpendTable, current: int | Mapping[str, float] | None) -> FloatArray:
    """Return the present plan per period and channel: named amounts, or the mean of the last periods of all groups."""
    periods = table.spend if table.groups is None else _summed(table)
    if isinstance(current, Mapping):
        for name in current:
            known_name("channel", name, table.channels)
        mean = periods.mean(axis=0)
        pairs = enumerate(table.channels)
        return np.array([number(f"current['{c}']", current.get(c, mean[i]), low=0.0) for i, c in pairs])
    year = {"day": 365, "week": 52, "month": 12, "year": table.n_periods}[table.every]
    last = int(number("current", year if current is None else current, low=1))
    return periods[-last:].mean(axis=0)


def _summed(table: SpendTable) -> FloatArray:
    days, place = np.unique(table.dates, return_inverse=True)
    out = np.zeros((len(days), len(table.channels)))
    np.add.at(out, place, table.spend)
    return out
