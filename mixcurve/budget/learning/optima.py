"""The best plan under each of many beliefs, with a proven bound on every other plan's value under the same belief."""

from __future__ import annotations

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
from mixcurve.budget.learning.gridded import Gridded, gridded, mixed
from mixcurve.budget.learning.telling import Tell
from mixcurve.budget.model import Model
from mixcurve.response.curves.derivatives import unit_marginal

__all__ = ["Optima", "Optimiser", "expected", "responses"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

TOGETHER = 250
"""Problems solved side by side."""
FEW = 200
"""Curves per channel, over all beliefs, up to which each belief is solved by itself."""
COARSE = 1e-5
"""Relative gap at which a plan on tables counts as proven: their nodes close no smaller one."""
MOST_NODES = 4_000
"""Boxes of one problem, as in `allocate`."""


@dataclass(frozen=True, eq=False)
class Optima:
    """For B beliefs: the best plan found (B × n), its value under the belief (B,), and what no plan exceeds (B,)."""

    amount: FloatArray
    value: FloatArray
    bound: FloatArray


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
    """Solves one model under many beliefs: beliefs on few draws one by one to the tolerance, others on tables."""

    def __init__(self, model: Model, tolerance: float) -> None:
        self.model, self.tolerance = model, tolerance
        self.total = next(r.limit for r in model.rows if r.kind == "total")
        self._tables: Gridded | None = None

    @property
    def tables(self) -> Gridded:
        """The curves on nodes, made when first asked for."""
        if self._tables is None:
            self._tables = gridded(self.model, self.total)
        return self._tables

    def best(self, beliefs: Beliefs, tell: Tell | None = None) -> Optima:
        """Return the best plans; ``tell`` is told of each problem solved."""
        model = self.model
        few = sum(np.count_nonzero(row) for row in beliefs.rows) <= FEW * len(model.channels)
        parts = []
        for start in range(0, len(beliefs), TOGETHER):
            pick = beliefs.pick[start : start + TOGETHER]
            parts.append(self._single(beliefs, pick) if few else self._tabled(beliefs, pick))
            if tell is not None:
                tell.solved(len(pick))
        amount = np.concatenate([p[0] for p in parts])
        value = expected(model, beliefs, model.spend(amount))
        return Optima(amount, value, np.maximum(np.concatenate([p[1] for p in parts]), value))

    def _tabled(self, beliefs: Beliefs, pick: IndexArray) -> tuple[FloatArray, FloatArray]:
        model, tables = self.model, self.tables
        found = boxed(
            tables.grid,
            mixed(tables, beliefs, pick),
            model.optional,
            model.setup,
            self.total,
            max(self.tolerance, COARSE),
        )
        return found.amount, found.bound

    def _single(self, beliefs: Beliefs, pick: IndexArray) -> tuple[FloatArray, FloatArray]:
        model = self.model
        functions, row = _functions(model, beliefs, pick)
        asked = [
            Asked(Boxes(r, model.optional, model.lower, model.upper, model.setup), 0.0, self.total, 0.0)
            for r in row
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
