"""Branch and bound for a concave function of the draws' totals.

Each box is relaxed twice: each cell's amount to mixtures of nodes, and the objective to cuts that hold it from above.
Cuts are added where the best mixture is worth less than they say. A box that may still hold a better plan is cut at
the cell whose mixture is furthest from a real amount. Cuts hold everywhere, so that boxes share them.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.risk.ascent import Concave, ascended, excess_of
from mixcurve.budget.risk.bound import Box, Peaks, peaks
from mixcurve.budget.risk.cuts import Cuts
from mixcurve.budget.risk.draws import Draws
from mixcurve.budget.risk.growth import SWITCH, Growing, halves, whole
from mixcurve.budget.risk.master import Mixture, mixture, rows_of
from mixcurve.budget.risk.rounding import plans_from
from mixcurve.budget.risk.tables import Tables, first_nodes, refined, tables_of

__all__ = ["Search", "search"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

ROUNDS = 60
"""Cuts added for one box at most."""
CLOSE = 0.1
"""Part of the tolerance within which the cuts must hold the best mixture."""
LATER = 0.3
"""Part of the bound's distance to the goal that a cut must promise to be added at once, where only cutting the box in
two can reach the goal."""
GRID = 0.2
"""Part of the tolerance that the distance between nodes may add to a bound."""
SHARE_OF_TOLERANCE = 0.9
SMALL = 1e-3
"""Values below this share of the objective's size are held to a tolerance of the size, not of themselves."""
STRIDE = 4
"""One node of so many is in the programme of a box from the start; others come in where they matter."""
ROUGH, FINE = 0.03, 1e-4
"""Parts of the tolerance to which plans are climbed on the way, and the best one in the end."""
PARTS = 4
"""Parts into which an interval is cut that adds too much."""
MOST_NODES = 6_000
"""Nodes of the tables at most."""
KEPT = 1e-9
"""Share in the mixture of cuts from which on a cut is handed to the parts of a box."""
KEEPING = 1e-12
"""Relative excess over a row's limit within which a plan keeps it: the rounding of a sum."""


@dataclass(frozen=True, eq=False)
class Search:
    """The best plan (None if none was found) and its value, the tree of the bound, and how many boxes were solved."""

    amount: FloatArray | None
    value: float
    tree: Growing
    nodes: int


@dataclass
class _Node:
    """A box, its best proof so far, the cuts that matter to it, and its last mixture with the weights of that."""

    number: int
    box: Box
    bound: float
    weight: FloatArray
    multiplier: FloatArray
    cuts: list[int]
    mixture: Mixture | None = None
    found: Peaks | None = None
    cell: int = -1
    cut: float = 0.0


