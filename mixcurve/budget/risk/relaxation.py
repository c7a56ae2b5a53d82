"""The bound of one box: cuts and nodes are added to a linear programme until it is proven or told to be cut in two."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixcurve.budget.risk.bound import Box, Peaks, peaks
from mixcurve.budget.risk.branching import cell_to_cut
from mixcurve.budget.risk.cuts import Cuts
from mixcurve.budget.risk.draws import Draws
from mixcurve.budget.risk.master import Mixture, mixture, rows_of
from mixcurve.budget.risk.measures import Concave
from mixcurve.budget.risk.tables import Tables, first_nodes, refined, tables_of

__all__ = ["Node", "Relaxation"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

ROUNDS = 60
"""Programmes solved for one box at most."""
CLOSE = 0.1
"""Part of the distance asked for within which the cuts must hold the best mixture."""
LATER = 0.3
"""Part of the bound's distance to the goal that a cut must promise to be added at once, where only cutting the box in
two can reach the goal."""
GRID = 0.2
"""Part of the distance asked for that the distance between nodes may add to a bound."""
STRIDE = 4
"""One node of so many is in the programme of a box from the start; others come in where they matter."""
WORST = 0.25
"""Intervals that add at least this share of what the worst one adds are cut."""
PARTS = 4
"""Parts into which they are cut."""
MOST_NODES = 6_000
"""Nodes of the tables at most."""


@dataclass
class Node:
    """A box, its best proof so far, the cuts that matter to it, its last mixture, and where it is to be cut."""

    box: Box
    bound: float
    weight: FloatArray
    multiplier: FloatArray
    concave: Concave
    cuts: list[int]
    number: int = -1
    mixture: Mixture | None = None
    cell: int = -1
    cut: float = 0.0


class Relaxation:
    """The tables, which are refined where a bound asks for it, and the cuts on them."""

    def __init__(self, draws: Draws, size: float) -> None:
        self.draws, self.size = draws, size
        self.tables: Tables = tables_of(draws, first_nodes(draws.model, draws.size))
        self.rows = rows_of(draws.model, self.tables)
        self.cuts = Cuts()

    def solve(self, node: Node, goal: float, step: float) -> None:
        """Bound a box: until it is at most the goal, or its relaxation is known to be worth more than that.

        ``step`` is the distance between bound and value that is asked for.
        """
        if node.concave.empty:
            node.bound = min(node.bound, node.concave.floor)
            return
        self.prove(node, node.weight, node.multiplier)
        tables, active = self.tables, self.columns(node.box)
        for left in range(ROUNDS, 0, -1):
            if node.bound <= goal:
                return
            if tables is not self.tables:
                tables, active = self.tables, self.columns(node.box)
            heights, constants = self.cuts.heights(node.cuts, tables)
            best = mixture(tables, active, heights, constants, self.rows, self.size)
            found = self.prove(node, best.cuts @ self.cuts.weights(node.cuts), best.multiplier)
            node.mixture = best
            totals = best.share @ tables.value
            weight, constant = node.concave.cut(totals)
            loose = best.value - float(weight @ totals) - constant
            missed = found.bound - float(found.excess.sum()) - best.value
            if self.widen(node.box, found, active) and missed > max(CLOSE * step, loose):
                continue
            if loose > CLOSE * step:
                node.cuts.append(self.cuts.add(weight, constant))
            if loose > max(CLOSE * step, LATER * (best.value - goal)):
                continue
            close = float(found.excess.sum()) <= GRID * step
            if best.value - loose > goal or close or left == 1 or not self.refine(node, found):
                return

    def prove(self, node: Node, weight: FloatArray, multiplier: FloatArray) -> Peaks:
        """Bound a box with these weights and multipliers; keep them if the bound is the best so far."""
        allowed, constant = node.concave.mended(weight)
        found = peaks(self.tables, node.box, allowed, constant, multiplier)
        sharp = node.concave.sharpened(allowed, found.bound - constant)
        bound = max(min(found.bound, sharp), node.concave.floor)
        if bound < node.bound:
            node.bound, node.weight, node.multiplier = bound, allowed, multiplier
        return found

    def columns(self, box: Box) -> BoolArray:
        """Return the nodes with which the programme of a box begins (N,): some of each cell, and its ends."""
        inside = box.nodes(self.tables)
        every = np.arange(len(inside)) % STRIDE == 0
        ends = ~(np.append(inside[1:], False) & np.insert(inside[:-1], 0, False))
        return inside & (every | ends)

    def widen(self, box: Box, found: Peaks, active: BoolArray) -> bool:
        """Let the programme use the best nodes and those beside them; whether there are any that it did not."""
        inside = box.nodes(self.tables)
        beside = np.clip(found.node + np.array([[-1], [0], [1]]), 0, len(inside) - 1)
        fresh = beside[inside[beside] & ~active[beside]]
        active[fresh] = True
        return bool(len(fresh))

    def refine(self, node: Node, found: Peaks) -> bool:
        """Cut the intervals that add most to a bound; whether there were any, and room for more nodes."""
        worst = found.interval[found.excess > WORST * found.excess.max()]
        return bool(found.excess.max() > 0) and self.parted(node, np.unique(worst))

    def where_to_cut(self, node: Node, *, wide: bool) -> tuple[int, float]:
        """Return the cell at which to cut a box, and where; -1 where there is no room for more nodes."""
        within = np.flatnonzero(node.box.intervals(node.box.nodes(self.tables), self.tables))
        cell = self.tables.cell[self.tables.start[within]]
        alone = within[np.bincount(cell, minlength=self.draws.model.cells)[cell] == 1]
        if len(alone):
            self.parted(node, alone)
        share = node.box.nodes(self.tables).astype(np.float64) if node.mixture is None else node.mixture.share
        share = share / np.bincount(self.tables.cell, weights=share)[self.tables.cell]
        return cell_to_cut(self.draws, self.tables, node.box, share, node.concave, wide=wide)

    def parted(self, node: Node, intervals: IndexArray) -> bool:
        """Cut intervals, if there is room for more nodes; the mixture of the box that asks for it stays what it is."""
        if len(self.tables.amount) > MOST_NODES:
            return False
        if node.mixture is not None:
            before = np.arange(len(self.tables.amount))
            share = np.zeros(len(before) + (PARTS - 1) * len(intervals))
            moved = before + (PARTS - 1) * np.searchsorted(self.tables.start[intervals], before)
            share[moved] = node.mixture.share
            node.mixture = replace(node.mixture, share=share)
        self.tables = refined(self.tables, intervals, PARTS)
        self.rows = rows_of(self.draws.model, self.tables)
        return True
