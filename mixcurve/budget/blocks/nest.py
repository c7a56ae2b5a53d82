"""`Nest`: one model with nested groups, taken apart into searches of its groups.

The relaxation gives every group a price. Groups whose price differs from that around them are held by a limit of their
own: each is searched by itself, innermost first, at the price around it, and its money is then fixed for the group
around it. All groups of one depth are searched side by side. Limits that do not hold are left out, and put back if the
plan breaks them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.blocks.boxes import Asked
from mixcurve.budget.blocks.forest import Forest
from mixcurve.budget.blocks.hulls import Boxes
from mixcurve.budget.blocks.nested import nested_prices
from mixcurve.budget.blocks.nested_node import held_polish
from mixcurve.budget.blocks.proven import Block, Proven, leading_price, money_of
from mixcurve.budget.blocks.search import Found, repriced, searched
from mixcurve.budget.functions import Functions, cell_functions
from mixcurve.budget.model import Model
from mixcurve.budget.proof.trees import BoxTree

__all__ = ["TRIES", "Nest"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

EPS = float(np.finfo(np.float64).eps)
LOOSE = 1e-6
"""Relative distance from its limits at which a group's money counts as held by none."""
SHARE = 0.4
"""The part of the tolerance that each group's search may use up."""
HELD = 1e-9
"""Relative difference of a group's price from that around it from which a limit holds the group."""
TRIES = 5
"""Times that broken limits are put back, and times that prices are asked anew, at most."""
ROUNDING = 1e-12
"""Relative excess over a limit that is the rounding of a sum."""


