"""`Model`: a budget problem in the one form that every solver, certificate and verifier of this room reads.

    maximise    Σ_c worth_c F_c(v_c(share_c t_cell(c)))  -  money_cost Σ_i money_i
    over        t_i in [lower_i, upper_i], or t_i = 0 where optional_i
    where       money_i = t_i + setup_i [t_i > 0]
    subject to  Σ_i money_ri money_i + Σ_c response_rc F_c + Σ_i on_ri [t_i > 0]  <=  limit_r   for every row r

F_c is the weighted mean of channel c's response over the draws; v_c turns money into spend at today's prices. Cells are
what is decided: a channel each, or several channels tied in proportion. Every part is a sum over cells, so that a price
on each row leaves one problem in one variable per cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result
from mixcurve.response.curves import Curve

__all__ = ["Model", "PriceTiers", "Row", "RowKind"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

RowKind = Literal["total", "most", "least", "roi", "cpa", "count", "target"]
"""What a row says: the total budget, the most or the least of a group, a floor on ROI or a ceiling on CPA, the most
channels on, or a response to be reached."""


@dataclass(frozen=True, eq=False)
class Row(Result):
    """One constraint, ``money @ cell money + response @ channel response + on @ cells that are on <= limit``.

    Parameters
    ----------
    name
        The group it belongs to, ``"total"``, or a channel: what a message calls it.
    kind
        What it says.
    money, on
        Coefficients per cell (n,).
    response
        Coefficients per channel (C,).
    limit
        The right-hand side.
    """

    name: str
    kind: RowKind
    money: FloatArray
    response: FloatArray
    on: FloatArray
    limit: float


@dataclass(frozen=True, eq=False)
class PriceTiers(Result):
    """Prices that rise with spend: from ``start[k]`` on, a unit of spend costs ``price[k]`` times today's price.

    ``start[0]`` is 0; both arrays rise. Spend at today's prices is the piecewise linear concave function
    ``v(x) = Σ_k (min(x, start[k + 1]) - start[k])^+ / price[k]``.
    """

    start: FloatArray
    price: FloatArray

    def volume(self, money: FloatArray) -> FloatArray:
        """Return the spend at today's prices that ``money`` buys (any shape)."""
        knots = np.concatenate([[0.0], np.cumsum(np.diff(self.start) / self.price[:-1])])
        k = np.searchsorted(self.start, money, side="right") - 1
        return knots[k] + (money - self.start[k]) / self.price[k]


@dataclass(frozen=True, eq=False)
class Model(Result):
    """See the module. C channels, n cells, D draws, R rows.

    Parameters
    ----------
    channels, curve
        Names and curves (C).
    draws
        (D × C × parameters), ``top`` first and at least 0, NaN after a channel's last parameter.
    weight
        Of the draws (D,), at least 0, sum 1.
    cell, share
        The cell of each channel (C,), and its share of the cell's money (C,): 1 where it is alone.
    worth
        What a unit of each channel's response counts (C,), at least 0.
    money_cost
        What a unit of money costs in the objective: 0 for response, 1 for profit and for the least budget.
    lower, upper, optional, setup
        Per cell (n,), in money; ``upper`` is finite. ``setup`` is paid on top where the cell is on.
    rows
        The constraints that join cells. The total budget is one of them.
    prices
        Price tiers by channel name; channels without pay today's price.
    """

    channels: tuple[str, ...]
    curve: tuple[Curve, ...]
    draws: FloatArray
    weight: FloatArray
    cell: IndexArray
    share: FloatArray
    worth: FloatArray
    money_cost: float
    lower: FloatArray
    upper: FloatArray
    optional: BoolArray
    setup: FloatArray
    rows: tuple[Row, ...]
    prices: dict[str, PriceTiers]

    @property
    def cells(self) -> int:
        """The number of cells, n."""
        return len(self.lower)

    def money(self, amount: FloatArray) -> FloatArray:
        """Return the money (..., n) that cells cost at ``amount`` t (..., n)."""
        return amount + np.where(amount > 0, self.setup, 0.0)

    def spend(self, amount: FloatArray) -> FloatArray:
        """Return the money per channel (..., C), without set-up costs, at ``amount`` t (..., n)."""
        return amount[..., self.cell] * self.share
