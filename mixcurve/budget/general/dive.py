"""Plans from mixtures: round every mixed cell to its nearer side, mix again, until nothing is mixed; then polish."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.budget.general.branch import Cuts, cuts_of
from mixcurve.budget.general.polish import polished
from mixcurve.budget.general.relax import Aim, Relaxed, relaxed
from mixcurve.budget.general.rows import Terms
from mixcurve.budget.general.table import Box, Table

__all__ = ["dived"]

FloatArray = npt.NDArray[np.float64]

DEPTH = 12
"""Roundings in a row, at most."""
MIXED = 0.1
"""Distance of a mixture from a real amount, as a share of the precision asked for, from which a cell is rounded."""
PROGRAMMES = 3
"""Programmes per rounding."""


def dived(table: Table, start: Relaxed, aim: Aim, *, depth: int = DEPTH) -> FloatArray | None:
    """Return a plan that keeps all rows, found from the mixture of a box; None if the rounding leads nowhere.

    With ``depth`` 0 nothing is rounded, and only a mixture that is a plan already gives one.

    All mixed cells are rounded at once, and where the rows can then not be kept, one by one, that least mixed first.
    """
    state, single = start, False
    for _ in range(max(depth, 1)):
        if state.mixture is None:
            return None
        cuts = cuts_of(table, state.box, state.mixture, state.found)
        mixed = np.flatnonzero(cuts.distance > MIXED * aim.precision)
        if not len(mixed):
            break
        if not depth:
            return None
        after = None if single else _rounded(table, state, cuts, mixed, aim)
        if after is None:
            single = True
            after = _one_rounded(table, state, cuts, mixed, aim)
        if after is None:
            break
        state = after
    return None if state.mixture is None else _finished(table.terms, cuts, state.mixture.multiplier)


def _finished(terms: Terms, cuts: Cuts, multiplier: FloatArray) -> FloatArray | None:
    """Return the best plan of those with all stuck cells off, or on at next to nothing."""
    plan = polished(terms, cuts.amount, multiplier)
    for other in (0.0, terms.least_on) if np.any(cuts.stuck) else ():
        found = polished(terms, np.where(cuts.stuck, other, cuts.amount), multiplier)
        if found is not None and (plan is None or terms.standing(found).worth > terms.standing(plan).worth):
            plan = found
    return plan


def _one_rounded(
    table: Table, state: Relaxed, cuts: Cuts, mixed: npt.NDArray[np.intp], aim: Aim
) -> Relaxed | None:
    """Round the least mixed cell, or to its other side where the rows can then not be kept."""
    sure = np.abs(cuts.high[mixed] - 0.5)
    cell = mixed[np.argmax(sure)]
    for turned in (False, True):
        after = _rounded(table, state, cuts, np.array([cell]), aim, turned=turned)
        if after is not None:
            return after
    return None


def _rounded(
    table: Table, state: Relaxed, cuts: Cuts, cells: npt.NDArray[np.intp], aim: Aim, *, turned: bool = False
) -> Relaxed | None:
    box: Box | None = state.box
    for cell in cells.tolist():
        cut = table.cut(cell, float(cuts.cut[cell]))
        high = bool(cuts.high[cell] >= 0.5) != turned
        box = None if box is None else box.part(cell, cut, high=high)
    if box is None or state.mixture is None:
        return None
    after = relaxed(table, box, state.mixture.multiplier, aim, rounds=PROGRAMMES)
    return after if after.mixture is not None else None
