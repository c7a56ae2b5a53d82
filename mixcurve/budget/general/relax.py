"""The relaxation of one box: mixtures from below and Lagrangians from above, until they meet.

It ends sooner where it is clear that the box holds nothing better than what is known, or that it will be cut anyway.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.general.lagrange import Lagrangian, sharpened
from mixcurve.budget.general.master import Columns, Mixture, columns_of, mixed, nearest_mixed
from mixcurve.budget.general.table import Box, Table

__all__ = ["Relaxed", "relaxed"]

FloatArray = npt.NDArray[np.float64]

ROUNDS = 14
"""Programmes per box; three are usual."""
LOOSE = 0.02
"""The share of the way from goal to bound that may stay between mixture and bound: the box is cut anyway."""
SHARE = 0.05
"""The part of the tolerance left to the relaxation's own error."""
SLOW = 0.8
"""A round that leaves more than this share of the distance has stalled; two end the work."""
IMPOSSIBLE = 1e-10
"""How far rows must be exceeded, in their own scales, to call a box without any plan."""
BEYOND = 4.0
"""How far below the goal the bound of a box without any plan is brought, in spans of the objective."""


@dataclass(frozen=True, eq=False)
class Relaxed:
    """A box with its proven ``bound`` (that of ``found``), and the best mixture met, None where none keeps the rows."""

    box: Box
    found: Lagrangian
    mixture: Mixture | None

    @property
    def bound(self) -> float:
        """What no plan of the box exceeds."""
        return self.found.bound


@dataclass(frozen=True)
class Aim:
    """What is asked of relaxations: the ``goal`` a bound must exceed to be of interest, the ``precision`` of bounds."""

    goal: float
    precision: float
    span: float


def relaxed(
    table: Table, box: Box, multiplier: FloatArray, aim: Aim, *, first: bool = False, rounds: int = ROUNDS
) -> Relaxed:
    """Return the relaxation of a box, from prices (R) that were good nearby.

    The bound holds after any number of rounds. ``first`` brings all nodes into the first programme.
    """
    terms, each = table.terms, SHARE * aim.precision / table.terms.model.cells
    best = found = sharpened(table, box, multiplier, each)
    mixture: Mixture | None = None
    kept: Columns | None = None
    distance, slow, stuck = np.inf, 0, False
    for turn in range(rounds):
        if best.bound <= aim.goal:
            break
        columns = columns_of(table, box, found, everything=first and turn == 0)
        columns = columns if kept is None else columns + kept
        new = mixed(terms, columns)
        if new is None:
            proof, near = _without_plan(table, box, columns, best, aim)
            if proof is not None and proof.bound < best.bound:
                best = proof
            if near is None or stuck:
                break
            stuck, kept, mixture = True, near.columns, None
            found = sharpened(table, box, near.multiplier, each)
            best = found if found.bound < best.bound else best
            continue
        mixture, kept, stuck = new, new.columns, False
        found = sharpened(table, box, new.multiplier, each)
        best = found if found.bound < best.bound else best
        left = best.bound - new.value
        if left <= max(SHARE * aim.precision, LOOSE * (best.bound - aim.goal)):
            break
        slow = slow + 1 if left > SLOW * distance else 0
        distance = left
        if slow == 2:
            break
    return Relaxed(box, best, mixture)


def _without_plan(
    table: Table, box: Box, columns: Columns, best: Lagrangian, aim: Aim
) -> tuple[Lagrangian | None, Mixture | None]:
    """Return prices that prove the box to hold no plan, or None; and a mixture that keeps the rows, or None."""
    terms = table.terms
    each = IMPOSSIBLE / table.terms.model.cells
    for _ in range(ROUNDS):
        near = nearest_mixed(terms, columns)
        if near is None:
            return None, None
        if near.short <= IMPOSSIBLE:
            return None, near
        price = near.multiplier
        found = sharpened(table, box, price, each, objective=0.0)
        if found.bound < -0.5 * near.short:
            steep = max(best.bound - aim.goal, 0.0) + BEYOND * aim.span
            factor = steep / -found.bound
            return sharpened(table, box, best.multiplier + factor * price, aim.precision), None
        columns = columns_of(table, box, found) + near.columns
    return None, None
