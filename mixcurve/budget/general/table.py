"""`Table`: for every cell amounts t, the responses there, and slopes that hold the responses from above in between.

Nodes are only ever added: where a box was cut, and where a Lagrangian is largest. All boxes of a search share them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.general.rows import Terms

__all__ = ["Box", "Table", "first_table", "whole_box"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

FIRST = np.concatenate([[0.0], np.geomspace(1e-5, 0.02, 6), np.linspace(0.05, 1.0, 20)])
"""The first nodes as shares of a cell's range: finer near its lower end, where small channels bend."""
NEAR = 1e-13
"""Share of a cell's upper bound within which two nodes are one."""


@dataclass(frozen=True, eq=False)
class Box:
    """Per cell (n,): off is allowed where ``off``; on, at amounts between ``lower`` and ``upper``, where ``on``."""

    lower: FloatArray
    upper: FloatArray
    on: BoolArray
    off: BoolArray

    def part(self, cell: int, cut: float, *, high: bool) -> Box | None:
        """Return the amounts of at least (or at most) ``cut`` > 0 in one cell; None if there are none."""
        lower, upper, on, off = self.lower.copy(), self.upper.copy(), self.on.copy(), self.off.copy()
        if high:
            off[cell], lower[cell] = False, max(lower[cell], cut)
        else:
            upper[cell] = min(upper[cell], cut)
        if lower[cell] > upper[cell]:
            on[cell], lower[cell], upper[cell] = False, self.lower[cell], self.upper[cell]
        return Box(lower, upper, on, off) if on[cell] or off[cell] else None


def whole_box(terms: Terms) -> Box:
    """Return the box of the whole problem."""
    model, off = terms.model, terms.may_be_off
    return Box(model.lower.copy(), model.upper.copy(), ~off | (model.upper > 0), off)


class Table:
    """N nodes sorted by cell and amount; ``left`` and ``right`` (N × P) belong to the interval from node k to k + 1.

    ``first`` (n,) is the first node of each cell, ``last`` (N,) marks the last of a cell, whose slopes mean nothing.
    """

    def __init__(self, terms: Terms, owner: IndexArray, amount: FloatArray) -> None:
        self.terms = terms
        self.zero = self._zero()
        empty = np.empty((0, terms.member.shape[1]))
        self.owner, self.amount = owner[:0], amount[:0]
        self.value, self.left, self.right = empty, empty, empty
        self.add(owner, amount)

    def _zero(self) -> FloatArray:
        member = self.terms.member
        out = np.zeros(member.shape)
        known = member >= 0
        out[known] = self.terms.functions.value(member[known], np.zeros(int(known.sum())))
        return out

    def add(self, owner: IndexArray, amount: FloatArray) -> None:
        """Add nodes; those next to one that is there are left out."""
        old = len(self.owner)
        owner, amount = np.concatenate([self.owner, owner]), np.concatenate([self.amount, amount])
        order = np.lexsort((np.arange(len(owner)), amount, owner))
        owner, amount, new = owner[order], amount[order], (order >= old)
        near = NEAR * self.terms.model.upper[owner]
        twin = np.zeros(len(owner), dtype=bool)
        twin[1:] = (owner[1:] == owner[:-1]) & (amount[1:] - amount[:-1] <= near[1:])
        after = np.zeros(len(owner), dtype=bool)
        after[:-1] = twin[1:] & ~new[1:]
        kept = ~(new & (twin | after))
        self._merge(owner[kept], amount[kept], new[kept])

    def cut(self, cell: int, amount: float) -> float:
        """Return a node at, or next to, an amount, adding it if need be: boxes are cut at nodes."""
        self.add(np.array([cell]), np.array([amount]))
        begin = int(self.first[cell])
        mine = self.amount[begin : begin + int((self.owner == cell).sum())]
        return float(mine[np.argmin(np.abs(mine - amount))])

    def _merge(self, owner: IndexArray, amount: FloatArray, new: BoolArray) -> None:
        size = (len(owner), self.terms.member.shape[1])
        last = np.append(owner[1:] != owner[:-1], True)
        value, left, right = np.zeros(size), np.zeros(size), np.zeros(size)
        value[~new], left[~new], right[~new] = self.value, self.left, self.right
        changed = new.copy()
        changed[:-1] |= new[1:] & ~last[:-1]
        touched = np.flatnonzero(changed)
        beyond = np.where(last[touched], touched, np.minimum(touched + 1, len(owner) - 1))
        for p in range(size[1]):
            channel = self.terms.member[owner[touched], p]
            some, to = touched[channel >= 0], beyond[channel >= 0]
            ends = np.stack([amount[some], amount[to]], axis=1)
            found = self.terms.functions.tabulated(channel[channel >= 0], ends)
            value[some, p] = found.value[:, 0]
            left[some, p], right[some, p] = found.from_left[:, 0], found.from_right[:, 0]
        self.owner, self.amount, self.last = owner, amount, last
        self.value, self.left, self.right = value, left, right
        self.first = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))


def first_table(terms: Terms) -> Table:
    """Return a table with the first nodes of every cell."""
    model = terms.model
    amount = model.lower[:, None] + (model.upper - model.lower)[:, None] * FIRST
    amount[:, -1] = model.upper
    owner = np.repeat(np.arange(model.cells), len(FIRST))
    return Table(terms, owner, amount.ravel())
