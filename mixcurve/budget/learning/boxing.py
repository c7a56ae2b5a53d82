"""Branch and bound on the tables of many beliefs at once: all open boxes are bounded together, then cut together.

A cell's choices are points: off, the nodes, and the middles between neighbours. A box gives each cell a range of them.
It is cut where the plan that its price buys lies farthest below the majorants.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.learning.gridded import Grid, Mixed
from mixcurve.budget.learning.polishing import at, polished
from mixcurve.budget.learning.pricing import Priced, priced

__all__ = ["Boxed", "boxed"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

ROUNDS = 40
"""Rounds of cuts; the boxes then open keep their bound."""
MOST_OPEN = 20_000
"""Boxes open at once at which the search ends: a few seconds each round."""
ELEMENTS = 4_000_000
"""Points looked at in one go, which holds memory down."""
ROUNDING = 1e-12
"""Relative rounding of sums and of products of tables."""
NEAR = 3
"""Points so far apart are no neighbours: a plan between them makes a jump."""


@dataclass(frozen=True, eq=False)
class Boxed:
    """For b beliefs: the best plan (b × n), its value in the tables (b,), and the proven bound (b,)."""

    amount: FloatArray
    value: FloatArray
    bound: FloatArray


@dataclass(frozen=True, eq=False)
class _Boxes:
    """Open boxes: the belief of each (N,), the first and last point of each cell (N × n), and the bound known (N,)."""

    belief: IndexArray
    first: IndexArray
    last: IndexArray
    bound: FloatArray

    def at(self, rows: BoolArray | IndexArray) -> _Boxes:
        return _Boxes(self.belief[rows], self.first[rows], self.last[rows], self.bound[rows])


class _Search:
    """The search of all beliefs."""

    def __init__(
        self, grid: Grid, table: Mixed, off: BoolArray, setup: FloatArray, total: float, tolerance: float
    ) -> None:
        self.grid, self.table, self.total, self.tolerance, self.setup = grid, table, total, tolerance, setup
        self.amount, self.height = _points(grid, table)
        self.money = self.amount + np.where(self.amount > 0, setup[:, None], 0.0)
        beliefs, cells = table.row.shape
        self.best_value, self.best = np.full(beliefs, -np.inf), np.tile(grid.amount[:, 0], (beliefs, 1))
        self.closed = np.full(beliefs, -np.inf)
        first = np.tile(np.where(off, 0, 1), (beliefs, 1))
        last = np.full((beliefs, cells), self.amount.shape[1] - 1)
        self.open = _Boxes(np.arange(beliefs), first, last, np.full(beliefs, np.inf))

    def run(self) -> Boxed:
        """Cut boxes until each belief's best plan is proven."""
        for _ in range(ROUNDS):
            if not len(self.open.belief) or len(self.open.belief) > MOST_OPEN:
                break
            self._round()
        self._close(self.open)
        bound = np.maximum(self.closed, self.best_value)
        return Boxed(self.best, self.best_value, bound)

    def offer(self, belief: IndexArray, amount: FloatArray) -> None:
        """Keep plans (M × n) that are better than the best of their beliefs (M,) and within the budget."""
        value = at(self.grid, self.table, self.table.row[belief], amount)[0].sum(axis=1)
        spent = (amount + np.where(amount > 0, self.setup, 0.0)).sum(axis=1)
        value = np.where(spent <= self.total * (1.0 + ROUNDING), value, -np.inf)
        order = np.argsort(value, kind="stable")
        order = order[value[order] > self.best_value[belief[order]]]
        self.best_value[belief[order]], self.best[belief[order]] = value[order], amount[order]

    def _round(self) -> None:
        boxes, found = self._bounded(self.open)
        share = self._shares(found)
        amount, below = self._bought(boxes, found, share)
        jump = np.abs(found.cheap - found.dear) >= NEAR
        worst = np.argmax(np.where(jump, below, -1.0), axis=1)
        self._try(boxes, found, amount, jump, worst)
        goal = self.best_value[boxes.belief] + self.tolerance * np.abs(self.best_value[boxes.belief])
        cuts = self._cuts(boxes, found, amount, worst)
        cut = (boxes.bound > goal) & (cuts >= 0)
        self._close(boxes.at(~cut))
        self.open = _parts(boxes.at(cut), worst[cut], cuts[cut])

    def _close(self, boxes: _Boxes) -> None:
        np.maximum.at(self.closed, boxes.belief, boxes.bound)

    def _bounded(self, boxes: _Boxes) -> tuple[_Boxes, Priced]:
        """Return the boxes that hold a plan, with their bounds."""
        place = np.arange(self.height.shape[1])
        size = max(1, ELEMENTS // (self.height.shape[1] * boxes.first.shape[1]))
        parts: list[Priced] = []
        for start in range(0, len(boxes.belief), size):
            some = boxes.at(np.arange(start, min(start + size, len(boxes.belief))))
            inside = (place >= some.first[..., None]) & (place <= some.last[..., None])
            height = np.where(inside, self.height[self.table.row[some.belief]], -np.inf)
            aim = self.tolerance * np.abs(np.maximum(self.best_value[some.belief], 0.0))
            parts.append(priced(height, self.money, self.total, aim))
        bound = np.minimum(np.concatenate([p.bound for p in parts]), boxes.bound)
        found = Priced(
            bound, np.concatenate([p.dear for p in parts]), np.concatenate([p.cheap for p in parts])
        )
        held = np.isfinite(bound)
        boxes = _Boxes(boxes.belief, boxes.first, boxes.last, bound + ROUNDING * np.abs(bound)).at(held)
        return boxes, Priced(found.bound[held], found.dear[held], found.cheap[held])

    def _shares(self, found: Priced) -> FloatArray:
        """Return how much of the cheap choice the budget leaves beside the dear one (N,)."""
        cells = np.arange(len(self.money))
        dear, cheap = (self.money[cells, p].sum(axis=1) for p in (found.dear, found.cheap))
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (self.total - dear) / (cheap - dear)
        return np.where(cheap > dear, np.clip(share, 0.0, 1.0), 0.0)

    def _bought(self, boxes: _Boxes, found: Priced, share: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return amounts between the dear and the cheap choice, and how far they lie below the majorants (N × n)."""
        cells, part = np.arange(len(self.money)), share[:, None]
        row = self.table.row[boxes.belief]
        money = (1 - part) * self.money[cells, found.dear] + part * self.money[cells, found.cheap]
        high = (1 - part) * self.height[row, found.dear] + part * self.height[row, found.cheap]
        amount = np.maximum(money - np.where(money > 0, self.setup, 0.0), 0.0)
        on = np.maximum(amount, self.grid.amount[:, 0])
        value = np.where((found.cheap == 0) | (money <= 0), 0.0, at(self.grid, self.table, row, on)[0])
        value = np.where(
            (money > 0) | (self.grid.amount[:, 0] > 0), value, at(self.grid, self.table, row, on)[0]
        )
        return amount, np.maximum(high - value, 0.0)

    def _try(
        self, boxes: _Boxes, found: Priced, amount: FloatArray, jump: BoolArray, worst: IndexArray
    ) -> None:
        """Offer the plans that make no jump, all jumps, and the worst cell's alone, each brought to its optimum."""
        cells, rows = np.arange(len(self.money)), np.arange(len(worst))
        dear, cheap = self.amount[cells, found.dear], self.amount[cells, found.cheap]
        none, every = np.where(jump, dear, amount), np.where(jump, cheap, amount)
        one = none.copy()
        one[rows, worst] = every[rows, worst]
        belief = np.tile(boxes.belief, 3)
        plans = np.concatenate([none, every, one])
        row = self.table.row[belief]
        self.offer(belief, polished(self.grid, self.table, row, plans, self.setup, self.total))

    def _cuts(self, boxes: _Boxes, found: Priced, amount: FloatArray, worst: IndexArray) -> IndexArray:
        """Return the point at which each box is cut in its worst cell, -1 where its choices are neighbours."""
        rows = np.arange(len(worst))
        dear, cheap = found.dear[rows, worst], found.cheap[rows, worst]
        low, high = np.minimum(dear, cheap), np.maximum(dear, cheap)
        nodes = self.grid.amount[worst]
        near = 1 + 2 * np.argmin(np.abs(nodes - amount[rows, worst][:, None]), axis=1)
        first, last = boxes.first[rows, worst], boxes.last[rows, worst]
        cut = np.where((first == 0) & (low == 0), 0, np.clip(near, first + 1, last - 1))
        return np.where(high - low < NEAR, -1, cut)


def _points(grid: Grid, table: Mixed) -> tuple[FloatArray, FloatArray]:
    """Return the amounts (n × P) of each cell's points, and each row's majorant there (rows × P).

    In the middle between neighbours the higher of the two majorants counts: the lines from there to the neighbours
    then hold the curve from above, wherever the two meet. Where the curve begins too steeply for that, the majorant
    from the right alone holds it, and the left neighbour is as high as that.
    """
    cells, nodes = grid.amount.shape
    half = 0.5 * np.diff(grid.amount, axis=1)
    owner = np.empty(len(table.value), dtype=np.intp)
    owner[table.row.ravel()] = np.tile(np.arange(cells), len(table.row))
    amount, height = np.zeros((cells, 2 * nodes)), np.zeros((len(owner), 2 * nodes))
    amount[:, 1::2], amount[:, 2::2] = grid.amount, grid.amount[:, :-1] + half
    height[:, 1::2] = table.value
    start, end, falling = table.value[:, :-1], table.value[:, 1:], table.right * half[owner]
    middle = np.maximum(start + table.left * half[owner], end - falling)
    steep = middle > end
    height[:, 2::2] = np.where(steep, end - falling, middle)
    height[:, 1:-1:2] = np.where(steep, np.maximum(end - 2.0 * falling, start), start)
    return amount, height


def _parts(boxes: _Boxes, cell: IndexArray, cut: IndexArray) -> _Boxes:
    """Return both parts of each box; a cut at 0 tells off from on."""
    rows = np.arange(len(cell))
    low, high = boxes.last.copy(), boxes.first.copy()
    low[rows, cell] = cut
    high[rows, cell] = np.where(cut == 0, 1, cut)
    return _Boxes(
        np.tile(boxes.belief, 2),
        np.concatenate([boxes.first, high]),
        np.concatenate([low, boxes.last]),
        np.tile(boxes.bound, 2),
    )


def boxed(
    grid: Grid, table: Mixed, off: BoolArray, setup: FloatArray, total: float, tolerance: float
) -> Boxed:
    """Return the best plan of each belief, and the bound that proves it.

    Parameters
    ----------
    grid, table
        The nodes of the cells, and what the beliefs expect there.
    off, setup
        Which cells may be off apart from their range, and what being on costs (n,).
    total
        The most money.
    tolerance
        Relative gap at which a belief's plan counts as proven.
    """
    return _Search(grid, table, off, setup, total, tolerance).run()
