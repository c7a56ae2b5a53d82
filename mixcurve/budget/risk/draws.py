"""`Draws`: what a plan brings in each draw of a `Model`, and how that changes with the plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.functions import Functions, Tabulated, draw_functions
from mixcurve.budget.model import Model

__all__ = ["Draws", "draws_of"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Draws:
    """D draws of C channels in n cells; ``worth`` (C × n) has the worth of each channel in the column of its cell."""

    model: Model
    functions: Functions
    worth: FloatArray

    @property
    def size(self) -> int:
        """The number of draws, D."""
        return len(self.model.draws)

    def by_channel(self, amount: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the response (D × C) and its derivative by the amount of the channel's cell, at ``amount`` (n,)."""
        shape = self.size, len(self.model.channels)
        each = np.tile(amount[self.model.cell], self.size)
        value, slope = self.functions.slopes(np.arange(len(each)), each)
        return value.reshape(shape), slope.reshape(shape)

    def totals_of_spend(self, spend: FloatArray) -> FloatArray:
        """Return the objective in each draw (D,) at spend per channel (C,), which need not keep ties."""
        model = self.model
        each = np.tile(spend / model.share, self.size)
        value = self.functions.slopes(np.arange(len(each)), each)[0].reshape(self.size, -1)
        by_cell = np.bincount(model.cell, weights=spend, minlength=model.cells)
        return value @ model.worth - self.charge(by_cell)

    def totals(self, amount: FloatArray) -> FloatArray:
        """Return the objective in each draw (D,): the worth of the response, less what the model charges for money."""
        return self.by_channel(amount)[0] @ self.model.worth - self.charge(amount)

    def slopes(self, amount: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the totals (D,) and their derivatives by the amounts (D × n)."""
        value, slope = self.by_channel(amount)
        return value @ self.model.worth - self.charge(amount), slope @ self.worth - self.model.money_cost

    def charge(self, amount: FloatArray) -> float:
        """Return what the model's objective charges for the money of a plan."""
        return self.model.money_cost * float(self.model.money(amount).sum())

    def between(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return a lower and an upper bound on each draw's total (D,) of plans with amounts between these (n,)."""
        model = self.model
        least, most = (self.by_channel(amount)[0] @ model.worth for amount in (low, high))
        return least - self.charge(high), most - self.charge(low)

    def tabulated(self, channel: int, node: FloatArray) -> Tabulated:
        """Return response and the slopes that hold it, of one channel in every draw, at rising amounts (J,)."""
        row = np.arange(self.size) * len(self.model.channels) + channel
        return self.functions.tabulated(row, np.broadcast_to(node, (self.size, len(node))))


def draws_of(model: Model) -> Draws:
    """Return the draws of a model, ready to be evaluated."""
    worth = np.zeros((len(model.channels), model.cells))
    worth[np.arange(len(model.channels)), model.cell] = model.worth
    return Draws(model, draw_functions(model), worth)
