"""`Terms`: a `Model`'s rows and objective as matrices, and what a plan is worth and uses."""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.functions import Functions, channel_functions
from mixcurve.budget.model import Model
from mixcurve.foundations.errors import InputError

__all__ = ["Standing", "Terms", "terms_of"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

KEPT = 1e-13
"""Share of a row's size by which a plan may exceed it: the rounding of its sum."""

SMALLEST = 1e-10
"""The least amount, as a share of a cell's upper bound, that counts as on where on and off differ: with a set-up cost
that alone meets a row, the best amount is as little as there is."""


@dataclass(frozen=True, eq=False)
class Terms:
    """A model with its rows as matrices: ``money``, ``on`` (R × n), ``response`` (R × C), ``limit`` (R).

    ``member`` (n × P) lists the channels of each cell, -1 after the last. ``jumps`` (n) says where being on at all
    makes a difference: set-up costs, counted cells, and cells that are off or at their lower bound at least.
    """

    model: Model
    functions: Functions
    member: IndexArray
    money: FloatArray
    response: FloatArray
    on: FloatArray
    limit: FloatArray
    jumps: BoolArray

    @property
    def may_be_off(self) -> BoolArray:
        """Whether t = 0 is a choice apart from the amounts of a cell (n,)."""
        return self.jumps & (self.model.optional | (self.model.lower <= 0))

    @property
    def least_on(self) -> FloatArray:
        """The least amount at which each cell (n,) is on."""
        model = self.model
        return np.where(self.may_be_off, np.maximum(model.lower, SMALLEST * model.upper), model.lower)

    def responses(self, amount: FloatArray) -> FloatArray:
        """Return the response per channel (C,) at the amounts (n,)."""
        cell = self.model.cell
        return self.functions.value(np.arange(len(cell)), amount[cell])

    def standing(self, amount: FloatArray) -> Standing:
        """Return what a plan (n,) is worth and uses of the rows."""
        model, money, on = self.model, self.model.money(amount), (amount > 0).astype(np.float64)
        value = self.responses(amount)
        worth = fsum((model.worth * value).tolist()) - model.money_cost * fsum(money.tolist())
        over = self.money @ money + self.response @ value + self.on @ on - self.limit
        size = np.abs(self.money) @ money + np.abs(self.response) @ np.abs(value) + np.abs(self.on) @ on
        return Standing(worth, over, np.maximum(size + np.abs(self.limit), np.finfo(np.float64).tiny))

    def inside(self, amount: FloatArray) -> bool:
        """Return whether the amounts (n,) keep the bounds of the cells."""
        model = self.model
        within = (amount >= model.lower) & (amount <= model.upper)
        return bool(np.all(within | ((amount == 0) & (model.optional | (model.lower <= 0)))))


@dataclass(frozen=True, eq=False)
class Standing:
    """What a plan is worth; by how much it exceeds each row (R), negative where kept; and the rows' size (R)."""

    worth: float
    over: FloatArray
    size: FloatArray

    @property
    def keeps(self) -> bool:
        """Whether every row is kept, to the rounding of its sum."""
        return bool(np.all(self.over <= KEPT * self.size))


def terms_of(model: Model) -> Terms:
    """Return the model's terms.

    Raises
    ------
    InputError
        If a row limits response from above: its price would turn the curves upside down.
    """
    rows, n, channels = model.rows, model.cells, len(model.channels)
    for row in rows:
        if np.any(row.response > 0):
            raise InputError(
                f"Row '{row.name}' ({row.kind}) limits response from above. Write rows that ask for response, with "
                "coefficients of at most 0."
            )
    money, on = (np.array([getattr(r, k) for r in rows]).reshape(-1, n) for k in ("money", "on"))
    response = np.array([r.response for r in rows]).reshape(-1, channels)
    counts = np.bincount(model.cell, minlength=n)
    member = np.full((n, max(int(counts.max()), 1)), -1, dtype=np.intp)
    order = np.argsort(model.cell, kind="stable")
    place = np.arange(channels) - np.repeat(np.cumsum(counts) - counts, counts)
    member[model.cell[order], place] = order
    jumps = (model.setup > 0) | np.any(on != 0, axis=0) | (model.optional & (model.lower > 0))
    limit = np.array([r.limit for r in rows], dtype=np.float64)
    return Terms(model, channel_functions(model), member, money, response, on, limit, jumps)
