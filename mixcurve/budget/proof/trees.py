"""The two proofs of an upper bound on a `Model`: one tree of boxes with prices on rows, and nested trees of groups.

Both cover every plan by boxes and bound each box by weak duality: for multipliers of at least 0, no plan of the box is
worth more than the Lagrangian's maximum, which is a sum of one maximum per cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result

__all__ = ["BlockProof", "BoxTree", "TreeProof"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class BoxTree(Result):
    """Boxes as a binary tree of K nodes; node 0 is the whole problem.

    Node k is cut at amount ``cut[k]`` of cell ``cell[k]`` into node ``low[k]`` (t <= cut) and ``high[k]`` (t >= cut); a
    cut below the cell's lower bound leaves only 0 in the low part, and takes 0 out of the high part, as every cut
    above 0 does. A leaf has ``cell`` -1 and its proven ``bound``; minus infinity where the box admits no plan, which a
    row that cannot be met shows, or the leaf's multipliers, in whose direction the bound falls without end.
    """

    cell: IndexArray
    cut: FloatArray
    low: IndexArray
    high: IndexArray
    bound: FloatArray


@dataclass(frozen=True, eq=False)
class TreeProof(Result):
    """A tree over all cells; each leaf has multipliers for the rows, and weights of the draws for risk objectives.

    The bound of a leaf with multipliers π is ``Σ_r π_r limit_r + Σ_i max over the leaf's box of [Σ_c in i (worth_c -
    Σ_r π_r response_rc) F_c - (money_cost + Σ_r π_r money_ri) money_i - (Σ_r π_r on_ri) [t_i > 0]]``.

    Parameters
    ----------
    tree
        The boxes.
    multiplier
        (K × R), at least 0; rows of inner nodes are not read.
    weight
        (K × D) weights of the draws that take the place of the model's in the objective, and there only: rows speak of
        the model's own mean. Money then costs their sum times ``money_cost``. (0 × 0) for the model's own. For
        quantiles and shares of draws only the bound of the whole tree is claimed.
    """

    tree: BoxTree
    multiplier: FloatArray
    weight: FloatArray


@dataclass(frozen=True, eq=False)
class BlockProof(Result):
    """A tree over the cells of one group whose money lies between ``least`` and ``most``; groups within have their own.

    A leaf has absolute prices per unit of money, of any sign. Where the group around it asks the price p (the
    objective's ``money_cost`` for the outermost), the bound of a leaf at its price π is ``Σ_own cells max [worth F - π
    money] + Σ_groups within bound(at π) + max(π - p, 0) most - max(p - π, 0) least``, the least of these over its
    prices is the leaf's, and the group's bound is the largest of its leaves. Valid for any prices: several let a group
    answer each price that leaves of the group around it have. Of leaves of groups within only minus infinity is read as
    a claim. ``tree.cell`` holds the model's numbers of cells. Groups of the model that no block names are left out,
    which only raises the bound.

    Parameters
    ----------
    name
        The group.
    cells
        The cells of the group that are in none of the groups within.
    price
        (K × J); rows of inner nodes are not read.
    within
        Proofs of groups inside this one; they share no cell.
    """

    name: str
    cells: IndexArray
    least: float
    most: float
    tree: BoxTree
    price: FloatArray
    within: tuple[BlockProof, ...]
