"""What a box's own prices rule out: amounts that would bring the Lagrangian below the goal are cut off, with proof."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from mixcurve.budget.general.lagrange import Lagrangian, lagrangian
from mixcurve.budget.general.relax import Relaxed
from mixcurve.budget.general.table import Box, Table
from mixcurve.budget.general.tree import Grown

__all__ = ["shorn"]

FloatArray = npt.NDArray[np.float64]

WORTHWHILE = 0.1
"""The least share of a cell's width that is worth a cut of its own in the proof."""


def shorn(table: Table, tree: Grown, state: Relaxed, node: int, goal: float) -> tuple[Box | None, int]:
    """Return what is left of a box, and its node in the tree; None where nothing is.

    A part of one cell is ruled out where the bound of the box, with that part's maximum in place of the cell's, is no
    more than the goal. Each part becomes a leaf of the tree with the box's own prices.
    """
    box, multiplier = state.box, tree.multiplier[node]
    found = lagrangian(table, box, multiplier)
    tree.bound[node] = min(tree.bound[node], found.bound)
    if tree.bound[node] <= goal:
        return None, node
    rest = found.bound - found.most
    for cell in range(table.terms.model.cells):
        for cut, keeps_high, most in _ruled_out(table, box, found, cell, goal - rest[cell]):
            kept = box.part(cell, cut, high=keeps_high)
            if kept is None:
                continue
            leaf, box = tree.leaf(float(rest[cell]) + most, multiplier), kept
            inner = tree.leaf(tree.bound[node], multiplier)
            tree.split(node, cell, cut, *((leaf, inner) if keeps_high else (inner, leaf)))
            node = inner
    return box, node


def _ruled_out(
    table: Table, box: Box, found: Lagrangian, cell: int, level: float
) -> Iterator[tuple[float, bool, float]]:
    """Yield cuts of one cell, whether the part above is kept, and the maximum on the part that is not."""
    if not box.on[cell]:
        return
    begin = int(table.first[cell])
    end = int(table.first[cell + 1]) if cell + 1 < len(table.first) else len(table.owner)
    mine = np.flatnonzero(np.isfinite(found.node[begin:end])) + begin
    above, amount, off = found.above[mine], table.amount[mine], float(found.off[cell])
    low, high = float(box.lower[cell]), float(box.upper[cell])
    kept = np.flatnonzero(above > level)
    if not len(kept):
        if off > level and low > 0:
            yield 0.5 * low, False, float(above.max())
        return
    width, first, last = high - low, int(kept[0]), min(int(kept[-1]) + 1, len(mine) - 1)
    gone_off = off <= level and box.off[cell]
    if off <= level and (amount[first] - low > WORTHWHILE * width or (gone_off and first > 0)):
        yield float(amount[first]), True, max(float(above[:first].max()), off)
    elif gone_off and low > 0:
        yield 0.5 * low, True, off
    if high - amount[last] > WORTHWHILE * width:
        yield float(amount[last]), False, float(above[last:].max())