class _Run:
    """The state of one search."""

    def __init__(self, draws: Draws, concave: Concave, size: float, tolerance: float) -> None:
        self.draws, self.concave, self.size, self.tolerance = draws, concave, size, tolerance
        self.tables: Tables = tables_of(draws, first_nodes(draws.model, draws.size))
        self.rows = rows_of(draws.model, self.tables)
        self.cuts = Cuts()
        self.tree, self.open, self.nodes = Growing(), list[tuple[float, int, _Node]](), 0
        self.value, self.amount = -np.inf, None
        self.seen: set[bytes] = set()

    @property
    def step(self) -> float:
        """The distance between bound and value that is asked for."""
        value = abs(self.value) if np.isfinite(self.value) else self.size
        return SHARE_OF_TOLERANCE * self.tolerance * max(value, SMALL * self.size)

    @property
    def goal(self) -> float:
        """The bound from which the best plan counts as proven."""
        return self.value + self.step

    def offer(self, amount: FloatArray) -> None:
        """Consider a plan."""
        if excess_of(self.draws, amount) <= KEEPING:
            totals = self.draws.totals(amount)
            weight, constant = self.concave.cut(totals)
            value = float(weight @ totals) + constant
            if value > self.value:
                self.value, self.amount = value, amount

    def climb(self, amount: FloatArray, still: float) -> None:
        """Consider the best plan near one, to a promised gain of ``still`` sizes of the objective."""
        found = ascended(self.draws, self.concave, amount, self.size, still=still, target=self.value)
        if found is not None:
            self.offer(found)

    def improve(self, node: _Node) -> None:
        """Consider plans next to the mixture of a box; from each pattern of cells once, and from what is better."""
        assert node.mixture is not None
        for amount in plans_from(self.draws.model, self.tables, node.mixture.share):
            pattern = (amount > 0).tobytes()
            before = self.value
            self.offer(amount)
            if pattern not in self.seen or self.value > before:
                self.seen.add(pattern)
                self.climb(amount, ROUGH * self.tolerance)

    def solve(self, node: _Node) -> None:
        """Bound a box: add cuts until it is proven, or its relaxation is known to be worth more than the goal."""
        self.nodes += 1
        self.prove(node, node.weight, node.multiplier)
        tables, active = self.tables, self.columns(node)
        for left in range(ROUNDS, 0, -1):
            if node.bound <= self.goal:
                return
            if tables is not self.tables:
                tables, active = self.tables, self.columns(node)
            heights, constants = self.cuts.heights(node.cuts, tables)
            node.mixture = mixture(tables, active, heights, constants, self.rows, self.size)
            node.found = self.prove(node, node.mixture.cuts @ self.cuts.weights(node.cuts), node.mixture.multiplier)
            totals = node.mixture.share @ tables.value
            weight, constant = self.concave.cut(totals)
            loose = node.mixture.value - float(weight @ totals) - constant
            if self.widen(node, active) > max(CLOSE * self.step, loose):
                continue
            if loose > CLOSE * self.step:
                node.cuts.append(self.cuts.add(weight, constant))
            if loose > max(CLOSE * self.step, LATER * (node.mixture.value - self.goal)):
                continue
            if node.mixture.value - loose > self.goal:
                break
            if left == 1 or float(node.found.excess.sum()) <= GRID * self.step or not self.refine(node.found):
                break
        node.cell, node.cut = self.place(node)

    def columns(self, node: _Node) -> BoolArray:
        """Return the nodes with which the programme of a box begins (N,): some of each cell, and its ends."""
        inside = node.box.nodes(self.tables)
        every = np.arange(len(inside)) % STRIDE == 0
        ends = ~(np.append(inside[1:], False) & np.insert(inside[:-1], 0, False))
        return inside & (every | ends)

    def widen(self, node: _Node, active: BoolArray) -> float:
        """Let the programme use the best nodes and those beside them; return by how much they may raise its value."""
        assert node.mixture is not None
        assert node.found is not None
        inside = node.box.nodes(self.tables)
        beside = np.clip(node.found.node + np.array([[-1], [0], [1]]), 0, len(inside) - 1)
        fresh = beside[inside[beside] & ~active[beside]]
        active[fresh] = True
        missed = node.found.bound - float(node.found.excess.sum()) - node.mixture.value
        return missed if len(fresh) else 0.0

    def prove(self, node: _Node, weight: FloatArray, multiplier: FloatArray) -> Peaks:
        """Bound a box with these weights and multipliers; keep them if the bound is the best so far."""
        allowed, constant = self.concave.mended(weight)
        found = peaks(self.tables, node.box, allowed, constant, multiplier)
        if found.bound < node.bound or node.found is None:
            node.weight, node.multiplier = allowed, multiplier
        node.bound = min(node.bound, found.bound)
        return found

    def refine(self, found: Peaks) -> bool:
        """Cut the intervals that add most to a bound; whether there were any, and room for more nodes."""
        worst = found.interval[found.excess > 0.25 * found.excess.max()]
        if found.excess.max() <= 0 or len(self.tables.amount) > MOST_NODES:
            return False
        self.tables = refined(self.tables, np.unique(worst), PARTS)
        self.rows = rows_of(self.draws.model, self.tables)
        return True

    def place(self, node: _Node) -> tuple[int, float]:
        """Return the cell whose mixture is worth most over the real amount, and where to cut it."""
        assert node.mixture is not None
        tables, model = self.tables, self.draws.model
        share = node.mixture.share
        inside = node.box.nodes(tables)
        mean = np.bincount(tables.cell, weights=share * tables.amount, minlength=model.cells)
        height = tables.value @ self.concave.cut(self.draws.totals(mean))[0]
        gap, place = np.full(model.cells, -np.inf), np.zeros(model.cells)
        for i in range(model.cells):
            at = np.flatnonzero(inside & (tables.cell == i))
            if len(at) < 2:
                continue
            part = share[at]
            on = tables.on[at]
            real = float(np.interp(mean[i], tables.amount[at], height[at]))
            gap[i] = float(part @ height[at]) - real
            inner = tables.amount[at][on][1:-1]
            both = node.box.on[i] and node.box.off[i]
            if both and (model.setup[i] > 0 or model.lower[i] > 0 or not len(inner)):
                place[i] = SWITCH
            elif len(inner):
                place[i] = float(inner[np.argmin(np.abs(inner - mean[i]))])
            else:
                gap[i] = -np.inf
        i = int(np.argmax(gap))
        return (i, float(place[i])) if np.isfinite(gap[i]) else (-1, 0.0)

    def expand(self, node: _Node) -> None:
        """Cut a box in two and solve both parts."""
        if node.cell < 0:
            return
        used = [k for k, part in zip(node.cuts, node.mixture.cuts, strict=False) if part > KEPT]
        used += node.cuts[len(node.mixture.cuts) :]
        numbers = []
        for box in halves(node.box, node.cell, node.cut):
            part = _Node(-1, box, node.bound, node.weight, node.multiplier, list(used))
            self.solve(part)
            part.number = self.tree.add(part.bound, part.multiplier, part.weight)
            numbers.append(part.number)
            if part.bound > self.goal:
                self.improve(part)
                heapq.heappush(self.open, (-part.bound, part.number, part))
        self.tree.split(node.number, node.cell, node.cut, (numbers[0], numbers[1]))


def search(
    draws: Draws, concave: Concave, starts: list[FloatArray], *, size: float, tolerance: float, max_nodes: int
) -> Search:
    """Return the best plan, with a proven bound on the objective of every plan.

    Parameters
    ----------
    draws, concave
        What is maximised: ``concave`` of the draws' totals.
    starts
        Plans to climb from; they need not keep the rows.
    size
        Of the objective, by which arithmetic is scaled and small values are judged.
    tolerance
        The search ends when the bound is within this relative distance of the value.
    max_nodes
        The search ends when this many boxes were solved; the bound holds wherever it ends.
    """
    run = _Run(draws, concave, size, tolerance)
    for amount in starts:
        run.offer(amount)
        run.climb(amount, ROUGH * tolerance)
    cut = run.cuts.add(*concave.cut(draws.totals(starts[0])))
    root = _Node(-1, whole(draws.model), np.inf, concave.cut(draws.totals(starts[0]))[0], np.zeros(len(draws.model.rows)), [cut])
    run.solve(root)
    root.number = run.tree.add(root.bound, root.multiplier, root.weight)
    heapq.heappush(run.open, (-root.bound, root.number, root))
    if root.bound > run.goal:
        run.improve(root)
    while run.open and -run.open[0][0] > run.goal and run.nodes + 2 <= max_nodes:
        run.expand(heapq.heappop(run.open)[2])
    if run.amount is not None:
        run.climb(run.amount, FINE * tolerance)
    return Search(run.amount, run.value, run.tree, run.nodes)
