"""`solve_blocks`: the best plan of a model whose rows are nested groups, with the proof of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mixcurve.budget.blocks.forest import Forest
from mixcurve.budget.blocks.nest import TRIES, Nest
from mixcurve.budget.blocks.nested_search import NestedSearch
from mixcurve.budget.blocks.proven import proof_of, proven
from mixcurve.budget.model import Model
from mixcurve.budget.proof.trees import BoxTree
from mixcurve.budget.solution import Solution

__all__ = ["solve_blocks"]

FloatArray = npt.NDArray[np.float64]

TOGETHER = 16
"""Up to so many cells are searched as one at once."""
AS_ONE = 800
"""More cells than these are not searched as one after that, which would take long and close little."""
MANY = 2_000
"""More cells than these are looked at again only for a gap beyond `NEAR`."""
NEAR = 1e-5
"""The gap at which turns over so many cells end: later ones take as long and close little of it."""
FEW, WORK = 5, 40_000
"""Boxes, and boxes times cells, of a search as one of more cells than that."""


def solve_blocks(
    model: Model, forest: Forest, *, tolerance: float, max_nodes: int, starts: Sequence[FloatArray] = ()
) -> Solution:
    """Return the best plan found and a proven bound.

    Models of up to `TOGETHER` cells are searched as one, larger ones group by group and, where a gap is left, as one.

    Parameters
    ----------
    forest
        The model's rows; see `forest_of`.
    tolerance
        Relative gap at which a search ends.
    max_nodes
        Boxes per search at which it ends in any case; the bound holds all the same.
    starts
        Plans to start from, amounts per cell; those that break a limit are left out.
    """
    nest = Nest(model, forest, tolerance, max_nodes)
    plans = [plan for plan in starts if nest.keeps(plan)]
    apart = _apart(nest, plans) if model.cells > TOGETHER else None
    if apart is not None and (
        apart.bound - apart.value <= tolerance * abs(apart.value) or model.cells > AS_ONE
    ):
        return apart
    whole = NestedSearch(model, forest, nest.functions, nest.boxes, nest.keeps, tolerance)
    few = max_nodes if apart is None else min(max_nodes, max(FEW, WORK // model.cells))
    whole.run(plans if apart is None else [apart.amount], few)
    plan = np.full(model.cells, np.nan) if whole.plan is None else nest.finished(whole.plan)
    value = -np.inf if whole.plan is None else nest.value(plan)
    proof = whole.proof()
    proof = replace(proof, tree=_eased(proof.tree, value))
    found = Solution(plan, value, max(whole.bound, value), whole.nodes, proof)
    if apart is None or found.bound < apart.bound:
        return found
    return replace(apart, amount=plan, value=value, nodes=apart.nodes + found.nodes)


def _eased(tree: BoxTree, value: float) -> BoxTree:
    """Return the tree with leaves far below the best plan claiming half of that, which rounding cannot contradict."""
    below = (tree.cell < 0) & np.isfinite(tree.bound) & (tree.bound < value)
    return replace(tree, bound=np.where(below, 0.5 * (tree.bound + value), tree.bound))


def _apart(nest: Nest, plans: list[FloatArray]) -> Solution | None:
    """Search group by group, with prices asked anew while that helps; None where no plan comes of it."""
    best: Solution | None = None
    for turn in range(TRIES):
        block = nest.solved(plans)
        if block is None:
            return best
        cost = np.array([nest.model.money_cost])
        part = proven(block, cost)
        bound = float(part.bounds(cost)[0])
        plans = [*plans, nest.finished(nest.amount(block))]
        worth = [nest.value(plan) for plan in plans]
        plan, value = plans[int(np.argmax(worth))], max(worth)
        if best is not None and turn > 1 and bound >= best.bound and value <= best.value:
            break
        proof = proof_of(part, nest.model.money_cost)
        proof = replace(proof, tree=_eased(proof.tree, value))
        kept, least = (proof, bound) if best is None or bound <= best.bound else (best.proof, best.bound)
        best = Solution(plan, value, max(least, value), nest.nodes, kept)
        enough = NEAR if nest.model.cells > MANY else nest.tolerance
        if best.bound - best.value <= max(enough, nest.tolerance) * abs(best.value):
            break
        plans = [plan]
        nest.ask_anew(part, nest.model.money_cost, free=turn > 0)
    return best
