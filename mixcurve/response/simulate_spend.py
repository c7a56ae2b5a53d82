"""How simulated channels spend: uneven, in flights with breaks, alike across channels, and with demand in view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError

__all__ = ["NARROW_VARIATION", "SpendHabit", "spend_series"]

FloatArray = npt.NDArray[np.float64]

SPEND_MEMORY = 0.4
"""Correlation of log spend from one period to the next."""
NARROW_VARIATION = 0.02
"""Standard deviation of log spend of a channel that never leaves a narrow range."""


@dataclass(frozen=True)
class SpendHabit:
    """How one channel spends: mean over all periods, variation of log spend, share of zeros, flights, confounding."""

    mean: float
    variation: float
    zero_weeks: float
    flight_length: float
    confounding: float


def spend_series(
    habits: Sequence[SpendHabit], demand: FloatArray, correlation: float, random: np.random.Generator
) -> FloatArray:
    """Return spend (periods × channels).

    Log spend of channel c is ``variation × (k d + sqrt(1 - k²) (sqrt(r) common + sqrt(1 - r) own))`` with k the
    confounding, d demand standardised, and r the correlation. Breaks are where a second, slower series is lowest; then
    each channel is scaled to its mean.

    Parameters
    ----------
    habits
        One per channel.
    demand
        (periods,): what the planner sees coming; only its shape counts.
    correlation
        Correlation of log spend between any two channels, beyond what demand brings; in [0, 1).
    random
        The source of chance.

    Raises
    ------
    InputError
        If spend is to follow a demand that never changes.
    """
    r = number("correlation", correlation, low=0.0, high=0.999)
    spread = float(np.std(demand))
    standard = (demand - demand.mean()) / spread if spread > 0 else np.zeros_like(demand)
    if spread == 0 and any(h.confounding for h in habits):
        raise InputError("confounding needs a demand that changes. Give a trend, a season or holidays too.")
    common = _wave(len(demand), SPEND_MEMORY, random)
    columns = []
    for habit in habits:
        own = np.sqrt(r) * common + np.sqrt(1 - r) * _wave(len(demand), SPEND_MEMORY, random)
        k = habit.confounding
        rise = np.exp(habit.variation * (k * standard + np.sqrt(1 - k**2) * own))
        rise[_breaks(habit, len(demand), random)] = 0.0
        columns.append(habit.mean * rise / rise.mean())
    return np.stack(columns, axis=1)


def _wave(periods: int, memory: float, random: np.random.Generator) -> FloatArray:
    """Return a stationary series of standard deviation 1 that remembers its last value."""
    shocks = random.standard_normal(periods)
    out = shocks.copy()
    for t in range(1, periods):
        out[t] = memory * out[t - 1] + np.sqrt(1 - memory**2) * shocks[t]
    return out


def _breaks(habit: SpendHabit, periods: int, random: np.random.Generator) -> npt.NDArray[np.int64]:
    slow = _wave(periods, 1.0 - 1.0 / habit.flight_length, random)
    return np.argsort(slow, kind="stable")[: min(round(habit.zero_weeks * periods), periods - 1)]
