"""The best plan under each of many beliefs, with a proven bound on every other plan's value under the same belief."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.atoms import Atoms
from mixcurve.budget.blocks.boxes import Asked
from mixcurve.budget.blocks.hulls import Boxes
from mixcurve.budget.blocks.search import searched
from mixcurve.budget.functions import Functions
from mixcurve.budget.learning.beliefs import Beliefs
from mixcurve.budget.learning.boxing import boxed
from mixcurve.budget.learning.coupling import coupled
from mixcurve.budget.learning.gridded import Gridded, gridded, mixed
from mixcurve.budget.learning.telling import Tell
from mixcurve.budget.model import Model
from mixcurve.budget.solver import solve_model
from mixcurve.foundations.errors import InputError
from mixcurve.response.curves.derivatives import unit_marginal

__all__ = ["Optima", "Optimiser", "expected", "joined_by_rows", "responses"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

TOGETHER = 125
"""Problems solved side by side."""
FEW = 40
"""Curves per channel, over all beliefs, up to which each belief is solved by itself."""
COARSE = 1e-5
"""Relative gap at which a plan on tables counts as proven: their nodes close no smaller one."""
MOST_NODES = 4_000
"""Boxes of one problem, as in `allocate`."""
ROUGH, MOST_BOXES = 1e-4, 300
"""Relative gap and boxes at which a belief with rows of its own is left: there are hundreds of them."""
_Found = tuple[FloatArray, FloatArray]
"""Plans (b × n) and bounds (b,)."""


@dataclass(frozen=True, eq=False)
class Optima:
    """For B beliefs: the best plan found (B × n), its value under the belief (B,), and what no plan exceeds (B,)."""

    amount: FloatArray
    value: FloatArray
    bound: FloatArray


def joined_by_rows(model: Model) -> bool:
    """Return whether anything but the budget joins cells: groups, floors, counts."""
    return any(row.kind != "total" for row in model.rows)


def expected(model: Model, beliefs: Beliefs, spend: FloatArray) -> FloatArray:
    """Return what belief b expects of the plan ``spend[b]`` (B × C, in the order of the model) (B,)."""
    total = np.zeros(len(spend))
    for c, chosen in enumerate(model.curve):
        tiers = model.prices.get(model.channels[c])
        bought = spend[:, c] if tiers is None else tiers.volume(spend[:, c])
        top, *shape = (model.draws[:, c, k] for k in range(len(chosen.names)))
        for row, weight in enumerate(beliefs.rows[c]):
            mine = np.flatnonzero(beliefs.pick[:, c] == row)
            used = np.flatnonzero(weight)
            with np.errstate(over="ignore", under="ignore"):
                unit = chosen.unit(bought[mine, None], [s[used] for s in shape])
            total[mine] += model.worth[c] * (unit @ (top[used] * weight[used]))
    return total


def responses(model: Model, channel: int, spend: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a channel's response and marginal response in each draw at each spend (k,): (D × k) each."""
    chosen = model.curve[channel]
    top, *shape = (model.draws[:, channel, k, None] for k in range(len(chosen.names)))
    tiers = model.prices.get(model.channels[channel])
    bought, rate = spend, np.ones_like(spend)
    if tiers is not None:
        bought = tiers.volume(spend)
        rate = 1.0 / tiers.price[np.searchsorted(tiers.start, spend, side="right") - 1]
    value, slope = unit_marginal(chosen, np.broadcast_to(bought, (len(model.draws), len(spend))), shape)
    return top * value, top * slope * rate


