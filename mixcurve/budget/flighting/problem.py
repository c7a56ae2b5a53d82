"""`FlightProblem`: what a flighting asks, in one normal form that the solver and the check both read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result
from mixcurve.response.carryover import lagged, weights
from mixcurve.response.fit.mix.basis import ORDERS

__all__ = ["FlightProblem"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FlightProblem(Result):
    """Spend x (T × C) over T periods and C channels, and what it may be.

    maximise    Σ_tc worth_c season_tc f_c(a_tc) + Σ_c credit_c left_c  -  money_cost Σ_tc x_tc
    where       v_tc = x_tc / prices_tc, a_tc = Σ_l w_cl v_(t-l)c, left_c = Σ_t v_tc Σ_(l >= T-t) w_cl
    subject to  period_lower <= x <= period_upper, Σ_c x_tc <= period_budgets_t, lower_c <= Σ_t x_tc <= upper_c,
                Σ_tc x_tc <= budget

    The v before the first period are ``history``; the weights w of each kernel add up to 1 over ``length`` lags. In the
    order ``"saturation first"`` the response is ``season_tc Σ_l w_cl f_c(v_(t-l)c)``, and what is left is
    ``Σ_t f_c(v_tc) Σ_(l >= T-t) w_cl``.

    Parameters
    ----------
    budget, period_budgets
        Money over the horizon, and per period (T,); infinite where a period has none of its own.
    lower, upper
        Money per channel over the horizon (C,).
    period_lower, period_upper
        Money per period and channel (T × C), finite.
    season, prices
        What multiplies the response, and what a unit of today's media costs (T × C).
    worth
        What a unit of each channel's response counts (C,).
    money_cost
        What a unit of money costs in the objective: 0 for response, 1 for profit.
    kernel, kernel_parameters, length, order
        The carryover of each channel, its parameters (C × parameters, NaN after the last), the lags, and the order.
    history
        Spend at today's prices in the ``length - 1`` periods before the first, in the order of time.
    credit
        What a unit of what is left after the horizon counts (C,).
    """

    channels: tuple[str, ...]
    budget: float
    period_budgets: FloatArray
    lower: FloatArray
    upper: FloatArray
    period_lower: FloatArray
    period_upper: FloatArray
    season: FloatArray
    prices: FloatArray
    worth: FloatArray
    money_cost: float
    kernel: tuple[str, ...]
    kernel_parameters: FloatArray
    length: int
    order: str
    history: FloatArray
    credit: FloatArray

    @property
    def periods(self) -> int:
        """The number of periods, T."""
        return len(self.season)

    @property
    def carryover_first(self) -> bool:
        """Whether the carryover goes before the curve."""
        return self.order == ORDERS[0]

    def lag_weights(self) -> FloatArray:
        """Return the weight of each lag (C × length)."""
        rows = []
        for name, values in zip(self.kernel, self.kernel_parameters, strict=True):
            rows.append(weights(name, values[np.isfinite(values)].tolist(), self.length))
        return np.stack(rows)

    def share_left(self) -> FloatArray:
        """Return the share of the weights of spend in period t that lies after the horizon (T × C)."""
        later = np.cumsum(self.lag_weights()[:, ::-1], axis=1)[:, ::-1]
        later = np.concatenate([later, np.zeros((len(later), self.periods + 1))], axis=1)
        return later[:, self.periods - np.arange(self.periods)].T

    def carried_in(self, earlier: FloatArray) -> FloatArray:
        """Return what carries over from values before the first period (length - 1 × C) into each period (T × C)."""
        padded = np.concatenate([earlier, np.zeros((self.periods, earlier.shape[1]))])
        lags = lagged(padded, self.length)[len(earlier) :]
        return np.einsum("tcl,cl->tc", lags, self.lag_weights())