class Nest:
    """One model with nested groups, while it is being solved."""

    def __init__(self, model: Model, forest: Forest, tolerance: float, max_nodes: int) -> None:
        self.model, self.forest, self.tolerance, self.max_nodes = model, forest, tolerance, max_nodes
        self.functions: Functions = cell_functions(model)
        self.boxes = Boxes(
            np.arange(model.cells), model.optional | (model.lower <= 0), model.lower, model.upper, model.setup
        )
        self.price, *self.near = nested_prices(self.functions, self.boxes, forest, model.money_cost)
        self.worth = self._worth(self.near[0])
        self.known: dict[int, Block] = {}
        around = np.append(self.price[forest.parent[:-1]], model.money_cost)
        self.around = around
        self.held = np.abs(self.price - around) > HELD * np.maximum(np.abs(around), np.abs(self.price))
        self.held[forest.root] = True
        self.nodes = 0

    def solved(self, starts: Sequence[FloatArray]) -> Block | None:
        """Return the outermost group with all searches, or None where no plan was found."""
        block: Block | None = None
        for _ in range(TRIES):
            block = self.searched(starts)
            if block is None:
                return None
            money = self.forest.sums(self.model.money(self.amount(block)))
            slack = ROUNDING * np.maximum(money, 1e-300)
            broken = (money > self.forest.most + slack) | (money < self.forest.least - slack)
            if not broken.any():
                return block
            self.held |= broken
        return None

    def searched(self, starts: Sequence[FloatArray]) -> Block | None:
        """Search every held group, innermost first."""
        forest, home = self.forest, self._homes()
        within: dict[int, list[Block]] = {}
        done: Block | None = None
        for depth in range(int(forest.depth.max()), -1, -1):
            here = np.flatnonzero(self.held & (forest.depth == depth)).tolist()
            cells = [np.flatnonzero(home == g) for g in here]
            asked = [self._asked(g, c, within.get(g, [])) for g, c in zip(here, cells, strict=True)]
            for g, c, a, f in zip(here, cells, asked, self._found(here, cells, asked, starts), strict=True):
                if f.amount is None:
                    return None
                done = self.known[g] = self._block(g, c, within.pop(g, []), a, f)
                within.setdefault(self._outer(g), []).append(done)
        return done

    def _found(
        self, here: list[int], cells: list[IndexArray], asked: list[Asked], starts: Sequence[FloatArray]
    ) -> list[Found]:
        """Search the groups that have cells of their own; the others hold what the groups within hold."""
        out = [self._again(g, c, a) for g, c, a in zip(here, cells, asked, strict=True)]
        some = [k for k, one in enumerate(out) if one is None]
        if some:
            own = [cells[k] for k in some]
            found = searched(
                self.functions,
                [asked[k] for k in some],
                np.array([self._tolerance(c) for c in own]),
                max_nodes=self.max_nodes,
                offered=[starts[0][c] if len(starts) else None for c in own],
                near=[(self.near[0][c], self.near[1][c]) for c in own],
            )
            for k, one in zip(some, found, strict=True):
                out[k] = one
                self.nodes += one.nodes
        return [one for one in out if one is not None]

    def _again(self, g: int, cells: IndexArray, asked: Asked) -> Found | None:
        """Return what need not be searched: a group without own cells, or one that was asked the same before."""
        if not len(cells):
            return _nothing(asked, float(self.price[g]))
        known = self.known.get(g)
        if known is None or not np.array_equal(known.cells, cells):
            return None
        before = (known.asked.least, known.asked.most, known.asked.price)
        same = np.allclose(before, (asked.least, asked.most, asked.price), rtol=ROUNDING, atol=0.0)
        return known.found if same else None

    def keeps(self, plan: FloatArray) -> bool:
        """Return whether a plan keeps every bound and limit."""
        boxes, money = self.boxes, self.forest.sums(self.model.money(plan))
        inside = (plan >= boxes.low * (1.0 - ROUNDING)) & (plan <= boxes.high * (1.0 + ROUNDING))
        slack = ROUNDING * money
        kept = (money <= self.forest.most + slack) & (money >= self.forest.least - slack)
        return bool(np.all(inside | (boxes.off & (plan == 0))) and np.all(kept))

    def value(self, plan: FloatArray) -> float:
        """Return the objective of a plan."""
        value = fsum(self.functions.value(self.boxes.row, plan).tolist())
        return value - self.model.money_cost * fsum(self.model.money(plan).tolist())

    def finished(self, plan: FloatArray) -> FloatArray:
        """Return the plan at its local optimum, the money of groups at a limit held there, if that loses nothing."""
        money, forest = self.forest.sums(self.model.money(plan)), self.forest
        near = LOOSE * np.maximum(money, 1e-300)
        full, bare = money >= forest.most - near, money <= forest.least + near
        limit = np.where(full, forest.most, np.where(bare, forest.least, np.nan))
        cost = self.model.money_cost
        moved = self.within_limits(held_polish(self.functions, forest, cost, self.boxes, plan, limit))
        value = self.value(plan)
        better = self.keeps(moved) and self.value(moved) >= value - 4.0 * EPS * abs(value)
        return moved if better else self.within_limits(plan)

    def within_limits(self, plan: FloatArray) -> FloatArray:
        """Return the plan without the rounding by which its sums exceed a most."""
        out = np.clip(plan, np.where(plan > 0, self.boxes.low, 0.0), self.boxes.high)
        for _ in range(TRIES):
            money = self.forest.sums(self.model.money(out))
            over = np.flatnonzero(money > self.forest.most)
            if not len(over):
                break
            room = np.where(self.forest.inside(int(over[0])) & (out > 0), out - self.boxes.low, -1.0)
            cell = int(np.argmax(room))
            excess = money[over[0]] - self.forest.most[over[0]]
            out[cell] = max(out[cell] - excess * (1.0 + ROUNDING), self.boxes.low[cell])
        return out

    def ask_anew(self, part: Proven, asked: float, *, free: bool) -> None:
        """Ask the groups within at the leading price; forget what was found of those that this leaves too open.

        With ``free``, groups whose money lies between their limits are no longer held.
        """
        price = leading_price(part, asked)
        for inner in part.within:
            block = inner.block
            found = repriced(block.asked, block.found, price)
            anew = replace(block, asked=replace(block.asked, price=price), found=found)
            self.around[block.group], self.known[block.group] = price, anew
            money = money_of([block], self.model.setup)
            if free and block.least * (1.0 + LOOSE) < money < block.most * (1.0 - LOOSE):
                self.held[block.group] = False
            elif len(block.cells) and found.bound - found.value > 2.0 * self._tolerance(block.cells):
                del self.known[block.group]
            self.ask_anew(inner, price, free=free)

    def amount(self, block: Block) -> FloatArray:
        """Return the plan of a group and those within, 0 for other cells."""
        out = np.zeros(self.model.cells)
        if block.found.amount is not None:
            out[block.cells] = block.found.amount
        for inner in block.within:
            out += self.amount(inner)
        return out

    def _block(self, g: int, cells: IndexArray, within: list[Block], asked: Asked, found: Found) -> Block:
        least, most = float(self.forest.least[g]), float(self.forest.most[g])
        return Block(g, self.forest.name[g], cells, least, most, tuple(within), asked, found)

    def _asked(self, g: int, cells: IndexArray, within: list[Block]) -> Asked:
        fixed = money_of(within, self.model.setup)
        least, most = float(self.forest.least[g]) - fixed, float(self.forest.most[g]) - fixed
        return Asked(self.boxes.at(cells), max(least, 0.0), most, float(self.around[g]))

    def _worth(self, amount: FloatArray) -> FloatArray:
        """Return about what each cell adds to the objective: its share of the response, scaled to the objective."""
        model = self.model
        value = self.functions.value(self.boxes.row, amount)
        total = float(value.sum()) - model.money_cost * float(model.money(amount).sum())
        return value * (max(total, 0.0) / max(float(value.sum()), 1e-300))

    def _tolerance(self, cells: IndexArray) -> float:
        share = self.worth[cells].sum()
        return float(SHARE * self.tolerance * max(share, 1e-3 * self.worth.sum() / self.model.cells))

    def _homes(self) -> IndexArray:
        """Return the innermost held group of each cell."""
        home = self.forest.home.copy()
        for g in range(self.forest.root):
            if not self.held[g]:
                home[home == g] = self.forest.parent[g]
        return home

    def _outer(self, g: int) -> int:
        """Return the held group around a group."""
        around = int(self.forest.parent[g])
        while around >= 0 and not self.held[around]:
            around = int(self.forest.parent[around])
        return around


def _nothing(asked: Asked, price: float) -> Found:
    """Return what is found of a group without cells of its own, at its price: one box."""
    up, down = max(price - asked.price, 0.0), max(asked.price - price, 0.0)
    bound = (up * asked.most if up else 0.0) - down * asked.least
    one = np.full(1, -1, dtype=np.intp)
    tree = BoxTree(one, np.zeros(1), one, one, np.array([bound]))
    return Found(np.empty(0), 0.0, bound, tree, np.array([price]), 0)