class Optimiser:
    """Solves one model under many beliefs.

    With one budget and bounds, beliefs on few curves are solved one by one to the tolerance, others on tables. With
    other rows each belief is a model of its own.
    """

    def __init__(self, model: Model, tolerance: float) -> None:
        self.model, self.tolerance = model, tolerance
        self.total = next(r.limit for r in model.rows if r.kind == "total")
        self._tables: Gridded | None = None
        self._known: FloatArray | None = None

    @property
    def tables(self) -> Gridded:
        """The curves on nodes, made when first asked for."""
        if self._tables is None:
            self._tables = gridded(self.model, self.total)
        return self._tables

    def best(self, beliefs: Beliefs, tell: Tell | None = None) -> Optima:
        """Return the best plans; ``tell`` is told of each problem solved."""
        way, together = self._way(beliefs)
        parts = []
        for start in range(0, len(beliefs), together):
            parts.append(way(beliefs, np.arange(start, min(start + together, len(beliefs)))))
            if tell is not None:
                tell.solved(len(parts[-1][0]))
        amount = np.concatenate([p[0] for p in parts])
        value = expected(self.model, beliefs, self.model.spend(amount))
        self._known = amount[0] if self._known is None else self._known
        return Optima(amount, value, np.maximum(np.concatenate([p[1] for p in parts]), value))

    def _way(self, beliefs: Beliefs) -> tuple[Callable[[Beliefs, IndexArray], _Found], int]:
        """Return how these beliefs are solved, and how many together."""
        if joined_by_rows(self.model):
            return self._modelled, 1
        curves = sum(np.count_nonzero(row) for row in beliefs.rows)
        return (self._single if curves <= FEW * len(beliefs.rows) else self._tabled), TOGETHER

    def _modelled(self, beliefs: Beliefs, which: IndexArray) -> _Found:
        """Solve one belief with all rows; where no plan is found, the first plan of all stays."""
        starts = [] if self._known is None else [self._known]
        model = coupled(self.model, beliefs, int(which[0]))
        found = solve_model(model, tolerance=max(self.tolerance, ROUGH), max_nodes=MOST_BOXES, starts=starts)
        if np.isfinite(found.amount).all():
            return found.amount[None], np.array([found.bound])
        if not starts:
            raise InputError(
                "No plan was found that keeps all constraints. Loosen them, or ask `allocate` why."
            )
        return starts[0][None], np.array([found.bound])

    def _tabled(self, beliefs: Beliefs, which: IndexArray) -> _Found:
        model, tables = self.model, self.tables
        found = boxed(
            tables.grid,
            mixed(tables, beliefs, beliefs.pick[which]),
            model.optional,
            model.setup,
            self.total,
            max(self.tolerance, COARSE),
        )
        return found.amount, found.bound

    def _single(self, beliefs: Beliefs, which: IndexArray) -> _Found:
        model, pick = self.model, beliefs.pick[which]
        functions, row = _functions(model, beliefs, pick)
        off = model.optional | (model.lower <= 0)
        asked = [
            Asked(Boxes(r, off, model.lower, model.upper, model.setup), 0.0, self.total, 0.0) for r in row
        ]
        goal = np.full(len(pick), self.tolerance * self._size(functions, row))
        found = searched(functions, asked, goal, max_nodes=MOST_NODES)
        amounts = [f.amount if f.amount is not None else model.lower for f in found]
        return np.array(amounts), np.array([f.bound for f in found])

    def _size(self, functions: Functions, row: IndexArray) -> FloatArray:
        """Return a value that the best plan of each problem reaches (b,)."""
        share = np.full(self.model.cells, self.total / self.model.cells)
        amount = np.clip(share, self.model.lower, self.model.upper)
        return functions.value(row.ravel(), np.tile(amount, len(row))).reshape(row.shape).sum(axis=1)


def _functions(model: Model, beliefs: Beliefs, pick: IndexArray) -> tuple[Functions, IndexArray]:
    """Return a function for each distinct belief on a cell, and which of them each problem has (b × n)."""
    atoms: list[tuple[IndexArray, IndexArray, FloatArray]] = []
    row = np.empty((len(pick), model.cells), dtype=np.intp)
    for cell in range(model.cells):
        members = np.flatnonzero(model.cell == cell)
        kinds, place = np.unique(pick[:, members], axis=0, return_inverse=True)
        row[:, cell] = len(atoms) + place.reshape(-1)
        for kind in kinds:
            each = [beliefs.rows[c][k] for c, k in zip(members.tolist(), kind.tolist(), strict=True)]
            used = [np.flatnonzero(w) for w in each]
            atoms.append(
                (
                    np.concatenate(used),
                    np.repeat(members, [len(u) for u in used]),
                    np.concatenate([w[u] for w, u in zip(each, used, strict=True)]),
                )
            )
    draw, channel, weight = (np.concatenate(part) for part in zip(*atoms, strict=True))
    built = Atoms.built(
        [model.curve[c] for c in channel.tolist()],
        model.draws[draw, channel],
        weight * model.worth[channel],
        model.share[channel],
        [model.prices.get(model.channels[c]) for c in channel.tolist()] if model.prices else None,
    )
    start = np.concatenate([[0], np.cumsum([len(a[0]) for a in atoms])]).astype(np.intp)
    return Functions(built, start), row
